//! The lists of all items: `feed.json`, `atom.xml`, `index.html`. Made from the items alone, so they can be made again at any
//! time, and are whenever a sync ends. Items that did not change since they were last read are not read again.

use std::collections::HashMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::Serialize;

use super::item::Item;
use super::{Face, Folder, atom, page};
use crate::domain::{PostId, Timestamp};
use crate::feed::{Audience, FeedError};
use crate::files;

/// What is remembered between two lists.
#[derive(Default)]
pub(super) struct Memory {
    items: HashMap<(Audience, PostId), Read>,
    /// A post went from the published part to the drafts: then the published list must lose it first.
    goes_back: bool,
}

/// An item as it was read from a file of this size and time of change.
struct Read {
    stamp: (u64, Option<SystemTime>),
    item: Option<Arc<Item>>,
}

/// Everything the lists of one part are made of.
pub(super) struct Listing<'a> {
    pub face: &'a Face,
    pub audience: Audience,
    /// `urn:uuid:` and an id that is the same for ever.
    pub id: String,
    /// The public address, ending in a slash.
    pub base: Option<String>,
    /// When the feed was set up: its date while it is empty.
    pub made: Timestamp,
    /// Newest moment first.
    pub items: Vec<Arc<Item>>,
}

impl Folder {
    /// Writes the lists of both parts, where they changed, and removes what interrupted calls left.
    pub(super) fn write_lists(&self) -> Result<(), FeedError> {
        let _turn = self.turn()?;
        let made = self.marker()?.made;
        self.write_both(made).map_err(|error| self.classify(&error))
    }

    /// Notes that a post changed its part.
    pub(super) fn remember_move(&self, goes_back: bool) {
        self.memory().goes_back |= goes_back;
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // A panic while it was held may have left it incomplete, never wrong: entries are checked against the files.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_both(&self, made: Timestamp) -> io::Result<()> {
        let mut memory = self.memory();
        let published = self.items(Audience::Published, &mut memory)?;
        let mut drafts = self.items(Audience::Draft, &mut memory)?;
        // One that lies in both is on its way; it must not be listed twice.
        drafts.retain(|(post, _)| !published.iter().any(|(other, _)| other == post));
        let mut parts = [(Audience::Draft, drafts), (Audience::Published, published)];
        // The list that loses an item is written first, so that no item is ever in both.
        if memory.goes_back {
            parts.reverse();
        }
        for (audience, items) in parts {
            self.write_part(audience, sorted(items), made)?;
        }
        memory.goes_back = false;
        Ok(())
    }

    fn items(&self, audience: Audience, memory: &mut Memory) -> io::Result<Vec<(PostId, Arc<Item>)>> {
        let posts = self.area(audience).join("posts");
        files::make_folder(&posts)?;
        let mut items = Vec::new();
        let mut seen = HashMap::new();
        for entry in fs::read_dir(&posts)? {
            let entry = entry?;
            let Some(post) = entry.file_name().to_str().and_then(|name| name.parse::<PostId>().ok()) else { continue };
            let Some(read) = read(&entry.path(), memory.items.remove(&(audience, post)))? else {
                files::remove_folder(&entry.path())?;
                continue;
            };
            items.extend(read.item.clone().map(|item| (post, item)));
            seen.insert((audience, post), read);
        }
        memory.items.retain(|(other, _), _| *other != audience);
        memory.items.extend(seen);
        Ok(items)
    }

    fn write_part(&self, audience: Audience, items: Vec<Arc<Item>>, made: Timestamp) -> io::Result<()> {
        let area = self.area(audience);
        files::sweep(&area)?;
        let base = self.base(audience);
        let listing = Listing { face: &self.face, audience, id: self.feed_id(audience), base, made, items };
        write_changed(&area.join("style.css"), page::STYLE.as_bytes())?;
        write_changed(&area.join("index.html"), page::index(&listing).as_bytes())?;
        write_changed(&area.join("atom.xml"), &atom::feed(&listing)?)?;
        write_changed(&area.join("feed.json"), &json(&listing)?)
    }

    /// The published part has the feed's own id; the drafts have one made from it.
    fn feed_id(&self, audience: Audience) -> String {
        match audience {
            Audience::Published => format!("urn:uuid:{}", self.id),
            Audience::Draft => {
                let mut bytes = *self.id.as_bytes();
                bytes.iter_mut().for_each(|byte| *byte = !*byte);
                format!("urn:uuid:{}", uuid::Builder::from_custom_bytes(bytes).into_uuid())
            }
        }
    }
}

impl Listing<'_> {
    /// The feed's title.
    pub fn title(&self) -> String {
        super::super::render::clean(self.face.title.trim()).into_owned()
    }

    /// The author's name; feeds must name one.
    pub fn author(&self) -> String {
        let author = super::super::render::clean(self.face.author.trim()).into_owned();
        if author.is_empty() { self.title() } else { author }
    }

    /// An address of the feed as its readers can follow it.
    pub fn address(&self, relative: &str) -> String {
        self.base.as_ref().map_or_else(|| relative.to_owned(), |base| format!("{base}{relative}"))
    }

    /// An item's HTML with addresses that its readers can follow. In our HTML every quotation mark of a user's text is
    /// escaped, so that the pattern finds attributes only.
    pub fn content_html(&self, item: &Item) -> String {
        match &self.base {
            Some(base) => item.content_html.replace("=\"posts/", &format!("=\"{base}posts/")),
            None => item.content_html.clone(),
        }
    }

    /// The one language of all items, if they have only one.
    pub fn language(&self) -> Option<&str> {
        let first = self.items.first()?.language.as_deref()?;
        self.items.iter().all(|item| item.language.as_deref() == Some(first)).then_some(first)
    }
}

/// The item of a post's folder; absent when there is no item in it.
fn read(folder: &Path, before: Option<Read>) -> io::Result<Option<Read>> {
    let path = folder.join("item.json");
    let facts = match fs::metadata(&path) {
        Ok(facts) => facts,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let stamp = (facts.len(), facts.modified().ok());
    if let Some(before) = before.filter(|before| before.stamp == stamp && stamp.1.is_some()) {
        return Ok(Some(before));
    }
    let item = Item::from_bytes(&fs::read(&path)?).map(|(item, _)| Arc::new(item));
    Ok(Some(Read { stamp, item }))
}

fn sorted(mut items: Vec<(PostId, Arc<Item>)>) -> Vec<Arc<Item>> {
    items.sort_by_cached_key(|(post, item)| (std::cmp::Reverse(item.instant()), *post));
    items.into_iter().map(|(_, item)| item).collect()
}

fn write_changed(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|before| before == bytes) {
        return Ok(());
    }
    files::write_atomic(path, |out| out.write_all(bytes))
}

/// A JSON Feed 1.1 document.
#[derive(Serialize)]
struct JsonFeed<'a> {
    version: &'static str,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    home_page_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    authors: [Author; 1],
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Author {
    name: String,
}

fn json(listing: &Listing<'_>) -> io::Result<Vec<u8>> {
    let feed = JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: listing.title(),
        home_page_url: listing.base.clone(),
        feed_url: listing.base.as_ref().map(|base| format!("{base}feed.json")),
        language: listing.language(),
        authors: [Author { name: listing.author() }],
        items: listing.items.iter().map(|item| placed(listing, item)).collect(),
    };
    Ok(serde_json::to_vec_pretty(&feed)?)
}

/// The item with addresses as seen from outside.
fn placed(listing: &Listing<'_>, item: &Item) -> Item {
    let mut placed = item.clone();
    placed.content_html = listing.content_html(item);
    placed.url = listing.address(&item.url);
    placed.image = item.image.as_deref().map(|image| listing.address(image));
    for enclosure in &mut placed.attachments {
        enclosure.url = listing.address(&enclosure.url);
    }
    placed
}
