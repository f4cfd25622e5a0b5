//! What merging promises, by example and for any three contents.

use proptest::prelude::*;

use super::*;
use crate::domain::{Digest, Moment, Point, Timestamp};

fn content(body: &str) -> Content {
    let mut content = Content::empty(Moment { at: Timestamp::EPOCH, zone: "UTC".into() });
    content.sides.insert(Lang::zh_hans(), Side { title: "茶".into(), body: body.into() });
    content
}

fn body(merged: &Merged) -> &str {
    merged.content.sides.get(&Lang::zh_hans()).map_or("", |side| side.body.as_str())
}

fn asset(number: u8) -> AssetId {
    AssetId(Digest::of(&[number]))
}

fn photo(number: u8, alt: &str) -> Attachment {
    Attachment { asset: asset(number), name: format!("{number}.jpg"), alt: [(Lang::en(), alt.to_owned())].into() }
}

#[test]
fn changes_in_different_sentences_come_together() {
    let base = content("我们去了茶馆。人很多。茶很好。");
    let (ours, theirs) = (content("我们去了老茶馆。人很多。茶很好。"), content("我们去了茶馆。人很多。茶好极了！"));
    let merged = merge(&base, &ours, &theirs);
    assert_eq!((body(&merged), merged.conflicts.len()), ("我们去了老茶馆。人很多。茶好极了！", 0));
}

#[test]
fn neighbouring_sentences_may_both_be_rewritten() {
    let merged = merge(&content("First. Second."), &content("One. Second."), &content("First. Two!"));
    assert_eq!((body(&merged), merged.conflicts.len()), ("One. Two!", 0));
}

#[test]
fn words_apart_in_one_sentence_come_together_and_one_word_does_not() {
    let base = content("A quiet path in the woods");
    let merged = merge(&base, &content("A silent path in the woods"), &content("A quiet path in the forest"));
    assert_eq!((body(&merged), merged.conflicts.len()), ("A silent path in the forest", 0));
    let merged = merge(&content("In 2025"), &content("In 2026"), &content("In 1025"));
    assert_eq!(body(&merged), "In 2026", "ours, not 1026 that nobody wrote");
    let conflict = merged.conflicts.first().unwrap();
    assert_eq!(
        (conflict.part, conflict.base.as_str(), conflict.ours.as_str(), conflict.theirs.as_str()),
        (Part::Body, "In 2025", "In 2026", "In 1025")
    );
}

#[test]
fn two_paragraphs_at_the_same_place_are_for_the_user_to_order() {
    let merged = merge(&content("一。\n"), &content("一。\n二。"), &content("一。\n三。"));
    assert_eq!(merged.conflicts.len(), 1);
    assert_eq!(body(&merged), "一。\n二。");
}

#[test]
fn a_language_taken_away_here_and_changed_there_is_a_conflict() {
    let mut ours = content("茶很好。");
    ours.sides.clear();
    let merged = merge(&content("茶很好。"), &ours, &content("茶很好喝。"));
    assert_eq!(merged.conflicts.len(), 1);
    assert_eq!(merged.conflicts.first().unwrap().lang, Some(Lang::zh_hans()));
}

#[test]
fn topics_and_attachments_are_merged_as_sets_in_order() {
    let (mut base, mut ours, mut theirs) = (content(""), content(""), content(""));
    base.topics = ["tea", "old", "city"].map(String::from).into();
    ours.topics = ["tea", "city", "rain"].map(String::from).into();
    theirs.topics = ["travel", "tea", "old", "city"].map(String::from).into();
    base.attachments = vec![photo(1, "cup"), photo(2, "")];
    ours.attachments = vec![photo(2, ""), photo(1, "cup")];
    theirs.attachments = vec![photo(1, "a cup"), photo(2, ""), photo(3, "roof")];
    let merged = merge(&base, &ours, &theirs);
    assert_eq!(merged.conflicts, []);
    assert_eq!(merged.content.topics, ["travel", "tea", "city", "rain"]);
    let order: Vec<AssetId> = merged.content.attachments.iter().map(|one| one.asset).collect();
    assert_eq!(order, [asset(2), asset(3), asset(1)]);
    assert_eq!(merged.content.attachments.last().unwrap().alt.get(&Lang::en()).unwrap(), "a cup");
}

#[test]
fn a_photo_taken_away_here_and_described_there_is_a_conflict() {
    let (mut base, ours, mut theirs) = (content(""), content(""), content(""));
    base.attachments = vec![photo(1, "cup")];
    theirs.attachments = vec![photo(1, "a blue cup")];
    let merged = merge(&base, &ours, &theirs);
    assert_eq!(merged.conflicts.first().unwrap().part, Part::Attachments);
    assert_eq!(merged.content.attachments, []);
}

#[test]
fn of_parts_in_conflict_the_chosen_ones_are_theirs() {
    let (base, mut ours, mut theirs) = (content("a"), content("b"), content("c"));
    ours.place = Some(Place { name: "here".into(), point: None });
    theirs.place = Some(Place { name: "there".into(), point: Some(Point { lat: 1.0, lon: 2.0 }) });
    let chosen = [(Part::Body, Some(Lang::zh_hans()))].into();
    let merged = merge_choosing(&base, &ours, &theirs, &chosen);
    assert_eq!((body(&merged), &merged.content.place), ("c", &ours.place));
    assert_eq!(merged.conflicts.len(), 1, "the place is still open");
}

#[test]
fn one_side_or_both() {
    let (base, a, b) = (content("一。二。"), content("1。二。"), content("一。2。"));
    assert_eq!(meet(&base, &a, &base), Meeting::Agreed);
    assert_eq!(meet(&base, &a, &a), Meeting::Agreed);
    assert_eq!(meet(&base, &base, &b), Meeting::Theirs);
    assert_eq!(meet(&base, &a, &b), Meeting::Together(content("1。2。")));
    assert_eq!(meet(&base, &a, &content("甲。二。")), Meeting::Conflict);
}

#[test]
fn what_was_made_from_an_earlier_version_is_known_by_what_reads_as_then() {
    let titled = |title: &str, body: &str| {
        let mut content = content(body);
        content.sides.insert(Lang::en(), Side { title: title.into(), body: "tea".into() });
        content
    };
    let (earlier, base) = (titled("one", "一"), titled("two", "二"));
    let together = |theirs: &Content| made_from(&earlier, &base, theirs, exactly(false));
    assert_eq!(together(&earlier), Some(earlier.clone()));
    assert_eq!(together(&titled("one", "三")), Some(earlier.clone()), "and was changed after that");
    assert_eq!(together(&titled("one", "二")), None, "only a part was set back");
    assert_eq!(together(&base), None);
    assert_eq!(together(&titled("three", "三")), None);
    let with = |topic: &str| Content { topics: vec![topic.into()], ..content("一") };
    assert_eq!(made_from(&with("茶"), &with("山"), &with("茶"), exactly(false)), Some(with("茶")));
    let about = |body: &str, topic: &str| Content { topics: vec![topic.into()], ..content(body) };
    let half = about("一", "山");
    assert_eq!(
        made_from(&about("一", "茶"), &about("二", "山"), &half, exactly(false)),
        Some(half),
        "the topics did not come"
    );
    let apart = |theirs: &Content| made_from(&earlier, &base, theirs, exactly(true));
    assert_eq!(apart(&titled("one", "二")), Some(titled("one", "二")), "one language has an item of its own");
    assert_eq!(apart(&titled("one", "三")), Some(titled("one", "二")), "and somebody wrote in the other");
    assert_eq!(apart(&base), None);
}

#[test]
fn what_is_waited_for_is_known_with_more_in_it_too() {
    let how = How { apart: false, written_in: true };
    let known =
        |then: &str, last: &str, now: &str| made_from(&content(then), &content(last), &content(now), how).is_some();
    assert!(known("秋茶。", "秋茶很香。", "那边说秋茶。"), "ours is missing, theirs is new");
    assert!(known("a tea. old", "a tea. new", "a tea. old there"));
    assert!(!known("秋茶。", "秋茶很香。", "秋茶真很香。"), "made from the last");
    assert!(!known("a tea. old", "a tea. new", "a tea. there"), "neither");
    assert!(!known("one two", "two one", "one two three"), "the same words");
    assert!(!known("茶", "茶", "茶 there"), "nothing was changed between the two");
    assert_eq!(made_from(&content("茶"), &content("茶香"), &content("茶 there"), exactly(false)), None);
}

#[test]
fn a_megabyte_rewritten_on_both_sides_is_a_conflict_like_any_other() {
    let text = |salt: u32| -> String {
        (0..330_000_u32).filter_map(|n| char::from_u32(0x4E00 + (n.wrapping_mul(2_654_435_761 + salt) >> 19))).collect()
    };
    assert_eq!(merge(&content(&text(0)), &content(&text(2)), &content(&text(4))).conflicts.len(), 1);
}

fn exactly(apart: bool) -> How {
    How { apart, written_in: false }
}

/// Texts that match a pattern.
fn texts(pattern: &str) -> impl Strategy<Value = String> + use<> {
    prop::string::string_regex(pattern).unwrap()
}

/// A content of some letters, so that it is known who wrote what.
fn any_content(letters: &'static str) -> impl Strategy<Value = Content> {
    let text = || texts(&format!("[{letters} 。\n👩‍👧\u{301}]{{0,24}}"));
    let photos = prop::collection::vec((0_u8..6, texts(&format!("[{letters}]{{0,4}}"))), 0..5);
    let topics = prop::collection::vec(texts(&format!("[{letters}]{{1,2}}")), 0..5);
    let all = (texts(&format!("[{letters} ]{{0,6}}")), text(), text(), photos, topics, 0_i64..3);
    all.prop_map(|(title, zh, en, photos, topics, at)| {
        let mut content = content(&zh);
        content.sides.insert(Lang::en(), Side { title, body: en });
        content.attachments = photos.into_iter().map(|(number, alt)| photo(number, &alt)).collect();
        content.topics = topics;
        content.moment.at = Timestamp::from_millis(at);
        content.normalised()
    })
}

/// A version of a base in which one side put its letters in and took some away.
fn edited(base: &str, letters: &str, picks: &[(usize, bool)]) -> String {
    let mut chars: Vec<char> = base.chars().collect();
    for (letter, (at, removes)) in letters.chars().cycle().zip(picks) {
        let at = at % (chars.len() + 1);
        if *removes && at < chars.len() && base.contains(chars[at]) {
            chars.remove(at);
        } else {
            chars.insert(at, letter);
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #[test]
    fn what_one_side_changed_is_taken_and_equal_changes_are_no_conflict(base in any_content("abc"), other in any_content("abx")) {
        let expected = Merged { content: other.clone(), conflicts: Vec::new() };
        prop_assert_eq!(&merge(&base, &other, &base), &expected);
        prop_assert_eq!(&merge(&base, &base, &other), &expected);
        prop_assert_eq!(&merge(&base, &other, &other), &expected);
    }

    #[test]
    fn it_does_not_matter_whose_side_is_whose(base in any_content("abc"), one in any_content("abx"), other in any_content("aby")) {
        let (here, there) = (merge(&base, &one, &other), merge(&base, &other, &one));
        let turned = there.conflicts.into_iter().map(|conflict| Conflict { ours: conflict.theirs, theirs: conflict.ours, ..conflict });
        prop_assert_eq!(&here.conflicts, &turned.collect::<Vec<_>>());
        if here.conflicts.is_empty() {
            prop_assert_eq!(here.content, there.content);
        }
    }

    #[test]
    fn a_conflict_is_decided_by_choosing(base in any_content("abc"), one in any_content("abx"), other in any_content("aby")) {
        let all = merge(&base, &one, &other).conflicts.into_iter().map(|conflict| (conflict.part, conflict.lang)).collect();
        prop_assert_eq!(merge_choosing(&base, &one, &other, &all).conflicts, Vec::new());
    }

    #[test]
    fn nothing_that_either_side_wrote_is_lost(
        base in "[abc 。\n中文]{0,40}",
        ours in prop::collection::vec((0_usize..60, any::<bool>()), 0..12),
        theirs in prop::collection::vec((0_usize..60, any::<bool>()), 0..12),
    ) {
        let (ours, theirs) = (edited(&base, "XYZ", &ours), edited(&base, "甲乙", &theirs));
        let merged = text::merge(&base, &ours, &theirs);
        let count = |text: &str, letters: &str| letters.chars().map(|letter| text.matches(letter).count()).collect::<Vec<_>>();
        if let Some(merged) = merged {
            prop_assert_eq!(count(&merged, "XYZ"), count(&ours, "XYZ"));
            prop_assert_eq!(count(&merged, "甲乙"), count(&theirs, "甲乙"));
        }
    }
}
