//! Child processes that end when the caller is interrupted: each leads a process group of its own, and dropping the
//! future that waits for it ends the group.

use std::process::{Command, Output, Stdio};

use tokio::process::Child;

use super::error::{During, Result, StackError};

/// Ends a group whose leader was not waited for.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            kill_group(leader);
        }
    }
}

/// Ends a process group, named by the id of its leader. A program does it because signals need unsafe code here.
pub(super) fn kill_group(leader: u32) {
    let quiet = || Stdio::null();
    let mut kill = Command::new("kill");
    let _ = kill.args(["-KILL", "--", &format!("-{leader}")]).stdin(quiet()).stdout(quiet()).stderr(quiet()).status();
}

/// Runs a program to its end and returns what it wrote where its output is piped.
///
/// # Errors
/// When the program cannot be started.
pub async fn output(command: Command) -> Result<Output> {
    let name = command.get_program().display().to_string();
    let mut command = tokio::process::Command::from(command);
    let child: Child = command.stdin(Stdio::null()).process_group(0).spawn().during(|| format!("starting {name}"))?;
    let mut group = Group(child.id());
    let output = child.wait_with_output().await?;
    group.0 = None;
    Ok(output)
}

/// Runs a program to its end.
///
/// # Errors
/// When it fails: what it wrote to its error output is in the text.
pub async fn run(mut command: Command) -> Result<()> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let name = command.get_program().display().to_string();
    let output = output(command).await?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(StackError::new(format!("{name} ended with {}\n{told}", output.status)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing step fails the test")]
    use std::process::Command;
    use std::time::Duration;

    use super::{output, run};

    #[tokio::test]
    async fn a_failure_holds_what_the_program_said() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo no such thing >&2; exit 4"]);
        let told = run(shell).await.unwrap_err().to_string();
        assert!(told.contains("exit status: 4") && told.contains("no such thing"), "{told}");
    }

    #[tokio::test]
    async fn an_abandoned_program_and_its_children_end() {
        let mark = std::env::temp_dir().join(format!("passerelle-child-{}", std::process::id()));
        let _ = std::fs::remove_file(&mark);
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("(sleep 1; touch {}) & wait", mark.display())]);
        assert!(tokio::time::timeout(Duration::from_millis(200), output(shell)).await.is_err());
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert!(!mark.exists());
    }
}
