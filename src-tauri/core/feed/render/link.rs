//! Finds web addresses in plain text: `http` and `https` only, in the ASCII form of RFC 3986, so that Chinese text right
//! behind an address is not taken into it.

/// A piece of text.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words.
    Text(&'a str),
    /// An address.
    Link(&'a str),
}

/// The text in pieces, which joined are the text again.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, address, after)) = first(rest) {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Link(address));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

fn first(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(start) = text.get(from..)?.find("http").map(|offset| from + offset) {
        let (before, candidate) = text.split_at_checked(start)?;
        let inside_word = before.chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
        let length = if inside_word { 0 } else { length(candidate) };
        if length > 0 {
            let (address, after) = candidate.split_at_checked(length)?;
            return Some((before, address, after));
        }
        from = start + "http".len();
    }
    None
}

/// Bytes of the address that the text begins with; 0 if it begins with none.
fn length(text: &str) -> usize {
    let Some(scheme) = ["https://", "http://"].into_iter().find(|scheme| text.starts_with(scheme)) else { return 0 };
    let end = text.find(|c: char| !is_address(c)).unwrap_or(text.len());
    let address = text.get(..end).unwrap_or_default();
    let trimmed = trim_end(address);
    let host = trimmed.strip_prefix(scheme).unwrap_or_default();
    if host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') { trimmed.len() } else { 0 }
}

fn is_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c)
}

/// Punctuation at the end belongs to the sentence, a closing bracket only if it was opened inside the address.
fn trim_end(mut address: &str) -> &str {
    loop {
        let cut = match address.chars().next_back() {
            Some(c) if ".,;:!?'".contains(c) => true,
            Some(')') => address.matches(')').count() > address.matches('(').count(),
            Some(']') => address.matches(']').count() > address.matches('[').count(),
            _ => false,
        };
        if !cut {
            return address;
        }
        let mut chars = address.chars();
        chars.next_back();
        address = chars.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<&str> {
        pieces(text)
            .into_iter()
            .filter_map(|piece| if let Piece::Link(address) = piece { Some(address) } else { None })
            .collect()
    }

    #[test]
    fn an_address_ends_where_the_sentence_goes_on() {
        for (text, expected) in [
            ("看https://example.com/茶很好", "https://example.com/"),
            ("see (https://example.com/a_(b)).", "https://example.com/a_(b)"),
            ("http://127.0.0.1:8080/x?y=1&z=2#q, then", "http://127.0.0.1:8080/x?y=1&z=2#q"),
            ("“https://例.example” https://a.example。", "https://a.example"),
        ] {
            assert_eq!(links(text), [expected], "{text}");
        }
    }

    #[test]
    fn nothing_else_is_an_address() {
        for text in
            ["javascript:alert(1)", "file:///etc/passwd", "https://", "xhttp://a.example", "http", "https://\"><x"]
        {
            assert!(links(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn the_pieces_are_the_text() {
        let text = "一 https://a.example/b。two http://c.example, httpx http";
        let joined: String = pieces(text)
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) | Piece::Link(text) => *text,
            })
            .collect();
        assert_eq!(joined, text);
    }
}
