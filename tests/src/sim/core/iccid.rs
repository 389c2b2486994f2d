//! Identifiers of simulated profiles: unique over all simulators of a process, and valid.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

/// A source of ICCIDs and matching ids. Two sources of one process never give the same value.
#[derive(Debug)]
pub struct Profiles {
    seed: u64,
    next: AtomicU64,
}

/// How many sources of a kind exist in this process, so that a second simulator gets another range.
static SOURCES: AtomicU64 = AtomicU64::new(0);

impl Profiles {
    /// A source of its own range; `kind` is one digit that tells the simulators apart for a human reader.
    #[must_use]
    pub fn new(kind: u64) -> Self {
        let nth = SOURCES.fetch_add(1, Ordering::Relaxed);
        Self { seed: (kind % 10) * 10_000 + nth % 10_000, next: AtomicU64::new(1) }
    }

    /// The number of this source, below 100,000.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The next number, ICCID and matching id.
    #[must_use]
    pub fn issue(&self) -> Profile {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let payload = format!("8910{:05}{number:09}", self.seed);
        let iccid = format!("{payload}{}", luhn_digit(&payload));
        Profile { number, iccid, matching_id: matching_id(self.seed, number) }
    }
}

/// One simulated profile.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Counts from 1 within its source.
    pub number: u64,
    /// 19 digits, the last one a Luhn digit.
    pub iccid: String,
    /// SGP.22 §4.1.1: upper-case letters, digits and hyphens.
    pub matching_id: String,
}

/// The digit that makes a payload pass Luhn's test.
#[must_use]
pub fn luhn_digit(payload: &str) -> u32 {
    let digits = payload.chars().rev().filter_map(|character| character.to_digit(10));
    let sum: u32 = digits.enumerate().map(|(place, digit)| if place % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }).sum();
    (10 - sum % 10) % 10
}

/// A name-like value from any parts: the first `length` hexadecimal digits of their SHA-256.
#[must_use]
pub fn digest(parts: &str, length: usize) -> String {
    let mut hexadecimal = String::new();
    for byte in Sha256::digest(parts.as_bytes()) {
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    hexadecimal.chars().take(length).collect()
}

/// Five groups of four, as live providers write them.
fn matching_id(seed: u64, number: u64) -> String {
    let letters = digest(&format!("matching {seed} {number}"), 20).to_ascii_uppercase();
    let characters: Vec<char> = letters.chars().collect();
    characters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_iccid_passes_luhn_and_none_repeats_across_sources() {
        let mut seen = std::collections::HashSet::new();
        for source in [Profiles::new(1), Profiles::new(1), Profiles::new(2)] {
            for _ in 0..50 {
                let profile = source.issue();
                assert_eq!(profile.iccid.len(), 19);
                assert!(profile.iccid.starts_with("8910"));
                let (payload, check) = profile.iccid.split_at(18);
                assert_eq!(luhn_digit(payload).to_string(), check);
                assert!(seen.insert(profile.iccid));
                assert!(seen.insert(profile.matching_id));
            }
        }
    }

    #[test]
    fn luhn_knows_a_published_number() {
        // The account number of ISO/IEC 7812's customary example, 7992739871, takes a 3.
        assert_eq!(luhn_digit("7992739871"), 3);
    }
}
