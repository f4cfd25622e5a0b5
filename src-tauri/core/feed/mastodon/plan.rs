//! What statuses a post becomes: pure, and the same for the preview and for sending.

use super::server::Server;
use super::text::{self, Joint, Shape};
use crate::domain::destination::{Choices, LanguageLayout, LongText};
use crate::domain::{AssetId, Lang, Side, Timestamp, Visibility};
use crate::feed::render::{Document, Shown};
use crate::feed::{FeedError, Intent, Item, Limits, MediaKind, OutgoingMedia};

/// The statuses of a post.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// In the order they are sent.
    pub statuses: Vec<Planned>,
    /// How their texts are taken apart again.
    pub shape: Shape,
    /// Shown before the text, which is then folded away.
    pub warning: String,
    /// Who may read them.
    pub visibility: Visibility,
    /// When the server makes them public; absent means at once.
    pub publish_at: Option<Timestamp>,
    /// What the server takes.
    pub limits: Limits,
}

/// A status before it is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// How its text goes on from the one before.
    pub joint: Joint,
    /// Its language; the first one where it holds several.
    pub lang: Option<Lang>,
    /// Its text.
    pub text: String,
    /// Characters, as the server counts them, with the warning.
    pub length: u32,
    /// The files that go with it.
    pub files: Vec<Attached>,
}

/// A file of a status.
#[derive(Debug, Clone, PartialEq)]
pub struct Attached {
    /// Its facts.
    pub facts: OutgoingMedia,
    /// What it shows, in the languages of the status, or else in the first there is.
    pub alt: String,
}

/// What one run of statuses says: a language, or all of them.
struct Run<'a> {
    langs: Vec<&'a Lang>,
    text: String,
}

impl Plan {
    /// The statuses that a post becomes, whether they can be sent or not ([`Plan::check`]). Where the user wants long texts
    /// refused, files are not spread over several statuses either.
    pub fn of(intent: &Intent, limits: &Limits, choices: &Choices) -> Self {
        let document = Document::of(intent);
        let warning = intent.manner.warning.trim().to_owned();
        let folded = text::unlinked(&warning, limits.link);
        let room = limits.text.map(|most| most.saturating_sub(folded));
        let splits = choices.long_text == LongText::Split;
        let mut statuses = Vec::new();
        for run in runs(&document, choices.languages) {
            let texts = match room {
                Some(room) if splits && room > 0 => text::split(&run.text, room, limits.link),
                _ => vec![(Joint::Start, run.text)],
            };
            let files = attached(&document.media, &run.langs);
            let files = if splits { grouped(files, limits) } else { vec![files] };
            statuses.extend(woven(texts, files, run.langs.first().copied()));
        }
        for status in &mut statuses {
            status.length = text::length(&status.text, limits.link).saturating_add(folded);
        }
        Self {
            statuses,
            shape: shape(&document),
            warning,
            visibility: intent.manner.visibility.unwrap_or(choices.visibility),
            publish_at: intent.manner.publish_at,
            limits: limits.clone(),
        }
    }

    /// When it is sent, where that is not now: what becomes several statuses cannot be scheduled, since one that is scheduled
    /// has no name to answer to, and some servers cannot schedule at all.
    pub fn leaves_at(&self, server: Server<'_>) -> Option<Timestamp> {
        self.publish_at.filter(|_| self.statuses.len() > 1 || !server.schedules())
    }

    /// Whether the statuses can be sent as they are.
    pub fn check(&self) -> Result<(), FeedError> {
        let empty = |status: &Planned| status.text.is_empty() && status.files.is_empty();
        if self.statuses.is_empty() || self.statuses.iter().any(empty) {
            return Err(FeedError::Refused);
        }
        let too_long = |status: &Planned| self.limits.text.is_some_and(|most| status.length > most);
        if self.statuses.iter().any(too_long) {
            return Err(FeedError::TooLong);
        }
        if let Some(asset) = self.statuses.iter().flat_map(|status| self.long_alts(status)).next() {
            return Err(FeedError::AltTooLong(asset));
        }
        let most = self.limits.attachments.map_or(usize::MAX, whole);
        let is_mixed = |files: &[Attached]| !self.limits.mixed && files.len() > 1 && !files.iter().all(is_photo);
        match () {
            () if self.statuses.iter().any(|status| status.files.len() > most) => Err(FeedError::TooManyFiles),
            () if self.statuses.iter().any(|status| is_mixed(&status.files)) => Err(FeedError::Mixed),
            () => Ok(()),
        }
    }

    /// As the preview shows them.
    pub fn items(&self) -> Vec<Item> {
        let item = |status: &Planned| Item {
            lang: status.lang.clone(),
            title: None,
            text: status.text.clone(),
            html: false,
            length: self.limits.text.map(|_| status.length),
            files: status.files.iter().map(|file| file.facts.asset).collect::<Vec<AssetId>>(),
            long_alts: self.long_alts(status).collect(),
        };
        self.statuses.iter().map(item).collect()
    }

    /// The files of a status of which what they show is told in more words than the server takes. Counted in code points, as
    /// Mastodon's `MediaAttachment` does.
    fn long_alts(&self, status: &Planned) -> impl Iterator<Item = AssetId> {
        let is_long = |file: &&Attached| self.limits.alt.is_some_and(|most| text::unlinked(&file.alt, None) > most);
        status.files.iter().filter(is_long).map(|file| file.facts.asset)
    }

    /// Files in all, each as often as it is sent.
    pub fn files(&self) -> u32 {
        u32::try_from(self.statuses.iter().map(|status| status.files.len()).sum::<usize>()).unwrap_or(u32::MAX)
    }
}

fn shape(document: &Document) -> Shape {
    let titled = document.sides.iter().filter(|(_, side)| !side.title.is_empty());
    Shape {
        langs: document.sides.iter().map(|(lang, _)| lang.clone()).collect(),
        titled: titled.map(|(lang, _)| lang.clone()).collect(),
        place: document.place.is_some(),
        topics: !document.topics.is_empty(),
    }
}

fn runs(document: &Document, layout: LanguageLayout) -> Vec<Run<'_>> {
    match layout {
        LanguageLayout::Linked if !document.sides.is_empty() => {
            document.sides.iter().map(|side| run(document, std::slice::from_ref(side))).collect()
        }
        _ => vec![run(document, &document.sides)],
    }
}

fn run<'a>(document: &'a Document, sides: &'a [(Lang, Side)]) -> Run<'a> {
    let texts: Vec<&Side> = sides.iter().map(|(_, side)| side).collect();
    let text = text::compose(&texts, document.place.as_deref(), &document.topics);
    Run { langs: sides.iter().map(|(lang, _)| lang).collect(), text }
}

/// The files of a run, photos first: they are what the post is recognised by.
fn attached(media: &[Shown], langs: &[&Lang]) -> Vec<Attached> {
    let file = |shown: &Shown| Attached { facts: shown.facts.clone(), alt: alt(shown, langs) };
    let (mut photos, others): (Vec<_>, Vec<_>) = media.iter().map(file).partition(is_photo);
    photos.extend(others);
    photos
}

/// The files in groups that one status can hold: where it does not take all kinds together, a clip or another file alone.
fn grouped(files: Vec<Attached>, limits: &Limits) -> Vec<Vec<Attached>> {
    let most = limits.attachments.map_or(usize::MAX, |most| whole(most.max(1)));
    let mut groups: Vec<Vec<Attached>> = Vec::new();
    for file in files {
        match groups.last_mut() {
            Some(group) if group.len() < most && (limits.mixed || is_photo(&file)) => group.push(file),
            _ => groups.push(vec![file]),
        }
    }
    groups
}

fn is_photo(file: &Attached) -> bool {
    file.facts.kind == MediaKind::Photo
}

fn whole(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The alt text in the languages of a status, or else in the first there is.
fn alt(shown: &Shown, langs: &[&Lang]) -> String {
    let own = shown.alt.iter().filter(|(lang, _)| langs.contains(&lang));
    let own: Vec<&str> = own.map(|(_, text)| text.as_str()).collect();
    match own.as_slice() {
        [] => shown.alt.first().map(|(_, text)| text.clone()).unwrap_or_default(),
        texts => texts.join("\n\n"),
    }
}

/// Texts and groups of files side by side; where there are more of the ones, the others are empty.
fn woven(texts: Vec<(Joint, String)>, files: Vec<Vec<Attached>>, lang: Option<&Lang>) -> Vec<Planned> {
    let count = texts.len().max(files.len());
    let texts = texts.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
    let files = files.into_iter().chain(std::iter::repeat_with(Vec::new));
    let planned = texts.zip(files).take(count).enumerate().map(|(index, (text, files))| {
        let (joint, text) = text.unwrap_or((Joint::Nothing, String::new()));
        let joint = if index == 0 { Joint::Start } else { joint };
        Planned { joint, lang: lang.cloned(), text, length: 0, files }
    });
    planned.collect()
}
