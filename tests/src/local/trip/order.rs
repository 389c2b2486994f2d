//! The order, and the e-mail that it leads to.

use serde_json::{Value, json};

use super::super::api::text;
use super::super::wait::{Seen, until};
use super::booking::{Crm, Offer, external_reference};
use super::{Scene, facts, simulator};
use crate::stack::{Result, StackError};

/// What was bought.
pub(super) struct Bought {
    pub order_id: String,
    pub esim_id: String,
    /// The profile's number, by which the provider's simulator is told what the traveller does.
    pub iccid: String,
    pub provider: String,
}

pub(super) async fn place(scene: &Scene<'_>, crm: &Option<Crm>, offer: &Offer, simulated: bool) -> Result<Bought> {
    scene.step(&format!("the adviser orders {}", offer.package_id));
    let order = json!({
        "external_reference": external_reference(scene, crm),
        "package_id": offer.package_id,
        "booking_reference": scene.reference,
    });
    let key = format!("{}-order", scene.reference);
    let placed = scene.api.post("/orders", &order, Some(&key)).await?.expect(&[201, 202])?;
    let order_id = text(&placed, "order_id")?;
    let esim_id = bought_esim(scene, &order_id).await?;
    let esim = scene.api.get(&format!("/esims/{esim_id}")).await?.expect(&[200])?;
    let bought = Bought { order_id, esim_id, iccid: text(&esim, "iccid")?, provider: offer.provider.clone() };
    if simulated {
        facts::bought_once(scene, &bought.iccid).await?;
    }
    scene.fact(&format!("order {} at {}, eSIM {}", bought.order_id, bought.provider, bought.esim_id));
    Ok(bought)
}

/// 201 says it at once; 202 leaves it to `fulfilment`.
async fn bought_esim(scene: &Scene<'_>, order_id: &str) -> Result<String> {
    until("the order to be placed with an eSIM", async || {
        let order = scene.api.get(&format!("/orders/{order_id}")).await?.expect(&[200])?;
        if let Some("rejected" | "parked") = order.get("status").and_then(Value::as_str) {
            return Err(StackError::new(format!("expected the order to be placed, got {order}")));
        }
        Ok(Seen::of(order.get("esim_id").and_then(Value::as_str).map(str::to_owned), || order.to_string()))
    })
    .await
}

/// The e-mail reaches the traveller, and its QR code is the provider's own text; returns its number.
pub(super) async fn mail_arrives(scene: &Scene<'_>, bought: &Bought) -> Result<usize> {
    scene.step("the traveller gets the e-mail with the QR code");
    let (number, message) = until("one e-mail to the traveller", async || {
        let mut mails = facts::mails(scene).await?;
        let seen = format!("{} e-mails", mails.len());
        Ok(Seen::of(if mails.len() == 1 { mails.pop() } else { None }, || seen))
    })
    .await?;
    let expected = facts::profile(scene, bought).await?;
    let found = codes(scene, number, &message).await?;
    let lpa = text(&expected, "lpa")?;
    if !found.contains(&lpa) {
        // The code opens the profile: it is compared, never told.
        return Err(StackError::new(format!("expected the provider's code in a QR image, found {} other codes", found.len())));
    }
    scene.fact(&format!("“{}”, its QR code reads as the provider's", text(&message, "subject").unwrap_or_default()));
    let delivered = until("the order to be delivered", async || {
        let order = scene.api.get(&format!("/orders/{}", bought.order_id)).await?.expect(&[200])?;
        let is_delivered = order.get("status").and_then(Value::as_str) == Some("delivered");
        Ok(Seen::of(is_delivered.then(|| order.clone()), || order.to_string()))
    });
    delivered.await?;
    Ok(number)
}

/// What the QR codes in a message's images say.
async fn codes(scene: &Scene<'_>, number: usize, message: &Value) -> Result<Vec<String>> {
    let attachments = message.get("attachments").and_then(Value::as_array).map_or(0, Vec::len);
    let mut codes = Vec::new();
    for attachment in 0..attachments {
        let bytes = scene.demo.letter_box().client().attachment(number, attachment).await.map_err(simulator)?;
        codes.extend(crate::qr::read(&bytes));
    }
    Ok(codes)
}
