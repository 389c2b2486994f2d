//! Data use as a page shows it: a bar, the days, the pace. Numbers are drawn by SVG attributes, since the page allows no style in line.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    domain::{Esim, EsimStatus, Locale, esim::DayOfUse, pace::Pace},
    email::words,
};

/// Days that the chart shows at most.
const MOST_BARS: usize = 14;
/// Height of the chart's area, its own units.
const CHART_HEIGHT: u64 = 60;

pub(super) struct Consumption {
    pub(super) measured: bool,
    pub(super) used: String,
    pub(super) total: Option<String>,
    pub(super) left: Option<String>,
    /// 0 to 100; `None` without a limit.
    pub(super) percent: Option<u64>,
    /// 80 % and more.
    pub(super) nearly_used: bool,
    pub(super) measured_at: Option<String>,
    pub(super) end: Option<String>,
    pub(super) ended: bool,
    /// `3 jours`, while the plan runs.
    pub(super) days_left: Option<String>,
    pub(super) pace_enough: bool,
    pub(super) pace_until: Option<String>,
    pub(super) bars: Vec<Bar>,
}

/// One day of the chart.
pub(super) struct Bar {
    pub(super) x: usize,
    pub(super) y: u64,
    pub(super) height: u64,
    pub(super) day: String,
    pub(super) used: String,
}

impl Consumption {
    pub(super) fn of(esim: &Esim, now: Timestamp, zone: &TimeZone, locale: Locale) -> Self {
        let plan = &esim.plan;
        let moment = |at: Timestamp| words::moment(&at.to_zoned_datetime(zone.clone()), locale);
        let percent = plan.total_mb.filter(|total| *total > 0).map(|total| (u128::from(plan.used_mb) * 100 / u128::from(total)).min(100));
        let percent = percent.and_then(|percent| u64::try_from(percent).ok());
        let ended = esim.status == EsimStatus::Expired || plan.expires_at.is_some_and(|end| end <= now);
        let pace = plan.pace().filter(|_| !ended);
        Self {
            measured: plan.measured_at.is_some(),
            used: words::measured(plan.used_mb, locale),
            total: plan.total_mb.map(|total| words::volume(Some(total), locale)),
            left: esim.remaining_mb().map(|left| words::measured(left, locale)),
            percent,
            nearly_used: percent.is_some_and(|percent| percent >= 80),
            measured_at: plan.measured_at.map(moment),
            end: plan.expires_at.map(moment),
            ended,
            days_left: plan.expires_at.filter(|_| !ended).map(|end| words::days(whole_days(now, end), locale)),
            pace_enough: pace == Some(Pace::Enough),
            pace_until: match pace {
                Some(Pace::UsedUp(until)) => Some(words::date(&until.to_zoned_datetime(zone.clone()), locale)),
                _ => None,
            },
            bars: bars(&plan.days, zone, locale),
        }
    }
}

/// Days that have begun: an end in 30 hours is two days away.
fn whole_days(now: Timestamp, end: Timestamp) -> u32 {
    let hours = end.duration_since(now).as_secs().max(0);
    u32::try_from((hours + 86_399) / 86_400).unwrap_or(u32::MAX)
}

fn bars(days: &[DayOfUse], zone: &TimeZone, locale: Locale) -> Vec<Bar> {
    let before = std::iter::once(0).chain(days.iter().map(|day| day.used_mb));
    let mut used: Vec<(Timestamp, u64)> =
        days.iter().zip(before).map(|(day, before)| (day.at, day.used_mb.saturating_sub(before))).collect();
    let used = used.split_off(used.len().saturating_sub(MOST_BARS));
    let most = used.iter().map(|(_, mb)| *mb).max().unwrap_or(0).max(1);
    let bar = |(place, (at, mb)): (usize, &(Timestamp, u64))| {
        let height = (u128::from(*mb) * u128::from(CHART_HEIGHT)).div_ceil(u128::from(most));
        let height = u64::try_from(height).unwrap_or(CHART_HEIGHT).max(1);
        let day = at.to_zoned_datetime(zone.clone());
        Bar {
            x: place * 20 + 3,
            y: CHART_HEIGHT - height,
            height,
            day: format!("{:02}/{:02}", day.day(), day.month()),
            used: words::measured(*mb, locale),
        }
    };
    used.iter().enumerate().map(bar).collect()
}
