//! The difference of two texts, as a person would mark it: by words in English, by characters in Chinese. Never cuts through a
//! grapheme. Long texts are first cut at the sentences that both have exactly once, and the gaps between are compared; what
//! would still take too long is shown as replaced.

use std::collections::HashMap;

use dissimilar::Chunk;
use unicode_segmentation::UnicodeSegmentation;

use crate::api::types::{DiffKind, DiffPiece};

/// So many words are compared at once: comparing takes time with the square of their number.
const WORDS: usize = 2_000;
/// Pairs of words that are compared for one answer, which bounds its time.
const PAIRS: usize = 20_000_000;

/// What was kept, added and removed between two texts, in reading order. Neighbours are of different kinds.
pub fn pieces(before: &str, after: &str) -> Vec<DiffPiece> {
    let mut left = PAIRS;
    join(refine(before, after, &mut left).into_iter())
}

type Marked = Vec<(DiffKind, String)>;

fn refine(before: &str, after: &str, left: &mut usize) -> Marked {
    let (start, before, after, end) = differing(before, after);
    let mut marked = vec![(DiffKind::Same, start.to_owned())];
    let (old, new) = (words(before), words(after));
    let pairs = old.len().saturating_mul(new.len());
    if old.len() + new.len() <= WORDS && pairs <= *left {
        *left -= pairs;
        marked.extend(compare(old, new).unwrap_or_else(|| replaced(before, after)));
    } else {
        marked.extend(refine_gaps(&sentences(before), &sentences(after), left));
    }
    marked.push((DiffKind::Same, end.to_owned()));
    marked
}

/// Compares what lies between the sentences that both texts have once, in the same order.
fn refine_gaps(before: &[&str], after: &[&str], left: &mut usize) -> Marked {
    let anchors = anchors(before, after);
    if anchors.is_empty() {
        return replaced(&before.concat(), &after.concat());
    }
    let mut marked = Vec::new();
    let (mut old, mut new) = (0, 0);
    for (at_old, at_new) in anchors.into_iter().chain([(before.len(), after.len())]) {
        let gap =
            |units: &[&str], from: usize, to: usize| units.get(from..to).map(<[&str]>::concat).unwrap_or_default();
        marked.extend(refine(&gap(before, old, at_old), &gap(after, new, at_new), left));
        marked.extend(before.get(at_old).map(|sentence| (DiffKind::Same, (*sentence).to_owned())));
        (old, new) = (at_old + 1, at_new + 1);
    }
    marked
}

/// Positions of the sentences that stand once in both texts: the longest row of them that is in order in both (patience
/// sorting, <https://bramcohen.livejournal.com/73318.html>).
fn anchors(before: &[&str], after: &[&str]) -> Vec<(usize, usize)> {
    let there = once(after);
    let mut common: Vec<(usize, usize)> =
        once(before).into_iter().filter_map(|(unit, at)| Some((at?, (*there.get(unit)?)?))).collect();
    common.sort_unstable();
    longest_row(&common)
}

/// Where each sentence stands, if it stands once.
fn once<'a>(sentences: &[&'a str]) -> HashMap<&'a str, Option<usize>> {
    let mut places = HashMap::with_capacity(sentences.len());
    for (position, sentence) in sentences.iter().enumerate() {
        places.entry(*sentence).and_modify(|place| *place = None).or_insert(Some(position));
    }
    places
}

/// The longest part of the pairs, which are sorted by the first, that is sorted by the second too.
fn longest_row(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // Of all rows of a length, the pair with the smallest end; and for every pair the one before it in its row.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    let second = |position: usize| pairs.get(position).map(|pair| pair.1);
    for (position, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| second(*end) < Some(pair.1));
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = position,
            None => ends.push(position),
        }
    }
    let mut row: Vec<(usize, usize)> = std::iter::successors(ends.last().copied(), |at| *before.get(*at)?)
        .filter_map(|at| pairs.get(at).copied())
        .collect();
    row.reverse();
    row
}

/// The words at which two texts begin alike, what differs of each, and the words at which both end alike.
fn differing<'a>(before: &'a str, after: &'a str) -> (&'a str, &'a str, &'a str, &'a str) {
    let (old, new) = (words(before), words(after));
    let bytes = |units: &mut dyn Iterator<Item = (&&str, &&str)>| -> usize {
        units.take_while(|(old, new)| old == new).map(|(unit, _)| unit.len()).sum()
    };
    let start = bytes(&mut old.iter().zip(&new));
    let most = before.len().min(after.len()) - start;
    let end = bytes(&mut old.iter().rev().zip(new.iter().rev()));
    // Where the two overlap ("aa" and "aaa") the end yields, and then nothing is known of where its words begin.
    let end = if end <= most { end } else { 0 };
    let cut = |text: &'a str| text.get(start..text.len() - end).unwrap_or_default();
    (
        before.get(..start).unwrap_or_default(),
        cut(before),
        cut(after),
        before.get(before.len() - end..).unwrap_or_default(),
    )
}

/// Words, spaces and marks (Unicode Standard Annex 29): one for every Chinese character, never a part of a grapheme.
fn words(text: &str) -> Vec<&str> {
    text.split_word_bounds().collect()
}

fn sentences(text: &str) -> Vec<&str> {
    text.split_inclusive(['。', '！', '？', '；', '.', '!', '?', '\n']).collect()
}

/// Compares two sequences of units; nothing when there are more different units than stand-ins for them.
fn compare(before: Vec<&str>, after: Vec<&str>) -> Option<Marked> {
    let mut alphabet = Alphabet::default();
    let before = before.into_iter().map(|unit| alphabet.letter(unit)).collect::<Option<String>>()?;
    let after = after.into_iter().map(|unit| alphabet.letter(unit)).collect::<Option<String>>()?;
    let chunks = dissimilar::diff(&before, &after).into_iter().map(|chunk| match chunk {
        Chunk::Equal(text) => (DiffKind::Same, alphabet.read(text)),
        Chunk::Delete(text) => (DiffKind::Removed, alphabet.read(text)),
        Chunk::Insert(text) => (DiffKind::Added, alphabet.read(text)),
    });
    Some(chunks.collect())
}

/// Writes every unit as one character: itself where it is one, so that the comparison still sees words and spaces, else a
/// stand-in from the private use areas of Unicode.
#[derive(Default)]
struct Alphabet<'a> {
    letters: HashMap<&'a str, char>,
    units: HashMap<char, &'a str>,
}

impl<'a> Alphabet<'a> {
    fn letter(&mut self, unit: &'a str) -> Option<char> {
        let mut chars = unit.chars();
        if let (Some(only), None) = (chars.next(), chars.next())
            && !is_private(only)
        {
            return Some(only);
        }
        if let Some(letter) = self.letters.get(unit) {
            return Some(*letter);
        }
        let letter = private(self.letters.len())?;
        self.letters.insert(unit, letter);
        self.units.insert(letter, unit);
        Some(letter)
    }

    fn read(&self, text: &str) -> String {
        let mut read = String::with_capacity(text.len());
        for letter in text.chars() {
            match self.units.get(&letter) {
                Some(unit) => read.push_str(unit),
                None => read.push(letter),
            }
        }
        read
    }
}

/// The private use areas (Unicode 16.0, section 23.5): 137,468 characters.
const PRIVATE: [std::ops::RangeInclusive<u32>; 3] = [0xE000..=0xF8FF, 0xF_0000..=0xF_FFFD, 0x10_0000..=0x10_FFFD];

fn is_private(letter: char) -> bool {
    PRIVATE.iter().any(|area| area.contains(&u32::from(letter)))
}

fn private(number: usize) -> Option<char> {
    let mut left = u32::try_from(number).ok()?;
    for area in PRIVATE {
        let size = area.end() - area.start() + 1;
        if left < size {
            return char::from_u32(area.start() + left);
        }
        left -= size;
    }
    None
}

fn replaced(before: &str, after: &str) -> Marked {
    vec![(DiffKind::Removed, before.to_owned()), (DiffKind::Added, after.to_owned())]
}

fn join(pieces: impl Iterator<Item = (DiffKind, String)>) -> Vec<DiffPiece> {
    let mut joined: Vec<DiffPiece> = Vec::new();
    for (kind, text) in pieces.filter(|(_, text)| !text.is_empty()) {
        match joined.last_mut() {
            Some(last) if last.kind == kind => last.text.push_str(&text),
            _ => joined.push(DiffPiece { kind, text }),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked(before: &str, after: &str) -> String {
        let piece = |piece: DiffPiece| match piece.kind {
            DiffKind::Same => piece.text,
            DiffKind::Added => format!("[+{}]", piece.text),
            DiffKind::Removed => format!("[-{}]", piece.text),
        };
        pieces(before, after).into_iter().map(piece).collect()
    }

    #[test]
    fn a_correction_is_marked_where_it_was_made() {
        assert_eq!(marked("走了三个小时，很安静。", "走了四个小时，很安静。"), "走了[-三][+四]个小时，很安静。");
        assert_eq!(marked("A path in the woods", "A quiet path in the woods"), "A [+quiet ]path in the woods");
        assert_eq!(marked("", "新"), "[+新]");
        assert_eq!(marked("same", "same"), "same");
    }

    #[test]
    fn a_family_is_not_taken_apart() {
        assert_eq!(marked("👨‍👩‍👧 home", "👨‍👩‍👦 home"), "[-👨‍👩‍👧][+👨‍👩‍👦] home");
    }

    #[test]
    fn a_word_is_not_taken_apart_either() {
        assert_eq!(marked("I teached him Chinese.", "I taught him Chinese."), "I [-teached][+taught] him Chinese.");
    }

    #[test]
    fn two_small_edits_in_a_long_text_are_two_small_marks() {
        let before: String = (0..5_000).map(|number| format!("第{number}句话。")).collect();
        let after = before.replace("第7句", "第七句").replace("第4990句", "第四句");
        let changed: Vec<_> = pieces(&before, &after).into_iter().filter(|one| one.kind != DiffKind::Same).collect();
        assert_eq!(changed.len(), 4);
        assert!(changed.iter().all(|piece| piece.text.chars().count() <= 4), "only the numbers");
    }

    #[test]
    fn two_megabytes_without_anything_in_common_are_answered_at_once() {
        let text = |salt: u32| -> String {
            (0..330_000_u32)
                .filter_map(|n| char::from_u32(0x4E00 + (n.wrapping_mul(2_654_435_761 + salt) >> 19)))
                .collect()
        };
        let began = std::time::Instant::now();
        let (before, after) = (text(0), text(2));
        let pieces = pieces(&before, &after);
        assert_eq!(
            pieces.iter().filter(|one| one.kind != DiffKind::Added).map(|one| one.text.len()).sum::<usize>(),
            before.len()
        );
        assert!(began.elapsed().as_secs() < 20, "bounded, and not with the square of a megabyte");
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_back(before in "[a-c 中文\u{301}\u{e000}👩‍👧\n]{0,60}", after in "[a-c 中文\u{301}\u{e000}👩‍👧\n]{0,60}") {
            let pieces = pieces(&before, &after);
            let side = |other: DiffKind| pieces.iter().filter(|piece| piece.kind != other).map(|piece| piece.text.as_str()).collect::<String>();
            prop_assert_eq!(side(DiffKind::Added), before);
            prop_assert_eq!(side(DiffKind::Removed), after);
        }
    }
}
