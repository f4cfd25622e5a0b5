//! Reading back: what the server holds of a post, as one item. The same code makes the digests that are kept in receipts and
//! those that are compared with them.
//!
//! A post can be several statuses, and receipts are all there is when changes are asked for. So a receipt's parts name them:
//! `thread.NNN.LANGUAGE.JOINT ID` for every status and `file.ID.ASSET` for every file that was sent from here, with digests that never
//! change.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Mastodon;
use super::note::{Book, Part};
use super::present::Present;
use super::text::{self, Joint, Shape};
use super::wire::{self, instant};
use crate::domain::{AssetId, Digest, Lang, Receipt, RevisionId, Side};
use crate::feed::{About, Audience, FeedError, Fetched, Held, MediaKind, RemoteMedia, render};

const THREAD: &str = "thread.";
const FILE: &str = "file.";
const PLACE: &str = "place";

/// A status in a post's thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// How its text goes on from the one before.
    pub joint: Joint,
    /// Its language, or the first of several; servers do not keep every language that they are told.
    pub lang: Option<Lang>,
    /// The server's name for it.
    pub id: String,
    /// Whether it is scheduled rather than posted.
    pub scheduled: bool,
}

/// What is known of a post beside what the server says.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub shape: Shape,
    /// The originals that its files are copies of, by the server's names for them.
    pub assets: BTreeMap<String, AssetId>,
    pub revision: Option<RevisionId>,
    /// Digest of the warning that its statuses were sent with.
    pub warning: Option<Digest>,
}

/// The text of HTML as it is seen: without the addresses behind mentions and hashtags.
pub fn plain(html: &str) -> String {
    let any = Lang::en();
    render::read(&without_links(html), &any).sides.remove(&any).map(|side| side.body).unwrap_or_default()
}

fn without_links(html: &str) -> String {
    let mut seen = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once("<a ") {
        seen.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    seen.push_str(rest);
    seen
}

/// The digest of a thread's statuses together.
pub fn version<'a>(states: impl Iterator<Item = &'a Digest>) -> Digest {
    digest(&states.collect::<Vec<_>>())
}

/// Digest of strings and lists of strings.
pub fn digest(value: &impl Serialize) -> Digest {
    // These can always be written.
    Digest::of(&serde_json::to_vec(value).unwrap_or_default())
}

/// The statuses that a receipt says belong to the post.
pub fn thread(known: &Receipt) -> Vec<Link> {
    let links = named(known);
    if links.is_empty() {
        vec![Link { joint: Joint::Start, lang: None, id: known.remote_id.clone(), scheduled: false }]
    } else {
        links
    }
}

/// The statuses that a receipt's parts name.
fn named(known: &Receipt) -> Vec<Link> {
    known.parts.keys().filter_map(|name| link(name)).collect()
}

fn link(part: &str) -> Option<Link> {
    let (_, rest) = part.strip_prefix(THREAD)?.split_once('.')?;
    let (lang, link) = rest.split_once('.')?;
    let mut signs = link.chars();
    let joint = Joint::of_sign(signs.next()?)?;
    let id = signs.as_str();
    let scheduled = id.starts_with('@');
    Some(Link { joint, lang: lang.parse().ok(), id: id.trim_start_matches('@').to_owned(), scheduled })
}

impl Link {
    /// The name of the part that says so in a receipt.
    fn part(&self, index: usize) -> String {
        let lang = self.lang.as_ref().map(Lang::as_str).unwrap_or_default();
        let scheduled = if self.scheduled { "@" } else { "" };
        format!("{THREAD}{index:03}.{lang}.{}{scheduled}{}", self.joint.sign(), self.id)
    }
}

impl Known {
    /// What the notes say.
    pub fn noted(book: &Book) -> Option<Self> {
        let aim = book.aim()?;
        let parts = book.parts();
        let warning =
            parts.iter().filter_map(Part::latest).map(|body| body.warning.trim()).find(|text| !text.is_empty());
        let warning = warning.map(|text| Digest::of(text.as_bytes()));
        Some(Self { shape: aim.shape, assets: book.assets(), revision: Some(aim.revision), warning })
    }

    /// What a receipt says.
    pub fn confirmed(known: &Receipt) -> Self {
        let mut langs: Vec<Lang> =
            known.parts.keys().filter_map(|name| name.strip_prefix("body.")?.parse().ok()).collect();
        langs.sort_by_key(|lang| !lang.is_chinese());
        let empty = Digest::of(b"");
        let is_titled = |lang: &&Lang| known.parts.get(&format!("title.{lang}")).is_some_and(|title| *title != empty);
        let files = known.parts.keys().filter_map(|name| {
            let (id, asset) = name.strip_prefix(FILE)?.rsplit_once('.')?;
            Some((id.to_owned(), asset.parse().ok()?))
        });
        Self {
            shape: Shape {
                titled: langs.iter().filter(is_titled).cloned().collect(),
                place: known.parts.contains_key(PLACE),
                topics: known.parts.contains_key("topics"),
                langs,
            },
            assets: files.collect(),
            revision: None,
            warning: known.parts.get(Receipt::WARNING).copied(),
        }
    }
}

/// The item that the statuses of a thread are together.
pub fn together(present: &[Present], known: &Known) -> Option<Fetched> {
    let states: Vec<Digest> = present.iter().map(Present::state).collect();
    let present: Vec<Present> = present.iter().cloned().map(|one| one.with_warning(known.warning.as_ref())).collect();
    let present = present.as_slice();
    let first = present.first()?;
    let (sides, topics) = texts(present, &known.shape);
    let media = files(present, known);
    let mut parts = render::parts(&sides, known.shape.topics.then_some(&topics), None);
    let shown: Vec<_> = present.iter().flat_map(Present::shown).collect();
    parts.insert("media".to_owned(), digest(&shown));
    let same = Digest::of(b"");
    if known.shape.place {
        parts.insert(PLACE.to_owned(), same);
    }
    let warning = warning(present);
    parts.insert(Receipt::WARNING.to_owned(), Digest::of(warning.as_bytes()));
    for (index, one) in present.iter().enumerate() {
        parts.insert(one.link.part(index), same);
    }
    for (id, asset) in known.assets.iter().filter(|(id, _)| shown.iter().any(|(shown, _)| shown == id)) {
        parts.insert(format!("{FILE}{id}.{asset}"), same);
    }
    let held = Held {
        remote_id: first.link.id.clone(),
        url: first.url.clone(),
        audience: Audience::Published,
        revision: known.revision,
        version: version(states.iter()),
        parts,
        touched: false,
        unfinished: false,
    };
    let (moment, modified) = (instant(&first.created), present.iter().filter_map(Present::changed).max());
    let topics = known.shape.topics.then_some(topics);
    Some(Fetched { held, sides, topics, media: Some(media), moment, modified, warning: Some(warning) })
}

/// The warning of a thread. All its statuses are sent with the same; where they differ by now, that of the one that was changed last
/// is the newest word.
fn warning(present: &[Present]) -> String {
    let newest = present.iter().min_by_key(|one| std::cmp::Reverse(one.changed()));
    newest.map(|one| one.warning.trim().to_owned()).unwrap_or_default()
}

/// Puts the texts of a thread together again and takes them apart into sides and topics.
fn texts(present: &[Present], shape: &Shape) -> (BTreeMap<Lang, Side>, Vec<String>) {
    let mut runs: Vec<(&Present, String)> = Vec::new();
    for one in present {
        // What goes on a language may have been sent after the other language.
        let before = runs.iter_mut().rev().find(|(first, _)| first.link.lang == one.link.lang);
        match before {
            Some((_, text)) if one.link.joint != Joint::Start => {
                text.push_str(one.link.joint.text());
                text.push_str(one.words.text.trim());
            }
            _ => runs.push((one, one.words.text.clone())),
        }
    }
    let (mut sides, mut topics) = (BTreeMap::new(), Vec::new());
    let linked = runs.len() > 1;
    for (first, text) in runs {
        let (read, tags) = text::decompose(&text, &langs(first, linked, shape), shape);
        sides.extend(read);
        if topics.is_empty() {
            topics = tags;
        }
    }
    (sides, topics)
}

/// The languages that a status is in: its own where there is one for each, otherwise all of the post. What holds several
/// is named by the first, so that one that is there alone holds none before its own: these had statuses that are gone.
fn langs(one: &Present, linked: bool, shape: &Shape) -> Vec<Lang> {
    if !linked && !shape.langs.is_empty() {
        let own = shape.langs.iter().position(|lang| one.link.lang.as_ref() == Some(lang));
        return shape.langs.iter().skip(own.unwrap_or_default()).cloned().collect();
    }
    let own = one.link.lang.clone();
    vec![own.unwrap_or_else(|| text::lang_of(one.language.as_deref(), &shape.langs))]
}

/// The files of a thread, each once, with what they show in every language.
fn files(present: &[Present], known: &Known) -> Vec<RemoteMedia> {
    let mut files: Vec<RemoteMedia> = Vec::new();
    let linked = present.iter().filter(|one| one.link.joint == Joint::Start).count() > 1;
    for (one, media) in present.iter().flat_map(|one| one.media.iter().map(move |media| (one, media))) {
        let asset = known.assets.get(&media.id).copied();
        let alt = alts(media.description.as_deref().unwrap_or_default(), &langs(one, linked, &known.shape));
        match files.iter_mut().find(|file| asset.is_some() && file.asset == asset) {
            Some(file) => file.alt.extend(alt),
            None => files.push(remote(media, asset, alt)),
        }
    }
    files
}

/// What a file shows, per language, of one description in several.
fn alts(description: &str, langs: &[Lang]) -> BTreeMap<Lang, String> {
    let pieces: Vec<&str> = description.split("\n\n").collect();
    let pieces = if pieces.len() == langs.len() { pieces } else { vec![description] };
    let alts = langs.iter().zip(pieces).map(|(lang, text)| (lang.clone(), text.trim().to_owned()));
    alts.filter(|(_, text)| !text.is_empty()).collect()
}

fn remote(media: &wire::Media, asset: Option<AssetId>, alt: BTreeMap<Lang, String>) -> RemoteMedia {
    let url = media.url.clone().unwrap_or_default();
    let name = url.rsplit('/').next().and_then(|name| name.split('?').next()).unwrap_or_default().to_owned();
    let kind = match media.kind.as_str() {
        "image" => MediaKind::Photo,
        "video" | "gifv" => MediaKind::Clip,
        _ => MediaKind::File,
    };
    RemoteMedia { url, asset, kind, alt, name }
}

/// The names of the statuses that a receipt leaves out: they were gone when it was made, or begun since, so that they need
/// not be there. `noted` and `parts` are the same, before and after they were followed to the names that they have by now.
fn left_out(known: &Receipt, noted: &[Part], parts: &[Part]) -> Vec<String> {
    let named = named(known);
    let is = |part: &Part, link: &Link| part.id.as_ref() == Some(&link.id) && part.scheduled == link.scheduled;
    let is_noted = |link: &Link| noted.iter().chain(parts).any(|part| is(part, link));
    // A name that is noted no more may be an earlier one of any of them.
    if named.is_empty() || !named.iter().all(is_noted) {
        return Vec::new();
    }
    let is_named = |was: &Part, part: &Part| named.iter().any(|link| is(was, link) || is(part, link));
    let left_out = noted.iter().zip(parts).filter(|(was, part)| !is_named(was, part));
    left_out.filter_map(|(_, part)| part.id.clone()).collect()
}

impl Mastodon {
    /// Reads back what the server holds of a post.
    pub(super) async fn read_back(&self, known: &Receipt, about: &About) -> Result<Fetched, FeedError> {
        let book = Book::open(&about.notes).await?;
        let noted = book.parts();
        let parts = self.followed(noted.clone()).await?;
        if parts.is_empty() && known.parts.is_empty() {
            return self.taken_over(&known.remote_id).await;
        }
        let begun: Vec<Link> = parts.iter().filter_map(Part::link).collect();
        let links = if begun.is_empty() { thread(known) } else { begun };
        let left_out = left_out(known, &noted, &parts);
        let mut present = Vec::with_capacity(links.len());
        for link in links {
            let may_miss = left_out.contains(&link.id);
            match self.api.present(link).await? {
                Some(there) => present.push(there),
                None if may_miss => {}
                None => return Err(FeedError::Gone),
            }
        }
        let noted = Known::noted(&book).unwrap_or_else(|| Known::confirmed(known));
        let mut fetched = together(&present, &noted).ok_or(FeedError::Gone)?;
        fetched.held.unfinished = parts.iter().any(|part| {
            let there = present.iter().find(|there| part.id.as_ref() == Some(&there.link.id));
            part.is_shown_to_more(there)
        });
        Ok(fetched)
    }

    /// The statuses of a post, each as it lies there or not.
    pub(super) async fn present_parts(&self, parts: &[Part]) -> Result<Vec<Option<Present>>, FeedError> {
        let mut present = Vec::with_capacity(parts.len());
        for part in parts {
            present.push(match part.link() {
                Some(link) => self.api.present(link).await?,
                None => None,
            });
        }
        Ok(present)
    }
}
