//! Manual tasks: what a person must do, in the agency's language: what happened, what was done, what to do.

use jiff::ToSpan;
use std::time::Duration;

use super::Run;
use crate::{
    crm::ManualTask,
    domain::{Booking, CrmLink, Locale, OrderId},
    store::{
        orders::OrderRecord,
        outbox::{Entry, TaskKind, TaskNote, Work},
    },
};

/// A task about an order, once per order and kind.
#[must_use]
pub fn about_order(run: &Run<'_>, record: &OrderRecord, kind: TaskKind, detail: String) -> Entry {
    let order = &record.order;
    let note = TaskNote {
        key: format!("{}-{}", word(kind), order.order_id),
        kind,
        order_id: Some(order.order_id.clone()),
        esim_id: order.esim_id.clone(),
        booking_reference: order.booking_reference.clone(),
        detail,
    };
    run.to_do(Work::Task(note), Duration::ZERO)
}

/// A task about what was bought for a trip that does not take place, once a cancellation.
#[must_use]
pub fn trip_cancelled(run: &Run<'_>, booking: &Booking, order: OrderId) -> Entry {
    let detail = match run.agency.locale {
        Locale::Fr => "annulation reçue",
        Locale::En => "a cancellation was received",
    };
    about_trip(run, booking, TaskKind::TripCancelled, order, detail.to_owned())
}

/// A task about what was bought for a trip that is another one now, once a change.
#[must_use]
pub fn trip_changed(run: &Run<'_>, booking: &Booking, order: OrderId, detail: String) -> Entry {
    about_trip(run, booking, TaskKind::TripChanged, order, detail)
}

/// Once a version of the dossier.
fn about_trip(run: &Run<'_>, booking: &Booking, kind: TaskKind, order: OrderId, detail: String) -> Entry {
    let note = TaskNote {
        key: format!("{}-{}-{}", word(kind), booking.reference, booking.version),
        kind,
        order_id: Some(order),
        esim_id: None,
        booking_reference: Some(booking.reference.clone()),
        detail,
    };
    run.to_do(Work::Task(note), Duration::ZERO)
}

/// A task about a booking that could not be taken in, once a booking and reason.
#[must_use]
pub fn booking_left_out(run: &Run<'_>, reference: &str, code: &str, detail: String) -> Entry {
    let kind = TaskKind::BookingLeftOut;
    let note = TaskNote {
        key: format!("{}-{reference}-{code}", word(kind)),
        kind,
        order_id: None,
        esim_id: None,
        booking_reference: Some(reference.to_owned()),
        detail,
    };
    run.to_do(Work::Task(note), Duration::ZERO)
}

/// A task about a file that another system sent, once a content.
#[must_use]
pub fn file_to_check(run: &Run<'_>, name: &str, content: &str, detail: String) -> Entry {
    let kind = TaskKind::FileToCheck;
    let short = content.get(..16).unwrap_or(content);
    let key = format!("{}-{name}-{short}", word(kind));
    run.to_do(Work::Task(TaskNote { key, kind, order_id: None, esim_id: None, booking_reference: None, detail }), Duration::ZERO)
}

/// A task about a provider account.
#[must_use]
pub fn about_account(run: &Run<'_>, key: String, kind: TaskKind, detail: String) -> Entry {
    let note = TaskNote { key, kind, order_id: None, esim_id: None, booking_reference: None, detail };
    run.to_do(Work::Task(note), Duration::ZERO)
}

/// The word in keys.
#[must_use]
pub fn word(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::OrderRejected => "order-rejected",
        TaskKind::OrderUnclear => "order-unclear",
        TaskKind::OrderNotSent => "order-not-sent",
        TaskKind::ChooseAnother => "choose-another",
        TaskKind::ProfileMissing => "profile-missing",
        TaskKind::MailRefused => "mail-refused",
        TaskKind::MailUnclear => "mail-unclear",
        TaskKind::MailBounced => "mail-bounced",
        TaskKind::ProposeTopup => "propose-topup",
        TaskKind::ProposeNewPlan => "propose-new-plan",
        TaskKind::CreditLow => "credit-low",
        TaskKind::TripCancelled => "trip-cancelled",
        TaskKind::TripChanged => "trip-changed",
        TaskKind::RefundAsked => "refund-asked",
        TaskKind::RefundUnclear => "refund-unclear",
        TaskKind::RefundNotAsked => "refund-not-asked",
        TaskKind::FutureNotCancelled => "future-not-cancelled",
        TaskKind::FutureCancelUnclear => "future-cancel-unclear",
        TaskKind::BookingLeftOut => "booking-left-out",
        TaskKind::FileToCheck => "file-to-check",
        TaskKind::WebhookFailed => "webhook-failed",
        TaskKind::WorkFailed => "work-failed",
    }
}

/// The task as the CRM shows it.
#[must_use]
pub fn written(run: &Run<'_>, note: &TaskNote, link: CrmLink, trace_id: &str) -> ManualTask {
    let (subject, to_do) = words(note.kind, run.agency.locale);
    let (happened, dossier, order, trace) = match run.agency.locale {
        Locale::Fr => ("Ce qui s'est passé", "Dossier", "Commande", "Trace"),
        Locale::En => ("What happened", "Dossier", "Order", "Trace"),
    };
    let mut body = format!("{to_do}\n\n{happened}: {}", note.detail);
    for (label, value) in [
        (dossier, note.booking_reference.clone()),
        (order, note.order_id.as_ref().map(ToString::to_string)),
        ("eSIM", note.esim_id.as_ref().map(ToString::to_string)),
    ] {
        if let Some(value) = value {
            body.push_str(&format!("\n{label}: {value}"));
        }
    }
    body.push_str(&format!("\n{trace}: {trace_id}"));
    ManualTask {
        key: note.key.clone(),
        link,
        subject: match &note.booking_reference {
            Some(reference) => format!("{subject} · {reference}"),
            None => subject.to_owned(),
        },
        body,
        due_at: run.now().saturating_add(24.hours()).map_or(run.now(), |t| t),
        urgent: !matches!(note.kind, TaskKind::ProposeTopup | TaskKind::ProposeNewPlan),
    }
}

fn words(kind: TaskKind, locale: Locale) -> (&'static str, &'static str) {
    match (kind, locale) {
        (TaskKind::OrderRejected, Locale::Fr) => (
            "eSIM : commande refusée",
            "Le fournisseur a refusé la commande ; rien n'a été acheté. Choisissez une autre offre ou corrigez la cause, puis commandez de nouveau.",
        ),
        (TaskKind::OrderRejected, Locale::En) => (
            "eSIM: order refused",
            "The provider refused the order; nothing was bought. Choose another offer or mend the cause, then order again.",
        ),
        (TaskKind::OrderUnclear, Locale::Fr) => (
            "eSIM : achat incertain",
            "Personne ne peut dire si l'eSIM a été achetée. Cherchez la référence de la commande sur le portail du fournisseur avant de commander de nouveau.",
        ),
        (TaskKind::OrderUnclear, Locale::En) => (
            "eSIM: purchase unclear",
            "Nobody can say whether the eSIM was bought. Look for the order's reference on the provider's portal before you order again.",
        ),
        (TaskKind::OrderNotSent, Locale::Fr) => (
            "eSIM : commande non transmise",
            "La commande n'a pas pu être transmise au fournisseur ; rien n'a été acheté. Commandez de nouveau plus tard ou choisissez une autre offre.",
        ),
        (TaskKind::OrderNotSent, Locale::En) => (
            "eSIM: order not sent",
            "The order could not be sent to the provider; nothing was bought. Order again later or choose another offer.",
        ),
        (TaskKind::ChooseAnother, Locale::Fr) => (
            "eSIM : choisir une offre équivalente",
            "L'offre commandée ne peut pas être obtenue ; rien n'a été acheté et cette commande est close. Choisissez l'une des offres équivalentes d'un autre fournisseur ci-dessous et commandez-la.",
        ),
        (TaskKind::ChooseAnother, Locale::En) => (
            "eSIM: choose an equivalent plan",
            "The ordered plan cannot be had; nothing was bought and this order is closed. Choose one of the equivalent plans of another provider below and order it.",
        ),
        (TaskKind::ProfileMissing, Locale::Fr) => (
            "eSIM : codes introuvables",
            "L'eSIM est achetée mais ses codes n'ont pas pu être lus. Récupérez-les sur le portail du fournisseur et envoyez-les au voyageur.",
        ),
        (TaskKind::ProfileMissing, Locale::En) => (
            "eSIM: codes missing",
            "The eSIM is bought but its codes could not be read. Fetch them from the provider's portal and send them to the traveller.",
        ),
        (TaskKind::MailRefused, Locale::Fr) => (
            "eSIM : e-mail refusé",
            "Le service d'e-mail a refusé le message au voyageur. Vérifiez l'adresse, puis transmettez les codes autrement.",
        ),
        (TaskKind::MailRefused, Locale::En) => (
            "eSIM: e-mail refused",
            "The mail service refused the message to the traveller. Check the address, then hand the codes over another way.",
        ),
        (TaskKind::MailUnclear, Locale::Fr) => (
            "eSIM : e-mail peut-être non envoyé",
            "Personne ne peut dire si l'e-mail est parti. Demandez au voyageur s'il a reçu ses codes ; sinon transmettez-les.",
        ),
        (TaskKind::MailUnclear, Locale::En) => (
            "eSIM: e-mail may not have gone out",
            "Nobody can say whether the e-mail was sent. Ask the traveller whether the codes arrived; hand them over if not.",
        ),
        (TaskKind::MailBounced, Locale::Fr) => (
            "eSIM : e-mail non remis",
            "L'e-mail au voyageur est revenu. Corrigez son adresse, puis transmettez-lui les codes ou la proposition autrement.",
        ),
        (TaskKind::MailBounced, Locale::En) => (
            "eSIM: e-mail not delivered",
            "The e-mail to the traveller came back. Mend the address, then hand the codes or the proposal over another way.",
        ),
        (TaskKind::ProposeTopup, Locale::Fr) => {
            ("eSIM : proposer une recharge", "Le forfait du voyageur se termine dans deux jours. Proposez une recharge.")
        }
        (TaskKind::ProposeTopup, Locale::En) => ("eSIM: propose a top-up", "The traveller's plan ends in two days. Propose a top-up."),
        (TaskKind::ProposeNewPlan, Locale::Fr) => (
            "eSIM : proposer un nouveau forfait",
            "Le forfait du voyageur se termine dans deux jours et ne peut pas être rechargé. Proposez un nouveau forfait.",
        ),
        (TaskKind::ProposeNewPlan, Locale::En) => {
            ("eSIM: propose a new plan", "The traveller's plan ends in two days and cannot be topped up. Propose a new plan.")
        }
        (TaskKind::CreditLow, Locale::Fr) => (
            "eSIM : crédit fournisseur bas",
            "Le crédit de l'agence chez le fournisseur est presque épuisé : rechargez-le, sinon les prochaines commandes seront refusées.",
        ),
        (TaskKind::CreditLow, Locale::En) => (
            "eSIM: provider credit low",
            "The agency's credit at the provider is almost used up: top it up, or the next orders will be refused.",
        ),
        (TaskKind::TripCancelled, Locale::Fr) => (
            "eSIM : voyage annulé",
            "Le voyage est annulé mais une eSIM a été commandée pour lui. Voyez avec le voyageur et le fournisseur si elle peut être remboursée ou gardée.",
        ),
        (TaskKind::TripCancelled, Locale::En) => (
            "eSIM: trip cancelled",
            "The trip is cancelled but an eSIM was ordered for it. See with the traveller and the provider whether it can be refunded or kept.",
        ),
        (TaskKind::TripChanged, Locale::Fr) => (
            "eSIM : le voyage a changé",
            "Le voyage a changé et ce qui a été commandé pour lui ne convient plus. Rien n'a été acheté, annulé ni déplacé automatiquement : voyez s'il faut une recharge, un autre forfait ou une autre date.",
        ),
        (TaskKind::TripChanged, Locale::En) => (
            "eSIM: the trip has changed",
            "The trip has changed, and what was ordered for it no longer fits. Nothing was bought, cancelled or moved by itself: see whether it takes a top-up, another plan or another date.",
        ),
        (TaskKind::RefundAsked, Locale::Fr) => (
            "eSIM : remboursement demandé",
            "Le voyage est annulé : le remboursement de l'eSIM inutilisée a été demandé au fournisseur, qui examine la demande. Suivez-la sous le numéro ci-dessous ; ce qui est accordé devient un crédit chez lui.",
        ),
        (TaskKind::RefundAsked, Locale::En) => (
            "eSIM: refund asked for",
            "The trip is cancelled: the provider was asked for a refund of the unused eSIM and reviews the request. Follow it by the number below; what is granted becomes credit there.",
        ),
        (TaskKind::RefundUnclear, Locale::Fr) => (
            "eSIM : demande de remboursement incertaine",
            "Personne ne peut dire si la demande de remboursement est arrivée chez le fournisseur. Vérifiez sur son portail avant de la refaire.",
        ),
        (TaskKind::RefundUnclear, Locale::En) => (
            "eSIM: refund request unclear",
            "Nobody can say whether the request for a refund reached the provider. Look on the provider's portal before you ask again.",
        ),
        (TaskKind::RefundNotAsked, Locale::Fr) => (
            "eSIM : remboursement non demandé",
            "Le remboursement de l'eSIM n'a pas pu être demandé ou a été refusé d'emblée. Demandez-le sur le portail du fournisseur.",
        ),
        (TaskKind::RefundNotAsked, Locale::En) => (
            "eSIM: refund not asked for",
            "The refund of the eSIM could not be asked for, or was refused at once. Ask for it on the provider's portal.",
        ),
        (TaskKind::FutureNotCancelled, Locale::Fr) => (
            "eSIM : commande future non annulée",
            "Le voyage est annulé, mais l'eSIM commandée pour plus tard n'a pas pu être annulée. Annulez-la sur le portail du fournisseur tant qu'il le permet ; sinon voyez avec lui et le voyageur si elle peut être remboursée ou gardée.",
        ),
        (TaskKind::FutureNotCancelled, Locale::En) => (
            "eSIM: future order not cancelled",
            "The trip is cancelled, but the eSIM that was ordered for later could not be cancelled. Cancel it on the provider's portal while that is possible; otherwise see with the provider and the traveller whether it can be refunded or kept.",
        ),
        (TaskKind::FutureCancelUnclear, Locale::Fr) => (
            "eSIM : annulation d'une commande future incertaine",
            "Le voyage est annulé, et personne ne peut dire si l'eSIM commandée pour plus tard est annulée. Cherchez la référence de la commande parmi les commandes futures sur le portail du fournisseur et annulez-la si elle y est encore.",
        ),
        (TaskKind::FutureCancelUnclear, Locale::En) => (
            "eSIM: cancellation of a future order unclear",
            "The trip is cancelled, and nobody can say whether the eSIM that was ordered for later is cancelled. Look for the order's reference among the future orders on the provider's portal, and cancel it if it is still there.",
        ),
        (TaskKind::BookingLeftOut, Locale::Fr) => (
            "eSIM : réservation non reprise",
            "Une réservation reçue n'a pas pu être reprise. Corrigez-la et renvoyez-la, ou saisissez le dossier à la main.",
        ),
        (TaskKind::BookingLeftOut, Locale::En) => (
            "eSIM: booking not taken in",
            "A booking that was received could not be taken in. Mend it and send it again, or enter the dossier by hand.",
        ),
        (TaskKind::FileToCheck, Locale::Fr) => (
            "eSIM : fichier à vérifier",
            "Un fichier reçu d'un autre système n'a pas pu être suivi en entier. Vérifiez-le avec qui l'envoie, puis renvoyez-le corrigé.",
        ),
        (TaskKind::FileToCheck, Locale::En) => (
            "eSIM: file to check",
            "A file that another system sent could not be followed in all of it. Check it with whoever sends it, and send it again mended.",
        ),
        (TaskKind::WebhookFailed, Locale::Fr) => (
            "eSIM : adresse d'événements en panne",
            "Une adresse abonnée aux événements ne les accepte plus. Réparez-la, puis vérifiez-la avec POST /webhooks/{id}/test ; une adresse désactivée redevient active quand ce test réussit.",
        ),
        (TaskKind::WebhookFailed, Locale::En) => (
            "eSIM: a subscribed address fails",
            "An address that is subscribed to events no longer takes them. Mend it, then try it with POST /webhooks/{id}/test; one that was disabled is active again when that succeeds.",
        ),
        (TaskKind::WorkFailed, Locale::Fr) => (
            "eSIM : traitement en échec",
            "Un traitement a échoué malgré plusieurs tentatives. Il attend dans la file des échecs : prévenez l'exploitant de Passerelle.",
        ),
        (TaskKind::WorkFailed, Locale::En) => (
            "eSIM: processing failed",
            "A piece of work failed in spite of several attempts. It waits in the dead-letter queue: tell the operator of Passerelle.",
        ),
    }
}
