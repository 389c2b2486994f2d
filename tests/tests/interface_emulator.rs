//! Every function's binary under AWS's own runtime interface emulator, with every file of `events/`: the shape of each
//! event is read, each answer has the shape that its source expects, and nothing fails inside.

use std::error::Error;
use std::path::{Path, PathBuf};

use passerelle_tests::local::Demo;
use passerelle_tests::stack::build::workspace;
use serde_json::{Value, json};

type Outcome = Result<(), Box<dyn Error>>;

/// Events whose answer is known whatever the table holds.
const STATUSES: [(&str, u64); 4] =
    [("orders/missing-key", 400), ("bookings/unknown-field", 422), ("webhooks/forged", 401), ("webhooks/head", 200)];

#[tokio::test]
async fn every_function_takes_every_event_of_its_folder() -> Outcome {
    let demo = Demo::shared()?;
    onboard_the_client_of_the_events(demo).await?;
    let mut failures = Vec::new();
    for function in demo.stack.binaries.keys() {
        let events = events_of(function)?;
        assert!(!events.is_empty(), "events/{function} holds no event");
        let rie = demo.stack.under_rie(function).await?;
        for file in events {
            let case = format!("{function}/{}", file.file_stem().unwrap_or_default().display());
            let answer = rie.invoke(&serde_json::from_slice(&std::fs::read(&file)?)?).await;
            let fault = answer.map_or_else(|error| Some(error.to_string()), |answer| fault(&case, &answer));
            failures.extend(fault.map(|fault| format!("{case}: {fault}")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

/// The events come from a client of the demo agency.
async fn onboard_the_client_of_the_events(demo: &Demo) -> Outcome {
    let file = workspace().join("events/onboard/demo.json");
    let event: Value = serde_json::from_slice(&std::fs::read(file)?)?;
    let client = event.get("client_id").cloned().ok_or("the event of onboard names no client")?;
    // Without an address: providers would be asked to call one that does not exist.
    demo.stack.invoke("onboard", &json!({"agency": "demo", "client_id": client})).await?.succeeded()?;
    Ok(())
}

fn events_of(function: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let folder = workspace().join("events").join(function);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        files.push(entry?.path());
    }
    files.retain(|file| is_json(file));
    files.sort();
    Ok(files)
}

fn is_json(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "json")
}

/// What is wrong with an answer; `None` when nothing is.
fn fault(case: &str, answer: &Value) -> Option<String> {
    if answer.get("errorType").is_some() || answer.is_string() {
        return Some(format!("the function failed: {answer}"));
    }
    let (function, _) = case.split_once('/')?;
    match function {
        "bookings" | "catalog" | "orders" | "esims" | "webhooks" => http_fault(case, answer),
        "fulfilment" | "notifier" | "relay" => {
            answer.get("batchItemFailures").is_none_or(|failures| !failures.is_array()).then(|| format!("no batch answer: {answer}"))
        }
        _ => answer.is_null().then(|| "no report".to_owned()),
    }
}

fn http_fault(case: &str, answer: &Value) -> Option<String> {
    let status = answer.get("statusCode").and_then(Value::as_u64);
    let wanted = STATUSES.iter().find(|(known, _)| *known == case).map(|(_, status)| *status);
    let right = match (status, wanted) {
        (Some(status), Some(wanted)) => status == wanted,
        // 401 and 403 would mean that the event never reached what it is about; forged webhooks are named above.
        (Some(status), None) => status < 500 && !is_refusal(case, status),
        (None, _) => false,
    };
    (!right).then(|| format!("answered {answer}"))
}

fn is_refusal(case: &str, status: u64) -> bool {
    let is_provider_event = case.starts_with("webhooks/") && case != "webhooks/register";
    matches!(status, 401 | 403) && !is_provider_event
}
