//! One run: a seed decides who does what and what goes wrong; then the weather clears, work ends, and everything is looked at.

use passerelle::testing::Table;
use serde_json::Value;
use std::time::Duration;

use super::{
    audit,
    faults::Fault,
    ground::{Ground, START, World},
    people::{People, Told, Want},
    stage::Stage,
    weather::Weather,
};

/// What came of a run.
pub struct Outcome {
    /// Everything that is wrong; empty when all promises held.
    pub wrong: Vec<String>,
    /// The same for the same seed.
    pub digest: u64,
    /// What happened, when asked for.
    pub story: Vec<String>,
}

/// Plays a seed.
pub fn play(seed: u64, fault: Option<Fault>, traced: bool) -> Outcome {
    fastrand::seed(seed);
    let ground = Ground::shared();
    let stage = Stage::new(START.parse().expect("a timestamp"), seed, traced);
    let weather = Weather::of(&stage);
    let outside = super::wires::Outside::new(&ground.desk.copy());
    let world = World::new(stage.clone(), weather, Table::restored(&ground.table), outside, seed, fault);
    let people = People { world: world.clone(), told: Told::default() };
    stage.spawn(act(people.clone(), ground));
    let played = stage.play().and_then(|()| clear_up(&people));
    let mut wrong: Vec<String> = played.err().into_iter().collect();
    if wrong.is_empty() {
        wrong = audit::audit(&world, &people.told);
    }
    Outcome { wrong, digest: stage.digest(), story: stage.story() }
}

/// The people of this run.
async fn act(people: People, ground: &'static Ground) {
    let stage = people.world.stage.clone();
    let long = stage.draw(|chance| chance.below(5)) == 0;
    let buyers = 1 + stage.draw(|chance| chance.below(2));
    for number in 1..=buyers {
        let (account, package) = stage.draw(|chance| chance.pick(&ground.packages).clone());
        let want = Want::Order { package, reference: format!("VH-{number}") };
        stage.spawn(one_trip(people.clone(), number, want, long && account == "reference"));
    }
}

/// An order, its repeats, and what follows.
async fn one_trip(people: People, number: u64, want: Want, long: bool) {
    let stage = people.world.stage.clone();
    let key = format!("key-{number}");
    if stage.draw(|chance| chance.hits(400)) {
        // The same call twice at once, as a double click makes it.
        let (twin, key, want) = (people.clone(), key.clone(), want.clone());
        stage.spawn(async move {
            twin.world.stage.pause(twin.world.stage.draw(|chance| chance.millis(0, 900))).await;
            twin.buy(key, want).await;
        });
    }
    let Some(bought) = people.clone().buy(key.clone(), want.clone()).await else { return };
    if stage.draw(|chance| chance.hits(100)) {
        let other = Want::Order { package: "reference:another".to_owned(), reference: "VH-1".to_owned() };
        people.clone().lie(key, want, other).await;
    }
    let Some(esim_id) = bought.get("esim_id").and_then(Value::as_str).map(str::to_owned) else { return };
    let tops_up = stage.draw(|chance| chance.hits(if long { 500 } else { 200 }));
    if tops_up {
        let (people, esim_id) = (people.clone(), esim_id.clone());
        stage.spawn(async move {
            people.world.stage.pause(people.world.stage.draw(|chance| chance.millis(1_000, 7_200_000))).await;
            people.top_up(format!("top-up-{number}"), esim_id).await;
        });
    }
    if long {
        lived(people, number).await;
    }
}

/// The plan's life at the provider, with the schedules striking all the while.
async fn lived(people: People, number: u64) {
    let world = people.world.clone();
    let esims = world.outside.reference.control(http::Method::GET, "esims", &Value::Null);
    let known: Vec<String> =
        esims.as_array().into_iter().flatten().filter_map(|esim| Some(esim.get("esim_id")?.as_str()?.to_owned())).collect();
    for esim in known {
        world.stage.spawn(people.clone().live(esim));
    }
    if number == 1 {
        for _ in 0..world.stage.draw(|chance| 6 + chance.below(18)) {
            world.stage.pause(world.stage.draw(|chance| chance.millis(2 * 3_600_000, 20 * 3_600_000))).await;
            people.strike().await;
        }
    }
}

/// Calm weather: dead letters are replayed, everybody asks once more, until nothing is left.
fn clear_up(people: &People) -> Result<(), String> {
    let world = &people.world;
    world.weather.calm();
    world.stage.note(|| "CALM".to_owned());
    for _ in 0..4 {
        for id in world.queues.take_dead() {
            world.queues.send(&id, Duration::ZERO);
        }
        world.stage.play()?;
    }
    let heard: Vec<(String, Want)> = people.told.all().iter().map(|(key, heard)| (key.clone(), heard.want.clone())).collect();
    for (key, want) in heard {
        let people = people.clone();
        world.stage.spawn(async move { drop(people.buy(key, want).await) });
    }
    let striking = people.clone();
    world.stage.spawn(async move {
        striking.strike().await;
    });
    world.stage.play()
}
