//! What the functions wrote, from CloudWatch Logs.
//!
//! MiniStack gathers a function's lines when an invocation ends; one that comes late stands with the next invocation.

use serde_json::{Value, json};

use super::Stack;
use super::error::Result;

const PAGE: u32 = 1_000;

impl Stack {
    /// Every line of every log group, each after the name of its group.
    ///
    /// # Errors
    /// When CloudWatch Logs refuses.
    pub async fn all_logs(&self) -> Result<Vec<(String, String)>> {
        let mut lines = Vec::new();
        for group in self.log_groups().await? {
            let found = self.log_lines(&group).await?;
            lines.extend(found.into_iter().map(|line| (group.clone(), line)));
        }
        Ok(lines)
    }

    /// The lines of one function (`orders`), platform lines included.
    ///
    /// # Errors
    /// When there is no such function or CloudWatch Logs refuses.
    pub async fn logs(&self, function: &str) -> Result<Vec<String>> {
        let deployed = self.deployed_name(function)?;
        let mut lines = Vec::new();
        for group in self.log_groups().await? {
            let name = group.rsplit('/').next().unwrap_or(&group);
            if name == deployed || name == function || group.ends_with(&format!("-{function}")) {
                lines.extend(self.log_lines(&group).await?);
            }
        }
        Ok(lines)
    }

    /// Writes the lines of every group to `<folder>/logs/<group>.log`, for a person who looks for a failure.
    ///
    /// # Errors
    /// When CloudWatch Logs refuses or the folder cannot be written.
    pub async fn save_logs(&self) -> Result<()> {
        let folder = self.folder.join("logs");
        std::fs::create_dir_all(&folder)?;
        for group in self.log_groups().await? {
            let mut text = self.log_lines(&group).await?.join("\n");
            text.push('\n');
            let file = group.trim_start_matches('/').replace('/', "-");
            std::fs::write(folder.join(format!("{file}.log")), text)?;
        }
        Ok(())
    }

    async fn log_groups(&self) -> Result<Vec<String>> {
        let answer = self.aws.json("logs", "Logs_20140328.DescribeLogGroups", &json!({"limit": 50})).await?;
        let groups = answer.get("logGroups").and_then(Value::as_array).into_iter().flatten();
        Ok(groups.filter_map(|group| group.get("logGroupName")?.as_str()).map(str::to_owned).collect())
    }

    async fn log_lines(&self, group: &str) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        let mut next = None;
        loop {
            let mut body = json!({"logGroupName": group, "limit": PAGE});
            if let (Some(body), Some(token)) = (body.as_object_mut(), next.take()) {
                body.insert("nextToken".to_owned(), token);
            }
            let answer = self.aws.json("logs", "Logs_20140328.FilterLogEvents", &body).await?;
            let events = answer.get("events").and_then(Value::as_array).into_iter().flatten();
            lines.extend(events.filter_map(|event| event.get("message")?.as_str()).map(str::to_owned));
            next = answer.get("nextToken").filter(|token| token.is_string()).cloned();
            if next.is_none() {
                return Ok(lines);
            }
        }
    }
}
