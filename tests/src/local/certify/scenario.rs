//! One thing that was tried, and what was found.

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As expected.
    Matched,
    /// Otherwise.
    Differs,
    /// Not tried; what was found says why.
    NotRun,
}

impl Verdict {
    /// In words.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Differs => "did not match",
            Self::NotRun => "not run",
        }
    }
}

/// A scenario that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// What was tried.
    pub name: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What was found, a sentence each.
    pub found: Vec<String>,
    /// What is odd about it and no failure, a sentence each.
    pub oddities: Vec<String>,
}

impl Scenario {
    /// It was as expected.
    #[must_use]
    pub fn matched(name: &'static str, found: impl Into<String>) -> Self {
        Self::of(name, Verdict::Matched, found)
    }

    /// It was not.
    #[must_use]
    pub fn differs(name: &'static str, found: impl Into<String>) -> Self {
        Self::of(name, Verdict::Differs, found)
    }

    /// It was not tried.
    #[must_use]
    pub fn not_run(name: &'static str, why: impl Into<String>) -> Self {
        Self::of(name, Verdict::NotRun, why)
    }

    /// It was as expected, or not.
    #[must_use]
    pub fn judged(name: &'static str, as_expected: bool, found: impl Into<String>) -> Self {
        Self::of(name, if as_expected { Verdict::Matched } else { Verdict::Differs }, found)
    }

    fn of(name: &'static str, verdict: Verdict, found: impl Into<String>) -> Self {
        Self { name, verdict, found: vec![found.into()], oddities: Vec::new() }
    }

    /// With one more thing that was found.
    #[must_use]
    pub fn and(mut self, found: impl Into<String>) -> Self {
        self.found.push(found.into());
        self
    }

    /// With what is odd.
    #[must_use]
    pub fn odd(mut self, oddities: impl IntoIterator<Item = String>) -> Self {
        self.oddities.extend(oddities);
        self
    }
}

/// Whether nothing that was run was otherwise than expected.
#[must_use]
pub fn all_matched(scenarios: &[Scenario]) -> bool {
    scenarios.iter().all(|scenario| scenario.verdict != Verdict::Differs)
}
