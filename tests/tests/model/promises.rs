//! What must be true in every state, whatever happened.

use stateright::Property;

use crate::{
    steps::Protocol,
    world::{Status, World},
};

pub const ONCE: &str = "never bought twice";
pub const FENCED: &str = "a worker that lost its fence never changes the order";
pub const SETTLED: &str = "what is settled stays, and the client never hears otherwise";
pub const TRUE: &str = "placed is one purchase; rejected and not sent are none";
pub const PERSON: &str = "what ended without an eSIM has a task";
pub const WATCHED: &str = "an open order is looked after";

pub fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always(ONCE, |_, world: &World| world.purchases() <= 1),
        Property::always(FENCED, |_, world: &World| world.breach != Some(crate::world::Breach::StaleWrite)),
        Property::always(SETTLED, |_, world: &World| !matches!(world.breach, Some(b) if b != crate::world::Breach::StaleWrite)),
        Property::always(TRUE, |_, world: &World| is_true(world)),
        Property::always(PERSON, |_, world: &World| has_a_person(world)),
        Property::always(WATCHED, |_, world: &World| !world.is_open() || world.order.as_ref().is_some_and(|order| order.watched)),
        // A model in which nothing ends well proves nothing.
        Property::sometimes("placed", |_, world: &World| ended(world, Status::Placed)),
        Property::sometimes("rejected", |_, world: &World| ended(world, Status::Rejected)),
        Property::sometimes("not sent", |_, world: &World| ended(world, Status::NotSent)),
        Property::sometimes("unclear", |_, world: &World| ended(world, Status::Unclear)),
    ]
}

fn ended(world: &World, status: Status) -> bool {
    world.order.as_ref().is_some_and(|order| order.record.status == status)
}

fn is_true(world: &World) -> bool {
    world.order.as_ref().is_none_or(|order| match order.record.status {
        Status::Placed => world.purchases() == 1,
        Status::Rejected | Status::NotSent => world.purchases() == 0,
        _ => true,
    })
}

fn has_a_person(world: &World) -> bool {
    world.order.as_ref().is_none_or(|order| order.task || !order.record.status.is_settled() || order.record.status == Status::Placed)
}
