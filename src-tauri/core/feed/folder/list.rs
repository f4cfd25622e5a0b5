//! The lists of all items: `feed.json`, `atom.xml`, `index.html`. Made from the items alone, so they can be made again at any
//! time, and are whenever a sync ends. Items that did not change since they were last read are not read again.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::item::Item;
use super::{Face, Folder, atom, page};
use crate::domain::{PostId, Timestamp};
use crate::feed::{Audience, FeedError};
use crate::files;

/// What is remembered between two lists.
#[derive(Default)]
pub(super) struct Memory {
    items: HashMap<(Audience, PostId), Read>,
    /// Which posts each part's `feed.json` names.
    listed: HashMap<Audience, (Stamp, HashSet<PostId>)>,
}

/// Size and time of change of a file that was read.
type Stamp = (u64, Option<SystemTime>);

/// The items of a part with their posts.
type Items = Vec<(PostId, Arc<Item>)>;

/// An item as it was read from a file of this size and time of change.
struct Read {
    stamp: Stamp,
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
        // No reader may ever find an item in both lists, wherever we are interrupted: it leaves the one before it enters the
        // other. Where items go both ways, the published list is written twice.
        let (public_before, drafts_before) =
            (self.listed(Audience::Published, &mut memory), self.listed(Audience::Draft, &mut memory));
        if drafts.iter().any(|(post, _)| public_before.contains(post)) {
            let stays = published.iter().filter(|(post, _)| !drafts_before.contains(post)).cloned().collect();
            self.write_part(Audience::Published, stays, made)?;
        }
        self.write_part(Audience::Draft, drafts, made)?;
        self.write_part(Audience::Published, published, made)
    }

    /// The posts that a part's list names now.
    fn listed(&self, audience: Audience, memory: &mut Memory) -> HashSet<PostId> {
        let path = self.area(audience).join("feed.json");
        let Ok(stamp) = fs::metadata(&path).map(|facts| stamp(&facts)) else { return HashSet::new() };
        match memory.listed.get(&audience) {
            Some((known, posts)) if *known == stamp => posts.clone(),
            _ => {
                let posts = fs::read(&path).map(|bytes| named(&bytes)).unwrap_or_default();
                memory.listed.insert(audience, (stamp, posts.clone()));
                posts
            }
        }
    }

    fn items(&self, audience: Audience, memory: &mut Memory) -> io::Result<Items> {
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

    fn write_part(&self, audience: Audience, items: Items, made: Timestamp) -> io::Result<()> {
        let items = sorted(items);
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
        let first = self.items.first()?.sampan.sides.keys().next()?;
        let only = |item: &Arc<Item>| item.sampan.sides.len() == 1 && item.sampan.sides.contains_key(first);
        self.items.iter().all(only).then(|| first.as_str())
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
    let stamp = stamp(&facts);
    if let Some(before) = before.filter(|before| before.stamp == stamp && stamp.1.is_some()) {
        return Ok(Some(before));
    }
    let item = Item::from_bytes(&fs::read(&path)?).map(|(item, _)| Arc::new(item));
    Ok(Some(Read { stamp, item }))
}

fn stamp(facts: &fs::Metadata) -> Stamp {
    (facts.len(), facts.modified().ok())
}

/// The posts that a list names.
fn named(list: &[u8]) -> HashSet<PostId> {
    #[derive(Deserialize)]
    struct List {
        items: Vec<Named>,
    }
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    let items = serde_json::from_slice::<List>(list).map(|list| list.items).unwrap_or_default();
    items.iter().filter_map(|item| item.id.strip_prefix("urn:uuid:")?.parse().ok()).collect()
}

fn sorted(mut items: Items) -> Vec<Arc<Item>> {
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
