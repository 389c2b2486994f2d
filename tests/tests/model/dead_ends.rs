//! "Always settled in the end", as far as a finite graph can say it: from every state with an open order, the order can still be
//! settled without another fault. There is no state that only luck or a person's hand leads out of.

use std::collections::{HashMap, VecDeque};

use stateright::Model;

use crate::{
    steps::{Protocol, Step},
    world::World,
};

/// What the walk found.
pub struct Walk {
    pub states: usize,
    /// An open order that nothing fair settles.
    pub dead_end: Option<World>,
}

/// Walks through every state, then back from the settled ones along fair steps.
pub fn walk(protocol: &Protocol) -> Walk {
    let (states, before) = explore(protocol);
    let mut reached: Vec<bool> = states.iter().map(|world| !world.is_open()).collect();
    let mut queue: VecDeque<usize> = (0..states.len()).filter(|place| reached[*place]).collect();
    while let Some(place) = queue.pop_front() {
        for &earlier in &before[place] {
            if !std::mem::replace(&mut reached[earlier as usize], true) {
                queue.push_back(earlier as usize);
            }
        }
    }
    let dead_end = reached.iter().position(|reached| !reached).map(|place| states[place].clone());
    Walk { states: states.len(), dead_end }
}

/// Every state, and for each those from which a fair step leads to it.
fn explore(protocol: &Protocol) -> (Vec<World>, Vec<Vec<u32>>) {
    let mut states = protocol.init_states();
    let mut places: HashMap<World, usize> = states.iter().cloned().enumerate().map(|(place, world)| (world, place)).collect();
    let mut before: Vec<Vec<u32>> = vec![Vec::new(); states.len()];
    let mut next = 0;
    while next < states.len() {
        let world = states[next].clone();
        let mut steps: Vec<Step> = Vec::new();
        protocol.actions(&world, &mut steps);
        for step in steps {
            let Some(after) = protocol.next_state(&world, step) else { continue };
            let place = *places.entry(after).or_insert_with_key(|after| {
                states.push(after.clone());
                before.push(Vec::new());
                states.len() - 1
            });
            if step.is_fair() {
                before[place].push(u32::try_from(next).expect("fewer than four thousand million states"));
            }
        }
        next += 1;
    }
    (states, before)
}
