//! The word `yes`, before money is spent anywhere but on this machine.

use std::io::{BufRead, IsTerminal, Write};

use super::account::Account;
use super::arguments::Arguments;
use crate::stack::{Result, StackError};

/// Whether the word can be had at all: without a terminal it must be given beforehand. Looked at before anything is begun.
///
/// # Errors
/// When it would have to be asked for, and nobody is there.
pub fn possible(arguments: &Arguments, account: &Account) -> Result<()> {
    if !needed(arguments, account.is_here()) || std::io::stdin().is_terminal() {
        return Ok(());
    }
    let told = format!("--buy spends money at {}, and nobody can be asked here: add --yes", account.address());
    Err(StackError::new(told))
}

/// Whether the purchase is agreed to. Asks where it must.
///
/// # Errors
/// When the terminal cannot be read.
pub async fn given(arguments: &Arguments, account: &Account, purchase: &str) -> Result<bool> {
    if !needed(arguments, account.is_here()) {
        return Ok(true);
    }
    let question =
        format!("\nThis buys {purchase} at {}, once. It costs what the account's contract says.\nType yes to buy: ", account.address());
    // On a thread that nobody waits for: Ctrl-C ends the command while the question stands.
    let (answer, answered) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || answer.send(asked(&question, &mut std::io::stdin().lock(), &mut std::io::stdout())));
    answered.await.map_err(|_| StackError::new("the question had no answer"))?
}

fn needed(arguments: &Arguments, is_here: bool) -> bool {
    arguments.buy && !arguments.yes && !is_here
}

/// Only the whole word counts.
fn asked(question: &str, input: &mut impl BufRead, output: &mut impl Write) -> Result<bool> {
    output.write_all(question.as_bytes())?;
    output.flush()?;
    let mut word = String::new();
    input.read_line(&mut word)?;
    Ok(word.trim() == "yes")
}

#[cfg(test)]
mod tests {
    use super::{Arguments, asked, needed};

    #[test]
    fn only_the_whole_word_counts() {
        let said = |word: &str| asked("?", &mut word.as_bytes(), &mut Vec::new()).is_ok_and(|agreed| agreed);
        assert!(said("yes\n") && said(" yes \r\n"));
        assert!(!said("y\n") && !said("no\n") && !said("yes please\n") && !said(""));
    }

    #[test]
    fn it_is_asked_for_a_purchase_elsewhere() {
        let with = |buy, yes| Arguments { buy, yes, ..Arguments::default() };
        assert!(needed(&with(true, false), false));
        assert!(!needed(&with(true, false), true) && !needed(&with(true, true), false) && !needed(&with(false, false), false));
    }
}
