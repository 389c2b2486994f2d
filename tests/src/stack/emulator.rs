//! MiniStack as a child process: started on a port of ours, watched until healthy, gone with us.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::error::{During, Result, StackError};
use super::{child, http};

const WATCHDOG: &str = include_str!("watchdog.py");
const START_LIMIT: Duration = Duration::from_secs(60);
const END_LIMIT: Duration = Duration::from_secs(5);
/// Another process may take a free port between our look and MiniStack's start.
const FREE_PORT_TRIES: u32 = 3;

/// The AWS region of everything local.
pub const REGION: &str = "eu-west-3";

/// A running MiniStack. Dropping it ends it and every function it runs.
#[derive(Debug)]
pub struct Emulator {
    child: Child,
    port: u16,
    log: PathBuf,
    scratch: PathBuf,
}

impl Emulator {
    /// Starts MiniStack and waits until it answers; `None` takes any free port.
    ///
    /// Its output goes to `ministack.log` in `folder`, its files to `folder/ministack`.
    ///
    /// # Errors
    /// When the port is taken, or MiniStack ends or stays silent for a minute.
    pub async fn start(python: &Path, port: Option<u16>, folder: &Path) -> Result<Self> {
        if let Some(port) = port {
            refuse_taken(port)?;
            return Self::start_on(python, port, folder).await;
        }
        let mut last = StackError::new("no free port");
        for _ in 0..FREE_PORT_TRIES {
            match Self::start_on(python, free_port()?, folder).await {
                Ok(emulator) => return Ok(emulator),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn start_on(python: &Path, port: u16, folder: &Path) -> Result<Self> {
        let scratch = folder.join("ministack");
        std::fs::create_dir_all(&scratch)?;
        let log = folder.join("ministack.log");
        let child = command(python, port, &scratch, &log)?.spawn().during(|| "starting MiniStack".into())?;
        let mut emulator = Self { child, port, log, scratch };
        emulator.wait_until_healthy().await?;
        Ok(emulator)
    }

    /// `http://127.0.0.1:<port>`: every AWS service answers there.
    #[must_use]
    pub fn endpoint(&self) -> String {
        endpoint(self.port)
    }

    /// The id of the process, which is that of the group it leads.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The file with MiniStack's output, which holds what it says about each invocation.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Ends MiniStack and its functions; dropping does the same.
    pub fn stop(self) {}

    /// How MiniStack ended, when it is no longer running.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    async fn wait_until_healthy(&mut self) -> Result<()> {
        let client = http::client()?;
        let health = format!("{}/_ministack/health", self.endpoint());
        let started = Instant::now();
        while started.elapsed() < START_LIMIT {
            if let Some(status) = self.ended() {
                return Err(self.failed(&format!("MiniStack ended with {status} before it was up")));
            }
            let answer = client.get(&health).timeout(Duration::from_secs(2)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(self.failed("MiniStack did not answer within a minute"))
    }

    fn failed(&self, what: &str) -> StackError {
        StackError::new(format!("{what}\n{}", tail(&self.log))).hint(format!("Its whole log: {}", self.log.display()))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let asked = Instant::now();
        while self.ended().is_none() {
            if asked.elapsed() > END_LIMIT {
                child::kill_group(self.child.id());
                let _ = self.child.wait();
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = std::fs::remove_dir_all(&self.scratch);
    }
}

fn command(python: &Path, port: u16, scratch: &Path, log: &Path) -> Result<Command> {
    let output = File::create(log).during(|| format!("writing {}", log.display()))?;
    let mut command = Command::new(python);
    command.args(["-c", WATCHDOG]).current_dir(scratch).stdin(Stdio::piped()).stdout(output.try_clone()?).stderr(output).process_group(0);
    for name in std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(|name| ours_alone(name)) {
        command.env_remove(name);
    }
    command
        .env("GATEWAY_PORT", port.to_string())
        .env("BIND_HOST", "127.0.0.1")
        .env("MINISTACK_REGION", REGION)
        .env("AWS_ENDPOINT_URL", endpoint(port))
        .env("TMPDIR", scratch)
        .env("IOT_MTLS_ENABLED", "0")
        .env("PYTHONUNBUFFERED", "1")
        .env("NO_PROXY", "127.0.0.1,localhost");
    Ok(command)
}

/// Settings of the person's shell that must reach neither MiniStack nor the functions: their AWS account, switches of
/// MiniStack, log settings, a proxy.
fn ours_alone(variable: &str) -> bool {
    const PREFIXES: [&str; 9] = ["AWS_", "MINISTACK_", "LAMBDA_", "LOCALSTACK_", "DOCKER_", "S3_", "IOT_", "RUST_", "PYTHON"];
    const NAMES: [&str; 12] = [
        "AUTH",
        "SERVICES",
        "PERSIST_STATE",
        "STATE_DIR",
        "USE_SSL",
        "EDGE_PORT",
        "LOG_LEVEL",
        "LOG_FORMAT",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "http_proxy",
        "https_proxy",
    ];
    PREFIXES.iter().any(|prefix| variable.starts_with(prefix)) || NAMES.contains(&variable)
}

fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Says so when somebody listens on a port.
///
/// # Errors
/// When the port is taken: the text says what to do.
pub fn refuse_taken(port: u16) -> Result<()> {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Ok(()),
        Err(error) => Err(StackError::new(format!("port {port} cannot be used: {error}"))
            .hint("Stop what holds it, or choose another with --port N (without it any free port is taken).")),
    }
}

/// A port that nobody listens on at this moment.
///
/// # Errors
/// When the machine has none.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The last lines of a log, for a failure's text.
fn tail(log: &Path) -> String {
    const BYTES: u64 = 2_000;
    let read = || -> std::io::Result<String> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(BYTES)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing step fails the test")]
    use super::{TcpListener, ours_alone, refuse_taken};

    #[test]
    fn a_taken_port_is_refused_with_a_way_out() {
        let holder = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let told = refuse_taken(holder.local_addr().unwrap().port()).unwrap_err().to_string();
        assert!(told.contains("cannot be used") && told.contains("--port N"), "{told}");
    }

    #[test]
    fn the_shells_account_and_proxy_stay_outside() {
        assert!(ours_alone("AWS_PROFILE") && ours_alone("https_proxy") && ours_alone("RUST_LOG"));
        assert!(!ours_alone("PATH") && !ours_alone("HOME"));
    }
}
