//! The two generations of paths brought to one (HubSpot, "Decide the API version first").

/// What a path is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Records of a type.
    Objects,
    /// Associations between two types, in batches.
    Associations,
    /// Custom object schemas.
    Schemas,
    /// Properties of a type.
    Properties,
    /// Custom events.
    Events,
}

/// A path taken apart.
#[derive(Debug)]
pub struct Route<'a> {
    /// What it is about.
    pub area: Area,
    /// What follows.
    pub rest: &'a [&'a str],
    /// `v3`, `v4`, or a date.
    pub version: &'a str,
}

/// Versions with a date that HubSpot has published.
const DATED: [&str; 2] = ["2026-03", "2026-09"];

/// Takes a path apart; `None` when it is not one of ours.
#[must_use]
pub fn route<'a>(segments: &'a [&'a str]) -> Option<Route<'a>> {
    let (area, version, rest) = match segments {
        ["crm", "objects", version, rest @ ..] if DATED.contains(version) => (Area::Objects, *version, rest),
        ["crm", version @ ("v3" | "v4"), "objects", rest @ ..] => (Area::Objects, *version, rest),
        ["crm", "associations", version, rest @ ..] if DATED.contains(version) => (Area::Associations, *version, rest),
        ["crm", version @ "v4", "associations", rest @ ..] => (Area::Associations, *version, rest),
        ["crm-object-schemas", version, "schemas", rest @ ..] if *version == "v3" || DATED.contains(version) => {
            (Area::Schemas, *version, rest)
        }
        ["crm", "properties", version, rest @ ..] if DATED.contains(version) => (Area::Properties, *version, rest),
        ["crm", version @ "v3", "properties", rest @ ..] => (Area::Properties, *version, rest),
        ["events", "custom", version, rest @ ..] if DATED.contains(version) => (Area::Events, *version, rest),
        ["events", version @ "v3", rest @ ..] => (Area::Events, *version, rest),
        _ => return None,
    };
    // v4 has associations only; the records themselves are v3 or dated.
    let is_association = rest.get(2) == Some(&"associations");
    let fits = area != Area::Objects || version != "v4" || is_association;
    fits.then_some(Route { area, rest, version })
}
