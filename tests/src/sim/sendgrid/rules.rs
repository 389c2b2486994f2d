//! What the live API checks beyond its published schema (SendGrid v3, "Send" and "Checking our requests offline").

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;

use super::super::core::json::{list, object, text, texts};
use super::super::core::reply::Reply;
use super::error;

/// Bytes of a whole message, attachments included: 30 MB.
pub const LARGEST_MESSAGE: usize = 30 * 1_048_576;
const MOST_RECIPIENTS: usize = 1_000;
/// Seconds that `send_at` may lie ahead.
const FURTHEST: i64 = 72 * 3_600;

type Check = Result<(), Reply>;

fn refuse(message: &str, field: &str) -> Check {
    Err(error(400, message, Some(field)))
}

/// All rules that need nothing but the body.
pub fn check(body: &Value) -> Check {
    check_recipients(body)?;
    check_content(body)?;
    check_categories(body)?;
    check_custom_args(body)?;
    check_attachments(body)?;
    if let Some(enable) = body.pointer("/mail_settings/sandbox_mode/enable")
        && !enable.is_boolean()
    {
        return refuse("The sandbox mode enable param should be a boolean value.", "mail_settings.sandbox_mode.enable");
    }
    if body.get("reply_to").is_some() && body.get("reply_to_list").is_some() {
        return refuse("Only one of reply_to and reply_to_list may be used.", "reply_to_list");
    }
    Ok(())
}

fn check_recipients(body: &Value) -> Check {
    let personalizations = list(body, "personalizations");
    if personalizations.is_empty() {
        return refuse("You must have at least one personalization.", "personalizations");
    }
    if personalizations.len() > MOST_RECIPIENTS {
        return refuse("There is a limit of 1000 personalizations per request.", "personalizations");
    }
    let mut seen = HashSet::new();
    for (index, personalization) in personalizations.iter().enumerate() {
        if list(personalization, "to").is_empty() {
            return refuse(
                "The to array is required for all personalization objects, and must have at least one email object with a valid email address.",
                &format!("personalizations.{index}.to"),
            );
        }
        for kind in ["to", "cc", "bcc"] {
            for (place, recipient) in list(personalization, kind).iter().enumerate() {
                let field = format!("personalizations.{index}.{kind}.{place}.email");
                let address = text(recipient, "email").unwrap_or_default();
                if !is_address(address) {
                    return refuse("Does not contain a valid address.", &field);
                }
                if !seen.insert(address.to_lowercase()) {
                    return refuse(
                        "Each unique email address in the personalizations array should only be included once. We have found the following duplicates.",
                        &field,
                    );
                }
            }
        }
    }
    if seen.len() > MOST_RECIPIENTS {
        return refuse("There is a limit of 1000 total recipients (to + cc + bcc) per request.", "personalizations");
    }
    match body.pointer("/from/email").and_then(Value::as_str) {
        Some(address) if is_address(address) => Ok(()),
        _ => refuse(
            "The from object must be provided for every email send. It is an object that requires the email parameter, but may also contain a name parameter.",
            "from.email",
        ),
    }
}

/// One `@`, something before it, a dotted name after it, no spaces or brackets.
fn is_address(address: &str) -> bool {
    let odd = |character: char| character.is_whitespace() || character.is_control() || "<>(),;:\"[]".contains(character);
    match address.split_once('@') {
        Some((local, host)) => {
            !local.is_empty()
                && !host.contains('@')
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
                && !address.contains(odd)
        }
        None => false,
    }
}

fn check_content(body: &Value) -> Check {
    let content = list(body, "content");
    let template = text(body, "template_id").is_some();
    if content.is_empty() && !template {
        return refuse("The content param is required. You must provide the content or a template_id.", "content");
    }
    let types: Vec<&str> = content.iter().map(|part| text(part, "type").unwrap_or_default()).collect();
    if types.iter().any(|kind| kind.is_empty()) {
        return refuse("The content type is required.", "content.0.type");
    }
    if content.iter().any(|part| text(part, "value").is_none_or(str::is_empty)) {
        return refuse("The content value must be a string at least one character in length.", "content.0.value");
    }
    let position = |wanted: &str| types.iter().position(|kind| *kind == wanted);
    if position("text/plain").is_some_and(|plain| plain != 0) {
        return refuse(
            "If present, text/plain and text/html may only be provided once, and text/plain must be first, followed by text/html.",
            "content",
        );
    }
    if types.iter().collect::<HashSet<_>>().len() != types.len() {
        return refuse("If present, text/plain and text/html may only be provided once.", "content");
    }
    let subject_of = |value: &Value| text(value, "subject").is_some_and(|subject| !subject.trim().is_empty());
    let everywhere = list(body, "personalizations").iter().all(subject_of);
    if !template && !subject_of(body) && !everywhere {
        return refuse(
            "The subject is required. You can get around this requirement if you use a template with a subject defined or if every personalization has a subject defined.",
            "subject",
        );
    }
    Ok(())
}

fn check_categories(body: &Value) -> Check {
    let categories = texts(body, "categories");
    if categories.len() > 10 {
        return refuse("A message cannot have more than 10 categories.", "categories");
    }
    if categories.iter().any(|category| category.chars().count() > 255) {
        return refuse("A category cannot have more than 255 characters.", "categories");
    }
    if categories.iter().collect::<HashSet<_>>().len() != categories.len() {
        return refuse("Each category should be unique.", "categories");
    }
    Ok(())
}

/// Texts only, and at most 10,000 bytes a message.
fn check_custom_args(body: &Value) -> Check {
    for (index, personalization) in list(body, "personalizations").iter().enumerate() {
        let field = format!("personalizations.{index}.custom_args");
        let Some(arguments) = object(personalization, "custom_args") else {
            continue;
        };
        if arguments.values().any(|value| !value.is_string()) {
            return refuse("The custom_args values must be strings.", &field);
        }
        if serde_json::to_string(arguments).unwrap_or_default().len() > 10_000 {
            return refuse("The total size of custom_args must be less than 10000 bytes.", &field);
        }
    }
    Ok(())
}

/// Base64, named, and every `cid:` of the HTML has its picture.
fn check_attachments(body: &Value) -> Check {
    let attachments = list(body, "attachments");
    for (index, attachment) in attachments.iter().enumerate() {
        let content = text(attachment, "content").unwrap_or_default();
        if content.is_empty() || STANDARD.decode(content).is_err() {
            return refuse("The attachment content must be base64 encoded.", &format!("attachments.{index}.content"));
        }
        if text(attachment, "filename").is_none_or(str::is_empty) {
            return refuse("The attachment filename is required.", &format!("attachments.{index}.filename"));
        }
        if text(attachment, "content_id").is_some_and(|id| id.contains(['<', '>'])) {
            return refuse("The content_id must not contain angle brackets.", &format!("attachments.{index}.content_id"));
        }
        let inline = text(attachment, "disposition") == Some("inline");
        if inline && text(attachment, "content_id").is_none_or(str::is_empty) {
            return refuse("An inline attachment needs a content_id.", &format!("attachments.{index}.content_id"));
        }
    }
    let known: HashSet<&str> = attachments.iter().filter_map(|attachment| text(attachment, "content_id")).collect();
    for part in list(body, "content").iter().filter(|part| text(part, "type") == Some("text/html")) {
        for id in cids(text(part, "value").unwrap_or_default()) {
            if !known.contains(id) {
                return refuse("The HTML refers to a content_id that no attachment has.", "content");
            }
        }
    }
    Ok(())
}

/// The content ids that an HTML text refers to as `cid:…` in an attribute.
fn cids(html: &str) -> Vec<&str> {
    let ends = |character: char| matches!(character, '"' | '\'' | ')' | '>' | ' ');
    html.split("cid:").skip(1).filter_map(|rest| rest.split(ends).next()).collect()
}

/// 403 for a sender that is not verified. No list stands for everybody.
pub fn check_sender(body: &Value, verified: &[String]) -> Check {
    let from = body.pointer("/from/email").and_then(Value::as_str).unwrap_or_default();
    let fits = |entry: &String| from.eq_ignore_ascii_case(entry) || from.to_lowercase().ends_with(&format!("@{}", entry.to_lowercase()));
    if verified.is_empty() || verified.iter().any(fits) {
        return Ok(());
    }
    Err(error(
        403,
        "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved. Visit https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see the Sender Identity requirements",
        Some("from"),
    ))
}

/// A dynamic template must look like one and exist.
pub fn check_template(body: &Value, known: &[String]) -> Check {
    let Some(id) = text(body, "template_id") else {
        return Ok(());
    };
    let dynamic = id.strip_prefix("d-").is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if !dynamic || !known.iter().any(|template| template == id) {
        return refuse("The template_id must be a valid GUID, you provided one that does not exist.", "template_id");
    }
    Ok(())
}

/// At most 72 hours ahead of the simulator's clock.
pub fn check_schedule(body: &Value, now: Timestamp) -> Check {
    let of_each = list(body, "personalizations").iter().filter_map(|personalization| personalization.get("send_at"));
    for at in of_each.chain(body.get("send_at")) {
        if at.as_i64().is_none_or(|at| at - now.as_second() > FURTHEST) {
            return refuse("The send_at param must be an integer that represents Unix epoch time (UTC), within 72 hours.", "send_at");
        }
    }
    Ok(())
}
