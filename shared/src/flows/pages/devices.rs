//! "Does my phone take eSIMs?": the traveller types a model, and sees what the provider's list has of it. Browsers do not name the phone
//! themselves. A model that is not listed proves nothing: then the page says how the phone itself can be asked.

use askama::Template;
use icu_normalizer::DecomposingNormalizerBorrowed;

use super::{Page, Visit, assets, theme::Theme, traveller, words::Words};
use crate::{domain::Locale, flows::phones, problem::Problem, providers::Phone};

/// Longest model that is looked for, in characters.
const LONGEST_MODEL: usize = 60;
/// Phones that are shown at most.
const MOST_SHOWN: usize = 30;

#[derive(Template)]
#[template(path = "pages/devices.html")]
struct DevicesHtml<'a> {
    w: &'static Words,
    lang: &'static str,
    lang_query: &'static str,
    theme: Theme,
    style: &'static str,
    script: &'static str,
    longest: usize,
    /// What was asked for, as it was written.
    model: &'a str,
    answer: Found<'a>,
}

/// What the list says.
#[derive(Debug, PartialEq, Eq)]
enum Found<'a> {
    /// Nothing was asked for.
    NotAsked,
    /// The list cannot be had.
    NoList,
    /// Not in the list.
    Nothing,
    /// These are; whether there are more than are shown.
    Some(Vec<&'a Phone>, bool),
}

/// The page; `model` is what the traveller typed.
///
/// # Errors
/// [`Problem`] 404 where the provider has no list; when the eSIM is gone or cannot be read.
pub async fn show(visit: &Visit<'_>, model: &str) -> Result<Page, Problem> {
    let run = &visit.run;
    let (record, order) = traveller::read(visit).await?;
    if phones::extras_of(run, &record).phones.is_none() {
        return Err(Problem::not_found("page"));
    }
    let locale = visit.locale(traveller::own_locale(visit, order.as_ref()));
    let model: String = model.trim().chars().take(LONGEST_MODEL).collect();
    let words = words_of(&model);
    // Opening the form asks nobody for anything.
    let list = if words.is_empty() {
        None
    } else {
        let asked = run.house.phones.list(run, &record.esim.plan.package.provider).await;
        asked.inspect_err(|error| tracing::info!(%error, "the provider's list of phones cannot be shown")).ok()
    };
    let html = DevicesHtml {
        w: super::words::of(locale),
        lang: if locale == Locale::Fr { "fr" } else { "en" },
        lang_query: visit.language_query(),
        theme: Theme::of(&run.agency),
        style: assets::style(),
        script: assets::script(),
        longest: LONGEST_MODEL,
        model: &model,
        answer: match &list {
            _ if words.is_empty() => Found::NotAsked,
            Some(list) if !list.is_empty() => found(list, &words),
            _ => Found::NoList,
        },
    };
    let body = html.render().map_err(|_| Problem::new(500, "internal", "The page could not be written."))?;
    Ok(Page { status: 200, html: body, policy: html.theme.policy(Some(&run.agency)) })
}

/// The phones that have every word in their brand or name, wherever spaces stand.
fn found<'a>(list: &'a [Phone], words: &[String]) -> Found<'a> {
    let has_all = |phone: &&Phone| {
        let name = words_of(&format!("{} {}", phone.brand, phone.name)).concat();
        words.iter().all(|word| name.contains(word))
    };
    let mut phones: Vec<&Phone> = list.iter().filter(has_all).take(MOST_SHOWN + 1).collect();
    let more = phones.len() > MOST_SHOWN;
    phones.truncate(MOST_SHOWN);
    if phones.is_empty() { Found::Nothing } else { Found::Some(phones, more) }
}

/// Letters and digits only, small, without accents: "Poco F5 Pro+", "poco-f5 pro".
fn words_of(text: &str) -> Vec<String> {
    let apart = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    let plain: String = apart.chars().filter(|c| !is_accent(*c)).flat_map(char::to_lowercase).collect();
    plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Combining diacritical marks, which NFKD takes off their letters.
fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::{Found, MOST_SHOWN, found, words_of};
    use crate::providers::Phone;

    fn phone(brand: &str, name: &str) -> Phone {
        Phone { brand: brand.to_owned(), name: name.to_owned() }
    }

    #[test]
    fn neither_case_nor_accents_nor_spaces_matter() {
        let list = [phone("Apple", "iPhone 12 Mini"), phone("Google", "Pixel 4a (5G)"), phone("Doro", "Modèle Été"), phone("", "EC55")];
        for (model, name) in [
            ("IPHONE 12 mini", Some("iPhone 12 Mini")),
            ("iphone12", Some("iPhone 12 Mini")),
            ("mini apple", Some("iPhone 12 Mini")),
            ("google pixel 4a", Some("Pixel 4a (5G)")),
            ("Ｐｉｘｅｌ", Some("Pixel 4a (5G)")),
            ("modele ete", Some("Modèle Été")),
            ("MODE\u{300}LE", Some("Modèle Été")),
            ("ec-55", Some("EC55")),
            ("iPhone 8", None),
            ("3310", None),
        ] {
            let expected =
                list.iter().find(|phone| Some(phone.name.as_str()) == name).map_or(Found::Nothing, |phone| Found::Some(vec![phone], false));
            assert_eq!(found(&list, &words_of(model)), expected, "{model}");
        }
        assert!(words_of("+ - ().").is_empty(), "nothing is asked for by signs");
    }

    #[test]
    fn no_more_are_shown_than_can_be_read() {
        let list: Vec<Phone> = (0..40).map(|n| phone("Samsung", &format!("Galaxy A{n}"))).collect();
        assert!(matches!(found(&list, &words_of("galaxy")), Found::Some(phones, true) if phones.len() == MOST_SHOWN));
        assert!(matches!(found(list.split_at(MOST_SHOWN).0, &words_of("galaxy")), Found::Some(phones, false) if phones.len() == 30));
    }
}
