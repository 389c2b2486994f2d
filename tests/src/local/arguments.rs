//! The command line.

use std::path::PathBuf;

use super::partners::{Crm, Mail, Partners};
use super::seller::Seller;

/// What `--help` prints.
pub const HELP: &str = "\
cargo local [OPTIONS]
cargo local certify [OPTIONS]    tries an agency's account at a real provider; see cargo local certify --help
cargo local redrive [OPTIONS]    moves dead letters back to their queue; see cargo local redrive --help

Builds the functions, starts a local AWS (MiniStack), deploys template.yaml to it, starts a simulator of every provider,
CRM and mail service, makes the agency `demo` and plays one trip from booking to
expiry. Then it stays up, with a control room to open in a browser, until Ctrl-C.

  --once          play the trip and end: 0 when it is complete, 1 when a step failed
  --no-trip       bring everything up, play nothing
  --json          as the last line, print one JSON object with every URL, id and credential that a script needs
  --port N        the port of the local AWS (any free one without it)
  --agency FILE   the agency's secret as JSON, so that its base URLs may point anywhere. The simulators have no part
                  then: the trip is played as far as our API shows it, and not at all when a provider's URL is not on
                  this machine (it would buy)
  --pictures DIR  write pictures of every page to a folder (needs chromium and chromium-driver), and end
  --crm NAME      the agency's CRM: hubspot (without it) or salesforce
  --mail NAME     the agency's mail service: sendgrid (without it) or mailjet
  --provider NAME whom the agency buys from: airalo (without it, with the reference provider beside it), bics, celitech,
                  esim-access, esim-go, one-global, reference or telna
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
    /// Take pictures, and end.
    pub pictures: Option<PathBuf>,
    /// Whom the demo agency works with.
    pub partners: Partners,
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
        let mut words = Words::of(words);
        while let Some(mut flag) = words.next() {
            match flag.name.clone().as_str() {
                "--port" => arguments.port = Some(port(&flag.value("a port")?)?),
                "--agency" => arguments.agency = Some(flag.value("a file")?.into()),
                "--pictures" => arguments.pictures = Some(flag.value("a folder")?.into()),
                "--provider" => arguments.partners.seller = seller(&flag.value("a provider")?)?,
                "--crm" => arguments.partners.crm = crm(&flag.value("hubspot or salesforce")?)?,
                "--mail" => arguments.partners.mail = mail(&flag.value("sendgrid or mailjet")?)?,
                "--once" => arguments.once = flag.alone()?,
                "--json" => arguments.json = flag.alone()?,
                "--no-trip" => arguments.no_trip = flag.alone()?,
                "--help" | "-h" => arguments.help = flag.alone()?,
                _ => return Err(flag.unknown()),
            }
        }
        Ok(arguments)
    }
}

/// The words of a command line, one flag after the other.
#[derive(Debug)]
pub struct Words<I>(I);

/// A flag, `--port 4566` or `--port=4566`.
#[derive(Debug)]
pub struct Flag<'a, I> {
    /// Its name, dashes included.
    pub name: String,
    inline: Option<String>,
    words: &'a mut I,
}

impl<I: Iterator<Item = String>> Words<I> {
    /// These words.
    pub fn of(words: impl IntoIterator<IntoIter = I>) -> Self {
        Self(words.into_iter())
    }

    /// The next flag.
    #[expect(clippy::should_implement_trait, reason = "a flag borrows the words after it")]
    pub fn next(&mut self) -> Option<Flag<'_, I>> {
        let word = self.0.next()?;
        let (name, inline) = match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word, None),
        };
        Some(Flag { name, inline, words: &mut self.0 })
    }
}

impl<I: Iterator<Item = String>> Flag<'_, I> {
    /// Its value; `wanted` says what that would be.
    ///
    /// # Errors
    /// When there is none.
    pub fn value(&mut self, wanted: &str) -> Result<String, String> {
        self.inline.take().or_else(|| self.words.next()).ok_or(format!("{} needs {wanted}", self.name))
    }

    /// True: the flag is there, and has no value.
    ///
    /// # Errors
    /// When it has one.
    pub fn alone(&self) -> Result<bool, String> {
        if self.inline.is_some() { Err(format!("{} takes no value", self.name)) } else { Ok(true) }
    }

    /// What to say of a flag that nobody knows.
    #[must_use]
    pub fn unknown(&self) -> String {
        format!("{} is unknown; --help lists what there is", self.name)
    }
}

fn crm(name: &str) -> Result<Crm, String> {
    Crm::named(name).ok_or(format!("{name} is no CRM that is simulated: hubspot or salesforce"))
}

fn mail(name: &str) -> Result<Mail, String> {
    Mail::named(name).ok_or(format!("{name} is no mail service that is simulated: sendgrid or mailjet"))
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port > 0).ok_or(format!("{text} is no port (1 to 65535)"))
}

fn seller(name: &str) -> Result<Seller, String> {
    let names = Seller::ALL.map(Seller::name).join(", ");
    Seller::named(name).ok_or(format!("{name} is no provider that is simulated here: {names}"))
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Crm, Mail, Partners, Seller};

    fn read(line: &str) -> Result<Arguments, String> {
        Arguments::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_flag_is_understood() {
        let all = Arguments {
            once: true,
            json: true,
            port: Some(4566),
            no_trip: true,
            agency: Some("a.json".into()),
            pictures: Some("p".into()),
            partners: Partners { seller: Seller::EsimGo, crm: Crm::Salesforce, mail: Mail::Mailjet },
            help: false,
        };
        assert_eq!(
            read("--once --json --port 4566 --no-trip --agency a.json --pictures p --mail mailjet --crm salesforce --provider esim-go"),
            Ok(all.clone())
        );
        assert_eq!(
            read("--pictures=p --mail=mailjet --crm=salesforce --provider=esim-go --port=4566 --agency=a.json --no-trip --json --once"),
            Ok(all)
        );
        assert_eq!(read(""), Ok(Arguments::default()));
    }

    #[test]
    fn mistakes_are_told() {
        assert_eq!(read("--port"), Err("--port needs a port".to_owned()));
        assert_eq!(read("--port 70000"), Err("70000 is no port (1 to 65535)".to_owned()));
        assert!(read("--crm drawer").is_err_and(|told| told.contains("hubspot or salesforce")));
        assert!(read("--mail pigeon").is_err_and(|told| told.contains("sendgrid or mailjet")));
        assert_eq!(read("--once=yes"), Err("--once takes no value".to_owned()));
        assert_eq!(read("--onse"), Err("--onse is unknown; --help lists what there is".to_owned()));
    }
}
