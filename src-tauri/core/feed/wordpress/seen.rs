//! What an item at a site says, read back. The version of an item is made of that and not of its HTML, which editors write anew
//! without changing a word. Asks nothing.

use std::collections::BTreeMap;

use url::Url;

use super::api::{Post, Term};
use super::sheet::instant;
use crate::domain::destination::TopicsAs;
use crate::domain::{Digest, Lang, PostId, RevisionId, Side, Timestamp};
use crate::feed::render::{self, Dialect, read_line};
use crate::feed::{Audience, FeedError, Held, RemoteMedia};

/// Who sees an item. A scheduled one counts as published: it will be, without anybody's doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Those who write.
    Draft,
    /// Everybody.
    Published,
    /// Those who run the site.
    Private,
}

/// An item as it is seen.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// The language of what says none.
    pub primary: Lang,
    pub sides: BTreeMap<Lang, Side>,
    pub media: Vec<RemoteMedia>,
    /// Digests of what the titles were read from, where they stand twice; see [`render::take_titles`].
    pub titles: BTreeMap<String, Digest>,
    /// Nothing where not all of them are known.
    pub topics: Option<Vec<String>>,
    pub standing: Standing,
    /// The category that WordPress gives by itself, if the item is in it: a topic only where it was sent.
    pub default: Option<String>,
    /// Whether it has just one category, which WordPress may have given by itself.
    pub is_filed: bool,
}

impl Standing {
    fn of(status: &str) -> Self {
        match status {
            "publish" | "future" => Self::Published,
            "private" => Self::Private,
            _ => Self::Draft,
        }
    }
}

impl Seen {
    /// An item with that title and text.
    pub fn of(title: &str, html: &str, primary: Option<&Lang>, standing: Standing) -> Self {
        Self::with_known(title, html, primary, standing, None)
    }

    fn with_known(
        title: &str,
        html: &str,
        primary: Option<&Lang>,
        standing: Standing,
        known: Option<&BTreeMap<String, Digest>>,
    ) -> Self {
        let title = read_line(title);
        let html = Dialect::Blocks.shown(html);
        let (primary, mut reading) = match primary {
            Some(primary) => (primary.clone(), render::read(&html, primary)),
            None => render::read_untold(&html, &title),
        };
        let titles = render::take_titles(&mut reading.sides, &title, &primary, known);
        let (sides, media, topics) = (reading.sides, reading.media, Some(Vec::new()));
        Self { primary, sides, media, titles, topics, standing, default: None, is_filed: false }
    }

    /// The same with topics.
    pub fn with_topics(self, topics: Vec<String>) -> Self {
        Self { topics: Some(topics), ..self }
    }

    /// The same, read by who knows which topics were sent: the category that WordPress gives by itself may be one of them.
    pub fn with_sent(mut self, sent: &[String]) -> Self {
        let default = self.default.as_ref().filter(|default| sent.contains(default));
        if let (Some(default), Some(topics)) = (default, &mut self.topics)
            && !topics.contains(default)
        {
            topics.push(default.clone());
        }
        self
    }

    /// The same without the category that WordPress gives by itself, as soon as it is shown, to what was sent without any: which
    /// one that is differs from site to site.
    pub fn unfiled(&self) -> Option<Self> {
        self.is_filed.then(|| self.clone().with_topics(Vec::new()))
    }

    fn shows_default(&self) -> bool {
        let topics = self.topics.as_ref();
        self.default.as_ref().is_some_and(|default| topics.is_some_and(|topics| topics.contains(default)))
    }

    /// A post of the site. `known` are the parts it had when it was last seen. Without its raw text nothing can be said.
    pub fn at(
        post: &Post,
        topics: TopicsAs,
        base: &Url,
        known: Option<&BTreeMap<String, Digest>>,
    ) -> Result<Self, FeedError> {
        let (Some(title), Some(html)) = (&post.title.raw, &post.content.raw) else {
            return Err(FeedError::Unreachable);
        };
        let primary = known.and_then(first_lang);
        let mut seen = Self::with_known(title, html, primary.as_ref(), Standing::of(&post.status), known);
        for file in &mut seen.media {
            if let Ok(url) = base.join(&file.url) {
                file.url = url.into();
            }
        }
        let terms = post.terms(topics);
        let default = terms.iter().flatten().find(|term| is_default(term)).map(|term| read_line(&term.name));
        let named = |term: &Term| (!is_default(term)).then(|| read_line(&term.name));
        seen.is_filed = topics == TopicsAs::Categories && terms.as_ref().is_some_and(|terms| terms.len() == 1);
        seen.topics = terms.map(|terms| terms.iter().filter_map(named).collect());
        seen.default = default;
        let sent: Vec<String> = seen.default.clone().filter(|_| was_topic(known)).into_iter().collect();
        Ok(seen.with_sent(&sent))
    }

    /// Digest of each part of what is said.
    pub fn parts(&self) -> BTreeMap<String, Digest> {
        render::parts(&self.sides, self.topics.as_deref(), Some(&self.media))
    }

    /// The titles, and what they were read from, where they stand twice: enough to read them so again.
    pub fn title_parts(&self) -> BTreeMap<String, Digest> {
        let mut parts = self.titles.clone();
        if !parts.is_empty() {
            parts.extend(self.parts().into_iter().filter(|(name, _)| name.starts_with("title.")));
        }
        parts
    }

    /// Digest of all that is seen; the date is not, since the site sets it where its clock is another.
    pub fn version(&self) -> Digest {
        let mut all = format!("{:?}\n", self.standing);
        for (name, digest) in self.parts() {
            all.push_str(&format!("{name} {digest}\n"));
        }
        Digest::of(all.as_bytes())
    }
}

/// The items of one post, seen together.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    /// Each with what is seen of it, the first one first.
    pub items: Vec<(Post, Seen)>,
}

impl Whole {
    /// The site's name for all of them.
    pub fn remote_id(&self) -> String {
        self.items.iter().map(|(post, _)| post.id.to_string()).collect::<Vec<_>>().join("+")
    }

    /// Digest of all of them, with their dates.
    pub fn version(&self) -> Digest {
        let versions: Vec<String> = self
            .items
            .iter()
            .map(|(post, seen)| format!("{} {}", seen.version(), post.date_gmt.as_deref().unwrap_or_default()))
            .collect();
        Digest::of(versions.join("\n").as_bytes())
    }

    /// Whether any of them can be seen by readers.
    pub fn is_public(&self) -> bool {
        self.items.iter().any(|(_, seen)| seen.standing != Standing::Draft)
    }

    /// What they say together: files and topics are the same in each, or else the first one's.
    pub fn seen(&self) -> Option<Seen> {
        let (first, others) = self.items.split_first()?;
        let mut seen = first.1.clone();
        for (_, other) in others {
            for (lang, side) in &other.sides {
                seen.sides.entry(lang.clone()).or_insert_with(|| side.clone());
            }
        }
        Some(seen)
    }

    /// When it is about, as the site has it.
    pub fn moment(&self) -> Option<Timestamp> {
        let (first, _) = self.items.first()?;
        instant(first.date_gmt.as_deref()?)
    }

    /// When it was last changed there.
    pub fn modified(&self) -> Option<Timestamp> {
        self.items.iter().filter_map(|(post, _)| instant(post.modified_gmt.as_deref()?)).max()
    }

    /// What is held, for the journal; nothing if there is nothing.
    pub fn held(&self, revision: Option<RevisionId>, marks: BTreeMap<String, Digest>) -> Option<Held> {
        let (first, _) = self.items.first()?;
        let is_public = self.items.iter().all(|(_, seen)| seen.standing != Standing::Draft);
        let seen = self.seen()?;
        let mut parts = seen.parts();
        parts.extend(seen.titles.clone());
        if seen.shows_default() {
            parts.insert(DEFAULT.to_owned(), Digest::of(b""));
        }
        parts.extend(marks);
        parts.insert(MOMENT.to_owned(), Digest::of(first.date_gmt.as_deref().unwrap_or_default().as_bytes()));
        Some(Held {
            remote_id: self.remote_id(),
            url: Some(first.link.clone()).filter(|link| !link.is_empty()),
            audience: if is_public { Audience::Published } else { Audience::Draft },
            revision,
            version: self.version(),
            parts,
            touched: false,
            unfinished: false,
        })
    }
}

/// Names the part that is the date.
const MOMENT: &str = "moment";

/// Names the part that says of the category which WordPress gives by itself that it is a topic.
const DEFAULT: &str = "default";

/// Names the part of a receipt that tells whose item it is: without it, a receipt does not say which post it is about.
pub(super) const MARK: &str = "post";

/// What stands in that part.
pub(super) fn mark(post: PostId) -> Digest {
    Digest::of(post.as_bytes())
}

/// An item of a post that was put into the trash and belongs to it no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Away {
    pub id: u64,
    /// When a request of ours can still have taken it out of there, by the site's clock; ever, where that was not noted.
    pub until: Option<Timestamp>,
}

impl Away {
    /// Whether readers see it again because of such a request. A draft nobody sees: somebody at the site may want it.
    pub fn is_back(&self, status: &str, modified_gmt: Option<&str>) -> bool {
        let modified = modified_gmt.and_then(instant);
        let is_by_hand = self.until.zip(modified).is_some_and(|(until, modified)| modified > until);
        Standing::of(status) != Standing::Draft && !is_by_hand
    }
}

/// Begins the names of the parts that say which other items of the post lie in the trash, before their ids and times: who asks for
/// changes has nothing but receipts.
const AWAY: &str = "away.";

/// The parts that say what a receipt is about.
pub(super) fn marks(mark: Digest, away: impl IntoIterator<Item = Away>) -> BTreeMap<String, Digest> {
    let until = |away: &Away| away.until.map(|until| until.as_millis().to_string()).unwrap_or_default();
    let away = away.into_iter().map(|away| (format!("{AWAY}{}.{}", away.id, until(&away)), Digest::of(b"")));
    away.chain([(MARK.to_owned(), mark)]).collect()
}

/// The items of a post that lie in the trash, as the parts of its receipt say.
pub(super) fn away(parts: &BTreeMap<String, Digest>) -> impl Iterator<Item = Away> {
    parts.keys().filter_map(|name| {
        let (id, until) = name.strip_prefix(AWAY)?.split_once('.')?;
        Some(Away { id: id.parse().ok()?, until: until.parse().ok().map(Timestamp::from_millis) })
    })
}

/// The names of the items in the site's name for all of a post.
pub(super) fn names(remote_id: &str) -> Vec<&str> {
    remote_id.split('+').collect()
}

/// The same as ids.
pub(super) fn ids(remote_id: &str) -> Vec<u64> {
    names(remote_id).into_iter().filter_map(|id| id.parse().ok()).collect()
}

/// The language that stands first in what was last seen.
fn first_lang(parts: &BTreeMap<String, Digest>) -> Option<Lang> {
    let langs = parts.keys().filter_map(|name| name.strip_prefix("body.")?.parse::<Lang>().ok());
    langs.min_by_key(|lang| !lang.is_chinese())
}

/// Whether the category that WordPress gives by itself was a topic when the item was last seen.
fn was_topic(known: Option<&BTreeMap<String, Digest>>) -> bool {
    known.is_some_and(|parts| parts.contains_key(DEFAULT))
}

/// WordPress puts posts without a category into this one by itself.
fn is_default(term: &Term) -> bool {
    term.taxonomy == "category" && (term.slug == "uncategorized" || term.id == 1)
}
