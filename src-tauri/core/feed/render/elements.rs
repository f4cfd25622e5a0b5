//! What HTML's elements are to a text: marks within a line, paragraphs and what stays whole like them, and what holds those.
//! Names in lower case (<https://html.spec.whatwg.org/#elements-3>).

/// Elements that hold one paragraph.
pub(super) const PARAGRAPHS: [&str; 7] = ["p", "h1", "h2", "h3", "h4", "h5", "h6"];

/// Marks within a line that tell readers nothing but its words, and where a link goes.
pub(super) const MARKS: [&str; 16] =
    ["a", "b", "bdi", "cite", "code", "em", "i", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "u"];

/// Elements within a line that may tell more.
const TELLING: [&str; 11] = ["abbr", "data", "del", "dfn", "font", "ins", "kbd", "samp", "time", "tt", "var"];

/// Elements around paragraphs.
pub(super) const CONTAINERS: [&str; 9] =
    ["section", "article", "div", "main", "header", "footer", "aside", "nav", "center"];

/// Elements that stay whole, besides paragraphs.
const WHOLE: [&str; 17] = [
    "ul",
    "ol",
    "dl",
    "pre",
    "blockquote",
    "table",
    "figure",
    "details",
    "form",
    "fieldset",
    "address",
    "video",
    "audio",
    "iframe",
    "object",
    "script",
    "style",
];

/// Elements of which everything that readers see comes back into the journal, besides paragraphs and marks.
const COMES_BACK: [&str; 17] = [
    "section",
    "article",
    "div",
    "br",
    "hr",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "figure",
    "figcaption",
    "img",
    "video",
    "audio",
    "source",
    "track",
];

/// Whether an element stands within a line of text.
pub(super) fn is_inline(name: &str) -> bool {
    is_among(&MARKS, name) || is_among(&TELLING, name)
}

/// Whether an element and what stands in it is written or left as a whole.
pub(super) fn is_whole(name: &str) -> bool {
    is_among(&PARAGRAPHS, name) || is_among(&WHOLE, name)
}

/// Whether everything that readers see of an element comes back into the journal.
pub(super) fn comes_back(name: &str) -> bool {
    is_among(&PARAGRAPHS, name) || is_among(&MARKS, name) || is_among(&COMES_BACK, name)
}

/// Whether a name is one of these, in capitals or not.
pub(super) fn is_among(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}
