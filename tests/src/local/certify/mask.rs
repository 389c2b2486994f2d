//! The last look at a text before it is shown or kept: no secret that we know, and nothing as long as an ICCID.

/// What stands in a secret's place.
const MASKED: &str = "…";
/// Digits of the shortest ICCID.
const ICCID_DIGITS: usize = 18;
/// What every activation code begins with.
const LPA: &str = "LPA:1$";

/// The text without these secrets, activation codes and numbers as long as an ICCID.
#[must_use]
pub fn masked(text: &str, secrets: &[String]) -> String {
    let mut longest_first: Vec<&String> = secrets.iter().filter(|secret| !secret.is_empty()).collect();
    longest_first.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let known = longest_first.into_iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASKED));
    without_long_numbers(&without_codes(&known))
}

fn without_codes(text: &str) -> String {
    let mut parts = text.split(LPA);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_whitespace() || "`\"'<>|".contains(c)).unwrap_or(part.len());
        shown.push_str(MASKED);
        shown.push_str(part.get(end..).unwrap_or_default());
    }
    shown
}

fn without_long_numbers(text: &str) -> String {
    let (mut shown, mut digits) = (String::new(), String::new());
    let settle = |shown: &mut String, digits: &mut String| {
        shown.push_str(if digits.len() >= ICCID_DIGITS { MASKED } else { digits.as_str() });
        digits.clear();
    };
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else {
            settle(&mut shown, &mut digits);
            shown.push(c);
        }
    }
    settle(&mut shown, &mut digits);
    shown
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn known_secrets_codes_and_long_numbers_go() {
        let secrets = ["key".to_owned(), "key-and-more".to_owned(), String::new()];
        assert_eq!(masked("a key-and-more, a key", &secrets), "a …, a …");
        assert_eq!(masked("profile 8910300000000000017, 17 MB", &[]), "profile …, 17 MB");
        assert_eq!(masked("`LPA:1$smdp.example$CODE` and LPA:1$x$y", &[]), "`…` and …");
        assert_eq!(masked("12345678901234567 1.5 GB", &[]), "12345678901234567 1.5 GB");
    }
}
