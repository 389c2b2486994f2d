//! What a dossier's eSIMs cost and bring in stands on its deal, as it is, and what is forgotten is emptied in the CRM.

use crate::fixture::World;
use passerelle::{domain::EsimId, flows::topup, outbound::Deadline};
use passerelle_tests::{
    local::Crm,
    sim::{Fault, Simulators},
};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::time::Duration;

async fn world(crm: Crm) -> World {
    let margin = json!({"margin_percent": 25});
    match crm {
        Crm::Salesforce => {
            World::with_partners(&["airalo"], |sims: &Simulators| json!({"crm": Crm::Salesforce.settings(sims), "pages": margin})).await
        }
        _ => World::with_settings(&["airalo"], json!({"pages": margin})).await,
    }
}

/// Net, sale, margin and currency as the dossier shows them.
async fn shown(world: &World) -> [Option<String>; 4] {
    let (object, names) = match world.crm {
        Crm::Salesforce => ("Opportunity", ["eSIM_Net__c", "eSIM_Sale__c", "eSIM_Margin__c", "eSIM_Currency__c"]),
        _ => ("deals", ["passerelle_revenue_net", "passerelle_revenue_sale", "passerelle_revenue_margin", "passerelle_revenue_currency"]),
    };
    let deals = world.crm.sim(&world.sims).client().objects(object).await.unwrap();
    let properties = deals[0]["properties"].clone();
    names.map(|name| match &properties[name] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

fn told(net: Decimal, each: &[Decimal]) -> [Option<String>; 4] {
    let asked =
        |price: &Decimal| (price * Decimal::new(125, 2)).round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    let sale: Decimal = each.iter().map(asked).sum();
    [net, sale, sale - net]
        .map(|amount| Some(amount.normalize().to_string()))
        .into_iter()
        .chain([Some("USD".to_owned())])
        .collect::<Vec<_>>()
        .try_into()
        .unwrap()
}

async fn price(world: &World, esim: &EsimId) -> Decimal {
    world.esim(esim).await.esim.plan.package.price.amount
}

#[tokio::test]
async fn an_order_and_its_top_up_are_added_up_on_the_deal_whatever_gets_lost() {
    for crm in [Crm::Hubspot, Crm::Salesforce] {
        let mut world = world(crm).await;
        let path = if crm == Crm::Salesforce { "/Opportunity/" } else { "/deals/" };
        world.crm.sim(&world.sims).client().fault(&Fault::on("PATCH", path).after(1).times(1).dropping_the_reply()).await.unwrap();
        let (esim, _) = world.delivered("airalo").await;
        let first = price(&world, &esim).await;
        assert_eq!(shown(&world).await, told(first, &[first]));
        let listed: Value = serde_json::from_str(&topup::list(&world.run().await, &esim).await.unwrap()).unwrap();
        let answer = world.top_up("key-2", &esim, listed["packages"][0]["package_id"].as_str().unwrap()).await.unwrap();
        assert_eq!(answer.answer.status, 201, "{}", answer.answer.body);
        world.settle().await;
        let second = price(&world, &esim).await;
        assert_eq!(shown(&world).await, told(first + second, &[first, second]));
        assert!(world.dead.is_empty() && world.tasks().await.is_empty());
    }
}

#[tokio::test]
async fn what_is_forgotten_here_is_emptied_in_the_crm() {
    for crm in [Crm::Hubspot, Crm::Salesforce] {
        let mut world = world(crm).await;
        let (esim, iccid) = world.delivered("airalo").await;
        let expires = world.now().checked_add(jiff::SignedDuration::from_hours(30)).unwrap().to_string();
        world.sims.airalo.client().set_esim(&iccid, &json!({"status": "EXPIRED", "used_mb": 10, "expires_at": expires})).await.unwrap();
        world.pass(Duration::from_secs(2 * 24 * 3600)).await;
        world.poll().await;
        world.pass(Duration::from_secs(31 * 14 * 24 * 3600)).await;
        let object = if crm == Crm::Salesforce { "eSIM_Subscription__c" } else { "esim_subscription" };
        let kept = |records: Vec<Value>| records.iter().map(Value::to_string).collect::<String>();
        let before = kept(world.crm.sim(&world.sims).client().objects(object).await.unwrap());
        assert!(before.contains("VH-1") && before.contains(esim.as_str()), "{before}");
        let deadline = Deadline::within(world.now(), Duration::from_secs(60));
        let done =
            passerelle::flows::anonymise::anonymise_due(&world.house, world.now(), &crate::fixture::trace(), deadline).await.unwrap();
        assert_eq!(done.esims, 1);
        world.settle().await;
        let after = kept(world.crm.sim(&world.sims).client().objects(object).await.unwrap());
        for personal in ["VH-1", &iccid[iccid.len() - 4..]] {
            assert!(!after.contains(personal), "{personal} is in {after}");
        }
        assert!(world.dead.is_empty() && world.tasks().await.is_empty() && world.outbox().await.is_empty());
    }
}
