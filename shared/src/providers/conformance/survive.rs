//! Reading what no provider should say.

use http::{HeaderMap, StatusCode};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::conclude::{japan, secrets, with_look_up};
use super::sample::{Sample, read};
use super::{iccid, now};
use crate::outbound::Answer;
use crate::providers::{EsimKey, EsimProvider};

/// Reads what no provider should say: every sample under every kind of status, any bytes, and samples cut short or with bytes changed.
/// Nothing may panic, and no error may tell an ICCID, an activation code or an address.
pub(crate) fn survives(provider: &dyn EsimProvider, samples: &[&str]) {
    let samples: Vec<Sample> = read(samples).into_values().collect();
    for sample in &samples {
        for status in [200, 302, 400, 401, 402, 403, 404, 408, 409, 422, 425, 429, 500, 503] {
            everything(provider, &Answer { status: StatusCode::from_u16(status).unwrap(), ..sample.answer() });
        }
    }
    let status = prop_oneof![Just(200_u16), Just(201), Just(202), Just(422), Just(409), 100_u16..600];
    let any_bytes = (status.clone(), proptest::collection::vec(any::<u8>(), 0..200));
    TestRunner::default()
        .run(&any_bytes, |(status, body)| {
            everything(provider, &Answer { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body });
            Ok(())
        })
        .unwrap();
    let harmed = (status, any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), any::<bool>());
    TestRunner::default()
        .run(&harmed, |(status, which, place, byte, cut)| {
            let mut answer = which.get(&samples).answer();
            answer.status = StatusCode::from_u16(status).unwrap();
            if !answer.body.is_empty() {
                let place = place.index(answer.body.len());
                if cut {
                    answer.body.truncate(place);
                } else if let Some(changed) = answer.body.get_mut(place) {
                    *changed = byte;
                }
            }
            everything(provider, &answer);
            Ok(())
        })
        .unwrap();
}

fn everything(provider: &dyn EsimProvider, answer: &Answer) {
    let errors = [
        provider.read_login(answer).err(),
        provider.read_catalogue(answer).err(),
        provider.read_place(answer).err(),
        with_look_up(false, None, None, |order| provider.read_find_order(order, answer).err()),
        with_look_up(true, None, None, |order| provider.read_find_order(order, answer).err()),
        with_look_up(false, Some("1001"), None, |order| provider.read_find_order(order, answer).err()),
        provider.read_esim(answer).err(),
        provider.read_usage(answer, now()).err(),
        provider.read_usage(answer, now()).and_then(|reading| provider.read_more_usage(reading, answer, now())).err(),
        provider.read_topups(answer, &japan()).err(),
        provider.read_top_up(answer).err(),
        provider.read_register_webhook(answer).err(),
        provider.read_webhook(&answer.body, now()).err(),
    ];
    for error in errors.into_iter().flatten() {
        let text = format!("{error} {error:?}");
        assert!(!text.contains("8933200000000000127") && !text.contains("K2-48XR-77TB") && !text.contains("anna@example.com"), "{text}");
    }
    let iccid = iccid();
    let esim = EsimKey { provider_esim_id: Some("esim-77"), iccid: Some(&iccid) };
    provider.more_usage(esim, std::slice::from_ref(answer));
    provider.more_usage(esim, &[answer.clone(), answer.clone()]);
    provider.next_page(Some("2"), answer);
    provider.verify_webhook(&secrets(), &answer.headers, &answer.body, now());
}
