//! Against a real socket: which failures may be called "not sent".
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

use super::{ReqwestTransport, may_leave};
use crate::{
    config::TlsFloor,
    outbound::{
        HttpRequest, Route, SendError, Transport,
        transport::{BAD_IDENTITY, BROKE_OFF, MOST_BODY, NOT_REACHED, NOT_SECURE, TIMED_OUT, TOO_LARGE},
    },
    testing::manual_world,
};
use http::Method;
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;

const PATIENCE: Duration = Duration::from_secs(5);

/// A server that does `behave` with every connection, and counts them.
async fn server<F, B>(behave: B) -> (Url, Arc<AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
    B: Fn(TcpStream) -> F + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/orders", listener.local_addr().unwrap())).unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let count = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(behave(stream));
        }
    });
    (url, connections)
}

/// Reads one request: head, and the two bytes of body that every test sends. `false` when the client hangs up instead.
async fn read_request(stream: &mut TcpStream) -> bool {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.ends_with(b"\r\n\r\n{}") {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return false,
            Ok(read) => request.extend_from_slice(&buffer[..read]),
        }
    }
    true
}

async fn answer(mut stream: TcpStream, response: String) {
    read_request(&mut stream).await;
    stream.write_all(response.as_bytes()).await.unwrap();
}

fn purchase(url: &Url) -> HttpRequest {
    HttpRequest::new("place_order", Method::POST, url.clone()).json(&serde_json::json!({}))
}

fn transport() -> ReqwestTransport {
    ReqwestTransport::new(manual_world("2026-11-24T12:00:00Z", 1).0)
}

async fn send(url: &Url, time_out: Duration) -> Result<crate::outbound::Answer, SendError> {
    transport().send(purchase(url), &Route::default(), time_out).await
}

#[tokio::test]
async fn a_port_that_refuses_was_sent_nothing() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = Url::parse(&format!("http://{closed}/")).unwrap();
    assert_eq!(send(&url, PATIENCE).await.unwrap_err(), SendError::NotSent(NOT_REACHED));
}

#[tokio::test]
async fn a_host_that_does_not_speak_tls_was_sent_nothing() {
    let (mut url, _) = server(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    url.set_scheme("https").unwrap();
    assert_eq!(send(&url, PATIENCE).await.unwrap_err(), SendError::NotSent(NOT_REACHED));
}

#[tokio::test]
async fn a_host_that_hangs_up_after_the_request_may_have_acted() {
    let (url, connections) = server(|mut stream| async move {
        read_request(&mut stream).await;
    })
    .await;
    assert_eq!(send(&url, PATIENCE).await.unwrap_err(), SendError::Unknown(BROKE_OFF));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(connections.load(Ordering::SeqCst), 1, "and was not sent the purchase again");
}

#[tokio::test]
async fn a_host_that_hangs_up_before_reading_may_have_acted() {
    let (url, _) = server(|stream| async move { drop(stream) }).await;
    assert!(matches!(send(&url, PATIENCE).await.unwrap_err(), SendError::Unknown(_)));
}

#[tokio::test]
async fn a_second_purchase_on_a_connection_that_dies_is_not_sent_again() {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = requests.clone();
    let (url, _) = server(move |mut stream| {
        let count = count.clone();
        async move {
            assert!(read_request(&mut stream).await);
            count.fetch_add(1, Ordering::SeqCst);
            stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            assert!(read_request(&mut stream).await);
            count.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    let transport = transport();
    let first = transport.send(purchase(&url), &Route::default(), PATIENCE).await.unwrap();
    assert_eq!(first.status, 201);
    let second = transport.send(purchase(&url), &Route::default(), PATIENCE).await.unwrap_err();
    assert_eq!(second, SendError::Unknown(BROKE_OFF));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(requests.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_host_that_does_not_answer_in_time_may_have_acted() {
    let (url, _) = server(|mut stream| async move {
        read_request(&mut stream).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
    })
    .await;
    assert_eq!(send(&url, Duration::from_millis(200)).await.unwrap_err(), SendError::Unknown(TIMED_OUT));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_answer() {
    let (url, _) = server(|stream| answer(stream, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"id\"".to_owned())).await;
    assert_eq!(send(&url, PATIENCE).await.unwrap_err(), SendError::Unknown(BROKE_OFF));
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let (url, _) = server(|mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        while stream.write_all(chunk.as_bytes()).await.is_ok() {}
    })
    .await;
    assert_eq!(send(&url, Duration::from_secs(30)).await.unwrap_err(), SendError::Unknown(TOO_LARGE));
    assert_eq!(MOST_BODY, 16_777_216);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (elsewhere, followed) = server(|stream| answer(stream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_owned())).await;
    let redirect = format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
    let (url, _) = server(move |stream| answer(stream, redirect.clone())).await;
    assert_eq!(send(&url, PATIENCE).await.unwrap().status, 307);
    assert_eq!(followed.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn status_headers_and_body_arrive_whatever_the_status() {
    let (url, _) =
        server(|stream| answer(stream, "HTTP/1.1 429 Too Many\r\nretry-after: 7\r\ncontent-length: 2\r\n\r\nno".to_owned())).await;
    let answer = send(&url, PATIENCE).await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), answer.retry_after(), answer.body.as_slice()),
        (429, Some(Duration::from_secs(7)), b"no".as_slice())
    );
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_call_but_not_over_a_pause() {
    let (url, connections) = server(|mut stream| async move {
        while read_request(&mut stream).await {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        }
    })
    .await;
    let (world, clock) = manual_world("2026-11-24T12:00:00Z", 1);
    let transport = ReqwestTransport::new(world);
    for pause in [0, 59, 3_600] {
        clock.advance(Duration::from_secs(pause));
        transport.send(purchase(&url), &Route::default(), PATIENCE).await.unwrap();
        // The connection goes back to the pool in a task of its own.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

/// What a client offers in its first TLS message, extension `supported_versions` (RFC 8446 §4.2.1).
async fn offers(floor: TlsFloor, extension: &'static [u8]) -> bool {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("https://{}/", listener.local_addr().unwrap())).unwrap();
    let hello = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 5];
        stream.read_exact(&mut head).await.unwrap();
        let mut hello = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
        stream.read_exact(&mut hello).await.unwrap();
        hello.windows(extension.len()).any(|window| window == extension)
    });
    let route = Route { minimum_tls: floor, client_identity_pem: None };
    let sent = transport().send(purchase(&url), &route, PATIENCE).await;
    assert_eq!(sent.unwrap_err(), SendError::NotSent(NOT_REACHED));
    hello.await.unwrap()
}

#[tokio::test]
async fn nothing_below_tls_1_3_is_offered_unless_the_account_says_so() {
    assert!(offers(TlsFloor::Tls13, &[0, 43, 0, 3, 2, 3, 4]).await, "1.3 alone");
    assert!(offers(TlsFloor::Tls12, &[0, 43, 0, 5, 4, 3, 4, 3, 3]).await, "1.3, then 1.2");
}

#[tokio::test]
async fn a_client_certificate_that_cannot_be_read_sends_nothing() {
    let (url, connections) = server(|stream| async move { drop(stream) }).await;
    let route = Route { minimum_tls: TlsFloor::Tls13, client_identity_pem: Some("not a certificate".into()) };
    let error = transport().send(purchase(&url), &route, PATIENCE).await.unwrap_err();
    assert_eq!(error, SendError::NotSent(BAD_IDENTITY));
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[test]
fn only_https_leaves_this_machine() {
    let leaves = |url: &str| may_leave(&Url::parse(url).unwrap());
    for url in [
        "https://partners-api.airalo.com/v2/",
        "http://127.0.0.1:9000/",
        "http://[::1]:9000/",
        "http://localhost:1/",
        "http://aws.localhost/",
    ] {
        assert!(leaves(url), "{url}");
    }
    for url in
        ["http://partners-api.airalo.com/", "http://10.0.0.1/", "http://localhost.example.com/", "http://notlocalhost/", "ftp://127.0.0.1/"]
    {
        assert!(!leaves(url), "{url}");
    }
}

#[tokio::test]
async fn a_plain_address_elsewhere_is_refused_before_anything_is_opened() {
    let url = Url::parse("http://192.0.2.1/").unwrap();
    assert_eq!(send(&url, PATIENCE).await.unwrap_err(), SendError::NotSent(NOT_SECURE));
}
