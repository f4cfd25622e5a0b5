//! One contract for every kind of feed: whatever goes wrong at whatever request, a post is at the server once, with what it
//! says, or not at all when it was taken back; and the journal never says otherwise. A clean run counts the requests, then every
//! fault strikes at every one of them.

mod bench;
mod cases;
mod mortal;
mod sheet;

use std::sync::Arc;

use crate::places::{Mastodon, Micropub, Place, WordPress};
use bench::Bench;

/// What a post goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Publish,
    Edit,
    TakeBack,
}

pub const STEPS: [Step; 3] = [Step::Publish, Step::Edit, Step::TakeBack];

#[tokio::test]
async fn wordpress_keeps_the_contract() {
    keep(Arc::new(WordPress::told())).await;
}

#[tokio::test]
async fn mastodon_keeps_the_contract() {
    keep(Arc::new(Mastodon::told())).await;
}

#[tokio::test]
async fn micropub_keeps_the_contract() {
    keep(Arc::new(Micropub::told())).await;
}

/// Runs the contract for one kind of feed and prints what was run.
async fn keep(place: Arc<dyn Place>) {
    let mut bench = Bench::set_up(Arc::clone(&place)).await;
    let clean = bench.clean_run().await;
    let mut cases = cases::all(clean);
    let all = cases.len();
    let seed = cases::thin_out(&mut cases);
    for (step, at, fault) in &cases {
        bench.strike(*step, *at, *fault).await;
    }
    bench.sheet.strangers = bench.proxy.strangers();
    let told = format!(
        "{} contract: {clean:?} requests to publish, edit, take back; {} of {all} cases, {}. To repeat them: SAMPAN_SEED={seed}",
        place.name(),
        cases.len(),
        bench.sheet
    );
    println!("{told}\n{}", bench.sheet.row(place.name()));
    bench.leave_no_secret().await;
    assert!(bench.sheet.faults.is_empty(), "{told}\n{}", bench.sheet.faults.join("\n"));
}
