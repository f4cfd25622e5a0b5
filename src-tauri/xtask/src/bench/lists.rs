//! A large journal: its first screen, its list, and its search.

use anyhow::Result;

use super::{Bench, Line, Table, middle, reported};

/// Measures without a window.
pub fn measure(bench: &Bench, table: &mut Table) -> Result<()> {
    let (posts, journal) = (bench.size.posts, bench.journal(bench.size.posts)?);
    let asked = |job: &str| -> Result<f64> {
        let rounds = (0..bench.size.rounds).map(|_| reported(bench.job(job).arg(&journal)));
        Ok(middle(rounds.collect::<Result<_>>()?))
    };
    let (first, list, search, scan) = (asked("first-screen")?, asked("list")?, asked("search")?, asked("scan")?);
    table.add(Line {
        what: format!("opening {posts} posts: what the first screen shows"),
        figure: first,
        unit: "ms",
        goal: Some(1000.0),
        beside: String::new(),
    });
    table.add(Line {
        what: format!("the shapes of all {posts} cards"),
        figure: list,
        unit: "ms",
        goal: None,
        beside: String::new(),
    });
    table.add(Line {
        what: format!("one Chinese character in {posts} posts"),
        figure: search / scan,
        unit: "of a plain LIKE",
        goal: Some(1.0),
        beside: format!("sampan {search:.1} ms, LIKE over the same texts {scan:.1} ms"),
    });
    Ok(())
}
