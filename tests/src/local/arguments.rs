//! The command line.

use std::path::PathBuf;

/// What `--help` prints.
pub const HELP: &str = "\
cargo local [OPTIONS]

Builds the functions, starts a local AWS (MiniStack), deploys template.yaml to it, starts the simulators (Airalo, the
reference provider, HubSpot, SendGrid), makes the agency `demo` and plays one trip from booking to expiry. Then it
stays up, for you to open and call, until Ctrl-C.

  --once          play the trip and end: 0 when it is complete, 1 when a step failed
  --no-trip       bring everything up, play nothing
  --json          as the last line, print one JSON object with every URL, id and credential that a script needs
  --port N        the port of the local AWS (any free one without it)
  --agency FILE   the agency's secret as JSON, so that its base URLs may point anywhere. The simulators have no part
                  then: the trip is played as far as our API shows it, and not at all when a provider's URL is not on
                  this machine (it would buy)
  --help          this

Needed: Rust, Python 3.10 or later with its venv module, git. No Docker, no account.
MiniStack and what it needs are installed once, in $PASSERELLE_CACHE or ~/.cache/passerelle.
";

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// Play and end.
    pub once: bool,
    /// Print the JSON line.
    pub json: bool,
    /// The local AWS's port.
    pub port: Option<u16>,
    /// Play nothing.
    pub no_trip: bool,
    /// The agency's secret.
    pub agency: Option<PathBuf>,
    /// Print [`HELP`].
    pub help: bool,
}

impl Arguments {
    /// Reads the words after the program's name.
    ///
    /// # Errors
    /// A sentence for the person who typed it.
    pub fn read(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let (flag, inline) = match word.split_once('=') {
                Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
                None => (word, None),
            };
            let mut value = |wanted: &str| inline.clone().or_else(|| words.next()).ok_or(format!("{flag} needs {wanted}"));
            match flag.as_str() {
                "--port" => arguments.port = Some(port(&value("a port")?)?),
                "--agency" => arguments.agency = Some(value("a file")?.into()),
                _ if inline.is_some() => return Err(format!("{flag} takes no value")),
                "--once" => arguments.once = true,
                "--json" => arguments.json = true,
                "--no-trip" => arguments.no_trip = true,
                "--help" | "-h" => arguments.help = true,
                _ => return Err(format!("{flag} is unknown; --help lists what there is")),
            }
        }
        Ok(arguments)
    }
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port > 0).ok_or(format!("{text} is no port (1 to 65535)"))
}

#[cfg(test)]
mod tests {
    use super::Arguments;

    fn read(line: &str) -> Result<Arguments, String> {
        Arguments::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_flag_is_understood() {
        let all = Arguments { once: true, json: true, port: Some(4566), no_trip: true, agency: Some("a.json".into()), help: false };
        assert_eq!(read("--once --json --port 4566 --no-trip --agency a.json"), Ok(all.clone()));
        assert_eq!(read("--port=4566 --agency=a.json --no-trip --json --once"), Ok(all));
        assert_eq!(read(""), Ok(Arguments::default()));
    }

    #[test]
    fn mistakes_are_told() {
        assert_eq!(read("--port"), Err("--port needs a port".to_owned()));
        assert_eq!(read("--port 70000"), Err("70000 is no port (1 to 65535)".to_owned()));
        assert_eq!(read("--once=yes"), Err("--once takes no value".to_owned()));
        assert_eq!(read("--onse"), Err("--onse is unknown; --help lists what there is".to_owned()));
    }
}
