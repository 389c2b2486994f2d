//! Files that another system drops: what is laid beside them, and what a notice that comes twice does.

use async_trait::async_trait;
use passerelle::{
    flows::{
        intake,
        intake_drop::{self, Dropped, MOST_BYTES},
        sales_daily,
    },
    objects::{ObjectError, Objects},
    outbound::Deadline,
    problem::Problem,
};
use passerelle_tests::stack::build;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use crate::fixture::{AGENCY, World, trace};

/// A bucket in this process, by S3's rules: a key is written once where it is asked for so.
#[derive(Default)]
struct Bucket {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Writes that fail before one works again.
    failing: Mutex<u32>,
}

impl Bucket {
    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.objects.lock().unwrap()
    }

    fn put(&self, key: &str, bytes: impl Into<Vec<u8>>) {
        self.objects().insert(key.to_owned(), bytes.into());
    }

    fn text(&self, key: &str) -> String {
        String::from_utf8(self.objects()[key].clone()).unwrap()
    }

    fn results(&self) -> Vec<String> {
        self.objects().keys().filter(|key| key.starts_with("out/")).cloned().collect()
    }
}

#[async_trait]
impl Objects for Bucket {
    async fn read(&self, key: &str, most: usize) -> Result<Vec<u8>, ObjectError> {
        match self.objects().get(key) {
            None => Err(ObjectError::Absent),
            Some(bytes) if bytes.len() > most => Err(ObjectError::TooLarge { most }),
            Some(bytes) => Ok(bytes.clone()),
        }
    }

    async fn write_new(&self, key: &str, _: &str, bytes: Vec<u8>) -> Result<bool, ObjectError> {
        let mut failing = self.failing.lock().unwrap();
        if *failing > 0 {
            *failing -= 1;
            return Err(ObjectError::Unavailable("SlowDown".to_owned()));
        }
        let is_new = !self.objects().contains_key(key);
        self.objects().entry(key.to_owned()).or_insert(bytes);
        Ok(is_new)
    }
}

async fn world() -> World {
    let mapping: Value =
        serde_json::from_slice(&std::fs::read(build::workspace().join("crm/feeds/back-office/mapping.json")).unwrap()).unwrap();
    World::with_settings(&["airalo", "reference"], json!({"feeds": {"back-office": mapping}})).await
}

fn sample() -> Vec<u8> {
    std::fs::read(build::workspace().join("crm/feeds/back-office/sample.csv")).unwrap()
}

/// Tells of a file; the outcome, or the problem that has it tried again.
async fn tell(world: &World, bucket: &Bucket, key: &str, writing: &str) -> Result<&'static str, Problem> {
    let dropped = Dropped { key: key.to_owned(), writing: writing.to_owned(), written_at: world.now() };
    let deadline = Deadline::within(world.now(), Duration::from_secs(300));
    Ok(intake_drop::take(&world.house, bucket, &dropped, &trace(), deadline).await?.outcome)
}

#[tokio::test]
async fn a_dropped_file_becomes_dossiers_and_its_rejects_lie_beside_it() {
    let mut world = world().await;
    let (bucket, key) = (Bucket::default(), format!("in/{AGENCY}/feed/back-office/2027-04-20.csv"));
    bucket.put(&key, sample());
    assert_eq!(tell(&world, &bucket, &key, "A1").await.unwrap(), "followed");
    let dossier = intake::read(&world.run().await, "VH-27-0101").await.unwrap();
    assert!(!dossier.offers.is_empty());
    let beside = format!("out/{AGENCY}/feed/back-office/2027-04-20.csv.A1");
    let result: Value = serde_json::from_str(&bucket.text(&format!("{beside}.result.json"))).unwrap();
    assert_eq!((&result["outcome"], &result["rejects"][0]["code"]), (&json!("followed"), &json!("not_in_lookup")));
    let rejects = bucket.text(&format!("{beside}.rejects.csv"));
    let expected = "line,column,code,reference,text\r\n10,Destination,not_in_lookup,VH-27-0105,\
        is not in the list that the mapping looks it up in\r\n";
    assert_eq!(rejects, expected);
    world.settle().await;
    assert_eq!(world.tasks().await.len(), 1, "nobody reads an answer here: a person is told");
    let before = bucket.objects().clone();
    assert_eq!(tell(&world, &bucket, &key, "A1").await.unwrap(), "repeated");
    world.settle().await;
    let after = bucket.objects().clone();
    assert_eq!((after, world.tasks().await.len()), (before, 1), "told twice, done once");
}

#[tokio::test]
async fn each_day_that_is_over_is_one_file_and_missed_nights_are_caught_up() {
    let settings = json!({"sales_export": {"daily": true, "columns": [{"name": "Booking", "field": "booking_reference"}]}});
    let world = World::with_settings(&["airalo", "reference"], settings).await;
    let bucket = Bucket::default();
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    world.order("key-1", &World::best(&offers, "airalo"), "VH-1").await.unwrap();
    let night = async |at: &str| {
        let now = at.parse().unwrap();
        world.set_time(now).await;
        let deadline = Deadline::within(now, Duration::from_secs(300));
        sales_daily::lay(&world.house, &bucket, now, &trace(), deadline).await
    };
    assert_eq!(night("2027-04-20T22:05:00Z").await.unwrap().written, 6, "20 April is over, and may still get a line");
    let key = format!("out/{AGENCY}/sales/2027-04-20.csv");
    assert!(!bucket.objects().contains_key(&key));
    *bucket.failing.lock().unwrap() = 1;
    assert_eq!(night("2027-04-23T00:20:00Z").await.unwrap_err().status, 503, "to be tried again");
    assert_eq!(night("2027-04-23T00:20:00Z").await.unwrap().written, 3, "the 20th to the 22nd");
    assert_eq!(bucket.text(&key), "Booking\r\nVH-1\r\n");
    assert_eq!(night("2027-04-23T00:20:00Z").await.unwrap().written, 0);
    assert_eq!(bucket.objects().values().filter(|file| String::from_utf8_lossy(file).contains("VH-1")).count(), 1);
}

#[tokio::test]
async fn a_run_that_dies_before_its_result_is_made_good_by_the_next() {
    let mut world = world().await;
    let (bucket, key) = (Bucket::default(), format!("in/{AGENCY}/feed/back-office/a.csv"));
    bucket.put(&key, sample());
    *bucket.failing.lock().unwrap() = 1;
    assert_eq!(tell(&world, &bucket, &key, "A1").await.unwrap_err().status, 503);
    assert!(bucket.results().is_empty());
    tell(&world, &bucket, &key, "A1").await.unwrap();
    assert_eq!(bucket.results().len(), 2);
    assert!(bucket.text(&format!("out/{AGENCY}/feed/back-office/a.csv.A1.rejects.csv")).contains("VH-27-0105"), "whole, though known");
    world.table.set_writable(false);
    bucket.put(&format!("in/{AGENCY}/feed/back-office/b.csv"), [sample().as_slice(), b"\r\n"].concat());
    assert_eq!(tell(&world, &bucket, &format!("in/{AGENCY}/feed/back-office/b.csv"), "B1").await.unwrap_err().status, 503);
    world.table.set_writable(true);
    world.settle().await;
    assert_eq!(world.tasks().await.len(), 1);
}

#[tokio::test]
async fn amadeus_records_are_dropped_the_same_way() {
    let world = world().await;
    let (bucket, key) = (Bucket::default(), format!("in/{AGENCY}/air/AIR0001.txt"));
    bucket.put(&key, "AIR-BLK207;7D;;\nAMD 0100000001;1/1;\nMUC1A ABC123007;\nD-270310;;\nENDX\nAIR-BLK207;ZZ;;\nENDX\n");
    assert_eq!(tell(&world, &bucket, &key, "A1").await.unwrap(), "followed");
    let result: Value = serde_json::from_str(&bucket.text(&format!("out/{AGENCY}/air/AIR0001.txt.A1.result.json"))).unwrap();
    assert_eq!(result["records"].as_array().unwrap().len(), 2);
    let rejects = bucket.text(&format!("out/{AGENCY}/air/AIR0001.txt.A1.rejects.csv"));
    assert!(rejects.contains("6,,unknown_type") && !rejects.contains("emd"), "an EMD is nobody's to mend: {rejects}");
}

#[tokio::test]
async fn what_can_never_be_followed_says_so_beside_it_and_what_lies_nowhere_is_a_dead_letter() {
    let mut world = world().await;
    let bucket = Bucket::default();
    for (key, bytes, code) in [
        ("feed/nobody/a.csv", b"x".to_vec(), "not_found"),
        ("feed/back-office/other.csv", b"a;b\n1;2\n3;4\n5;6\n".to_vec(), "missing_column"),
        ("feed/back-office/large.csv", vec![b'x'; MOST_BYTES + 1], "too_large"),
        ("air/picture.png", b"\x89PNG".to_vec(), "not_an_air_file"),
    ] {
        let place = format!("in/{AGENCY}/{key}");
        bucket.put(&place, bytes);
        assert_eq!(tell(&world, &bucket, &place, "A1").await.unwrap(), "refused", "{key}");
        let result: Value = serde_json::from_str(&bucket.text(&format!("out/{AGENCY}/{key}.A1.result.json"))).unwrap();
        assert_eq!(result["code"], code);
        assert!(bucket.text(&format!("out/{AGENCY}/{key}.A1.rejects.csv")).contains(code));
    }
    world.settle().await;
    assert_eq!(world.tasks().await.len(), 4);
    let laid = bucket.results().len();
    for misplaced in ["in/a.csv", &format!("in/{AGENCY}/a.csv"), &format!("in/{AGENCY}/feed/a.csv"), "elsewhere/a.csv"] {
        bucket.put(misplaced, "x");
        assert_eq!(tell(&world, &bucket, misplaced, "A1").await.unwrap_err().code, "misplaced", "{misplaced}");
    }
    assert!(tell(&world, &bucket, "in/nobody/air/a.txt", "A1").await.is_err(), "an agency that we do not know");
    assert_eq!(tell(&world, &bucket, &format!("in/{AGENCY}/feed/back-office/"), "A1").await.unwrap(), "folder");
    assert_eq!(tell(&world, &bucket, &format!("in/{AGENCY}/air/gone.txt"), "A1").await.unwrap(), "absent");
    assert_eq!(bucket.results().len(), laid);
}
