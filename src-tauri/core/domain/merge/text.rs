//! Bringing two texts together: by lines and sentences first, then, inside sentences that both sides changed, by words in
//! English and by characters in Chinese. Never cuts through a grapheme.

use std::cmp::Ordering;
use std::collections::HashMap;

use dissimilar::Chunk;
use unicode_segmentation::UnicodeSegmentation;

/// So many units are compared at once: comparing takes time with the square of their number. Longer stretches that both sides
/// changed are left to the user.
const UNITS: usize = 8_000;

/// Both changes in one text, or nothing where they touch.
pub fn merge(base: &str, ours: &str, theirs: &str) -> Option<String> {
    if let Some(text) = super::one_sided(&base, &ours, &theirs) {
        return Some((*text).to_owned());
    }
    weave(Touch::Loosely, [base, ours, theirs].map(sentences), |base, ours, theirs| {
        weave(Touch::Strictly, [base, ours, theirs].map(words), |_, _, _| None)
    })
}

/// Whether a text has, of the words in which two versions differ, all that only the one has and none that only the other has.
pub fn has_words_of(text: &str, one: &str, other: &str) -> bool {
    let counts = [text, one, other].map(|text| {
        let mut counts: HashMap<&str, u32> = HashMap::new();
        words(text)
            .into_iter()
            .filter(|word| !word.trim().is_empty())
            .for_each(|word| *counts.entry(word).or_default() += 1);
        counts
    });
    let [text, one, other] = &counts;
    let of = |counts: &HashMap<&str, u32>, word: &str| counts.get(word).copied().unwrap_or(0);
    let differ: Vec<&str> =
        one.keys().chain(other.keys()).copied().filter(|word| of(one, word) != of(other, word)).collect();
    let fits = |word: &&str| match of(one, word).cmp(&of(other, word)) {
        Ordering::Greater => of(text, word) >= of(one, word),
        _ => of(text, word) <= of(one, word),
    };
    !differ.is_empty() && differ.iter().all(fits)
}

/// When two changes count as touching.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Touch {
    /// Neighbours may both be changed; only what shares units, or is put in at the same place, touches.
    Loosely,
    /// Between two changes there must be something that neither touched: half a word here and half there make no sense.
    Strictly,
}

/// Lines and sentences, each with its end.
fn sentences(text: &str) -> Vec<&str> {
    text.split_inclusive(['。', '！', '？', '.', '!', '?', '\n']).collect()
}

/// Words, spaces and marks (Unicode Standard Annex 29): one for every Chinese character, never a part of a grapheme.
fn words(text: &str) -> Vec<&str> {
    text.split_word_bounds().collect()
}

/// Some units of the base that a side replaced; none where it only put something in.
struct Hunk<'a> {
    from: usize,
    to: usize,
    with: Vec<&'a str>,
}

/// A stretch of the base in which changes touch.
struct Region<'h, 'a> {
    from: usize,
    to: usize,
    /// Changes of ours and of theirs.
    hunks: [Vec<&'h Hunk<'a>>; 2],
}

/// Puts the changes of both sides into the base. Where both changed the same stretch differently, `settle` is asked for the
/// text, and if it has none, there is none.
fn weave(
    touch: Touch,
    [base, ours, theirs]: [Vec<&str>; 3],
    settle: impl Fn(&str, &str, &str) -> Option<String>,
) -> Option<String> {
    let hunks = [hunks(&base, &ours)?, hunks(&base, &theirs)?];
    let between = |from: usize, to: usize| base.get(from..to).unwrap_or_default().concat();
    let mut text = String::new();
    let mut done = 0;
    for region in regions(touch, &hunks) {
        text.push_str(&between(done, region.from));
        let [our, their] = &region.hunks;
        let with = |hunks: &[&Hunk<'_>]| rewritten(&base, region.from, region.to, hunks);
        let changed = match (our.is_empty(), their.is_empty()) {
            (false, true) => with(our),
            (true, _) => with(their),
            (false, false) => {
                let (our, their) = (with(our), with(their));
                if our == their { our } else { settle(&between(region.from, region.to), &our, &their)? }
            }
        };
        text.push_str(&changed);
        done = region.to;
    }
    text.push_str(&between(done, base.len()));
    Some(text)
}

fn rewritten(base: &[&str], from: usize, to: usize, hunks: &[&Hunk<'_>]) -> String {
    let mut text = String::new();
    let mut at = from;
    for hunk in hunks {
        text.push_str(&base.get(at..hunk.from).unwrap_or_default().concat());
        text.push_str(&hunk.with.concat());
        at = hunk.to;
    }
    text.push_str(&base.get(at..to).unwrap_or_default().concat());
    text
}

fn regions<'h, 'a>(touch: Touch, hunks: &'h [Vec<Hunk<'a>>; 2]) -> Vec<Region<'h, 'a>> {
    let mut all: Vec<(usize, &Hunk<'_>)> =
        hunks.iter().enumerate().flat_map(|(side, hunks)| hunks.iter().map(move |hunk| (side, hunk))).collect();
    all.sort_by_key(|(_, hunk)| (hunk.from, hunk.to));
    let mut regions: Vec<Region<'h, 'a>> = Vec::new();
    for (side, hunk) in all {
        if !regions.last().is_some_and(|region| touches(touch, region, hunk)) {
            regions.push(Region { from: hunk.from, to: hunk.to, hunks: [Vec::new(), Vec::new()] });
        }
        if let Some(region) = regions.last_mut() {
            region.to = region.to.max(hunk.to);
            if let Some(hunks) = region.hunks.get_mut(side) {
                hunks.push(hunk);
            }
        }
    }
    regions
}

fn touches(touch: Touch, region: &Region<'_, '_>, hunk: &Hunk<'_>) -> bool {
    let inserts = hunk.from == hunk.to || region.from == region.to;
    hunk.from < region.to || (hunk.from == region.to && (inserts || touch == Touch::Strictly))
}

/// What a side changed, in order and never next to each other; nothing when there is too much to compare.
fn hunks<'a>(base: &[&'a str], side: &[&'a str]) -> Option<Vec<Hunk<'a>>> {
    let same = |(before, after): &(&&str, &&str)| before == after;
    let start = base.iter().zip(side).take_while(same).count();
    let most = base.len().min(side.len()) - start;
    let end = base.iter().rev().zip(side.iter().rev()).take(most).take_while(same).count();
    let (base, side) = (base.get(start..base.len() - end)?, side.get(start..side.len() - end)?);
    if base.len() + side.len() > UNITS {
        return None;
    }
    let mut letters = Letters::default();
    let [before, after] =
        [base, side].map(|units| units.iter().map(|unit| letters.of(unit)).collect::<Option<String>>());
    let (before, after) = (before?, after?);
    let mut hunks: Vec<Hunk<'a>> = Vec::new();
    let (mut old, mut new) = (start, 0);
    for chunk in dissimilar::diff(&before, &after) {
        let (removed, added) = match chunk {
            Chunk::Equal(text) => {
                let count = text.chars().count();
                (old, new) = (old + count, new + count);
                continue;
            }
            Chunk::Delete(text) => (text.chars().count(), 0),
            Chunk::Insert(text) => (0, text.chars().count()),
        };
        let with = side.get(new..new + added)?;
        match hunks.last_mut() {
            Some(last) if last.to == old => {
                last.to += removed;
                last.with.extend(with);
            }
            _ => hunks.push(Hunk { from: old, to: old + removed, with: with.to_vec() }),
        }
        (old, new) = (old + removed, new + added);
    }
    Some(hunks)
}

/// Writes every different unit as one letter, so that units are compared like letters.
#[derive(Default)]
struct Letters<'a>(HashMap<&'a str, char>);

impl<'a> Letters<'a> {
    fn of(&mut self, unit: &'a str) -> Option<char> {
        let next = u32::try_from(self.0.len()).ok()?;
        // From the first Chinese character on every letter is like every other: no spaces or marks to prefer as borders.
        let letter = char::from_u32(0x4E00 + next)?;
        Some(*self.0.entry(unit).or_insert(letter))
    }
}
