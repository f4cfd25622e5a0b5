//! The document as HTML. Every text goes through maud's escaping; the only attributes made of user text are `alt`, `lang` and
//! addresses found by [`super::link`].

use maud::{Markup, html};

use super::link::{Piece, pieces};
use super::{Document, Shown};
use crate::domain::Lang;
use crate::feed::{MediaKind, Part};

/// Tells the address of a part of a file.
pub type Address<'a> = &'a dyn Fn(&Shown, &Part) -> String;

/// The content of a feed's item: files, then a section per language. With one side the title is left to the item.
pub fn content(document: &Document, address: Address<'_>) -> String {
    let several = document.sides.len() > 1;
    html! {
        (media(document, address))
        @for (lang, side) in &document.sides {
            section lang=(lang) dir="auto" {
                @if several && !side.title.is_empty() { h2 dir="auto" { (side.title) } }
                (paragraphs(&side.body))
            }
        }
        (place(document))
    }
    .into_string()
}

/// The body of a readable page: files, then every side with its title.
pub fn article(document: &Document, address: Address<'_>) -> Markup {
    html! {
        (media(document, address))
        div class="sides" {
            @for (lang, side) in &document.sides {
                section lang=(lang) dir="auto" {
                    @if !side.title.is_empty() { h1 dir="auto" { (side.title) } }
                    (paragraphs(&side.body))
                }
            }
        }
        (place(document))
    }
}

/// What files show, for items that have the files beside their text: each file by its address, in every language.
pub fn descriptions(media: &[Shown], address: Address<'_>) -> String {
    html! {
        @for (number, shown) in media.iter().enumerate() {
            figure {
                a href=(address(shown, &Part::Copy)) download { bdi { (number + 1) } }
                figcaption class="alt" {
                    @for (lang, text) in &shown.alt { span lang=(lang) dir="auto" { (text) } " " }
                }
            }
        }
    }
    .into_string()
}

/// A line that points to the same post in another language. Read back, it is no text of the post.
pub fn other_language(lang: &Lang, url: &str) -> String {
    let name = match lang.as_str().split('-').next() {
        Some("zh") => "中文",
        Some("en") => "English",
        _ => lang.as_str(),
    };
    html! { p class="other" dir="auto" { a href=(url) hreflang=(lang) rel="alternate" lang=(lang) { (name) } } }
        .into_string()
}

/// Blank lines part paragraphs, line breaks stay.
fn paragraphs(body: &str) -> Markup {
    let mut paragraphs: Vec<Vec<&str>> = vec![Vec::new()];
    for line in body.lines() {
        match paragraphs.last_mut() {
            Some(open) if !line.trim().is_empty() => open.push(line),
            Some(open) if open.is_empty() => {}
            _ => paragraphs.push(Vec::new()),
        }
    }
    html! {
        @for lines in paragraphs.iter().filter(|lines| !lines.is_empty()) {
            p dir="auto" { (joined(lines)) }
        }
    }
}

/// Words as they stand within an element: line ends stay, addresses lead where they say.
pub(super) fn linked_lines(words: &str) -> String {
    joined(&words.split('\n').collect::<Vec<_>>()).into_string()
}

fn joined(lines: &[&str]) -> Markup {
    html! {
        @for (number, line) in lines.iter().enumerate() {
            @if number > 0 { br; }
            (linked(line))
        }
    }
}

/// Words as HTML, where no attribute ends with them.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// HTML in which brackets are words: to some sites what stands in them is a command (<https://codex.wordpress.org/Shortcode_API>).
pub fn words_only(html: &str) -> String {
    html.replace('[', "&#91;").replace(']', "&#93;")
}

fn linked(line: &str) -> Markup {
    html! {
        @for piece in pieces(line) {
            @match piece {
                Piece::Text(text) => { (text) }
                Piece::Link(address) => { a href=(address) rel="noopener noreferrer" { (address) } }
            }
        }
    }
}

fn place(document: &Document) -> Markup {
    html! { @if let Some(place) = &document.place { p class="place" dir="auto" { "📍 " (place) } } }
}

fn media(document: &Document, address: Address<'_>) -> Markup {
    html! {
        @if !document.media.is_empty() {
            div class="media" {
                @for shown in &document.media { (figure(shown, address)) }
            }
        }
    }
}

fn figure(shown: &Shown, address: Address<'_>) -> Markup {
    let facts = &shown.facts;
    let source = address(shown, &Part::Copy);
    let (lang, text) = match shown.alt.first() {
        Some((lang, text)) => (Some(lang), text.as_str()),
        None => (None, ""),
    };
    html! {
        figure {
            @match facts.kind {
                MediaKind::Photo => {
                    img src=(source) alt=(text) lang=[lang] width=[facts.width] height=[facts.height] loading="lazy";
                }
                MediaKind::Clip => { (clip(shown, &source, address)) }
                MediaKind::File => { a href=(source) download { bdi { (facts.name) } } }
            }
            (other_alts(&shown.alt))
        }
    }
}

fn clip(shown: &Shown, source: &str, address: Address<'_>) -> Markup {
    let facts = &shown.facts;
    let poster = facts.poster.then(|| address(shown, &Part::Poster));
    let (lang, label) = (shown.alt.first().map(|(lang, _)| lang), shown.alt.first().map(|(_, text)| text));
    html! {
        // The address stands in the element itself: WordPress takes `source` out of what most of its users write.
        video src=(source) controls preload="metadata" playsinline width=[facts.width] height=[facts.height]
            poster=[poster] lang=[lang] aria-label=[label] {
            @for (number, lang) in facts.subtitles.iter().enumerate() {
                track kind="subtitles" srclang=(lang) label=(lang) default[number == 0]
                    src=(address(shown, &Part::Subtitles(lang.clone())));
            }
            a href=(source) { (facts.mime) }
        }
    }
}

/// An image has one alt text; the ones in other languages stand beside it for those who listen.
fn other_alts(alt: &[(Lang, String)]) -> Markup {
    html! {
        @if alt.len() > 1 {
            figcaption class="alt" {
                @for (lang, text) in alt.iter().skip(1) { span lang=(lang) dir="auto" { (text) } " " }
            }
        }
    }
}
