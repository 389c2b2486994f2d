//! The log of a run: every line that the functions would write at their most talkative, kept for the audit.

use passerelle::{
    telemetry::{CapturedLines, Format, JsonLines},
    testing::manual_world,
};
use std::sync::Arc;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt};

use super::ground::START;

/// One run in so many is listened to: writing every line takes as long as the run itself.
pub const ONE_IN: u64 = 16;

/// Plays, and keeps the log of this thread if the run is one to be listened to.
pub fn listening<T>(seed: u64, play: impl FnOnce() -> T) -> (T, Vec<String>) {
    if !seed.is_multiple_of(ONE_IN) {
        return (play(), Vec::new());
    }
    let lines = Arc::new(CapturedLines::default());
    let (world, _) = manual_world(START, seed);
    let layer = JsonLines::new("simulation", Format::Ecs, lines.clone(), world.clock);
    // As `LOG_LEVEL=trace` sets it.
    let heard = Targets::new().with_default(LevelFilter::WARN).with_target("passerelle", LevelFilter::TRACE);
    let played = tracing::subscriber::with_default(tracing_subscriber::registry().with(heard).with(layer), play);
    (played, lines.lines())
}
