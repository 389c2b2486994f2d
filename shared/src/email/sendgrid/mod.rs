//! SendGrid v3.
