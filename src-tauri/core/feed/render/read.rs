//! Reads HTML back into texts per language and files: our own [`super::content`] exactly, and what editors at a site make of
//! it as well as it can be told. A stream of tags and texts is enough for that, so no tree is built: nesting costs no stack,
//! time grows with the length of the text, and nothing in it can make this fail. Plain text is all that is kept.

use std::cell::RefCell;
use std::collections::BTreeMap;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use super::parts::likely_lang;
use super::prose::Prose;
use super::text::one_line;
use crate::domain::{AssetId, Lang, Side};
use crate::feed::{MediaKind, RemoteMedia};

/// Containers that are kept in mind; those nested deeper count as part of the outer one.
const DEEPEST: usize = 256;

/// What stands in a piece of HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Title and body per language; a title only where a section begins with a heading.
    pub sides: BTreeMap<Lang, Side>,
    /// The files, in their order.
    pub media: Vec<RemoteMedia>,
}

/// Reads HTML. Text outside every `section lang` belongs to the `primary` language.
pub fn read(html: &str, primary: &Lang) -> Reading {
    // Editors write spaces that shall stay as this entity; the character itself, typed by a person, is left alone.
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html.replace("&nbsp;", " ")));
    let tokenizer = Tokenizer::new(Reader(RefCell::new(State::new(primary))), TokenizerOpts::default());
    // It stops early only for sinks that run scripts or change the encoding; this one does neither.
    _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner().finish()
}

/// The same for HTML of which nobody says what language text outside every `section lang` is in: the one it is most likely in,
/// by what stands there and by `beside`.
pub fn read_untold(html: &str, beside: &str) -> (Lang, Reading) {
    let english = Lang::en();
    let reading = read(html, &english);
    let outside = reading.sides.get(&english).map_or("", |side| side.body.as_str());
    let likely = likely_lang(&format!("{beside} {outside}"));
    let reading = if likely == english { reading } else { read(html, &likely) };
    (likely, reading)
}

/// The text of HTML without markup, on one line: titles and names of topics.
pub fn read_line(html: &str) -> String {
    // Most titles and names have no markup, and reading HTML costs more than all else about them.
    if !html.contains(['<', '&', '\0', BYTE_ORDER_MARK]) {
        return one_line(html);
    }
    let any = Lang::en();
    read(html, &any).sides.remove(&any).map_or_else(String::new, |side| one_line(&side.body))
}

/// The reader of HTML drops it where it stands first, as it drops zeros.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The original that a file is a copy of, if the file has the name under which it leaves from here.
pub fn asset_of(name: &str) -> Option<AssetId> {
    name.get(..64)?.parse().ok()
}

struct Reader(RefCell<State>);

/// What is open, and what was read so far.
struct State {
    primary: Lang,
    prose: Vec<(Lang, Prose)>,
    media: Vec<RemoteMedia>,
    /// Containers that may carry a language, outermost first.
    open: Vec<Container>,
    /// An element whose text is no text.
    raw: Option<String>,
    /// A line that we added is open: the place, or where the other language is.
    in_added: bool,
    /// The address of the link that is open, and its words so far.
    link: Option<(String, String)>,
    figure: Option<Figure>,
    /// A film or a sound is open, and what stands in it is for readers that cannot play it.
    playing: bool,
}

struct Container {
    name: String,
    lang: Option<Lang>,
}

/// A figure that is open.
#[derive(Default)]
struct Figure {
    /// Where its file stands among the media.
    file: Option<usize>,
    /// Its caption is open, and holds alt texts.
    alts: bool,
    /// The language of the alt text that is open.
    alt: Option<Lang>,
    /// The name of the file is open.
    naming: bool,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => state.text(&text),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                state.start(&tag);
                if let Some(kind) = raw_kind(&tag.name) {
                    state.raw = Some(tag.name.to_string());
                    return TokenSinkResult::RawData(kind);
                }
            }
            Token::TagToken(tag) => state.end(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// Elements whose content is not markup (<https://html.spec.whatwg.org/#parsing-html-fragments>).
fn raw_kind(name: &str) -> Option<RawKind> {
    match name {
        "script" => Some(RawKind::ScriptData),
        "title" | "textarea" => Some(RawKind::Rcdata),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(RawKind::Rawtext),
        _ => None,
    }
}

impl State {
    fn new(primary: &Lang) -> Self {
        Self {
            primary: primary.clone(),
            prose: Vec::new(),
            media: Vec::new(),
            open: Vec::new(),
            raw: None,
            in_added: false,
            link: None,
            figure: None,
            playing: false,
        }
    }

    fn lang(&self) -> Lang {
        self.open.iter().rev().find_map(|open| open.lang.clone()).unwrap_or_else(|| self.primary.clone())
    }

    /// The text that is being written.
    fn prose(&mut self) -> &mut Prose {
        let lang = self.lang();
        let at = self.prose.iter().position(|(known, _)| *known == lang).unwrap_or_else(|| {
            self.prose.push((lang, Prose::default()));
            self.prose.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found or pushed just now")]
        &mut self.prose[at].1
    }

    fn text(&mut self, text: &str) {
        if self.raw.is_some() || self.in_added {
            return;
        }
        if let Some(figure) = &self.figure {
            let file = figure.file.and_then(|at| self.media.get_mut(at));
            match (file, &figure.alt) {
                (Some(file), _) if figure.naming => return file.name.push_str(text),
                (Some(file), Some(lang)) if figure.alts => {
                    return file.alt.entry(lang.clone()).or_default().push_str(text);
                }
                _ if figure.alts => return,
                _ => {}
            }
        }
        if self.playing {
            return;
        }
        if let Some((_, words)) = &mut self.link {
            words.push_str(text);
        }
        self.prose().text(text);
    }

    fn start(&mut self, tag: &Tag) {
        match &*tag.name {
            "section" | "article" | "div" | "main" => self.enter(tag),
            "br" if self.figure.as_ref().is_some_and(|figure| figure.alts) => self.text("\n"),
            "br" => self.prose().line(),
            "p" => {
                self.prose().block();
                self.in_added = matches!(attribute(tag, "class"), Some("place" | "other"));
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let begins = self.open.last().is_some_and(|open| open.name == "section" && open.lang.is_some());
                self.prose().heading(begins);
            }
            "pre" => self.prose().keep_lines(true),
            "ul" => self.prose().list(false),
            "ol" => self.prose().list(true),
            "li" => self.prose().item(),
            "td" | "th" => self.prose().cell(),
            "tr" => self.prose().line_unless_fresh(),
            "a" => self.begin_link(tag),
            "figure" => {
                self.prose().block();
                self.figure = Some(Figure::default());
            }
            "figcaption" => {
                self.playing = false;
                if let Some(figure) = &mut self.figure {
                    figure.alts = attribute(tag, "class") == Some("alt");
                }
                self.prose().block();
            }
            "span" => {
                if let Some(figure) = self.figure.as_mut().filter(|figure| figure.alts) {
                    figure.alt = lang_of(tag);
                }
            }
            "img" => {
                let lang = lang_of(tag).unwrap_or_else(|| self.lang());
                let source = attribute(tag, "src");
                self.file(MediaKind::Photo, source, attribute(tag, "alt").map(|alt| (lang, alt)));
            }
            "video" | "audio" => {
                let lang = lang_of(tag).unwrap_or_else(|| self.lang());
                let kind = if &*tag.name == "video" { MediaKind::Clip } else { MediaKind::File };
                let source = Some(attribute(tag, "src").unwrap_or_default());
                self.file(kind, source, attribute(tag, "aria-label").map(|alt| (lang, alt)));
                self.playing = true;
            }
            "source" if self.playing => {
                let source = attribute(tag, "src").unwrap_or_default();
                if let Some(file) = self.media.last_mut().filter(|file| file.url.is_empty()) {
                    *file = RemoteMedia { alt: std::mem::take(&mut file.alt), ..remote(file.kind, source) };
                }
            }
            name if is_block(name) => self.prose().block(),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if self.raw.as_deref() == Some(name) {
            self.raw = None;
            return;
        }
        match name {
            "section" | "article" | "div" | "main" => self.leave(name),
            "p" => {
                self.in_added = false;
                self.prose().block();
            }
            "pre" => self.prose().keep_lines(false),
            "ul" | "ol" => self.prose().end_list(),
            "a" => self.end_link(),
            "figure" => {
                (self.figure, self.playing) = (None, false);
                self.prose().block();
            }
            "figcaption" => {
                if let Some(figure) = &mut self.figure {
                    (figure.alts, figure.alt) = (false, None);
                }
                self.prose().block();
            }
            "span" => {
                if let Some(figure) = &mut self.figure {
                    figure.alt = None;
                }
            }
            "video" | "audio" => self.playing = false,
            name if is_block(name) => self.prose().block(),
            _ => {}
        }
    }

    fn enter(&mut self, tag: &Tag) {
        self.close_strays();
        if self.open.len() < DEEPEST {
            self.open.push(Container { name: tag.name.to_string(), lang: lang_of(tag) });
        }
        self.prose().block();
    }

    fn leave(&mut self, name: &str) {
        self.close_strays();
        if let Some(at) = self.open.iter().rposition(|open| open.name == name) {
            self.open.truncate(at);
        }
        self.prose().block();
    }

    /// What was never closed ends with its surroundings, so that it swallows nothing.
    fn close_strays(&mut self) {
        self.end_link();
        (self.playing, self.in_added) = (false, false);
        self.prose().keep_lines(false);
        self.prose().block();
    }

    fn begin_link(&mut self, tag: &Tag) {
        let href = attribute(tag, "href").unwrap_or_default();
        let is_file = attribute(tag, "download").is_some();
        if self.figure.as_ref().is_some_and(|figure| is_file && figure.file.is_none()) {
            self.file(MediaKind::File, Some(href), None);
            if let Some(figure) = &mut self.figure {
                figure.naming = true;
            }
            if let Some(file) = self.media.last_mut() {
                file.name.clear();
            }
        } else if ["https://", "http://"].iter().any(|scheme| href.starts_with(scheme))
            && !self.playing
            && !self.in_added
        {
            self.link = Some((href.to_owned(), String::new()));
        }
    }

    /// An address that the words of a link do not say is kept behind them.
    fn end_link(&mut self) {
        if let Some(figure) = self.figure.as_mut().filter(|figure| figure.naming) {
            figure.naming = false;
        }
        let Some((href, words)) = self.link.take() else { return };
        let bare = href.split_once("://").map_or(href.as_str(), |(_, rest)| rest).trim_end_matches('/');
        if !words.trim().is_empty() && !words.contains(bare) {
            self.prose().text(&format!(" ({href})"));
        }
    }

    fn file(&mut self, kind: MediaKind, source: Option<&str>, alt: Option<(Lang, &str)>) {
        let Some(source) = source else { return };
        let mut file = remote(kind, source);
        file.alt.extend(alt.map(|(lang, text)| (lang, text.trim().to_owned())).filter(|(_, text)| !text.is_empty()));
        if let Some(figure) = &mut self.figure {
            figure.file = Some(self.media.len());
        }
        self.media.push(file);
    }

    fn finish(mut self) -> Reading {
        self.end_link();
        let sides = self.prose.into_iter().map(|(lang, prose)| (lang, prose.finish()));
        let sides = sides.filter(|(_, side)| !side.title.is_empty() || !side.body.is_empty()).collect();
        self.media.retain(|file| !file.url.is_empty());
        for file in &mut self.media {
            file.alt.values_mut().for_each(|text| *text = text.trim().to_owned());
            file.alt.retain(|_, text| !text.is_empty());
            file.name = file.name.trim().to_owned();
        }
        Reading { sides, media: self.media }
    }
}

fn remote(kind: MediaKind, source: &str) -> RemoteMedia {
    let path = source.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    RemoteMedia { url: source.to_owned(), asset: asset_of(&name), kind, alt: BTreeMap::new(), name }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "h1" | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "blockquote"
            | "hr"
            | "table"
            | "header"
            | "footer"
            | "aside"
            | "nav"
            | "address"
            | "dl"
            | "dt"
            | "dd"
            | "details"
            | "summary"
            | "form"
            | "fieldset"
            | "center"
    )
}

fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    tag.attrs.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
}

fn lang_of(tag: &Tag) -> Option<Lang> {
    attribute(tag, "lang")?.parse().ok()
}

#[cfg(test)]
mod tests;
