//! The report, as Markdown for people: what was run, what matched, what did not, what is to be asked, how long the calls took.

use std::fmt::Write;

use jiff::Timestamp;

use super::calls::Latency;
use super::mask::masked;
use super::scenario::{Scenario, Verdict, all_matched};

/// What there is to report.
#[derive(Debug, Clone)]
pub struct Report {
    /// The account's name.
    pub account: String,
    /// The kind of provider.
    pub kind: String,
    /// Where its API is.
    pub address: String,
    /// When it was begun.
    pub at: Timestamp,
    /// What was spent, in a sentence.
    pub spent: String,
    /// Everything that was tried, or left out.
    pub scenarios: Vec<Scenario>,
    /// What `onboard` says is to be confirmed with the provider.
    pub to_be_confirmed: Vec<String>,
    /// How long the calls took.
    pub latencies: Vec<Latency>,
    /// What must not stand in it.
    pub secrets: Vec<String>,
}

impl Report {
    /// Whether nothing that was run was otherwise than expected.
    #[must_use]
    pub fn all_matched(&self) -> bool {
        all_matched(&self.scenarios)
    }

    /// The result in one sentence.
    #[must_use]
    pub fn verdict(&self) -> String {
        let count = |verdict| self.of(verdict).count();
        let (matched, differ, not_run) = (count(Verdict::Matched), count(Verdict::Differs), count(Verdict::NotRun));
        format!("{matched} matched, {differ} did not, {not_run} were not run")
    }

    fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Scenario> {
        self.scenarios.iter().filter(move |scenario| scenario.verdict == verdict)
    }

    /// The whole, without any secret.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "# Certification of the account `{}`\n\nProvider kind `{}` at `{}`, begun {}. {}\n\n**{}.**\n\n",
            self.account,
            self.kind,
            self.address,
            self.at.strftime("%Y-%m-%d %H:%M:%S UTC"),
            self.spent,
            self.verdict()
        );
        self.write_overview(&mut text);
        for verdict in [Verdict::Differs, Verdict::Matched, Verdict::NotRun] {
            self.write_scenarios(&mut text, verdict);
        }
        self.write_questions(&mut text);
        self.write_latencies(&mut text);
        masked(&text, &self.secrets)
    }

    fn write_overview(&self, text: &mut String) {
        text.push_str("| scenario | result |\n| --- | --- |\n");
        for scenario in &self.scenarios {
            line(text, format_args!("| {} | {} |", scenario.name, scenario.verdict.told()));
        }
    }

    fn write_scenarios(&self, text: &mut String, verdict: Verdict) {
        let heading = match verdict {
            Verdict::Matched => "What matched",
            Verdict::Differs => "What did not match",
            Verdict::NotRun => "What was not run",
        };
        line(text, format_args!("\n## {heading}\n"));
        let before = text.len();
        for scenario in self.of(verdict) {
            line(text, format_args!("- **{}**: {}", scenario.name, flat(&scenario.found.join("; "))));
            for oddity in &scenario.oddities {
                line(text, format_args!("  - odd: {}", flat(oddity)));
            }
        }
        if text.len() == before {
            text.push_str("Nothing.\n");
        }
    }

    fn write_questions(&self, text: &mut String) {
        text.push_str("\n## To be confirmed with the provider\n\n");
        if self.to_be_confirmed.is_empty() {
            text.push_str("`onboard` names nothing.\n");
        }
        for question in &self.to_be_confirmed {
            line(text, format_args!("- {}", flat(question)));
        }
    }

    fn write_latencies(&self, text: &mut String) {
        text.push_str("\n## Latencies\n\nOf every call to the provider that the functions logged, in milliseconds. A call that had to log in first, or to wait\nfor our own table, holds that time too.\n\n");
        text.push_str("| operation | calls | p50 | p95 | longest | outcomes |\n| --- | ---: | ---: | ---: | ---: | --- |\n");
        for Latency { operation, count, p50, p95, longest, outcomes } in &self.latencies {
            let outcomes: Vec<String> = outcomes.iter().map(|(word, times)| format!("{word} {times}")).collect();
            line(text, format_args!("| `{operation}` | {count} | {p50:.0} | {p95:.0} | {longest:.0} | {} |", outcomes.join(", ")));
        }
    }
}

/// A text of ours or of the provider's as one line.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{words}");
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::calls::Latency;
    use super::super::scenario::Scenario;
    use super::Report;

    fn report(scenarios: Vec<Scenario>) -> Report {
        Report {
            account: "go".to_owned(),
            kind: "esim-go".to_owned(),
            address: "https://api.example/".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            spent: "Nothing that spends was sent.".to_owned(),
            scenarios,
            to_be_confirmed: vec!["the unit\nof prices".to_owned()],
            latencies: vec![Latency {
                operation: "catalogue".to_owned(),
                count: 2,
                p50: 12.4,
                p95: 30.6,
                longest: 30.6,
                outcomes: [("ok".to_owned(), 2)].into(),
            }],
            secrets: vec!["hidden-key".to_owned()],
        }
    }

    #[test]
    fn a_report_says_what_was_found_and_no_secret() {
        let odd = Scenario::matched("health", "ok").odd(["asked for patience".to_owned()]);
        let scenarios =
            vec![odd, Scenario::differs("purchase", "said hidden-key and\n8910300000000000017"), Scenario::not_run("usage", "no eSIM")];
        let written = report(scenarios).markdown();
        for part in [
            "# Certification of the account `go`",
            "begun 1970-01-01 00:00:00 UTC. Nothing that spends was sent.",
            "**1 matched, 1 did not, 1 were not run.**",
            "| purchase | did not match |",
            "## What did not match\n\n- **purchase**: said … and …\n",
            "## What matched\n\n- **health**: ok\n  - odd: asked for patience\n",
            "## What was not run\n\n- **usage**: no eSIM\n",
            "- the unit of prices\n",
            "| `catalogue` | 2 | 12 | 31 | 31 | ok 2 |",
        ] {
            assert!(written.contains(part), "{part:?} is not in\n{written}");
        }
    }

    #[test]
    fn what_was_not_run_is_no_mismatch() {
        assert!(report(vec![Scenario::matched("a", ""), Scenario::not_run("b", "")]).all_matched());
        let differs = report(vec![Scenario::matched("a", ""), Scenario::differs("b", "")]);
        assert!(!differs.all_matched() && report(Vec::new()).markdown().contains("## What did not match\n\nNothing.\n"));
    }
}
