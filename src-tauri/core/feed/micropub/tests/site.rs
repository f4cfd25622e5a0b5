//! A server that keeps entries in memory, as most that speak Micropub do: a second create makes a second entry.

mod changing;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use url::Url;

use crate::feed::web::scripted::{Heard, Reply, Scripted};

/// How the server takes requests that change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// As ever.
    Fine,
    /// Heard and done, and the answer is lost.
    LostAfter,
    /// Not heard at all.
    LostBefore,
    /// Done, and answered by a page for people.
    Page,
    /// A page that says that something went wrong; nothing was done.
    Broken,
    /// Answered like this without a word, and nothing was done.
    Says(u16),
    /// Does not know us.
    SignedOut,
    /// Must not do that.
    Forbidden,
    /// Done, and answered by sending the browser on to this place.
    Redirect(&'static str),
    /// Not heard: a network between sends the browser on to where one signs in.
    Portal,
}

/// Where a network wants a sign-in.
pub const PORTAL: &str = "http://portal.example/";

/// What the server holds and how it is.
#[derive(Debug)]
pub struct Store {
    pub entries: BTreeMap<String, Map<String, Value>>,
    pub deleted: BTreeMap<String, Map<String, Value>>,
    /// Files that were uploaded.
    pub files: usize,
    /// Entries that were ever made.
    pub made: usize,
    /// What happens to the next change, and the ones after it.
    pub moods: Vec<Mood>,
    /// Gives everything it holds.
    pub lists: bool,
    /// Gives entries back at all.
    pub reads: bool,
    /// Gives of an entry nothing back but its text and its time.
    pub terse: bool,
    /// What it answers when it is asked for one nevertheless.
    pub unread: u16,
    /// Answers that by a page.
    pub unread_page: bool,
    /// Takes a photo with words.
    pub takes_words: bool,
    /// Fails over a photo with words, before it does anything.
    pub chokes: bool,
    /// Keeps the name that was asked for.
    pub keeps_names: bool,
    /// Writes its own words below every text.
    pub mangles: bool,
    /// Brings back what was deleted.
    pub undeletes: bool,
    /// Knows entries by their paths only.
    pub by_path: bool,
    /// Takes files by themselves.
    pub takes_files: bool,
    /// Takes new entries, and anything else, as JSON.
    pub takes_json: bool,
    /// Changes what is there.
    pub updates: bool,
    /// Takes away what is there.
    pub deletes: bool,
    /// Shows what it keeps of what was taken away.
    pub shows_deleted: bool,
    /// Gives an entry another address with every change.
    pub moves: bool,
    /// The same, and does not say where it is now.
    pub slips: bool,
    /// Gives an entry another address with every title that comes without a name, and does not say so.
    pub renames: bool,
    /// After so many more requests somebody else writes "Theirs." in everything, unless a change is just coming in.
    pub theirs: Option<usize>,
    /// An entry that it fails over when it is asked for it.
    pub fails: Option<&'static str>,
    /// Knows drafts.
    pub drafts: bool,
    /// Answers that an entry will be there later.
    pub promises: bool,
    /// Shows drafts to everybody, and calls them drafts.
    pub leaks: bool,
    /// Shows its pages at other addresses than it says, and leads there.
    pub leads_on: bool,
    /// Paths that it shows nobody, whatever it says of what is there.
    pub hidden: Vec<&'static str>,
    /// What anybody gets wherever there is nothing for them.
    pub else_shown: Reply,
    /// Makes an entry without its files, and then says no because of them.
    pub stumbles: bool,
    /// Keeps one photo of an entry.
    pub drops: bool,
    /// What it says of itself, instead of the truth.
    pub config: Option<Reply>,
    /// What it answers when it is asked for an entry.
    pub source: Option<Reply>,
    /// What it answers when it is asked for everything.
    pub list: Option<Reply>,
    /// What it answers to a file.
    pub media: Option<Reply>,
    /// Names of the parts of every form that came in.
    pub forms: Vec<Vec<String>>,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            deleted: BTreeMap::new(),
            files: 0,
            made: 0,
            moods: Vec::new(),
            lists: true,
            reads: true,
            terse: false,
            unread: 501,
            unread_page: false,
            takes_words: true,
            chokes: false,
            keeps_names: true,
            mangles: false,
            undeletes: true,
            by_path: false,
            takes_files: true,
            takes_json: true,
            updates: true,
            deletes: true,
            shows_deleted: false,
            moves: false,
            slips: false,
            renames: false,
            theirs: None,
            fails: None,
            drafts: true,
            promises: false,
            leaks: false,
            leads_on: false,
            hidden: Vec::new(),
            else_shown: Reply::html(401, "authentication error"),
            stumbles: false,
            drops: false,
            config: None,
            source: None,
            list: None,
            media: None,
            forms: Vec::new(),
        }
    }
}

pub struct Site {
    pub server: Scripted,
    store: Arc<Mutex<Store>>,
}

impl Site {
    pub async fn start() -> Self {
        let store = Arc::new(Mutex::new(Store::default()));
        let kept = Arc::clone(&store);
        let server = Scripted::start(move |heard| kept.lock().unwrap().answer(heard)).await;
        Self { server, store }
    }

    pub fn url(&self, path: &str) -> Url {
        self.server.url.join(path).unwrap()
    }

    /// Looks into the server, or changes how it is.
    pub fn with<T>(&self, look: impl FnOnce(&mut Store) -> T) -> T {
        look(&mut self.store.lock().unwrap())
    }

    /// What a property of the one entry is.
    pub fn property(&self, name: &str) -> Value {
        self.with(|store| {
            assert_eq!(store.entries.len(), 1, "{:?}", store.entries.keys());
            store.entries.values().next().unwrap().get(name).cloned().unwrap_or_default()
        })
    }
}

impl Store {
    /// Hears a request and does what it asks for.
    pub fn answer(&mut self, heard: &Heard) -> Reply {
        if heard.header("authorization") != Some("Bearer token-canary") {
            return self.page(heard.target.path());
        }
        if (heard.method.as_str(), heard.target.path()) != ("POST", "/m") {
            self.wait_for_theirs();
        }
        match (heard.method.as_str(), heard.target.path()) {
            ("GET", "/m") => self.query(heard),
            ("POST", "/media") if self.media.is_some() => self.media.clone().unwrap(),
            ("POST", "/media") => {
                self.files += 1;
                Reply::html(201, "")
                    .header("location", format!("{}", heard.target.join(&format!("/f/{}.jpg", self.files)).unwrap()))
            }
            ("POST", "/m") => self.change(heard),
            _ => Reply::html(404, "not here"),
        }
    }

    fn wait_for_theirs(&mut self) {
        self.theirs = match self.theirs {
            Some(0) => {
                for entry in self.entries.values_mut() {
                    entry.insert("content".into(), json!([{ "html": "<p>Theirs.</p>" }]));
                }
                None
            }
            left => left.map(|left| left - 1),
        };
    }

    /// The page that anybody sees.
    fn page(&self, path: &str) -> Reply {
        let is_open = |entry: &&Map<String, Value>| {
            !self.drafts || self.leaks || entry.get("post-status") != Some(&json!(["draft"]))
        };
        let entry = if self.leads_on { path.strip_suffix("shown") } else { Some(path) };
        let Some(entry) = entry else { return Reply::html(301, "").header("location", format!("{path}shown")) };
        match self.entries.get(entry).filter(is_open) {
            _ if self.hidden.contains(&path) => Reply::html(404, "not here"),
            Some(entry) => {
                let text = entry["content"][0]["html"].as_str().unwrap_or_default();
                Reply::html(200, &format!("<title>{path}</title><main>{text}</main>"))
            }
            None => self.else_shown.clone(),
        }
    }

    fn query(&self, heard: &Heard) -> Reply {
        match (heard.query("q").as_deref(), heard.query("url")) {
            (Some("config"), _) if self.config.is_some() => self.config.clone().unwrap(),
            (Some("config"), _) if !self.takes_files => Reply::json(200, &json!({})),
            (Some("config"), _) => Reply::json(200, &json!({ "media-endpoint": "/media", "q": ["config", "source"] })),
            (Some("source"), Some(url)) if self.fails.is_some_and(|path| url.ends_with(path)) => {
                Reply::html(500, "<h1>Server Error (500)</h1>")
            }
            (Some("source"), Some(_)) if self.source.is_some() => self.source.clone().unwrap(),
            (Some("source"), None) if self.list.is_some() => self.list.clone().unwrap(),
            (Some("source"), _) if self.unread_page => Reply::html(self.unread, "<!doctype html><h1>Not here</h1>"),
            (Some("source"), _) if !self.reads => Reply::html(self.unread, "not_implemented"),
            (Some("source"), Some(url)) => match self.key(heard, &url).and_then(|key| self.entries.get(&key)) {
                Some(properties) => {
                    let mut told = properties.clone();
                    told.retain(|name, _| !self.terse || matches!(name.as_str(), "content" | "published"));
                    Reply::json(200, &json!({ "type": ["h-entry"], "properties": told }))
                }
                None if self.shows_deleted => {
                    let kept = self.key(heard, &url).and_then(|key| self.deleted.get(&key)).cloned();
                    let mut kept = kept.unwrap_or_default();
                    kept.insert("post-status".into(), json!(["trash"]));
                    Reply::json(200, &json!({ "type": ["h-entry"], "properties": kept }))
                }
                None => Reply::html(400, "invalid_request"),
            },
            (Some("source"), None) if self.lists => {
                let number = |name: &str| heard.query(name).and_then(|text| text.parse::<usize>().ok());
                let page = self.entries.iter().skip(number("offset").unwrap_or(0)).take(number("limit").unwrap_or(20));
                let item = |(path, properties): (&String, &Map<String, Value>)| {
                    let mut properties = properties.clone();
                    properties.insert("url".into(), json!([path]));
                    json!({ "type": ["h-entry"], "properties": properties })
                };
                Reply::json(200, &json!({ "items": page.map(item).collect::<Vec<_>>() }))
            }
            _ => Reply::html(501, "not_implemented"),
        }
    }

    /// The entry that an address means.
    fn key(&self, heard: &Heard, url: &str) -> Option<String> {
        if url.starts_with('/') {
            return Some(url.to_owned());
        }
        let url = Url::parse(url).ok().filter(|url| !self.by_path && url.origin() == heard.target.origin())?;
        Some(url.path().to_owned())
    }
}
