//! What an agency's reservation system sends: AIR files, whole bookings.

use crate::intake::amadeus::{self, Dossier, Reading};

/// Any bytes are a file: what can be read of it is followed, and followed again is known.
pub(super) fn air_file(bytes: &[u8]) {
    follow(amadeus::read(bytes));
}

/// Any bytes are an answer of a service, or none.
pub(super) fn amadeus_booking(bytes: &[u8]) {
    follow(amadeus::read_bookings(bytes).unwrap_or_default());
}

fn follow(readings: Vec<Reading>) {
    let mut dossier = Dossier::default();
    for record in readings.into_iter().filter_map(|reading| reading.record.ok()) {
        let before = dossier.clone();
        if dossier.follow(&record) == amadeus::Followed::Changed {
            dossier.keep(&record);
            assert_eq!(dossier.clone().follow(&record), amadeus::Followed::Repeated, "known once it was kept");
        } else {
            assert_eq!((&before.flights, &before.passengers), (&dossier.flights, &dossier.passengers), "nothing but a change changes");
        }
        let _ = amadeus::stays(&dossier.flights, dossier.instructions.until);
        let kept = serde_json::to_string(&dossier).expect("what we keep is written");
        assert_eq!(serde_json::from_str::<Dossier>(&kept).expect("what we write, we read"), dossier);
    }
}
