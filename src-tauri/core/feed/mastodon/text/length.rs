//! How long a text is for a server. Pure.

use unicode_segmentation::UnicodeSegmentation;
use url::{Host, Url};

use crate::feed::render::{Piece, pieces};

/// How long a text is for the server. Mastodon itself counts graphemes, every address as `link` characters and a mention without
/// its host (its `StatusLengthValidator`). Where `link` is not given, as for everything that is only compatible, each code
/// point counts, which is what GoToSocial and Pixelfed do and never less than what Pleroma counts (graphemes).
pub fn length(text: &str, link: Option<u32>) -> u32 {
    let Some(link) = link else { return unlinked(text, None) };
    let count = |piece: &Piece<'_>| match piece {
        Piece::Link(address) if is_public(address) => link,
        Piece::Link(text) => graphemes(text),
        Piece::Text(text) => graphemes(&without_hosts(text)),
    };
    pieces(text).iter().map(count).fold(0, u32::saturating_add)
}

/// How long a text is in which nothing is shortened, such as a warning.
pub fn unlinked(text: &str, link: Option<u32>) -> u32 {
    if link.is_some() { graphemes(text) } else { u32::try_from(text.chars().count()).unwrap_or(u32::MAX) }
}

fn graphemes(text: &str) -> u32 {
    u32::try_from(text.graphemes(true).count()).unwrap_or(u32::MAX)
}

/// Only addresses with a name under a top-level domain are links for the server; all others count in full.
fn is_public(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let Some(Host::Domain(name)) = url.host() else { return false };
    name.rsplit_once('.').is_some_and(|(_, top)| top.len() > 1 && top.chars().all(|c| c.is_ascii_alphabetic()))
}

/// The text with every mention such as `@me@example.social` as it is shown: without its host.
pub fn without_hosts(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once('@') {
        shown.push_str(head);
        let open = !shown.chars().next_back().is_some_and(char::is_alphanumeric);
        shown.push('@');
        let name = tail.find(|c: char| !(c.is_ascii_alphanumeric() || "_.-".contains(c))).unwrap_or(tail.len());
        let (user, after) = tail.split_at_checked(name).unwrap_or((tail, ""));
        shown.push_str(user);
        rest = after;
        if let Some(after) = after.strip_prefix('@').filter(|_| open && !user.is_empty()) {
            let end = after.find(|c: char| !(c.is_alphanumeric() || "_.-".contains(c))).unwrap_or(after.len());
            let host = after.get(..end).unwrap_or_default().trim_end_matches(['.', '-']);
            if !host.is_empty() {
                rest = after.get(host.len()..).unwrap_or_default();
            }
        }
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_long_as_the_server_counts_it() {
        for (text, expected) in [
            ("奶茶🧋", 3),
            ("👨‍👩‍👧‍👦e\u{301}", 2),
            ("see https://example.com/a-very-long-path-indeed-longer-than-that ok", 4 + 23 + 3),
            ("http://localhost:8080/", 22),
            ("http://127.0.0.1/", 17),
            ("@me@example.social hi", 6),
            ("@me@example.social. hi @you", 3 + 1 + 4 + 4),
            ("mail me@example.social", 22),
            ("@@ @ a@b@c", 10),
        ] {
            assert_eq!(length(text, Some(23)), expected, "{text}");
        }
    }

    #[test]
    fn what_is_only_compatible_counts_every_code_point() {
        for (text, expected) in [("奶茶🧋", 3), ("👨‍👩‍👧‍👦", 7), ("https://example.com/", 20), ("@me@example.social", 18)]
        {
            assert_eq!(length(text, None), expected, "{text}");
        }
    }
}
