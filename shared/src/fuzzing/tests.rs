//! The entries under chance: any bytes, and the corpus with bytes changed. What a fuzz target once found stays in its corpus, and so
//! is tried here each time.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use proptest::{prelude::*, test_runner::TestRunner};
use std::path::PathBuf;

use super::{ENTRIES, run};

/// The corpus of a target.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus").join(name);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

#[test]
fn every_target_has_an_entry_and_a_corpus_that_passes() {
    for (name, entry) in ENTRIES {
        let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/fuzz_targets").join(format!("{name}.rs"));
        assert!(target.exists(), "{}", target.display());
        let corpus = corpus(name);
        assert!(!corpus.is_empty(), "{name}");
        corpus.iter().for_each(|bytes| entry(bytes));
    }
}

#[test]
fn any_bytes_are_read_or_refused() {
    TestRunner::default()
        .run(&(0..ENTRIES.len(), prop::collection::vec(any::<u8>(), 0..400)), |(place, bytes)| {
            run(ENTRIES[place].0, &bytes);
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_is_nearly_right_is_read_or_refused() {
    for (name, entry) in ENTRIES {
        let corpus = corpus(name);
        TestRunner::default()
            .run(
                &(any::<prop::sample::Index>(), prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)),
                |(which, changes)| {
                    let mut bytes = which.get(&corpus).clone();
                    for (place, byte) in changes.into_iter().filter(|_| !bytes.is_empty()).collect::<Vec<_>>() {
                        let place = place.index(bytes.len());
                        bytes[place] = byte;
                    }
                    entry(&bytes);
                    Ok(())
                },
            )
            .unwrap();
    }
}
