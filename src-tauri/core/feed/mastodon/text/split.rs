//! Parting a text that is longer than one status takes, so that it can be put together again. Pure.

use unicode_segmentation::UnicodeSegmentation;

use super::length;
use crate::feed::render::{Piece, pieces};

/// How the text of a status goes on from the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Joint {
    /// Not at all: it is the first of its language.
    Start,
    /// With a new paragraph.
    Paragraph,
    /// On a new line.
    Line,
    /// After a space.
    Space,
    /// Right behind it.
    Nothing,
}

impl Joint {
    const ALL: [Self; 5] = [Self::Start, Self::Paragraph, Self::Line, Self::Space, Self::Nothing];

    /// What stood between the two before they were parted.
    pub fn text(self) -> &'static str {
        match self {
            Self::Paragraph => "\n\n",
            Self::Line => "\n",
            Self::Space => " ",
            Self::Start | Self::Nothing => "",
        }
    }

    /// A sign for it, for names that are kept.
    pub fn sign(self) -> char {
        match self {
            Self::Start => ',',
            Self::Paragraph => ';',
            Self::Line => '/',
            Self::Space => '+',
            Self::Nothing => '=',
        }
    }

    /// The joint that a sign stands for.
    pub fn of_sign(sign: char) -> Option<Self> {
        Self::ALL.into_iter().find(|joint| joint.sign() == sign)
    }

    fn of_gap(gap: &str) -> Self {
        match gap.matches('\n').count() {
            0 if gap.is_empty() => Self::Nothing,
            0 => Self::Space,
            1 => Self::Line,
            _ => Self::Paragraph,
        }
    }
}

/// A text in pieces of at most `most` characters as the server counts them, parted where a reader would: between paragraphs,
/// else lines, else sentences, else words, and only then between graphemes.
pub fn split(text: &str, most: u32, link: Option<u32>) -> Vec<(Joint, String)> {
    let fits = |text: &str| length(text, link) <= most;
    let mut parted = Parted { fits: &fits, done: Vec::new(), open: String::new(), joint: Joint::Start };
    parted.take(text.trim(), 0);
    parted.close("");
    parted.done
}

struct Parted<'a> {
    fits: &'a dyn Fn(&str) -> bool,
    done: Vec<(Joint, String)>,
    open: String,
    joint: Joint,
}

impl Parted<'_> {
    /// Adds a text that is parted as finely as needed; `level` counts the ways that were too coarse.
    fn take(&mut self, text: &str, level: usize) {
        for piece in cut(text, level) {
            let longer = format!("{}{piece}", self.open);
            if (self.fits)(longer.trim_end()) {
                self.open = longer;
                continue;
            }
            let gap = self.open.clone();
            if !gap.trim().is_empty() {
                self.close(gap.get(gap.trim_end().len()..).unwrap_or_default());
            }
            if (self.fits)(piece.trim_end()) || level >= LEVELS {
                piece.clone_into(&mut self.open);
            } else {
                self.take(piece, level + 1);
            }
        }
    }

    fn close(&mut self, gap: &str) {
        let text = std::mem::take(&mut self.open);
        let text = text.trim_end();
        if !text.is_empty() {
            self.done.push((self.joint, text.to_owned()));
            self.joint = Joint::of_gap(gap);
        }
    }
}

/// The finest way of cutting: between graphemes.
const LEVELS: usize = 4;

/// A text in pieces, which joined are the text again.
fn cut(text: &str, level: usize) -> Vec<&str> {
    match level {
        0 => at_gaps(text, |gap| gap.matches('\n').count() > 1),
        1 => at_gaps(text, |gap| gap.contains('\n')),
        2 => text.split_sentence_bounds().collect(),
        3 => words(text),
        _ => text.graphemes(true).collect(),
    }
}

/// The text cut behind every run of white space that the rule chooses.
fn at_gaps(text: &str, chosen: impl Fn(&str) -> bool) -> Vec<&str> {
    let mut cuts = vec![0];
    let mut from = None;
    for (at, c) in text.char_indices() {
        match (c.is_whitespace(), from) {
            (true, None) => from = Some(at),
            (false, Some(start)) => {
                if text.get(start..at).is_some_and(&chosen) {
                    cuts.push(at);
                }
                from = None;
            }
            _ => {}
        }
    }
    cuts.push(text.len());
    cuts.iter().zip(cuts.iter().skip(1)).filter_map(|(from, to)| text.get(*from..*to)).collect()
}

/// Words with the white space behind them; an address is one word.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Link(address) => words.push(address),
            Piece::Text(text) => words.extend(text.split_word_bounds()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_parted_where_a_reader_would() {
        type Case = (&'static str, u32, &'static [(Joint, &'static str)]);
        let cases: [Case; 6] = [
            ("一段。\n\n二段。", 3, &[(Joint::Start, "一段。"), (Joint::Paragraph, "二段。")]),
            ("一行\n二行", 3, &[(Joint::Start, "一行"), (Joint::Line, "二行")]),
            ("今天下雨。明天晴天！", 5, &[(Joint::Start, "今天下雨。"), (Joint::Nothing, "明天晴天！")]),
            ("One two. Three.", 9, &[(Joint::Start, "One two."), (Joint::Space, "Three.")]),
            ("alpha beta", 6, &[(Joint::Start, "alpha"), (Joint::Space, "beta")]),
            ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 1, &[(Joint::Start, "👨‍👩‍👧‍👦"), (Joint::Nothing, "👨‍👩‍👧‍👦")]),
        ];
        for (text, most, expected) in cases {
            let expected: Vec<(Joint, String)> =
                expected.iter().map(|(joint, text)| (*joint, (*text).into())).collect();
            assert_eq!(split(text, most, Some(23)), expected, "{text}");
        }
    }

    #[test]
    fn nothing_is_lost_however_finely_a_text_is_parted() {
        let text = "标题\n\n第一段，有点长。再来一句！And some English, with https://example.com/a/b/c in it.\nNext line.\n\n完。";
        for most in [1, 2, 3, 7, 23, 24, 40, 100] {
            let parts = split(text, most, Some(23));
            let joined: String = parts.iter().map(|(joint, text)| format!("{}{text}", joint.text())).collect();
            assert_eq!(joined, text, "{most}");
            let longest = parts.iter().map(|(_, text)| length(text, Some(23))).max().unwrap();
            assert!(longest <= most, "{longest} > {most}");
        }
    }
}
