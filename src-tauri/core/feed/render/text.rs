//! The plain forms of a document: text, title, summary. No markup.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use super::Document;
use super::titles::BETWEEN_TITLES;

/// A summary has at most this many graphemes.
const SUMMARY: usize = 200;
/// A title that is made from the text has at most this many graphemes.
const MADE_TITLE: usize = 40;

/// The text without the characters that XML 1.0 forbids (<https://www.w3.org/TR/xml/#charsets>): control characters that
/// can come in with a paste and would make the whole feed unreadable.
pub fn clean(text: &str) -> Cow<'_, str> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{FFFE}' | '\u{FFFF}'));
    if text.chars().all(allowed) { Cow::Borrowed(text) } else { text.chars().filter(|c| allowed(*c)).collect() }
}

/// The titles of all sides, each once, joined with a middle dot.
pub fn title(document: &Document) -> Option<String> {
    let mut titles: Vec<&str> = Vec::new();
    for (_, side) in &document.sides {
        if !side.title.is_empty() && !titles.contains(&side.title.as_str()) {
            titles.push(&side.title);
        }
    }
    (!titles.is_empty()).then(|| titles.join(BETWEEN_TITLES))
}

/// A text on one line, with one space wherever white space stands.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A title for formats that demand one: the beginning of the text, or else the date that is handed in.
pub fn fallback_title(document: &Document, date: &str) -> String {
    let first =
        document.sides.iter().flat_map(|(_, side)| side.body.lines()).map(str::trim).find(|line| !line.is_empty());
    first.map_or_else(|| date.to_owned(), |line| cut(line, MADE_TITLE))
}

/// The beginning of the first side that has a body, on one line.
pub fn summary(document: &Document) -> Option<String> {
    let body = document.sides.iter().map(|(_, side)| side.body.trim()).find(|body| !body.is_empty())?;
    // More words than graphemes are never needed, which keeps this cheap for a body of a megabyte.
    let line = body.split_whitespace().take(SUMMARY + 1).collect::<Vec<_>>().join(" ");
    Some(cut(&line, SUMMARY))
}

/// The whole text: each side with its title, a blank line between.
pub fn plain(document: &Document) -> String {
    let several = document.sides.len() > 1;
    let mut parts: Vec<&str> = Vec::new();
    for (_, side) in &document.sides {
        if several && !side.title.is_empty() {
            parts.push(&side.title);
        }
        if !side.body.trim().is_empty() {
            parts.push(&side.body);
        }
    }
    if parts.is_empty() {
        parts.extend(document.sides.first().map(|(_, side)| side.title.as_str()));
    }
    parts.join("\n\n")
}

fn cut(line: &str, most: usize) -> String {
    let Some((end, _)) = line.grapheme_indices(true).nth(most) else { return line.to_owned() };
    let (kept, _) = line.split_at_checked(end).unwrap_or((line, ""));
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Lang, Side};

    fn document(sides: &[(&str, &str, &str)]) -> Document {
        let side = |&(lang, title, body): &(&str, &str, &str)| {
            (lang.parse::<Lang>().unwrap(), Side { title: title.into(), body: body.into() })
        };
        Document { sides: sides.iter().map(side).collect(), media: vec![], topics: vec![], place: None }
    }

    #[test]
    fn a_title_names_both_languages_and_repeats_neither() {
        let both = document(&[("zh-Hans", "小船", ""), ("en", "A small boat", "")]);
        assert_eq!(title(&both).as_deref(), Some("小船 · A small boat"));
        assert_eq!(title(&document(&[("zh", "OK", ""), ("en", "OK", "")])).as_deref(), Some("OK"));
        assert_eq!(title(&document(&[("zh", "", "字")])), None);
    }

    #[test]
    fn a_made_title_is_cut_between_graphemes() {
        let family = "👨‍👩‍👧‍👦".repeat(MADE_TITLE + 1);
        let made = fallback_title(&document(&[("en", "", &family)]), "");
        assert_eq!(made, format!("{}…", "👨‍👩‍👧‍👦".repeat(MADE_TITLE)));
        assert_eq!(fallback_title(&document(&[]), "2025-01-07"), "2025-01-07");
    }

    #[test]
    fn characters_that_xml_forbids_are_dropped() {
        assert_eq!(clean("a\u{0}b\u{8}\u{1f}\u{fffe}茶\n\t"), "ab茶\n\t");
        assert!(matches!(clean("茶"), Cow::Borrowed(_)));
    }
}
