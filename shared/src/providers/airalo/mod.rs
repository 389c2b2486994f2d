//! Airalo Partner API v2.
