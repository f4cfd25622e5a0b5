//! The text of statuses: how it is put together from a side, and how it is taken apart again when it is read back. How long
//! it is for the server says [`length`], how it is parted [`split`]. Pure; knows no request.

mod length;
mod split;
mod words;

use std::collections::BTreeSet;

use unicode_normalization::char::is_combining_mark;

use crate::domain::{Lang, Side};
use crate::feed::render::one_line;

pub use length::{length, unlinked};
pub use split::{Joint, split};
pub use words::{Words, alike, gist, same};

/// Stands between two languages in one status.
const DIVIDER: &str = "\n\n· · ·\n\n";
/// Stands before the name of a place.
const PIN: &str = "📍 ";

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
    Side { title: one_line(title), body: body.trim().to_owned() }
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
        _ => primary(tag).to_owned(),
    }
}

/// A language without its script or region.
pub fn primary(code: &str) -> &str {
    code.split('-').next().unwrap_or(code)
}

/// The language of a side that a status is in: one of those we know of, or else what its code says.
pub fn lang_of(code_there: Option<&str>, known: &[Lang]) -> Lang {
    let there = code_there.unwrap_or("und");
    let is_it = |lang: &&Lang| code(lang) == there;
    // A server may keep no more of it.
    let is_short = |lang: &&Lang| primary(lang.as_str()) == there;
    if let Some(lang) = known.iter().find(is_it).or_else(|| known.iter().find(is_short)) {
        return lang.clone();
    }
    match there {
        "zh" | "zh-CN" | "zh-SG" => Lang::zh_hans(),
        "zh-TW" | "zh-HK" | "zh-MO" => Lang::zh_hant(),
        other => other.parse().unwrap_or_else(|_| Lang::en()),
    }
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
