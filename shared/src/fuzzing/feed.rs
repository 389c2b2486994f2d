//! What agencies' other systems send: files that a mapping says how to read.

use std::sync::LazyLock;

use crate::{
    config::Feed,
    intake::feed::{self, State},
};

/// The mappings that are shipped, and one that reads everything by number.
static FEEDS: LazyLock<Vec<Feed>> = LazyLock::new(|| {
    let mappings = [
        include_str!("../../../crm/feeds/consolidator/mapping.json"),
        include_str!("../../../crm/feeds/back-office/mapping.json"),
        include_str!("../../../crm/feeds/booking-tool/mapping.json"),
        r#"{"format": {"json_lines": {}}, "dates": ["%m/%d/%Y", "%e %b %Y*"], "snapshot": true, "travellers_separated_by": "|",
            "fields": {"reference": {"column": "ref"}, "name": {"column": "who.name"}, "email": {"column": "who.email"}, "phone": {"column": "who.phone"},
                       "country": {"column": "to"}, "from": {"column": "from"}, "to": {"column": "until"}}}"#,
        r#"{"format": {"tsv": {"header": false}}, "encoding": "utf-16le", "dates": ["%F"],
            "fields": {"reference": {"column": "1"}, "name": {"column": "2"}, "airport": {"column": "3"}, "from": {"column": "4"}, "nights": {"column": "5"}}}"#,
    ];
    mappings.iter().map(|mapping| serde_json::from_str(mapping).expect("a mapping")).collect()
});

/// The first byte says by which mapping, and whether the rest is text from JSON. Every row is answered for: by its booking, or as a reject.
pub(super) fn feed_file(bytes: &[u8]) {
    let Some((choice, file)) = bytes.split_first() else { return };
    let choice = usize::from(*choice);
    let Some(feed) = FEEDS.get(choice % FEEDS.len()) else { return };
    let Ok(reading) = feed::read(feed, file, choice / FEEDS.len() % 2 == 1) else { return };
    let told: usize = reading.bookings.iter().map(|booking| booking.lines.len()).sum();
    let nameless = reading.rejects.iter().filter(|reject| reject.reference.is_none()).count();
    assert_eq!(told + nameless, reading.rows, "every row is answered for");
    assert!(nameless == 0 || reading.not_whole.is_some(), "who knows whose row it was?");
    for booking in &reading.bookings {
        let rejected = reading.rejects.iter().any(|reject| reject.reference.as_ref() == Some(&booking.reference));
        assert_eq!(booking.state == State::Incomplete, rejected, "half a booking is none");
        if let State::Travels(draft) = &booking.state {
            assert!(!draft.stays.is_empty() && !draft.travellers.is_empty());
            assert!(draft.stays.iter().all(|stay| stay.from <= stay.to && !feed.home.contains(&stay.iso_country)));
        }
    }
}
