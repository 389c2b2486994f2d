//! Which system `cargo local` keeps up: a file that another command finds, for as long as the system is there. It holds addresses
//! and no secret.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::stack::{During, Result, Stack, StackError};

const NAME: &str = "running.json";

/// Where a running system answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// The process that keeps it up.
    pub process: u32,
    /// Where every AWS service answers.
    pub aws_endpoint: String,
    /// The region of everything.
    pub region: String,
    /// `fulfilment`, `fulfilment-dlq` … → queue URL.
    pub queues: BTreeMap<String, String>,
}

/// The file; gone with this.
#[derive(Debug)]
pub struct Announced {
    file: PathBuf,
    running: Running,
}

impl Running {
    /// Announces a stack until what is given back is dropped. Of several systems that run at once, the last to come up is found.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn announce(stack: &Stack) -> Result<Announced> {
        let deployed = &stack.deployed;
        let running = Self {
            process: std::process::id(),
            aws_endpoint: deployed.aws_endpoint.clone(),
            region: deployed.region.clone(),
            queues: deployed.queues.clone(),
        };
        running.write(stack.folder.parent().unwrap_or(&stack.folder))
    }

    fn write(self, runs: &Path) -> Result<Announced> {
        let file = runs.join(NAME);
        std::fs::write(&file, serde_json::to_string(&self)?).during(|| format!("writing {}", file.display()))?;
        Ok(Announced { file, running: self })
    }

    /// The system that `cargo local` keeps up now, built into the same target folder as this program.
    ///
    /// # Errors
    /// When there is none.
    pub fn found() -> Result<Self> {
        let program = std::env::current_exe()?;
        let target = program.parent().and_then(Path::parent).ok_or_else(|| StackError::new("the program lies in no target folder"))?;
        Self::read(&target.join("runs"))
    }

    fn read(runs: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(runs.join(NAME))
            .map_err(|_| StackError::new("no local system is running").hint("Start one in another terminal: cargo local"))?;
        Ok(serde_json::from_str(&text)?)
    }

    /// The URL of a queue.
    ///
    /// # Errors
    /// When there is no queue of this name.
    pub fn queue(&self, name: &str) -> Result<&str> {
        let url = self.queues.get(name).map(String::as_str);
        url.ok_or_else(|| StackError::new(format!("the local system has no queue {name}")))
    }

    /// The URL of the queue that a dead-letter queue's letters come from; the local SQS cannot be asked.
    #[must_use]
    pub fn source_of(&self, dead: &str) -> Option<&str> {
        let (name, _) = self.queues.iter().find(|(_, url)| *url == dead)?;
        self.queues.get(name.strip_suffix("-dlq")?).map(String::as_str)
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        let runs = self.file.parent().unwrap_or(&self.file);
        if Running::read(runs).is_ok_and(|found| found == self.running) {
            let _ = std::fs::remove_file(&self.file);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing step fails the test")]

    use super::Running;

    fn running(process: u32) -> Running {
        let queues = ["notifier", "notifier-dlq", "relay-dlq"].map(|name| (name.to_owned(), format!("http://127.0.0.1:1/{name}"))).into();
        Running { process, aws_endpoint: "http://127.0.0.1:1".to_owned(), region: "eu-west-3".to_owned(), queues }
    }

    #[test]
    fn a_system_is_found_while_it_runs_and_takes_no_other_with_it() {
        let runs = std::env::temp_dir().join(format!("passerelle-running-{}", std::process::id()));
        std::fs::create_dir_all(&runs).unwrap();
        assert!(Running::read(&runs).unwrap_err().to_string().contains("cargo local"));
        let first = running(1).write(&runs).unwrap();
        assert_eq!(Running::read(&runs).unwrap(), running(1));
        let second = running(2).write(&runs).unwrap();
        drop(first);
        let found = Running::read(&runs).unwrap();
        assert_eq!(found.queue("notifier").unwrap(), "http://127.0.0.1:1/notifier");
        assert!(found.process == 2 && found.queue("relay").is_err());
        assert_eq!(found.source_of("http://127.0.0.1:1/notifier-dlq"), Some("http://127.0.0.1:1/notifier"));
        assert_eq!(found.source_of("http://127.0.0.1:1/relay-dlq"), None);
        drop(second);
        assert!(Running::read(&runs).is_err());
        std::fs::remove_dir_all(&runs).unwrap();
    }
}
