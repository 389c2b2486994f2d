//! Why an offer stands where it stands, in words that an adviser can repeat to the traveller.

use iso_currency::Currency;
use serde::{Deserialize, Serialize};

use super::{
    Retrieval,
    words::{data, day, days, money, rate},
};
use crate::domain::{Locale, Money, exchange::Comparison};

/// One reason with its numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// One plan lasts the whole stay.
    FitsDays {
        /// Days of the plan.
        validity_days: u32,
        /// Days from the first to the last of the trip.
        trip_days: u32,
    },
    /// The plan outlasts the stay: a late flight or another time zone does no harm.
    DaysToSpare {
        /// Days more than needed.
        days: u32,
    },
    /// The plan is shorter than the stay and must be bought twice.
    BoughtTwice {
        /// Days of one plan.
        validity_days: u32,
        /// Days from the first to the last that it must serve.
        trip_days: u32,
    },
    /// One plan for a trip through several countries.
    CoversEveryCountry {
        /// How many.
        countries: u32,
    },
    /// Several plans, each for a part of the trip.
    LocalPlans {
        /// How many packages.
        plans: u32,
    },
    /// No limit to the data.
    Unlimited,
    /// At least as much data a day as needed.
    DataCoversNeed {
        /// MB for each day of stay.
        mb_per_day: u64,
        /// MB a day that are thought to be needed.
        need_mb_per_day: u32,
    },
    /// Less data a day than needed.
    DataBelowNeed {
        /// MB for each day of stay.
        mb_per_day: u64,
        /// MB a day that are thought to be needed.
        need_mb_per_day: u32,
    },
    /// The need was taken from observed use.
    OwnHistory {
        /// MB a day.
        mb_per_day: u32,
    },
    /// Price for each day of stay.
    PricePerDay {
        /// Rounded to the currency's smallest unit.
        amount: Money,
    },
    /// One plan costs less than the cheapest set of plans for the parts.
    CheaperThanLocalPlans {
        /// By how much.
        by: Money,
    },
    /// One plan costs more than the cheapest set of plans for the parts.
    DearerThanLocalPlans {
        /// By how much.
        by: Money,
    },
    /// The set costs less than the best plan for the whole trip.
    CheaperThanOnePlan {
        /// By how much.
        by: Money,
    },
    /// The set costs more than the best plan for the whole trip.
    DearerThanOnePlan {
        /// By how much.
        by: Money,
    },
    /// Data or days can be added later on the same eSIM.
    TopupPossible,
    /// How an interrupted purchase is found again, where that tells the offers' providers apart.
    FoundAgain {
        /// How.
        by: Retrieval,
    },
    /// Sold in another currency than prices are compared in: what it is there, by which rate. Nobody is charged by it.
    Converted {
        /// The currency that it is sold in.
        from: Currency,
        /// What it is compared as.
        #[serde(flatten)]
        comparison: Comparison,
    },
    /// Sold in another currency than the others, and there is no fresh rate: not compared with them.
    OtherCurrency {
        /// Its currency.
        currency: Currency,
    },
}

impl Reason {
    /// The reason's name for machines; stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::FitsDays { .. } => "fits_days",
            Self::DaysToSpare { .. } => "days_to_spare",
            Self::BoughtTwice { .. } => "bought_twice",
            Self::CoversEveryCountry { .. } => "covers_every_country",
            Self::LocalPlans { .. } => "local_plans",
            Self::Unlimited => "unlimited",
            Self::DataCoversNeed { .. } => "data_covers_need",
            Self::DataBelowNeed { .. } => "data_below_need",
            Self::OwnHistory { .. } => "own_history",
            Self::PricePerDay { .. } => "price_per_day",
            Self::CheaperThanLocalPlans { .. } => "cheaper_than_local_plans",
            Self::DearerThanLocalPlans { .. } => "dearer_than_local_plans",
            Self::CheaperThanOnePlan { .. } => "cheaper_than_one_plan",
            Self::DearerThanOnePlan { .. } => "dearer_than_one_plan",
            Self::TopupPossible => "topup_possible",
            Self::FoundAgain { .. } => "found_again",
            Self::Converted { .. } => "converted",
            Self::OtherCurrency { .. } => "other_currency",
        }
    }

    /// One sentence, without its full stop.
    #[must_use]
    pub fn text(&self, locale: Locale) -> String {
        match locale {
            Locale::Fr => self.french(),
            Locale::En => self.english(),
        }
    }

    fn french(&self) -> String {
        let l = Locale::Fr;
        match self {
            Self::FitsDays { validity_days, trip_days } => {
                format!("Valable {}, pour un séjour de {}", days(*validity_days, l), days(*trip_days, l))
            }
            Self::DaysToSpare { days: spare } => format!("{} de marge en cas de décalage horaire ou de retard", days(*spare, l)),
            Self::BoughtTwice { validity_days, trip_days } => {
                format!("Deux forfaits de {} à la suite, pour un séjour de {}", days(*validity_days, l), days(*trip_days, l))
            }
            Self::CoversEveryCountry { countries } => format!("Un seul forfait pour les {countries} pays du voyage"),
            Self::LocalPlans { plans } => format!("{plans} forfaits, chacun pour une partie du voyage"),
            Self::Unlimited => "Données illimitées".to_owned(),
            Self::DataCoversNeed { mb_per_day, need_mb_per_day } => {
                format!("{} par jour, pour un besoin estimé à {}", data(*mb_per_day, l), data(u64::from(*need_mb_per_day), l))
            }
            Self::DataBelowNeed { mb_per_day, need_mb_per_day } => {
                format!("{} par jour seulement, pour un besoin estimé à {}", data(*mb_per_day, l), data(u64::from(*need_mb_per_day), l))
            }
            Self::OwnHistory { mb_per_day } => {
                format!("Besoin estimé d’après les voyages précédents : {} par jour", data(u64::from(*mb_per_day), l))
            }
            Self::PricePerDay { amount } => format!("{} par jour de séjour", money(amount, l)),
            Self::CheaperThanLocalPlans { by } => format!("{} de moins que des forfaits locaux", money(by, l)),
            Self::DearerThanLocalPlans { by } => format!("{} de plus que des forfaits locaux", money(by, l)),
            Self::CheaperThanOnePlan { by } => format!("{} de moins qu’un forfait unique", money(by, l)),
            Self::DearerThanOnePlan { by } => format!("{} de plus qu’un forfait unique", money(by, l)),
            Self::TopupPossible => "Rechargeable pendant le voyage".to_owned(),
            Self::FoundAgain { by } => found_again_in_french(*by).to_owned(),
            Self::Converted { from, comparison: Comparison { price, rate: factor, date } } => format!(
                "Environ {} pour comparer, au taux du {} (1 {} = {} {})",
                money(price, l),
                day(*date, l),
                from.code(),
                rate(*factor, l),
                price.currency.code()
            ),
            Self::OtherCurrency { currency } => {
                format!("Vendu en {}, sans taux de change récent : non comparé aux autres prix", currency.code())
            }
        }
    }

    fn english(&self) -> String {
        let l = Locale::En;
        match self {
            Self::FitsDays { validity_days, trip_days } => {
                format!("Lasts {}, for a stay of {}", days(*validity_days, l), days(*trip_days, l))
            }
            Self::DaysToSpare { days: spare } => format!("{} to spare for another time zone or a delay", days(*spare, l)),
            Self::BoughtTwice { validity_days, trip_days } => {
                format!("Two plans of {} one after the other, for a stay of {}", days(*validity_days, l), days(*trip_days, l))
            }
            Self::CoversEveryCountry { countries } => format!("One plan for the {countries} countries of the trip"),
            Self::LocalPlans { plans } => format!("{plans} plans, each for a part of the trip"),
            Self::Unlimited => "Unlimited data".to_owned(),
            Self::DataCoversNeed { mb_per_day, need_mb_per_day } => {
                format!("{} a day, for an estimated need of {}", data(*mb_per_day, l), data(u64::from(*need_mb_per_day), l))
            }
            Self::DataBelowNeed { mb_per_day, need_mb_per_day } => {
                format!("Only {} a day, for an estimated need of {}", data(*mb_per_day, l), data(u64::from(*need_mb_per_day), l))
            }
            Self::OwnHistory { mb_per_day } => format!("Need estimated from earlier trips: {} a day", data(u64::from(*mb_per_day), l)),
            Self::PricePerDay { amount } => format!("{} a day of stay", money(amount, l)),
            Self::CheaperThanLocalPlans { by } => format!("{} less than local plans", money(by, l)),
            Self::DearerThanLocalPlans { by } => format!("{} more than local plans", money(by, l)),
            Self::CheaperThanOnePlan { by } => format!("{} less than one plan for all", money(by, l)),
            Self::DearerThanOnePlan { by } => format!("{} more than one plan for all", money(by, l)),
            Self::TopupPossible => "Can be topped up during the trip".to_owned(),
            Self::FoundAgain { by } => found_again_in_english(*by).to_owned(),
            Self::Converted { from, comparison: Comparison { price, rate: factor, date } } => format!(
                "About {} to compare, at the rate of {} (1 {} = {} {})",
                money(price, l),
                day(*date, l),
                from.code(),
                rate(*factor, l),
                price.currency.code()
            ),
            Self::OtherCurrency { currency } => {
                format!("Sold in {} without a recent exchange rate: not compared with the other prices", currency.code())
            }
        }
    }
}

fn found_again_in_french(by: Retrieval) -> &'static str {
    match by {
        Retrieval::ByKey => "Un achat interrompu se retrouve à coup sûr",
        Retrieval::ByReference => "Un achat interrompu se retrouve par notre référence",
        Retrieval::ByTime => "Un achat interrompu se retrouve par le forfait et l’heure",
        Retrieval::ByPerson => "Un achat interrompu peut demander une recherche à la main",
    }
}

fn found_again_in_english(by: Retrieval) -> &'static str {
    match by {
        Retrieval::ByKey => "An interrupted purchase is surely found again",
        Retrieval::ByReference => "An interrupted purchase is found again by our reference",
        Retrieval::ByTime => "An interrupted purchase is found again by plan and time",
        Retrieval::ByPerson => "A person may have to look for an interrupted purchase",
    }
}
