//! What of an outside system's words may be repeated to people and logs. Refusals often quote what was sent:
//! e-mail addresses, ICCIDs and activation codes are taken out before anyone reads the sentence.

/// Shortest run of digits that is taken out: identifiers of devices and profiles have 15 and more, record ids fewer.
const LONG_NUMBER: usize = 15;

/// The text in one line, of `most` characters at most, with e-mail addresses, long numbers and activation codes replaced by `…`.
#[must_use]
pub fn repeatable(text: &str, most: usize) -> String {
    let mut words = String::new();
    let mut word = String::new();
    for c in text.chars() {
        if is_delimiter(c) {
            close_word(&mut words, &mut word);
            words.push(if c.is_whitespace() || c.is_control() { ' ' } else { c });
        } else {
            word.push(c);
        }
    }
    close_word(&mut words, &mut word);
    capped(&words.split_whitespace().collect::<Vec<_>>().join(" "), most)
}

fn is_delimiter(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' | '=' | '/' | '\\')
}

fn close_word(words: &mut String, word: &mut String) {
    if is_personal(word) {
        words.push('…');
    } else {
        words.push_str(word);
    }
    word.clear();
}

fn is_personal(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    lower.contains('@')
        || lower.contains("%40")
        || lower.contains("lpa:")
        || lower.contains("1$")
        || lower.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= LONG_NUMBER)
}

fn capped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::repeatable;

    #[test]
    fn addresses_go_wherever_they_stand() {
        let told = repeatable(r#"Contact {"email":"marie.o'neil+x@exemple.fr","a":1} and <paul@x.example>, also paul%40x.example"#, 200);
        for secret in ["exemple", "paul", "x.example", "neil+x"] {
            assert!(!told.contains(secret), "{told}");
        }
        assert!(told.starts_with("Contact"));
    }

    #[test]
    fn profile_numbers_and_codes_go_and_record_ids_stay() {
        let told = repeatable("id 10512345678 iccid 8933200000000000127F code LPA:1$smdp.example.com$K2 or 1$smdp.example.com$K2", 200);
        assert_eq!(told, "id 10512345678 iccid … code … or …");
    }

    #[test]
    fn the_sentence_is_one_line_and_not_longer_than_asked() {
        assert_eq!(repeatable("Property\n \"x\"\tdoes not exist", 100), "Property \"x\" does not exist");
        assert_eq!(repeatable("éééééééééé", 5), "éééé…");
    }
}
