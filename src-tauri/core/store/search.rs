//! Search text: what a post says, folded so that case, width, accents and tone marks do not matter. Any substring is found,
//! from one character up, because the folded text is searched as a whole; no word list decides what can be found.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::Content;

/// Everything of a post that can be searched: titles, bodies, topics, alt texts and the place's name, folded.
pub fn text_of(content: &Content) -> String {
    let sides = content.sides.values().flat_map(|side| [side.title.as_str(), side.body.as_str()]);
    let alts = content.attachments.iter().flat_map(|attachment| attachment.alt.values().map(String::as_str));
    let place = content.place.iter().map(|place| place.name.as_str());
    let mut text = String::new();
    for part in sides.chain(content.topics.iter().map(String::as_str)).chain(alts).chain(place) {
        push_folded(&mut text, part);
        text.push('\n');
    }
    text
}

/// The words of a query, folded like the text they are looked for in.
pub fn words(query: &str) -> Vec<String> {
    fold(query).split_whitespace().map(str::to_owned).collect()
}

/// Compatibility decomposition without marks, in lower case. It works character by character, so that the folded form of a
/// part is a part of the folded form: that is why every substring is found.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    push_folded(&mut folded, text);
    folded
}

fn push_folded(folded: &mut String, text: &str) {
    if text.is_ascii() {
        folded.extend(text.chars().map(|c| c.to_ascii_lowercase()));
        return;
    }
    // Lower case of some letters is a letter with a mark (İ), hence marks are taken out last.
    let lower = text.chars().flat_map(char::to_lowercase).nfkd().flat_map(char::to_lowercase);
    folded.extend(lower.filter(|c| !is_combining_mark(*c)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_width_accents_and_tones_do_not_matter() {
        for (text, query) in
            [("ＡＢＣ", "abc"), ("Café", "cafe"), ("nǐ hǎo", "NI HAO"), ("İstanbul", "istanbul"), ("①号", "1号")]
        {
            assert!(fold(text).contains(&fold(query)), "{query} in {text}");
        }
        assert_eq!(words(" 奶茶　Tea\n"), ["奶茶", "tea"], "a full-width space parts words too");
    }

    proptest::proptest! {
        #[test]
        fn every_part_of_a_text_is_found_in_it(text in "\\PC{0,40}", from in 0_usize..40, len in 1_usize..40) {
            let part: String = text.chars().skip(from).take(len).collect();
            for word in words(&part) {
                proptest::prop_assert!(fold(&text).contains(&word), "{:?} in {:?}", word, text);
            }
        }
    }
}
