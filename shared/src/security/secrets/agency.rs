//! The JSON of an agency's secret: read with errors that name the field, and changed without touching the rest.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::SecretError;
use crate::{config::Agency, domain::AccountName};

/// Secrets kept of one provider account's webhooks: the newest, and the one before it while deliveries signed with it are on their way.
const WEBHOOK_SECRETS_KEPT: usize = 2;

/// Reads an agency's settings. `name` is the secret's, for the error.
pub(super) fn read(name: &str, json: &SecretString) -> Result<Agency, SecretError> {
    let mut reader = serde_json::Deserializer::from_str(json.expose_secret());
    let agency = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = Some(error.path().to_string()).filter(|path| path != ".").unwrap_or_else(|| "(root)".to_owned());
        SecretError::unusable(name, field, problem(error.inner()))
    })?;
    reader.end().map_err(|_| SecretError::unusable(name, "(root)", "has text after the JSON"))?;
    Ok(agency)
}

/// An agency's settings from any text.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn read_agency(json: &str) -> Result<Agency, SecretError> {
    read("passerelle/agency/any", &SecretString::from(json))
}

/// What serde found wrong, without the value it quotes: only names of fields, what was expected, and our own words are passed on.
fn problem(error: &serde_json::Error) -> String {
    if !error.is_data() {
        return format!("is no JSON (line {}, column {})", error.line(), error.column());
    }
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(before, _)| before);
    let ours = ["missing field", "unknown field", "duplicate field", "must "].iter().any(|start| text.starts_with(start));
    match text.rsplit_once(", expected ") {
        _ if ours => text.to_owned(),
        Some((_, expected)) => format!("is of the wrong form: expected {expected}"),
        None => "is of the wrong form".to_owned(),
    }
}

/// The agency's JSON with a new webhook secret for one provider account: the new one first, the one before it kept, everything else as it was.
/// A secret that is already the newest changes nothing.
///
/// # Errors
/// The field at fault and what is wrong with it, when the JSON has no such account.
pub fn with_webhook_secret(mut json: Value, account: &AccountName, secret: &SecretString) -> Result<Value, (&'static str, &'static str)> {
    let providers = json.get_mut("providers").and_then(Value::as_array_mut).ok_or(("providers", "must be a list"))?;
    let provider = providers
        .iter_mut()
        .filter_map(Value::as_object_mut)
        .find(|provider| provider.get("account").and_then(Value::as_str) == Some(account.as_str()))
        .ok_or(("providers", "has no account of that name"))?;
    let kept = provider.entry("webhook_secrets").or_insert_with(|| Value::Array(Vec::new()));
    if kept.is_null() {
        *kept = Value::Array(Vec::new());
    }
    let kept = kept.as_array_mut().ok_or(("webhook_secrets", "must be a list"))?;
    let new = Value::String(secret.expose_secret().to_owned());
    kept.retain(|old| *old != new);
    kept.insert(0, new);
    kept.truncate(WEBHOOK_SECRETS_KEPT);
    Ok(json)
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

    use super::{SecretError, read, with_webhook_secret};
    use crate::domain::AccountName;
    use secrecy::{ExposeSecret, SecretString};
    use serde_json::{Value, json};

    pub fn sample() -> Value {
        json!({
            "name": "Voyages Horizon", "locale": "fr-FR", "timezone": "Europe/Paris", "currency": "EUR",
            "providers": [
                {"account": "airalo", "kind": "airalo", "base_url": "https://partners.example/v2/", "client_id": "id", "client_secret": "hunter2"},
                {"account": "reference", "kind": "reference", "base_url": "https://provider.example/", "client_id": "id",
                 "client_secret": "hunter2", "webhook_secrets": ["old", "older"], "minimum_tls": "1.2"}
            ],
            "email": {"kind": "sendgrid", "base_url": "https://api.sendgrid.com", "api_key": "SG.hunter2", "from": {"email": "a@example.com", "name": "A"}}
        })
    }

    fn broken(path: &str, value: Value) -> String {
        let mut json = sample();
        *json.pointer_mut(path).unwrap() = value;
        let error = read("passerelle/agency/demo", &SecretString::from(json.to_string())).unwrap_err();
        assert!(matches!(error, SecretError::Unusable { .. }));
        error.to_string()
    }

    #[test]
    fn an_agency_is_read_whole() {
        let agency = read("n", &SecretString::from(sample().to_string())).unwrap();
        assert_eq!(agency.name, "Voyages Horizon");
        let account = agency.account(&AccountName::parse("reference").unwrap()).unwrap();
        assert_eq!(account.webhook_secrets[1].expose_secret(), "older");
    }

    #[test]
    fn errors_name_the_field_and_never_the_value() {
        let number = broken("/providers/0/client_secret", json!(77_123));
        assert!(number.contains("passerelle/agency/demo") && number.contains("providers[0].client_secret"), "{number}");
        assert!(!number.contains("77123"), "{number}");
        let kind = broken("/providers/1/kind", json!("hunter2"));
        assert!(kind.contains("providers[1].kind") && kind.contains("`airalo`") && !kind.contains("hunter2"), "{kind}");
        let url = broken("/providers/1/base_url", json!("hunter2, expected"));
        assert!(url.contains("providers[1].base_url") && !url.contains("hunter2"), "{url}");
        let zone = broken("/timezone", json!("Mars/hunter2"));
        assert!(zone.contains("timezone") && zone.contains("IANA") && !zone.contains("hunter2"), "{zone}");
        let text = broken("/providers", json!("hunter2"));
        assert!(text.contains("providers") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn what_is_missing_or_too_much_is_named() {
        let mut json = sample();
        json["providers"][0].as_object_mut().unwrap().remove("client_id");
        let missing = read("n", &SecretString::from(json.to_string())).unwrap_err().to_string();
        assert!(missing.contains("providers[0]") && missing.contains("client_id"), "{missing}");
        let mut json = sample();
        json["providers"][0]["clientsecret"] = json!("hunter2");
        let unknown = read("n", &SecretString::from(json.to_string())).unwrap_err().to_string();
        assert!(unknown.contains("clientsecret") && !unknown.contains("hunter2"), "{unknown}");
        let no_json = read("n", &SecretString::from("hunter2 {")).unwrap_err().to_string();
        assert!(no_json.contains("no JSON") && !no_json.contains("hunter2"), "{no_json}");
        assert!(read("n", &SecretString::from(format!("{} hunter2", sample()))).is_err());
    }

    #[test]
    fn a_webhook_secret_comes_first_and_disturbs_nothing() {
        let account = AccountName::parse("reference").unwrap();
        let changed = with_webhook_secret(sample(), &account, &SecretString::from("new")).unwrap();
        assert_eq!(changed["providers"][1]["webhook_secrets"], json!(["new", "old"]));
        let again = with_webhook_secret(changed.clone(), &account, &SecretString::from("new")).unwrap();
        assert_eq!(again, changed);
        let mut without = changed;
        without["providers"][1]["webhook_secrets"] = json!(["old", "older"]);
        assert_eq!(without, sample());
    }

    #[test]
    fn an_account_without_secrets_gets_its_first_and_an_unknown_one_none() {
        let first = with_webhook_secret(sample(), &AccountName::parse("airalo").unwrap(), &SecretString::from("new")).unwrap();
        assert_eq!(first["providers"][0]["webhook_secrets"], json!(["new"]));
        assert!(with_webhook_secret(sample(), &AccountName::parse("nobody").unwrap(), &SecretString::from("new")).is_err());
        assert!(with_webhook_secret(json!([]), &AccountName::parse("airalo").unwrap(), &SecretString::from("new")).is_err());
    }
}
