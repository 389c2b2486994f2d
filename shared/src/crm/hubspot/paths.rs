//! Where HubSpot's calls live. Bodies are the same in every generation, only paths differ (HubSpot facts, "Decide the API version first"):
//! dated ones (`2026-03`, `2026-09` …) carry the date after the object family, `v3` is the one before (associations: `v4`).
//! Custom events: `/events/custom/<date>/…` against `/events/v3/…`.

use url::Url;

/// Paths of one portal in one generation.
#[derive(Debug, Clone)]
pub(super) struct Paths {
    base: Url,
    version: String,
}

impl Paths {
    /// Paths below `base` for the version of the settings.
    pub(super) fn new(base: &Url, version: &str) -> Self {
        Self { base: base.clone(), version: version.to_owned() }
    }

    /// Below the records of an object type.
    pub(super) fn objects(&self, rest: &[&str]) -> Url {
        self.url(&["crm", "v3", "objects"], &["crm", "objects", &self.version], rest)
    }

    /// The unlabelled association of two records.
    pub(super) fn association(&self, from: (&str, &str), to: (&str, &str)) -> Url {
        let rest = [from.0, from.1, "associations", "default", to.0, to.1];
        self.url(&["crm", "v4", "objects"], &["crm", "objects", &self.version], &rest)
    }

    /// Below the schemas of custom objects.
    pub(super) fn schemas(&self, rest: &[&str]) -> Url {
        self.url(&["crm-object-schemas", "v3", "schemas"], &["crm-object-schemas", &self.version, "schemas"], rest)
    }

    /// Below the properties of an object type.
    pub(super) fn properties(&self, rest: &[&str]) -> Url {
        self.url(&["crm", "v3", "properties"], &["crm", "properties", &self.version], rest)
    }

    /// Below the custom events.
    pub(super) fn events(&self, rest: &[&str]) -> Url {
        self.url(&["events", "v3"], &["events", "custom", &self.version], rest)
    }

    fn url(&self, before: &[&str], dated: &[&str], rest: &[&str]) -> Url {
        let family = if self.version == "v3" { before } else { dated };
        let mut url = self.base.clone();
        // Segments are escaped one by one: an id with a slash stays one segment.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(family).extend(rest);
        }
        url
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::Paths;

    fn paths(version: &str) -> Paths {
        Paths::new(&"https://api.hubapi.com".parse().unwrap(), version)
    }

    #[test]
    fn every_family_has_its_path_in_both_generations() {
        let (old, new) = (paths("v3"), paths("2026-09"));
        let pairs = [
            (old.objects(&["deals", "1"]), "/crm/v3/objects/deals/1", new.objects(&["deals", "1"]), "/crm/objects/2026-09/deals/1"),
            (
                old.association(("tasks", "1"), ("deals", "2")),
                "/crm/v4/objects/tasks/1/associations/default/deals/2",
                new.association(("tasks", "1"), ("deals", "2")),
                "/crm/objects/2026-09/tasks/1/associations/default/deals/2",
            ),
            (old.schemas(&["x"]), "/crm-object-schemas/v3/schemas/x", new.schemas(&["x"]), "/crm-object-schemas/2026-09/schemas/x"),
            (old.properties(&["deals"]), "/crm/v3/properties/deals", new.properties(&["deals"]), "/crm/properties/2026-09/deals"),
            (old.events(&["send"]), "/events/v3/send", new.events(&["send"]), "/events/custom/2026-09/send"),
        ];
        for (old, old_path, new, new_path) in pairs {
            assert_eq!((old.path(), new.path()), (old_path, new_path));
        }
    }

    #[test]
    fn an_id_cannot_leave_its_segment_and_a_base_path_is_kept() {
        assert_eq!(paths("v3").objects(&["deals", "1/../../x?y"]).path(), "/crm/v3/objects/deals/1%2F..%2F..%2Fx%3Fy");
        let below = Paths::new(&"http://127.0.0.1:9/hub/".parse().unwrap(), "v3");
        assert_eq!(below.objects(&["deals"]).as_str(), "http://127.0.0.1:9/hub/crm/v3/objects/deals");
    }
}
