//! What is sent, how often, and what its failure is called.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use super::calls::{LIST_WITHOUT_END, MOST_PAGES};
use crate::{
    config::TlsFloor,
    domain::{Locale, OrderId},
    outbound::{
        BREAKER_OPEN, Deadline, NO_TIME_LEFT, OperationClass, ProviderClient, SendError,
        doubles::{CHECKED, Rig, answer},
        transport::{BROKE_OFF, NOT_REACHED, TIMED_OUT},
    },
    providers::{EsimKey, FindOrder, FoundOrder, PlaceOrder, Placement, ProviderError, TopUp, Unsupported},
};
use http::HeaderValue;
use std::time::Duration;

const ESIM: EsimKey<'_> = EsimKey { provider_esim_id: Some("e1"), iccid: None };

fn reference() -> OrderId {
    OrderId::parse("ord_1").unwrap()
}

fn deadline(rig: &Rig, seconds: u64) -> Deadline {
    Deadline::within(rig.world.now(), Duration::from_secs(seconds))
}

async fn place_within(rig: &Rig, client: &ProviderClient, seconds: u64) -> Result<Placement, ProviderError> {
    let order = PlaceOrder { provider_package_id: "p", reference: &reference(), locale: Locale::Fr };
    client.place(&order, deadline(rig, seconds)).await
}

async fn place(rig: &Rig, client: &ProviderClient) -> Result<Placement, ProviderError> {
    place_within(rig, client, 28).await
}

async fn topups(rig: &Rig, client: &ProviderClient) -> Result<usize, ProviderError> {
    Ok(client.topups(ESIM, Locale::Fr, &[], deadline(rig, 28)).await?.len())
}

async fn find(rig: &Rig, client: &ProviderClient) -> Result<FoundOrder, ProviderError> {
    let reference = reference();
    let order = FindOrder {
        reference: &reference,
        provider_order_id: None,
        provider_package_id: "p",
        top_up_of: None,
        sent_at: rig.world.now(),
        locale: Locale::Fr,
        cursor: None,
    };
    client.find_order(&order, deadline(rig, 28)).await
}

fn order_id(placement: Placement) -> String {
    match placement {
        Placement::Placed(placed) => placed.provider_order_id,
        Placement::Accepted { .. } => String::new(),
    }
}

/// A rig whose first call finds the log-in answered.
fn rig() -> Rig {
    let rig = Rig::new();
    rig.transport.logs_in("t1");
    rig
}

#[tokio::test]
async fn a_purchase_logs_in_carries_token_and_trace_and_speaks_the_accounts_tls() {
    let rig = rig();
    rig.transport.answer(answer(201, "4711"));
    let client = rig.client();
    assert_eq!(order_id(place(&rig, &client).await.unwrap()), "4711");
    assert_eq!(rig.transport.sent_words(), ["login", "place_order t1"]);
    assert!(rig.transport.sent().iter().all(|sent| sent.headers.get("x-request-id").is_some_and(|id| id == "trace-1")));
    assert_eq!(rig.transport.floors(), [TlsFloor::Tls12, TlsFloor::Tls12]);
    assert_eq!(rig.observer.words(), ["airalo login ok", "airalo place_order ok"]);
}

#[tokio::test]
async fn time_outs_are_those_of_the_operation_within_what_the_deadline_leaves() {
    let rig = rig();
    for _ in 0..4 {
        rig.transport.answer(answer(200, "x"));
    }
    let client = rig.client();
    place_within(&rig, &client, 60).await.unwrap();
    place_within(&rig, &client, 9).await.unwrap();
    client.topups(ESIM, Locale::Fr, &[], deadline(&rig, 60)).await.unwrap();
    client.catalogue_page(None, Locale::Fr, deadline(&rig, 60)).await.unwrap();
    assert_eq!(rig.transport.time_outs().into_iter().map(|t| t.as_secs()).collect::<Vec<_>>(), [10, 15, 7, 10, 25]);
}

#[tokio::test]
async fn nothing_is_started_that_cannot_finish() {
    let rig = Rig::new();
    let error = place_within(&rig, &rig.client(), 5).await.unwrap_err();
    assert_eq!(error, ProviderError::NotSent(NO_TIME_LEFT));
    assert!(rig.transport.sent().is_empty());
}

#[tokio::test]
async fn a_log_in_that_used_up_the_time_leaves_the_purchase_unsent() {
    let rig = Rig::new();
    rig.transport.answer_after(Duration::from_secs(9), answer(200, "t1"));
    let error = place_within(&rig, &rig.client(), 14).await.unwrap_err();
    assert_eq!(error, ProviderError::NotSent(NO_TIME_LEFT));
    assert_eq!(rig.transport.sent_words(), ["login"]);
}

#[tokio::test]
async fn a_purchase_is_never_sent_a_second_time_after_anything_but_a_401() {
    let failures: [(Result<u16, SendError>, ProviderError); 8] = [
        (Err(SendError::Unknown(BROKE_OFF)), ProviderError::Unknown(BROKE_OFF)),
        (Err(SendError::Unknown(TIMED_OUT)), ProviderError::Unknown(TIMED_OUT)),
        (Err(SendError::NotSent(NOT_REACHED)), ProviderError::NotSent(NOT_REACHED)),
        (Ok(500), ProviderError::Unknown("unreadable")),
        (Ok(503), ProviderError::Unknown("unreadable")),
        (Ok(307), ProviderError::Unknown("unreadable")),
        (Ok(422), ProviderError::Rejected { code: "refused", reason: "no".to_owned() }),
        (Ok(429), ProviderError::Throttled { retry_after: None }),
    ];
    for (failure, expected) in failures {
        let rig = rig();
        match failure {
            Ok(status) => rig.transport.answer(answer(status, "no")),
            Err(error) => rig.transport.fail(error),
        }
        let client = rig.client();
        assert_eq!(place(&rig, &client).await.unwrap_err(), expected);
        assert_eq!(rig.transport.sent_words(), ["login", "place_order t1"], "{expected}");
    }
}

#[tokio::test]
async fn a_refused_token_is_got_anew_and_the_purchase_sent_once_more() {
    let rig = rig();
    rig.transport.answer(answer(401, ""));
    rig.transport.logs_in("t2");
    rig.transport.answer(answer(201, "4711"));
    let client = rig.client();
    assert_eq!(order_id(place(&rig, &client).await.unwrap()), "4711");
    assert_eq!(rig.transport.sent_words(), ["login", "place_order t1", "login", "place_order t2"]);
}

#[tokio::test]
async fn a_second_401_is_the_answer() {
    let rig = rig();
    rig.transport.answer(answer(401, ""));
    rig.transport.logs_in("t2");
    rig.transport.answer(answer(401, ""));
    let client = rig.client();
    assert_eq!(place(&rig, &client).await.unwrap_err(), ProviderError::Unauthorised);
    rig.transport.answer(answer(401, ""));
    assert_eq!(place(&rig, &client).await.unwrap_err(), ProviderError::Unauthorised, "and brings no storm of log-ins");
    assert_eq!(rig.transport.sent_words(), ["login", "place_order t1", "login", "place_order t2", "place_order t2"]);
}

#[tokio::test]
async fn a_purchase_that_breaks_off_after_a_new_log_in_is_unknown() {
    let rig = rig();
    rig.transport.answer(answer(401, ""));
    rig.transport.logs_in("t2");
    rig.transport.fail(SendError::Unknown(BROKE_OFF));
    assert_eq!(place(&rig, &rig.client()).await.unwrap_err(), ProviderError::Unknown(BROKE_OFF));
    assert_eq!(rig.transport.sent().len(), 4);
}

#[tokio::test]
async fn whatever_becomes_of_a_log_in_nothing_was_bought() {
    let throttled = {
        let mut throttled = answer(429, "");
        throttled.headers.insert("retry-after", HeaderValue::from_static("30"));
        throttled
    };
    let cases = [
        (Err(SendError::Unknown(TIMED_OUT)), ProviderError::NotSent("the log-in had no readable answer")),
        (Err(SendError::NotSent(NOT_REACHED)), ProviderError::NotSent(NOT_REACHED)),
        (Ok(answer(500, "")), ProviderError::NotSent("the log-in had no readable answer")),
        (Ok(answer(422, "invalid client_secret")), ProviderError::Unauthorised),
        (Ok(answer(401, "")), ProviderError::Unauthorised),
        (Ok(throttled), ProviderError::Throttled { retry_after: Some(Duration::from_secs(30)) }),
    ];
    for (login, expected) in cases {
        let rig = Rig::new();
        match login {
            Ok(answer) => rig.transport.answer(answer),
            Err(error) => rig.transport.fail(error),
        }
        let client = rig.client();
        assert_eq!(place(&rig, &client).await.unwrap_err(), expected);
        assert_eq!(rig.transport.sent_words(), ["login"]);
    }
}

#[tokio::test]
async fn a_read_is_repeated_once_when_the_connection_broke() {
    let rig = rig();
    rig.transport.fail(SendError::Unknown(BROKE_OFF));
    rig.transport.answer(answer(200, ""));
    let client = rig.client();
    assert_eq!(topups(&rig, &client).await, Ok(0));
    rig.transport.fail(SendError::Unknown(BROKE_OFF));
    rig.transport.fail(SendError::Unknown(BROKE_OFF));
    assert_eq!(topups(&rig, &client).await, Err(ProviderError::Unknown(BROKE_OFF)));
    rig.transport.fail(SendError::Unknown(TIMED_OUT));
    assert_eq!(topups(&rig, &client).await, Err(ProviderError::Unknown(TIMED_OUT)), "a time-out is not repeated");
    assert_eq!(rig.transport.left(), 0);
}

#[tokio::test]
async fn a_registration_is_not_repeated_and_answers_call_by_call() {
    let rig = rig();
    rig.transport.answer(answer(200, "a"));
    rig.transport.answer(answer(200, "b"));
    let client = rig.client();
    let registered = client.register_webhook("https://bridge.test/", deadline(&rig, 28)).await.unwrap();
    assert_eq!(registered.into_iter().filter_map(|r| r.subscription_id).collect::<Vec<_>>(), ["a", "b"]);
    rig.transport.fail(SendError::Unknown(BROKE_OFF));
    assert!(client.register_webhook("https://bridge.test/", deadline(&rig, 28)).await.is_err());
    assert_eq!(rig.transport.left(), 0);
}

#[tokio::test]
async fn a_look_up_follows_the_pages() {
    let rig = rig();
    for body in ["next:2", "next:3", "4711"] {
        rig.transport.answer(answer(200, body));
    }
    let client = rig.client();
    let FoundOrder::Placed(placed) = find(&rig, &client).await.unwrap() else { unreachable!("it was there") };
    assert_eq!(placed.provider_order_id, "4711");
    let cursors: Vec<_> = rig.transport.sent().iter().filter_map(|sent| sent.headers.get("x-cursor").cloned()).collect();
    assert_eq!(cursors, ["first", "2", "3"]);
}

#[tokio::test]
async fn orders_that_name_nobody_are_gathered_from_all_pages() {
    let rig = rig();
    for body in ["unclaimed:1>2", "next:3", "unclaimed:2>"] {
        rig.transport.answer(answer(200, body));
    }
    let FoundOrder::Unclaimed { orders, next: None } = find(&rig, &rig.client()).await.unwrap() else { unreachable!("they were there") };
    assert_eq!(orders.iter().map(|placed| placed.provider_order_id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
}

#[tokio::test]
async fn a_list_without_end_is_not_absence() {
    let endless = rig();
    for page in 0..MOST_PAGES {
        endless.transport.answer(answer(200, &format!("next:{page}")));
    }
    assert_eq!(find(&endless, &endless.client()).await.unwrap_err(), ProviderError::Unknown(LIST_WITHOUT_END));
    let circle = rig();
    circle.transport.answer(answer(200, "next:2"));
    circle.transport.answer(answer(200, "next:2"));
    assert_eq!(find(&circle, &circle.client()).await.unwrap_err(), ProviderError::Unknown(LIST_WITHOUT_END));
}

#[tokio::test]
async fn a_page_that_fails_is_not_absence() {
    let rig = rig();
    rig.transport.answer(answer(200, "next:2"));
    rig.transport.answer(answer(500, "absent"));
    assert_eq!(find(&rig, &rig.client()).await.unwrap_err(), ProviderError::Unknown("unreadable"));
}

#[tokio::test]
async fn what_the_provider_cannot_do_sends_nothing() {
    let rig = Rig::new();
    let error = rig.client().esim(ESIM, deadline(&rig, 28)).await.unwrap_err();
    assert_eq!(error, ProviderError::Unsupported(Unsupported(CHECKED)));
    assert!(rig.transport.sent().is_empty());
}

#[tokio::test]
async fn a_provider_that_fails_again_and_again_is_left_alone_then_probed_once() {
    let rig = rig();
    let client = rig.client();
    for _ in 0..5 {
        rig.transport.fail(SendError::Unknown(TIMED_OUT));
        assert_eq!(place(&rig, &client).await.unwrap_err(), ProviderError::Unknown(TIMED_OUT));
    }
    assert_eq!(place(&rig, &client).await.unwrap_err(), ProviderError::NotSent(BREAKER_OPEN));
    let other = rig.client();
    assert_eq!(place(&rig, &other).await.unwrap_err(), ProviderError::NotSent(BREAKER_OPEN), "in every sandbox");
    rig.transport.answer(answer(200, ""));
    assert_eq!(topups(&rig, &client).await, Ok(0), "reads are another class");

    rig.clock.advance(client.ready_in(OperationClass::Money, "place_order").await);
    rig.transport.answer(answer(201, "4711"));
    let (one, two) = tokio::join!(place(&rig, &client), place(&rig, &other));
    let outcomes = [one, two].map(|result| result.map(order_id));
    assert!(outcomes.contains(&Ok("4711".to_owned())) && outcomes.contains(&Err(ProviderError::NotSent(BREAKER_OPEN))), "{outcomes:?}");
    rig.transport.answer(answer(201, "4712"));
    assert_eq!(order_id(place(&rig, &other).await.unwrap()), "4712", "closed again");
}

#[tokio::test]
async fn refusals_of_the_trade_never_open_the_breaker() {
    let rig = rig();
    let client = rig.client();
    for _ in 0..50 {
        rig.transport.answer(answer(422, "sold out"));
        assert!(matches!(place(&rig, &client).await.unwrap_err(), ProviderError::Rejected { .. }));
    }
    assert_eq!(rig.breakers.writes(), 0);
}

#[tokio::test]
async fn failures_of_the_provider_that_an_adapter_can_read_count_too() {
    let rig = rig();
    let client = rig.client();
    for _ in 0..5 {
        rig.transport.answer(answer(200, "garbage"));
        assert!(topups(&rig, &client).await.is_err());
    }
    assert_eq!(topups(&rig, &client).await, Err(ProviderError::NotSent(BREAKER_OPEN)));
}

#[tokio::test]
async fn slow_answers_open_it_as_failures_do() {
    let rig = rig();
    let client = rig.client();
    for _ in 0..5 {
        rig.transport.answer_after(Duration::from_secs(10), answer(201, "x"));
        place(&rig, &client).await.unwrap();
    }
    assert_eq!(place(&rig, &client).await.unwrap_err(), ProviderError::NotSent(BREAKER_OPEN));
}

#[tokio::test]
async fn a_429_pauses_the_operation_for_as_long_as_it_says() {
    let rig = rig();
    let mut throttled = answer(429, "");
    throttled.headers.insert("retry-after", HeaderValue::from_static("30"));
    rig.transport.answer(throttled);
    let client = rig.client();
    let thirty = ProviderError::Throttled { retry_after: Some(Duration::from_secs(30)) };
    assert_eq!(place(&rig, &client).await.unwrap_err(), thirty);
    rig.clock.advance(Duration::from_secs(10));
    let twenty = ProviderError::Throttled { retry_after: Some(Duration::from_secs(20)) };
    assert_eq!(place(&rig, &client).await.unwrap_err(), twenty, "without being sent");
    let top_up = TopUp { esim: ESIM, provider_package_id: "p", reference: &reference(), locale: Locale::Fr };
    rig.transport.answer(answer(201, "7"));
    assert_eq!(order_id(client.top_up(&top_up, deadline(&rig, 28)).await.unwrap()), "7", "top-ups were not paused");
    assert_eq!(rig.transport.left(), 0);
}

#[tokio::test]
async fn a_probe_is_not_wasted_on_a_call_without_time() {
    let rig = rig();
    let client = rig.client();
    for _ in 0..5 {
        rig.transport.fail(SendError::NotSent(NOT_REACHED));
        assert!(place(&rig, &client).await.is_err());
    }
    rig.clock.advance(client.ready_in(OperationClass::Money, "place_order").await);
    let writes = rig.breakers.writes();
    assert_eq!(place_within(&rig, &client, 3).await.unwrap_err(), ProviderError::NotSent(NO_TIME_LEFT));
    assert_eq!(rig.breakers.writes(), writes, "nor is one taken and given back");
    rig.transport.answer(answer(201, "4711"));
    assert_eq!(order_id(place(&rig, &client).await.unwrap()), "4711");
}

#[tokio::test]
async fn a_breaker_out_of_reach_holds_nothing_up() {
    let rig = rig();
    rig.breakers.set_reachable(false);
    rig.tokens.set_reachable(false);
    rig.transport.answer(answer(201, "4711"));
    assert_eq!(order_id(place(&rig, &rig.client()).await.unwrap()), "4711");
}

#[tokio::test]
async fn credentials_are_proven_by_a_token() {
    let good = rig();
    assert_eq!(good.client().check_credentials(deadline(&good, 28)).await, Ok(()));
    let bad = Rig::new();
    bad.transport.answer(answer(401, ""));
    assert_eq!(bad.client().check_credentials(deadline(&bad, 28)).await, Err(ProviderError::Unauthorised));
}

#[tokio::test]
async fn a_reading_without_a_time_of_its_own_has_that_of_its_arrival() {
    let rig = rig();
    rig.transport.answer_after(Duration::from_secs(3), answer(200, "new word"));
    let reading = rig.client().usage(ESIM, deadline(&rig, 28)).await.unwrap();
    assert_eq!(reading.measured_at, rig.world.now());
}
