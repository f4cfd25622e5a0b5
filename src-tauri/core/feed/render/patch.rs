//! Changing words in HTML that somebody else wrote, and nothing else in it. Pure. Where that is not certain there is no answer;
//! whoever asks reads the answer back before it is believed.

use std::ops::Range;

use dissimilar::Chunk;

/// How many characters before and behind a change have to be found with it, most first: fewer where a link or a picture is near.
const AROUND: [(usize, usize); 6] = [(40, 40), (16, 16), (6, 6), (0, 16), (16, 0), (2, 2)];

/// Elements that stand within a line of text (<https://html.spec.whatwg.org/#phrasing-content>).
const INLINE: [&str; 19] = [
    "a", "abbr", "b", "bdi", "cite", "code", "em", "i", "kbd", "mark", "q", "s", "small", "span", "strong", "sub",
    "sup", "time", "u",
];

/// The HTML with the words of one text changed to those of another.
pub fn patch(html: &str, before: &str, after: &str) -> Option<String> {
    let flat = flatten(html);
    let mut changes = Vec::new();
    let mut end = String::new();
    for hunk in hunks(before, after) {
        match hunk.at(&flat) {
            Some(place) => changes.push((place, escaped(&hunk.inserted))),
            None if hunk.appends() => end = paragraphs(&hunk.inserted),
            None => return None,
        }
    }
    changes.sort_by_key(|(place, _)| place.start);
    let mut patched = String::with_capacity(html.len() + end.len());
    let mut from = 0;
    for (place, words) in changes {
        patched.push_str(html.get(from..place.start)?);
        patched.push_str(&words);
        from = place.end;
    }
    patched.push_str(html.get(from..)?);
    patched.push_str(&end);
    Some(patched)
}

/// A change of words, with what stands around it in its line.
#[derive(Debug, Default)]
struct Hunk {
    before: Vec<char>,
    removed: Vec<char>,
    inserted: String,
    behind: Vec<char>,
}

impl Hunk {
    /// Where its words stand in the HTML, if they stand in one place only and no tag is between them.
    fn at(&self, flat: &[Letter]) -> Option<Range<usize>> {
        if self.removed.contains(&'\n') || self.inserted.contains('\n') {
            return None;
        }
        AROUND.into_iter().find_map(|(most_before, most_behind)| {
            let before = self.before.get(self.before.len().saturating_sub(most_before)..)?;
            let behind = self.behind.get(..self.behind.len().min(most_behind))?;
            let wanted: Vec<char> = before.iter().chain(&self.removed).chain(behind).copied().collect();
            let mut found = flat.windows(wanted.len().max(1)).enumerate().filter(|(_, some)| reads(some, &wanted));
            let (at, _) = found.next().filter(|_| found.next().is_none() && !wanted.is_empty())?;
            let first = at + before.len();
            place(flat, first..first + self.removed.len())
        })
    }

    /// Whether it only adds paragraphs behind everything.
    fn appends(&self) -> bool {
        self.removed.is_empty() && self.behind.is_empty() && self.inserted.starts_with('\n')
    }
}

fn reads(letters: &[Letter], wanted: &[char]) -> bool {
    letters.iter().map(|letter| letter.shown).eq(wanted.iter().copied())
}

/// The bytes of some letters, if nothing stands between them; of none, where they would be.
fn place(flat: &[Letter], letters: Range<usize>) -> Option<Range<usize>> {
    let some = flat.get(letters.clone())?;
    let Some((first, last)) = some.first().zip(some.last()) else {
        let before = letters.start.checked_sub(1).and_then(|at| flat.get(at)).filter(|letter| letter.shown != '\n');
        let at = before.map(|letter| letter.bytes.end).or_else(|| Some(flat.get(letters.start)?.bytes.start))?;
        return Some(at..at);
    };
    let joined = some.windows(2).all(|two| matches!(two, [one, next] if one.bytes.end == next.bytes.start));
    joined.then_some(first.bytes.start..last.bytes.end)
}

/// The changes from one text to another, in their order.
fn hunks(before: &str, after: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let (mut kept, mut open) = (Vec::new(), None::<Hunk>);
    for chunk in dissimilar::diff(before, after) {
        match chunk {
            Chunk::Equal(text) => {
                if let Some(hunk) = open.take() {
                    hunks.push(Hunk { behind: text.chars().take_while(|c| *c != '\n').collect(), ..hunk });
                }
                kept = text.rsplit('\n').next().unwrap_or_default().chars().collect();
            }
            Chunk::Delete(text) => begun(&mut open, &kept).removed.extend(text.chars()),
            Chunk::Insert(text) => begun(&mut open, &kept).inserted.push_str(text),
        }
    }
    hunks.extend(open);
    hunks
}

fn begun<'a>(open: &'a mut Option<Hunk>, kept: &[char]) -> &'a mut Hunk {
    open.get_or_insert_with(|| Hunk { before: kept.to_vec(), ..Hunk::default() })
}

/// A letter of the text, and the bytes that show it. A line break stands for an element that is no part of a line.
#[derive(Debug)]
struct Letter {
    shown: char,
    bytes: Range<usize>,
}

fn flatten(html: &str) -> Vec<Letter> {
    let mut flat: Vec<Letter> = Vec::new();
    let mut at = 0;
    while let Some(first) = html.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = html.get(at..).unwrap_or_default();
        let (shown, length) = match first {
            '<' => {
                let length = if rest.starts_with("<!--") { rest.find("-->").map(|end| end + 3) } else { tag_end(rest) };
                (if is_inline(rest) { None } else { Some('\n') }, length.unwrap_or(rest.len()))
            }
            '&' => entity(rest).map_or((Some('&'), 1), |(shown, length)| (Some(shown), length)),
            c if c.is_whitespace() => (Some(' '), rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len())),
            c => (Some(c), c.len_utf8()),
        };
        if let Some(shown) = shown {
            flat.push(Letter { shown, bytes: at..at + length });
        }
        at += length;
    }
    flat
}

fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('>', None) => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn is_inline(tag: &str) -> bool {
    let name = tag.trim_start_matches(['<', '/']);
    let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    INLINE.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The character that a reference at the beginning stands for, and its bytes; those that editors write.
fn entity(text: &str) -> Option<(char, usize)> {
    let (name, _) = text.strip_prefix('&')?.split_once(';')?;
    let shown = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((shown, name.len() + 2))
}

fn paragraphs(text: &str) -> String {
    let some = text.split('\n').map(str::trim).filter(|paragraph| !paragraph.is_empty());
    some.map(|paragraph| format!("\n<p>{}</p>", escaped(paragraph))).collect()
}

/// Words as HTML that is no command either to a site that reads such in brackets.
fn escaped(text: &str) -> String {
    let pairs = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('[', "&#91;"), (']', "&#93;")];
    pairs.into_iter().fold(text.to_owned(), |text, (sign, written)| {
        // Only the first of the pairs has a sign that the others write.
        text.replace(sign, written)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Lang;
    use crate::feed::render::read;

    const HTML: &str = "<!-- wp:heading -->\n<h2>Old <em>words</em></h2>\n<p>Tea &amp; cake, <a href=\"https://e.example/?a=>\">a \
                        link</a> in them, and tea.</p>\n<p>雨下了一天。</p>";

    fn body(html: &str) -> String {
        read(html, &Lang::en()).sides.remove(&Lang::en()).map(|side| side.body).unwrap_or_default()
    }

    /// Changes the text as it is read, and reads what came of it.
    fn changed(from: &str, to: &str) -> Option<String> {
        let before = body(HTML);
        assert!(before.contains(from), "{from} in {before}");
        let after = before.replace(from, to);
        let patched = patch(HTML, &before, &after)?;
        assert_eq!(body(&patched), after, "{patched}");
        Some(patched)
    }

    #[test]
    fn only_the_changed_words_change() {
        assert_eq!(changed("雨下了一天", "雨停了"), Some(HTML.replace("雨下了一天", "雨停了")));
        assert_eq!(changed("Tea & cake", "Tea & <buns>"), Some(HTML.replace("cake", "&lt;buns&gt;")));
        assert_eq!(changed("in them", "within them"), Some(HTML.replace("in them", "within them")));
        assert_eq!(changed(", and tea.", "."), Some(HTML.replace(", and tea.", ".")));
    }

    #[test]
    fn what_is_added_behind_is_a_paragraph_more() {
        let before = body(HTML);
        let patched = patch(HTML, &before, &format!("{before}\n\nThe end [b]."));
        assert_eq!(patched, Some(format!("{HTML}\n<p>The end &#91;b&#93;.</p>")));
    }

    #[test]
    fn nothing_changes_where_nothing_was_changed() {
        assert_eq!(patch(HTML, &body(HTML), &body(HTML)).as_deref(), Some(HTML));
    }

    #[test]
    fn where_it_is_not_certain_there_is_no_answer() {
        let twice = "<p>same</p><p>same</p>";
        assert_eq!(patch(twice, &body(twice), "same\n\nother"), None);
        assert_eq!(changed("Old words", "Nothing"), None, "across a tag");
        assert_eq!(changed("\n\n雨", " 雨"), None, "paragraphs that become one");
    }
}
