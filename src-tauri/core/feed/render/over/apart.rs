//! A text of a site taken apart into what its readers take for paragraphs: blocks, elements, lines in no element. Pure; joined,
//! the parts are the text again.

use super::Theirs;
use super::markup::{Dialect, Kind, Piece, pieces};
use crate::domain::Lang;
use crate::feed::render::elements::{CONTAINERS, is_whole};
use crate::feed::{RemoteMedia, render};

/// A part of what is there, as it was written.
pub(super) struct Part<'a> {
    pub source: &'a str,
    pub lang: Lang,
    /// What it says; nothing where it says nothing in words, or stands between texts.
    pub paragraphs: Vec<String>,
    /// The files in it.
    pub files: Vec<RemoteMedia>,
    /// It is the heading that a section begins with.
    pub is_title: bool,
}

/// Blocks that hold others.
const HOLDERS: [&str; 6] = ["group", "columns", "column", "cover", "media-text", "buttons"];

/// What is open while a text is taken apart.
enum Open<'a> {
    /// An element or a block, so deep in others of its name.
    Whole(&'a str, usize),
    /// Words that stand in no element.
    Words,
}

/// The parts of a text, which joined are the text again.
pub(super) fn parts<'a>(theirs: &Theirs<'a>) -> Vec<Part<'a>> {
    let mut apart = Apart { theirs, from: 0, to: 0, parts: Vec::new(), langs: Vec::new(), begins: false };
    let mut open: Option<Open<'a>> = None;
    let lines_count = theirs.dialect == Dialect::Blocks;
    for piece in cut_at_blank_lines(theirs) {
        let block = block(&piece);
        let ends_words = piece.kind == Kind::Comment
            || piece.is(&CONTAINERS)
            || (piece.kind == Kind::Open && is_whole(piece.name()))
            || (lines_count
                && piece.kind == Kind::Text
                && piece.source.trim().is_empty()
                && piece.source.contains('\n'));
        if matches!(open, Some(Open::Words)) && ends_words {
            apart.end(true);
            open = None;
        }
        let (opens, closes, name) = match block {
            Some(Block::Begins(name)) => (true, false, name),
            Some(Block::Ends(name)) => (false, true, name),
            _ if is_whole(piece.name()) => (piece.kind == Kind::Open, piece.kind == Kind::Close, piece.name()),
            _ => (false, false, ""),
        };
        apart.to += piece.source.len();
        match &mut open {
            Some(Open::Whole(whole, depth)) if name.eq_ignore_ascii_case(whole) => {
                *depth = if opens { *depth + 1 } else { depth.saturating_sub(usize::from(closes)) };
                if *depth == 0 {
                    apart.end(true);
                    open = None;
                }
            }
            Some(Open::Whole(..) | Open::Words) => {}
            None if opens => open = Some(Open::Whole(name, 1)),
            None if ends_words || closes || piece.kind == Kind::Close => {
                apart.end(false);
                apart.enter(&piece);
            }
            None => open = Some(Open::Words),
        }
    }
    apart.end(open.is_some());
    apart.parts
}

/// The pieces of a text, with blank lines that count as pieces of their own.
fn cut_at_blank_lines<'a>(theirs: &Theirs<'a>) -> Vec<Piece<'a>> {
    let mut cut = Vec::new();
    let keeps_lines = theirs.dialect.keeps_lines(theirs.html);
    for piece in pieces(theirs.html) {
        let mut rest = piece.source;
        while keeps_lines
            && piece.kind == Kind::Text
            && let Some(at) = rest.find("\n\n").or_else(|| rest.find("\n\r\n"))
        {
            let (words, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
            let blank = after.len() - after.trim_start_matches(['\n', '\r']).len();
            let (blank, after) = after.split_at_checked(blank).unwrap_or((after, ""));
            cut.extend(
                [words, blank].into_iter().filter(|source| !source.is_empty()).map(|source| Piece { source, ..piece }),
            );
            rest = after;
        }
        if !rest.is_empty() {
            cut.push(Piece { source: rest, ..piece });
        }
    }
    cut
}

/// A comment that bounds a block (<https://developer.wordpress.org/block-editor/explanations/architecture/key-concepts/>).
enum Block<'a> {
    Begins(&'a str),
    Ends(&'a str),
    /// One that holds nothing, or holds others.
    Other,
}

fn block<'a>(piece: &Piece<'a>) -> Option<Block<'a>> {
    let inside = piece.source.strip_prefix("<!--")?.strip_suffix("-->")?.trim();
    let (ends, name) = match inside.strip_prefix("/wp:") {
        Some(name) => (true, name),
        None => (false, inside.strip_prefix("wp:")?),
    };
    let name = name.split(|c: char| c.is_whitespace()).next().unwrap_or_default();
    Some(match ends {
        _ if HOLDERS.contains(&name) || inside.ends_with('/') => Block::Other,
        true => Block::Ends(name),
        false => Block::Begins(name),
    })
}

/// A text that is being taken apart.
struct Apart<'a, 't> {
    theirs: &'t Theirs<'a>,
    /// Where the part that is open begins, and how far it goes.
    from: usize,
    to: usize,
    parts: Vec<Part<'a>>,
    /// The language of each container that is open.
    langs: Vec<Option<Lang>>,
    /// A section has just begun.
    begins: bool,
}

impl Apart<'_, '_> {
    /// Ends the part that is open; one that `says` something is read.
    fn end(&mut self, says: bool) {
        let Some(source) = self.theirs.html.get(self.from..self.to).filter(|source| !source.is_empty()) else { return };
        let lang = self.langs.iter().rev().find_map(Clone::clone).unwrap_or_else(|| self.theirs.primary.clone());
        let read = if says { render::read(&self.theirs.dialect.shown(source), &lang) } else { Default::default() };
        let is_alone = read.sides.len() == 1;
        let body = read.sides.get(&lang).filter(|_| is_alone).map(|side| side.body.as_str()).unwrap_or_default();
        let paragraphs: Vec<String> =
            body.split("\n\n").filter(|paragraph| !paragraph.is_empty()).map(str::to_owned).collect();
        let is_heading = source.trim_start().starts_with("<h");
        let is_title = says && self.begins && is_heading;
        self.begins &= paragraphs.is_empty();
        self.parts.push(Part { source, lang, paragraphs, files: read.media, is_title });
        self.from = self.to;
    }

    /// Goes into a container or out of it.
    fn enter(&mut self, piece: &Piece<'_>) {
        if !piece.is(&CONTAINERS) {
            return;
        }
        match piece.kind {
            Kind::Open => {
                let named = piece.source.split("lang=\"").nth(1).and_then(|rest| rest.split('"').next());
                let lang: Option<Lang> = named.and_then(|lang| lang.parse().ok());
                self.begins = lang.is_some();
                self.langs.push(lang);
            }
            _ => _ = self.langs.pop(),
        }
    }
}
