//! Changing words in HTML that somebody else wrote, and nothing else in it. Pure. Where that is not certain there is no answer;
//! whoever asks reads the answer back before it is believed.

use std::ops::Range;

use dissimilar::{Chunk, diff};

use super::markup::{Dialect, Kind, Piece, pieces};
use crate::domain::Lang;
use crate::feed::render::elements::is_inline;
use crate::feed::render::html::linked_lines;
use crate::feed::render::{read, words_only};

/// The first of the characters that stand for letters while they are read; nobody writes with them (plane 15, for private use).
const FIRST_MARK: u32 = 0xf_0000;
/// There are so many of them.
const MARKS: u32 = 0x1_fffe;

/// The HTML of a part in some language with its words, which read as one text, changed to those of another.
pub(super) fn reworded(html: &str, lang: &Lang, before: &str, after: &str, dialect: Dialect) -> Option<String> {
    let flat = Flat::of(html, dialect);
    let shown = flat.beside(before, lang, dialect)?;
    let mut written = String::with_capacity(html.len() + after.len());
    let mut from = 0;
    for hunk in hunks(before, after) {
        let place = hunk.place(&shown)?;
        written.push_str(html.get(from..place.start)?);
        written.push_str(&words_only(&linked_lines(&hunk.inserted)));
        from = place.end;
    }
    written.push_str(html.get(from..)?);
    Some(written)
}

/// A change of words: where in the text, how many characters go and what comes.
#[derive(Debug, Default)]
struct Hunk {
    at: usize,
    removed: usize,
    inserted: String,
}

/// The changes from one text to another, in their order.
fn hunks(before: &str, after: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let (mut at, mut is_open) = (0, false);
    for chunk in diff(before, after) {
        if matches!(chunk, Chunk::Equal(_)) {
            is_open = false;
        } else if !is_open {
            hunks.push(Hunk { at, ..Hunk::default() });
            is_open = true;
        }
        match (chunk, hunks.last_mut()) {
            (Chunk::Insert(text), Some(hunk)) => hunk.inserted.push_str(text),
            (Chunk::Delete(text), Some(hunk)) => {
                hunk.removed += text.chars().count();
                at += text.chars().count();
            }
            (Chunk::Equal(text) | Chunk::Insert(text) | Chunk::Delete(text), _) => at += text.chars().count(),
        }
    }
    hunks
}

impl Hunk {
    /// The bytes of the letters that go, if all are there and no tag is between them; of none, where they would be.
    fn place(&self, shown: &[Option<&Letter>]) -> Option<Range<usize>> {
        let words = |at: usize| shown.get(at).copied().flatten().filter(|letter| !letter.is_edge);
        if self.removed == 0 {
            let behind = self.at.checked_sub(1).and_then(words).map(|letter| letter.bytes.end);
            let at = behind.or_else(|| words(self.at).map(|letter| letter.bytes.start))?;
            return Some(at..at);
        }
        let first = words(self.at)?.bytes.clone();
        (self.at + 1..self.at + self.removed).try_fold(first, |place, at| {
            let next = &words(at)?.bytes;
            (place.end == next.start).then_some(place.start..next.end)
        })
    }
}

/// A letter of a text as its readers see it, and the bytes that show it.
#[derive(Debug)]
struct Letter {
    shown: char,
    bytes: Range<usize>,
    /// It stands for an element that is no part of a line.
    is_edge: bool,
}

/// HTML letter by letter.
#[derive(Default)]
struct Flat {
    letters: Vec<Letter>,
    /// The HTML with a mark in place of each letter that is no space.
    marked: String,
}

impl Flat {
    fn of(html: &str, dialect: Dialect) -> Self {
        let (mut flat, mut at) = (Self::default(), 0);
        let pieces = pieces(html);
        // What stands open whose words are no words, or say where they lead.
        let mut kept: Option<&str> = None;
        for (number, piece) in pieces.iter().enumerate() {
            let end = at + piece.source.len();
            match piece.kind {
                Kind::Text if kept.is_none() => flat.words(piece.source, at, dialect.keeps_lines(html)),
                _ => flat.marked.push_str(piece.source),
            }
            if piece.kind != Kind::Text && !is_inline(piece.name()) {
                let is_edge = !piece.is(&["br"]);
                flat.letters.push(Letter { shown: '\n', bytes: at..end, is_edge });
            }
            match kept {
                None if piece.kind == Kind::Open && (piece.is(&WORDLESS) || is_bare(pieces.get(number..))) => {
                    kept = Some(piece.name());
                }
                Some(name) if piece.kind == Kind::Close && piece.is(&[name]) => kept = None,
                _ => {}
            }
            at = end;
        }
        flat
    }

    fn words(&mut self, text: &str, start: usize, keeps_lines: bool) {
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\u{c}' | '\n' | '\r');
        let mut at = 0;
        while let Some(rest) = text.get(at..)
            && let Some(first) = rest.chars().next()
        {
            let spaces = rest.find(|c: char| !is_space(c)).unwrap_or(rest.len());
            // Characters by names that we do not know are left to whoever reads them.
            if let Some(length) = named(rest).filter(|_| entity(rest).is_none()) {
                self.marked.push_str(rest.get(..length).unwrap_or_default());
                at += length;
                continue;
            }
            let (shown, length) = match first {
                '&' => entity(rest).unwrap_or(('&', 1)),
                // A line end of the source makes one of all spaces around it.
                _ if rest.get(..spaces).is_some_and(|spaces| spaces.contains(['\n', '\r'])) => {
                    (if keeps_lines { '\n' } else { ' ' }, spaces)
                }
                c => (c, c.len_utf8()),
            };
            let mark = u32::try_from(self.letters.len()).ok().filter(|number| *number < MARKS && spaces == 0);
            match mark.and_then(|number| char::from_u32(FIRST_MARK + number)) {
                Some(mark) => self.marked.push(mark),
                None => self.marked.push_str(rest.get(..length).unwrap_or_default()),
            }
            self.letters.push(Letter { shown, bytes: start + at..start + at + length, is_edge: false });
            at += length;
        }
    }

    /// For each character of the text as it was read, the letter that shows it; some, such as the address of a link, none shows.
    /// The marks are read in the place of the letters, so that nothing is guessed.
    fn beside(&self, text: &str, lang: &Lang, dialect: Dialect) -> Option<Vec<Option<&Letter>>> {
        let read = read(&dialect.shown(&self.marked), lang).sides.remove(lang)?.body;
        if read.chars().count() != text.chars().count() {
            return None;
        }
        let number =
            |mark: char| u32::from(mark).checked_sub(FIRST_MARK).and_then(|number| usize::try_from(number).ok());
        let mut beside: Vec<Option<&Letter>> = Vec::new();
        // The first letter after the last one, and the characters since.
        let (mut next, mut between) = (0, Vec::new());
        for (mark, shown) in read.chars().zip(text.chars()).chain([('\u{10ffff}', ' ')]) {
            let Some(at) = number(mark) else {
                between.push(shown);
                continue;
            };
            let letters = self.letters.get(next..at.min(self.letters.len()))?;
            let spaces: Vec<&Letter> = letters.iter().filter(|letter| !letter.is_edge).collect();
            let is_shown = spaces.iter().map(|letter| letter.shown).eq(between.iter().copied());
            beside.extend((0..between.len()).map(|at| spaces.get(at).copied().filter(|_| is_shown)));
            between.clear();
            beside.push(self.letters.get(at).filter(|letter| letter.shown == shown));
            next = at + 1;
        }
        // What stood behind all of them.
        beside.pop();
        Some(beside)
    }
}

/// Elements whose words are not read, or read as something else.
const WORDLESS: [&str; 9] =
    ["script", "style", "iframe", "textarea", "title", "xmp", "noembed", "noframes", "figcaption"];

/// Whether a link begins whose words are where it leads: with other words, that would have to be said beside them.
fn is_bare(pieces: Option<&[Piece<'_>]>) -> bool {
    let Some((link, behind)) = pieces.and_then(<[Piece<'_>]>::split_first).filter(|(link, _)| link.is(&["a"])) else {
        return false;
    };
    let Some((_, address)) = link.source.split_once("://") else { return false };
    let bare = address.split(['"', '\'', ' ', '>']).next().unwrap_or_default().trim_end_matches('/');
    let words = behind.iter().take_while(|piece| !piece.is(&["a"])).filter(|piece| piece.kind == Kind::Text);
    words.map(|piece| piece.source).collect::<String>().contains(bare)
}

/// The bytes of a character that is written by its name, if the text begins with one.
fn named(text: &str) -> Option<usize> {
    let (name, _) = text.strip_prefix('&')?.split_once(';')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
    is_name.then_some(name.len() + 2)
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
        // As it is read: a space that shall stay.
        "nbsp" => ' ',
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
