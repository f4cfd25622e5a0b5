//! The titles of an item in several languages stand twice: together in its own title, and each as the heading of its section. Who
//! changes one at the site leaves the other as it was, for good. So both are remembered by their digests, and the one that was
//! changed is believed.

use std::collections::BTreeMap;

use super::parts::{of_line, title_part};
use super::text::one_line;
use crate::domain::{Digest, Lang, Side};

/// Between the titles of the sides in one title.
pub const BETWEEN_TITLES: &str = " · ";

/// The part that is the item's own title.
const NAME: &str = "name";

/// Gives the sides, which have their headings as titles, the titles that hold. `name` is the item's own title, `primary` the
/// language of an item that says nothing else. `known` are the parts that the item had when it was last seen; they may be older than
/// that both digests are remembered. Answers the digests to remember, where the titles stand twice.
pub fn take_titles(
    sides: &mut BTreeMap<Lang, Side>,
    name: &str,
    primary: &Lang,
    known: Option<&BTreeMap<String, Digest>>,
) -> BTreeMap<String, Digest> {
    if sides.len() < 2 {
        name_only_side(sides, name, primary);
        return BTreeMap::new();
    }
    let mut seen: BTreeMap<String, Digest> =
        sides.iter().map(|(lang, side)| (heading_part(lang), of_line(&side.title))).collect();
    seen.insert(NAME.to_owned(), of_line(name));
    let is_changed = |part: &str| known.is_none_or(|known| known.get(part) != seen.get(part));
    let pieces = pieces(sides, name);
    for (lang, side) in sides.iter_mut() {
        let Some(piece) = pieces.get(lang) else { continue };
        let (in_heading, in_name) = (of_line(&side.title), of_line(piece));
        let name_holds = match known.and_then(|known| known.get(&title_part(lang))) {
            None => true,
            Some(was) if *was != in_heading && is_changed(&heading_part(lang)) => false,
            Some(was) if *was != in_name && is_changed(NAME) => true,
            Some(was) => *was != in_heading && *was == in_name,
        };
        if name_holds && in_name != in_heading {
            side.title.clone_from(piece);
        }
    }
    seen
}

/// Of one side, the item's title is the title, and a heading is text.
fn name_only_side(sides: &mut BTreeMap<Lang, Side>, name: &str, primary: &Lang) {
    if name.is_empty() {
        return;
    }
    let side = sides.values_mut().next();
    let Some(side) = side else {
        sides.insert(primary.clone(), Side { title: name.to_owned(), body: String::new() });
        return;
    };
    let heading = std::mem::replace(&mut side.title, name.to_owned());
    if !heading.is_empty() && one_line(&heading) != one_line(name) {
        side.body = [heading.as_str(), side.body.as_str()].join("\n\n").trim_end().to_owned();
    }
}

/// What of the name belongs to which side: one piece for every heading, or else everything to the first.
fn pieces(sides: &BTreeMap<Lang, Side>, name: &str) -> BTreeMap<Lang, String> {
    let mut order: Vec<(&Lang, String)> = sides.iter().map(|(lang, side)| (lang, one_line(&side.title))).collect();
    order.retain(|(_, heading)| !heading.is_empty());
    order.sort_by_key(|(lang, _)| !lang.is_chinese());
    let mut headings: Vec<&str> = Vec::new();
    for (_, heading) in &order {
        if !headings.contains(&heading.as_str()) {
            headings.push(heading);
        }
    }
    let mut given: Vec<&str> = name.split(BETWEEN_TITLES).map(str::trim).filter(|piece| !piece.is_empty()).collect();
    if headings.join(BETWEEN_TITLES) == one_line(name) {
        // What parts titles may stand in one, too.
        given.clone_from(&headings);
    }
    if given.len() != headings.len() {
        let first = order.first().map(|(lang, _)| *lang).or_else(|| sides.keys().find(|lang| lang.is_chinese()));
        let first = first.or_else(|| sides.keys().next()).filter(|_| !name.is_empty());
        return first.map(|lang| (lang.clone(), name.to_owned())).into_iter().collect();
    }
    let piece = |(lang, title): &(&Lang, String)| {
        let at = headings.iter().position(|heading| heading == title)?;
        Some(((*lang).clone(), (*given.get(at)?).to_owned()))
    };
    order.iter().filter_map(piece).collect()
}

fn heading_part(lang: &Lang) -> String {
    format!("heading.{lang}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::render::parts;

    fn sides(given: &[(&str, &str)]) -> BTreeMap<Lang, Side> {
        let side = |title: &str| Side { title: title.into(), body: String::new() };
        given.iter().map(|(lang, title)| (lang.parse().unwrap(), side(title))).collect()
    }

    fn titles(sides: &BTreeMap<Lang, Side>) -> Vec<&str> {
        sides.values().map(|side| side.title.as_str()).collect()
    }

    #[test]
    fn a_title_changed_there_reaches_the_sides_whose_headings_were_left() {
        let known = parts(&sides(&[("en", "A boat"), ("zh-Hans", "小船")]), None, None);
        let mut read = sides(&[("en", "A boat"), ("zh-Hans", "小船")]);
        take_titles(&mut read, "大船 · A ship", &Lang::en(), Some(&known));
        assert_eq!(titles(&read), ["A ship", "大船"]);
        let mut heading_changed = sides(&[("en", "A raft"), ("zh-Hans", "小船")]);
        take_titles(&mut heading_changed, "小船 · A boat", &Lang::en(), Some(&known));
        assert_eq!(titles(&heading_changed), ["A raft", "小船"], "the item's title was left as it was");
        let mut whole = sides(&[("en", "A boat"), ("zh-Hans", "小船")]);
        take_titles(&mut whole, "New", &Lang::en(), Some(&known));
        assert_eq!(titles(&whole), ["A boat", "New"], "one title for both is the first side's");
    }

    #[test]
    fn what_was_taken_once_is_taken_again_until_something_is_changed() {
        let mut known = parts(&sides(&[("en", "A boat"), ("zh-Hans", "小船")]), None, None);
        for (name, heading, expected) in [
            ("大船 · A boat", "小船", "大船"),
            ("大船 · A boat", "小船", "大船"),
            ("大船 · A boat", "大船", "大船"),
            ("大船 · A boat", "木筏", "木筏"),
            ("大船 · A boat", "木筏", "木筏"),
            ("巨船 · A boat", "木筏", "巨船"),
            ("巨船 · A boat", "木筏", "巨船"),
        ] {
            let mut read = sides(&[("en", "A boat"), ("zh-Hans", heading)]);
            let seen = take_titles(&mut read, name, &Lang::en(), Some(&known));
            assert_eq!(titles(&read), ["A boat", expected], "{name} {heading}");
            let now = parts(&read, None, None);
            // Where the sides say the same as before, that it is said elsewhere now is no news, and is not remembered.
            if now.iter().any(|(part, digest)| known.get(part) != Some(digest)) {
                known = now.into_iter().chain(seen).collect();
            }
        }
    }

    #[test]
    fn what_parts_titles_may_stand_in_one() {
        let mut read = sides(&[("en", "Tea · milk"), ("zh-Hans", "第一章　小船")]);
        take_titles(&mut read, "第一章 小船 · Tea · milk", &Lang::en(), None);
        assert_eq!(titles(&read), ["Tea · milk", "第一章　小船"]);
    }

    #[test]
    fn a_heading_in_a_text_of_one_language_stays_in_the_text() {
        let mut read = sides(&[("en", "Part one")]);
        take_titles(&mut read, "A boat", &Lang::en(), None);
        let side = read.values().next().unwrap();
        assert_eq!((side.title.as_str(), side.body.as_str()), ("A boat", "Part one"));
    }
}
