//! Where a run keeps its logs.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use super::error::{During, Result, StackError};

/// Older runs are forgotten.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// A new folder `<target>/runs/<process>-<number>`, so that the tests of several binaries and clones do not meet.
///
/// `binary` is any binary of the build: the target folder is two levels above.
///
/// # Errors
/// When the folder cannot be made.
pub fn of_run(binary: &Path) -> Result<PathBuf> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let target = binary.parent().and_then(Path::parent);
    let runs = target.ok_or_else(|| StackError::new("the binaries lie in no target folder"))?.join("runs");
    forget_old(&runs);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = runs.join(format!("{}-{number}", std::process::id()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder).during(|| format!("making {}", folder.display()))?;
    Ok(folder)
}

/// Best effort: a folder that cannot be removed does no harm.
fn forget_old(runs: &Path) {
    for entry in std::fs::read_dir(runs).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|facts| facts.modified()).ok().map(|at| SystemTime::now().duration_since(at));
        if age.is_some_and(|age| age.is_ok_and(|age| age > KEPT)) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
