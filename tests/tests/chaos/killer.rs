//! Kills function processes: those of this stack only, known by the process group that its emulator leads.

use std::time::{Duration, Instant};

use passerelle_tests::local::Demo;

use crate::chance::Chance;

/// How long functions die.
const SEASON: Duration = Duration::from_secs(25);

/// Kills one function's process after another; answers with how many.
pub async fn kill(demo: &Demo, chance: &Chance) -> usize {
    let (started, mut killed) = (Instant::now(), 0);
    while started.elapsed() < SEASON {
        tokio::time::sleep(chance.between(200, 900)).await;
        let running = functions(demo.stack.emulator_id());
        if let Some(process) = chance.one_of(&running) {
            let ended = std::process::Command::new("kill").args(["-KILL", process]).status();
            killed += usize::from(ended.is_ok_and(|status| status.success()));
        }
    }
    killed
}

/// The ids of the processes of the group whose program is a function's `bootstrap`.
fn functions(group: u32) -> Vec<String> {
    let listed = std::process::Command::new("ps").args(["-A", "-o", "pid=", "-o", "pgid=", "-o", "comm="]).output();
    let listed = String::from_utf8_lossy(&listed.expect("ps lists processes").stdout).into_owned();
    let group = group.to_string();
    let ours = |line: &str| {
        let mut words = line.split_whitespace();
        let (process, its_group, program) = (words.next()?, words.next()?, words.next()?);
        (its_group == group && program.ends_with("bootstrap")).then(|| process.to_owned())
    };
    listed.lines().filter_map(ours).collect()
}
