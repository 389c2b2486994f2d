//! What can be opened and called, for people and for scripts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::Demo;
use super::terminal::Teller;
use super::trip::Played;

/// The last line of `--json`.
#[must_use]
pub fn json(demo: &Demo, played: Option<&Played>, mails: &[PathBuf]) -> Value {
    let deployed = &demo.stack.deployed;
    json!({
        "control_room": demo.room.origin(),
        "api": deployed.api,
        "token_url": deployed.token_url,
        "client_id": deployed.client_id,
        "client_secret": deployed.client_secret,
        "scopes": deployed.scopes,
        "aws_endpoint": deployed.aws_endpoint,
        "region": deployed.region,
        "table": deployed.table,
        "queues": deployed.queues,
        "functions": deployed.functions,
        "simulators": simulators(demo),
        "agency": super::AGENCY_ID,
        "run_folder": demo.stack.folder,
        "mails": mails,
        "trip": played,
    })
}

fn simulators(demo: &Demo) -> BTreeMap<&'static str, &str> {
    demo.sims.each().into_iter().map(|sim| (sim.name, sim.url.as_str())).collect()
}

/// The same for a person.
pub fn tell(demo: &Demo, mails: &[PathBuf], teller: &Teller) {
    let deployed = &demo.stack.deployed;
    teller.heading("Open and call");
    let row = |name: &str, value: &str| teller.plain(&format!("  {name:<14} {value}"));
    row("control room", &format!("{}/", demo.room.origin()));
    row("API", &deployed.api);
    row("token URL", &deployed.token_url);
    row("client id", &deployed.client_id);
    row("client secret", &deployed.client_secret);
    row("AWS endpoint", &format!("{} (region {}, any credentials)", deployed.aws_endpoint, deployed.region));
    for (name, url) in simulators(demo) {
        row(name, &format!("{url}  (/_sim/requests, /_sim/faults)"));
    }
    for mail in mails {
        row("e-mail", &mail.display().to_string());
    }
    row("logs", &demo.stack.folder.display().to_string());
    teller.plain("\n  A token, then the catalogue:");
    teller.plain(&format!(
        "  TOKEN=$(curl -s -u {}:{} -d grant_type=client_credentials {} | sed 's/.*\"access_token\": *\"\\([^\"]*\\)\".*/\\1/')",
        deployed.client_id, deployed.client_secret, deployed.token_url
    ));
    teller.plain(&format!("  curl -H \"Authorization: Bearer $TOKEN\" '{}/catalog/packages?iso_country=JP&days=9'", deployed.api));
}
