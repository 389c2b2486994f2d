//! The command line of `cargo local certify`.

use std::path::PathBuf;

use crate::local::arguments::Words;

/// What `--help` prints.
pub const HELP: &str = "\
cargo local certify --agency FILE --provider NAME [OPTIONS]

Brings the system up on this machine with one account of an agency, and tries that account against whatever its base URL points to:
a provider's sandbox, say. Writes what matched, what did not, what is still to be confirmed with the provider, and how long the
calls took. Ends with 0 when every scenario that was run matched, with 1 otherwise.

Read: credentials, catalogue (twice), catalogue by country, health and breakers, reuse of the token. Nothing that spends is sent
without --buy. The agency's CRM and its mail service are left alone: no CRM is set, and mails go to a simulator on this machine.

  --agency FILE     the agency's secret as JSON
  --provider NAME   the account in it, by its name (the member `account`)
  --buy             also buy the cheapest limited plan, once: the order, the same order again with the same key, the eSIM and its QR
                    code, usage, the list of top-ups. When the base URL is not on this machine, the word `yes` is asked for first
  --yes             the word, given beforehand
  --webhooks URL    also register webhooks at the provider, with URL as our public address (https://…/v1) and the account's
                    webhook_account. The registration stays there
  --report FILE     where the report goes (certification-NAME.md)
  --port N          the port of the local AWS (any free one without it)
  --help            this
";

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// The agency's secret.
    pub agency: PathBuf,
    /// The account's name.
    pub provider: String,
    /// Buy once.
    pub buy: bool,
    /// The purchase is agreed to.
    pub yes: bool,
    /// Our public address, where webhooks are to be registered.
    pub webhooks: Option<String>,
    /// Where the report goes, where it was said.
    pub report: Option<PathBuf>,
    /// The local AWS's port.
    pub port: Option<u16>,
    /// Print [`HELP`].
    pub help: bool,
}

impl Arguments {
    /// Reads the words after `certify`.
    ///
    /// # Errors
    /// A sentence for the person who typed it.
    pub fn read(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self::default();
        let mut words = Words::of(words);
        while let Some(mut flag) = words.next() {
            match flag.name.clone().as_str() {
                "--agency" => arguments.agency = flag.value("a file")?.into(),
                "--provider" => arguments.provider = flag.value("an account of the agency")?,
                "--report" => arguments.report = Some(flag.value("a file")?.into()),
                "--webhooks" => arguments.webhooks = Some(url(flag.value("our public address")?)?),
                "--port" => arguments.port = Some(port(&flag.value("a port")?)?),
                "--buy" => arguments.buy = flag.alone()?,
                "--yes" => arguments.yes = flag.alone()?,
                "--help" | "-h" => arguments.help = flag.alone()?,
                _ => return Err(flag.unknown()),
            }
        }
        arguments.whole()
    }

    fn whole(self) -> Result<Self, String> {
        match &self {
            Self { help: true, .. } => Ok(self),
            Self { agency, .. } if agency.as_os_str().is_empty() => Err("certify needs --agency, the agency's secret as JSON".to_owned()),
            Self { provider, .. } if provider.is_empty() => Err("certify needs --provider, the name of an account".to_owned()),
            Self { yes: true, buy: false, .. } => Err("--yes goes with --buy".to_owned()),
            _ => Ok(self),
        }
    }

    /// Where the report goes.
    #[must_use]
    pub fn report(&self) -> PathBuf {
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
        let named = || format!("certification-{}.md", self.provider.chars().map(plain).collect::<String>()).into();
        self.report.clone().unwrap_or_else(named)
    }
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port > 0).ok_or(format!("{text} is no port (1 to 65535)"))
}

fn url(text: String) -> Result<String, String> {
    match url::Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(text),
        _ => Err(format!("{text} is no URL")),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Arguments;

    fn read(line: &str) -> Result<Arguments, String> {
        Arguments::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_flag_is_understood() {
        let all = Arguments {
            agency: "a.json".into(),
            provider: "telna".to_owned(),
            buy: true,
            yes: true,
            webhooks: Some("https://api.example/v1".to_owned()),
            report: Some("r.md".into()),
            port: Some(4566),
            help: false,
        };
        let line = "--agency a.json --provider=telna --buy --yes --webhooks https://api.example/v1 --report r.md --port 4566";
        assert_eq!(read(line), Ok(all));
        assert!(read("--help").is_ok_and(|arguments| arguments.help));
    }

    #[test]
    fn nothing_is_bought_or_registered_unless_it_is_asked_for() {
        let plain = read("--agency a.json --provider telna").unwrap_or_default();
        assert!(!plain.buy && !plain.yes && plain.webhooks.is_none());
        assert_eq!(plain.report(), Path::new("certification-telna.md"));
        let odd = read("--agency a.json --provider ../x").unwrap_or_default();
        assert_eq!(odd.report(), Path::new("certification-..-x.md"));
    }

    #[test]
    fn mistakes_are_told() {
        for (line, part) in [
            ("--provider telna", "certify needs --agency"),
            ("--agency a.json", "certify needs --provider"),
            ("--agency", "--agency needs a file"),
            ("--agency a.json --provider telna --yes", "--yes goes with --buy"),
            ("--agency a.json --provider telna --buy=once", "--buy takes no value"),
            ("--agency a.json --provider telna --webhooks here", "here is no URL"),
            ("--agency a.json --provider telna --port 0", "0 is no port"),
            ("--agency a.json --provider telna --sell", "--sell is unknown"),
        ] {
            assert!(read(line).is_err_and(|told| told.contains(part)), "{line}: {:?}", read(line));
        }
    }
}
