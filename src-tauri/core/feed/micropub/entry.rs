//! What is sent of a post: the properties of one entry, or of one a language. Everything that a property cannot carry, such as
//! what a photo shows in a second language, is in the HTML.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::domain::destination::{Choices, LanguageLayout};
use crate::domain::{AssetId, Lang, Moment, PostId, Side, Timestamp, Visibility};
use crate::feed::render::{self, Document, Shown};
use crate::feed::{Audience, Intent, MediaKind};

/// Addresses of the uploaded files.
pub(super) type Files = BTreeMap<AssetId, String>;

/// The name in the notes of an entry that has all languages.
pub(super) const WHOLE: &str = "all";

/// One entry to be.
pub(super) struct Entry<'a> {
    /// Its name in the notes: its language, or [`WHOLE`].
    pub name: String,
    pub document: Document,
    intent: &'a Intent,
    visibility: Visibility,
    /// What is sent as its time, where its own is still to come.
    dated: Option<Timestamp>,
    /// The name that we ask for it, and know it by.
    pub slug: String,
}

/// The entries of a post, the first language first.
pub(super) fn entries<'a>(intent: &'a Intent, choices: &Choices, dated: Option<Timestamp>) -> Vec<Entry<'a>> {
    let whole = Document::of(intent);
    let visibility = intent.manner.visibility.unwrap_or(choices.visibility);
    // One language has an address of its own, too: others may join it.
    let is_linked = choices.languages == LanguageLayout::Linked;
    let documents = if is_linked && whole.sides.len() > 1 { apart(&whole) } else { vec![whole] };
    let entry = |document: Document| {
        let lang = document.lang().filter(|_| is_linked).cloned();
        let name = lang.as_ref().map_or_else(|| WHOLE.to_owned(), Lang::to_string);
        Entry { name, slug: slug(intent.post, lang.as_ref()), document, intent, visibility, dated }
    };
    documents.into_iter().map(entry).collect()
}

/// A document a language. Each has all files, with what they show in its language where that is written.
fn apart(whole: &Document) -> Vec<Document> {
    let one = |(lang, side): &(Lang, Side)| Document {
        sides: vec![(lang.clone(), side.clone())],
        media: whole.media.iter().map(|shown| in_language(shown, lang)).collect(),
        topics: whole.topics.clone(),
        place: whole.place.clone(),
    };
    whole.sides.iter().map(one).collect()
}

fn in_language(shown: &Shown, lang: &Lang) -> Shown {
    let own: Vec<_> = shown.alt.iter().filter(|(known, _)| known == lang).cloned().collect();
    Shown { facts: shown.facts.clone(), alt: if own.is_empty() { shown.alt.clone() } else { own } }
}

/// The name that is asked for: the random end of the post's id, so that nobody else has it.
fn slug(post: PostId, lang: Option<&Lang>) -> String {
    let id = post.to_string();
    let end = id.rsplit('-').next().unwrap_or_default();
    match lang {
        Some(lang) => format!("sampan-{end}-{}", lang.as_str().to_ascii_lowercase()),
        None => format!("sampan-{end}"),
    }
}

impl Entry<'_> {
    /// The title.
    pub fn title(&self) -> Option<String> {
        render::title(&self.document)
    }

    /// Whether everybody may read it once it is published.
    pub fn is_for_all(&self) -> bool {
        self.visibility != Visibility::Private
    }

    /// The moment it is about, to the second: many servers keep no more.
    pub fn moment(&self) -> Moment {
        let moment = self.intent.content.moment.clone();
        Moment { at: self.dated.map_or(moment.at, |dated| moment.at.min(dated)), ..moment }.to_second()
    }

    /// The files that go along as photos and clips.
    pub fn carried(&self) -> impl Iterator<Item = &Shown> {
        self.of_kind(MediaKind::Photo).chain(self.of_kind(MediaKind::Clip))
    }

    /// The text without any markup, for the one form in which files can go along.
    pub fn plain(&self) -> String {
        render::plain(&self.document)
    }

    /// The text. `plain` says that a photo is nothing but an address there. `before` is the entry in the language before.
    pub fn html(&self, files: &Files, plain: bool, before: Option<(&Lang, &str)>) -> String {
        let address = |shown: &Shown, _: &_| address(files, shown);
        let with = |keep: &dyn Fn(&Shown) -> bool| {
            self.document.media.iter().filter(|shown| keep(shown)).cloned().collect::<Vec<_>>()
        };
        let text = Document { media: with(&|shown| shown.facts.kind == MediaKind::File), ..self.document.clone() };
        let is_known = |shown: &Shown| files.get(&shown.facts.asset).is_none_or(|url| !url.is_empty());
        let rest =
            with(&|shown| shown.facts.kind != MediaKind::File && !self.is_carried(shown, plain) && is_known(shown));
        let described = render::descriptions(&rest, &address);
        let link = before.map(|(lang, url)| render::other_language(lang, url)).unwrap_or_default();
        format!("{}{described}{link}", render::content(&text, &address))
    }

    /// Whether a photo's property can say all that it shows.
    fn is_carried(&self, shown: &Shown, plain: bool) -> bool {
        let says_language = |lang: &Lang| Some(lang) == self.document.lang();
        match shown.alt.as_slice() {
            [] => true,
            [(lang, _)] => shown.facts.kind == MediaKind::Photo && !plain && says_language(lang),
            _ => false,
        }
    }

    /// Whether any photo has words that only newer servers take as a property.
    pub fn has_words(&self) -> bool {
        self.document.media.iter().any(|shown| shown.facts.kind == MediaKind::Photo && !shown.alt.is_empty())
    }

    /// The properties, as they are replaced in an entry that is there.
    pub fn properties(&self, files: &Files, plain: bool, before: Option<(&Lang, &str)>) -> Map<String, Value> {
        let mut properties = Map::new();
        let mut put = |name: &str, values: Vec<Value>| {
            if !values.is_empty() {
                properties.insert(name.to_owned(), Value::Array(values));
            }
        };
        put("name", self.title().map(Value::from).into_iter().collect());
        put("content", vec![json!({ "html": self.html(files, plain, before) })]);
        put("category", self.document.topics.iter().map(|topic| topic.as_str().into()).collect());
        // What the server does not tell the address of cannot be named, and is left as it is.
        if self.carried().all(|shown| files.get(&shown.facts.asset).is_none_or(|url| !url.is_empty())) {
            put("photo", self.of_kind(MediaKind::Photo).map(|shown| photo(files, shown, plain)).collect());
            put("video", self.of_kind(MediaKind::Clip).map(|shown| address(files, shown).into()).collect());
        }
        put("published", vec![self.moment().to_rfc3339().into()]);
        put("post-status", vec![status(self.intent.audience).into()]);
        match self.visibility {
            Visibility::Public => {}
            Visibility::Unlisted => put("visibility", vec!["unlisted".into()]),
            Visibility::Private => put("visibility", vec!["private".into()]),
        }
        properties
    }

    fn of_kind(&self, kind: MediaKind) -> impl Iterator<Item = &Shown> {
        self.document.media.iter().filter(move |shown| shown.facts.kind == kind)
    }
}

fn status(audience: Audience) -> &'static str {
    match audience {
        Audience::Draft => "draft",
        Audience::Published => "published",
    }
}

fn photo(files: &Files, shown: &Shown, plain: bool) -> Value {
    let address = address(files, shown);
    match shown.alt.first().filter(|_| !plain) {
        Some((_, alt)) => json!({ "value": address, "alt": alt }),
        None => address.into(),
    }
}

/// A file's address; before it is uploaded, the id of its original.
fn address(files: &Files, shown: &Shown) -> String {
    files.get(&shown.facts.asset).cloned().unwrap_or_else(|| shown.facts.asset.to_string())
}
