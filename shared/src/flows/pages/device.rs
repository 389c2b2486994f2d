//! Which phone looks at the page, as far as its browser says (User-Agent): it decides what is offered first, never what is offered at all.

/// The device that reads the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Device {
    /// iOS 17.4 or later: one-tap installation.
    Iphone,
    /// An earlier iOS: manual entry.
    OldIphone,
    /// Android 10 or later: one-tap installation where the phone can.
    Android,
    /// An earlier Android.
    OldAndroid,
    /// Any other: somebody at a desk, with the phone beside them.
    Desk,
}

impl Device {
    pub(super) fn of(user_agent: &str) -> Self {
        if let Some(version) = after(user_agent, "iPhone OS ") {
            return if version >= (17, 4) { Self::Iphone } else { Self::OldIphone };
        }
        match after(user_agent, "Android ") {
            Some(version) if version >= (10, 0) => Self::Android,
            Some(_) => Self::OldAndroid,
            None => Self::Desk,
        }
    }
}

/// The version that follows a word: `17_4_1`, `10`, `8.1.0`.
fn after(text: &str, word: &str) -> Option<(u32, u32)> {
    let rest = text.split_once(word)?.1;
    let mut numbers = rest.split(|c: char| !c.is_ascii_digit());
    let major = numbers.next()?.parse().ok()?;
    let minor = match rest.trim_start_matches(|c: char| c.is_ascii_digit()).chars().next() {
        Some('_' | '.') => numbers.next().and_then(|minor| minor.parse().ok()).unwrap_or(0),
        _ => 0,
    };
    Some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::Device;

    #[test]
    fn phones_are_told_by_what_they_can() {
        let iphone = |version: &str| format!("Mozilla/5.0 (iPhone; CPU iPhone OS {version} like Mac OS X) AppleWebKit/605.1.15 Mobile");
        for (agent, device) in [
            (iphone("17_4"), Device::Iphone),
            (iphone("18_6_2"), Device::Iphone),
            (iphone("17_3_1"), Device::OldIphone),
            (iphone("16"), Device::OldIphone),
            ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/148.0.0.0 Mobile".to_owned(), Device::Android),
            ("Mozilla/5.0 (Linux; Android 8.1.0; SM-J730F) Chrome/90".to_owned(), Device::OldAndroid),
            ("Mozilla/5.0 (X11; Linux x86_64) Chrome/148".to_owned(), Device::Desk),
            ("iPhone OS ".to_owned(), Device::Desk),
            (String::new(), Device::Desk),
        ] {
            assert_eq!(Device::of(&agent), device, "{agent}");
        }
    }
}
