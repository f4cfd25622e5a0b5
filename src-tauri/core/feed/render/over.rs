//! Writing a text over one that somebody wrote at a site, with its blocks, galleries, bold words and whatever else we do not
//! understand: only the words that differ are touched, everything else stays as it was written. Pure. Every answer was read
//! back as the site's readers will read it, and says what is wanted; where that cannot be had, there is none.

mod apart;
mod known;
mod markup;
mod paragraphs;
mod wanted;
mod words;

use crate::domain::Lang;
use crate::feed::RemoteMedia;

use apart::parts;
pub use markup::Dialect;
use paragraphs::rewrite;
use wanted::{Named, Wanted};

/// A text as it lies at a site.
#[derive(Debug, Clone, Copy)]
pub struct Theirs<'a> {
    /// As it was written.
    pub html: &'a str,
    /// The language of what stands in no section.
    pub primary: &'a Lang,
    /// The files in it, in their order; nothing where the files of an item lie beside its text, and those in it stay as they are.
    pub media: Option<&'a [RemoteMedia]>,
    /// Those of the files that nobody here ever had: nobody here took them out either, so that they stay where they are.
    pub strange: &'a [RemoteMedia],
    /// How the site reads it.
    pub dialect: Dialect,
}

/// What to send over what is there.
#[derive(Debug, PartialEq, Eq)]
pub enum Over {
    /// Our own text: nothing is lost with what is there.
    Everything,
    /// Nothing: it says already what it shall say.
    Nothing,
    /// This: what is there, with other words in some places.
    Patched(String),
    /// Nothing can be sent without taking away what somebody made there.
    Never,
}

/// What to send so that a text says what our own HTML says.
pub fn over(theirs: &Theirs<'_>, html: &str) -> Over {
    if theirs.strange.is_empty() && known::is_ours(theirs.html, theirs.dialect) {
        return Over::Everything;
    }
    let wanted = Wanted::of(html, theirs);
    if wanted.is_said_by(theirs.html) {
        return Over::Nothing;
    }
    match patched(theirs, &wanted).filter(|patched| wanted.is_said_by(patched)) {
        Some(patched) => Over::Patched(patched),
        None => as_a_whole(theirs),
    }
}

/// What to send where what is wanted cannot be brought into what is there.
pub fn as_a_whole(theirs: &Theirs<'_>) -> Over {
    let comes_back = theirs.strange.is_empty() && known::comes_back(theirs.html, theirs.dialect);
    if comes_back { Over::Everything } else { Over::Never }
}

/// What is there, with the texts that are wanted; nothing where that cannot be done paragraph by paragraph.
fn patched(theirs: &Theirs<'_>, wanted: &Wanted<'_>) -> Option<String> {
    let parts = parts(theirs);
    let mut texts: Vec<String> = parts.iter().map(|part| part.source.to_owned()).collect();
    let mut behind = String::new();
    for (lang, side) in &wanted.sides {
        if !parts.iter().any(|part| part.speaks(lang)) {
            behind.push_str(&format!("\n\n<section lang=\"{lang}\" dir=\"auto\">{}</section>", wanted.section(lang)?));
            continue;
        }
        if let Some((part, text)) = parts.iter().zip(&mut texts).find(|(part, _)| part.is_title && part.speaks(lang))
            && part.paragraphs != [side.title.as_str()]
        {
            *text = part.saying(&side.title, theirs)?;
        }
        let said: Vec<usize> = (0..parts.len())
            .filter(|at| parts.get(*at).is_some_and(|part| part.speaks(lang) && !part.is_title))
            .collect();
        rewrite(&parts, &said, &side.body, theirs, &mut texts)?;
    }
    for (part, text) in parts.iter().zip(&mut texts) {
        if !part.paragraphs.is_empty() && !wanted.sides.contains_key(&part.lang) {
            text.clear();
        }
    }
    let files = wanted.named.as_ref().map(|named| with_files(&parts, &mut texts, named, wanted));
    let text = in_section(texts.concat(), theirs, wanted);
    Some(text + &files.unwrap_or_default() + &behind)
}

/// Brings the files of the parts to what is wanted, and answers those that are in none.
fn with_files(parts: &[apart::Part<'_>], texts: &mut [String], named: &Named<'_>, wanted: &Wanted<'_>) -> String {
    for (part, text) in parts.iter().zip(texts).filter(|(part, _)| !part.files.is_empty()) {
        let stays = |file: &RemoteMedia| named.is_strange(file) || wanted.alt(&named.name(file)).is_some();
        *text = match part.paragraphs.is_empty() && !part.files.iter().any(stays) {
            true => String::new(),
            false => wanted.described(text, &part.lang, named),
        };
    }
    let more: String =
        wanted.figures().skip(named.count()).map(|figure| format!("<figure>{figure}</figure>")).collect();
    if more.is_empty() { more } else { format!("\n\n<div class=\"media\">{more}</div>") }
}

/// A text that until now spoke one language, and did not say which, says so when another one stands beside it.
fn in_section(text: String, theirs: &Theirs<'_>, wanted: &Wanted<'_>) -> String {
    let lang = theirs.primary;
    let ours = wanted.section(lang).filter(|_| wanted.sides.len() > 1 && !theirs.html.contains("<section lang"));
    let Some(ours) = ours else { return text };
    let heading = ours.split_once("<p").map_or("", |(heading, _)| heading);
    format!("<section lang=\"{lang}\" dir=\"auto\">{heading}\n\n{text}\n\n</section>")
}

#[cfg(test)]
mod tests;
