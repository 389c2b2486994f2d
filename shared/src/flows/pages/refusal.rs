//! The page instead of a page: a link that is not good, or trouble of ours. It says nothing of whom the link belonged to.

use askama::Template;

use super::{Page, assets, theme::Theme, words};
use crate::{domain::Locale, domain::TraceId, problem::Problem};

#[derive(Template)]
#[template(path = "pages/refusal.html")]
struct RefusalHtml<'a> {
    w: &'static words::Words,
    lang: &'static str,
    theme: Theme,
    style: &'static str,
    script: &'static str,
    title: &'static str,
    text: &'static str,
    trace_id: &'a str,
}

/// What is shown for a problem that came before any page.
#[must_use]
pub fn page(problem: &Problem, locale: Locale, trace_id: &TraceId) -> Page {
    let w = words::of(locale);
    let refused = matches!(problem.status, 403 | 404);
    let html = RefusalHtml {
        w,
        lang: if locale == Locale::Fr { "fr" } else { "en" },
        theme: Theme::of_nobody(),
        style: assets::style(),
        script: assets::script(),
        title: if refused { w.refused_title } else { w.trouble_title },
        text: if refused { w.refused_text } else { w.trouble_text },
        trace_id: trace_id.as_str(),
    };
    Page { status: problem.status, html: html.render().unwrap_or_default(), policy: html.theme.policy(None) }
}
