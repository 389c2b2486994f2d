//! Mails: recorded before they are sent. Mail services have no idempotency key, so that a mail whose sending nobody saw the end
//! of is never sent again by us: a person is asked.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::{Store, StoreError, Transaction, item::Item, keys, transaction::Condition};
use crate::domain::{AgencyId, EsimId, OrderId};
use crate::email::MailKind;

/// One mail for one eSIM and plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSlot {
    /// Whose.
    pub agency: AgencyId,
    /// The eSIM.
    pub esim_id: EsimId,
    /// What for.
    pub kind: MailKind,
    /// The plan.
    pub plan: OrderId,
    /// 0 is the mail that is sent by itself; a person may ask for more, counted from 1.
    pub copy: u32,
}

/// Copies of one mail that may be asked for.
pub const MOST_COPIES: u32 = 9;

/// What is known of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailState {
    /// Ours to send now.
    Claimed,
    /// Another worker is at it.
    Sending,
    /// A worker was at it and is gone: it may have been sent.
    Unclear,
    /// Sent, refused, or handed to a person: nothing more to do.
    Over,
}

impl MailSlot {
    /// What names the mail at the service: no personal data, and no dash in any of its parts.
    #[must_use]
    pub fn reference(&self) -> String {
        let first = format!("{}-{}-{}", self.kind.as_str(), self.esim_id, self.plan);
        if self.copy == 0 { first } else { format!("{first}-{}", self.copy) }
    }

    /// The mail that a reference names.
    #[must_use]
    pub fn of_reference(agency: &AgencyId, reference: &str) -> Option<Self> {
        let mut parts = reference.splitn(4, '-');
        let kind = MailKind::of_word(parts.next()?)?;
        let esim_id = EsimId::parse(parts.next()?).ok()?;
        let plan = OrderId::parse(parts.next()?).ok()?;
        let copy = parts.next().map_or(Some(0), |number| number.parse().ok().filter(|copy| (1..=MOST_COPIES).contains(copy)))?;
        Some(Self { agency: agency.clone(), esim_id, kind, plan, copy })
    }

    fn key(&self) -> keys::Key {
        match self.copy {
            0 => keys::mail(&self.agency, &self.esim_id, self.kind.as_str(), &self.plan),
            copy => keys::mail_copy(&self.agency, &self.esim_id, self.kind.as_str(), &self.plan, copy),
        }
    }

    fn item(&self, state: &str, owner: &str, at: Timestamp, message_id: Option<&str>) -> Item {
        Item::at(&self.key())
            .text("kind", "mail")
            .text("state", state)
            .text("owner", owner)
            .instant("lease_until", at)
            .optional_text("message_id", message_id)
    }
}

/// A mail as it lies in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRecord {
    /// False while nobody has written down what came of the sending.
    pub closed: bool,
    /// The service's id, where it gave one.
    pub message_id: Option<String>,
}

impl Store {
    /// What is written of a mail.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mail(&self, slot: &MailSlot) -> Result<Option<MailRecord>, StoreError> {
        let item = self.get(&slot.key()).await?;
        Ok(item.map(|item| MailRecord {
            closed: item.read_text("state") != Some("sending"),
            message_id: item.read_text("message_id").map(str::to_owned),
        }))
    }

    /// Claims a mail: from here on it counts as possibly sent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim_mail(&self, slot: &MailSlot, owner: &str, now: Timestamp, lease_until: Timestamp) -> Result<MailState, StoreError> {
        let claim = self.transaction().put(slot.item("sending", owner, lease_until, None), &Condition::Absent).commit().await;
        match claim {
            Ok(()) => return Ok(MailState::Claimed),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error),
        }
        let Some(item) = self.get(&slot.key()).await? else { return Ok(MailState::Sending) };
        Ok(match item.read_text("state") {
            Some("sending") if item.read_text("owner") == Some(owner) => MailState::Claimed,
            Some("sending") if item.read_instant("lease_until").is_some_and(|until| until > now) => MailState::Sending,
            Some("sending") => MailState::Unclear,
            _ => MailState::Over,
        })
    }

    /// What became of a mail, in the word that it was closed with; `sending` while it is under way, `None` before that.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mail_state(&self, slot: &MailSlot) -> Result<Option<String>, StoreError> {
        let item = self.get(&slot.key()).await?;
        Ok(item.and_then(|item| item.read_text("state").map(str::to_owned)))
    }

    /// The copies of a mail that were asked for and begun.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mail_copies(&self, slot: &MailSlot) -> Result<u32, StoreError> {
        let first = MailSlot { copy: 0, ..slot.clone() }.key();
        let copies = self.all(&first.pk, &format!("{}#", first.sk)).await?;
        Ok(u32::try_from(copies.len()).unwrap_or(u32::MAX))
    }

    /// Gives a claim back: the mail was surely not sent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unclaim_mail(&self, slot: &MailSlot, owner: &str) -> Result<(), StoreError> {
        let held =
            Condition::Holds(vec![("owner", AttributeValue::S(owner.to_owned())), ("state", AttributeValue::S("sending".to_owned()))]);
        match self.transaction().delete(&slot.key(), &held).commit().await {
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Transaction {
    /// Closes a mail: `sent`, `refused` or `unclear`.
    pub fn close_mail(self, slot: &MailSlot, state: &str, at: Timestamp, message_id: Option<&str>) -> Self {
        let item = slot.item(state, "", at, message_id);
        self.put(item, &Condition::Holds(vec![("state", AttributeValue::S("sending".to_owned()))]))
    }
}
