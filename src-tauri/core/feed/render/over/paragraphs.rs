//! Bringing the paragraphs of one language to what is wanted: those that say it stay, the others say it from now on, and what is
//! missing stands behind the one before.

use std::mem;

use super::Theirs;
use super::apart::Part;
use super::known;
use super::markup::{Dialect, Kind, Piece, pieces};
use super::words::reworded;
use crate::domain::{Lang, Side};
use crate::feed::render::elements::{MARKS, PARAGRAPHS};
use crate::feed::render::{self, Document, words_only};

/// Texts of so many paragraphs, times those that are wanted, would take too long to lay beside each other.
const MOST_PAIRS: usize = 1_000_000;

/// Brings the parts that are `said` in one language to a body of text; `texts` are all parts as they will be written. Nothing
/// where a part cannot say it without losing more than marks.
pub(super) fn rewrite(
    parts: &[Part<'_>],
    said: &[usize],
    body: &str,
    theirs: &Theirs<'_>,
    texts: &mut [String],
) -> Option<()> {
    let wanted: Vec<&str> = body.split("\n\n").filter(|paragraph| !paragraph.is_empty()).collect();
    let there: Vec<&[String]> = said.iter().filter_map(|at| Some(parts.get(*at)?.paragraphs.as_slice())).collect();
    let mut fixed = aligned(&there, &wanted)?;
    fixed.push((said.len(), wanted.len()));
    let (mut unit, mut word) = (0, 0);
    for (stays, says) in fixed {
        let mut fresh = wanted.get(word..says)?;
        let count = |at: &usize| parts.get(*at).map_or(0, |part| part.paragraphs.len());
        let changed = said.get(unit..stays)?;
        // As many as there were: each has its own.
        let is_same_count = changed.iter().map(count).sum::<usize>() == fresh.len();
        for at in changed {
            let (part, text) = (parts.get(*at)?, texts.get_mut(*at)?);
            let (words, rest) = fresh.split_at(fresh.len().min(if is_same_count { count(at) } else { 1 }));
            *text = if words.is_empty() { String::new() } else { part.saying(&words.join("\n\n"), theirs)? };
            fresh = rest;
        }
        if !fresh.is_empty() {
            let before = stays.checked_sub(1).and_then(|before| said.get(before));
            let anchor = *before.or(said.first())?;
            let more = written(&fresh.join("\n\n"), &parts.get(anchor)?.lang, theirs);
            let text = texts.get_mut(anchor)?;
            let (first, then) = if before.is_some() { (mem::take(text), more) } else { (more, mem::take(text)) };
            *text = format!("{first}\n\n{then}");
        }
        word = says + there.get(stays).map_or(0, |paragraphs| paragraphs.len());
        unit = stays + 1;
    }
    Some(())
}

/// The longest row of parts that say what is wanted, in its order: each with the place where that begins. Nothing for texts so
/// long that it would take too long to find.
fn aligned(there: &[&[String]], wanted: &[&str]) -> Option<Vec<(usize, usize)>> {
    let width = wanted.len() + 1;
    if there.len().saturating_mul(width) > MOST_PAIRS {
        return None;
    }
    let says = |unit: usize, from: usize| {
        let paragraphs = there.get(unit).copied().unwrap_or_default();
        let same = wanted.get(from..from + paragraphs.len()).is_some_and(|some| some == paragraphs);
        (same && !paragraphs.is_empty()).then_some(paragraphs.len())
    };
    // The most paragraphs that stay, from a part and a place on.
    let mut most = vec![0_usize; (there.len() + 1) * width];
    let get = |most: &[usize], unit: usize, from: usize| most.get(unit * width + from).copied().unwrap_or(0);
    for unit in (0..there.len()).rev() {
        for from in (0..=wanted.len()).rev() {
            let skipped = get(&most, unit + 1, from);
            let later = if from < wanted.len() { get(&most, unit, from + 1) } else { 0 };
            let kept = says(unit, from).map_or(0, |count| count + get(&most, unit + 1, from + count));
            if let Some(cell) = most.get_mut(unit * width + from) {
                *cell = skipped.max(later).max(kept);
            }
        }
    }
    let (mut unit, mut from, mut row) = (0, 0, Vec::new());
    while unit < there.len() && from <= wanted.len() {
        let now = get(&most, unit, from);
        match says(unit, from) {
            Some(count) if now == count + get(&most, unit + 1, from + count) => {
                row.push((unit, from));
                (unit, from) = (unit + 1, from + count);
            }
            _ if now == get(&most, unit + 1, from) => unit += 1,
            _ => from += 1,
        }
    }
    Some(row)
}

/// Paragraphs as we write them, and as the editor of blocks does among blocks.
fn written(words: &str, lang: &Lang, theirs: &Theirs<'_>) -> String {
    if !theirs.html.contains("<!-- wp:") {
        return markup_of(words, lang);
    }
    let block = |words: &str| {
        let html = markup_of(words, lang).replace("<p dir=\"auto\">", "<p>");
        format!("<!-- wp:paragraph -->\n{html}\n<!-- /wp:paragraph -->")
    };
    words.split("\n\n").map(block).collect::<Vec<_>>().join("\n\n")
}

/// Words with their line ends and links, in elements of their own.
fn markup_of(words: &str, lang: &Lang) -> String {
    let side = Side { title: String::new(), body: words.to_owned() };
    let document = Document { sides: vec![(lang.clone(), side)], media: vec![], topics: vec![], place: None };
    let html = render::content(&document, &|_, _| String::new());
    let inside = html.split_once('>').and_then(|(_, inside)| inside.rsplit_once("</section>"));
    words_only(inside.map_or("", |(inside, _)| inside))
}

impl Part<'_> {
    /// Whether it says something in a language.
    pub fn speaks(&self, lang: &Lang) -> bool {
        self.lang == *lang && !self.paragraphs.is_empty()
    }

    /// It with other words, and as much of it as it was as can be: with those in their places, or else in the same element, or
    /// else in one of ours. Nothing where more than marks would be lost.
    pub fn saying(&self, words: &str, theirs: &Theirs<'_>) -> Option<String> {
        if words.is_empty() {
            return Some(String::new());
        }
        let is_said = |source: &String| self.says(source, words, theirs.dialect);
        let in_place = || reworded(self.source, &self.lang, &self.paragraphs.join("\n\n"), words, theirs.dialect);
        let in_ours = || written(words, &self.lang, theirs);
        let can_go = || known::comes_back(self.source, theirs.dialect);
        (in_place().filter(|_| self.keeps_lines(words)).filter(is_said))
            .or_else(|| self.refilled(words, theirs.dialect).filter(is_said))
            .or_else(|| can_go().then(in_ours).filter(is_said))
    }

    /// Whether words in its place would make no line that is only a line, where the lines are items or cells.
    fn keeps_lines(&self, words: &str) -> bool {
        let lines = |text: &str| text.matches('\n').count();
        self.is_one_paragraph() || lines(words) == lines(&self.paragraphs.join("\n\n"))
    }

    fn is_one_paragraph(&self) -> bool {
        let opened = pieces(self.source).into_iter().find(|piece| piece.kind == Kind::Open);
        opened.is_none_or(|piece| piece.is(&PARAGRAPHS) || piece.is(&MARKS) || piece.is(&["br"]))
    }

    /// The same element filled with other words. Nothing where it is more than one paragraph, or holds more than marks.
    fn refilled(&self, words: &str, dialect: Dialect) -> Option<String> {
        let pieces = pieces(self.source);
        let open = pieces.iter().position(|piece| piece.kind == Kind::Open && piece.is(&PARAGRAPHS))?;
        let close = pieces.iter().rposition(|piece| piece.kind == Kind::Close && piece.is(&PARAGRAPHS))?;
        let can_go = |piece: &Piece<'_>| match piece.kind {
            Kind::Text => !dialect.commands(piece.source),
            Kind::Comment => false,
            Kind::Open | Kind::Close => piece.is(&MARKS) || piece.is(&["br"]),
        };
        pieces.get(open + 1..close).filter(|inner| inner.iter().all(can_go))?;
        let fresh = markup_of(words, &self.lang);
        let fresh = fresh.split_once('>')?.1.rsplit_once("</p>")?.0;
        let source = |pieces: Option<&[Piece<'_>]>| {
            pieces.unwrap_or_default().iter().map(|piece| piece.source).collect::<String>()
        };
        Some(source(pieces.get(..=open)) + fresh + &source(pieces.get(close..)))
    }

    /// Whether a source says these words, and shows the files that the part has.
    fn says(&self, source: &str, words: &str, dialect: Dialect) -> bool {
        let read = render::read(&dialect.shown(source), &self.lang);
        let is_only_side = read.sides.len() == 1;
        read.sides.get(&self.lang).is_some_and(|side| is_only_side && side.body == words) && read.media == self.files
    }
}
