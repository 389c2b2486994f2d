#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::super::{
    AccountName, Esim, EsimId, EsimStatus, Money, OrderId, Package, PackageId, UsageReading,
    esim::{LifeEvent, Plan},
    usage::ReportedStatus,
};
use LifeEvent::{Activated, Expired, Installed, TopupProposed, Used80, Used100};

/// Minutes after the purchase of the eSIM.
fn at(minutes: i64) -> Timestamp {
    let bought: Timestamp = "2026-05-01T10:00:00Z".parse().unwrap();
    bought + SignedDuration::from_mins(minutes)
}

const DAY: i64 = 24 * 60;

fn package(data_volume_mb: Option<u64>) -> Package {
    Package {
        package_id: PackageId::parse("airalo:moshi-7days-1gb").unwrap(),
        provider: AccountName::parse("airalo").unwrap(),
        title: "Moshi Moshi".to_owned(),
        iso_countries: Vec::new(),
        data_volume_mb,
        validity_days: 7,
        price: Money::new(rust_decimal::Decimal::new(45, 1), "USD").unwrap(),
        network_operators: Vec::new(),
        topup: true,
    }
}

fn esim(data_volume_mb: Option<u64>) -> Esim {
    let order_id = OrderId::parse("ord_1").unwrap();
    Esim {
        esim_id: EsimId::parse("esim_1").unwrap(),
        order_id: order_id.clone(),
        booking_reference: None,
        external_reference: "crm-1".to_owned(),
        provider_esim_id: None,
        status: EsimStatus::Released,
        plan: Plan {
            order_id,
            package: package(data_volume_mb),
            begun_at: at(0),
            previous_expires_at: None,
            used_mb: 0,
            total_mb: data_volume_mb,
            activated_at: None,
            expires_at: None,
            measured_at: None,
            told: Vec::new(),
            days: Vec::new(),
        },
        version: 1,
        created_at: at(0),
        mail: None,
    }
}

/// A reading that says only its status and when it was measured.
fn says(status: ReportedStatus, minutes: i64) -> UsageReading {
    UsageReading {
        status,
        used_mb: None,
        remaining_mb: None,
        total_mb: None,
        unlimited: false,
        expires_at: None,
        activated_at: None,
        measured_at: at(minutes),
    }
}

fn used(mb: u64, minutes: i64) -> UsageReading {
    UsageReading { used_mb: Some(mb), ..says(ReportedStatus::Active, minutes) }
}

fn ending(reading: UsageReading, minutes: i64) -> UsageReading {
    UsageReading { expires_at: Some(at(minutes)), ..reading }
}

fn heard(esim: &mut Esim, reading: &UsageReading) -> Vec<LifeEvent> {
    esim.apply(reading, reading.measured_at)
}

#[test]
fn a_life_is_told_in_order_and_each_event_once() {
    let mut esim = esim(Some(1000));
    let readings = [
        (says(ReportedStatus::NotActive, 1), vec![]),
        (says(ReportedStatus::Installed, 2), vec![Installed]),
        (says(ReportedStatus::Installed, 3), vec![]),
        (ending(used(0, 4), 7 * DAY), vec![Activated]),
        (used(799, 5), vec![]),
        (used(800, 6), vec![Used80]),
        (used(990, 7), vec![]),
        (says(ReportedStatus::Exhausted, 8), vec![Used100]),
        (ending(says(ReportedStatus::Expired, 7 * DAY), 7 * DAY), vec![Expired]),
        (ending(says(ReportedStatus::Expired, 7 * DAY + 1), 7 * DAY), vec![]),
    ];
    for (reading, told) in readings {
        assert_eq!(heard(&mut esim, &reading), told, "{reading:?}");
        assert_eq!(heard(&mut esim, &reading), [], "the same again: {reading:?}");
    }
    assert_eq!(esim.status, EsimStatus::Expired);
}

#[test]
fn a_jump_tells_both_thresholds() {
    assert_eq!(heard(&mut esim(Some(1000)), &used(1000, 5)), [Activated, Used80, Used100]);
    assert_eq!(heard(&mut esim(Some(1000)), &says(ReportedStatus::Exhausted, 5)), [Activated, Used80, Used100]);
}

#[test]
fn used_is_derived_where_only_the_remainder_is_said() {
    let mut esim = esim(Some(1000));
    let reading = UsageReading { remaining_mb: Some(200), total_mb: Some(1024), ..says(ReportedStatus::Active, 5) };
    assert_eq!(heard(&mut esim, &reading), [Activated, Used80]);
    assert_eq!((esim.plan.used_mb, esim.plan.total_mb, esim.remaining_mb()), (824, Some(1024), Some(200)));
}

#[test]
fn a_total_of_zero_is_not_a_total() {
    let mut esim = esim(Some(1000));
    let reading = UsageReading { remaining_mb: Some(0), total_mb: Some(0), ..says(ReportedStatus::NotActive, 5) };
    assert_eq!(heard(&mut esim, &reading), []);
    assert_eq!((esim.plan.total_mb, esim.remaining_mb()), (Some(1000), Some(1000)));
}

#[test]
fn installed_is_never_derived_but_activated_is_from_use() {
    let mut esim = esim(Some(1000));
    let reading = UsageReading { used_mb: Some(3), ..says(ReportedStatus::NotActive, 5) };
    assert_eq!(heard(&mut esim, &reading), [Activated]);
    assert_eq!(esim.status, EsimStatus::Activated);
}

#[test]
fn plans_without_limit_have_no_thresholds() {
    let mut unlimited = esim(None);
    assert_eq!(heard(&mut unlimited, &used(900_000, 5)), [Activated]);
    assert_eq!(heard(&mut unlimited, &says(ReportedStatus::Exhausted, 6)), []);
    assert_eq!(unlimited.remaining_mb(), None);
    let mut said_later = esim(Some(1000));
    let reading = UsageReading { unlimited: true, total_mb: Some(0), ..used(5000, 5) };
    assert_eq!(heard(&mut said_later, &reading), [Activated]);
}

#[test]
fn nothing_is_left_of_a_plan_that_is_exhausted() {
    let mut esim = esim(Some(1000));
    heard(&mut esim, &UsageReading { used_mb: Some(990), ..says(ReportedStatus::Exhausted, 5) });
    assert_eq!((esim.plan.used_mb, esim.remaining_mb()), (990, Some(0)));
}

#[test]
fn late_readings_change_nothing() {
    let mut esim = esim(Some(1000));
    heard(&mut esim, &ending(used(500, 10), 7 * DAY));
    let before = esim.clone();
    for late in [used(900, 9), says(ReportedStatus::Expired, 9), says(ReportedStatus::Cancelled, 9), ending(used(500, 9), 9 * DAY)] {
        assert_eq!(heard(&mut esim, &late), []);
        assert_eq!(esim, before);
    }
}

#[test]
fn words_that_nobody_knows_move_no_status() {
    let mut esim = esim(Some(1000));
    assert_eq!(heard(&mut esim, &says(ReportedStatus::Unknown("HIBERNATING".to_owned()), 5)), []);
    assert_eq!(esim.status, EsimStatus::Released);
}

#[test]
fn a_lower_status_does_not_take_the_esim_back() {
    let mut esim = esim(Some(1000));
    heard(&mut esim, &used(10, 5));
    assert_eq!(heard(&mut esim, &says(ReportedStatus::Installed, 6)), []);
    assert_eq!(heard(&mut esim, &says(ReportedStatus::NotActive, 7)), []);
    assert_eq!(esim.status, EsimStatus::Activated);
}

#[test]
fn cancelled_is_the_end_and_tells_nothing() {
    let mut esim = esim(Some(1000));
    assert_eq!(heard(&mut esim, &ending(says(ReportedStatus::Cancelled, 5), 1)), []);
    assert_eq!(heard(&mut esim, &used(900, 6)), []);
    assert_eq!((esim.status, esim.plan.used_mb), (EsimStatus::Cancelled, 0));
}

#[test]
fn nothing_is_told_once_the_end_was() {
    let mut esim = esim(Some(1000));
    assert_eq!(heard(&mut esim, &says(ReportedStatus::Expired, 5)), [Expired]);
    assert_eq!(heard(&mut esim, &used(1000, 6)), []);
    assert_eq!((esim.status, esim.plan.used_mb), (EsimStatus::Expired, 1000));
}

#[test]
fn the_end_is_seen_by_the_clock_unless_a_fresh_word_says_otherwise() {
    let end = 7 * DAY;
    let started = || {
        let mut esim = esim(Some(1000));
        heard(&mut esim, &ending(used(10, 5), end));
        esim
    };
    assert_eq!(started().apply(&used(10, end - 10), at(end)), [Expired], "measured before the end");
    assert_eq!(started().apply(&used(10, end + 10), at(end + 10)), [], "still active after the end");
    assert_eq!(started().apply(&used(10, end + 2 * DAY), at(end + 2 * DAY)), [Expired], "a day later the date counts");
    assert_eq!(started().apply(&ending(used(10, end - 10), end + DAY), at(end + 10)), [], "the end was moved");
    assert_eq!(started().apply(&says(ReportedStatus::NotActive, end + 10), at(end + 10)), [Expired], "no word against it");
    assert_eq!(started().apply(&used(10, end - 10), at(end - 1)), [], "not yet");
}

#[test]
fn the_end_moves_with_newer_readings_and_only_later_with_equal_ones() {
    let mut esim = esim(Some(1000));
    heard(&mut esim, &ending(used(1, 5), 7 * DAY));
    heard(&mut esim, &ending(used(1, 5), 6 * DAY));
    assert_eq!(esim.plan.expires_at, Some(at(7 * DAY)));
    heard(&mut esim, &ending(used(1, 5), 8 * DAY));
    assert_eq!(esim.plan.expires_at, Some(at(8 * DAY)));
    heard(&mut esim, &ending(used(1, 6), 6 * DAY));
    assert_eq!(esim.plan.expires_at, Some(at(6 * DAY)));
    heard(&mut esim, &used(1, 7));
    assert_eq!(esim.plan.expires_at, Some(at(6 * DAY)));
}

/// Used up after five days, topped up with 2,000 MB on the sixth.
fn topped_up() -> Esim {
    let mut esim = esim(Some(1000));
    heard(&mut esim, &says(ReportedStatus::Installed, 1));
    heard(&mut esim, &ending(used(1000, 5 * DAY), 7 * DAY));
    heard(&mut esim, &says(ReportedStatus::Exhausted, 5 * DAY + 1));
    assert!(esim.tell_once(TopupProposed));
    esim.start_plan(OrderId::parse("ord_2").unwrap(), package(Some(2000)), at(6 * DAY));
    esim
}

#[test]
fn a_top_up_starts_a_plan_that_is_told_anew_except_installed() {
    let mut esim = topped_up();
    assert_eq!((esim.status, esim.plan.used_mb, esim.remaining_mb()), (EsimStatus::Activated, 0, Some(2000)));
    assert_eq!(esim.plan.told, [Installed]);
    assert_eq!((esim.plan.expires_at, esim.plan.previous_expires_at), (Some(at(7 * DAY)), Some(at(7 * DAY))));
    assert!(esim.is_topped_up() && esim.tell_once(TopupProposed) && !esim.tell_once(TopupProposed));
    let fresh = UsageReading { total_mb: Some(2000), ..ending(used(1700, 6 * DAY + 5), 13 * DAY) };
    assert_eq!(heard(&mut esim, &fresh), [Activated, Used80]);
    assert_eq!(esim.plan.expires_at, Some(at(13 * DAY)));
}

#[test]
fn readings_of_the_plan_before_are_passed_over() {
    let minute = 6 * DAY;
    for stale in [
        used(1000, minute - 1),
        ending(says(ReportedStatus::Expired, minute - 1), 7 * DAY),
        ending(says(ReportedStatus::Exhausted, minute + 20), 7 * DAY),
        ending(used(1000, minute + 60), 7 * DAY),
        says(ReportedStatus::Exhausted, minute + 20),
    ] {
        let mut esim = topped_up();
        let before = esim.clone();
        assert_eq!(heard(&mut esim, &stale), []);
        assert_eq!(esim, before, "{stale:?}");
    }
}

#[test]
fn the_old_end_is_believed_again_an_hour_after_the_top_up() {
    let later = ending(says(ReportedStatus::Exhausted, 6 * DAY + 61), 7 * DAY);
    assert_eq!(heard(&mut topped_up(), &later), [Activated, Used80, Used100]);
}

#[test]
fn a_cancellation_is_no_stale_reading() {
    let mut esim = topped_up();
    heard(&mut esim, &ending(says(ReportedStatus::Cancelled, 6 * DAY + 1), 7 * DAY));
    assert_eq!(esim.status, EsimStatus::Cancelled);
}

#[test]
fn the_end_of_the_plan_before_does_not_end_the_new_one() {
    let mut esim = topped_up();
    assert_eq!(esim.apply(&used(5, 7 * DAY - 5), at(7 * DAY + 5)), [Activated]);
    assert_eq!(esim.status, EsimStatus::Activated);
}

#[test]
fn a_top_up_before_the_first_use_leaves_the_status() {
    let mut esim = esim(Some(1000));
    heard(&mut esim, &says(ReportedStatus::Installed, 1));
    esim.start_plan(OrderId::parse("ord_2").unwrap(), package(None), at(2));
    assert_eq!((esim.status, esim.remaining_mb()), (EsimStatus::Installed, None));
}

fn any_status() -> impl Strategy<Value = ReportedStatus> {
    prop_oneof![
        1 => Just(ReportedStatus::NotActive),
        1 => Just(ReportedStatus::Downloaded),
        1 => Just(ReportedStatus::Installed),
        4 => Just(ReportedStatus::Active),
        1 => Just(ReportedStatus::Exhausted),
        1 => Just(ReportedStatus::Expired),
        1 => Just(ReportedStatus::Cancelled),
        1 => Just(ReportedStatus::Unknown("NEW".to_owned())),
    ]
}

fn any_reading() -> impl Strategy<Value = UsageReading> {
    let numbers = (prop::option::of(0..1200_u64), prop::option::of(0..1200_u64), prop::option::of(0..1200_u64), prop::bool::weighted(0.1));
    (any_status(), numbers, 0..9 * DAY, prop::option::of(0..12 * DAY)).prop_map(
        |(status, (used_mb, remaining_mb, total_mb, unlimited), minutes, end)| {
            let expires_at = end.map(at);
            UsageReading { used_mb, remaining_mb, total_mb, unlimited, expires_at, ..says(status, minutes) }
        },
    )
}

proptest! {
    #[test]
    fn status_and_usage_never_fall_and_nothing_is_told_twice(readings in prop::collection::vec((any_reading(), 0..DAY), 1..30)) {
        let mut esim = esim(Some(1000));
        let mut told = Vec::new();
        for (reading, delay) in readings {
            let before = esim.clone();
            told.extend(esim.apply(&reading, reading.measured_at + SignedDuration::from_mins(delay)));
            prop_assert!(esim.status >= before.status && esim.plan.used_mb >= before.plan.used_mb);
            prop_assert!(esim.plan.measured_at >= before.plan.measured_at);
            prop_assert_eq!(esim.version, before.version);
        }
        prop_assert_eq!(&told, &esim.plan.told);
        let mut once = told.clone();
        once.dedup();
        once.sort_by_key(|event| format!("{event:?}"));
        once.dedup();
        prop_assert_eq!(once.len(), told.len());
        if let Some(end) = told.iter().position(|event| *event == Expired) {
            prop_assert_eq!(end + 1, told.len(), "nothing after the end");
        }
        let place = |event| told.iter().position(|t| *t == event);
        prop_assert!(place(Used100).is_none() || place(Used80) < place(Used100));
        prop_assert!(place(Used80).is_none() || (place(Activated).is_some() && place(Activated) < place(Used80)));
    }

    #[test]
    fn repeats_and_reorderings_end_where_the_order_of_time_ends(mut readings in prop::collection::vec(any_reading(), 1..12)) {
        readings.sort_by_key(|reading| reading.measured_at);
        readings.dedup_by_key(|reading| reading.measured_at);
        let now = at(9 * DAY);
        let mut straight = esim(Some(1000));
        for reading in &readings {
            straight.apply(reading, now);
        }
        let mut disturbed = esim(Some(1000));
        for (place, reading) in readings.iter().enumerate() {
            disturbed.apply(reading, now);
            let told = readings.iter().take(place + 1).flat_map(|earlier| disturbed.apply(earlier, now)).count();
            prop_assert_eq!(told, 0);
        }
        prop_assert_eq!(straight, disturbed);
    }
}
