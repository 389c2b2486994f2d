//! `cargo local certify`, the program itself against simulators that an agency's file points to: what it ends with, what it writes, and
//! what the providers' own books say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use passerelle_tests::sim::{Fault, Sim, esim_go, reference, telna};
use serde_json::{Value, json};
use std::{path::PathBuf, process::Stdio};
use tokio::process::Command;

/// What a run ended with and wrote.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    said: String,
    report: String,
}

/// An agency's file, and a folder for its report.
struct Agency {
    folder: PathBuf,
    secrets: Vec<String>,
}

fn account(sim: &Sim, name: &str, kind: &str, own: Value) -> Value {
    let mut account = json!({
        "account": name, "kind": kind, "base_url": sim.base_url, "client_id": sim.credential("client_id"),
        "client_secret": sim.credential("client_secret"), "webhook_account": format!("wh_unguessable_{name}"),
    });
    account.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    account
}

impl Agency {
    /// Written as an agency would: its CRM and its mail service are nowhere, and must not be called.
    fn written(name: &str, accounts: Vec<Value>) -> Self {
        let folder = std::env::temp_dir().join(format!("passerelle-certify-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let secret = |account: &Value| account["client_secret"].as_str().unwrap().to_owned();
        let secrets = accounts.iter().map(secret).chain(["wh_unguessable".to_owned(), "pat-hidden".to_owned()]).collect();
        let agency = json!({
            "name": "Voyages Horizon", "locale": "fr-FR", "timezone": "Europe/Paris", "currency": "EUR", "providers": accounts,
            "crm": {"kind": "hubspot", "base_url": "https://crm.invalid", "access_token": "pat-hidden", "api_version": "2026-09"},
            "email": {"kind": "sendgrid", "base_url": "https://mail.invalid", "api_key": "SG.hidden",
                      "from": {"email": "voyages@horizon.example", "name": "Voyages Horizon"}},
            "fail_over": {"rule": "automatic", "price_band_percent": 10},
        });
        std::fs::write(folder.join("agency.json"), agency.to_string()).unwrap();
        Self { folder, secrets }
    }

    async fn certify(&self, arguments: &[&str]) -> Run {
        let report = self.folder.join("report.md");
        let _ = std::fs::remove_file(&report);
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.arg("certify").arg("--agency").arg(self.folder.join("agency.json")).arg("--report").arg(&report);
        let output = command.args(arguments).stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let run = Run { code: output.status.code(), said, report: std::fs::read_to_string(&report).unwrap_or_default() };
        for secret in &self.secrets {
            assert!(!run.report.contains(secret) && !run.said.contains(secret), "a secret of {} characters is shown", secret.len());
        }
        run
    }
}

impl Drop for Agency {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Run {
    #[track_caller]
    fn shows(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.report.contains(part), "{part:?} is not in the report:\n{}\n{}", self.report, self.said);
        }
        self
    }
}

async fn two_accounts() -> (Sim, Sim, Agency) {
    let (go, telna) = (esim_go::start(None).await.unwrap(), telna::start(None).await.unwrap());
    let topped = json!({"telna": {"top_up_member": "iccid"}});
    let accounts = vec![account(&go, "our-go", "esim-go", json!({})), account(&telna, "our-telna", "telna", topped)];
    let agency = Agency::written(&go.url.replace([':', '/'], "-"), accounts);
    (go, telna, agency)
}

/// Nothing that changes anything at a provider was asked for.
async fn only_read(sim: &Sim) {
    assert!(sim.client().ledger().await.unwrap().is_empty(), "{} sold something", sim.name);
    let requests = sim.client().requests().await.unwrap();
    assert!(requests.iter().all(|request| request["method"] == "GET"), "{} was asked for more than reading", sim.name);
}

/// What a person must never find in a report: what the provider knows of the eSIM that it sold.
async fn nothing_of_the_esim(sim: &Sim, run: &Run) {
    let esims = sim.client().esims().await.unwrap();
    let iccids: Vec<&str> = esims.iter().filter_map(|esim| esim["iccid"].as_str()).collect();
    assert!(!iccids.is_empty() && iccids.iter().all(|iccid| !run.report.contains(iccid) && !run.said.contains(iccid)));
    assert!(!run.report.contains("LPA:1$") && !run.said.contains("LPA:1$"));
}

#[tokio::test]
async fn reading_matches_spends_nothing_and_reaches_nobody_but_the_account() {
    let (go, telna, agency) = two_accounts().await;
    let run = agency.certify(&["--provider", "our-telna"]).await;
    assert_eq!(run.code, Some(0), "{}\n{}", run.said, run.report);
    run.shows(&[
        "# Certification of the account `our-telna`",
        "Nothing that spends was sent.",
        "| onboarding | matched |",
        "| credentials | matched |",
        "| webhooks | not run |",
        "| catalogue sync | matched |",
        "| catalogue by country | matched |",
        "| health and breakers | matched |",
        "| token reuse | matched |",
        "| purchase | not run |",
        "## What did not match\n\nNothing.\n",
        // What the simulator's catalogue holds and nobody can sell.
        "odd: entries left out, which could not be read or not be sold: 1",
        "nothing is bought without `--buy`",
        "| `catalogue` |",
    ]);
    assert!(!run.report.contains("`onboard` names nothing"), "Telna's pages leave questions open");
    only_read(&telna).await;
    assert!(go.client().requests().await.unwrap().is_empty(), "the other account was left alone");

    let run = agency.certify(&["--provider", "our-go"]).await;
    assert_eq!(run.code, Some(0), "{}\n{}", run.said, run.report);
    run.shows(&["# Certification of the account `our-go`", "| catalogue sync | matched |", "| purchase | not run |"]);
    only_read(&go).await;
}

#[tokio::test]
async fn one_purchase_is_made_and_everything_about_it_is_asked() {
    let (go, telna, agency) = two_accounts().await;
    for (sim, name, other) in [(&go, "our-go", &telna), (&telna, "our-telna", &go)] {
        let bought_elsewhere = other.client().ledger().await.unwrap().len();
        let run = agency.certify(&["--provider", name, "--buy"]).await;
        assert_eq!(run.code, Some(0), "{}\n{}", run.said, run.report);
        run.shows(&[
            "One purchase of",
            "| purchase | matched |",
            "| the same key again | matched |",
            "| eSIM and its codes | matched |",
            "| QR code | matched |",
            "| usage | matched |",
            "| list of top-ups | matched |",
            "marked as a replay: true",
            "| `place_order` | 1 |",
        ]);
        assert_eq!(sim.client().ledger().await.unwrap().len(), 1, "{}", run.report);
        assert_eq!(other.client().ledger().await.unwrap().len(), bought_elsewhere);
        nothing_of_the_esim(sim, &run).await;
    }
}

#[tokio::test]
async fn a_catalogue_that_cannot_be_read_and_credentials_that_are_refused_are_named() {
    let (go, _telna, agency) = two_accounts().await;
    go.client().fault(&Fault::on("GET", "/catalogue").times(1_000).malformed()).await.unwrap();
    let run = agency.certify(&["--provider", "our-go", "--buy"]).await;
    assert_eq!(run.code, Some(1), "{}\n{}", run.said, run.report);
    run.shows(&[
        "| onboarding | did not match |",
        "| catalogue sync | did not match |",
        "| purchase | not run |",
        "nothing is bought while something that only reads does not match",
        "- **catalogue sync**: not read: ",
    ]);
    only_read(&go).await;

    let sim = reference::start(None).await.unwrap();
    sim.client().fault(&Fault::on("POST", "/oauth/token").times(1_000).status(401)).await.unwrap();
    let own =
        json!({"api_version": "2024-10", "token_url": sim.credential("token_url"), "webhook_secrets": [sim.credential("webhook_secret")]});
    let agency = Agency::written("refused", vec![account(&sim, "ref", "reference", own)]);
    let run = agency.certify(&["--provider", "ref"]).await;
    assert_eq!(run.code, Some(1), "{}\n{}", run.said, run.report);
    run.shows(&["| credentials | did not match |", "the provider refused them (`login` ended as "]);
    only_tokens(&sim, 0).await;
    // The same account once the credentials are good: one log-in serves every function, and webhooks are registered where that is asked for.
    sim.client().clear_faults().await.unwrap();
    sim.client().clear_requests().await.unwrap();
    let run = agency.certify(&["--provider", "ref", "--webhooks", "https://passerelle.example/v1"]).await;
    assert_eq!(run.code, Some(0), "{}\n{}", run.said, run.report);
    run.shows(&["| credentials | matched |", "| webhooks | matched |", "- **token reuse**: one log-in for "]);
    only_tokens(&sim, 1).await;
    assert_eq!(sim.client().requests_to("POST", "/oauth/token").await.unwrap().len(), 1);
}

/// Besides reading, the provider was asked for tokens, and to register so many webhooks at our address.
async fn only_tokens(sim: &Sim, webhooks: usize) {
    assert!(sim.client().ledger().await.unwrap().is_empty());
    let mut changing = sim.client().requests().await.unwrap();
    changing.retain(|request| request["method"] != "GET" && !request["path"].as_str().unwrap().contains("/oauth/token"));
    assert_eq!(changing.len(), webhooks, "{changing:?}");
    let ours = "https://passerelle.example/v1/api/webhooks/esim/wh_unguessable_ref";
    assert!(changing.iter().all(|request| request["body"].to_string().contains(ours)), "{changing:?}");
}

#[tokio::test]
async fn what_cannot_be_begun_is_told_before_anything_is_brought_up() {
    let (go, _telna, agency) = two_accounts().await;
    let run = agency.certify(&["--provider", "airalo"]).await;
    assert!(run.code == Some(1) && run.said.contains("our-go, our-telna"), "{}", run.said);
    let elsewhere = json!({"account": "real", "kind": "telna", "base_url": "https://sandbox.invalid/v1", "client_id": "any", "client_secret": "hidden-key"});
    let agency = Agency::written("elsewhere", vec![elsewhere]);
    let run = agency.certify(&["--provider", "real", "--buy"]).await;
    assert!(run.code == Some(1) && run.said.contains("--yes") && run.report.is_empty(), "{}", run.said);
    assert!(go.client().requests().await.unwrap().is_empty());
}
