//! The one account that is certified, and the agency that has nothing but it.

use serde_json::{Map, Value, json};

use crate::local::agency;
use crate::sim::Sim;
use crate::stack::{Result, StackError};

/// Members of an account that are no secret.
const PLAIN: [&str; 11] =
    ["account", "kind", "base_url", "token_url", "currency", "api_version", "minimum_tls", "airalo", "one_global", "telna", "bics"];
/// Shorter texts are words, which would black out half of a report.
const SHORTEST_SECRET: usize = 6;

/// An account of an agency's file.
#[derive(Clone)]
pub struct Account {
    settings: Map<String, Value>,
}

impl Account {
    /// The account of this name.
    ///
    /// # Errors
    /// When there is none: the names that there are.
    pub fn named(agency: &Value, name: &str) -> Result<Self> {
        let accounts = agency.get("providers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let called = |account: &Value| account.get("account").and_then(Value::as_str).map(str::to_owned);
        match accounts.iter().find(|account| called(account).as_deref() == Some(name)).and_then(Value::as_object) {
            Some(settings) => Ok(Self { settings: settings.clone() }),
            None => {
                let names: Vec<String> = accounts.iter().filter_map(called).collect();
                let there = if names.is_empty() { "it has no account under `providers`".to_owned() } else { names.join(", ") };
                Err(StackError::new(format!("--provider {name}: the agency has no account of this name; there is: {there}")))
            }
        }
    }

    /// A text of its settings; empty when there is none.
    #[must_use]
    pub fn text(&self, member: &str) -> &str {
        self.settings.get(member).and_then(Value::as_str).unwrap_or_default()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text("account")
    }

    /// The kind of provider, as our functions name it in their logs.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text("kind")
    }

    /// Where its API is, without what may be secret in an address.
    #[must_use]
    pub fn address(&self) -> String {
        let Ok(mut url) = url::Url::parse(self.text("base_url")) else { return "no URL".to_owned() };
        let hidden = url.set_username("").and_then(|()| url.set_password(None));
        url.set_query(None);
        hidden.map_or_else(|()| url.scheme().to_owned(), |()| url.to_string())
    }

    /// Whether its API is on this machine.
    #[must_use]
    pub fn is_here(&self) -> bool {
        agency::buys_only_here(&json!({"providers": [self.settings]}))
    }

    /// What of it must never be shown.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let mut found = Vec::new();
        let shown = |name: &str, value: &Value| PLAIN.contains(&name) || (name == "client_id" && is_word(value));
        for (_, value) in self.settings.iter().filter(|(name, value)| !shown(name, value)) {
            texts(value, &mut found);
        }
        found.retain(|text| text.len() >= SHORTEST_SECRET && text != self.name() && text != self.kind());
        found
    }

    /// The agency of the file with nothing but this account, and with its mails going to a simulator. Its CRM is left alone. Without
    /// `webhooks` the account has no address for them, so that none is registered.
    ///
    /// # Errors
    /// When webhooks are wanted and the account has no `webhook_account`.
    pub fn alone(&self, agency: &Value, letter_box: &Sim, webhooks: bool) -> Result<Value> {
        let mut settings = self.settings.clone();
        if !webhooks {
            settings.remove("webhook_account");
        } else if self.text("webhook_account").is_empty() {
            let told = format!("--webhooks: the account {} has no webhook_account, the last part of its address", self.name());
            return Err(StackError::new(told));
        }
        let mut alone = agency.as_object().cloned().unwrap_or_default();
        alone.remove("crm");
        alone.remove("fail_over");
        alone.insert("providers".to_owned(), json!([settings]));
        let from = json!({"email": "certification@passerelle.example", "name": "Certification"});
        let email = json!({
            "kind": "sendgrid", "base_url": letter_box.base_url, "api_key": letter_box.credential("api_key"), "from": from,
        });
        alone.insert("email".to_owned(), email);
        Ok(alone.into())
    }
}

/// A client id that is any name, since its provider uses none; others are half of the credentials.
fn is_word(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// Every text in a value.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing step fails the test")]

    use serde_json::{Value, json};

    use super::Account;

    fn agency() -> Value {
        json!({"name": "Horizon", "crm": {"kind": "hubspot"}, "fail_over": {"rule": "ask"}, "providers": [
            {"account": "telna", "kind": "telna", "base_url": "https://user:hidden-1@api.telna.example/v2?key=hidden-2",
             "client_id": "anything", "client_secret": "hidden-3", "webhook_account": "wh_hidden-4", "webhook_secrets": ["hidden-5"]},
            {"account": "go", "kind": "esim-go", "base_url": "http://127.0.0.1:4010/v2.5"},
        ]})
    }

    #[test]
    fn a_name_that_is_not_there_is_answered_with_those_that_are() {
        let told = Account::named(&agency(), "airalo").err().unwrap().to_string();
        assert!(told.contains("airalo") && told.contains("telna, go"), "{told}");
        assert!(Account::named(&json!({}), "airalo").err().unwrap().to_string().contains("no account under `providers`"));
    }

    #[test]
    fn what_is_shown_of_an_account_holds_no_secret() {
        let account = Account::named(&agency(), "telna").unwrap();
        assert_eq!((account.name(), account.kind(), account.address().as_str()), ("telna", "telna", "https://api.telna.example/v2"));
        assert_eq!(account.secrets(), ["hidden-3", "wh_hidden-4", "hidden-5"]);
        assert!(!account.is_here() && Account::named(&agency(), "go").unwrap().is_here());
    }

    #[tokio::test]
    async fn nothing_but_the_account_is_left_and_nobody_else_is_reached() {
        let letter_box = crate::sim::sendgrid::start(None).await.unwrap();
        let account = Account::named(&agency(), "telna").unwrap();
        let alone = account.alone(&agency(), &letter_box, false).unwrap();
        assert_eq!(alone.pointer("/providers/0/account"), Some(&json!("telna")));
        assert!(alone.pointer("/providers/1").is_none() && alone.pointer("/providers/0/webhook_account").is_none());
        assert!(alone.get("crm").is_none() && alone.get("fail_over").is_none() && alone.get("name").is_some());
        assert_eq!(alone.pointer("/email/base_url"), Some(&json!(letter_box.base_url)));
        let with = account.alone(&agency(), &letter_box, true).unwrap();
        assert_eq!(with.pointer("/providers/0/webhook_account"), Some(&json!("wh_hidden-4")));
        let without_address = Account::named(&agency(), "go").unwrap().alone(&agency(), &letter_box, true);
        assert!(without_address.err().unwrap().to_string().contains("webhook_account"));
    }
}
