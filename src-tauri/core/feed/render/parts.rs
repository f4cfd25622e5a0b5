//! The parts of a post that are told apart when it comes back, and their digests. One rule for all feeds.

use std::collections::BTreeMap;

use super::text::one_line;
use crate::domain::{Digest, Lang, Side};
use crate::feed::RemoteMedia;

/// Digest of each part of what a feed holds: `title.LANG` and `body.LANG` of every side, `topics` in any order, `media`.
pub fn parts(
    sides: &BTreeMap<Lang, Side>,
    topics: Option<&[String]>,
    media: Option<&[RemoteMedia]>,
) -> BTreeMap<String, Digest> {
    let mut parts = BTreeMap::new();
    for (lang, side) in sides {
        parts.insert(title_part(lang), of_line(&side.title));
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

/// Digest of a line, whatever white space stands in it: sites and editors write other white space into titles.
pub(super) fn of_line(text: &str) -> Digest {
    Digest::of(one_line(text).as_bytes())
}

/// Names the part that is the title of a side.
pub(super) fn title_part(lang: &Lang) -> String {
    format!("title.{lang}")
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
