//! A private Python environment with the pinned MiniStack, made once and cached outside the tree.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::{During, Result, StackError};
use super::{cache, child};

/// What is installed; the environment is cached under its hash.
const REQUIREMENTS: &str = include_str!("../../requirements.txt");

const CANDIDATES: [&str; 7] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"];

/// Prints the version and fails when no environment can be made with this interpreter.
const PROBE: &str = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2]); \
                     sys.exit(0 if sys.version_info >= (3, 10) else 3)";

const HOW_TO_GET: &str = "Python 3.10 or later with its venv module is needed for the local AWS.\n\
    Debian, Ubuntu: apt install python3 python3-venv   Fedora: dnf install python3   macOS: brew install python\n\
    Set PASSERELLE_PYTHON to an interpreter that is not on the PATH.";

/// An interpreter that can make environments.
#[derive(Debug, Clone)]
pub struct Interpreter {
    /// How it is called.
    pub command: String,
    /// `3.12`.
    pub version: String,
}

/// The first interpreter of the machine that is new enough; `$PASSERELLE_PYTHON` goes before all others.
///
/// # Errors
/// When there is none: the text says what was found and how to get one.
pub fn find() -> Result<Interpreter> {
    let chosen = std::env::var("PASSERELLE_PYTHON").ok().filter(|value| !value.is_empty());
    let candidates: Vec<String> = match chosen {
        Some(only) => vec![only],
        None => CANDIDATES.map(str::to_owned).to_vec(),
    };
    find_among(&candidates)
}

fn find_among(candidates: &[String]) -> Result<Interpreter> {
    let mut seen = Vec::new();
    for command in candidates {
        match probe(command) {
            Ok(version) => return Ok(Interpreter { command: command.clone(), version }),
            Err(Some(why)) => seen.push(format!("{command}: {why}")),
            Err(None) => {}
        }
    }
    let found = if seen.is_empty() { "none found".to_owned() } else { seen.join("; ") };
    Err(StackError::new(format!("no usable Python ({found})")).hint(HOW_TO_GET))
}

/// `Err(None)` when there is no such program, `Err(Some(why))` when it is there and unfit.
fn probe(command: &str) -> std::result::Result<String, Option<String>> {
    let output = Command::new(command).args(["-c", PROBE]).output().map_err(|_| None)?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match output.status.code() {
        Some(0) => Ok(version),
        Some(3) => Err(Some(format!("version {version} is too old"))),
        _ => Err(Some("its venv or ensurepip module is missing".to_owned())),
    }
}

/// The interpreter inside the private environment, installing it first when it is not there yet (about 15 s).
///
/// # Errors
/// When no Python is found or the packages cannot be installed.
pub async fn environment(say: &dyn Fn(&str)) -> Result<PathBuf> {
    let interpreter = find()?;
    let key = format!("{}\n{REQUIREMENTS}", interpreter.version);
    let folder = cache::entry(
        "python",
        &key,
        |folder| runs(&executable(folder)),
        async |folder: &Path| {
            say("installing MiniStack into a private Python environment (once)");
            install(&interpreter, folder).await
        },
    )
    .await?;
    Ok(executable(&folder))
}

/// Where an environment keeps its interpreter.
fn executable(folder: &Path) -> PathBuf {
    folder.join("venv").join("bin").join("python")
}

/// An environment dies when the interpreter it was made with is taken off the machine.
fn runs(python: &Path) -> bool {
    Command::new(python).arg("--version").output().is_ok_and(|output| output.status.success())
}

async fn install(interpreter: &Interpreter, folder: &Path) -> Result<()> {
    let requirements = folder.join("requirements.txt");
    std::fs::write(&requirements, REQUIREMENTS)?;
    let venv = folder.join("venv");
    let mut make = Command::new(&interpreter.command);
    make.args(["-m", "venv"]).arg(&venv);
    child::run(make).await.during(|| "making the environment".into())?;
    let mut pip = Command::new(executable(folder));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "-r"]);
    pip.arg(&requirements);
    let out_of_reach = |error: StackError| error.hint("The packages come from the Python package index; is it in reach?");
    child::run(pip).await.map_err(out_of_reach)
}

#[cfg(test)]
mod tests {
    use super::find_among;

    #[test]
    fn a_machine_without_python_is_told_how_to_get_it() {
        let told = find_among(&["no-such-python".to_owned()]).map_err(|error| error.to_string());
        let told = told.map(|found| found.command).err().unwrap_or_default();
        assert!(told.contains("none found") && told.contains("apt install python3 python3-venv"), "{told}");
    }

    #[test]
    fn a_program_that_is_no_fit_python_is_named() {
        let told = find_among(&["false".to_owned()]).map_err(|error| error.to_string());
        assert!(told.err().unwrap_or_default().contains("false: its venv or ensurepip module is missing"));
    }
}
