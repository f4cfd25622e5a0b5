//! What our own HTML says, and whether a text at the site says the same.

use std::collections::BTreeMap;

use super::Theirs;
use super::markup::{Piece, pieces};
use crate::domain::{Lang, Side};
use crate::feed::RemoteMedia;
use crate::feed::render::{self, escaped, words_only};

/// Our own HTML, and what it says.
pub(super) struct Wanted<'a> {
    html: &'a str,
    theirs: &'a Theirs<'a>,
    pub sides: BTreeMap<Lang, Side>,
    media: Vec<RemoteMedia>,
    /// Nothing where files lie beside the text.
    pub named: Option<Named<'a>>,
}

impl<'a> Wanted<'a> {
    pub fn of(html: &'a str, theirs: &'a Theirs<'a>) -> Self {
        let read = render::read(html, theirs.primary);
        let named = theirs.media.map(|media| Named::of(theirs, media));
        Self { html, theirs, sides: read.sides, media: read.media, named }
    }

    pub fn is_said_by(&self, text: &str) -> bool {
        let read = render::read(&self.theirs.dialect.shown(text), self.theirs.primary);
        let shows_the_same = self.named.as_ref().is_none_or(|named| {
            let told = |file: &RemoteMedia| (named.name(file), file.alt.clone());
            let (strange, ours): (Vec<_>, Vec<_>) = read.media.iter().partition(|file| named.is_strange(file));
            ours.into_iter().map(told).eq(self.media.iter().map(told))
                && strange.into_iter().map(|file| named.name(file)).eq(named.strange.iter().cloned())
        });
        read.sides == self.sides && shows_the_same
    }

    /// What a file shall be said to show; nothing for one that shall not be there.
    pub fn alt(&self, name: &str) -> Option<&BTreeMap<Lang, String>> {
        let named = self.named.as_ref()?;
        self.media.iter().find(|file| named.name(file) == name).map(|file| &file.alt)
    }

    /// Our section for a language, from its tag on.
    pub fn section(&self, lang: &Lang) -> Option<&'a str> {
        let (_, from) = self.html.split_once(&format!("<section lang=\"{lang}\""))?;
        let (inside, _) = from.split_once("</section>")?;
        let (_, inside) = inside.split_once('>')?;
        Some(inside)
    }

    /// Our figures, in their order.
    pub fn figures(&self) -> impl Iterator<Item = &'a str> {
        self.html.split("<figure>").skip(1).filter_map(|rest| Some(rest.split_once("</figure>")?.0))
    }

    /// A part with what its photos shall be said to show.
    pub fn described(&self, text: &str, lang: &Lang, named: &Named<'_>) -> String {
        let with_alt = |piece: &Piece<'_>| -> Option<String> {
            let file = render::read(piece.source, lang).media.pop().filter(|_| piece.is(&["img"]))?;
            let alt = self.alt(&named.name(&file)).filter(|alt| **alt != file.alt)?;
            let said = alt.get(lang).map(String::as_str).unwrap_or_default();
            let said = words_only(&escaped(said)).replace('"', "&quot;");
            let (before, rest) = piece.source.split_once(" alt=\"")?;
            let (_, after) = rest.split_once('"')?;
            Some(format!("{before} alt=\"{said}\"{after}"))
        };
        pieces(text).iter().map(|piece| with_alt(piece).unwrap_or_else(|| piece.source.to_owned())).collect()
    }
}

/// What the files of an item are called here, by their addresses as they are written there.
pub(super) struct Named<'a> {
    files: BTreeMap<String, &'a RemoteMedia>,
    /// Those that nobody here ever had, in their order.
    strange: Vec<String>,
}

impl<'a> Named<'a> {
    fn of(theirs: &Theirs<'_>, media: &'a [RemoteMedia]) -> Self {
        let written = render::read(&theirs.dialect.shown(theirs.html), theirs.primary).media;
        let files = written.into_iter().map(|file| file.url).zip(media).collect();
        Self { files, strange: theirs.strange.iter().map(own_name).collect() }
    }

    /// A file's name here, or else its address.
    pub fn name(&self, file: &RemoteMedia) -> String {
        own_name(self.files.get(&file.url).copied().unwrap_or(file))
    }

    /// Whether nobody here ever had a file.
    pub fn is_strange(&self, file: &RemoteMedia) -> bool {
        self.strange.contains(&self.name(file))
    }

    /// How many there are that are not strange.
    pub fn count(&self) -> usize {
        self.files.values().filter(|file| !self.is_strange(file)).count()
    }
}

fn own_name(file: &RemoteMedia) -> String {
    file.asset.map_or_else(|| file.url.clone(), |asset| asset.to_string())
}
