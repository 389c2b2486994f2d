#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::AwsSecrets;
use crate::security::{SecretError, SecretSource};
use aws_sdk_secretsmanager::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread::JoinHandle,
};

const NO_SECRET: (u16, &str) = (400, r#"{"__type":"ResourceNotFoundException","Message":"can't find the specified secret hunter2"}"#);

/// A Secrets Manager that gives these answers, one a connection, and then tells what it was asked: the operation and the body.
fn service(answers: Vec<(u16, &'static str)>) -> (AwsSecrets, JoinHandle<Vec<(String, String)>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let asked =
        std::thread::spawn(move || answers.into_iter().map(|(status, body)| answer(listener.accept().unwrap().0, status, body)).collect());
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-3"))
        .credentials_provider(Credentials::new("id", "key", None, None, "test"))
        .http_client(crate::aws::http_client())
        .endpoint_url(endpoint)
        .build();
    (AwsSecrets::new(Client::from_conf(config)), asked)
}

fn answer(mut stream: TcpStream, status: u16, body: &str) -> (String, String) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut operation, mut length, mut line) = (String::new(), 0, String::new());
    while reader.read_line(&mut line).unwrap() > 2 {
        if let Some((name, value)) = line.trim().split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap(),
                "x-amz-target" => operation = value.trim_start_matches("secretsmanager.").to_owned(),
                _ => {}
            }
        }
        line.clear();
    }
    let mut sent = vec![0; length];
    reader.read_exact(&mut sent).unwrap();
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.1\r\nconnection: close\r\n");
    write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    (operation, String::from_utf8(sent).unwrap())
}

#[tokio::test]
async fn a_secret_is_read_by_its_name() {
    let (secrets, asked) = service(vec![(200, r#"{"Name":"a","SecretString":"text"}"#)]);
    assert_eq!(secrets.read("a").await.unwrap().expose_secret(), "text");
    assert_eq!(asked.join().unwrap(), [("GetSecretValue".to_owned(), r#"{"SecretId":"a"}"#.to_owned())]);
}

#[tokio::test]
async fn absent_refused_and_binary_are_three_things() {
    let refused = r#"{"__type":"AccessDeniedException","Message":"hunter2 is not allowed"}"#;
    let (secrets, asked) = service(vec![NO_SECRET, (400, refused), (200, r#"{"Name":"a","SecretBinary":"aHVudGVyMg=="}"#)]);
    let absent = secrets.read("a").await.unwrap_err();
    assert_eq!(absent, SecretError::Unknown { name: "a".to_owned() });
    let refused = secrets.read("a").await.unwrap_err();
    assert_eq!(refused.to_string(), "the secret a cannot be reached: AccessDeniedException");
    let binary = secrets.read("a").await.unwrap_err();
    assert!(matches!(binary, SecretError::Unusable { .. }));
    assert_eq!(asked.join().unwrap().len(), 3);
}

#[tokio::test]
async fn writing_changes_the_secret_or_creates_it() {
    let (secrets, asked) = service(vec![(200, r#"{"Name":"a"}"#), NO_SECRET, (200, r#"{"Name":"a"}"#)]);
    secrets.write("a", &SecretString::from("new")).await.unwrap();
    secrets.write("a", &SecretString::from("new")).await.unwrap();
    let asked = asked.join().unwrap();
    let operations: Vec<_> = asked.iter().map(|(operation, _)| operation.as_str()).collect();
    assert_eq!(operations, ["PutSecretValue", "PutSecretValue", "CreateSecret"]);
    assert!(asked.iter().all(|(_, body)| body.contains(r#""SecretString":"new""#)));
}
