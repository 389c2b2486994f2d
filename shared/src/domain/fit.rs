//! Whether what was bought for a trip still fits once the trip is another one.

use jiff::civil::Date;

use super::{Country, Package, Trip};

/// What was bought for a trip, or is on its way.
#[derive(Debug, Clone, Copy)]
pub struct Bought<'a> {
    /// The plan.
    pub package: &'a Package,
    /// The day that it is ordered for, while it waits for it.
    pub waits_for: Option<Date>,
}

/// Why something no longer fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// The trip leads to a country that it did not lead to, and that no plan covers.
    NotCovered(Country),
    /// The stay where a plan works was as long as the plan at most, and is longer now.
    Outlasted {
        /// The plan's name.
        title: String,
        /// Days that it lasts.
        validity_days: u32,
        /// Days from the first to the last in its countries.
        days: u32,
    },
    /// A plan is ordered for a day, and the trip begins on another day than it did.
    Moved {
        /// The day that it is ordered for.
        ordered_for: Date,
        /// The trip's first day now.
        begins: Date,
    },
}

/// What no longer fits, each once. What did not fit the trip as it was is the adviser's own choice, and not told again.
#[must_use]
pub fn misfits(before: &Trip, after: &Trip, bought: &[Bought<'_>]) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    for country in after.countries() {
        let is_new = !before.countries().contains(&country);
        if is_new && !bought.is_empty() && !bought.iter().any(|one| one.package.iso_countries.contains(&country)) {
            misfits.push(Misfit::NotCovered(country));
        }
    }
    for one in bought {
        let misfit = outlasted(before, after, one.package).into_iter().chain(moved(before, after, one.waits_for));
        for misfit in misfit {
            if !misfits.contains(&misfit) {
                misfits.push(misfit);
            }
        }
    }
    misfits
}

fn outlasted(before: &Trip, after: &Trip, package: &Package) -> Option<Misfit> {
    let days = |trip: &Trip| days_where_it_works(trip, package);
    let (was, days) = (days(before), days(after));
    let lasts = package.validity_days;
    (was <= lasts && days > lasts).then(|| Misfit::Outlasted { title: package.title.clone(), validity_days: lasts, days })
}

/// From the first to the last day in the plan's countries: a plan that has begun runs on in between.
fn days_where_it_works(trip: &Trip, package: &Package) -> u32 {
    let stays = trip.stays().iter().filter(|stay| package.iso_countries.contains(&stay.iso_country)).cloned().collect();
    Trip::new(stays).map_or(0, |stays| stays.days())
}

fn moved(before: &Trip, after: &Trip, waits_for: Option<Date>) -> Option<Misfit> {
    let (was, begins) = (before.span().0, after.span().0);
    waits_for.filter(|_| was != begins).map(|ordered_for| Misfit::Moved { ordered_for, begins })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::{Bought, Misfit, misfits};
    use crate::domain::{Country, Package, Trip};
    use jiff::civil::Date;
    use serde_json::json;

    fn trip(stays: &[(&str, &str, &str)]) -> Trip {
        let stay = |(country, from, to): &(&str, &str, &str)| json!({"iso_country": country, "from": from, "to": to});
        serde_json::from_value(stays.iter().map(stay).collect()).unwrap()
    }

    fn plan(countries: &[&str], validity_days: u32) -> Package {
        serde_json::from_value(json!({
            "package_id": "reference:one", "provider": "reference", "title": "One", "iso_countries": countries, "data_volume_mb": 5120,
            "validity_days": validity_days, "price": 12.5, "currency": "EUR", "network_operators": [], "topup": false,
        }))
        .unwrap()
    }

    fn found(before: &[(&str, &str, &str)], after: &[(&str, &str, &str)], plan: &Package, waits_for: Option<&str>) -> Vec<Misfit> {
        let bought = Bought { package: plan, waits_for: waits_for.map(|day| day.parse().unwrap()) };
        misfits(&trip(before), &trip(after), &[bought, bought])
    }

    const WEEK: (&str, &str, &str) = ("JP", "2027-05-03", "2027-05-09");

    #[test]
    fn other_dates_of_the_same_length_fit_a_plan_that_begins_at_the_destination() {
        assert_eq!(found(&[WEEK], &[("JP", "2027-06-03", "2027-06-09")], &plan(&["JP"], 7), None), []);
        assert_eq!(found(&[WEEK], &[("JP", "2027-05-03", "2027-05-05")], &plan(&["JP"], 7), None), []);
    }

    #[test]
    fn a_stay_that_grows_beyond_the_plan_is_told_once() {
        let longer = [("JP", "2027-05-03", "2027-05-12")];
        let expected = [Misfit::Outlasted { title: "One".to_owned(), validity_days: 7, days: 10 }];
        assert_eq!(found(&[WEEK], &longer, &plan(&["JP"], 7), None), expected);
        assert_eq!(found(&[WEEK], &longer, &plan(&["JP"], 10), None), []);
        // Chosen too short from the beginning.
        assert_eq!(found(&[WEEK], &longer, &plan(&["JP"], 5), None), []);
    }

    #[test]
    fn time_in_between_counts_and_countries_where_the_plan_does_not_work_do_not() {
        let back = [WEEK, ("TH", "2027-05-10", "2027-05-20"), ("JP", "2027-05-21", "2027-05-22")];
        let expected = Misfit::Outlasted { title: "One".to_owned(), validity_days: 7, days: 20 };
        assert_eq!(found(&[WEEK], &back, &plan(&["JP"], 7), None), [Misfit::NotCovered(Country::parse("TH").unwrap()), expected]);
        assert_eq!(found(&[WEEK], &back, &plan(&["JP", "TH"], 30), None), []);
    }

    #[test]
    fn an_order_for_a_day_is_told_of_when_the_trip_begins_on_another() {
        let (ordered_for, begins): (Date, Date) = ("2027-05-02".parse().unwrap(), "2027-06-03".parse().unwrap());
        let moved = [("JP", "2027-06-03", "2027-06-09")];
        assert_eq!(found(&[WEEK], &moved, &plan(&["JP"], 30), Some("2027-05-02")), [Misfit::Moved { ordered_for, begins }]);
        assert_eq!(found(&[WEEK], &[("JP", "2027-05-03", "2027-05-11")], &plan(&["JP"], 30), Some("2027-05-02")), []);
    }

    #[test]
    fn nothing_bought_is_nothing_to_tell() {
        assert_eq!(misfits(&trip(&[WEEK]), &trip(&[("TH", "2027-05-03", "2027-08-09")]), &[]), []);
    }
}
