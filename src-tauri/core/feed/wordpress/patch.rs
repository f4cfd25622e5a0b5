//! Writing a text over one that somebody wrote at the site, with its blocks, galleries, bold words and whatever else we do not
//! understand: only the paragraphs that differ are touched, everything else stays as it was written. Pure.

use std::collections::BTreeMap;
use std::mem;

use super::apart::{Part, parts};
use super::markup::{Kind, Piece, as_shown, pieces};
use super::send::There;
use super::sheet::{escaped, words_only};
use crate::domain::{Lang, Side};
use crate::feed::RemoteMedia;
use crate::feed::render::{self, Document};

/// What to send over what is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Our own text: what is there came from here.
    Everything,
    /// Nothing: it says already what it shall say.
    Nothing,
    /// This: what is there, with other words in some places.
    Patched(String),
    /// Nothing can be sent without taking away what somebody made there.
    Never,
}

/// What to send so that an item says what our own HTML says.
pub(super) fn over(there: &There, html: &str) -> Over {
    let raw = there.post.content.raw.as_deref().unwrap_or_default();
    text_over(raw, &there.seen.media, html)
}

fn text_over(raw: &str, media: &[RemoteMedia], html: &str) -> Over {
    if is_ours(raw) {
        return Over::Everything;
    }
    let wanted = Wanted::of(html);
    let named = Named::of(raw, media);
    if wanted.is_said_by(raw, &named) {
        return Over::Nothing;
    }
    match patched(raw, &named, &wanted).filter(|patched| wanted.is_said_by(patched, &named)) {
        Some(patched) => Over::Patched(patched),
        None if is_understood(raw) => Over::Everything,
        None => Over::Never,
    }
}

/// Our own HTML, and what it says.
struct Wanted<'a> {
    html: &'a str,
    /// The language of what stands in no section.
    primary: Lang,
    sides: BTreeMap<Lang, Side>,
    media: Vec<RemoteMedia>,
}

impl<'a> Wanted<'a> {
    fn of(html: &'a str) -> Self {
        let read = render::read(html, &Lang::en());
        let primary = read.sides.keys().min_by_key(|lang| !lang.is_chinese()).cloned().unwrap_or_else(Lang::en);
        Self { html, primary, sides: read.sides, media: read.media }
    }

    fn is_said_by(&self, text: &str, named: &Named<'_>) -> bool {
        let read = render::read(&as_shown(text), &self.primary);
        let told = |file: &RemoteMedia| (named.name(file), file.alt.clone());
        read.sides == self.sides && read.media.iter().map(told).eq(self.media.iter().map(told))
    }

    /// What a file shall be said to show; nothing for one that shall not be there.
    fn alt(&self, name: &str, named: &Named<'_>) -> Option<&BTreeMap<Lang, String>> {
        self.media.iter().find(|file| named.name(file) == name).map(|file| &file.alt)
    }

    /// Our section for a language, from its tag on.
    fn section(&self, lang: &Lang) -> Option<&'a str> {
        let (_, from) = self.html.split_once(&format!("<section lang=\"{lang}\""))?;
        let (inside, _) = from.split_once("</section>")?;
        let (_, inside) = inside.split_once('>')?;
        Some(inside)
    }
}

/// What the files of an item are called here, by their addresses as they are written there.
struct Named<'a>(BTreeMap<String, &'a RemoteMedia>);

impl<'a> Named<'a> {
    fn of(raw: &str, media: &'a [RemoteMedia]) -> Self {
        let written = render::read(&as_shown(raw), &Lang::en()).media;
        Self(written.into_iter().map(|file| file.url).zip(media).collect())
    }

    fn name(&self, file: &RemoteMedia) -> String {
        let known = self.0.get(&file.url).copied().unwrap_or(file);
        known.asset.map_or_else(|| known.url.clone(), |asset| asset.to_string())
    }
}

/// Whether a text has the form that we give to all of ours, so that nothing is in it that came from somebody else.
fn is_ours(raw: &str) -> bool {
    let (mut in_sections, mut before) = (false, "");
    pieces(raw).iter().all(|piece| match piece.kind {
        Kind::Text => !piece.source.contains('['),
        Kind::Comment => false,
        Kind::Close => true,
        Kind::Open => {
            let is_after_section = mem::replace(&mut before, piece.name()) == "section";
            in_sections |= piece.is(&["section"]);
            let plain = match piece.name() {
                "section" | "p" | "br" | "a" => true,
                "h2" => is_after_section,
                "div" | "figure" | "img" | "video" | "track" | "figcaption" | "span" | "bdi" => !in_sections,
                _ => false,
            };
            plain && !piece.source.contains("style=")
        }
    })
}

/// Elements and blocks of which everything that readers see comes back into the journal.
const UNDERSTOOD: [&str; 40] = [
    "section",
    "p",
    "br",
    "a",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "div",
    "figure",
    "img",
    "video",
    "track",
    "figcaption",
    "span",
    "bdi",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "s",
    "small",
    "ul",
    "ol",
    "li",
    "blockquote",
    "article",
    "pre",
    "code",
    "source",
    "audio",
    "hr",
    "cite",
    "q",
    "mark",
    "sub",
    "sup",
];
const BLOCKS: [&str; 10] =
    ["paragraph", "heading", "image", "video", "audio", "list", "list-item", "quote", "html", "group"];

fn is_understood(raw: &str) -> bool {
    pieces(raw).iter().all(|piece| match piece.kind {
        Kind::Text => !piece.source.contains('['),
        Kind::Comment => {
            let inside = piece.source.trim_start_matches("<!--").trim_start().trim_start_matches('/');
            let name = inside.strip_prefix("wp:").and_then(|name| name.split(|c: char| c.is_whitespace()).next());
            name.is_some_and(|name| BLOCKS.contains(&name))
        }
        Kind::Open | Kind::Close => piece.is(&UNDERSTOOD),
    })
}

/// What is there, with the texts that are wanted; nothing where that cannot be done paragraph by paragraph.
fn patched(raw: &str, named: &Named<'_>, wanted: &Wanted<'_>) -> Option<String> {
    let parts = parts(raw, &wanted.primary);
    let mut texts: Vec<String> = parts.iter().map(|part| part.source.to_owned()).collect();
    let in_blocks = raw.contains("<!-- wp:");
    let mut behind = String::new();
    for (lang, side) in &wanted.sides {
        if !parts.iter().any(|part| part.speaks(lang)) {
            behind.push_str(&format!("\n\n<section lang=\"{lang}\" dir=\"auto\">{}</section>", wanted.section(lang)?));
            continue;
        }
        if let Some((part, text)) = parts.iter().zip(&mut texts).find(|(part, _)| part.is_title && part.speaks(lang))
            && part.paragraphs != [side.title.as_str()]
        {
            *text = part.with(&side.title)?;
        }
        let said: Vec<usize> = (0..parts.len())
            .filter(|at| parts.get(*at).is_some_and(|part| part.speaks(lang) && !part.is_title))
            .collect();
        rewrite(&parts, &said, &side.body, in_blocks, &mut texts)?;
    }
    for (part, text) in parts.iter().zip(&mut texts) {
        let is_other_lang = !part.paragraphs.is_empty() && !wanted.sides.contains_key(&part.lang);
        let is_wanted = |file: &RemoteMedia| wanted.alt(&named.name(file), named).is_some();
        let is_dropped = part.paragraphs.is_empty() && !part.files.is_empty() && !part.files.iter().any(is_wanted);
        if is_other_lang || is_dropped {
            text.clear();
        } else if !part.files.is_empty() {
            *text = described(text, &part.lang, named, wanted);
        }
    }
    let mut text: String = texts.concat();
    if wanted.sides.len() > 1 && !raw.contains("<section lang") {
        // Until now it spoke one language and did not say which.
        let (heading, _) = wanted.section(&wanted.primary)?.split_once("<p").unwrap_or_default();
        text = format!("<section lang=\"{}\" dir=\"auto\">{heading}\n\n{text}\n\n</section>", wanted.primary);
    }
    let more: String =
        figures(wanted.html).skip(named.0.len()).map(|figure| format!("<figure>{figure}</figure>")).collect();
    if !more.is_empty() {
        text.push_str(&format!("\n\n<div class=\"media\">{more}</div>"));
    }
    Some(text + &behind)
}

/// A part with what its photos shall be said to show.
fn described(text: &str, lang: &Lang, named: &Named<'_>, wanted: &Wanted<'_>) -> String {
    let with_alt = |piece: &Piece<'_>| -> Option<String> {
        let file = render::read(piece.source, lang).media.pop().filter(|_| piece.is(&["img"]))?;
        let alt = wanted.alt(&named.name(&file), named).filter(|alt| **alt != file.alt)?;
        let said = alt.get(lang).map(String::as_str).unwrap_or_default();
        let said = words_only(&escaped(said)).replace('"', "&quot;");
        let (before, rest) = piece.source.split_once(" alt=\"")?;
        let (_, after) = rest.split_once('"')?;
        Some(format!("{before} alt=\"{said}\"{after}"))
    };
    pieces(text).iter().map(|piece| with_alt(piece).unwrap_or_else(|| piece.source.to_owned())).collect()
}

/// Our figures, in their order.
fn figures(html: &str) -> impl Iterator<Item = &str> {
    html.split("<figure>").skip(1).filter_map(|rest| Some(rest.split_once("</figure>")?.0))
}

/// Brings the parts of one language to what is wanted: those that say it stay, the others are written anew, and what is missing
/// stands behind the one before.
fn rewrite(parts: &[Part<'_>], said: &[usize], body: &str, in_blocks: bool, texts: &mut [String]) -> Option<()> {
    let wanted: Vec<&str> = body.split("\n\n").filter(|paragraph| !paragraph.is_empty()).collect();
    let there: Vec<&[String]> = said.iter().filter_map(|at| Some(parts.get(*at)?.paragraphs.as_slice())).collect();
    let mut fixed = aligned(&there, &wanted)?;
    fixed.push((said.len(), wanted.len()));
    let (mut unit, mut word) = (0, 0);
    for (stays, says) in fixed {
        let mut fresh = wanted.get(word..says)?.iter();
        for at in said.get(unit..stays)? {
            let (part, text) = (parts.get(*at)?, texts.get_mut(*at)?);
            *text = match fresh.next() {
                Some(words) => part.with(words).unwrap_or_else(|| paragraph(words, &part.lang, in_blocks)),
                None => String::new(),
            };
        }
        let before = stays.checked_sub(1).and_then(|before| said.get(before));
        let anchor = *before.or(said.first())?;
        let lang = &parts.get(anchor)?.lang;
        let more: String = fresh.map(|words| format!("\n\n{}", paragraph(words, lang, in_blocks))).collect();
        let text = texts.get_mut(anchor)?;
        *text = match before {
            Some(_) => mem::take(text) + &more,
            None if more.is_empty() => mem::take(text),
            None => more.trim_start().to_owned() + "\n\n" + text,
        };
        word = says + there.get(stays).map_or(0, |paragraphs| paragraphs.len());
        unit = stays + 1;
    }
    Some(())
}

/// The longest row of parts that say what is wanted, in its order: each with the place where that begins. Nothing for texts so
/// long that it would take too long to find.
fn aligned(there: &[&[String]], wanted: &[&str]) -> Option<Vec<(usize, usize)>> {
    const LONGEST: usize = 1_000_000;
    let width = wanted.len() + 1;
    if there.len().saturating_mul(width) > LONGEST {
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

/// A paragraph as we write it, and as the editor of blocks does among blocks.
fn paragraph(words: &str, lang: &Lang, in_blocks: bool) -> String {
    let html = markup_of(words, lang);
    match in_blocks {
        true => format!("<!-- wp:paragraph -->\n{}\n<!-- /wp:paragraph -->", html.replace("<p dir=\"auto\">", "<p>")),
        false => html,
    }
}

/// Words with their line ends and links, in an element of their own.
fn markup_of(words: &str, lang: &Lang) -> String {
    let side = Side { title: String::new(), body: words.to_owned() };
    let document = Document { sides: vec![(lang.clone(), side)], media: vec![], topics: vec![], place: None };
    let html = render::content(&document, &|_, _| String::new());
    let inside = html.split_once('>').and_then(|(_, inside)| inside.rsplit_once("</section>"));
    words_only(inside.map_or("", |(inside, _)| inside))
}

impl Part<'_> {
    /// Whether it says something in a language.
    fn speaks(&self, lang: &Lang) -> bool {
        self.lang == *lang && !self.paragraphs.is_empty()
    }

    /// The same element with other words; those that stay keep their marks. Nothing where it is more than one paragraph.
    fn with(&self, words: &str) -> Option<String> {
        let pieces = pieces(self.source);
        let is_text = |piece: &Piece<'_>| piece.is(&["p", "h1", "h2", "h3", "h4", "h5", "h6"]);
        let open = pieces.iter().position(|piece| piece.kind == Kind::Open && is_text(piece))?;
        let close = pieces.iter().rposition(|piece| piece.kind == Kind::Close && is_text(piece))?;
        let inner = pieces.get(open + 1..close).filter(|inner| !inner.iter().any(is_text))?;
        let fresh = markup_of(words, &self.lang);
        let fresh = fresh.split_once('>')?.1.rsplit_once("</p>")?.0.to_owned();
        let inner = spliced(inner, &fresh).filter(|inner| self.says(inner, words)).unwrap_or(fresh);
        let source = |pieces: Option<&[Piece<'_>]>| {
            pieces.unwrap_or_default().iter().map(|piece| piece.source).collect::<String>()
        };
        Some(source(pieces.get(..=open)) + &inner + &source(pieces.get(close..)))
    }

    fn says(&self, inner: &str, words: &str) -> bool {
        let read = render::read(&format!("<p>{inner}</p>"), &self.lang);
        read.sides.get(&self.lang).is_some_and(|side| side.body == words)
    }
}

/// What stands in an element, with the words between the first and the last that differ replaced, where no mark stands there.
fn spliced(inner: &[Piece<'_>], fresh: &str) -> Option<String> {
    let is_word = |piece: &&Piece<'_>| piece.kind == Kind::Text || piece.is(&["br"]);
    let old: String = inner.iter().filter(is_word).map(|piece| piece.source).collect();
    let prefix: usize = old.chars().zip(fresh.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (rest_old, rest_fresh) = (old.get(prefix..)?, fresh.get(prefix..)?);
    let suffix: usize = rest_old
        .chars()
        .rev()
        .zip(rest_fresh.chars().rev())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum();
    let (until, middle) = (old.len() - suffix, rest_fresh.get(..rest_fresh.len() - suffix)?);
    let (mut written, mut at, mut done) = (String::new(), 0, false);
    for piece in inner {
        let length = if is_word(&piece) { piece.source.len() } else { 0 };
        if !done && length > 0 && (at..=at + length).contains(&prefix) && until <= at + length {
            written.push_str(piece.source.get(..prefix - at)?);
            written.push_str(middle);
            written.push_str(piece.source.get(until - at..)?);
            done = true;
        } else {
            written.push_str(piece.source);
        }
        at += length;
    }
    done.then_some(written)
}

#[cfg(test)]
mod tests;
