//! Where lines go.

use std::{
    io::Write,
    sync::{Mutex, PoisonError},
};

/// Takes finished lines, without their line break.
pub trait LineSink: Send + Sync {
    /// Takes one line.
    fn line(&self, line: &str);
}

/// Standard output, which Lambda carries to CloudWatch.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stdout;

impl LineSink for Stdout {
    fn line(&self, line: &str) {
        // One write a line, so that lines of several tasks cannot mix. A log that cannot be written has nowhere to be reported.
        let _unwritable = std::io::stdout().lock().write_all(format!("{line}\n").as_bytes());
    }
}

/// Keeps the lines, for tests.
#[derive(Debug, Default)]
pub struct CapturedLines(Mutex<Vec<String>>);

impl CapturedLines {
    /// The lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl LineSink for CapturedLines {
    fn line(&self, line: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    }
}
