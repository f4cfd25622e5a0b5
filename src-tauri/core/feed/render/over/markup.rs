//! HTML as it was written, in pieces that joined are the HTML again: for what has to stay byte for byte, which a parser does not
//! give back. Knows no meaning of any element, but how sites read what stands between them.

use std::borrow::Cow;

use crate::feed::render::elements::is_among;

/// A piece of HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub kind: Kind,
    /// As it was written.
    pub source: &'a str,
}

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Comment,
    /// A tag that opens an element, or is all of it.
    Open,
    Close,
}

impl<'a> Piece<'a> {
    /// The element's name as it was written; empty for what is no tag.
    pub fn name(&self) -> &'a str {
        let inside = self.source.trim_start_matches('<').trim_start_matches('/');
        match self.kind {
            Kind::Open | Kind::Close => {
                inside.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default()
            }
            _ => "",
        }
    }

    /// Whether it is a tag of one of these elements.
    pub fn is(&self, names: &[&str]) -> bool {
        is_among(names, self.name())
    }
}

/// The pieces of HTML.
pub(super) fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let (kind, length) = first(rest);
        let Some((source, after)) = rest.split_at_checked(length) else { break };
        pieces.push(Piece { kind, source });
        rest = after;
    }
    pieces
}

/// What the text begins with, and its bytes.
fn first(text: &str) -> (Kind, usize) {
    match kind(text) {
        Kind::Comment => (Kind::Comment, text.find("-->").map_or(text.len(), |end| end + 3)),
        Kind::Text => {
            let next = text.match_indices('<').map(|(at, _)| at).filter(|at| *at > 0);
            let mut markup = next.filter(|at| text.get(*at..).is_some_and(|rest| kind(rest) != Kind::Text));
            (Kind::Text, markup.next().unwrap_or(text.len()))
        }
        tag => {
            let mut quote = None;
            let end = text.char_indices().find(|(_, c)| match (quote, c) {
                (Some(open), c) => {
                    quote = Some(open).filter(|open| open != c);
                    false
                }
                (None, '"' | '\'') => {
                    quote = Some(*c);
                    false
                }
                (None, c) => *c == '>',
            });
            (tag, end.map_or(text.len(), |(at, _)| at + 1))
        }
    }
}

fn kind(text: &str) -> Kind {
    let mut chars = text.chars();
    if text.starts_with("<!--") {
        return Kind::Comment;
    }
    match (chars.next(), chars.next(), chars.next()) {
        (Some('<'), Some(c), _) if c.is_ascii_alphabetic() => Kind::Open,
        (Some('<'), Some('/'), Some(c)) if c.is_ascii_alphabetic() => Kind::Close,
        _ => Kind::Text,
    }
}

/// How a site reads the HTML it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// As browsers do.
    Plain,
    /// As WordPress does: blocks stand between comments, commands in brackets, and where there are no blocks, blank lines part
    /// paragraphs and other line ends stay (<https://developer.wordpress.org/reference/functions/wpautop/>).
    Blocks,
}

impl Dialect {
    /// A text as its readers see it.
    pub fn shown(self, html: &str) -> Cow<'_, str> {
        if !self.keeps_lines(html) || !html.contains('\n') {
            return Cow::Borrowed(html);
        }
        let mut shown = String::with_capacity(html.len());
        for piece in pieces(html) {
            if piece.kind == Kind::Text {
                show_lines(piece.source, &mut shown);
            } else {
                shown.push_str(piece.source);
            }
        }
        Cow::Owned(shown)
    }

    /// Whether line ends as they are written are line ends to readers of a text.
    pub(super) fn keeps_lines(self, html: &str) -> bool {
        self == Self::Blocks && !html.contains("<!-- wp:")
    }

    /// Whether words may hold a command to the site.
    pub(super) fn commands(self, words: &str) -> bool {
        self == Self::Blocks && words.contains('[')
    }
}

fn show_lines(text: &str, shown: &mut String) {
    let mut ends = 0;
    let mark = |ends| match ends {
        0 => "",
        1 => "<br>",
        _ => "<p>",
    };
    for (number, line) in text.split('\n').enumerate() {
        ends += usize::from(number > 0);
        if !line.trim().is_empty() {
            shown.push_str(mark(ends));
            shown.push_str(line);
            ends = 0;
        }
    }
    shown.push_str(mark(ends));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_pieces_are_the_text(html in "[<>/!\"'a-c -]{0,40}|\\PC{0,20}") {
            let joined: String = pieces(&html).iter().map(|piece| piece.source).collect();
            prop_assert_eq!(joined, html);
        }
    }

    #[test]
    fn what_only_looks_like_a_tag_is_text() {
        let found: Vec<_> = pieces("1 < 2 <a title='>'>x</a><!-- <p> --> <3").iter().map(|piece| piece.kind).collect();
        assert_eq!(found, [Kind::Text, Kind::Open, Kind::Text, Kind::Close, Kind::Comment, Kind::Text]);
    }

    #[test]
    fn blank_lines_are_paragraphs_where_there_are_no_blocks() {
        assert_eq!(Dialect::Blocks.shown("a\nb\n\n<b>c</b>\r\n d"), "a<br>b<p><b>c</b><br> d");
        let blocks = "<!-- wp:paragraph -->\n<p>a</p>";
        assert_eq!(Dialect::Blocks.shown(blocks), blocks);
        assert_eq!(Dialect::Plain.shown("a\n\nb"), "a\n\nb");
    }
}
