//! The pages that people read: one for a post, one for the list. They work from the disk (`file:`) and from any host, without
//! a line of script: the language switch is three radio buttons and a style sheet.

use maud::{DOCTYPE, Markup, html};

use super::item::{self, Item, file_name};
use super::list::Listing;
use crate::domain::{Lang, Side};
use crate::feed::render::{self, Document, Shown};
use crate::feed::{Audience, Intent, Part};

/// The style sheet of all pages.
pub(super) const STYLE: &str = include_str!("style.css");

/// Nothing is loaded but pictures, clips and the style sheet beside the page. `file:` is there because some browsers do not
/// count a page on the disk as its own origin; on a web host it allows nothing.
const POLICY: &str = "default-src 'none'; img-src 'self' file:; media-src 'self' file:; style-src 'self' file:; \
                      base-uri 'none'; form-action 'none'";

/// The page of a post.
pub(super) fn post(intent: &Intent, document: &Document) -> String {
    let moment = &intent.content.moment;
    let shown = moment.to_zoned().strftime("%Y-%m-%d %H:%M").to_string();
    let title = render::title(document).unwrap_or_else(|| render::fallback_title(document, &shown));
    let address = |shown: &Shown, part: &Part| format!("media/{}", file_name(shown, part));
    let langs: Vec<&Lang> = document.sides.iter().map(|(lang, _)| lang).collect();
    let body = html! {
        nav { a class="home" href="../../index.html" lang="zh" { "舢板" } (switch(&langs)) }
        @if intent.audience == Audience::Draft { p class="draft" { "草稿 · Draft" } }
        main {
            article {
                (render::article(document, &address))
                footer {
                    time datetime=[item::date(moment)] { (shown) }
                    @for topic in &document.topics { span class="topic" dir="auto" { "#" (topic) } }
                }
            }
        }
    };
    page("../../", &title, document.lang(), &body)
}

/// The page that lists all items.
pub(super) fn index(listing: &Listing<'_>) -> String {
    let title = listing.title();
    let mut langs: Vec<&Lang> = listing.items.iter().flat_map(|item| item.sampan.sides.keys()).collect();
    langs.sort_by_key(|lang| (!lang.is_chinese(), *lang));
    langs.dedup();
    let body = html! {
        nav { span class="home" lang="zh" { "舢板" } (switch(&langs)) }
        @if listing.audience == Audience::Draft { p class="draft" { "草稿 · Drafts" } }
        main {
            h1 class="feed" dir="auto" { (title) }
            ol class="list" { @for item in &listing.items { (line(item)) } }
        }
    };
    page("", &title, None, &body)
}

fn line(item: &Item) -> Markup {
    let mut sides: Vec<(&Lang, &Side)> = item.sampan.sides.iter().collect();
    sides.sort_by_key(|(lang, _)| !lang.is_chinese());
    let day = item.date_published.as_deref().and_then(|date| date.split('T').next());
    html! {
        li {
            a href=(item.url) {
                @if let Some(image) = &item.image { img src=(image) alt="" loading="lazy"; }
                span class="sides" {
                    @for (lang, side) in sides { (heading(lang, side)) }
                    time datetime=[day] { (day.unwrap_or("—")) }
                }
            }
        }
    }
}

fn heading(lang: &Lang, side: &Side) -> Markup {
    let line = side.title.as_str();
    let line =
        if line.is_empty() { side.body.lines().map(str::trim).find(|line| !line.is_empty()) } else { Some(line) };
    html! { @if let Some(line) = line { span class="title" lang=(lang) dir="auto" { (line) } } }
}

/// The language switch; only where there is Chinese and something else.
fn switch(langs: &[&Lang]) -> Markup {
    let other: Vec<&&Lang> = langs.iter().filter(|lang| !lang.is_chinese()).collect();
    let other_name = match other.as_slice() {
        [only] => only.as_str().split('-').next().unwrap_or_default().to_uppercase(),
        _ => "A".to_owned(),
    };
    html! {
        @if !other.is_empty() && langs.len() > other.len() {
            fieldset class="switch" {
                legend { "语言 · Language" }
                input type="radio" name="show" id="show-zh"; label for="show-zh" lang="zh" { "中" }
                input type="radio" name="show" id="show-both" checked; label for="show-both" { "中+" (other_name) }
                input type="radio" name="show" id="show-other"; label for="show-other" { (other_name) }
            }
        }
    }
}

fn page(root: &str, title: &str, lang: Option<&Lang>, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang=[lang] {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) }
                link rel="stylesheet" href={ (root) "style.css" };
                link rel="alternate" type="application/feed+json" href={ (root) "feed.json" };
                link rel="alternate" type="application/atom+xml" href={ (root) "atom.xml" };
            }
            body { (body) }
        }
    }
    .into_string()
}
