//! The room's own pages. Plain, and in French, as the demo agency is.

use serde_json::Value;

use super::Trip;

const WHOLE: &str = include_str!("whole.html");
const STYLE: &str = include_str!("room.css");

/// The three widths that mails are looked at.
const WIDTHS: [u32; 3] = [320, 480, 700];

pub(super) fn whole() -> String {
    WHOLE.replace("/*style*/", STYLE)
}

/// The dossier as a CRM shows it, with the panel in it.
pub(super) fn crm(trip: &Trip, panel: &str) -> String {
    let text = |pointer: &str| escaped(trip.booking.pointer(pointer).and_then(Value::as_str).unwrap_or_default());
    document(
        "Dossier",
        &format!(
            "<header class=crm-top><b>CRM de démonstration</b><span>Dossiers</span><span>Clients</span><span>Agenda</span></header>\
             <div class=crm><dl><dt>Dossier</dt><dd>{}</dd><dt>Client</dt><dd>{}</dd><dt>Accompagnant</dt><dd>{}</dd><dt>Destination</dt><dd>Japon</dd>\
             <dt>Départ</dt><dd>{}</dd><dt>Retour</dt><dd>{}</dd></dl>\
             <iframe title=\"Panneau eSIM\" src=\"{}\" allow=\"clipboard-write\"></iframe></div>",
            escaped(&trip.reference),
            text("/traveller/name"),
            text("/companions/0/name"),
            text("/destinations/0/from"),
            text("/destinations/0/to"),
            escaped(panel),
        ),
    )
}

/// The mailbox: each mail at three widths.
pub(super) fn mailbox(messages: &[Value]) -> String {
    let mut body = String::from("<h1>Boîte aux lettres</h1>");
    if messages.is_empty() {
        body.push_str("<p>Aucun e-mail pour l’instant.</p>");
    }
    for (number, message) in messages.iter().enumerate().rev().take(6) {
        let subject = message.get("subject").and_then(Value::as_str).unwrap_or("e-mail");
        let to = message.pointer("/to/0/email").and_then(Value::as_str).unwrap_or_default();
        body.push_str(&format!("<h2>{}</h2><p>{}</p><div class=widths>", escaped(subject), escaped(to)));
        for width in WIDTHS {
            body.push_str(&format!("<figure><figcaption>{width} px</figcaption><iframe title=\"{width} px\" width={width} height=900 src=\"mail/{number}\"></iframe></figure>"));
        }
        body.push_str("</div>");
    }
    document("Boîte aux lettres", &body)
}

/// Somebody's page that frames an address.
pub(super) fn frame(url: &str) -> String {
    document(
        "CRM",
        &format!(
            "<iframe id=framed title=\"Passerelle\" width=100% height=1400 src=\"{}\" allow=\"clipboard-write\"></iframe>",
            escaped(url)
        ),
    )
}

pub(super) fn trouble(text: &str) -> String {
    document("Passerelle", &format!("<h1>Cela n’a pas marché</h1><p>{}</p>", escaped(text)))
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=fr><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>{title}</title>\
         <link rel=icon href=\"data:,\"><style>{STYLE}</style><body>{body}"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
