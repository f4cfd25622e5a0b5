//! What is known of a text somebody wrote: whether it is our own after all, and whether all of it comes back into the journal.

use std::mem;

use super::markup::{Dialect, Kind, Piece, pieces};
use crate::feed::render::elements;

/// Blocks of which everything that readers see comes back.
const BLOCKS: [&str; 10] =
    ["paragraph", "heading", "image", "video", "audio", "list", "list-item", "quote", "html", "group"];

/// Whether a text has the form that we give to all of ours, so that nothing is in it that came from somebody else.
pub(super) fn is_ours(html: &str, dialect: Dialect) -> bool {
    let (mut in_sections, mut before) = (false, "");
    pieces(html).iter().all(|piece| match piece.kind {
        Kind::Text => !dialect.commands(piece.source),
        Kind::Comment => false,
        Kind::Close => true,
        Kind::Open => {
            let is_after_section = mem::replace(&mut before, piece.name()) == "section";
            in_sections |= piece.is(&["section"]);
            let plain = match piece.name() {
                "section" => true,
                // Whose words stand in no section is not known: anybody writes paragraphs and links.
                "p" | "br" | "a" => in_sections,
                "h2" => is_after_section,
                "div" | "figure" | "img" | "video" | "track" | "figcaption" | "span" | "bdi" => !in_sections,
                _ => false,
            };
            plain && !piece.source.contains("style=")
        }
    })
}

/// Whether everything that readers see of a text comes back into the journal, so that nothing but marks is lost with it.
pub(super) fn comes_back(html: &str, dialect: Dialect) -> bool {
    pieces(html).iter().all(|piece| match piece.kind {
        Kind::Text => !dialect.commands(piece.source),
        Kind::Comment => is_known_block(piece),
        Kind::Open | Kind::Close => elements::comes_back(piece.name()),
    })
}

fn is_known_block(piece: &Piece<'_>) -> bool {
    let inside = piece.source.trim_start_matches("<!--").trim_start().trim_start_matches('/');
    let name = inside.strip_prefix("wp:").and_then(|name| name.split(|c: char| c.is_whitespace()).next());
    name.is_some_and(|name| BLOCKS.contains(&name))
}
