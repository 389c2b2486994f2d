//! The driver tried on a template and a function of its own, so that it is known to work whatever the real ones do.

#![allow(clippy::unwrap_used, reason = "a failing step fails the test")]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::rie::Rie;
use super::{Aws, Emulator, Stack, build, deploy, python};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("passerelle-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The probe function as a program: Python under the name that Lambda starts.
fn function(python: &Path, folder: &Path) -> PathBuf {
    let program = folder.join("echo");
    let text = format!("#!{}\n{}", python.display(), include_str!("probe_function.py"));
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    program
}

async fn stack(folder: &Path) -> Stack {
    let python = python::environment(&|_| {}).await.unwrap();
    let template = folder.join("template.yaml");
    std::fs::write(&template, include_str!("probe_template.yaml")).unwrap();
    let binaries = BTreeMap::from([("echo".to_owned(), function(&python, folder))]);
    let packages = build::pack(&binaries).unwrap();
    let emulator = Emulator::start(&python, None, folder).await.unwrap();
    let aws = Aws::new(&emulator.endpoint()).unwrap();
    let deployed = deploy::deploy(&aws, &python, &template, &packages, &BTreeMap::new()).await.unwrap();
    Stack { deployed, aws, folder: folder.to_path_buf(), binaries, emulator }
}

#[tokio::test]
async fn a_deployed_stack_can_be_called_looked_into_and_ended() {
    let folder = Folder::new("probe");
    let stack = stack(&folder.0).await;
    the_api_wants_a_token_with_the_scope(&stack).await;
    functions_are_called_by_name(&stack).await;
    secrets_queues_and_the_table_can_be_looked_into(&stack).await;
    calls_at_once_run_at_once(&stack).await;
    a_deployed_function_runs_under_the_interface_emulator(&stack).await;
    let endpoint = stack.aws.endpoint().to_owned();
    let group = stack.emulator_id();
    stack.down();
    assert!(Aws::new(&endpoint).unwrap().http().get(endpoint).send().await.is_err());
    assert_eq!(processes_of(group), Vec::<String>::new());
}

async fn the_api_wants_a_token_with_the_scope(stack: &Stack) {
    let call = |token: &str| stack.call("GET", "/orders/o1").unwrap().bearer_auth(token).send();
    assert_eq!(stack.call("GET", "/orders/o1").unwrap().send().await.unwrap().status(), 401);
    let other = stack.new_client("other", &["esims.read"]).await.unwrap();
    let without = stack.token_of(&other, &["esims.read"]).await.unwrap();
    assert_eq!(call(&without).await.unwrap().status(), 401);
    let answer = call(&stack.token(&["orders.read"]).await.unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let body: Value = answer.json().await.unwrap();
    let claims = body.get("claims").unwrap();
    assert_eq!(body.get("path"), Some(&json!("/orders/o1")));
    assert_eq!(body.get("base"), Some(&json!(stack.deployed.api)), "the API's URL was known before the deployment");
    assert_eq!(claims.get("client_id"), Some(&json!(stack.deployed.client_id)));
    assert_eq!(claims.get("scope"), Some(&json!("passerelle/orders.read")));
}

async fn functions_are_called_by_name(stack: &Stack) {
    let echoed = stack.invoke("echo", &json!({"time": "2026-11-24T00:00:00Z"})).await.unwrap();
    assert_eq!(echoed.succeeded().unwrap(), json!({"echo": {"time": "2026-11-24T00:00:00Z"}}));
    let failed = stack.invoke("echo", &json!({"fail": true})).await.unwrap();
    assert!(failed.function_error.is_some(), "{failed:?}");
    assert!(failed.succeeded().unwrap_err().to_string().contains("Probe.Failed"));
    assert!(stack.invoke("nothing", &json!({})).await.is_err());
    let lines = stack.logs("echo").await.unwrap();
    assert!(lines.iter().any(|line| line == "probe saw ['time']"), "{lines:?}");
}

async fn secrets_queues_and_the_table_can_be_looked_into(stack: &Stack) {
    for value in [json!({"name": "old"}), json!({"name": "new"})] {
        stack.put_secret("passerelle/agency/demo", &value).await.unwrap();
        assert_eq!(stack.secret("passerelle/agency/demo").await.unwrap(), value);
    }
    assert!(stack.queue("fulfilment").await.unwrap().is_empty());
    stack.send("fulfilment", &json!({"outbox_id": "o"}), 60).await.unwrap();
    let state = stack.queue("fulfilment").await.unwrap();
    assert_eq!((state.visible, state.delayed), (0, 1));
    let messages = stack.messages("fulfilment").await.unwrap();
    assert!(messages.len() == 1 && messages.iter().all(|message| message.to_string().contains("outbox_id")));
    stack.purge("fulfilment").await.unwrap();
    assert!(stack.queue("fulfilment").await.unwrap().is_empty());
    let item = json!({"TableName": stack.deployed.table, "Item": {"pk": {"S": "ORDER#1"}, "sk": {"S": "a"}, "n": {"N": "2"}}});
    stack.aws.json("dynamodb", "DynamoDB_20120810.PutItem", &item).await.unwrap();
    assert_eq!(stack.items().await.unwrap(), [json!({"pk": "ORDER#1", "sk": "a", "n": 2})]);
    assert_eq!(stack.partition("ORDER#1").await.unwrap().len(), 1);
    assert!(stack.partition("ORDER#2").await.unwrap().is_empty());
}

/// The promise "one purchase for one key sent five times at once" can only be tested where five run at once.
async fn calls_at_once_run_at_once(stack: &Stack) {
    let token = stack.token(&[]).await.unwrap();
    let call = || async {
        let answer = stack.call("GET", "/orders/o1").unwrap().bearer_auth(&token).send().await.unwrap();
        answer.json::<Value>().await.unwrap().get("pid").and_then(Value::as_u64).unwrap()
    };
    let mut processes = futures::future::join_all((0..5).map(|_| call())).await;
    processes.sort_unstable();
    processes.dedup();
    assert!(processes.len() > 1, "all calls ran in one process");
}

async fn a_deployed_function_runs_under_the_interface_emulator(stack: &Stack) {
    let rie = stack.under_rie("echo").await.unwrap();
    let event = json!({"httpMethod": "GET", "path": "/orders/o1", "requestContext": {}});
    let answer = rie.invoke(&event).await.unwrap();
    let body = answer.get("body").and_then(Value::as_str).unwrap();
    assert!(body.contains(&stack.deployed.api), "it has the deployed function's environment: {body}");
}

/// What still runs of a process group; what has ended and is not yet cleared away (Z) does not count.
fn processes_of(group: u32) -> Vec<String> {
    let listed = Command::new("ps").args(["-A", "-o", "pgid=,stat=,args="]).output().unwrap();
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    let runs = |line: &&str| {
        let mut words = line.split_whitespace();
        words.next() == Some(&group.to_string()) && words.next().is_some_and(|state| !state.starts_with('Z'))
    };
    text.lines().filter(runs).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_broken_template_says_what_is_broken() {
    let folder = Folder::new("broken");
    let python = python::environment(&|_| {}).await.unwrap();
    let template = folder.0.join("template.yaml");
    let text = include_str!("probe_template.yaml").replace("!Ref UserPool\n      GenerateSecret", "!Ref Missing\n      GenerateSecret");
    std::fs::write(&template, text).unwrap();
    let packages = build::pack(&BTreeMap::from([("echo".to_owned(), function(&python, &folder.0))])).unwrap();
    let emulator = Emulator::start(&python, None, &folder.0).await.unwrap();
    let aws = Aws::new(&emulator.endpoint()).unwrap();
    let failed = deploy::deploy(&aws, &python, &template, &packages, &BTreeMap::new()).await;
    let told = failed.map(|deployed| deployed.api).unwrap_err().to_string();
    assert!(told.contains("Missing"), "{told}");
}

#[tokio::test]
async fn the_runtime_interface_emulator_runs_a_function() {
    let folder = Folder::new("rie");
    let python = python::environment(&|_| {}).await.unwrap();
    let variables = BTreeMap::from([("AWS_LAMBDA_FUNCTION_TIMEOUT".to_owned(), "2".to_owned())]);
    let program = function(&python, &folder.0);
    let rie = Rie::start(&program, "echo", &variables, &folder.0.join("rie.log")).await.unwrap();
    assert_eq!(rie.invoke(&json!({"a": 1})).await.unwrap(), json!({"echo": {"a": 1}}));
    // Two calls at once would crash the emulator itself; ours wait for their turn.
    let (first, second) = (json!({"n": 1}), json!({"n": 2}));
    let both = futures::future::join(rie.invoke(&first), rie.invoke(&second)).await;
    assert_eq!((both.0.unwrap(), both.1.unwrap()), (json!({"echo": {"n": 1}}), json!({"echo": {"n": 2}})));
    let failed = rie.invoke(&json!({"fail": true})).await.unwrap();
    assert_eq!(failed.get("errorType"), Some(&json!("Probe.Failed")));
    let late = rie.invoke(&json!({"silent": true})).await.unwrap();
    assert!(late.as_str().is_some_and(|text| text.starts_with("Task timed out after 2")), "{late}");
    assert!(rie.output().unwrap().contains("probe saw ['a']"));
}
