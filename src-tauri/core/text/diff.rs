//! The difference of two texts, as a person would mark it. Never cuts through a grapheme; long texts are compared by lines.

use std::collections::HashMap;

use dissimilar::Chunk;
use unicode_segmentation::UnicodeSegmentation;

use crate::api::types::{DiffKind, DiffPiece};

/// Texts that are longer together, in bytes, are compared line by line: a person does not read them letter by letter, and
/// comparing letters takes time with the square of their number.
const LETTER_BYTES: usize = 40_000;

/// What was kept, added and removed between two texts, in reading order. Neighbours are of different kinds.
pub fn pieces(before: &str, after: &str) -> Vec<DiffPiece> {
    let by_letter = before.len() + after.len() <= LETTER_BYTES;
    let letters = by_letter.then(|| compare(before.graphemes(true), after.graphemes(true))).flatten();
    let lines = || compare(before.split_inclusive('\n'), after.split_inclusive('\n'));
    letters.or_else(lines).unwrap_or_else(|| replaced(before, after))
}

/// Compares two sequences of units; nothing when there are more different units than stand-ins for them.
fn compare<'a>(before: impl Iterator<Item = &'a str>, after: impl Iterator<Item = &'a str>) -> Option<Vec<DiffPiece>> {
    let mut alphabet = Alphabet::default();
    let before = before.map(|unit| alphabet.letter(unit)).collect::<Option<String>>()?;
    let after = after.map(|unit| alphabet.letter(unit)).collect::<Option<String>>()?;
    let chunks = dissimilar::diff(&before, &after);
    Some(join(chunks.into_iter().map(|chunk| match chunk {
        Chunk::Equal(text) => (DiffKind::Same, alphabet.read(text)),
        Chunk::Delete(text) => (DiffKind::Removed, alphabet.read(text)),
        Chunk::Insert(text) => (DiffKind::Added, alphabet.read(text)),
    })))
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

fn replaced(before: &str, after: &str) -> Vec<DiffPiece> {
    join([(DiffKind::Removed, before.to_owned()), (DiffKind::Added, after.to_owned())].into_iter())
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
    fn a_book_is_compared_by_lines() {
        let before: String = (0..40_000).map(|line| format!("第 {line} 行\n")).collect();
        let after = before.replace("第 7 行\n", "第七行\n");
        let changed: Vec<_> =
            pieces(&before, &after).into_iter().filter(|piece| piece.kind != DiffKind::Same).collect();
        assert_eq!(changed.len(), 2, "one line was replaced");
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
