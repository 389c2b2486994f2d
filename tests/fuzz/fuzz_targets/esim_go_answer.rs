#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| passerelle::fuzzing::run("esim_go_answer", bytes));
