//! Bringing two versions of a post together that were both made from a third. Pure. Each part is merged by itself: texts per
//! language, topics and attachments as ordered sets, everything else as a whole. What cannot be brought together is a conflict,
//! named with all three versions; nothing that either side wrote is dropped silently.

mod list;
mod text;

pub use list::merge as merge_lists;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{AssetId, Attachment, Content, Lang, Place, Side};

/// A part of a post that is merged by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "PostPart")]
pub enum Part {
    /// A side's title.
    Title,
    /// A side's body.
    Body,
    /// The topics.
    Topics,
    /// The attachments, their order and the cover.
    Attachments,
    /// What the attachments show.
    Alt,
    /// The moment.
    Moment,
    /// The place.
    Place,
}

/// Names a part; texts per language, everything else without one.
pub type Name = (Part, Option<Lang>);

/// Two versions brought together.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// What the post says now. A part in conflict is as in `ours`.
    pub content: Content,
    /// What only the user can bring together, by name.
    pub conflicts: Vec<Conflict>,
}

/// A part that was changed on both sides in ways that exclude each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Which part.
    pub part: Part,
    /// The language it is in, for texts.
    pub lang: Option<Lang>,
    /// What both sides last agreed on; lists as lines.
    pub base: String,
    /// What it is on our side.
    pub ours: String,
    /// What it is on their side.
    pub theirs: String,
}

/// Brings two versions together that were made from `base`.
pub fn merge(base: &Content, ours: &Content, theirs: &Content) -> Merged {
    merge_choosing(base, ours, theirs, &BTreeSet::new())
}

/// The same, with the named parts taken from `theirs` where they are in conflict: those are no conflicts any more.
pub fn merge_choosing(base: &Content, ours: &Content, theirs: &Content, from_theirs: &BTreeSet<Name>) -> Merged {
    let mut three = Three { base, ours, theirs, from_theirs, unsolved: BTreeSet::new() };
    let mut content = Content {
        sides: three.sides(),
        attachments: three.attachments(),
        cover: three.whole(Part::Attachments, |content| &content.cover),
        topics: three.topics(),
        moment: three.whole(Part::Moment, |content| &content.moment),
        place: three.whole(Part::Place, |content| &content.place),
    };
    if three.unsolved.contains(&(Part::Attachments, None)) {
        // One part, one choice: a list from here with a cover from there would be nobody's.
        content.cover = ours.cover;
    }
    let conflicts = three.unsolved.into_iter().map(|(part, lang)| {
        let shown = |content| text_of(content, part, lang.as_ref());
        Conflict { part, base: shown(base), ours: shown(ours), theirs: shown(theirs), lang }
    });
    let conflicts = conflicts.collect();
    Merged { content: content.normalised(), conflicts }
}

/// How two sides meet that both know a base.
#[derive(Debug, Clone, PartialEq)]
pub enum Meeting {
    /// Nothing was changed there, or the same as here.
    Agreed,
    /// Only there: it is taken over.
    Theirs,
    /// On both sides, and it came together.
    Together(Content),
    /// On both sides, and only the user can bring it together.
    Conflict,
}

/// How the two sides meet.
pub fn meet(base: &Content, ours: &Content, theirs: &Content) -> Meeting {
    if theirs == base || theirs == ours {
        return Meeting::Agreed;
    }
    if ours == base {
        return Meeting::Theirs;
    }
    match merge(base, ours, theirs) {
        Merged { content, conflicts } if conflicts.is_empty() => Meeting::Together(content),
        _ => Meeting::Conflict,
    }
}

/// How it is told what a version was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct How {
    /// Whether each language lies by itself.
    pub apart: bool,
    /// Whether a text also counts that somebody wrote in. That is no sure sign: only for what is waited for.
    pub written_in: bool,
}

/// What `theirs` was made from, if that is an `earlier` version rather than `base`: something reads as it did then, and no text
/// that was changed between the two reads as it did at last. Where the languages lie apart, each is asked by itself, and what
/// it was made from is put together from both versions; so it is everywhere with topics and files, which a site may not have come to
/// when it went down.
pub fn made_from(earlier: &Content, base: &Content, theirs: &Content, how: How) -> Option<Content> {
    let versions = [earlier, base, theirs];
    let langs: BTreeSet<&Lang> = versions.iter().flat_map(|content| content.sides.keys()).collect();
    let told = langs.into_iter().filter_map(|lang| Some((lang, reads_back(versions, lang, how.written_in)?)));
    let told: Vec<(&Lang, bool)> = told.collect();
    let topics = earlier.topics != base.topics && theirs.topics == earlier.topics;
    let files = earlier.attachments != base.attachments && theirs.attachments == earlier.attachments;
    if !topics && !files && !told.iter().any(|(_, back)| *back) {
        return None;
    }
    if !how.apart {
        let mut from = told.iter().all(|(_, back)| *back).then(|| earlier.clone())?;
        if theirs.topics == base.topics {
            from.topics.clone_from(&base.topics);
        }
        if theirs.attachments == base.attachments {
            from.attachments.clone_from(&base.attachments);
        }
        return Some(from);
    }
    let mut from = base.clone();
    for (lang, _) in told.into_iter().filter(|(_, back)| *back) {
        from.sides.remove(lang);
        from.sides.extend(earlier.sides.get(lang).map(|side| (lang.clone(), side.clone())));
    }
    if topics {
        from.topics.clone_from(&earlier.topics);
    }
    if files {
        from.attachments.clone_from(&earlier.attachments);
    }
    Some(from)
}

/// Whether what was changed of a language between an earlier version and the last one reads now as it did earlier, rather than as it
/// did at last; nothing where it is neither.
fn reads_back(versions: [&Content; 3], lang: &Lang, written_in: bool) -> Option<bool> {
    let texts = [Part::Title, Part::Body].map(|part| versions.map(|content| text_of(content, part, Some(lang))));
    let changed = || texts.iter().filter(|[then, last, _]| then != last);
    let reads = |now: &str, as_one: &str, not_other: &str| {
        now == as_one || (written_in && text::has_words_of(now, as_one, not_other))
    };
    if changed().any(|[then, last, now]| reads(now, last, then)) {
        return Some(false);
    }
    changed().any(|[then, last, now]| reads(now, then, last)).then_some(true)
}

/// Every part of some contents, by name.
pub fn names<'a>(contents: impl IntoIterator<Item = &'a Content>) -> BTreeSet<Name> {
    let mut names: BTreeSet<Name> =
        [Part::Topics, Part::Attachments, Part::Moment, Part::Place].map(|part| (part, None)).into();
    for content in contents {
        let langs = content.sides.keys();
        names.extend(langs.flat_map(|lang| [(Part::Title, Some(lang.clone())), (Part::Body, Some(lang.clone()))]));
        let alts = content.attachments.iter().flat_map(|attachment| attachment.alt.keys());
        names.extend(alts.map(|lang| (Part::Alt, Some(lang.clone()))));
    }
    names
}

/// A part as text, lists as lines: what a person compares.
pub fn text_of(content: &Content, part: Part, lang: Option<&Lang>) -> String {
    let side = || lang.and_then(|lang| content.sides.get(lang));
    let lines = |lines: Vec<&str>| lines.join("\n");
    match part {
        Part::Title => side().map(|side| side.title.clone()).unwrap_or_default(),
        Part::Body => side().map(|side| side.body.clone()).unwrap_or_default(),
        Part::Topics => content.topics.join("\n"),
        Part::Attachments => lines(content.attachments.iter().map(|attachment| attachment.name.as_str()).collect()),
        Part::Alt => {
            let alts = content.attachments.iter().map(|attachment| lang.and_then(|lang| attachment.alt.get(lang)));
            lines(alts.flatten().map(String::as_str).collect())
        }
        Part::Moment => content.moment.to_rfc3339(),
        Part::Place => content.place.as_ref().map(place_text).unwrap_or_default(),
    }
}

fn place_text(place: &Place) -> String {
    let point = place.point.map(|point| format!("{}, {}", point.lat, point.lon));
    [Some(place.name.clone()).filter(|name| !name.is_empty()), point]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n")
}

/// Three versions and what was found while bringing them together.
struct Three<'a> {
    base: &'a Content,
    ours: &'a Content,
    theirs: &'a Content,
    from_theirs: &'a BTreeSet<Name>,
    unsolved: BTreeSet<Name>,
}

impl Three<'_> {
    /// Decides a conflict: the side that was chosen, or else ours, and then it stays one.
    fn decide<T>(&mut self, part: Part, lang: Option<&Lang>, ours: T, theirs: T) -> T {
        let name = (part, lang.cloned());
        if self.from_theirs.contains(&name) {
            return theirs;
        }
        self.unsolved.insert(name);
        ours
    }

    fn whole<T: Clone + PartialEq>(&mut self, part: Part, field: fn(&Content) -> &T) -> T {
        let (base, ours, theirs) = (field(self.base), field(self.ours), field(self.theirs));
        match one_sided(base, ours, theirs) {
            Some(value) => value.clone(),
            None => self.decide(part, None, ours.clone(), theirs.clone()),
        }
    }

    fn text(&mut self, part: Part, lang: &Lang, [base, ours, theirs]: [&str; 3]) -> String {
        match text::merge(base, ours, theirs) {
            Some(text) => text,
            None => self.decide(part, Some(lang), ours.to_owned(), theirs.to_owned()),
        }
    }

    fn sides(&mut self) -> BTreeMap<Lang, Side> {
        let versions = [self.base, self.ours, self.theirs];
        let langs: BTreeSet<&Lang> = versions.iter().flat_map(|content| content.sides.keys()).collect();
        let none = Side::default();
        let merged = langs.into_iter().map(|lang| {
            let sides = versions.map(|content| content.sides.get(lang).unwrap_or(&none));
            let title = self.text(Part::Title, lang, sides.map(|side| side.title.as_str()));
            let body = self.text(Part::Body, lang, sides.map(|side| side.body.as_str()));
            (lang.clone(), Side { title, body })
        });
        merged.collect()
    }

    fn topics(&mut self) -> Vec<String> {
        match list::merge(&self.base.topics, &self.ours.topics, &self.theirs.topics) {
            Some(topics) => topics,
            None => self.decide(Part::Topics, None, self.ours.topics.clone(), self.theirs.topics.clone()),
        }
    }

    fn attachments(&mut self) -> Vec<Attachment> {
        let [base, ours, theirs] = [self.base, self.ours, self.theirs].map(by_asset);
        let order = [self.base, self.ours, self.theirs]
            .map(|content| content.attachments.iter().map(|attachment| attachment.asset).collect::<Vec<_>>());
        let [base_order, our_order, their_order] = &order;
        // Taken away on one side and described anew on the other: somebody's words would be lost.
        let dropped_words = |kept: &Found<'_>, dropped: &Found<'_>| {
            base.iter().any(|(asset, before)| {
                !dropped.contains_key(asset) && kept.get(asset).is_some_and(|after| after != before)
            })
        };
        let excluded = dropped_words(&ours, &theirs) || dropped_words(&theirs, &ours);
        let merged = list::merge(base_order, our_order, their_order).filter(|_| !excluded);
        let merged = match merged {
            Some(order) => order,
            None => self.decide(Part::Attachments, None, our_order.clone(), their_order.clone()),
        };
        let found =
            merged.iter().filter_map(|asset| self.attachment([base.get(asset), ours.get(asset), theirs.get(asset)]));
        found.collect()
    }

    fn attachment(&mut self, versions: [Option<&&Attachment>; 3]) -> Option<Attachment> {
        let [base, ours, theirs] = versions.map(Option::<&&Attachment>::copied);
        let (Some(ours), Some(theirs)) = (ours, theirs) else { return ours.or(theirs).cloned() };
        // Added on both sides without a common past: what is the same in both is no change.
        let nothing = Attachment { asset: ours.asset, name: String::new(), alt: BTreeMap::new() };
        let base = base.unwrap_or(&nothing);
        let name = match one_sided(&base.name, &ours.name, &theirs.name) {
            Some(name) => name.clone(),
            None => self.decide(Part::Attachments, None, ours.name.clone(), theirs.name.clone()),
        };
        let all = [base, ours, theirs];
        let langs: BTreeSet<&Lang> = all.iter().flat_map(|attachment| attachment.alt.keys()).collect();
        let alt = langs.into_iter().map(|lang| {
            let texts = all.map(|attachment| attachment.alt.get(lang).map_or("", String::as_str));
            (lang.clone(), self.text(Part::Alt, lang, texts))
        });
        let alt = alt.collect();
        Some(Attachment { asset: ours.asset, name, alt })
    }
}

type Found<'a> = BTreeMap<AssetId, &'a Attachment>;

fn by_asset(content: &Content) -> Found<'_> {
    content.attachments.iter().map(|attachment| (attachment.asset, attachment)).collect()
}

/// The value where at most one side changed it, or both alike.
fn one_sided<'a, T: PartialEq>(base: &'a T, ours: &'a T, theirs: &'a T) -> Option<&'a T> {
    match () {
        () if ours == theirs || theirs == base => Some(ours),
        () if ours == base => Some(theirs),
        () => None,
    }
}

#[cfg(test)]
mod tests;
