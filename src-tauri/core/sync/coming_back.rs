//! What becomes of a post that was changed at a feed. Pure: the same three versions and receipts give the same answer.

use std::collections::BTreeSet;

use crate::domain::{Content, Lang, Receipt, Side};
use crate::feed::{Fetched, Held, RemoteMedia};

/// The parts that were changed at the feed, by the adapter's names. Nothing when it is not known, because there is no digest
/// from the last agreement: then every part is compared as it reads.
pub fn changed_parts(agreed: Option<&Receipt>, held: &Held) -> Option<BTreeSet<String>> {
    let before = &agreed.filter(|receipt| !receipt.parts.is_empty())?.parts;
    let names = before.keys().chain(held.parts.keys());
    Some(names.filter(|name| before.get(*name) != held.parts.get(*name)).cloned().collect())
}

/// The same without the words in languages whose items are gone: that says nothing about what they said.
pub fn without_gone(changed: BTreeSet<String>, fetched: &Fetched) -> BTreeSet<String> {
    let is_there = |lang: &str| fetched.sides.keys().any(|there| there.as_str() == lang);
    let is_gone = |name: &str| matches!(kind(name), "title" | "body" | "text") && !language(name).is_none_or(is_there);
    changed.into_iter().filter(|name| !is_gone(name)).collect()
}

/// The files of the item, if they were changed there. Where nobody knows what was agreed, files that are not there were not taken
/// away.
pub fn media_there<'a>(changed: Option<&BTreeSet<String>>, fetched: &'a Fetched) -> Option<&'a [RemoteMedia]> {
    let media = fetched.media.as_deref()?;
    let is_changed = match changed {
        Some(changed) => changed.iter().any(|name| kind(name) == "media"),
        None => !media.is_empty(),
    };
    is_changed.then_some(media)
}

/// What the post says at the feed, but for its files: the last agreement, with the parts replaced that were changed there. A
/// part that was not changed keeps our text exactly, whatever the server makes of what it is sent.
pub fn texts_there(base: &Content, changed: Option<&BTreeSet<String>>, fetched: &Fetched) -> Content {
    let is_changed = |kinds: &[&str], lang: &Lang| {
        changed.is_none_or(|changed| {
            changed
                .iter()
                .any(|name| kinds.contains(&kind(name)) && language(name).is_none_or(|named| named == lang.as_str()))
        })
    };
    // Where nobody knows what was agreed, what is not there was not taken away: many feeds do not tell everything.
    let is_told = |is_there: bool| is_there || changed.is_some();
    let is_text_told = |text: &str| is_told(!text.trim().is_empty());
    let mut content = base.clone();
    let langs: BTreeSet<Lang> = base.sides.keys().chain(fetched.sides.keys()).cloned().collect();
    let none = Side::default();
    for lang in langs {
        let (before, there) = (base.sides.get(&lang).unwrap_or(&none), fetched.sides.get(&lang).unwrap_or(&none));
        let is_title = is_changed(&["title", "text"], &lang) && is_text_told(&there.title);
        let is_body = is_changed(&["body", "text"], &lang) && is_text_told(&there.body);
        let title = if is_title { &there.title } else { &before.title };
        let body = if is_body { &there.body } else { &before.body };
        let side = Side { title: kept(&before.title, title), body: kept(&before.body, body) };
        content.sides.insert(lang, side);
    }
    let names = |name: &str| changed.is_none_or(|changed| changed.iter().any(|changed| kind(changed) == name));
    if let Some(topics) = fetched.topics.as_ref().filter(|topics| names("topics") && is_told(!topics.is_empty())) {
        content.topics = topics.clone();
    }
    if let Some(at) = fetched.moment.filter(|_| changed.is_some() && names("moment")) {
        content.moment.at = at;
    }
    content.normalised()
}

/// Whether an item lost so much at the feed of what both sides agreed on that many such items at once are more likely a fault than a
/// wish: all that was said in a language, the text below its title, or all files.
pub fn is_stripped(base: &Content, agreed: Option<&Receipt>, fetched: &Fetched) -> bool {
    let changed = changed_parts(agreed, &fetched.held);
    let there = texts_there(base, changed.as_ref(), fetched);
    let says_less = |(lang, before): (&Lang, &Side)| {
        let now = there.sides.get(lang);
        let is_lost = |text: fn(&Side) -> &str| {
            !text(before).trim().is_empty() && now.is_none_or(|now| text(now).trim().is_empty())
        };
        is_lost(|side| &side.body) || (before.body.trim().is_empty() && is_lost(|side| &side.title))
    };
    let has_no_files = media_there(changed.as_ref(), fetched).is_some_and(<[_]>::is_empty);
    base.sides.iter().any(says_less) || (has_no_files && !base.attachments.is_empty())
}

/// Our own words where they differ from theirs only in the space around them, which servers take off.
fn kept(ours: &str, theirs: &str) -> String {
    if ours.trim() == theirs.trim() { ours.to_owned() } else { theirs.to_owned() }
}

/// The part of an adapter's name for it before the language.
fn kind(name: &str) -> &str {
    name.split_once('.').map_or(name, |(kind, _)| kind)
}

fn language(name: &str) -> Option<&str> {
    name.split_once('.').map(|(_, lang)| lang)
}

/// So many posts may be gone or stripped at once before it looks more like a fault than a wish.
const FEW: usize = 5;

/// Whether so much is gone at once, of all that a feed holds of ours, that nothing is believed: more than five posts and more
/// than one in fifty.
pub fn is_mass_change(gone: usize, known: usize) -> bool {
    gone > FEW.max(known / 50)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::{AssetId, Attachment, Digest, Moment, RevisionId, Timestamp, Wanted};
    use crate::feed::{Audience, MediaKind};
    use uuid::Uuid;

    fn content(zh: &str, en: &str) -> Content {
        let mut content = Content::empty(Moment { at: Timestamp::EPOCH, zone: "UTC".into() });
        for (lang, body) in [(Lang::zh_hans(), zh), (Lang::en(), en)] {
            content.sides.insert(lang, Side { title: String::new(), body: body.into() });
        }
        content
    }

    fn held(parts: &[(&str, &str)]) -> Held {
        Held {
            remote_id: "1".into(),
            url: None,
            audience: Audience::Draft,
            revision: None,
            version: Digest::of(b"there"),
            parts: parts.iter().map(|(name, text)| ((*name).to_owned(), Digest::of(text.as_bytes()))).collect(),
            touched: false,
            unfinished: false,
        }
    }

    fn receipt(parts: &[(&str, &str)]) -> Receipt {
        let revision = RevisionId::from_uuid(Uuid::nil());
        Receipt { known: Wanted::Draft, ..held(parts).receipt(revision, Timestamp::EPOCH) }
    }

    #[test]
    fn what_a_server_mangles_but_nobody_changed_keeps_our_words() {
        let base = content("原文 ", "**bold** text");
        let agreed = receipt(&[("body.zh-Hans", "原文"), ("body.en", "bold text"), ("topics", "")]);
        let held = held(&[("body.zh-Hans", "新文"), ("body.en", "bold text"), ("topics", "")]);
        let sides = content("新文", "bold text").sides;
        let fetched = Fetched {
            held,
            sides,
            topics: Some(vec!["lost".into()]),
            media: Some(Vec::new()),
            moment: None,
            modified: None,
            warning: None,
        };
        let changed = changed_parts(Some(&agreed), &fetched.held);
        assert_eq!(media_there(changed.as_ref(), &fetched), None);
        assert_eq!(texts_there(&base, changed.as_ref(), &fetched), content("新文", "**bold** text"));
    }

    #[test]
    fn a_language_taken_away_there_is_away() {
        let agreed = receipt(&[("title.en", ""), ("body.en", "text"), ("body.zh-Hans", "文")]);
        let held = held(&[("body.zh-Hans", "文")]);
        let mut sides = content("文", "").sides;
        sides.remove(&Lang::en());
        let fetched = Fetched { held, sides, topics: None, media: None, moment: None, modified: None, warning: None };
        let changed = changed_parts(Some(&agreed), &fetched.held);
        let there = texts_there(&content("文", "text"), changed.as_ref(), &fetched);
        assert_eq!(there, content("文", "").normalised());
    }

    #[test]
    fn a_language_that_is_not_there_is_not_taken_away_where_nothing_was_agreed() {
        let sides = [(Lang::en(), Side { title: String::new(), body: "theirs".into() })].into();
        let fetched =
            Fetched { held: held(&[]), sides, topics: None, media: None, moment: None, modified: None, warning: None };
        assert_eq!(texts_there(&content("文", "text"), None, &fetched), content("文", "theirs"));
    }

    #[test]
    fn what_is_not_told_is_not_taken_away_where_nothing_was_agreed() {
        let mut base = content("文", "text");
        base.topics = vec!["tea".into()];
        base.sides.get_mut(&Lang::en()).unwrap().title = "Tea".into();
        let fetched = |topics: &[&str], media: &[RemoteMedia]| Fetched {
            held: held(&[("body.en", "text")]),
            sides: content("文", "text").sides,
            topics: Some(topics.iter().map(|topic| (*topic).to_owned()).collect()),
            media: Some(media.to_vec()),
            moment: None,
            modified: None,
            warning: None,
        };
        let file = RemoteMedia {
            url: "https://a.example/1.jpg".into(),
            asset: None,
            kind: MediaKind::Photo,
            alt: Default::default(),
            name: "1.jpg".into(),
        };
        let none = fetched(&[], &[]);
        assert_eq!(texts_there(&base, None, &none), base);
        assert_eq!(media_there(None, &none), None);
        let other = fetched(&["coffee"], std::slice::from_ref(&file));
        assert_eq!(texts_there(&base, None, &other).topics, ["coffee"]);
        assert_eq!(media_there(None, &other), Some(&[file][..]));
        let agreed = receipt(&[("title.en", "Tea"), ("body.en", "text"), ("topics", "tea"), ("media", "1.jpg")]);
        let changed = changed_parts(Some(&agreed), &none.held);
        assert_eq!(texts_there(&base, changed.as_ref(), &none), content("文", "text"), "what was there was taken away");
        assert_eq!(media_there(changed.as_ref(), &none), Some(&[][..]));
    }

    #[test]
    fn an_item_is_stripped_that_keeps_its_title_and_loses_its_text_a_language_or_all_of_its_files() {
        let side = |title: &str, body: &str| Side { title: title.into(), body: body.into() };
        let mut base = content("文", "text");
        base.sides.insert(Lang::en(), side("Tea", "text"));
        let asset = AssetId(Digest::of(b"photo"));
        base.attachments = vec![Attachment { asset, name: "1.jpg".into(), alt: Default::default() }];
        let agreed = receipt(&[("body.zh-Hans", "文"), ("title.en", "Tea"), ("body.en", "text"), ("media", "1.jpg")]);
        let file = RemoteMedia {
            url: "https://a.example/1.jpg".into(),
            asset: Some(asset),
            kind: MediaKind::Photo,
            alt: Default::default(),
            name: "1.jpg".into(),
        };
        let is_stripped = |zh: &str, title: &str, en: &str, files: &[RemoteMedia]| {
            let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
            let media = names.join(" ");
            let parts = [("body.zh-Hans", zh), ("title.en", title), ("body.en", en), ("media", media.as_str())];
            let fetched = Fetched {
                held: held(&parts),
                sides: BTreeMap::from([(Lang::zh_hans(), side("", zh)), (Lang::en(), side(title, en))]),
                topics: None,
                media: Some(files.to_vec()),
                moment: None,
                modified: None,
                warning: None,
            };
            is_stripped(&base, Some(&agreed), &fetched)
        };
        let one = std::slice::from_ref(&file);
        assert!(!is_stripped("文", "Tea", "text", one), "as it was");
        assert!(!is_stripped("新文", "", "new text", one), "changed");
        assert!(is_stripped("文", "Tea", " ", one), "no text below the title");
        assert!(is_stripped("", "Tea", "text", one), "a language is gone");
        assert!(is_stripped("文", "Tea", "text", &[]), "no photo is left");
        let other = RemoteMedia { name: "2.jpg".into(), asset: None, ..file.clone() };
        assert!(!is_stripped("文", "Tea", "text", &[other]), "another photo");
    }

    #[test]
    fn what_never_said_anything_loses_nothing() {
        let base = content("", "");
        let agreed = receipt(&[("topics", "tea")]);
        let fetched = Fetched {
            held: held(&[("topics", "coffee")]),
            sides: BTreeMap::new(),
            topics: Some(vec!["coffee".into()]),
            media: Some(Vec::new()),
            moment: None,
            modified: None,
            warning: None,
        };
        assert!(!is_stripped(&base, Some(&agreed), &fetched));
    }

    #[test]
    fn a_few_may_go_and_many_may_not() {
        assert!(!is_mass_change(5, 6));
        assert!(is_mass_change(6, 6));
        assert!(!is_mass_change(20, 1000));
        assert!(is_mass_change(21, 1000));
    }
}
