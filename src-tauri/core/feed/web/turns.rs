//! Whose turn it is where a site has to be asked for each known item by its name. Sites bear only so many questions, so that one look
//! takes the newest, which are changed most often, and some of the others; the next look goes on behind them. Asks nothing.

use crate::domain::Receipt;

/// So many questions about single items a look may take. Mastodon bears 300 in five minutes
/// (<https://docs.joinmastodon.org/api/rate-limits/>), and a look may follow each time something is sent.
pub const QUESTIONS: usize = 40;
/// So many of the newest items are looked at each time.
const NEWEST: usize = 10;
/// A cursor names the item behind which the next look goes on.
const BEHIND: &str = "after ";
/// The cursor behind the last one.
const ALL: &str = "all";

/// Known items in the order in which they are looked at.
pub struct Turns<'a> {
    order: Vec<&'a Receipt>,
    cursor: Option<&'a str>,
}

impl<'a> Turns<'a> {
    /// The newest, then the others from a cursor on and around.
    pub fn of(known: impl Iterator<Item = &'a Receipt>, cursor: Option<&'a str>) -> Self {
        let mut order: Vec<&Receipt> = known.collect();
        order.sort_by(|one, other| {
            other.confirmed_at.cmp(&one.confirmed_at).then_with(|| one.remote_id.cmp(&other.remote_id))
        });
        let mut others = order.split_off(NEWEST.min(order.len()));
        others.sort_by(|one, other| one.remote_id.cmp(&other.remote_id));
        if let Some(behind) = cursor.and_then(|cursor| cursor.strip_prefix(BEHIND)) {
            let next = others.partition_point(|receipt| receipt.remote_id.as_str() <= behind);
            others.rotate_left(next);
        }
        order.extend(others);
        Self { order, cursor }
    }

    /// All of them, in order.
    pub fn order(&self) -> &[&'a Receipt] {
        &self.order
    }

    /// How many were looked at, where that were not all; see [`crate::feed::Changes::looked_at`].
    pub fn partly(&self, looked_at: usize) -> Option<usize> {
        Some(looked_at).filter(|looked_at| *looked_at < self.order.len())
    }

    /// The cursor after so many were looked at.
    pub fn cursor(&self, looked_at: usize) -> Option<String> {
        if looked_at >= self.order.len() {
            return self.cursor.map(|_| ALL.to_owned());
        }
        let last = self.order.get(NEWEST..looked_at).and_then(<[_]>::last);
        last.map(|receipt| format!("{BEHIND}{}", receipt.remote_id)).or_else(|| self.cursor.map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Digest, RevisionId, Timestamp, Wanted};

    fn receipt(number: u32, confirmed_at: i64) -> Receipt {
        Receipt {
            remote_id: format!("{number:03}"),
            url: None,
            known: Wanted::Published,
            revision: RevisionId::from_uuid(uuid::Uuid::nil()),
            version: Digest::of(b""),
            parts: Default::default(),
            manner: None,
            partial: false,
            confirmed_at: Timestamp::from_millis(confirmed_at),
        }
    }

    fn names(turns: &Turns<'_>) -> Vec<String> {
        turns.order().iter().map(|receipt| receipt.remote_id.clone()).collect()
    }

    #[test]
    fn the_newest_are_looked_at_each_time_and_the_others_in_turns() {
        // The last five by name and the first five were confirmed last.
        let known: Vec<Receipt> =
            (0..30).map(|number| receipt(number, i64::from(!(5..25).contains(&number)))).collect();
        let newest = ["000", "001", "002", "003", "004", "025", "026", "027", "028", "029"];
        let first = Turns::of(known.iter(), None);
        assert_eq!(names(&first)[..12], [&newest[..], &["005", "006"][..]].concat());
        let cursor = first.cursor(12).unwrap();
        let second = Turns::of(known.iter(), Some(&cursor));
        assert_eq!(names(&second)[..13], [&newest[..], &["007", "008", "009"][..]].concat());
        assert_eq!(names(&second)[28..], ["005", "006"], "and around");
        assert_eq!(second.cursor(28).as_deref(), Some("after 024"));
        let third = Turns::of(known.iter(), Some("after 024"));
        assert_eq!(names(&third)[10..12], ["005", "006"]);
    }

    #[test]
    fn a_look_that_came_to_none_of_the_others_begins_where_it_began() {
        let known: Vec<Receipt> = (0..30).map(|number| receipt(number, 0)).collect();
        let turns = Turns::of(known.iter(), Some("after 020"));
        assert_eq!((turns.cursor(10).as_deref(), turns.partly(10)), (Some("after 020"), Some(10)));
        assert_eq!((turns.cursor(30).as_deref(), turns.partly(30)), (Some("all"), None));
        assert_eq!(Turns::of(known.iter(), None).cursor(30), None, "nothing was left out");
    }
}
