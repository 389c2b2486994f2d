//! `cargo local redrive`: moves dead letters back to the queue that they came from, at a bounded rate, once their cause is mended.
//!
//! A letter is a pointer to an outbox entry, so a replay takes the same path as the first delivery: an entry whose work is done is gone
//! and its letter changes nothing, and one that is left begins with fresh attempts.

pub mod arguments;
mod letters;
mod mover;
mod sqs;

use serde_json::{Value, json};
use std::process::ExitCode;

pub use arguments::Arguments;
pub use letters::{Letter, Letters};
pub use mover::{Moved, Plan, replay};
pub use sqs::{SqsLetters, on_aws, on_this_machine};

use super::running::Running;
use crate::stack::{Result, StackError};

/// Runs the command and prints what came of it.
pub async fn run(arguments: Arguments) -> ExitCode {
    match work(&arguments).await {
        Ok(done) => {
            tell(&arguments, &done);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("failed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One dead-letter queue and what became of it.
type Done = (SqsLetters, Moved);

async fn work(arguments: &Arguments) -> Result<Vec<Done>> {
    let mut done = Vec::new();
    for letters in queues(arguments).await? {
        let moved = replay(&letters, &arguments.plan).await?;
        done.push((letters, moved));
    }
    Ok(done)
}

/// The dead-letter queues that were asked for, each with where its letters go.
async fn queues(arguments: &Arguments) -> Result<Vec<SqsLetters>> {
    if arguments.aws {
        let from = arguments.from.as_deref().ok_or_else(|| StackError::new("--aws needs --from, the URL of a dead-letter queue"))?;
        let client = on_aws(arguments.region.as_deref()).await;
        return Ok(vec![SqsLetters::new(client, from, arguments.to.as_deref()).await?]);
    }
    let running = Running::found()?;
    let client = on_this_machine(&running.aws_endpoint, &running.region);
    if let Some(from) = &arguments.from {
        let to = arguments.to.as_deref().or_else(|| running.source_of(from));
        return Ok(vec![SqsLetters::new(client, from, to).await?]);
    }
    let mut queues = Vec::new();
    for name in arguments.names() {
        let (from, to) = (running.queue(&format!("{name}-dlq"))?, running.queue(name)?);
        queues.push(SqsLetters::new(client.clone(), from, Some(to)).await?);
    }
    Ok(queues)
}

fn tell(arguments: &Arguments, done: &[Done]) {
    if arguments.json {
        println!("{}", report(arguments, done));
        return;
    }
    for (letters, moved) in done {
        let verb = if arguments.plan.dry_run { "would move" } else { "moved" };
        println!("{}\n  {verb} {} to {}", letters.from(), moved.moved, letters.to());
        println!("  left {}, unreadable {}, discarded {}", moved.left, moved.unreadable, moved.discarded);
    }
}

fn report(arguments: &Arguments, done: &[Done]) -> Value {
    let queues = done.iter().map(|(letters, moved)| {
        json!({
            "from": letters.from(), "to": letters.to(), "moved": moved.moved, "left": moved.left,
            "unreadable": moved.unreadable, "discarded": moved.discarded,
        })
    });
    json!({"dry_run": arguments.plan.dry_run, "queues": queues.collect::<Vec<_>>()})
}
