//! Providers' own words, made fit for people, logs and tables: short, on one line, and free of what installs or names somebody.

/// Longest reason kept, in characters.
const LONGEST: usize = 200;
/// An ICCID has 18 to 20 digits (SGP.22 §5.2.1); longer runs (an EID has 32) are no less personal.
const ICCID_DIGITS: usize = 18;

/// The text without ICCIDs, activation codes, e-mail addresses and control characters, 200 characters at most.
pub(super) fn reason(text: &str) -> String {
    cleaned(text, LONGEST).unwrap_or_else(|| "no reason given".to_owned())
}

/// As [`reason()`], `longest` characters at most; `None` when nothing is left.
pub(super) fn cleaned(text: &str, longest: usize) -> Option<String> {
    let words: Vec<String> = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).map(word).collect();
    let safe = without_long_numbers(&words.join(" "));
    let cut = safe.chars().nth(longest).is_some();
    let safe = if cut { safe.chars().take(longest.saturating_sub(1)).chain(['…']).collect() } else { safe };
    (!safe.is_empty()).then_some(safe)
}

/// One word, or what stands for it. An activation code is `LPA:` or `1$host$token` (SGP.22 §4.1).
fn word(word: &str) -> String {
    let upper = word.to_ascii_uppercase();
    if upper.contains("LPA:") || upper.contains("LPA%3A") || word.matches('$').count() >= 2 {
        return "[activation code]".to_owned();
    }
    if word.contains('@') {
        return "[e-mail]".to_owned();
    }
    word.to_owned()
}

/// Replaces runs of 18 or more digits, also when they are grouped by single spaces or hyphens.
fn without_long_numbers(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut run = String::new();
    let mut digits = 0;
    for c in text.chars() {
        if c.is_ascii_digit() {
            run.push(c);
            digits += 1;
        } else if digits > 0 && matches!(c, ' ' | '-') && !run.ends_with([' ', '-']) {
            run.push(c);
        } else {
            flush(&mut safe, &mut run, digits);
            digits = 0;
            safe.push(c);
        }
    }
    flush(&mut safe, &mut run, digits);
    safe
}

fn flush(safe: &mut String, run: &mut String, digits: usize) {
    if digits >= ICCID_DIGITS {
        safe.push_str("[ICCID]");
        if run.ends_with(' ') {
            safe.push(' ');
        }
    } else {
        safe.push_str(run);
    }
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::reason;
    use proptest::prelude::*;

    #[test]
    fn what_installs_or_names_somebody_is_taken_out() {
        assert_eq!(reason("The sim 8933200000000000127 is recycled."), "The sim [ICCID] is recycled.");
        assert_eq!(reason("iccid:89332000-0000-0000-127F gone"), "iccid:[ICCID]F gone");
        assert_eq!(reason("8933 2000 0000 0000 127 is gone"), "[ICCID] is gone");
        assert_eq!(reason("use lpa:1$smdp.example.com$K2-48XR now"), "use [activation code] now");
        assert_eq!(reason("code=1$smdp.example.com$K2"), "[activation code]");
        assert_eq!(reason("ask anna@example.com"), "ask [e-mail]");
    }

    #[test]
    fn ordinary_words_stay() {
        let text = "SIM quantity is not available. Available quantity: 9. Order 20261101-000123";
        assert_eq!(reason(text), text);
        assert_eq!(reason(" \n\t"), "no reason given");
        assert_eq!(reason("two\nlines"), "two lines");
    }

    proptest! {
        #[test]
        fn a_reason_is_short_and_holds_no_iccid(before in "\\PC{0,250}", iccid in "89[0-9]{16,18}", after in "\\PC{0,250}") {
            let safe = reason(&format!("{before} {iccid} {after}"));
            prop_assert!(safe.chars().count() <= 200);
            prop_assert!(!safe.contains(&iccid));
        }
    }
}
