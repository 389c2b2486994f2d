//! A page being looked at: a good link, the agency behind it, and the language.

use super::words::{self, Words};
use crate::{
    domain::{Locale, TraceId},
    flows::{House, Run},
    outbound::Deadline,
    problem::Problem,
    security::{PageKind, PageLink},
};

/// One look at a page.
pub struct Visit<'a> {
    /// The run, for the link's agency.
    pub run: Run<'a>,
    /// What the link opens.
    pub link: PageLink,
    /// The language that was asked for by `?lang=`.
    pub asked: Option<Locale>,
}

/// What a link that is not good is answered with: the same for all, whatever is wrong with it.
fn refused() -> Problem {
    Problem::new(403, "link_refused", "This link is not valid, or not any more.")
}

impl<'a> Visit<'a> {
    /// Opens a page by the token of its address. Links are signed by us, for one page about one thing of one agency, end by themselves and
    /// can be taken back.
    ///
    /// # Errors
    /// [`Problem`] 403 for every link that is not good for this page; 503 when that cannot be found out.
    pub async fn open(
        house: &'a House,
        page: PageKind,
        token: &str,
        language: Option<&str>,
        trace_id: &TraceId,
        deadline: Deadline,
    ) -> Result<Self, Problem> {
        let link = house.index.links().open(token, house.world.now()).filter(|link| link.page == page).ok_or_else(refused)?;
        let generation = house.store.link_generation(&link.agency, link.page, &link.subject).await?;
        if generation != link.generation {
            return Err(refused());
        }
        let run = house.run(link.agency.clone(), trace_id.clone(), deadline).await?;
        Ok(Self { run, link, asked: language.and_then(Locale::negotiate) })
    }

    /// The language of the page: the one that was asked for, or else the reader's own.
    pub(super) fn locale(&self, own: Locale) -> Locale {
        self.asked.unwrap_or(own)
    }

    /// What keeps the language when one page leads to the next: `lang=en`, or nothing.
    #[must_use]
    pub fn language_query(&self) -> &'static str {
        match self.asked {
            Some(Locale::Fr) => "lang=fr",
            Some(Locale::En) => "lang=en",
            None => "lang=",
        }
    }

    pub(super) fn words(&self, own: Locale) -> &'static Words {
        words::of(self.locale(own))
    }
}
