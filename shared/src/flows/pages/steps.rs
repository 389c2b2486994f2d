//! The provider's own steps, beside ours on the traveller's page. They are its words: where they cannot be had, ours are one click away.

use askama::Template;
use std::sync::Arc;

use super::{Page, Visit, assets, device::Device, theme::Theme, traveller, words::Words};
use crate::{
    domain::Locale,
    flows::phones,
    problem::Problem,
    providers::{Guide, Instructions},
};

#[derive(Template)]
#[template(path = "pages/steps.html")]
struct StepsHtml<'a> {
    w: &'static Words,
    lang: &'static str,
    lang_query: &'static str,
    theme: Theme,
    style: &'static str,
    script: &'static str,
    /// The language of the steps, where it is not the page's.
    other_language: Option<&'a str>,
    /// The reader's own kind of phone first.
    guides: Vec<GuideCard<'a>>,
}

struct GuideCard<'a> {
    /// `iPhone (16, 15)`.
    title: String,
    model: Option<&'a str>,
    lists: Vec<StepList<'a>>,
    apn: Option<&'a str>,
}

struct StepList<'a> {
    title: &'static str,
    steps: &'a [String],
}

impl<'a> GuideCard<'a> {
    fn of(system: &str, guide: &'a Guide, w: &Words) -> Self {
        let versions = guide.versions.as_ref().map(|versions| format!(" ({versions})")).unwrap_or_default();
        let lists = [(w.by_qr, &guide.by_qr), (w.by_hand, &guide.by_hand), (w.network_setup, &guide.network)];
        Self {
            title: format!("{system}{versions}"),
            model: guide.model.as_deref(),
            lists: lists.into_iter().filter(|(_, steps)| !steps.is_empty()).map(|(title, steps)| StepList { title, steps }).collect(),
            apn: guide.apn.as_deref(),
        }
    }
}

/// The page.
///
/// # Errors
/// [`Problem`] 404 where the provider has no steps of its own; when the eSIM is gone or cannot be read.
pub async fn show(visit: &Visit<'_>, user_agent: &str) -> Result<Page, Problem> {
    let run = &visit.run;
    let (record, order) = traveller::read(visit).await?;
    if phones::extras_of(run, &record).steps.is_none() {
        return Err(Problem::not_found("page"));
    }
    let locale = visit.locale(traveller::own_locale(visit, order.as_ref()));
    let steps = run.house.phones.steps(run, &record, locale).await.unwrap_or_else(|error| {
        tracing::info!(esim_id = %record.esim.esim_id, %error, "the provider's steps cannot be shown");
        Arc::default()
    });
    let lang = if locale == Locale::Fr { "fr" } else { "en" };
    let w = super::words::of(locale);
    let html = StepsHtml {
        w,
        lang,
        lang_query: visit.language_query(),
        theme: Theme::of(&run.agency),
        style: assets::style(),
        script: assets::script(),
        other_language: steps.language.as_deref().filter(|language| *language != lang),
        guides: guides(&steps, Device::of(user_agent), w),
    };
    let body = html.render().map_err(|_| Problem::new(500, "internal", "The page could not be written."))?;
    Ok(Page { status: 200, html: body, policy: html.theme.policy(Some(&run.agency)) })
}

fn guides<'a>(steps: &'a Instructions, device: Device, w: &Words) -> Vec<GuideCard<'a>> {
    let ios = steps.ios.iter().map(|guide| GuideCard::of("iPhone", guide, w));
    let android = steps.android.iter().map(|guide| GuideCard::of("Android", guide, w));
    match device {
        Device::Android | Device::OldAndroid => android.chain(ios).collect(),
        Device::Iphone | Device::OldIphone | Device::Desk => ios.chain(android).collect(),
    }
}
