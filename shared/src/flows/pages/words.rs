//! The sentences of both pages, each language beside the other. Another language is another column.

use crate::domain::Locale;

macro_rules! words {
    ($($name:ident: $fr:literal, $en:literal;)*) => {
        /// Every sentence in one language.
        pub(super) struct Words { $(pub(super) $name: &'static str,)* }
        static FRENCH: Words = Words { $($name: $fr,)* };
        static ENGLISH: Words = Words { $($name: $en,)* };
    };
}

/// The sentences of a language.
pub(super) fn of(locale: Locale) -> &'static Words {
    match locale {
        Locale::Fr => &FRENCH,
        Locale::En => &ENGLISH,
    }
}

words! {
    // Both pages.
    colon: "\u{a0}: ", ": ";
    other_language: "English", "Français";
    other_language_tag: "en", "fr";
    copy: "Copier", "Copy";
    copied: "Copié", "Copied";
    copy_failed: "Sélectionnez le texte pour le copier", "Select the text to copy it";
    updated: "La page a été mise à jour.", "The page was updated.";
    offline: "Pas de connexion : l’état affiché peut avoir changé.", "No connection: what is shown may have changed.";
    one_moment: "Un instant…", "One moment…";
    back: "Retour", "Back";
    data: "Données", "Data";
    networks: "Réseaux", "Networks";
    smdp: "Adresse SM-DP+", "SM-DP+ address";
    matching_id: "Code d’activation", "Activation code";
    confirmation_code: "Code de confirmation", "Confirmation code";
    whole_code: "Code complet", "Whole code";
    iccid: "ICCID", "ICCID";
    qr_alternative: "QR code d’installation de l’eSIM", "QR code that installs the eSIM";
    used: "utilisés", "used";
    of_total: "sur", "of";
    left: "restants", "left";
    unlimited: "Données illimitées", "Unlimited data";
    not_measured: "Pas encore de consommation mesurée.", "No data use measured yet.";
    measured_at: "Mesuré le", "Measured on";
    ends_at: "Se termine le", "Ends on";
    ended_at: "Terminé le", "Ended on";
    end_unknown: "La date de fin sera connue au premier usage.", "The end will be known at first use.";
    pace_ends: "À ce rythme : jusqu’au", "At this pace: until";
    pace_enough: "À ce rythme, les données suffisent jusqu’à la fin.", "At this pace, the data lasts to the end.";
    per_day: "Consommation par jour", "Data use per day";
    day: "Jour", "Day";

    // The adviser's panel.
    panel_title: "eSIM du dossier", "eSIMs of the booking";
    booking: "Dossier", "Booking";
    esims: "eSIM des voyageurs", "Travellers’ eSIMs";
    no_esim: "Pas encore d’eSIM.", "No eSIM yet.";
    offers: "Offres pour ce voyage", "Offers for this trip";
    no_offers: "Aucun forfait du catalogue ne couvre ce voyage. Le catalogue est lu toutes les heures ; vérifiez les pays et les dates du dossier.",
        "No plan of the catalogue covers this trip. The catalogue is read every hour; check the booking’s countries and dates.";
    no_match: "Aucune offre ne répond à ces filtres.", "No offer matches these filters.";
    all_offers: "Toutes les offres", "All offers";
    more_offers: "Autres offres", "More offers";
    filters: "Filtrer les offres", "Filter the offers";
    filter_data: "Données, au moins", "Data, at least";
    filter_any: "indifférent", "any";
    filter_provider: "Fournisseur", "Provider";
    filter_topup: "Rechargeable", "Can be topped up";
    apply: "Filtrer", "Filter";
    best: "Conseillée", "Recommended";
    why: "Pourquoi", "Why";
    rechargeable: "Rechargeable", "Can be topped up";
    order: "Commander", "Order";
    order_part: "Commander ce forfait", "Order this plan";
    needs_parts: "Cette offre se compose de plusieurs forfaits, à commander l’un après l’autre.", "This offer is made of several plans, to be ordered one after the other.";
    purchase_price: "Prix d’achat", "Purchase price";
    selling_price: "Prix de vente", "Selling price";
    margin: "Marge", "Margin";
    tax_note: "Prix facturé par le fournisseur ; taxes selon votre contrat avec lui.", "Price as the provider invoices it; taxes as in your contract with them.";
    confirm_title: "Confirmer la commande", "Confirm the order";
    confirm_for: "Pour qui ?", "For whom?";
    confirm_hint: "L’achat est immédiat. Chaque voyageur coché reçoit sa propre eSIM par e-mail.", "The purchase is made at once. Each traveller ticked is sent an eSIM of their own by e-mail.";
    has_esim: "a déjà une eSIM", "has an eSIM already";
    per_traveller: "par voyageur", "per traveller";
    buy: "Acheter maintenant", "Buy now";
    cancel: "Annuler", "Cancel";
    buying: "Achat en cours…", "Buying…";
    buying_once: "Vous pouvez recharger la page ou cliquer deux fois : rien n’est acheté deux fois.", "You may reload the page or click twice: nothing is bought twice.";
    top_up: "Recharger", "Top up";
    top_up_title: "Recharger l’eSIM", "Top up the eSIM";
    top_up_choose: "Choisissez une recharge", "Choose a top-up";
    top_up_none: "Le fournisseur ne propose pas de recharge pour cette eSIM. Commandez un nouveau forfait.", "The provider offers no top-up for this eSIM. Order a new plan.";
    top_up_hint: "L’achat est immédiat. Le voyageur n’a rien à réinstaller.", "The purchase is made at once. The traveller has nothing to install again.";
    codes: "QR code et codes", "QR code and codes";
    codes_secret: "Ces codes installent l’eSIM une seule fois : ne les donnez qu’au voyageur.", "These codes install the eSIM once: give them to the traveller only.";
    codes_pending: "Le fournisseur prépare les codes.", "The provider is preparing the codes.";
    resend: "Renvoyer par e-mail", "Send again by e-mail";
    history: "Historique", "History";
    mail_sent: "E-mail envoyé", "E-mail sent";
    mail_sending: "E-mail en cours d’envoi", "E-mail is being sent";
    mail_refused: "L’e-mail a été refusé : vérifiez l’adresse dans le dossier, ou donnez le QR code ci-dessous.", "The e-mail was refused: check the address in the booking, or hand over the QR code below.";
    mail_unclear: "Personne ne sait si l’e-mail est parti : demandez au voyageur, puis renvoyez-le.", "Nobody knows whether the e-mail went out: ask the traveller, then send it again.";
    reference: "Référence", "Reference";

    order_placing: "Achat en cours chez le fournisseur…", "Being bought from the provider…";
    order_accepted: "Acceptée par le fournisseur, livraison attendue.", "Accepted by the provider, delivery to come.";
    delivery_planned: "Livraison prévue le", "Delivery planned for";
    order_queued: "En attente : le fournisseur ne répond pas. Nouvel essai automatique, rien n’est encore acheté.", "Waiting: the provider does not answer. Tried again by itself, nothing is bought yet.";
    order_unknown: "En vérification auprès du fournisseur. Ne commandez pas de nouveau : l’achat est peut-être fait.", "Being checked with the provider. Do not order again: it may be bought already.";
    order_rejected: "Refusée par le fournisseur. Rien n’a été acheté : choisissez une autre offre, ou corrigez la cause.", "Refused by the provider. Nothing was bought: choose another offer, or mend the cause.";
    order_not_sent: "Non transmise au fournisseur après plusieurs essais. Rien n’a été acheté : commandez plus tard ou choisissez une autre offre.", "Not sent to the provider after several attempts. Nothing was bought: order later or choose another offer.";
    order_unclear: "Personne ne peut dire si l’achat est fait. Cherchez la référence sur le portail du fournisseur avant de commander de nouveau.", "Nobody can say whether it was bought. Look for the reference on the provider’s portal before you order again.";
    short_pending: "En cours", "Under way";
    short_waiting: "En attente", "Waiting";
    short_checking: "À vérifier", "Being checked";
    short_failed: "Échec", "Failed";
    short_person: "À traiter", "Needs you";
    topup_order: "Recharge", "Top-up";

    esim_unknown: "État inconnu", "State unknown";
    esim_ordered: "Commandée", "Ordered";
    esim_released: "Prête à installer", "Ready to install";
    esim_downloaded: "Téléchargée", "Downloaded";
    esim_installed: "Installée", "Installed";
    esim_activated: "Active", "Active";
    esim_exhausted: "Données épuisées", "Data used up";
    esim_expired: "Terminée", "Ended";
    esim_cancelled: "Annulée", "Cancelled";

    step_ordered: "Commandée", "Ordered";
    step_bought: "Achetée", "Bought";
    step_delivered: "Codes envoyés au voyageur", "Codes sent to the traveller";
    step_activated: "Première connexion", "First connection";
    step_topped_up: "Rechargée", "Topped up";
    step_ends: "Fin du forfait", "End of the plan";

    notice_ordered: "Commande enregistrée.", "Order taken.";
    notice_topped_up: "Recharge enregistrée.", "Top-up taken.";
    notice_resent: "L’e-mail part dans un instant.", "The e-mail is on its way.";
    notice_changed: "Le dossier a changé depuis l’ouverture de la page : voici son état. Rien n’a été acheté par ce clic.", "The booking has changed since the page was opened: this is how it stands. Nothing was bought by that click.";
    notice_in_progress: "Cette commande est déjà en cours.", "This order is already under way.";
    notice_nobody: "Cochez au moins un voyageur.", "Tick one traveller at least.";
    notice_some: "Toutes les commandes n’ont pas pu être passées. Vérifiez l’état de chaque voyageur.", "Not every order could be placed. Check each traveller’s state.";
    notice_failed: "La demande a été refusée.", "The request was refused.";
    notice_trace: "Trace à communiquer au support", "Trace to quote to support";

    // The traveller's page.
    traveller_title: "Votre eSIM", "Your eSIM";
    hello: "Bonjour", "Hello";
    preparing: "Votre eSIM est en préparation. Cette page se met à jour toute seule.", "Your eSIM is being prepared. This page updates by itself.";
    cancelled: "Cette eSIM a été annulée. Contactez votre agence.", "This eSIM was cancelled. Contact your agency.";
    install: "Installer l’eSIM", "Install the eSIM";
    install_again: "Codes d’installation", "Installation codes";
    installed_hint: "L’eSIM est déjà sur un téléphone. Ne la supprimez pas avant votre retour : elle ne s’installe en général qu’une fois.", "The eSIM is on a phone already. Do not delete it before you are back: it can usually be installed only once.";
    check_first: "Avant de commencer", "Before you start";
    check_device: "Votre téléphone doit accepter les eSIM et ne pas être verrouillé par un opérateur. Composez *#06# : si une ligne EID s’affiche, il les accepte (iPhone XS et plus récents, Pixel 3 et plus récents, Galaxy S20 et plus récents).",
        "Your phone must support eSIM and must not be locked to an operator. Dial *#06#: if a line EID shows, it does (iPhone XS and later, Pixel 3 and later, Galaxy S20 and later).";
    check_wifi: "Installez-la en Wi-Fi, peu avant le départ : selon le forfait, sa durée compte dès l’installation ou dès la première connexion sur place.",
        "Install it on Wi-Fi shortly before you leave: depending on the plan, its days count from installation or from the first connection on site.";
    one_tap_apple: "Installer sur cet iPhone", "Install on this iPhone";
    one_tap_android: "Installer sur ce téléphone", "Install on this phone";
    one_tap_hint: "Touchez, puis suivez les réglages du téléphone.", "Tap, then follow the phone’s settings.";
    old_iphone: "Cet iPhone ne connaît pas l’installation en un geste (iOS 17.4). Recopiez les codes ci-dessous, ou ouvrez cette page sur un autre écran et scannez le QR code.",
        "This iPhone does not know one-tap installation (iOS 17.4). Copy the codes below, or open this page on another screen and scan the QR code.";
    old_android: "Ce téléphone ne connaît peut-être pas l’installation en un geste (Android 10). Recopiez les codes ci-dessous.", "This phone may not know one-tap installation (Android 10). Copy the codes below.";
    scan: "Scannez avec le téléphone qui part en voyage", "Scan with the phone that travels with you";
    scan_hint: "Ouvrez l’appareil photo, ou les réglages : Réseau mobile, puis Ajouter une eSIM. Vous lisez ceci sur ce téléphone ? Ouvrez-y cette page : un bouton remplace le QR code.",
        "Open the camera, or the settings: Mobile network, then Add eSIM. Reading this on that phone? Open this page there: a button takes the place of the QR code.";
    other_ways: "Autres façons d’installer", "Other ways to install";
    qr_way: "QR code, depuis un autre écran", "QR code, from another screen";
    manual_way: "Saisie manuelle", "Entering the codes";
    manual_hint: "Réglages : Réseau mobile, Ajouter une eSIM, Saisir les informations manuellement. Collez chaque code à sa place.", "Settings: Mobile network, Add eSIM, Enter details manually. Paste each code into its place.";
    link_apple: "iPhone, iOS 17.4 ou plus récent", "iPhone, iOS 17.4 or later";
    link_android: "Android 10 ou plus récent", "Android 10 or later";
    confirmation_asked: "Un code de confirmation vous sera demandé : votre agence vous le donnera.", "You will be asked for a confirmation code: your agency will give it to you.";
    keep_secret: "Ces codes donnent accès à votre forfait : ne transférez pas cette page.", "These codes give access to your plan: do not forward this page.";
    steps: "Pas à pas", "Step by step";
    step_one: "Chez vous, en Wi-Fi", "At home, on Wi-Fi";
    step_one_text: "Installez l’eSIM et donnez-lui un nom, « Voyage » par exemple.", "Install the eSIM and give it a name, “Trip” for instance.";
    step_two: "Gardez votre ligne habituelle", "Keep your usual line";
    step_two_text: "Elle reste pour les appels. Laissez l’eSIM éteinte jusqu’au départ.", "It stays for calls. Leave the eSIM switched off until you go.";
    step_three: "À l’arrivée", "On arrival";
    step_three_text: "Allumez l’eSIM, choisissez-la pour les données mobiles et activez pour elle l’itinérance.", "Switch the eSIM on, choose it for mobile data and switch on data roaming for it.";
    step_four: "Itinérance coupée ailleurs", "Roaming off elsewhere";
    step_four_text: "Coupez l’itinérance de votre ligne habituelle : elle ne coûtera rien.", "Switch roaming off on your usual line: it will cost nothing.";
    operator_steps: "Les étapes de l’opérateur", "The operator’s steps";
    operator_steps_text: "L’opérateur de votre forfait les décrit avec ses mots. Les codes et le QR code sont sur la page de votre eSIM ; pour toute aide, écrivez à votre agence.",
        "The operator of your plan describes them in its own words. The codes and the QR code are on your eSIM’s page; for help, write to your agency.";
    operator_steps_none: "Les étapes de l’opérateur ne peuvent pas être affichées pour le moment. Suivez les nôtres : elles suffisent pour installer l’eSIM.",
        "The operator’s steps cannot be shown at the moment. Follow ours: they are enough to install the eSIM.";
    our_steps: "Revenir à votre eSIM et à nos étapes", "Back to your eSIM and to our steps";
    model: "Modèle", "Model";
    by_qr: "Avec le QR code", "With the QR code";
    by_hand: "En saisissant les codes", "By entering the codes";
    network_setup: "Pour se connecter", "To get connected";
    apn: "Point d’accès (APN) à saisir", "Access point (APN) to enter";
    my_phone: "Mon téléphone est-il compatible ?", "Does my phone take eSIMs?";
    phone_model: "Marque ou modèle", "Brand or model";
    phone_hint: "Par exemple Pixel 7 ou iPhone 13. Le modèle est écrit dans les réglages, à la rubrique À propos.", "For instance Pixel 7 or iPhone 13. The model is written in the settings, under About.";
    phone_look: "Chercher", "Look";
    phone_found: "Ces modèles acceptent les eSIM, selon l’opérateur", "These models take eSIMs, as the operator says";
    phone_more: "Il y en a d’autres : précisez le modèle.", "There are more: write more of the model.";
    phone_variant: "Certains pays reçoivent une variante sans eSIM : composez *#06# pour être sûr, une ligne EID doit s’afficher. Le téléphone ne doit pas être verrouillé par un opérateur.",
        "Some countries get a variant without eSIM: dial *#06# to be sure, a line EID must show. The phone must not be locked to an operator.";
    phone_not_found: "Ce modèle n’est pas dans la liste de l’opérateur", "This model is not in the operator’s list";
    phone_no_list: "La liste de l’opérateur ne peut pas être lue pour le moment", "The operator’s list cannot be read at the moment";
    phone_ask_itself: "Demandez au téléphone lui-même : composez *#06#. Si une ligne EID s’affiche, il accepte les eSIM ; sinon, il ne les accepte pas. En cas de doute, écrivez à votre agence.",
        "Ask the phone itself: dial *#06#. If a line EID shows, it takes eSIMs; if not, it does not. If in doubt, write to your agency.";
    back_to_esim: "Revenir à votre eSIM", "Back to your eSIM";
    your_plan: "Votre forfait", "Your plan";
    calendar: "Ajouter la fin au calendrier", "Add the end to my calendar";
    calendar_event: "Fin du forfait eSIM", "End of the eSIM plan";
    prolong: "Rester connecté plus longtemps", "Stay connected longer";
    prolong_text: "Ce forfait se recharge sans rien réinstaller. Écrivez à votre agence : rien n’est acheté sans votre accord.", "This plan can be topped up with nothing to install again. Write to your agency: nothing is bought without your consent.";
    prolong_new: "Ce forfait ne se recharge pas. Écrivez à votre agence : elle cherchera avec vous un nouveau forfait.", "This plan cannot be topped up. Write to your agency: they will look for a new plan with you.";
    write_agency: "Écrire à l’agence", "Write to the agency";
    mail_subject: "Recharge de mon eSIM", "Topping up my eSIM";

    // Links that are not good.
    refused_title: "Ce lien n’est plus valable", "This link is no longer valid";
    refused_text: "Il a expiré, a été retiré ou a été mal recopié. Rouvrez la page depuis votre CRM, ou demandez un nouveau lien à votre agence.",
        "It has expired, was taken back or was not copied in full. Open the page again from your CRM, or ask your agency for a new link.";
    trouble_title: "La page ne peut pas être affichée", "The page cannot be shown";
    trouble_text: "Réessayez dans un instant. Rien n’a été acheté par cette page.", "Try again in a moment. Nothing was bought by this page.";
}
