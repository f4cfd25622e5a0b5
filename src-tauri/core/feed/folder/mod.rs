//! A folder as a feed: JSON Feed 1.1, Atom and readable pages, with the media beside them. The default feed; it needs nothing
//! but a disk. Layout, under the folder that the user chose:
//!
//! ```text
//! .sampan-feed.json                   whose feed this is; without it the folder counts as not there
//! drafts/ and published/              each complete, so that published/ can be put on any web host as it is
//!   feed.json  atom.xml  index.html  style.css        made from the items by `settle`
//!   posts/<post id>/item.json         the item, and the truth about it
//!                   index.html        the page
//!                   media/<hash>.<ending>, <hash>.poster.jpg, <hash>.<language>.vtt
//! ```
//!
//! A post's path comes from its id, so sending twice is the same item. Every file is written beside, synced and renamed, in
//! the order media, page, item; a post's folder without an item is no item. The lists are written once for many posts:
//! each call touches only its own item, and `settle` reads the items again only where size or time of change differ from
//! what it remembers. So sending n posts costs n items and n / [`BATCH`] lists.

mod atom;
mod item;
mod list;
mod page;
mod place;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::render::{self, Document};
use super::{About, Audience, Changes, Facts, Feed, FeedError, Fetched, Held, Intent, Item, Limits, Lookup, Outgoing};
use crate::domain::{FeedId, PostId, Receipt, Wanted};

pub use place::prepare;

/// Posts that are sent before the lists are written again.
pub const BATCH: usize = 64;

/// What a folder feed looks like to its readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// The feed's title; must not be empty.
    pub title: String,
    /// The author's name; empty stands for the title.
    pub author: String,
    /// The `http` or `https` address under which `published/` can be read, if it can: makes absolute links.
    pub base_url: Option<String>,
}

/// A folder as a feed.
#[derive(Clone)]
pub struct FolderFeed(Arc<Folder>);

/// The feed's settings and what it remembers between calls.
struct Folder {
    id: FeedId,
    root: PathBuf,
    face: Face,
    memory: Mutex<list::Memory>,
}

impl FolderFeed {
    /// The feed in a folder that [`prepare`] made ready. Looks at nothing yet.
    pub fn new(id: FeedId, root: impl Into<PathBuf>, face: Face) -> Self {
        Self(Arc::new(Folder { id, root: root.into(), face, memory: Mutex::default() }))
    }

    /// Runs blocking work off the async threads.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, FeedError> + Send + 'static,
    ) -> Result<T, FeedError> {
        let folder = Arc::clone(&self.0);
        // A panic in there means that nobody knows how far it came.
        tokio::task::spawn_blocking(move || work(&folder)).await.unwrap_or(Err(FeedError::Lost))
    }
}

impl Folder {
    /// Where the items of an audience lie.
    fn area(&self, audience: Audience) -> PathBuf {
        self.root.join(match audience {
            Audience::Draft => "drafts",
            Audience::Published => "published",
        })
    }

    /// The folder of one post.
    fn post(&self, audience: Audience, post: PostId) -> PathBuf {
        self.area(audience).join("posts").join(post.to_string())
    }

    /// The public address of the published part, ending in a slash.
    fn base(&self, audience: Audience) -> Option<String> {
        let base = self.face.base_url.as_deref().filter(|_| audience == Audience::Published)?.trim();
        let is_web = base.starts_with("https://") || base.starts_with("http://");
        is_web.then(|| format!("{}/", base.trim_end_matches('/')))
    }

    /// Where a person can look at an item.
    fn page_url(&self, audience: Audience, post: PostId) -> String {
        match self.base(audience) {
            Some(base) => format!("{base}posts/{post}/"),
            None => file_url(&self.post(audience, post).join("index.html")),
        }
    }
}

#[async_trait]
impl Feed for FolderFeed {
    fn limits(&self) -> Limits {
        Limits::default()
    }

    fn batch(&self) -> usize {
        BATCH
    }

    fn items(&self, intent: &Intent) -> Vec<Item> {
        let document = Document::of(intent);
        vec![Item {
            lang: document.lang().cloned(),
            title: render::title(&document),
            text: render::content(&document, &|shown, _| shown.facts.asset.to_string()),
            html: true,
            length: None,
            files: document.media.iter().map(|shown| shown.facts.asset).collect(),
            long_alts: Vec::new(),
        }]
    }

    async fn probe(&self) -> Result<Facts, FeedError> {
        self.run(Folder::probe).await?;
        Ok(Facts::default())
    }

    async fn create(&self, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError> {
        let (intent, out) = (Arc::clone(intent), out.clone());
        self.run(move |folder| folder.put(&intent, &out, None)).await
    }

    async fn update(&self, known: &Receipt, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError> {
        let (known, intent, out) = (known.clone(), Arc::clone(intent), out.clone());
        self.run(move |folder| folder.put(&intent, &out, Some(&known))).await
    }

    async fn withdraw(&self, known: &Receipt, about: &About) -> Result<(), FeedError> {
        let (known, post) = (known.clone(), about.post);
        self.run(move |folder| folder.take_away(&known, post)).await
    }

    async fn lookup(&self, about: &About) -> Result<Lookup, FeedError> {
        let post = about.post;
        self.run(move |folder| folder.lookup(post)).await
    }

    async fn fetch(&self, _known: &Receipt, about: &About) -> Result<Fetched, FeedError> {
        let post = about.post;
        self.run(move |folder| folder.fetch(post)).await
    }

    async fn changes(&self, _cursor: Option<&str>, known: &[Receipt]) -> Result<Changes, FeedError> {
        let known = known.to_vec();
        self.run(move |folder| folder.changes(&known)).await
    }

    async fn settle(&self) -> Result<(), FeedError> {
        self.run(Folder::write_lists).await
    }
}

/// The audience that a receipt speaks of.
fn audience(known: &Receipt) -> Audience {
    if known.known == Wanted::Published { Audience::Published } else { Audience::Draft }
}

/// A path as a `file:` address (RFC 8089), by the rules of the system: drive letters, shares. A path here is absolute.
fn file_url(path: &Path) -> String {
    url::Url::from_file_path(path).map(String::from).unwrap_or_default()
}
