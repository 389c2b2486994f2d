//! The reference contract: the mission's own endpoints, spoken as a client.
