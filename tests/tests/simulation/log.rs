//! The log of a run: every line that the functions would write at their most talkative, kept for the audit.

use passerelle::{
    telemetry::{CapturedLines, Format, JsonLines},
    testing::manual_world,
};
use std::sync::{Arc, LazyLock};
use tracing::{Dispatch, level_filters::LevelFilter, subscriber::NoSubscriber};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt};

use super::ground::START;

/// One run in so many is listened to: writing every line takes as long as the run itself.
pub const ONE_IN: u64 = 16;

/// Hears nothing, and is there nevertheless. Whether the values of a line or span are worked out, which may draw chance, depends on whether
/// anybody in the process listens or ever did, unless the thread has a listener of its own: a seed must not play otherwise for its neighbours.
static NOBODY: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::default()));

/// Plays, and keeps the log of this thread if the run is one to be listened to.
pub fn listening<T>(seed: u64, play: impl FnOnce() -> T) -> (T, Vec<String>) {
    if !seed.is_multiple_of(ONE_IN) {
        return (tracing::dispatcher::with_default(&NOBODY, play), Vec::new());
    }
    let lines = Arc::new(CapturedLines::default());
    let (world, _) = manual_world(START, seed);
    let layer = JsonLines::new("simulation", Format::Ecs, lines.clone(), world.clock);
    // As `LOG_LEVEL=trace` sets it.
    let heard = Targets::new().with_default(LevelFilter::WARN).with_target("passerelle", LevelFilter::TRACE);
    let played = tracing::subscriber::with_default(tracing_subscriber::registry().with(heard).with(layer), play);
    (played, lines.lines())
}
