//! The one renderer: from a post to a document, and from the document to HTML, plain text, a title and a summary. What is
//! previewed is what is sent. It reads such HTML back, too, and writes over what somebody else wrote. It knows no feed; addresses
//! of media are handed in by whoever writes them.

mod elements;
mod html;
mod link;
mod over;
mod parts;
mod prose;
mod read;
mod text;
mod titles;

use crate::domain::{Lang, Side};

use super::{Intent, OutgoingMedia};

pub use html::{article, content, descriptions, escaped, other_language, words_only};
pub use link::{Piece, pieces};
pub use over::{Dialect, Over, Theirs, as_a_whole, over};
pub use parts::{likely_lang, parts};
pub use read::{Reading, asset_of, read, read_line, read_untold};
pub use text::{clean, fallback_title, one_line, plain, summary, title};
pub use titles::take_titles;

/// A post as it is shown, independent of any format. Everything in it is free of characters that XML forbids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The sides that have text: Chinese first, then the others by their tag.
    pub sides: Vec<(Lang, Side)>,
    /// The files, the cover first, then in the order of the post.
    pub media: Vec<Shown>,
    /// Topics without `#`.
    pub topics: Vec<String>,
    /// The name of the place, if it is sent.
    pub place: Option<String>,
}

/// A file in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its facts.
    pub facts: OutgoingMedia,
    /// What it shows, in the order of the sides.
    pub alt: Vec<(Lang, String)>,
}

impl Document {
    /// The document of a post.
    pub fn of(intent: &Intent) -> Self {
        let content = &intent.content;
        let mut sides: Vec<(Lang, Side)> =
            content.sides.iter().map(|(lang, side)| (lang.clone(), tidy(side))).collect();
        sides.sort_by_key(|(lang, _)| !lang.is_chinese());
        let mut media: Vec<Shown> = intent.media.iter().map(shown).collect();
        if let Some(cover) = content.cover {
            media.sort_by_key(|shown| shown.facts.asset != cover);
        }
        let place =
            content.place.as_ref().filter(|_| intent.with_place).map(|place| clean(&place.name).trim().to_owned());
        Self { sides, media, topics: topics(&content.topics), place: place.filter(|name| !name.is_empty()) }
    }

    /// The language that comes first.
    pub fn lang(&self) -> Option<&Lang> {
        self.sides.first().map(|(lang, _)| lang)
    }
}

fn tidy(side: &Side) -> Side {
    // Cleaned first: what is taken out may leave spaces at the ends.
    Side { title: clean(&side.title).trim().to_owned(), body: clean(&side.body).trim_end().to_owned() }
}

/// Two topics may be the same once they are clean; feeds list each once.
fn topics(given: &[String]) -> Vec<String> {
    let mut topics: Vec<String> = Vec::with_capacity(given.len());
    for topic in given {
        let topic = clean(topic).trim().to_owned();
        if !topic.is_empty() && !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    topics
}

fn shown(facts: &OutgoingMedia) -> Shown {
    let mut alt: Vec<(Lang, String)> =
        facts.alt.iter().map(|(lang, text)| (lang.clone(), clean(text).trim().to_owned())).collect();
    alt.retain(|(_, text)| !text.is_empty());
    alt.sort_by_key(|(lang, _)| !lang.is_chinese());
    Shown { facts: OutgoingMedia { name: clean(&facts.name).into_owned(), ..facts.clone() }, alt }
}
