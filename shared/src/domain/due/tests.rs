#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use proptest::prelude::*;
use std::time::Duration;

use super::super::{
    AccountName, Esim, EsimId, EsimStatus, Money, OrderId, Package, PackageId,
    esim::{LifeEvent, Plan},
};

const STALENESS: Duration = Duration::from_secs(20 * 60);

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    time("2026-05-04T12:00:00Z")
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// Bought on the first of May, 1,000 MB.
fn esim(status: EsimStatus, used_mb: u64, expires_at: Option<&str>) -> Esim {
    let bought = time("2026-05-01T10:00:00Z");
    let order_id = OrderId::parse("ord_1").unwrap();
    let package = Package {
        package_id: PackageId::parse("airalo:x").unwrap(),
        provider: AccountName::parse("airalo").unwrap(),
        title: String::new(),
        iso_countries: Vec::new(),
        data_volume_mb: Some(1000),
        validity_days: 7,
        price: Money::new(rust_decimal::Decimal::ONE, "EUR").unwrap(),
        network_operators: Vec::new(),
        topup: true,
    };
    Esim {
        esim_id: EsimId::parse("esim_1").unwrap(),
        order_id: order_id.clone(),
        booking_reference: None,
        external_reference: String::new(),
        provider_esim_id: None,
        status,
        plan: Plan {
            order_id,
            package,
            begun_at: bought,
            previous_expires_at: None,
            used_mb,
            total_mb: Some(1000),
            activated_at: None,
            expires_at: expires_at.map(time),
            measured_at: Some(bought),
            told: Vec::new(),
            days: Vec::new(),
        },
        version: 1,
        created_at: bought,
        mail: None,
    }
}

/// Minutes from now to the next poll.
fn wait(esim: &Esim, heard_by_webhook: bool, jitter: f64) -> Option<i64> {
    esim.next_poll(STALENESS, heard_by_webhook, now(), jitter).map(|next| now().duration_until(next).as_mins())
}

#[test]
fn a_running_plan_is_polled_every_six_to_twelve_hours() {
    let running = esim(EsimStatus::Activated, 100, Some("2026-05-10T00:00:00Z"));
    for (jitter, hours) in [(0.0, 6), (0.5, 9), (1.0, 12), (-3.0, 6), (7.0, 12), (f64::NAN, 6)] {
        assert_eq!(wait(&running, false, jitter), Some(hours * 60), "jitter {jitter}");
    }
    assert_eq!(wait(&running, true, 0.0), Some(12 * 60), "a webhook just told us");
}

#[test]
fn near_the_end_of_data_or_time_it_is_every_hour() {
    assert_eq!(wait(&esim(EsimStatus::Activated, 699, Some("2026-05-10T00:00:00Z")), false, 0.0), Some(6 * 60));
    assert_eq!(wait(&esim(EsimStatus::Activated, 700, Some("2026-05-10T00:00:00Z")), false, 0.0), Some(60));
    assert_eq!(wait(&esim(EsimStatus::Activated, 700, Some("2026-05-10T00:00:00Z")), true, 0.0), Some(60));
    assert_eq!(wait(&esim(EsimStatus::Activated, 0, Some("2026-05-05T12:00:00Z")), false, 0.0), Some(60));
    assert_eq!(wait(&esim(EsimStatus::Activated, 0, Some("2026-05-05T12:01:00Z")), false, 0.0), Some(6 * 60));
}

#[test]
fn five_minutes_after_the_end_the_provider_is_asked_whether_it_is() {
    assert_eq!(wait(&esim(EsimStatus::Activated, 0, Some("2026-05-04T12:30:00Z")), false, 0.0), Some(35));
    assert_eq!(wait(&esim(EsimStatus::Exhausted, 1000, Some("2026-05-04T14:00:00Z")), false, 0.0), Some(125));
    assert_eq!(wait(&esim(EsimStatus::Installed, 0, Some("2026-05-04T14:00:00Z")), true, 0.0), Some(125));
    assert_eq!(
        wait(&esim(EsimStatus::Activated, 0, Some("2026-05-04T12:01:00Z")), false, 0.0),
        Some(20),
        "not within the provider's cache"
    );
    assert_eq!(wait(&esim(EsimStatus::Activated, 0, Some("2026-05-04T11:00:00Z")), false, 0.0), Some(60), "passed, and nobody said so");
}

#[test]
fn what_has_not_begun_or_is_used_up_is_polled_twice_a_day() {
    for status in [EsimStatus::Unknown, EsimStatus::Ordered, EsimStatus::Released, EsimStatus::Downloaded, EsimStatus::Installed] {
        assert_eq!(wait(&esim(status, 0, None), false, 0.0), Some(12 * 60));
    }
    assert_eq!(wait(&esim(EsimStatus::Exhausted, 1000, Some("2026-05-10T00:00:00Z")), false, 0.0), Some(12 * 60));
}

#[test]
fn an_expired_esim_is_looked_at_for_a_week_and_a_cancelled_one_never() {
    assert_eq!(wait(&esim(EsimStatus::Expired, 0, Some("2026-05-04T11:00:00Z")), false, 0.0), Some(24 * 60));
    assert_eq!(wait(&esim(EsimStatus::Expired, 0, Some("2026-04-28T12:00:00Z")), false, 0.0), Some(24 * 60));
    assert_eq!(wait(&esim(EsimStatus::Expired, 0, Some("2026-04-28T11:59:59Z")), false, 0.0), None);
    assert_eq!(wait(&esim(EsimStatus::Expired, 0, None), false, 0.0), Some(24 * 60), "a week from the last reading");
    assert_eq!(wait(&esim(EsimStatus::Cancelled, 0, Some("2026-05-10T00:00:00Z")), false, 0.0), None);
}

fn reminder(expires_at: &str, tz: &str) -> Option<String> {
    let mut esim = esim(EsimStatus::Activated, 0, Some(expires_at));
    esim.plan.begun_at = time("2020-01-01T00:00:00Z");
    esim.reminder_at(&zone(tz)).map(|at| at.to_string())
}

#[test]
fn two_civil_days_before_at_nine_in_the_agencys_zone() {
    assert_eq!(reminder("2026-05-10T15:00:00Z", "Europe/Paris").unwrap(), "2026-05-08T07:00:00Z");
    // 23:30 UTC is the day after in Paris, and was the day after for half a day in Auckland.
    assert_eq!(reminder("2026-05-10T23:30:00Z", "Europe/Paris").unwrap(), "2026-05-09T07:00:00Z");
    assert_eq!(reminder("2026-05-10T11:00:00Z", "Pacific/Auckland").unwrap(), "2026-05-07T21:00:00Z");
    assert_eq!(reminder("2026-05-10T13:00:00Z", "Pacific/Auckland").unwrap(), "2026-05-08T21:00:00Z");
}

#[test]
fn clocks_that_change_in_between_do_not_move_the_hour() {
    // Paris goes to summer time on 29 March 2026 and back on 25 October 2026.
    assert_eq!(reminder("2026-03-30T10:00:00Z", "Europe/Paris").unwrap(), "2026-03-28T08:00:00Z");
    assert_eq!(reminder("2026-03-31T10:00:00Z", "Europe/Paris").unwrap(), "2026-03-29T07:00:00Z");
    assert_eq!(reminder("2026-10-26T10:00:00Z", "Europe/Paris").unwrap(), "2026-10-24T07:00:00Z");
    assert_eq!(reminder("2026-10-27T10:00:00Z", "Europe/Paris").unwrap(), "2026-10-25T08:00:00Z");
    // Auckland leaves summer time on 5 April 2026.
    assert_eq!(reminder("2026-04-06T00:00:00Z", "Pacific/Auckland").unwrap(), "2026-04-03T20:00:00Z");
    assert_eq!(reminder("2026-04-07T00:00:00Z", "Pacific/Auckland").unwrap(), "2026-04-04T21:00:00Z");
}

#[test]
fn leap_days_and_new_year_are_days_like_others() {
    assert_eq!(reminder("2028-03-02T12:00:00Z", "Europe/Paris").unwrap(), "2028-02-29T08:00:00Z");
    assert_eq!(reminder("2026-03-02T12:00:00Z", "Europe/Paris").unwrap(), "2026-02-28T08:00:00Z");
    assert_eq!(reminder("2027-01-01T12:00:00Z", "Europe/Paris").unwrap(), "2026-12-30T08:00:00Z");
}

#[test]
fn a_plan_that_began_after_its_j_minus_two_is_proposed_at_once() {
    let paris = zone("Europe/Paris");
    let mut short = esim(EsimStatus::Activated, 0, Some("2026-05-02T10:00:00Z"));
    assert_eq!(short.reminder_at(&paris), Some(time("2026-05-01T10:00:00Z")));
    short.plan.activated_at = Some(time("2026-05-01T18:00:00Z"));
    assert_eq!(short.reminder_at(&paris), Some(time("2026-05-01T18:00:00Z")));
    short.plan.activated_at = Some(time("2026-05-02T10:00:00Z"));
    assert_eq!(short.reminder_at(&paris), None, "the end came first");
}

#[test]
fn there_is_no_proposal_without_an_end_after_it_or_twice() {
    let paris = zone("Europe/Paris");
    assert_eq!(esim(EsimStatus::Activated, 0, None).reminder_at(&paris), None);
    for status in [EsimStatus::Expired, EsimStatus::Cancelled] {
        assert_eq!(esim(status, 0, Some("2026-05-10T00:00:00Z")).reminder_at(&paris), None);
    }
    let mut proposed = esim(EsimStatus::Activated, 0, Some("2026-05-10T00:00:00Z"));
    assert!(proposed.reminder_at(&paris).is_some());
    proposed.plan.told.push(LifeEvent::TopupProposed);
    assert_eq!(proposed.reminder_at(&paris), None);
}

#[test]
fn a_top_up_is_not_followed_by_a_proposal_for_the_same_end() {
    let paris = zone("Europe/Paris");
    let top_up = |bought: &str| {
        let mut esim = esim(EsimStatus::Activated, 0, Some("2026-05-10T15:00:00Z"));
        esim.plan.told.push(LifeEvent::TopupProposed);
        let package = esim.plan.package.clone();
        esim.start_plan(OrderId::parse("ord_2").unwrap(), package, time(bought));
        esim
    };
    let mut after_proposal = top_up("2026-05-08T10:00:00Z");
    assert_eq!(after_proposal.reminder_at(&paris), None);
    after_proposal.plan.expires_at = Some(time("2026-05-17T15:00:00Z"));
    assert_eq!(after_proposal.reminder_at(&paris), Some(time("2026-05-15T07:00:00Z")));
    assert_eq!(top_up("2026-05-04T10:00:00Z").reminder_at(&paris), Some(time("2026-05-08T07:00:00Z")), "still to come");
}

fn any_esim() -> impl Strategy<Value = Esim> {
    let status = prop::sample::select(vec![EsimStatus::Released, EsimStatus::Activated, EsimStatus::Exhausted, EsimStatus::Expired]);
    (status, 0..1100_u64, prop::option::of(-20_000..20_000_i64)).prop_map(|(status, used_mb, end)| {
        let mut esim = esim(status, used_mb, None);
        esim.plan.expires_at = end.map(|minutes| now() + SignedDuration::from_mins(minutes));
        esim
    })
}

proptest! {
    #[test]
    fn never_within_the_cache_and_never_later_than_the_mission_says(esim in any_esim(), webhook: bool, jitter in 0.0..1.0_f64, staleness in 0..9 * 3600_u64) {
        if let Some(next) = esim.next_poll(Duration::from_secs(staleness), webhook, now(), jitter) {
            let wait = now().duration_until(next).as_secs();
            prop_assert!(wait >= i64::try_from(staleness).unwrap());
            prop_assert!(wait <= 12 * 3600 || esim.status == EsimStatus::Expired);
        } else {
            prop_assert_eq!(esim.status, EsimStatus::Expired);
        }
    }

    #[test]
    fn reminders_come_in_the_two_days_and_a_bit_before_the_end(minutes in 0..600_000_i64, tz in prop::sample::select(vec!["Europe/Paris", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati"])) {
        let mut esim = esim(EsimStatus::Activated, 0, None);
        let end = esim.plan.begun_at + SignedDuration::from_mins(minutes);
        esim.plan.expires_at = Some(end);
        if let Some(at) = esim.reminder_at(&zone(tz)) {
            let ahead = at.duration_until(end);
            prop_assert!(ahead > SignedDuration::ZERO && ahead < SignedDuration::from_hours(64 + 1));
            prop_assert!(at >= esim.plan.begun_at);
        } else {
            prop_assert_eq!(end, esim.plan.begun_at);
        }
    }
}
