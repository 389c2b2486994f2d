//! The booking arrives, offers come back.

use serde_json::{Value, json};

use super::super::api::{list, text};
use super::{Scene, simulator};
use crate::stack::{Result, StackError};

/// Where the dossier lives in the CRM.
pub(super) struct Crm {
    pub contact_id: String,
    pub deal_id: String,
}

/// The offer that is bought.
pub(super) struct Offer {
    pub package_id: String,
    pub provider: String,
}

/// A contact and a deal, as the agency has them before it calls us.
pub(super) async fn seed_crm(scene: &Scene<'_>, simulated: bool) -> Result<Option<Crm>> {
    if !simulated {
        return Ok(None);
    }
    let seeded = scene.demo.crm().client().seed_trip(&scene.email, &scene.reference).await;
    let (contact_id, deal_id) = seeded.map_err(simulator)?;
    Ok(Some(Crm { contact_id, deal_id }))
}

pub(super) async fn arrives(scene: &Scene<'_>, crm: &Option<Crm>, simulated: bool) -> Result<Offer> {
    scene.step("the booking arrives from the CRM");
    let booking = scene.api.post("/bookings", &request(scene, crm), None).await?.expect(&[200, 201])?;
    scene.fact(&format!("booking {}, {} offers", text(&booking, "reference")?, list(&booking, "offers")?.len()));
    scene.step("the adviser reads the offers");
    let path = format!("/bookings/{}/offers", scene.reference);
    let answer = scene.api.get(&path).await?.expect(&[200])?;
    let offers = list(&answer, "offers")?;
    for offer in offers.iter().take(3) {
        scene.fact(&told(offer));
    }
    let chosen = offers.iter().find_map(|offer| buyable(offer, simulated.then(|| scene.seller().name())));
    chosen.ok_or_else(|| StackError::new(format!("expected an offer of one limited plan that can be topped up, got {answer}")))
}

fn request(scene: &Scene<'_>, crm: &Option<Crm>) -> Value {
    let mut booking = json!({
        "reference": scene.reference,
        "external_reference": external_reference(scene, crm),
        "destinations": [{"iso_country": "JP", "from": scene.from.to_string(), "to": scene.to.to_string()}],
        "traveller": {"name": "Camille Martin", "email": scene.email, "locale": "fr"},
    });
    if let (Some(booking), Some(crm)) = (booking.as_object_mut(), crm) {
        let link = json!({"deal_id": crm.deal_id, "contact_id": crm.contact_id});
        booking.insert("crm".to_owned(), link);
    }
    booking
}

/// The CRM's own id of the dossier.
pub(super) fn external_reference(scene: &Scene<'_>, crm: &Option<Crm>) -> String {
    crm.as_ref().map_or_else(|| scene.reference.clone(), |crm| crm.deal_id.clone())
}

/// One plan. With a simulated seller, a limited one of its own that can be topped up: the story needs 80 % of something, a
/// top-up, and a hand on the provider's side.
fn buyable(offer: &Value, seller: Option<&str>) -> Option<Offer> {
    let package_id = offer.get("package_id")?.as_str()?;
    let [package] = offer.get("packages")?.as_array()?.as_slice() else { return None };
    let provider = package.get("provider")?.as_str()?;
    let limited = package.get("data_volume_mb")?.is_number();
    let fit = match seller {
        Some(seller) => provider == seller && limited && package.get("topup")?.as_bool()?,
        None => true,
    };
    fit.then(|| Offer { package_id: package_id.to_owned(), provider: provider.to_owned() })
}

/// An offer in one line: plans, price, why.
fn told(offer: &Value) -> String {
    let texts = |list: &str, member: &str| {
        let items = offer.get(list).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| item.get(member)?.as_str()).map(str::to_owned).collect::<Vec<_>>()
    };
    let number = |member: &str| offer.get(member).map(Value::to_string).unwrap_or_default();
    let currency = offer.get("currency").and_then(Value::as_str).unwrap_or_default();
    let plans = texts("packages", "title").join(" + ");
    format!("{}. {plans}, {} {currency}: {}", number("rank"), number("price"), texts("reasons", "text").join("; "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{buyable, told};

    #[test]
    fn the_story_buys_one_limited_plan() {
        let package = |mb: serde_json::Value| json!({"title": "10 GB", "data_volume_mb": mb, "topup": true, "provider": "airalo"});
        let offer = |packages: Vec<serde_json::Value>| json!({"package_id": "airalo:x", "packages": packages});
        let bought = |offer, seller| buyable(&offer, seller).map(|offer| offer.package_id);
        assert_eq!(bought(offer(vec![package(json!(null))]), Some("airalo")), None);
        assert_eq!(bought(offer(vec![package(json!(1)), package(json!(1))]), None), None);
        assert_eq!(bought(offer(vec![package(json!(10_240))]), Some("airalo")).as_deref(), Some("airalo:x"));
        assert_eq!(bought(offer(vec![package(json!(null))]), None).as_deref(), Some("airalo:x"));
    }

    #[test]
    fn an_offer_is_one_line() {
        let offer = json!({"rank": 1, "price": 14.5, "currency": "USD", "packages": [{"title": "10 GB - 15 Days"}],
                           "reasons": [{"text": "Lasts 15 days"}, {"text": "Can be topped up"}]});
        assert_eq!(told(&offer), "1. 10 GB - 15 Days, 14.5 USD: Lasts 15 days; Can be topped up");
    }
}
