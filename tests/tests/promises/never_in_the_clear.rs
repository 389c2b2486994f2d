//! §2.4 Never in the clear: what lies in the table holds no ICCID, code, address or token.

use crate::fixture::{TRAVELLER_EMAIL, World};

#[tokio::test]
async fn the_table_holds_nothing_that_installs_a_profile_or_names_the_traveller() {
    let mut world = World::new().await;
    for account in ["airalo", "reference"] {
        let offers = world.book(&format!("VH-{account}"), "JP", "2027-05-03", "2027-05-09").await;
        world.order(&format!("key-{account}"), &World::best(&offers, account), &format!("VH-{account}")).await.unwrap();
    }
    world.settle().await;
    let table = world.table.text().await;
    for sim in [&world.sims.airalo, &world.sims.reference] {
        for esim in sim.client().esims().await.unwrap() {
            let lpa = esim["lpa"].as_str().unwrap();
            let token = lpa.rsplit('$').next().unwrap();
            for secret in [esim["iccid"].as_str().unwrap(), lpa, token] {
                assert!(!table.contains(secret), "the table holds {secret}");
            }
        }
        assert!(!table.contains(&sim.credential("client_secret")));
    }
    for personal in [TRAVELLER_EMAIL, "Camille", "Moreau", "LPA:1$"] {
        assert!(!table.contains(personal), "the table holds {personal}");
    }
}
