//! The text of statuses: how it is put together from a side, how the server counts it, how it is parted when it is longer than
//! the server takes, and how it is taken apart again when it is read back. Pure; knows no request.

use std::collections::BTreeSet;

use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;
use url::{Host, Url};

use crate::domain::{Lang, Side};
use crate::feed::render::{Piece, pieces};

/// Stands between two languages in one status.
const DIVIDER: &str = "\n\n· · ·\n\n";
/// Stands before the name of a place.
const PIN: &str = "📍 ";

/// How the text of a status goes on from the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Joint {
    /// Not at all: it is the first of its language.
    Start,
    /// With a new paragraph.
    Paragraph,
    /// On a new line.
    Line,
    /// After a space.
    Space,
    /// Right behind it.
    Nothing,
}

impl Joint {
    const ALL: [Self; 5] = [Self::Start, Self::Paragraph, Self::Line, Self::Space, Self::Nothing];

    /// What stood between the two before they were parted.
    pub fn text(self) -> &'static str {
        match self {
            Self::Paragraph => "\n\n",
            Self::Line => "\n",
            Self::Space => " ",
            Self::Start | Self::Nothing => "",
        }
    }

    /// A sign for it, for names that are kept.
    pub fn sign(self) -> char {
        match self {
            Self::Start => ',',
            Self::Paragraph => ';',
            Self::Line => '/',
            Self::Space => '+',
            Self::Nothing => '=',
        }
    }

    /// The joint that a sign stands for.
    pub fn of_sign(sign: char) -> Option<Self> {
        Self::ALL.into_iter().find(|joint| joint.sign() == sign)
    }

    fn of_gap(gap: &str) -> Self {
        match gap.matches('\n').count() {
            0 if gap.is_empty() => Self::Nothing,
            0 => Self::Space,
            1 => Self::Line,
            _ => Self::Paragraph,
        }
    }
}

/// What a text is made of beside its sides, so that it can be taken apart again.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Shape {
    /// The languages in their order.
    pub langs: Vec<Lang>,
    /// Those whose side has a title.
    pub titled: BTreeSet<Lang>,
    /// Whether a place is named.
    pub place: bool,
    /// Whether topics stand at the end.
    pub topics: bool,
}

/// Puts sides, the name of a place and topics together.
pub fn compose(sides: &[&Side], place: Option<&str>, topics: &[String]) -> String {
    let side = |side: &&Side| {
        let body = side.body.trim();
        let parts = [side.title.as_str(), body];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
    };
    let sides = sides.iter().map(side).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(DIVIDER);
    let place = place.map(|name| format!("{PIN}{name}")).unwrap_or_default();
    let tags = hashtags(topics).join(" ");
    [sides, place, tags].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// Takes a text apart into the sides of these languages and the topics.
pub fn decompose(text: &str, langs: &[Lang], shape: &Shape) -> (Vec<(Lang, Side)>, Vec<String>) {
    let text = text.replace("\r\n", "\n");
    let mut rest = text.trim();
    let mut topics = Vec::new();
    if shape.topics
        && let Some((before, tags)) = last_paragraph(rest).and_then(|(before, last)| Some((before, read_tags(last)?)))
    {
        (rest, topics) = (before, tags);
    }
    if shape.place
        && let Some((before, _)) = last_paragraph(rest).filter(|(_, last)| last.starts_with(PIN.trim()))
    {
        rest = before;
    }
    let texts = rest.splitn(langs.len().max(1), DIVIDER);
    let sides = langs.iter().zip(texts).map(|(lang, text)| (lang.clone(), side(text, shape.titled.contains(lang))));
    (sides.collect(), topics)
}

fn side(text: &str, titled: bool) -> Side {
    let text = text.trim();
    if !titled {
        return Side { title: String::new(), body: text.to_owned() };
    }
    let (title, body) = text.split_once("\n\n").or_else(|| text.split_once('\n')).unwrap_or((text, ""));
    Side { title: title.split_whitespace().collect::<Vec<_>>().join(" "), body: body.trim().to_owned() }
}

/// What stands before the last paragraph, and the last paragraph.
fn last_paragraph(text: &str) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    let (before, last) = text.rsplit_once("\n\n").unwrap_or(("", text));
    Some((before.trim_end(), last.trim()))
}

/// Whether a text ends with topics.
pub fn has_topics(text: &str) -> bool {
    last_paragraph(text.trim()).is_some_and(|(_, last)| read_tags(last).is_some())
}

fn read_tags(paragraph: &str) -> Option<Vec<String>> {
    let tags: Option<Vec<String>> =
        paragraph.split_whitespace().map(|word| word.strip_prefix('#').map(str::to_owned)).collect();
    tags.filter(|tags| !tags.is_empty())
}

/// Topics as hashtags, each once: without the characters that end one (everything but letters, digits, marks and `_`).
fn hashtags(topics: &[String]) -> Vec<String> {
    let mut tags: Vec<String> = Vec::with_capacity(topics.len());
    for topic in topics {
        let kept: String =
            topic.chars().filter(|c| c.is_alphanumeric() || *c == '_' || is_combining_mark(*c)).collect();
        let tag = format!("#{kept}");
        if !kept.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// The language of a status in the words of the API: ISO 639-1, with the regions of Chinese that Mastodon tells apart. Older
/// versions drop the region themselves.
pub fn code(lang: &Lang) -> String {
    let tag = lang.as_str();
    match tag {
        "zh-Hant" | "zh-Hant-TW" | "zh-TW" => "zh-TW".to_owned(),
        "zh-Hant-HK" | "zh-HK" | "zh-Hant-MO" | "zh-MO" => "zh-HK".to_owned(),
        _ => tag.split('-').next().unwrap_or(tag).to_owned(),
    }
}

/// The language of a side that a status is in: one of those we know of, or else what its code says.
pub fn lang_of(code_there: Option<&str>, known: &[Lang]) -> Lang {
    let there = code_there.unwrap_or("und");
    if let Some(lang) = known.iter().find(|lang| code(lang) == there) {
        return lang.clone();
    }
    match there {
        "zh" | "zh-CN" | "zh-SG" => Lang::zh_hans(),
        "zh-TW" | "zh-HK" | "zh-MO" => Lang::zh_hant(),
        other => other.parse().unwrap_or_else(|_| Lang::en()),
    }
}

/// How long a text is for the server: in graphemes; an address counts as `link` characters where that is given, a mention
/// without its host (Mastodon's `StatusLengthValidator`).
pub fn length(text: &str, link: Option<u32>) -> u32 {
    let count = |piece: &Piece<'_>| match (piece, link) {
        (Piece::Link(address), Some(link)) if is_public(address) => link,
        (Piece::Link(text), _) => graphemes(text),
        (Piece::Text(text), _) => graphemes(text).saturating_sub(hosts(text)),
    };
    pieces(text).iter().map(count).fold(0, u32::saturating_add)
}

/// Graphemes of a text.
pub fn graphemes(text: &str) -> u32 {
    u32::try_from(text.graphemes(true).count()).unwrap_or(u32::MAX)
}

/// Only addresses with a name under a top-level domain are links for the server; all others count in full.
fn is_public(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let Some(Host::Domain(name)) = url.host() else { return false };
    name.rsplit_once('.').is_some_and(|(_, top)| top.len() > 1 && top.chars().all(|c| c.is_ascii_alphabetic()))
}

/// Graphemes of the hosts in mentions such as `@me@example.social`.
fn hosts(text: &str) -> u32 {
    let mut total: u32 = 0;
    let mut rest = text;
    let mut before = ' ';
    while let Some((head, tail)) = rest.split_once('@') {
        let open = !head.chars().next_back().unwrap_or(before).is_alphanumeric();
        let name = tail.find(|c: char| !(c.is_ascii_alphanumeric() || "_.-".contains(c))).unwrap_or(tail.len());
        let (user, after) = tail.split_at_checked(name).unwrap_or((tail, ""));
        before = user.chars().next_back().unwrap_or('@');
        rest = after;
        if let Some(after) = after.strip_prefix('@').filter(|_| open && !user.is_empty()) {
            let end = after.find(|c: char| !(c.is_alphanumeric() || "_.-".contains(c))).unwrap_or(after.len());
            let (host, after) = after.split_at_checked(end).unwrap_or((after, ""));
            let host = host.trim_end_matches(['.', '-']);
            total = total.saturating_add(if host.is_empty() { 0 } else { 1 + graphemes(host) });
            (rest, before) = (after, 'x');
        }
    }
    total
}

/// A text in pieces of at most `most` characters as the server counts them, parted where a reader would: between paragraphs,
/// else lines, else sentences, else words, and only then between graphemes.
pub fn split(text: &str, most: u32, link: Option<u32>) -> Vec<(Joint, String)> {
    let fits = |text: &str| length(text, link) <= most;
    let mut parted = Parted { fits: &fits, done: Vec::new(), open: String::new(), joint: Joint::Start };
    parted.take(text.trim(), 0);
    parted.close("");
    parted.done
}

struct Parted<'a> {
    fits: &'a dyn Fn(&str) -> bool,
    done: Vec<(Joint, String)>,
    open: String,
    joint: Joint,
}

impl Parted<'_> {
    /// Adds a text that is parted as finely as needed; `level` counts the ways that were too coarse.
    fn take(&mut self, text: &str, level: usize) {
        for piece in cut(text, level) {
            let longer = format!("{}{piece}", self.open);
            if (self.fits)(longer.trim_end()) {
                self.open = longer;
                continue;
            }
            let gap = self.open.clone();
            if !gap.trim().is_empty() {
                self.close(gap.get(gap.trim_end().len()..).unwrap_or_default());
            }
            if (self.fits)(piece.trim_end()) || level >= LEVELS {
                piece.clone_into(&mut self.open);
            } else {
                self.take(piece, level + 1);
            }
        }
    }

    fn close(&mut self, gap: &str) {
        let text = std::mem::take(&mut self.open);
        let text = text.trim_end();
        if !text.is_empty() {
            self.done.push((self.joint, text.to_owned()));
            self.joint = Joint::of_gap(gap);
        }
    }
}

/// The finest way of cutting: between graphemes.
const LEVELS: usize = 4;

/// A text in pieces, which joined are the text again.
fn cut(text: &str, level: usize) -> Vec<&str> {
    match level {
        0 => at_gaps(text, |gap| gap.matches('\n').count() > 1),
        1 => at_gaps(text, |gap| gap.contains('\n')),
        2 => text.split_sentence_bounds().collect(),
        3 => words(text),
        _ => text.graphemes(true).collect(),
    }
}

/// The text cut behind every run of white space that the rule chooses.
fn at_gaps(text: &str, chosen: impl Fn(&str) -> bool) -> Vec<&str> {
    let mut cuts = vec![0];
    let mut from = None;
    for (at, c) in text.char_indices() {
        match (c.is_whitespace(), from) {
            (true, None) => from = Some(at),
            (false, Some(start)) => {
                if text.get(start..at).is_some_and(&chosen) {
                    cuts.push(at);
                }
                from = None;
            }
            _ => {}
        }
    }
    cuts.push(text.len());
    cuts.iter().zip(cuts.iter().skip(1)).filter_map(|(from, to)| text.get(*from..*to)).collect()
}

/// Words with the white space behind them; an address is one word.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Link(address) => words.push(address),
            Piece::Text(text) => words.extend(text.split_word_bounds()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side_of(title: &str, body: &str) -> Side {
        Side { title: title.into(), body: body.into() }
    }

    fn shape(langs: &[Lang], titled: &[Lang]) -> Shape {
        Shape { langs: langs.to_vec(), titled: titled.iter().cloned().collect(), place: true, topics: true }
    }

    #[test]
    fn a_text_is_title_body_place_and_topics_and_can_be_taken_apart_again() {
        let (zh, en) = (side_of("小船", "第一行\n第二行\n\n完。"), side_of("", "Calm water."));
        let topics = vec!["奶茶".to_owned(), "milk tea!".to_owned(), "C++".to_owned(), "?!".to_owned()];
        let text = compose(&[&zh, &en], Some("西湖"), &topics);
        assert_eq!(text, "小船\n\n第一行\n第二行\n\n完。\n\n· · ·\n\nCalm water.\n\n📍 西湖\n\n#奶茶 #milktea #C");
        let langs = [Lang::zh_hans(), Lang::en()];
        let (sides, topics) = decompose(&text, &langs, &shape(&langs, &[Lang::zh_hans()]));
        assert_eq!(sides, [(Lang::zh_hans(), zh), (Lang::en(), en)]);
        assert_eq!(topics, ["奶茶", "milktea", "C"]);
    }

    #[test]
    fn hashtags_that_the_user_wrote_into_the_body_stay_in_it() {
        let shape = Shape { langs: vec![Lang::en()], ..Shape::default() };
        let (sides, topics) = decompose("Tea.\n\n#tea", &[Lang::en()], &shape);
        assert_eq!((sides[0].1.body.as_str(), topics.len()), ("Tea.\n\n#tea", 0));
    }

    #[test]
    fn a_text_is_as_long_as_the_server_counts_it() {
        for (text, expected) in [
            ("奶茶🧋", 3),
            ("👨‍👩‍👧‍👦e\u{301}", 2),
            ("see https://example.com/a-very-long-path-indeed-longer-than-that ok", 4 + 23 + 3),
            ("http://localhost:8080/", 22),
            ("http://127.0.0.1/", 17),
            ("@me@example.social hi", 6),
            ("@me@example.social. hi @you", 3 + 1 + 4 + 4),
            ("mail me@example.social", 22),
            ("@@ @ a@b@c", 10),
        ] {
            assert_eq!(length(text, Some(23)), expected, "{text}");
        }
        assert_eq!(
            length("https://example.com/", None),
            20,
            "servers that say nothing of addresses count them in full"
        );
    }

    #[test]
    fn a_long_text_is_parted_where_a_reader_would() {
        type Case = (&'static str, u32, &'static [(Joint, &'static str)]);
        let cases: [Case; 6] = [
            ("一段。\n\n二段。", 3, &[(Joint::Start, "一段。"), (Joint::Paragraph, "二段。")]),
            ("一行\n二行", 3, &[(Joint::Start, "一行"), (Joint::Line, "二行")]),
            ("今天下雨。明天晴天！", 5, &[(Joint::Start, "今天下雨。"), (Joint::Nothing, "明天晴天！")]),
            ("One two. Three.", 9, &[(Joint::Start, "One two."), (Joint::Space, "Three.")]),
            ("alpha beta", 6, &[(Joint::Start, "alpha"), (Joint::Space, "beta")]),
            ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 1, &[(Joint::Start, "👨‍👩‍👧‍👦"), (Joint::Nothing, "👨‍👩‍👧‍👦")]),
        ];
        for (text, most, expected) in cases {
            let expected: Vec<(Joint, String)> =
                expected.iter().map(|(joint, text)| (*joint, (*text).into())).collect();
            assert_eq!(split(text, most, Some(23)), expected, "{text}");
        }
    }

    #[test]
    fn nothing_is_lost_however_finely_a_text_is_parted() {
        let text = "标题\n\n第一段，有点长。再来一句！And some English, with https://example.com/a/b/c in it.\nNext line.\n\n完。";
        for most in [1, 2, 3, 7, 23, 24, 40, 100] {
            let parts = split(text, most, Some(23));
            let joined: String = parts.iter().map(|(joint, text)| format!("{}{text}", joint.text())).collect();
            assert_eq!(joined, text, "{most}");
            let longest = parts.iter().map(|(_, text)| length(text, Some(23))).max().unwrap();
            assert!(longest <= most, "{longest} > {most}");
        }
    }

    #[test]
    fn the_language_is_the_code_that_mastodon_knows() {
        for (lang, expected) in [
            ("zh-Hans", "zh"),
            ("zh", "zh"),
            ("zh-Hant", "zh-TW"),
            ("zh-Hant-HK", "zh-HK"),
            ("en-GB", "en"),
            ("yue", "yue"),
        ] {
            let lang: Lang = lang.parse().unwrap();
            assert_eq!(code(&lang), expected);
            assert_eq!(lang_of(Some(expected), std::slice::from_ref(&lang)), lang);
        }
        assert_eq!(lang_of(Some("zh"), &[]), Lang::zh_hans());
    }
}
