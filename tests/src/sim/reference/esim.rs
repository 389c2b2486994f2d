//! One eSIM: its profile and its plan.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::core::clock::{iso, plus_days};
use super::catalogue::Package;

/// Life of an eSIM, in order.
pub const LIFE: [&str; 6] = ["released", "downloaded", "installed", "activated", "exhausted", "expired"];

/// An eSIM.
#[derive(Debug, Clone)]
pub struct Esim {
    /// The provider's id.
    pub id: String,
    /// 19 digits.
    pub iccid: String,
    /// SGP.22 matching id.
    pub matching_id: String,
    /// Host of the SM-DP+.
    pub host: String,
    /// The order that delivered it.
    pub order_id: String,
    /// What was first bought.
    pub package: &'static Package,
    /// Downloaded to a device.
    pub downloaded: bool,
    /// Installed on a device.
    pub installed: bool,
    /// First use of the running plan.
    pub activated_at: Option<Timestamp>,
    /// MB used of the running plan.
    pub used_mb: i64,
    /// MB of the running plan; `None` is unlimited.
    pub total_mb: Option<i64>,
    /// Days of the running plan.
    pub days: i64,
    /// End set by hand.
    pub expires_at: Option<Timestamp>,
    /// Cancelled by the provider.
    pub cancelled: bool,
    /// The end of the running plan has been told.
    pub end_told: bool,
}

impl Esim {
    /// The activation code.
    #[must_use]
    pub fn lpa(&self) -> String {
        format!("LPA:1${}${}", self.host, self.matching_id)
    }

    /// End of the running plan; `None` before first use.
    #[must_use]
    pub fn expiry(&self) -> Option<Timestamp> {
        self.expires_at.or_else(|| self.activated_at.map(|start| plus_days(start, self.days)))
    }

    /// One of [`LIFE`], or `cancelled`.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> &'static str {
        if self.cancelled {
            "cancelled"
        } else if self.expiry().is_some_and(|end| now >= end) {
            "expired"
        } else if self.total_mb.is_some_and(|total| self.used_mb >= total) {
            "exhausted"
        } else if self.activated_at.is_some() {
            "activated"
        } else if self.installed {
            "installed"
        } else if self.downloaded {
            "downloaded"
        } else {
            "released"
        }
    }

    /// Adds a package: to a running or unused plan its volume and days; a plan at its end starts anew at once.
    pub fn top_up(&mut self, package: &Package, now: Timestamp) {
        let volume = (package.megabytes > 0).then_some(package.megabytes);
        if matches!(self.status(now), "expired" | "exhausted") {
            (self.used_mb, self.total_mb, self.days) = (0, volume, package.days);
            (self.activated_at, self.expires_at, self.end_told) = (Some(now), None, false);
            return;
        }
        self.total_mb = self.total_mb.zip(volume).map(|(before, more)| before + more);
        self.days += package.days;
        self.expires_at = self.expires_at.map(|end| plus_days(end, package.days));
    }

    /// Whole per cent used, 0 when unlimited.
    #[must_use]
    pub fn percent(&self) -> i64 {
        self.total_mb.map_or(0, |total| self.used_mb * 100 / total.max(1))
    }

    /// The answer of `GET /esims/{id}/usage`.
    #[must_use]
    pub fn usage(&self, now: Timestamp) -> Value {
        json!({
            "esim_id": self.id, "data_used_mb": self.used_mb,
            "data_remaining_mb": self.total_mb.map(|total| (total - self.used_mb).max(0)), "data_total_mb": self.total_mb,
            "expiry_date": self.expiry().map(iso), "activated_at": self.activated_at.map(iso), "measured_at": iso(now),
            "status": self.status(now),
        })
    }
}
