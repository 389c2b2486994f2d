//! Builds the functions for this machine and packs each as `bootstrap` in a zip file.
//!
//! The suites call it from inside `cargo test`: that cargo holds no lock while tests run, and the variables by which
//! it tells a test about its own crate are taken away, because build scripts (ring's for one) watch them and would
//! run again each time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::UNIX_EPOCH;

use serde_json::Value;
use zip::write::SimpleFileOptions;

use super::child;
use super::error::{During, Result, StackError};

/// What the compiler says while it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noise {
    /// On the terminal, for a person who waits.
    Shown,
    /// Only when it fails.
    Kept,
}

/// The folder of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}

/// The names of the functions: the folders under `functions/`.
///
/// # Errors
/// When the folder cannot be read or holds none.
pub fn function_names() -> Result<Vec<String>> {
    let folder = workspace().join("functions");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).during(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    if names.is_empty() {
        return Err(StackError::new(format!("{} holds no function", folder.display())));
    }
    Ok(names)
}

/// Builds every function; returns name → binary.
///
/// # Errors
/// When a function does not compile: the compiler's words are in the failure, or were on the terminal.
pub async fn functions(noise: Noise) -> Result<BTreeMap<String, PathBuf>> {
    build(&function_names()?, noise).await
}

/// Builds some functions; returns name → binary.
///
/// # Errors
/// See [`functions`].
pub async fn build(names: &[String], noise: Noise) -> Result<BTreeMap<String, PathBuf>> {
    let output = child::output(cargo(noise)).await?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(StackError::new(format!("the functions do not build ({})\n{told}", output.status)));
    }
    let artifacts = artifacts(&String::from_utf8_lossy(&output.stdout));
    match names.iter().find(|name| !artifacts.contains_key(*name)) {
        Some(missing) => Err(StackError::new(format!("cargo built no binary for the function {missing}"))),
        None => Ok(artifacts),
    }
}

/// The whole workspace, so that features resolve as they do for `cargo test` and what it has built is used again.
fn cargo(noise: Noise) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace()).args(["build", "--workspace", "--bins", "--message-format=json-render-diagnostics"]);
    for (variable, _) in std::env::vars_os() {
        if variable.to_str().is_some_and(tells_of_a_crate) {
            cargo.env_remove(variable);
        }
    }
    cargo.stdout(Stdio::piped()).stderr(match noise {
        Noise::Shown => Stdio::inherit(),
        Noise::Kept => Stdio::piped(),
    });
    cargo
}

/// Variables that cargo gives to the crate it runs, as opposed to those by which a person steers cargo.
fn tells_of_a_crate(variable: &str) -> bool {
    const PREFIXES: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_MAKEFLAGS"];
    const NAMES: [&str; 4] = ["CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "MAKEFLAGS", "NUM_JOBS"];
    PREFIXES.iter().any(|prefix| variable.starts_with(prefix)) || NAMES.contains(&variable)
}

fn artifacts(messages: &str) -> BTreeMap<String, PathBuf> {
    let mut artifacts = BTreeMap::new();
    for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let name = message.pointer("/target/name").and_then(Value::as_str);
        let binary = message.get("executable").and_then(Value::as_str);
        if let (Some(name), Some(binary)) = (name, binary) {
            artifacts.insert(name.to_owned(), PathBuf::from(binary));
        }
    }
    artifacts
}

/// A function's deployment package.
#[derive(Debug, Clone)]
pub struct Package {
    /// `orders-<length>-<time>.zip`: another build has another name.
    pub key: String,
    /// Where it is.
    pub path: PathBuf,
}

/// Packs binaries that have changed since they were last packed; returns name → package.
///
/// # Errors
/// When a binary cannot be read or the folder `lambda` beside it not be written.
pub fn pack(binaries: &BTreeMap<String, PathBuf>) -> Result<BTreeMap<String, Package>> {
    let pack = |(name, binary): (&String, &PathBuf)| Ok((name.clone(), pack_one(name, binary)?));
    std::thread::scope(|scope| {
        let running: Vec<_> = binaries.iter().map(|entry| scope.spawn(move || pack(entry))).collect();
        let died = |_| StackError::new("packing a function died");
        running.into_iter().map(|thread| thread.join().map_err(died)?).collect()
    })
}

fn pack_one(name: &str, binary: &Path) -> Result<Package> {
    let facts = fs::metadata(binary).during(|| format!("reading {}", binary.display()))?;
    let age = facts.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let key = format!("{name}-{}-{}.zip", facts.len(), age.as_nanos());
    let folder = binary.with_file_name("lambda");
    let path = folder.join(&key);
    if !path.is_file() {
        fs::create_dir_all(&folder)?;
        forget_older(&folder, name)?;
        let unfinished = folder.join(format!("{key}.{}", std::process::id()));
        write_zip(binary, &unfinished)?;
        fs::rename(&unfinished, &path)?;
    }
    Ok(Package { key, path })
}

fn forget_older(folder: &Path, name: &str) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.file_name().to_string_lossy().into_owned();
        let rest = file.strip_prefix(name).and_then(|rest| rest.strip_prefix('-')).and_then(|rest| rest.strip_suffix(".zip"));
        if rest.is_some_and(|rest| rest.chars().all(|letter| letter.is_ascii_digit() || letter == '-')) {
            let _another_run_was_faster = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

fn write_zip(binary: &Path, target: &Path) -> Result<()> {
    let fast = SimpleFileOptions::default().unix_permissions(0o755).compression_level(Some(1));
    let mut zip = zip::ZipWriter::new(File::create(target)?);
    zip.start_file("bootstrap", fast)?;
    io::copy(&mut File::open(binary)?, &mut zip)?;
    zip.finish()?.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing step fails the test")]
    use std::path::PathBuf;

    use super::{artifacts, tells_of_a_crate, write_zip};

    #[test]
    fn only_binaries_are_taken_from_cargos_messages() {
        let lines = "{\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"serde\"},\"executable\":null}\n\
                     not json\n\
                     {\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"orders\"},\"executable\":\"/t/orders\"}\n";
        assert_eq!(artifacts(lines).into_iter().collect::<Vec<_>>(), [("orders".to_owned(), PathBuf::from("/t/orders"))]);
    }

    #[test]
    fn variables_that_steer_cargo_are_kept() {
        assert!(tells_of_a_crate("CARGO_PKG_NAME") && tells_of_a_crate("CARGO_MANIFEST_DIR"));
        assert!(!tells_of_a_crate("CARGO_TARGET_DIR") && !tells_of_a_crate("CARGO_HOME"));
    }

    #[test]
    fn the_package_holds_an_executable_bootstrap() {
        let folder = std::env::temp_dir().join(format!("passerelle-pack-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (binary, target) = (folder.join("orders"), folder.join("orders.zip"));
        std::fs::write(&binary, "a binary").unwrap();
        write_zip(&binary, &target).unwrap();
        let mut zip = zip::ZipArchive::new(std::fs::File::open(&target).unwrap()).unwrap();
        let entry = zip.by_name("bootstrap").unwrap();
        assert_eq!((entry.unix_mode().unwrap() & 0o777, entry.size()), (0o755, 8));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
