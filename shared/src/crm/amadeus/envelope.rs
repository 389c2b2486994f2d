//! The envelope: addressing, log-in and session (SOAP header 4).

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, digest};
use secrecy::ExposeSecret;

use crate::{config::WriteBack, world::World};

/// A session that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) token: String,
    /// The number of the last message in it.
    pub(super) sequence: u32,
}

/// What a message does to the session.
pub(super) enum Step<'a> {
    /// It begins one, by log-in.
    Start,
    /// It goes on.
    InSeries(&'a Session),
    /// It ends it.
    End(&'a Session),
}

/// What names a message to the service: `http://webservices.amadeus.com/PNRRET_14_2_1A`.
pub(super) fn action(version: &str) -> String {
    format!("http://webservices.amadeus.com/{version}")
}

/// A message in its envelope.
pub(super) fn envelope(settings: &WriteBack, world: &World, step: &Step<'_>, version: &str, body: &str) -> String {
    let session = match step {
        Step::Start => format!("{}{}{}", log_in(settings, world), session("Start", ""), office(settings)),
        Step::InSeries(known) => session("InSeries", &named(known)),
        Step::End(known) => session("End", &named(known)),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header \
         xmlns:wsa=\"http://www.w3.org/2005/08/addressing\"><wsa:MessageID>{}</wsa:MessageID><wsa:Action>{}</wsa:Action><wsa:To>{}</wsa:To>\
         {session}</soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>",
        escaped(&world.new_id("urn:passerelle:msg")),
        escaped(&action(version)),
        escaped(settings.base_url.as_str()),
    )
}

/// WS-Security's user name with a digest of the password: base64 of SHA-1(nonce + created + SHA-1(password)).
fn log_in(settings: &WriteBack, world: &World) -> String {
    const WSS: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss";
    let mut nonce = [0; 16];
    world.entropy.fill(&mut nonce);
    let created = world.now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    let password = password_digest(&nonce, &created, settings.password.expose_secret());
    format!(
        "<oas:Security xmlns:oas=\"{WSS}-wssecurity-secext-1.0.xsd\"><oas:UsernameToken xmlns:oas1=\"{WSS}-wssecurity-utility-1.0.xsd\" \
         oas1:Id=\"UsernameToken-1\"><oas:Username>{}</oas:Username><oas:Nonce EncodingType=\"{WSS}-soap-message-security-1.0#Base64Binary\">{}\
         </oas:Nonce><oas:Password Type=\"{WSS}-username-token-profile-1.0#PasswordDigest\">{password}</oas:Password>\
         <oas1:Created>{created}</oas1:Created></oas:UsernameToken></oas:Security>",
        escaped(&settings.user_id),
        BASE64_STANDARD.encode(nonce),
    )
}

/// SHA-1 is what the service asks for: the digest is good for one message of one moment, under TLS.
pub(super) fn password_digest(nonce: &[u8], created: &str, password: &str) -> String {
    let mut whole = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    whole.update(nonce);
    whole.update(created.as_bytes());
    whole.update(digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()).as_ref());
    BASE64_STANDARD.encode(whole.finish())
}

fn session(code: &str, named: &str) -> String {
    let xmlns = "http://xml.amadeus.com/2010/06/Session_v3";
    format!("<awsse:Session xmlns:awsse=\"{xmlns}\" TransactionStatusCode=\"{code}\">{named}</awsse:Session>")
}

fn named(session: &Session) -> String {
    format!(
        "<awsse:SessionId>{}</awsse:SessionId><awsse:SequenceNumber>{}</awsse:SequenceNumber><awsse:SecurityToken>{}</awsse:SecurityToken>",
        escaped(&session.id),
        session.sequence,
        escaped(&session.token)
    )
}

fn office(settings: &WriteBack) -> String {
    format!(
        "<AMA_SecurityHostedUser xmlns=\"http://xml.amadeus.com/2010/06/Security_v1\"><UserID AgentDutyCode=\"{}\" RequestorType=\"{}\" \
         PseudoCityCode=\"{}\" POS_Type=\"1\"/></AMA_SecurityHostedUser>",
        escaped(&settings.duty_code),
        escaped(&settings.requestor_type),
        escaped(&settings.office_id)
    )
}

/// Text as it may stand in an element or an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
