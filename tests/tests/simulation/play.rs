//! One run: a seed decides who does what and what goes wrong; then the weather clears, work ends, and everything is looked at.

use passerelle::testing::Table;
use serde_json::Value;
use std::time::Duration;

use super::{
    audit,
    faults::Fault,
    ground::{Ground, START, World},
    log,
    people::{Heard, People, Told, Want},
    stage::{Chance, Stage},
    weather::{Blow, Weather},
    wires::{Outside, SLOW},
};

/// What came of a run.
pub struct Outcome {
    /// Everything that is wrong; empty when all promises held.
    pub wrong: Vec<String>,
    /// The same for the same seed.
    pub digest: u64,
    /// What happened, when asked for.
    pub story: Vec<String>,
    /// Calls to the outside before the weather cleared.
    pub calls: u64,
    /// Lines of the log, where it was listened to.
    pub log_lines: usize,
}

/// What is played.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    pub story: Story,
    pub fault: Option<Fault>,
    pub traced: bool,
}

/// Who does what, and what goes wrong.
#[derive(Debug, Clone, Copy)]
pub enum Story {
    /// Whatever the seed wants.
    Any,
    /// One flow, with one call struck.
    One(Flow, Option<(u64, Blow)>),
    /// One flow, every message and webhook twice.
    Twice(Flow),
}

/// One flow with all that must follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// An order from this account.
    Order(&'static str),
    /// An order and a top-up.
    TopUp,
    /// A plan's life: webhooks, polls, reminders.
    Life,
    /// A booking from Amadeus: in parts, changed, void in part.
    Files,
}

impl Flow {
    pub const ALL: [Self; 12] = [
        Self::Order("airalo"),
        Self::Order(SLOW),
        Self::Order("bics"),
        Self::Order("celitech"),
        Self::Order("esim-access"),
        Self::Order("esim-go"),
        Self::Order("one-global"),
        Self::Order("reference"),
        Self::Order("telna"),
        Self::TopUp,
        Self::Life,
        Self::Files,
    ];
}

/// Plays a plan.
pub fn play(plan: Plan) -> Outcome {
    let ground = Ground::shared();
    // The SDK draws its jitter from the thread's own chance.
    fastrand::seed(plan.seed);
    let stage = Stage::new(START.parse().expect("a timestamp"), plan.seed, plan.traced);
    let weather = match plan.story {
        Story::Any => Weather::of(&stage),
        Story::One(_, blow) => Weather::single(&stage, blow),
        Story::Twice(_) => Weather::twice(&stage),
    };
    let outside = Outside::new(&ground.desk.copy());
    let world = World::new(stage.clone(), weather.clone(), Table::restored(&ground.table), outside, plan.seed, plan.fault);
    let people = People { world: world.clone(), told: Told::default() };
    match plan.story {
        Story::Any => stage.spawn(act(people.clone(), ground)),
        Story::One(flow, _) | Story::Twice(flow) => stage.spawn(one_flow(people.clone(), ground, flow)),
    };
    let (played, log) = log::listening(plan.seed, || {
        let played = stage.play();
        (weather.calls(), played.and_then(|()| clear_up(&people)))
    });
    let (calls, ended) = played;
    let mut wrong: Vec<String> = ended.err().into_iter().collect();
    if wrong.is_empty() {
        wrong = audit::audit(&world, &people.told, &log);
    }
    Outcome { wrong, digest: stage.digest(), story: stage.story(), calls, log_lines: log.len() }
}

/// The people of a run that the seed decides.
async fn act(people: People, ground: &'static Ground) {
    let stage = people.world.stage.clone();
    let long = stage.draw(|chance| chance.hits(12));
    let buyers = if stage.draw(|chance| chance.hits(100)) { 2 } else { 1 };
    for number in 1..=buyers {
        let account = if long { "reference" } else { stage.draw(|chance| seller(chance, &people.world.outside)) };
        let packages: Vec<&String> = ground.packages_of(account).collect();
        let package = stage.draw(|chance| (*chance.pick(&packages)).clone());
        if account == SLOW {
            stage.spawn(people.clone().carry_out());
        }
        let want = Want::Order { package, reference: format!("VH-{number}") };
        stage.spawn(one_trip(people.clone(), number, want, long));
    }
}

/// The account that sells. An order that is watched for hours makes a run four times as long: the slow one gets its turn more rarely.
fn seller(chance: &mut Chance, outside: &Outside) -> &'static str {
    let account = chance.pick(&outside.providers).0;
    if account == SLOW && chance.hits(750) { "airalo" } else { account }
}

/// One flow, from its beginning.
async fn one_flow(people: People, ground: &'static Ground, flow: Flow) {
    if flow == Flow::Files {
        return people.send_files().await;
    }
    let account = if let Flow::Order(account) = flow { account } else { "reference" };
    let package = ground.packages_of(account).next().expect("an offer").clone();
    let want = Want::Order { package, reference: "VH-1".to_owned() };
    if account == SLOW {
        people.world.stage.spawn(people.clone().carry_out());
    }
    let Some(bought) = people.clone().buy("key-1".to_owned(), want).await else { return };
    let esim_id = bought.get("esim_id").and_then(Value::as_str).expect("an eSIM").to_owned();
    people.world.stage.pause(Duration::from_secs(600)).await;
    match flow {
        Flow::Order(_) | Flow::Files => {}
        Flow::TopUp => people.top_up("top-up-1".to_owned(), esim_id).await,
        Flow::Life => lived(people, 1).await,
    }
}

/// An order, its repeats, and what follows.
async fn one_trip(people: People, number: u64, want: Want, long: bool) {
    let stage = people.world.stage.clone();
    let key = format!("key-{number}");
    if stage.draw(|chance| chance.hits(250)) {
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
    let tops_up = stage.draw(|chance| chance.hits(if long { 500 } else { 100 }));
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
    let esims = world.outside.listed("reference", "esims");
    let known: Vec<String> = esims.iter().filter_map(|esim| Some(esim.get("esim_id")?.as_str()?.to_owned())).collect();
    for esim in known {
        world.stage.spawn(people.clone().live(esim));
    }
    if number == 1 {
        for _ in 0..world.stage.draw(|chance| 4 + chance.below(12)) {
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
    people.release();
    for _ in 0..4 {
        for (id, queue) in world.queues.take_dead() {
            world.queues.send(&id, queue, Duration::ZERO);
        }
        world.stage.play()?;
    }
    let striking = people.clone();
    world.stage.spawn(async move {
        striking.strike().await;
    });
    ask_once_more(people, |_| true)?;
    // What was first sent only now, to a provider that carries it out later.
    people.release();
    ask_once_more(people, |heard| heard.settled.is_empty())
}

fn ask_once_more(people: &People, who: impl Fn(&Heard) -> bool) -> Result<(), String> {
    let asking: Vec<(String, Want)> =
        people.told.all().iter().filter(|(_, heard)| who(heard)).map(|(key, heard)| (key.clone(), heard.want.clone())).collect();
    for (key, want) in asking {
        let people = people.clone();
        people.world.stage.clone().spawn(async move { drop(people.buy(key, want).await) });
    }
    people.world.stage.play()
}
