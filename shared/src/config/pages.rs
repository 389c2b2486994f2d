//! What an agency's pages look like, and who may show them in a frame.

use base64::{Engine, prelude::BASE64_STANDARD};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de::Error};
use url::{Host, Url};

use crate::domain::money::decimal_number;

/// Largest logo, bytes: it travels with every page.
const MOST_LOGO: usize = 12 * 1024;

/// The settings `pages` of an agency.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PageSettings {
    /// Origins that may show our pages in a frame: the CRM's (`https://app.hubspot.com`). None means nobody.
    pub framed_by: Vec<FrameOrigin>,
    /// The agency's colour, `#rrggbb`, for buttons and links. Its contrast is seen to.
    pub accent: Option<Colour>,
    /// The agency's logo: a PNG of 12 kB at most, as base64.
    pub logo_png: Option<Logo>,
    /// What the agency adds to what it pays, in percent: the panel then shows a selling price and the margin in it.
    #[serde(deserialize_with = "percent")]
    pub margin_percent: Option<Decimal>,
    /// What is to be said of taxes beside a price, where the general sentence is not enough.
    pub tax_note: Option<String>,
}

/// Somebody who may frame our pages: scheme, host and port, nothing else. `https`, or `http` on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameOrigin(String);

impl FrameOrigin {
    /// As a source of `frame-ancestors`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for FrameOrigin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || D::Error::custom("must be an https origin such as https://app.hubspot.com");
        // A star for the first label, as Salesforce's many hosts need: read as a letter, for the reader of URLs knows no star.
        let text = String::deserialize(deserializer)?;
        let starred = text.strip_prefix("https://*.");
        let url = Url::parse(&starred.map_or_else(|| text.clone(), |rest| format!("https://x.{rest}"))).map_err(|_| wrong())?;
        let local = match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            _ => false,
        };
        let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        let secure = url.scheme() == "https" || (url.scheme() == "http" && local);
        // A star right before a public suffix would let everybody in; two labels after it are the least.
        let narrow = starred.is_none_or(|rest| rest.split('.').count() >= 2);
        let named = url.host_str().is_some_and(|host| host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'));
        if !(plain && secure && narrow && named) {
            return Err(wrong());
        }
        let origin = url.origin().ascii_serialization();
        Ok(Self(if starred.is_some() { origin.replacen("https://x.", "https://*.", 1) } else { origin }))
    }
}

/// A colour, red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut rgb = [0; 3];
        let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6);
        match hex.map(|hex| hex::decode_to_slice(hex, &mut rgb)) {
            Some(Ok(())) => Ok(Self(rgb)),
            _ => Err(D::Error::custom("must be a colour such as #0b5cad")),
        }
    }
}

/// A PNG, as base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo(String);

impl Logo {
    /// The picture as a `data:` address.
    #[must_use]
    pub fn data_url(&self) -> String {
        format!("data:image/png;base64,{}", self.0)
    }
}

impl<'de> Deserialize<'de> for Logo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let png = BASE64_STANDARD.decode(text.trim()).map_err(|_| D::Error::custom("must be base64"))?;
        if png.len() > MOST_LOGO || !png.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Err(D::Error::custom("must be a PNG of 12 kB at most"));
        }
        Ok(Self(BASE64_STANDARD.encode(png)))
    }
}

fn percent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let percent = decimal_number::deserialize(deserializer)?;
    if percent.is_sign_negative() || percent > Decimal::from(500) {
        return Err(D::Error::custom("must be 0 to 500"));
    }
    Ok(Some(percent))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::PageSettings;

    fn framed_by(origin: &str) -> Result<String, serde_json::Error> {
        let settings: PageSettings = serde_json::from_value(serde_json::json!({ "framed_by": [origin] }))?;
        Ok(settings.framed_by.first().unwrap().as_str().to_owned())
    }

    #[test]
    fn only_origins_may_frame() {
        assert_eq!(framed_by("https://app.hubspot.com/").unwrap(), "https://app.hubspot.com");
        assert_eq!(framed_by("https://*.lightning.force.com").unwrap(), "https://*.lightning.force.com");
        assert_eq!(framed_by("http://127.0.0.1:8080").unwrap(), "http://127.0.0.1:8080");
        for bad in [
            "*",
            "https://*",
            "https://*.com",
            "http://crm.example",
            "https://crm.example/path",
            "crm.example",
            "https://a.example; script-src *",
        ] {
            assert!(framed_by(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_no_colour_logo_or_percentage_is_refused() {
        let read = |json: &str| serde_json::from_str::<PageSettings>(json);
        assert!(read(r##"{"accent":"#0b5cad","margin_percent":25}"##).is_ok());
        for bad in [r#"{"accent":"blue"}"#, r#"{"logo_png":"PHN2Zz4="}"#, r#"{"margin_percent":-1}"#, r#"{"colour":"x"}"#] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
