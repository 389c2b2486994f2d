//! What the guide says that v3.1 refuses (Mailjet, "Errors").

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::super::core::json::{list, text, truth};
use super::Fault;

const MOST_MESSAGES: usize = 50;
const MOST_RECIPIENTS: usize = 50;
const LONGEST_SUBJECT: usize = 255;
/// Bytes of all attachments: 15 MB.
const LARGEST_FILES: usize = 15 * 1_048_576;
const PROPERTIES: [&str; 24] = [
    "From",
    "Sender",
    "To",
    "Cc",
    "Bcc",
    "ReplyTo",
    "Subject",
    "TextPart",
    "HTMLPart",
    "TemplateID",
    "TemplateLanguage",
    "Variables",
    "TemplateErrorReporting",
    "TemplateErrorDeliver",
    "Attachments",
    "InlinedAttachments",
    "CustomID",
    "EventPayload",
    "CustomCampaign",
    "DeduplicateCampaign",
    "TrackOpens",
    "TrackClicks",
    "Priority",
    "Headers",
];

/// The request around the messages.
pub fn check_root(body: &Value) -> Result<(), Fault> {
    for name in ["SandboxMode", "AdvanceErrorHandling"] {
        if body.get(name).is_some_and(|value| !value.is_boolean()) {
            return Err(Fault::new("mj-0004", 400, "Type mismatch. Expected type \"boolean\".", name));
        }
    }
    match body.get("Messages") {
        None | Some(Value::Null) => Err(Fault::new("mj-0003", 400, "\"Messages\" is mandatory.", "Messages")),
        Some(Value::Array(all)) if all.is_empty() => Err(Fault::new("mj-0007", 400, "\"Messages\" should not be empty.", "Messages")),
        Some(Value::Array(all)) if all.len() > MOST_MESSAGES => Err(Fault::new("mj-0008", 400, "Too many messages.", "Messages")),
        Some(Value::Array(_)) => Ok(()),
        Some(_) => Err(Fault::new("mj-0004", 400, "Type mismatch. Expected type \"array\".", "Messages")),
    }
}

/// All faults of one message.
pub fn check(mail: &Value, senders: &[String], templates: &[u64]) -> Vec<Fault> {
    let mut faults = Vec::new();
    unknown(mail, &mut faults);
    people(mail, senders, &mut faults);
    words(mail, templates, &mut faults);
    tracking(mail, &mut faults);
    files(mail, &mut faults);
    faults
}

fn unknown(mail: &Value, faults: &mut Vec<Fault>) {
    for name in mail.as_object().into_iter().flat_map(|members| members.keys()) {
        if !PROPERTIES.contains(&name.as_str()) {
            faults.push(Fault::new("mj-0002", 400, "Malformed JSON, please review the syntax and properties types.", name));
        }
    }
}

fn people(mail: &Value, senders: &[String], faults: &mut Vec<Fault>) {
    match mail.get("From") {
        None => faults.push(Fault::new("mj-0003", 400, "\"From\" is mandatory.", "From")),
        Some(from) => {
            address(from, "From", faults);
            let email = text(from, "Email").unwrap_or_default().to_lowercase();
            let fits = |entry: &String| email == entry.to_lowercase() || email.ends_with(&format!("@{}", entry.to_lowercase()));
            if !senders.is_empty() && !senders.iter().any(fits) {
                let told = format!("\"{email}\" is not an authorized sender email address for your account.");
                faults.push(Fault::new("send-0008", 403, &told, "From"));
            }
        }
    }
    let all: Vec<&Value> = ["To", "Cc", "Bcc"].iter().flat_map(|kind| list(mail, kind)).collect();
    match mail.get("To") {
        None => faults.push(Fault::new("mj-0003", 400, "At least \"To\" must be provided.", "To")),
        Some(Value::Array(to)) if to.is_empty() => faults.push(Fault::new("mj-0007", 400, "\"To\" should not be empty.", "To")),
        Some(_) => all.iter().for_each(|recipient| address(recipient, "To", faults)),
    }
    let distinct: HashSet<String> = all.iter().filter_map(|one| text(one, "Email")).map(str::to_lowercase).collect();
    if distinct.len() > MOST_RECIPIENTS {
        faults.push(Fault::new("send-0015", 400, "There are too many recipients.", "To"));
    }
}

fn address(value: &Value, place: &str, faults: &mut Vec<Fault>) {
    let related = format!("{place}.Email");
    match text(value, "Email") {
        None => faults.push(Fault::new("mj-0003", 400, "\"Email\" is mandatory.", &related)),
        Some("") => faults.push(Fault::new("mj-0012", 400, "\"Email\" should not be empty.", &related)),
        Some(email)
            if !email.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.') && !email.contains(' ')) =>
        {
            faults.push(Fault::new("mj-0013", 400, &format!("\"{email}\" is an invalid email address."), &related));
        }
        Some(_) => {}
    }
}

fn words(mail: &Value, templates: &[u64], faults: &mut Vec<Fault>) {
    let written = |name: &str| text(mail, name).is_some_and(|part| !part.is_empty());
    let template = mail.get("TemplateID");
    if !written("TextPart") && !written("HTMLPart") && template.is_none() {
        faults.push(Fault::new("send-0003", 400, "At least \"HTMLPart\", \"TextPart\" or \"TemplateID\" must be provided.", "HTMLPart"));
    }
    match template.map(Value::as_u64) {
        None => {}
        Some(None) => faults.push(Fault::new("mj-0004", 400, "Type mismatch. Expected type \"integer\".", "TemplateID")),
        Some(Some(id)) if !templates.contains(&id) => {
            faults.push(Fault::new("send-0010", 400, "Template ID doesn't exist for your account.", "TemplateID"));
        }
        // Every template here has an HTML part.
        Some(Some(_)) if written("HTMLPart") => {
            faults.push(Fault::new("send-0004", 400, "The template already has an HTML part.", "HTMLPart"));
        }
        Some(Some(_)) => {}
    }
    let about_templates = mail.get("TemplateErrorReporting").is_some() || mail.get("TemplateErrorDeliver").is_some();
    if about_templates && !truth(mail, "TemplateLanguage") {
        faults.push(Fault::new("send-0016", 400, "\"TemplateErrorReporting\" needs \"TemplateLanguage\".", "TemplateErrorReporting"));
    }
    if text(mail, "Subject").is_some_and(|subject| subject.chars().count() > LONGEST_SUBJECT) {
        faults.push(Fault::new("mj-0006", 400, "The subject is too long.", "Subject"));
    }
}

fn tracking(mail: &Value, faults: &mut Vec<Fault>) {
    for name in ["TrackOpens", "TrackClicks"] {
        let Some(value) = mail.get(name) else { continue };
        let allowed = value.as_str().is_some_and(|value| ["account_default", "disabled", "enabled"].contains(&value));
        if !allowed || mail.get("HTMLPart").is_none() {
            faults.push(Fault::new("mj-0005", 400, "The value is not allowed.", name));
        }
    }
}

fn files(mail: &Value, faults: &mut Vec<Fault>) {
    let mut size = 0;
    for kind in ["Attachments", "InlinedAttachments"] {
        for (place, file) in list(mail, kind).iter().enumerate() {
            for name in ["ContentType", "Filename", "Base64Content"] {
                match text(file, name) {
                    None => faults.push(Fault::new("mj-0003", 400, "A mandatory property is missing.", &format!("{kind}[{place}].{name}"))),
                    Some("") => {
                        faults.push(Fault::new("mj-0012", 400, "The text should not be empty.", &format!("{kind}[{place}].{name}")))
                    }
                    Some(_) => {}
                }
            }
            match STANDARD.decode(text(file, "Base64Content").unwrap_or_default()) {
                Ok(bytes) => size += bytes.len(),
                Err(_) => {
                    faults.push(Fault::new("mj-0004", 400, "Type mismatch. Expected base64.", &format!("{kind}[{place}].Base64Content")))
                }
            }
        }
    }
    if size > LARGEST_FILES {
        faults.push(Fault::new("mj-0011", 400, "The attachments are too large.", "Attachments"));
    }
    // Stricter than the live service: a picture that is not there is shown as broken.
    let known: HashSet<&str> = list(mail, "InlinedAttachments").iter().filter_map(|file| text(file, "ContentID")).collect();
    let ends = |c: char| matches!(c, '"' | '\'' | ')' | '>' | ' ');
    let wanted = text(mail, "HTMLPart").unwrap_or_default().split("cid:").skip(1).filter_map(|rest| rest.split(ends).next());
    for id in wanted.filter(|id| !known.contains(id)) {
        faults.push(Fault::new("mj-0005", 400, &format!("The HTML refers to a ContentID that no attachment has: {id}"), "HTMLPart"));
    }
}
