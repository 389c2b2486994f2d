//! One eSIM and the plans on it: when it is active, what is left, when it ends.
//!
//! The page does not say how a top-up and a running plan add up. Here a top-up of a running or unused plan adds its
//! volume and its days to it; a top-up of a finished or expired plan starts at once, from zero.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::core::clock::{iso, plus_days, zoneless};
use super::catalogue::Package;

/// Status values of `usage` (Airalo Partner API v2, "Usage, history, top-up").
pub const STATUSES: [&str; 6] = ["NOT_ACTIVE", "ACTIVE", "FINISHED", "EXPIRED", "UNKNOWN", "RECYCLED"];

/// A plan on an eSIM.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Number of the plan.
    pub id: i64,
    /// What was bought.
    pub package: Package,
    /// Ended before a later plan was added: `EXPIRED` or `FINISHED`, and when.
    pub ended: Option<(&'static str, Timestamp)>,
}

/// An eSIM.
#[derive(Debug, Clone)]
pub struct Card {
    /// Number used as the eSIM's id.
    pub id: i64,
    /// 19 digits.
    pub iccid: String,
    /// SGP.22 matching id.
    pub matching_id: String,
    /// Host of the SM-DP+.
    pub host: String,
    /// The order that delivered it.
    pub order_id: i64,
    /// When it was delivered.
    pub created_at: Timestamp,
    /// Installed on a device. Airalo does not tell anybody.
    pub installed: bool,
    /// First use of the running plans.
    pub activated_at: Option<Timestamp>,
    /// MB used of the running plans.
    pub used_mb: i64,
    /// End set by hand.
    pub expires_at: Option<Timestamp>,
    /// Status set by hand.
    pub forced: Option<String>,
    /// All plans, oldest first.
    pub plans: Vec<Plan>,
}

impl Card {
    /// The activation code of the QR picture.
    #[must_use]
    pub fn lpa(&self) -> String {
        format!("LPA:1${}${}", self.host, self.matching_id)
    }

    fn running(&self) -> impl Iterator<Item = &Plan> {
        self.plans.iter().filter(|plan| plan.ended.is_none())
    }

    /// No volume limit on a running plan.
    #[must_use]
    pub fn unlimited(&self) -> bool {
        self.running().any(|plan| plan.package.unlimited)
    }

    /// MB of the running plans.
    #[must_use]
    pub fn total_mb(&self) -> i64 {
        self.running().map(|plan| plan.package.amount).sum()
    }

    /// MB left of the running plans.
    #[must_use]
    pub fn remaining_mb(&self) -> i64 {
        (self.total_mb() - self.used_mb).max(0)
    }

    /// The end of the running plans; `None` before first use.
    #[must_use]
    pub fn expiry(&self) -> Option<Timestamp> {
        let days = self.running().map(|plan| plan.package.days).sum();
        self.expires_at.or_else(|| self.activated_at.map(|start| plus_days(start, days)))
    }

    /// Status at an instant.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> String {
        if let Some(forced) = &self.forced {
            return forced.clone();
        }
        let status = if self.expiry().is_some_and(|end| now >= end) {
            "EXPIRED"
        } else if !self.unlimited() && self.used_mb >= self.total_mb() {
            "FINISHED"
        } else if self.activated_at.is_some() {
            "ACTIVE"
        } else {
            "NOT_ACTIVE"
        };
        status.to_owned()
    }

    /// Adds a top-up.
    pub fn top_up(&mut self, plan: Plan, now: Timestamp) {
        let ended = match self.status(now).as_str() {
            "EXPIRED" => Some("EXPIRED"),
            "FINISHED" => Some("FINISHED"),
            _ => None,
        };
        if let Some(how) = ended {
            let at = if how == "EXPIRED" { self.expiry().unwrap_or(now) } else { now };
            self.plans.iter_mut().filter(|plan| plan.ended.is_none()).for_each(|plan| plan.ended = Some((how, at)));
            (self.used_mb, self.activated_at, self.expires_at, self.forced) = (0, Some(now), None, None);
        } else {
            self.expires_at = self.expires_at.map(|end| plus_days(end, plan.package.days));
        }
        self.plans.push(plan);
    }

    /// The answer of `GET sims/{iccid}/usage`. Unlimited plans report 0 of 0.
    #[must_use]
    pub fn usage(&self, now: Timestamp) -> Value {
        let (remaining, total) = if self.unlimited() { (0, 0) } else { (self.remaining_mb(), self.total_mb()) };
        let sum = |of: fn(&Package) -> Option<i64>| self.running().filter_map(|plan| of(&plan.package)).sum::<i64>();
        json!({
            "remaining": remaining, "total": total, "expired_at": self.expiry().map(zoneless),
            "is_unlimited": self.unlimited(), "status": self.status(now),
            "remaining_voice": sum(|package| package.voice), "remaining_text": sum(|package| package.text),
            "total_voice": sum(|package| package.voice), "total_text": sum(|package| package.text),
        })
    }

    /// The entries of `GET sims/{iccid}/packages`, oldest first. Usage is taken from the oldest running plan on.
    #[must_use]
    pub fn history(&self, now: Timestamp, discount: bool) -> Vec<Value> {
        let mut used = self.used_mb;
        let mut started = self.activated_at;
        let mut first = true;
        let mut entries = Vec::new();
        for plan in &self.plans {
            if let Some((how, at)) = plan.ended {
                entries.push(entry(plan, how, 0, (None, at_if(how == "EXPIRED", at), at_if(how == "FINISHED", at)), discount));
                continue;
            }
            let taken = used.min(plan.package.amount);
            used -= taken;
            let status = if first { self.status(now) } else { "NOT_ACTIVE".to_owned() };
            let end = started.map(|start| plus_days(start, plan.package.days));
            let dates = (started.filter(|_| first), end.filter(|_| first), at_if(status == "FINISHED", now));
            entries.push(entry(plan, &status, plan.package.amount - taken, dates, discount));
            started = end;
            first = false;
        }
        entries
    }
}

fn at_if(condition: bool, at: Timestamp) -> Option<Timestamp> {
    condition.then_some(at)
}

type Dates = (Option<Timestamp>, Option<Timestamp>, Option<Timestamp>);

fn entry(plan: &Plan, status: &str, remaining: i64, dates: Dates, discount: bool) -> Value {
    json!({
        "id": plan.id, "status": status, "remaining": remaining, "activated_at": dates.0.map(iso),
        "expired_at": dates.1.map(iso), "finished_at": dates.2.map(iso), "package": plan.package.show(discount),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test reports by failing")]
    use super::super::catalogue::find;
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn plan(id: &str) -> Plan {
        Plan { id: 1, package: find(id).unwrap(), ended: None }
    }

    fn card() -> Card {
        Card {
            id: 1,
            iccid: "8910".to_owned(),
            matching_id: "A".to_owned(),
            host: "h.example".to_owned(),
            order_id: 1,
            created_at: at("2026-11-01T00:00:00Z"),
            installed: false,
            activated_at: None,
            used_mb: 0,
            expires_at: None,
            forced: None,
            plans: vec![plan("change-7days-1gb")],
        }
    }

    #[test]
    fn life_follows_first_use_days_and_volume() {
        let mut card = card();
        assert_eq!(card.status(at("2027-01-01T00:00:00Z")), "NOT_ACTIVE");
        card.activated_at = Some(at("2026-11-02T00:00:00Z"));
        assert_eq!(card.status(at("2026-11-08T23:59:59Z")), "ACTIVE");
        assert_eq!(card.status(at("2026-11-09T00:00:00Z")), "EXPIRED");
        card.used_mb = 1024;
        assert_eq!(card.status(at("2026-11-03T00:00:00Z")), "FINISHED");
    }

    #[test]
    fn a_top_up_prolongs_a_running_plan_and_restarts_an_expired_one() {
        let mut running = card();
        running.activated_at = Some(at("2026-11-02T00:00:00Z"));
        running.used_mb = 500;
        let mut expired = running.clone();
        running.top_up(plan("change-15days-2gb-topup"), at("2026-11-07T00:00:00Z"));
        assert_eq!(running.expiry(), Some(at("2026-11-24T00:00:00Z")));
        assert_eq!((running.total_mb(), running.remaining_mb()), (3072, 2572));
        expired.top_up(plan("change-15days-2gb-topup"), at("2026-12-01T00:00:00Z"));
        assert_eq!(expired.status(at("2026-12-01T00:00:00Z")), "ACTIVE");
        assert_eq!(expired.expiry(), Some(at("2026-12-16T00:00:00Z")));
        assert_eq!(expired.remaining_mb(), 2048);
        assert_eq!(expired.history(at("2026-12-01T00:00:00Z"), false).len(), 2);
    }
}
