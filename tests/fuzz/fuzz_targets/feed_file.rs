#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| passerelle::fuzzing::run("feed_file", bytes));
