//! A file in the bucket: S3, EventBridge and the function between them, and what lies beside the file afterwards.

use crate::{api, booking, demo};
use jiff::fmt::strtime;
use passerelle_tests::local::wait::{Seen, until};

#[tokio::test]
async fn a_file_that_is_dropped_is_followed_and_its_rejects_lie_beside_it() {
    let (aws, api) = (&demo().stack.aws, api().await);
    let bucket = &demo().stack.deployed.outputs["DropBucketName"];
    let first: jiff::civil::Date = booking("DROP-1")["destinations"][0]["from"].as_str().unwrap().parse().unwrap();
    let first = strtime::format("%d/%m/%Y", first).unwrap();
    let file = format!(
        "Export\r\n\r\nN\u{b0} dossier;Code client;Nom;Pr\u{e9}nom;E-mail;Portable;Destination;D\u{e9}part;Nuits;\u{c9}tat\r\n\
         DROP-1;C1;Faure;In\u{e8}s;ines.faure@example.com;;Japon;{first};7;OK\r\n\
         DROP-2;C1;Faure;In\u{e8}s;ines.faure@example.com;;Atlantide;{first};7;OK\r\n"
    );
    let windows_1252: Vec<u8> = file.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let agency = "demo";
    aws.put_object(bucket, &format!("in/{agency}/feed/back-office/e2e.csv"), windows_1252).await.unwrap();
    let beside = until("result of the dropped file", async || {
        let keys = aws.object_keys(bucket, &format!("out/{agency}/feed/back-office/e2e.csv")).await?;
        let result = keys.iter().any(|key| key.ends_with(".result.json"));
        Ok(Seen::of(result.then(|| keys.clone()), || format!("{keys:?}")))
    })
    .await
    .unwrap_or_else(|error| panic!("{error}"));
    let rejects = beside.iter().find(|key| key.ends_with(".rejects.csv")).expect("rejects lie beside it");
    let rejects = String::from_utf8(aws.object(bucket, rejects).await.unwrap()).unwrap();
    assert!(rejects.contains("5,Destination,not_in_lookup,DROP-2,"), "{rejects}");
    let dossier = api.get("/bookings/DROP-1").await.unwrap().expect(&[200]).unwrap();
    assert_eq!((&dossier["traveller"]["name"], &dossier["destinations"][0]["iso_country"]), (&"In\u{e8}s Faure".into(), &"JP".into()));
    assert_eq!(api.get("/bookings/DROP-2").await.unwrap().status, 404);
}
