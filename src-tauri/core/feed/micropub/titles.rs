//! The titles of an entry in several languages stand twice: together in its name, and each as the heading of its section. Who
//! changes one at the site leaves the other as it was, for good. So both are remembered by their digests, and the one that was
//! changed is believed.

use std::collections::BTreeMap;

use crate::domain::{Digest, Lang, Side};
use crate::feed::render::{BETWEEN_TITLES, take_title};

const NAME: &str = "name";

/// Gives the sides, which have their headings as titles, the titles that hold. `known` are the parts that the entry had when it
/// was last seen. Answers the digests to remember.
pub(super) fn take(
    sides: &mut BTreeMap<Lang, Side>,
    name: &str,
    primary: &Lang,
    known: Option<&BTreeMap<String, Digest>>,
) -> BTreeMap<String, Digest> {
    if sides.len() < 2 {
        take_title(sides, name, primary, None);
        return BTreeMap::new();
    }
    let mut seen: BTreeMap<String, Digest> =
        sides.iter().map(|(lang, side)| (heading_part(lang), digest(&side.title))).collect();
    seen.insert(NAME.to_owned(), digest(name));
    let known = known.filter(|known| known.contains_key(NAME));
    let is_changed = |part: &str| known.is_some_and(|known| known.get(part) != seen.get(part));
    let pieces = pieces(sides, name);
    for (lang, side) in sides.iter_mut() {
        let Some(piece) = pieces.get(lang) else { continue };
        let was = known.and_then(|known| known.get(&format!("title.{lang}")));
        let name_holds = match known {
            None => true,
            Some(_) if is_changed(&heading_part(lang)) => false,
            Some(_) if is_changed(NAME) => true,
            Some(_) => was != Some(&digest(&side.title)) && was == Some(&digest(piece)),
        };
        if name_holds {
            side.title.clone_from(piece);
        }
    }
    seen
}

/// What of the name belongs to which side: one piece for every heading, or else everything to the first.
fn pieces(sides: &BTreeMap<Lang, Side>, name: &str) -> BTreeMap<Lang, String> {
    let mut order: Vec<(&Lang, &Side)> = sides.iter().filter(|(_, side)| !side.title.is_empty()).collect();
    order.sort_by_key(|(lang, _)| !lang.is_chinese());
    let mut headings: Vec<&str> = Vec::new();
    for (_, side) in &order {
        if !headings.contains(&side.title.as_str()) {
            headings.push(&side.title);
        }
    }
    let given: Vec<&str> = name.split(BETWEEN_TITLES).map(str::trim).filter(|piece| !piece.is_empty()).collect();
    if given.len() != headings.len() {
        let first = order.first().map(|(lang, _)| *lang).or_else(|| sides.keys().find(|lang| lang.is_chinese()));
        let first = first.or_else(|| sides.keys().next()).filter(|_| !name.is_empty());
        return first.map(|lang| (lang.clone(), name.to_owned())).into_iter().collect();
    }
    let piece = |(lang, side): (&Lang, &Side)| {
        let at = headings.iter().position(|heading| *heading == side.title)?;
        Some((lang.clone(), (*given.get(at)?).to_owned()))
    };
    order.into_iter().filter_map(piece).collect()
}

fn heading_part(lang: &Lang) -> String {
    format!("heading.{lang}")
}

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}
