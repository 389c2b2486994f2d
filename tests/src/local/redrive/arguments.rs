//! The command line of `cargo local redrive`.

use super::Plan;
use crate::local::arguments::Words;

/// What `--help` prints.
pub const HELP: &str = "\
cargo local redrive [OPTIONS]

Moves dead letters back to the queue that they came from, once their cause is mended. Each letter points to work that stands
in the table, so that a letter too many changes nothing; work that is left gets all of its attempts again. Each letter is sent
before it is deleted: an interruption leaves it in both queues, never in neither.

  --queue NAME            fulfilment or notifier; both without it. Or the URL of a dead-letter queue, as --from
  --rate N                letters a second, at most (5)
  --max N                 letters of a queue, at most
  --dry-run               count, move nothing
  --discard-unreadable    delete the letters that point to nothing; without it they stay where they are
  --json                  print one JSON object instead of sentences
  --from URL              a dead-letter queue
  --to URL                where its letters go; without it, the one queue that sends its dead letters there

Without --aws it works on the system that `cargo local` keeps up on this machine.

  --aws                   on AWS, with the credentials of the environment, the profile or the role; needs --from, which is
                          the stack's output FulfilmentDlqUrl or NotifierDlqUrl
  --region R              the region, where the environment or the profile does not say it
  --help                  this
";

/// The queues that `cargo local` deploys whose letters can be replayed.
const NAMES: [&str; 2] = ["fulfilment", "notifier"];

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// `fulfilment` or `notifier`.
    pub queue: Option<String>,
    /// The URL of a dead-letter queue.
    pub from: Option<String>,
    /// The URL of the queue that its letters go to.
    pub to: Option<String>,
    /// How to move.
    pub plan: Plan,
    /// Print JSON.
    pub json: bool,
    /// On AWS.
    pub aws: bool,
    /// AWS's region.
    pub region: Option<String>,
    /// Print [`HELP`].
    pub help: bool,
}

impl Arguments {
    /// Reads the words after `redrive`.
    ///
    /// # Errors
    /// A sentence for the person who typed it.
    pub fn read(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self::default();
        let mut words = Words::of(words);
        while let Some(mut flag) = words.next() {
            match flag.name.clone().as_str() {
                "--queue" => arguments.queue(flag.value("a queue")?)?,
                "--rate" => arguments.plan.rate = number(&flag.value("a number")?, 1..=1_000)?,
                "--max" => arguments.plan.max = Some(number(&flag.value("a number")?, 1..=u64::MAX)?),
                "--from" => arguments.from = Some(url(flag.value("a URL")?)?),
                "--to" => arguments.to = Some(url(flag.value("a URL")?)?),
                "--region" => arguments.region = Some(flag.value("a region")?),
                "--dry-run" => arguments.plan.dry_run = flag.alone()?,
                "--discard-unreadable" => arguments.plan.discard_unreadable = flag.alone()?,
                "--json" => arguments.json = flag.alone()?,
                "--aws" => arguments.aws = flag.alone()?,
                "--help" | "-h" => arguments.help = flag.alone()?,
                _ => return Err(flag.unknown()),
            }
        }
        arguments.whole()
    }

    fn queue(&mut self, text: String) -> Result<(), String> {
        if text.starts_with("http") {
            self.from = Some(url(text)?);
        } else if NAMES.contains(&text.as_str()) {
            self.queue = Some(text);
        } else {
            return Err(format!("{text} is no queue: {} or a URL", NAMES.join(", ")));
        }
        Ok(())
    }

    fn whole(self) -> Result<Self, String> {
        match &self {
            Self { help: true, .. } => Ok(self),
            Self { aws: true, from: None, .. } => Err("--aws needs --from, the URL of a dead-letter queue".to_owned()),
            Self { aws: false, region: Some(_), .. } => Err("--region goes with --aws".to_owned()),
            Self { from: Some(_), queue: Some(_), .. } => Err("--queue and --from name two queues".to_owned()),
            Self { from: None, to: Some(_), .. } => Err("--to goes with --from".to_owned()),
            _ => Ok(self),
        }
    }

    /// The names of the queues that are meant.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.queue.as_deref().map_or_else(|| NAMES.to_vec(), |name| vec![name])
    }
}

fn number<N: std::str::FromStr + PartialOrd + std::fmt::Display>(text: &str, within: std::ops::RangeInclusive<N>) -> Result<N, String> {
    let number = text.parse().ok().filter(|number| within.contains(number));
    number.ok_or_else(|| format!("{text} is no number from {} to {}", within.start(), within.end()))
}

fn url(text: String) -> Result<String, String> {
    match url::Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(text),
        _ => Err(format!("{text} is no URL")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Plan};

    fn read(line: &str) -> Result<Arguments, String> {
        Arguments::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_flag_is_understood() {
        let plan = Plan { rate: 20, max: Some(3), dry_run: true, discard_unreadable: true };
        let local = Arguments { queue: Some("notifier".to_owned()), plan: plan.clone(), json: true, ..Arguments::default() };
        assert_eq!(read("--queue notifier --rate 20 --max=3 --dry-run --discard-unreadable --json"), Ok(local));
        let (from, to) = (Some("https://sqs/dlq".to_owned()), Some("https://sqs/queue".to_owned()));
        let aws = Arguments { from: from.clone(), to, aws: true, region: Some("eu-west-3".to_owned()), ..Arguments::default() };
        assert_eq!(read("--aws --from https://sqs/dlq --to https://sqs/queue --region eu-west-3"), Ok(aws));
        assert_eq!(read("--queue https://sqs/dlq"), Ok(Arguments { from, ..Arguments::default() }));
        assert_eq!(read(""), Ok(Arguments::default()));
        assert_eq!(Arguments::default().names(), ["fulfilment", "notifier"]);
        assert_eq!(Arguments::default().plan.rate, 5);
    }

    #[test]
    fn mistakes_are_told() {
        for (line, part) in [
            ("--queue letters", "letters is no queue"),
            ("--rate 0", "0 is no number from 1 to 1000"),
            ("--rate fast", "fast is no number"),
            ("--aws", "--aws needs --from"),
            ("--region eu-west-3", "--region goes with --aws"),
            ("--to https://sqs/queue", "--to goes with --from"),
            ("--from nowhere", "nowhere is no URL"),
            ("--queue notifier --from https://sqs/dlq", "two queues"),
            ("--json=yes", "--json takes no value"),
            ("--quue notifier", "--quue is unknown"),
        ] {
            assert!(read(line).is_err_and(|told| told.contains(part)), "{line}: {:?}", read(line));
        }
    }
}
