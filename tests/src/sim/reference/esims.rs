//! `GET /esims/{id}` and what hangs below it.

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::iccid::digest;
use super::super::core::qr;
use super::super::core::reply::Reply;
use super::esim::Esim;
use super::{Provider, catalogue, problem};

impl Provider {
    /// By the provider's id only: an ICCID is no address.
    fn by_id(&self, id: &str) -> Result<Esim, Reply> {
        let found = self.state().esims.iter().find(|esim| esim.id == id).cloned();
        found.ok_or_else(|| problem::problem(404, "not_found", "There is no such eSIM."))
    }

    pub(super) fn show_esim(&self, id: &str) -> Reply {
        match self.by_id(id) {
            Ok(esim) => Reply::json(200, &self.described(&esim)),
            Err(refusal) => refusal,
        }
    }

    fn described(&self, esim: &Esim) -> Value {
        let ticket = digest(&format!("picture {}", esim.iccid), 40);
        self.state().pictures.insert(ticket.clone(), esim.lpa());
        json!({
            "esim_id": esim.id, "status": esim.status(self.now()), "iccid": esim.iccid, "lpa_code": esim.lpa(),
            "smdp_address": esim.host, "manual_activation_code": esim.matching_id, "confirmation_code_required": false,
            "qr_code_url": format!("{}/qr/{ticket}.png", self.url), "order_id": esim.order_id,
        })
    }

    pub(super) fn show_usage(&self, id: &str) -> Reply {
        match self.by_id(id) {
            Ok(esim) => Reply::json(200, &esim.usage(self.now())),
            Err(refusal) => refusal,
        }
    }

    pub(super) fn list_topups(&self, call: &Call, id: &str) -> Reply {
        match self.by_id(id) {
            Ok(esim) => Reply::json(200, &json!({"packages": catalogue::topups(esim.package, catalogue::french(call))})),
            Err(refusal) => refusal,
        }
    }

    /// The picture behind `qr_code_url`.
    pub(super) fn picture(&self, file: &str) -> Reply {
        let lpa = self.state().pictures.get(file.trim_end_matches(".png")).cloned();
        match lpa.map(|lpa| qr::png(&lpa)) {
            Some(Ok(png)) => Reply::bytes(200, "image/png", png),
            Some(Err(error)) => problem::problem(500, "internal", &error.to_string()),
            None => problem::problem(404, "not_found", "There is no such picture."),
        }
    }
}
