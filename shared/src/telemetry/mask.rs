//! The net below the types that cannot print: whatever in a text looks like an ICCID, an activation code, an e-mail address or a credential is
//! replaced. It masks too much rather than too little, and knows nothing of what a text means: a secret of no known form passes it.

/// What stands where something was masked.
pub const MASKED: &str = "[masked]";

/// The fewest digits of an ICCID.
const ICCID_DIGITS: usize = 18;
/// The most digits of an ICCID.
const ICCID_DIGITS_MOST: usize = 20;
/// Lengths of hexadecimal words that are ids and hashes: MD5 and trace ids, SHA-1, SHA-256, SHA-512.
const HASH_LENGTHS: [usize; 4] = [32, 40, 64, 128];

/// The text without what must not be read.
#[must_use]
pub fn mask(text: &str) -> String {
    mask_numbers(&mask_words(text))
}

/// Masks whole words: codes, addresses and credentials have no blanks.
fn mask_words(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut scheme = "";
    for piece in text.split_inclusive(is_boundary) {
        let word = piece.trim_end_matches(is_boundary);
        let boundary = piece.get(word.len()..).unwrap_or_default();
        masked.push_str(if is_credential(word, scheme) || is_secret(word) { MASKED } else { word });
        masked.push_str(boundary);
        if !word.is_empty() {
            scheme = word;
        }
    }
    masked
}

fn is_boundary(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';')
}

/// Whether the word follows the name of an HTTP authentication scheme.
fn is_credential(word: &str, scheme: &str) -> bool {
    let after = |name: &str| ends_with_ignoring_case(scheme, name);
    !word.is_empty() && (after("bearer") || (after("basic") && word.len() >= 12))
}

fn ends_with_ignoring_case(text: &str, end: &str) -> bool {
    text.len().checked_sub(end.len()).and_then(|start| text.get(start..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

fn is_secret(word: &str) -> bool {
    if word.contains('%') {
        let decoded = word.replace("%40", "@").replace("%24", "$").replace("%3A", ":").replace("%3a", ":");
        return is_activation_code(&decoded) || has_address(&decoded) || is_token(&decoded);
    }
    is_activation_code(word) || has_address(word) || is_token(word)
}

/// `LPA:1$host$token`, with or without its prefix (SGP.22 §4.1).
fn is_activation_code(word: &str) -> bool {
    word.to_ascii_lowercase().contains("lpa:1") || word.split_once("1$").is_some_and(|(_, rest)| rest.contains('$'))
}

/// Something, an `@`, and a host with a dot.
fn has_address(word: &str) -> bool {
    word.match_indices('@').any(|(place, _)| {
        let (local, host) = (word.get(..place).unwrap_or_default(), word.get(place + 1..).unwrap_or_default());
        let end = host.find(|c: char| !c.is_alphanumeric() && c != '.' && c != '-').unwrap_or(host.len());
        local.ends_with(|c: char| !matches!(c, '/' | ':' | '=')) && host.get(..end).is_some_and(|host| host.trim_matches('.').contains('.'))
    })
}

/// The credentials that this house handles: JSON web tokens, SendGrid keys, webhook secrets, HubSpot tokens.
fn is_token(word: &str) -> bool {
    let long_after = |mark: &str, least: usize| word.split_once(mark).is_some_and(|(_, rest)| rest.len() >= least);
    long_after("eyJ", 17) || long_after("SG.", 10) || long_after("whsec_", 8) || long_after("pat-eu1-", 8) || long_after("pat-na", 8)
}

/// Masks numbers of an ICCID's length: written together, or in groups that begin with the 89 of every ICCID.
fn mask_numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let in_hash = is_in_hash(text, text.len() - from.len());
        let group = digits(from);
        let taken = if in_hash { None } else { iccid_length(from) };
        masked.push_str(before);
        masked.push_str(if taken.is_some() { MASKED } else { from.get(..group).unwrap_or_default() });
        rest = from.get(taken.unwrap_or(group)..).unwrap_or_default();
    }
    masked.push_str(rest);
    masked
}

/// How many characters of the text, which begins with a digit, are an ICCID.
fn iccid_length(text: &str) -> Option<usize> {
    let together = digits(text);
    if together >= ICCID_DIGITS {
        return Some(together);
    }
    if !text.starts_with("89") {
        return None;
    }
    let (mut length, mut count) = (together, together);
    while count < ICCID_DIGITS {
        let group = digits(text.get(length..)?.strip_prefix([' ', '-'])?);
        if group == 0 {
            return None;
        }
        length += 1 + group;
        count += group;
    }
    (count <= ICCID_DIGITS_MOST).then_some(()).map(|()| with_last_groups(text, length, count))
}

/// Takes in the last one or two digits when they stand apart (`8944 5011 2345 6789 01 2`).
fn with_last_groups(text: &str, length: usize, count: usize) -> usize {
    let next = text.get(length..).and_then(|rest| rest.strip_prefix([' ', '-'])).map_or(0, digits);
    if next > 0 && count + next <= ICCID_DIGITS_MOST { with_last_groups(text, length + 1 + next, count + next) } else { length }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Whether the place is in a hexadecimal word as long as a hash or a trace id.
fn is_in_hash(text: &str, place: usize) -> bool {
    let Some((before, after)) = text.split_at_checked(place) else { return false };
    let hexadecimal = |c: char| c.is_ascii_hexdigit();
    let (left, right) = (before.trim_end_matches(hexadecimal), after.trim_start_matches(hexadecimal));
    HASH_LENGTHS.contains(&(text.len() - left.len() - right.len()))
        && !left.ends_with(char::is_alphanumeric)
        && !right.starts_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::{MASKED, mask};
    use proptest::prelude::*;

    #[test]
    fn secrets_are_masked_and_what_surrounds_them_stays() {
        for (text, expected) in [
            ("iccid 8944501123456789012 found", "iccid [masked] found"),
            ("/v2/sims/8944501123456789012/usage", "/v2/sims/[masked]/usage"),
            ("iccid8944501123456789012F", "iccid[masked]F"),
            ("8944 5011 2345 6789 012", "[masked]"),
            ("8944-5011-2345-6789-0123.", "[masked]."),
            ("89 4450 1123 4567 8901 2", "[masked]"),
            ("scan LPA:1$smdp.example$ABC-123 now", "scan [masked] now"),
            ("code=1$smdp.example$ABC-123$1.3.6.1", "[masked]"),
            ("LPA%3A1%24smdp.example%24ABC", "[masked]"),
            ("to Marie <marie.dupont+x@mail.example.com>", "to Marie <[masked]>"),
            (r#"{"email":"marie@example.com"}"#, r#"{"email":"[masked]"}"#),
            ("?q=marie%40example.com", "[masked]"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer [masked]"),
            ("authorization: bearer  x", "authorization: bearer  [masked]"),
            ("Basic aWQ6c2VjcmV0LXRleHQ=", "Basic [masked]"),
            ("key SG.abcdefgh.ijklmnop", "key [masked]"),
            ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "jwt [masked]"),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "[masked]"),
        ] {
            assert_eq!(mask(text), expected, "{text}");
        }
    }

    #[test]
    fn harmless_texts_stay_as_they_are() {
        for text in [
            "",
            "order ord_01JDQ8ZK3N5T8Y2W4V6X8Z0A1B placed in 412 ms",
            "2026-11-24T13:01:01.123Z 2026-11-24 13:01:01",
            "trace 4bf92f3577b34da6a3ce929d0e0e4736",
            "trace 00000000000000000000000000000001",
            "550e8400-e29b-41d4-a716-446655440000",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            "epoch 1764000000123, 1764000000456",
            "1024 of 3072 MB, price 9.50 EUR ($10)",
            "@timestamp, user@host, basic plan, 100% of $5",
            "arn:aws:secretsmanager:eu-west-3:123456789012:secret:passerelle/agency/demo-AbCdEf",
            "été 🎉 naïve",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it_and_twice_is_once(text in ".*") {
            let once = mask(&text);
            prop_assert_eq!(mask(&once), once);
        }

        #[test]
        fn an_iccid_never_passes(before in "[^0-9]{0,10}[^0-9a-fA-F]", iccid in "89[0-9]{16,18}", after in "[^0-9]{0,10}") {
            let masked = mask(&format!("{before}{iccid}{after}"));
            prop_assert!(!masked.contains(&iccid) && masked.contains(MASKED), "{}", masked);
        }

        #[test]
        fn an_activation_code_never_passes(host in "[a-z]{1,9}\\.[a-z]{2,3}", token in "[A-Z0-9-]{4,20}", before in "[ \"'(<]?") {
            let masked = mask(&format!("{before}LPA:1${host}${token}"));
            prop_assert!(!masked.contains(&token), "{}", masked);
        }
    }
}
