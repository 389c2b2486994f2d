//! How things are told: plain lines, colours and a running line only on a terminal.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Where the times stand.
const COLUMN: usize = 66;

/// Tells what happens, or keeps silent for a suite.
#[derive(Debug)]
pub struct Teller {
    silent: bool,
    terminal: bool,
    colours: bool,
    running: Mutex<Option<(String, Instant)>>,
}

impl Teller {
    /// Tells on standard output; colours need a terminal and no `NO_COLOR`.
    #[must_use]
    pub fn on_stdout() -> Self {
        let terminal = std::io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let colours = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { silent: false, terminal, colours, running: Mutex::new(None) }
    }

    /// Tells nothing.
    #[must_use]
    pub fn silent() -> Self {
        Self { silent: true, terminal: false, colours: false, running: Mutex::new(None) }
    }

    /// A heading.
    pub fn heading(&self, text: &str) {
        self.finish();
        self.line(&format!("\n{}", self.paint("1", text)));
    }

    /// Something begins; the line before is finished with the time it took.
    pub fn doing(&self, text: &str) {
        self.finish();
        if self.terminal && !self.silent {
            self.write(&format!("  {} {text} …", self.paint("2", "·")));
        }
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some((text.to_owned(), Instant::now()));
    }

    /// What was begun is done.
    pub fn finish(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((text, since)) = running {
            self.clear();
            let took = format!("{:.1} s", since.elapsed().as_secs_f64());
            let padding = " ".repeat(COLUMN.saturating_sub(width(&text)));
            self.line(&format!("  {} {text}{padding} {}", self.paint("32", "✓"), self.paint("2", &took)));
        }
    }

    /// What was begun has failed; nothing is said about it yet.
    pub fn abandon(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((text, _)) = running {
            self.clear();
            self.line(&format!("  {} {text}", self.paint("31", "✗")));
        }
    }

    /// A step of the trip on a played day, the agency's time.
    pub fn on(&self, at: Timestamp, zone: &TimeZone, text: &str) {
        let date = at.to_zoned_datetime(zone.clone()).strftime("%a %d %b %H:%M").to_string();
        self.doing(&format!("{}  {text}", self.paint("36", &date)));
    }

    /// What was seen in the step.
    pub fn fact(&self, text: &str) {
        self.finish();
        self.line(&format!("      {text}"));
    }

    /// A line as it is.
    pub fn plain(&self, text: &str) {
        self.finish();
        self.line(text);
    }

    fn line(&self, text: &str) {
        self.write(&format!("{text}\n"));
    }

    fn clear(&self) {
        if self.terminal {
            self.write("\r\x1b[2K");
        }
    }

    fn write(&self, text: &str) {
        if !self.silent {
            let mut out = std::io::stdout().lock();
            // A closed pipe (`cargo local | head`) ends the telling, not the run.
            let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        }
    }

    /// Text in a colour (an SGR code) where colours are on.
    #[must_use]
    pub fn paint(&self, code: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// How many columns a text takes: colours take none.
fn width(text: &str) -> usize {
    text.split('\x1b')
        .enumerate()
        .map(|(part, piece)| {
            let shown = if part == 0 { piece } else { piece.split_once('m').map_or("", |(_, shown)| shown) };
            shown.chars().count()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::{Teller, width};

    #[test]
    fn colours_take_no_room() {
        assert_eq!(width("\x1b[36mTue\x1b[0m  “é”"), 8);
    }

    #[test]
    fn without_a_terminal_nothing_is_painted() {
        assert_eq!(Teller::silent().paint("31", "failed"), "failed");
    }
}
