//! The received e-mails as files that a browser opens.

use std::path::PathBuf;

use super::Demo;
use crate::stack::{Result, StackError};

/// Writes every message that the mail service's simulator holds to `<run folder>/mails/`; returns the files.
///
/// # Errors
/// When the simulator does not answer or a file cannot be written.
pub async fn save(demo: &Demo) -> Result<Vec<PathBuf>> {
    let letter_box = demo.letter_box().client();
    let told = |error| StackError::new(format!("reading the e-mails: {error}"));
    let folder = demo.stack.folder.join("mails");
    std::fs::create_dir_all(&folder)?;
    let mut files = Vec::new();
    for number in 0..letter_box.messages().await.map_err(told)?.len() {
        let url = format!("{}/_sim/messages/{number}.html", demo.letter_box().url);
        let html = demo.stack.aws.http().get(url).send().await?.error_for_status()?.bytes().await?;
        let file = folder.join(format!("{}.html", number + 1));
        std::fs::write(&file, html)?;
        files.push(file);
    }
    Ok(files)
}
