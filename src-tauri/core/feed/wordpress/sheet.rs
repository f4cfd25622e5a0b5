//! What a post becomes at a WordPress site: one item, or one for each language. Pure; sends nothing.

use std::collections::BTreeMap;

use jiff::fmt::strtime;
use serde_json::{Map, Value, json};

use super::api::Post;
use super::seen::{Seen, Standing};
use crate::domain::destination::{Choices, LanguageLayout};
use crate::domain::{AssetId, Digest, Lang, Manner, PostId, Timestamp, Visibility};
use crate::feed::render::{self, Document, escaped, words_only};
use crate::feed::{Audience, Intent, Part};

/// The key of the one item that holds all languages.
const WHOLE: &str = "all";
/// A readable address is not longer than this.
const LONGEST_SLUG: usize = 60;
/// What our slugs begin with, before a post's id.
const OURS: &str = "sampan-";

/// Tells the address of a part of a file.
pub(super) type Address<'a> = dyn Fn(AssetId, &Part) -> String + 'a;

/// An item as it is sent.
pub(super) struct Sheet {
    /// Names it among the items of a post, whatever it holds.
    pub key: String,
    /// The slug by which it is found again.
    pub slug: String,
    /// Its language, if it has only one.
    pub lang: Option<Lang>,
    /// Its title.
    pub title: String,
    document: Document,
}

/// The first item of a post in several, for the others to point to.
pub(super) struct First {
    /// Where it can be read.
    pub url: String,
    /// In what language.
    pub lang: Lang,
}

impl Sheet {
    /// The items of a post, in the order they are sent.
    pub fn all(intent: &Intent, choices: &Choices) -> Vec<Self> {
        let document = Document::of(intent);
        if choices.languages == LanguageLayout::Together || document.sides.is_empty() {
            return vec![Self::new(WHOLE.to_owned(), intent.post, document)];
        }
        let only = |side: &(Lang, _)| Document { sides: vec![side.clone()], ..document.clone() };
        document.sides.iter().map(|side| Self::new(side.0.to_string(), intent.post, only(side))).collect()
    }

    fn new(key: String, post: PostId, document: Document) -> Self {
        let slug = slug(post, &key);
        let lang = document.lang().cloned().filter(|_| document.sides.len() == 1);
        Self { key, slug, lang, title: render::title(&document).unwrap_or_default(), document }
    }

    /// The files in it, in their order.
    pub fn files(&self) -> Vec<AssetId> {
        self.document.media.iter().map(|shown| shown.facts.asset).collect()
    }

    /// Its text.
    pub fn html(&self, first: Option<&First>, address: &Address<'_>) -> String {
        let mut html = render::content(&self.document, &|shown, part| address(shown.facts.asset, part));
        if let Some(first) = first {
            html.push_str(&render::other_language(&first.lang, &first.url));
        }
        words_only(&html)
    }

    /// What stands in it, as it is told in requests.
    pub fn fields(&self, html: &str) -> Map<String, Value> {
        let mut fields = Map::new();
        // Titles and excerpts are HTML there.
        fields.insert("title".into(), json!(escaped(&self.title)));
        fields.insert("content".into(), json!(html));
        fields.insert("excerpt".into(), json!(escaped(&render::summary(&self.document).unwrap_or_default())));
        fields
    }

    /// Its excerpt as it is read.
    pub fn excerpt(&self) -> String {
        render::read_line(&escaped(&render::summary(&self.document).unwrap_or_default()))
    }

    /// How it will be seen at the site once it is there; files by what they are, or by where they lie under another name.
    pub fn expected(&self, standing: Standing, topics: &[String], address: &Address<'_>) -> Seen {
        let html = self.html(None, address);
        Seen::of(&escaped(&self.title), &html, self.document.lang(), standing).with_topics(topics.to_vec())
    }

    /// A readable address made of the English title, if it has one that gives one.
    pub fn readable_slug(&self) -> Option<String> {
        let english = self.document.sides.iter().find(|(lang, _)| lang.as_str().split('-').next() == Some("en"))?;
        let mut slug = String::new();
        for word in
            english.1.title.split(|c: char| !c.is_ascii_alphanumeric() && c != '\'').map(|word| word.replace('\'', ""))
        {
            if !word.is_empty() && slug.len() + word.len() < LONGEST_SLUG {
                slug = if slug.is_empty() { word } else { format!("{slug}-{word}") };
            }
        }
        // A number alone would be taken for a page.
        let slug = slug.to_ascii_lowercase();
        slug.chars().any(|c| c.is_ascii_alphabetic()).then_some(slug)
    }
}

/// The slug of an item of a post until it is published.
pub(super) fn slug(post: PostId, key: &str) -> String {
    if key == WHOLE { format!("{OURS}{post}") } else { format!("{OURS}{post}-{}", key.to_ascii_lowercase()) }
}

/// Whether a slug is the one of that item of a post, to which WordPress may have added a number.
pub(super) fn is_slug_of(found: &str, post: PostId, key: &str) -> bool {
    let number = |rest: &str| rest.strip_prefix('-').is_some_and(|number| number.parse::<u32>().is_ok());
    found.strip_prefix(&slug(post, key)).is_some_and(|rest| rest.is_empty() || number(rest))
}

/// The keys that the items of a post may have, by the parts that were seen of them.
pub(super) fn keys_of(parts: &BTreeMap<String, Digest>) -> impl Iterator<Item = &str> {
    parts.keys().filter_map(|name| name.strip_prefix("body.")).chain([WHOLE])
}

/// The post that a slug of ours is about; WordPress may have added a number.
pub(super) fn post_of(slug: &str) -> Option<PostId> {
    slug.strip_prefix(OURS)?.get(..36)?.parse().ok()
}

/// Whether a slug is that of another post of ours than the one it was asked for.
pub(super) fn names_another(slug: &str, asked: &str) -> bool {
    post_of(slug).is_some_and(|named| Some(named) != post_of(asked))
}

/// How an item shall stand at the site, and from when.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct How {
    pub standing: Standing,
    /// The site's word for it.
    pub status: String,
    /// In the site's form.
    pub date: String,
    /// The time that the user chose for it to become public.
    pub due: Option<Timestamp>,
}

impl How {
    /// How the items of a post shall stand.
    pub fn of(intent: &Intent, choices: &Choices, now: Timestamp) -> Self {
        let moment = intent.content.moment.at;
        let how = |standing, status: &str, at| Self { standing, status: status.to_owned(), date: date(at), due: None };
        if intent.audience == Audience::Draft {
            return how(Standing::Draft, "draft", moment);
        }
        let is_private = intent.manner.visibility.unwrap_or(choices.visibility) == Visibility::Private;
        match intent.manner.publish_at {
            _ if is_private => how(Standing::Private, "private", moment.min(now)),
            Some(at) => {
                let status = if at > now { "future" } else { "publish" };
                Self { due: Some(at), ..how(Standing::Published, status, at) }
            }
            // WordPress would keep a post about the future to itself until then.
            None => how(Standing::Published, "publish", moment.min(now)),
        }
    }

    /// The same for an item that is there. What was made private there, or put off to another time than ours, stays so until
    /// the user says otherwise about this post; a time that was sent before is not said anew.
    pub fn beside(&self, there: &Post, dated: Option<&str>, manner: &Manner) -> Self {
        let was_put_off = there.status == "future" && there.date_gmt.as_deref() != dated;
        let stays = match there.status.as_str() {
            "private" => manner.visibility.is_none().then_some(Standing::Private),
            _ => {
                let is_time_new = manner.publish_at.is_some() && dated != Some(self.date.as_str());
                (was_put_off && !is_time_new).then_some(Standing::Published)
            }
        };
        match (stays.filter(|_| self.status == "publish"), &there.date_gmt) {
            (Some(standing), Some(date)) => {
                Self { standing, status: there.status.clone(), date: date.clone(), ..self.clone() }
            }
            _ => self.clone(),
        }
    }
}

/// An instant in the site's form, which is UTC without saying so.
pub(super) fn date(at: Timestamp) -> String {
    strtime::format("%Y-%m-%dT%H:%M:%S", at.to_jiff()).unwrap_or_default()
}

/// An instant in the site's form.
pub(super) fn instant(date: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = format!("{date}Z").parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}
