//! The parts of a post that are told apart when it comes back, their digests, and the titles of sides. One rule for all feeds.

use std::collections::BTreeMap;

use crate::domain::{Digest, Lang, Side};
use crate::feed::RemoteMedia;

/// Between the titles of the sides in one title.
pub const BETWEEN_TITLES: &str = " · ";

/// Digest of each part of what a feed holds: `title.LANG` and `body.LANG` of every side, `topics` in any order, `media`.
pub fn parts(
    sides: &BTreeMap<Lang, Side>,
    topics: Option<&[String]>,
    media: Option<&[RemoteMedia]>,
) -> BTreeMap<String, Digest> {
    let mut parts = BTreeMap::new();
    for (lang, side) in sides {
        parts.insert(title_part(lang), Digest::of(side.title.as_bytes()));
        parts.insert(format!("body.{lang}"), Digest::of(side.body.as_bytes()));
    }
    if let Some(topics) = topics {
        let mut topics: Vec<&String> = topics.iter().collect();
        topics.sort();
        topics.dedup();
        parts.insert("topics".to_owned(), of_json(&topics));
    }
    if let Some(media) = media {
        // A file that was sent from here is known by what it is, wherever the feed put it.
        let told: Vec<_> = media
            .iter()
            .map(|file| (file.asset.map_or_else(|| file.url.clone(), |asset| asset.to_string()), &file.alt))
            .collect();
        parts.insert("media".to_owned(), of_json(&told));
    }
    parts
}

fn of_json(value: &impl serde::Serialize) -> Digest {
    // Strings and maps of strings can always be written.
    Digest::of(&serde_json::to_vec(value).unwrap_or_default())
}

fn title_part(lang: &Lang) -> String {
    format!("title.{lang}")
}

/// Puts the title of a whole item together with the titles that its sections begin with. `known` are the parts that the feed
/// held when it was last seen: where only the item's title was changed since, the sides follow it.
pub fn take_title(
    sides: &mut BTreeMap<Lang, Side>,
    title: &str,
    primary: &Lang,
    known: Option<&BTreeMap<String, Digest>>,
) {
    if title.is_empty() {
        return;
    }
    match sides.len() {
        0 => {
            sides.insert(primary.clone(), Side { title: title.to_owned(), body: String::new() });
        }
        1 => sides.values_mut().for_each(|side| name_only_side(side, title)),
        _ => name_sides(sides, title, known),
    }
}

/// Of one side, the item's title is the title, and a heading is text.
fn name_only_side(side: &mut Side, title: &str) {
    let heading = std::mem::replace(&mut side.title, title.to_owned());
    if !heading.is_empty() && heading != title {
        side.body = [heading.as_str(), side.body.as_str()].join("\n\n").trim_end().to_owned();
    }
}

fn name_sides(sides: &mut BTreeMap<Lang, Side>, title: &str, known: Option<&BTreeMap<String, Digest>>) {
    let mut order: Vec<Lang> = sides.keys().cloned().collect();
    order.sort_by_key(|lang| !lang.is_chinese());
    let mut titles: Vec<String> = Vec::new();
    for side in order.iter().filter_map(|lang| sides.get(lang)) {
        if !side.title.is_empty() && !titles.contains(&side.title) {
            titles.push(side.title.clone());
        }
    }
    if titles.join(BETWEEN_TITLES) == title {
        return;
    }
    let given: Vec<&str> = title.split(BETWEEN_TITLES).map(str::trim).collect();
    let is_as_known = |lang: &Lang, side: &Side| {
        known.is_none_or(|known| known.get(&title_part(lang)) == Some(&Digest::of(side.title.as_bytes())))
    };
    let matches = given.len() == titles.len();
    for (number, lang) in order.iter().enumerate() {
        let Some(side) = sides.get_mut(lang) else { continue };
        let piece = titles.iter().position(|one| *one == side.title).and_then(|at| given.get(at));
        match piece {
            Some(piece) if matches && is_as_known(lang, side) => side.title = (*piece).to_owned(),
            _ if !matches && number == 0 && is_as_known(lang, side) => side.title = title.to_owned(),
            _ => {}
        }
    }
}

/// The language that a text without a mark is most likely in, of the two that this journal is made for.
pub fn likely_lang(text: &str) -> Lang {
    let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}');
    let (han, letters) = text.chars().fold((0_usize, 0_usize), |(han, letters), c| {
        (han + usize::from(is_han(c)), letters + usize::from(c.is_ascii_alphabetic()))
    });
    // A Chinese character says about as much as three letters.
    if han * 3 > letters { Lang::zh_hans() } else { Lang::en() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(given: &[(&str, &str)]) -> BTreeMap<Lang, Side> {
        let side = |title: &str| Side { title: title.into(), body: String::new() };
        given.iter().map(|(lang, title)| (lang.parse().unwrap(), side(title))).collect()
    }

    fn titles(sides: &BTreeMap<Lang, Side>) -> Vec<&str> {
        sides.values().map(|side| side.title.as_str()).collect()
    }

    #[test]
    fn a_title_changed_there_reaches_the_sides_whose_headings_were_left() {
        let known = parts(&sides(&[("en", "A boat"), ("zh-Hans", "小船")]), None, None);
        let mut read = sides(&[("en", "A boat"), ("zh-Hans", "小船")]);
        take_title(&mut read, "大船 · A ship", &Lang::en(), Some(&known));
        assert_eq!(titles(&read), ["A ship", "大船"]);
        let mut heading_changed = sides(&[("en", "A raft"), ("zh-Hans", "小船")]);
        take_title(&mut heading_changed, "小船 · A boat", &Lang::en(), Some(&known));
        assert_eq!(titles(&heading_changed), ["A raft", "小船"], "the item's title was left as it was");
        let mut whole = sides(&[("en", "A boat"), ("zh-Hans", "小船")]);
        take_title(&mut whole, "New", &Lang::en(), Some(&known));
        assert_eq!(titles(&whole), ["A boat", "New"], "one title for both is the first side's");
    }

    #[test]
    fn a_heading_in_a_text_of_one_language_stays_in_the_text() {
        let mut read = sides(&[("en", "Part one")]);
        take_title(&mut read, "A boat", &Lang::en(), None);
        let side = read.values().next().unwrap();
        assert_eq!((side.title.as_str(), side.body.as_str()), ("A boat", "Part one"));
    }

    #[test]
    fn each_part_has_its_own_digest() {
        let before = parts(&sides(&[("en", "A"), ("zh-Hans", "甲")]), Some(&["b".into(), "a".into()]), None);
        let after = parts(&sides(&[("en", "A"), ("zh-Hans", "乙")]), Some(&["a".into(), "b".into()]), None);
        let changed: Vec<&String> =
            before.iter().filter(|(name, d)| after.get(*name) != Some(d)).map(|(n, _)| n).collect();
        assert_eq!(changed, ["title.zh-Hans"], "feeds list topics in any order");
    }

    #[test]
    fn a_text_without_a_mark_is_taken_for_what_it_looks_like() {
        assert_eq!(likely_lang("今天去喝 milk tea 了"), Lang::zh_hans());
        assert_eq!(likely_lang("A walk in 北京 today"), Lang::en());
    }
}
