//! Which cases the contract has, and which of them are tried.

use std::collections::HashMap;

use super::{STEPS, Step};
use crate::faults::{self, Fault};
use crate::support::Chance;

/// A fault, and the request of a step at which it strikes.
pub type Case = (Step, usize, Fault);

/// Every fault at every request of steps that make so many.
pub fn all(requests: [usize; STEPS.len()]) -> Vec<Case> {
    let steps = STEPS.into_iter().zip(requests);
    let places = steps.flat_map(|(step, requests)| (1..=requests).map(move |at| (step, at)));
    places.flat_map(|(step, at)| faults::all().into_iter().map(move |fault| (step, at, fault))).collect()
}

/// Every case with `SAMPAN_CONTRACT=all`, otherwise so many of them, chosen by a seed. Lost answers come first: they are what
/// doubles posts. Then every fault once, before any comes a second time.
pub fn thin_out(cases: &mut Vec<Case>) -> u64 {
    let seed = shuffle(cases);
    let mut met: HashMap<Fault, usize> = HashMap::new();
    let mut ranked: Vec<(usize, Case)> = Vec::new();
    for case in cases.drain(..) {
        let times = met.entry(case.2).or_default();
        *times += 1;
        let first = case.0 == Step::Publish && matches!(case.2, Fault::DropAfter | Fault::Late);
        ranked.push((if first { 0 } else { *times }, case));
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    cases.extend(ranked.into_iter().take(wanted(40)).map(|(_, case)| case));
    seed
}

/// The same for cases that are all alike, `most` of them where nothing is said.
pub fn draw<T>(cases: &mut Vec<T>, most: usize) -> u64 {
    let seed = shuffle(cases);
    cases.truncate(wanted(most));
    seed
}

fn wanted(most: usize) -> usize {
    let wanted = std::env::var("SAMPAN_CONTRACT").unwrap_or_default();
    if wanted == "all" { usize::MAX } else { wanted.parse().unwrap_or(most) }
}

fn shuffle<T>(cases: &mut Vec<T>) -> u64 {
    let seed = std::env::var("SAMPAN_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_122);
    let mut chance = Chance(seed);
    let mut drawn: Vec<(u64, T)> = cases.drain(..).map(|case| (chance.next(), case)).collect();
    drawn.sort_by_key(|(number, _)| *number);
    cases.extend(drawn.into_iter().map(|(_, case)| case));
    seed
}
