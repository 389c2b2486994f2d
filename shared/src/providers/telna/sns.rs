//! The signature of Amazon SNS, which carries Telna's events (§4): RSA over some members of the envelope, with a certificate that stands
//! at Amazon. It proves that a topic at Amazon sent the event; that the topic is Telna's is ours to look at.

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, UnparsedPublicKey};
use rustls::pki_types::{AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, alg_id, pem::PemObject};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;
use webpki::{EndEntityCert, ring::RSA_PKCS1_2048_8192_SHA256};

/// What is signed of a notification, and of what asks to confirm a subscription or its end: each member that is there, by name.
const OF_NOTIFICATION: [&str; 6] = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
const OF_CONFIRMATION: [&str; 7] = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Signed {
    r#type: String,
    topic_arn: String,
    signature: String,
    signature_version: String,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
}

fn members(body: &[u8]) -> Option<(Map<String, Value>, Signed)> {
    let members: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let signed = serde_json::from_value(Value::Object(members.clone())).ok()?;
    Some((members, signed))
}

/// Where the certificate stands, for an event of this topic: at Amazon's SNS and nowhere else.
pub(super) fn certificate_url(topic: &str, body: &[u8]) -> Option<Url> {
    let (_, signed) = members(body)?;
    let url = Url::parse(&signed.signing_cert_url).ok()?;
    let fits = url.path().starts_with("/SimpleNotificationService-") && url.path().ends_with(".pem") && url.query().is_none();
    (signed.topic_arn == topic && fits && is_amazon_sns(&url)).then_some(url)
}

/// `https://sns.<region>.amazonaws.com`, and nothing that could make it another host.
pub(super) fn is_amazon_sns(url: &Url) -> bool {
    let region = || url.host_str()?.strip_prefix("sns.")?.strip_suffix(".amazonaws.com").map(str::to_owned);
    let plain = url.scheme() == "https" && url.port().is_none() && url.username().is_empty() && url.password().is_none();
    plain && region().is_some_and(|region| !region.is_empty() && !region.contains('.'))
}

/// Whether the certificate (PEM) signed the event, and the event is of this topic. Who the certificate was issued to is not looked at: it was
/// fetched from Amazon's own host.
pub(super) fn holds(topic: &str, certificate: &[u8], body: &[u8]) -> bool {
    verified(topic, certificate, body).is_some()
}

fn verified(topic: &str, certificate: &[u8], body: &[u8]) -> Option<()> {
    let (members, signed) = members(body)?;
    let signature = BASE64_STANDARD.decode(&signed.signature).ok()?;
    let text = canonical(&members, &signed.r#type).filter(|_| signed.topic_arn == topic)?;
    let algorithm: &dyn SignatureVerificationAlgorithm = match signed.signature_version.as_str() {
        "1" => &RsaSha1,
        "2" => RSA_PKCS1_2048_8192_SHA256,
        _ => return None,
    };
    let certificate = CertificateDer::from_pem_slice(certificate).ok()?;
    EndEntityCert::try_from(&certificate).ok()?.verify_signature(algorithm, text.as_bytes(), &signature).ok()
}

/// Each member's name and text, a line each. A text may have lines of its own; the names of the others keep them apart.
fn canonical(members: &Map<String, Value>, kind: &str) -> Option<String> {
    let names: &[&str] = match kind {
        "Notification" => &OF_NOTIFICATION,
        "SubscriptionConfirmation" | "UnsubscribeConfirmation" => &OF_CONFIRMATION,
        _ => return None,
    };
    let line = |name: &&str| members.get(*name).and_then(Value::as_str).map(|text| format!("{name}\n{text}\n"));
    Some(names.iter().filter_map(line).collect())
}

/// Version 1 of the signature: SHA-1, which is not used for anything else here, and which topics keep until they are set to version 2.
#[derive(Debug)]
struct RsaSha1;

/// `sha1WithRSAEncryption` (RFC 3279 §2.2.1): 1.2.840.113549.1.1.5, without parameters.
const SHA1_WITH_RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05, 0x05, 0x00];

impl SignatureVerificationAlgorithm for RsaSha1 {
    fn verify_signature(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, public_key);
        key.verify(message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_ENCRYPTION
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        AlgorithmIdentifier::from_slice(SHA1_WITH_RSA)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

    use super::{certificate_url, holds};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const TOPIC: &str = "arn:aws:sns:eu-west-1:1:telna";
    const CERTIFICATE: &[u8] = include_bytes!("sns/certificate.pem");

    /// Signed by OpenSSL with the key of the certificate beside it, which nobody has any more.
    fn signed(name: &str) -> Value {
        let all: Value = serde_json::from_str(include_str!("sns/signed.json")).unwrap();
        all[name].clone()
    }

    fn good(body: &Value) -> bool {
        holds(TOPIC, CERTIFICATE, body.to_string().as_bytes())
    }

    #[test]
    fn both_versions_hold_with_and_without_a_subject_and_for_a_confirmation() {
        for name in ["version 1", "version 2, with a subject", "confirmation"] {
            assert!(good(&signed(name)), "{name}");
        }
    }

    #[test]
    fn every_signed_member_is_looked_at_and_no_other() {
        for name in ["version 1", "version 2, with a subject", "confirmation"] {
            let members: Vec<String> = signed(name).as_object().unwrap().keys().cloned().collect();
            for member in members {
                let mut altered = signed(name);
                altered[member.as_str()] = json!("altered");
                assert_eq!(good(&altered), member == "SigningCertURL", "{name}: {member}");
            }
        }
        let mut more = signed("version 1");
        more["UnsubscribeURL"] = json!("https://elsewhere.example/");
        assert!(good(&more), "what SNS does not sign changes nothing");
    }

    #[test]
    fn a_signature_of_another_topic_another_version_or_none_does_not_hold() {
        assert!(!good(&signed("another topic")), "Amazon signs for everybody who has a topic");
        let mut other = signed("version 1");
        other["SignatureVersion"] = json!("2");
        assert!(!good(&other));
        other["SignatureVersion"] = json!("3");
        assert!(!good(&other));
        let mut none = signed("version 1");
        none.as_object_mut().unwrap().remove("Signature");
        assert!(!good(&none));
        assert!(!holds(TOPIC, b"no certificate", signed("version 1").to_string().as_bytes()));
    }

    #[test]
    fn a_certificate_is_fetched_from_amazon_and_nowhere_else() {
        let at = |url: &str| {
            let mut body = signed("version 1");
            body["SigningCertURL"] = json!(url);
            certificate_url(TOPIC, body.to_string().as_bytes())
        };
        assert!(at("https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem").is_some());
        for url in [
            "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
            "https://sns.eu-west-1.amazonaws.com:444/SimpleNotificationService-1.pem",
            "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem",
            "https://sns.amazonaws.com/SimpleNotificationService-1.pem",
            "https://evil.sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
            "https://sns.a.b.amazonaws.com/SimpleNotificationService-1.pem",
            "https://user@sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
            "https://bucket.s3.amazonaws.com/SimpleNotificationService-1.pem",
            "https://sns.eu-west-1.amazonaws.com/other.pem",
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem?to=elsewhere",
            "no address",
        ] {
            assert_eq!(at(url), None, "{url}");
        }
        assert_eq!(certificate_url(TOPIC, signed("another topic").to_string().as_bytes()), None);
    }

    proptest! {
        #[test]
        fn nothing_that_arrives_breaks_the_reader(body in proptest::collection::vec(any::<u8>(), 0..200), pem in "\\PC{0,100}") {
            prop_assert!(!holds(TOPIC, pem.as_bytes(), &body));
            prop_assert_eq!(certificate_url(TOPIC, &body), None);
        }
    }
}
