//! AWS's own runtime interface emulator around one function binary: the real Runtime API, the real time-out.
//!
//! It is taken out of the wheel of `aws-sam-cli`, which is fetched once into the cache and never installed. What it
//! does otherwise than Lambda: it starts the function at the first call; two calls at once crash it, so calls are
//! taken one after the other; a failed function answers 200 with `errorType` in the body, and a time-out 200 with
//! plain text.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::Mutex;

use super::error::{During, Result, StackError};
use super::{cache, child, emulator, http, python, template};

const REQUIREMENTS: &str = include_str!("../../requirements-rie.txt");
const START_LIMIT: Duration = Duration::from_secs(10);
const CALL: &str = "2015-03-31/functions/function/invocations";

/// Runs the emulator and ends its whole group when the parent's end of the pipe closes, see `watchdog.py`.
pub(crate) const WATCHDOG: &str = "import os, signal, subprocess, sys, threading\n\
    def end():\n    os.killpg(os.getpgrp(), signal.SIGKILL)\n\
    def watch():\n    sys.stdin.buffer.read()\n    end()\n\
    assert os.getpgrp() == os.getpid()\n\
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)\n\
    threading.Thread(target=watch, daemon=True).start()\n\
    child.wait()\nend()\n";

/// The emulator's binary for this machine, fetched at the first use.
///
/// # Errors
/// When there is no Python or the package index cannot be reached.
pub async fn binary() -> Result<PathBuf> {
    let python = python::environment(&|_| {}).await?;
    let name = file_name();
    let folder = cache::entry(
        "rie",
        &format!("{name}\n{REQUIREMENTS}"),
        |folder| folder.join(name).is_file(),
        async |folder: &Path| {
            let wheel = download(&python, folder).await?;
            extract(&wheel, name, &folder.join(name))?;
            Ok(std::fs::remove_file(wheel)?)
        },
    )
    .await?;
    Ok(folder.join(name))
}

fn file_name() -> &'static str {
    if template::architecture() == "arm64" { "aws-lambda-rie-arm64" } else { "aws-lambda-rie-x86_64" }
}

async fn download(python: &Path, folder: &Path) -> Result<PathBuf> {
    let requirements = folder.join("requirements.txt");
    std::fs::write(&requirements, REQUIREMENTS)?;
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]);
    pip.args(["--only-binary=:all:", "--require-hashes", "--dest"]).arg(folder).arg("-r").arg(requirements);
    child::run(pip).await.during(|| "fetching the runtime interface emulator".to_owned())?;
    let is_wheel = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "whl");
    let mut files = std::fs::read_dir(folder)?.filter_map(io::Result::ok).map(|entry| entry.path());
    files.find(is_wheel).ok_or_else(|| StackError::new("pip brought no wheel"))
}

fn extract(wheel: &Path, name: &str, target: &Path) -> Result<()> {
    let mut zip = zip::ZipArchive::new(File::open(wheel)?)?;
    let mut entry = zip.by_name(&format!("samcli/local/rapid/{name}")).during(|| "the wheel".to_owned())?;
    let mut file = File::create(target)?;
    io::copy(&mut entry, &mut file)?;
    Ok(std::fs::set_permissions(target, std::fs::Permissions::from_mode(0o755))?)
}

/// One function under the emulator. Dropping it ends both.
#[derive(Debug)]
pub struct Rie {
    child: Child,
    url: String,
    log: PathBuf,
    one_at_a_time: Mutex<()>,
}

impl Rie {
    /// Starts the emulator for a function binary. Environment variables of the function go in `variables`; dummy
    /// credentials and a region are there already. Output goes to `log`.
    ///
    /// # Errors
    /// When the emulator cannot be fetched or does not open its port within ten seconds.
    pub async fn start(function: &Path, name: &str, variables: &BTreeMap<String, String>, log: &Path) -> Result<Self> {
        let (python, rie) = (python::environment(&|_| {}).await?, binary().await?);
        let (port, api_port) = (emulator::free_port()?, emulator::free_port()?);
        let output = File::create(log).during(|| format!("writing {}", log.display()))?;
        let mut command = Command::new(python);
        command
            .args(["-c", WATCHDOG])
            .arg(rie)
            .args(["--runtime-interface-emulator-address", &format!("127.0.0.1:{port}")])
            .args(["--runtime-api-address", &format!("127.0.0.1:{api_port}")])
            .arg(function)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs([("AWS_LAMBDA_FUNCTION_NAME", name), ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")])
            .envs([("AWS_REGION", emulator::REGION), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
            .envs(variables)
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0);
        let child = command.spawn().during(|| "starting the runtime interface emulator".to_owned())?;
        let url = format!("http://127.0.0.1:{port}/{CALL}");
        let mut rie = Self { child, url, log: log.to_path_buf(), one_at_a_time: Mutex::new(()) };
        rie.wait_until_open(port).await?;
        Ok(rie)
    }

    async fn wait_until_open(&mut self, port: u16) -> Result<()> {
        let started = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if self.child.try_wait()?.is_some() || started.elapsed() > START_LIMIT {
                return Err(StackError::new("the runtime interface emulator does not start").hint(self.whole_log()));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    fn whole_log(&self) -> String {
        format!("Its log: {}", self.log.display())
    }

    /// Calls the function. An answer with `errorType` is the function's own failure and is returned as it is; plain
    /// text (a time-out) is returned as a JSON string.
    ///
    /// # Errors
    /// When the function's process ended, or the emulator does not answer.
    pub async fn invoke(&self, event: &Value) -> Result<Value> {
        let _turn = self.one_at_a_time.lock().await;
        let response = http::client()?.post(&self.url).body(event.to_string()).send().await?;
        let status = response.status();
        let text = response.text().await?;
        if !status.is_success() {
            return Err(StackError::new(format!("the function did not answer: {status} {text}")).hint(self.whole_log()));
        }
        Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// What the emulator and the function wrote so far.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn output(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(&self.log)?).into_owned())
    }
}

impl Drop for Rie {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
