//! What is fetched once and kept outside the tree: the Python environment and AWS's runtime interface emulator.
//!
//! `$PASSERELLE_CACHE`, else `$XDG_CACHE_HOME/passerelle`, else `~/.cache/passerelle`. Several runs may want the same
//! entry at once (tests of two clones, `cargo local` beside `cargo test`): one makes it under a file lock, the others
//! wait. An entry counts only when its `ready` mark was written last, so one that was interrupted is thrown away.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::error::{During, Result, StackError};

const MARK: &str = "ready";
const LOCK_PAUSE: Duration = Duration::from_millis(200);

/// The folder that holds all entries.
///
/// # Errors
/// When no home folder is known.
pub fn root() -> Result<PathBuf> {
    let from = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    from("PASSERELLE_CACHE")
        .or_else(|| from("XDG_CACHE_HOME").map(|cache| cache.join("passerelle")))
        .or_else(|| from("HOME").map(|home| home.join(".cache").join("passerelle")))
        .ok_or_else(|| StackError::new("no folder to cache in").hint("Set PASSERELLE_CACHE to a folder you can write."))
}

/// The folder of an entry, made by `make` unless it is whole already and `still_good` agrees.
///
/// `key` is everything that the content depends on: another key is another folder.
///
/// # Errors
/// When the cache cannot be written or `make` fails; a half-made entry is removed first.
pub async fn entry(
    name: &str,
    key: &str,
    still_good: impl Fn(&Path) -> bool,
    make: impl AsyncFnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let root = root()?;
    fs::create_dir_all(&root).during(|| format!("making the cache {}", root.display()))?;
    let folder = root.join(format!("{name}-{}", fingerprint(key)));
    let _until_the_end = lock(&folder.with_extension("lock")).await?;
    if folder.join(MARK).is_file() && still_good(&folder) {
        return Ok(folder);
    }
    remove(&folder)?;
    fs::create_dir_all(&folder)?;
    if let Err(error) = make(&folder).await {
        remove(&folder)?;
        return Err(error);
    }
    fs::write(folder.join(MARK), key)?;
    Ok(folder)
}

/// Waits for the lock without blocking, so that an interruption is heard.
async fn lock(file: &Path) -> Result<File> {
    let lock = File::create(file).during(|| format!("writing {}", file.display()))?;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_PAUSE).await,
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StackError::from(error)).during(|| format!("emptying {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn fingerprint(key: &str) -> String {
    let mut digest = hex::encode(Sha256::digest(key.as_bytes()));
    digest.truncate(16);
    digest
}
