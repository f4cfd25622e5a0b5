//! Which status of a plan is which of those that were begun before. They are told apart by their language, so that a language
//! that comes or goes leaves the others where they are. Pure.

use super::note::{Body, Part};
use super::plan::Planned;
use crate::domain::Lang;

/// The place in the notes of each planned status, in the order of the plan. Within a language the places go up.
pub fn places(planned: &[Planned], parts: &[Part]) -> Vec<usize> {
    let wanted: Vec<Option<&Lang>> = planned.iter().map(|status| status.lang.as_ref()).collect();
    let there: Vec<Option<&Body>> = parts.iter().map(begun).collect();
    // Of one language only on either side, it is the same status even if the language is called otherwise now.
    let spoken: Vec<Option<&Lang>> = there.iter().flatten().map(|body| body.lang.as_ref()).collect();
    let is_one = |langs: &[Option<&Lang>]| langs.windows(2).all(|pair| pair.first() == pair.last());
    let alike = is_one(&wanted) && is_one(&spoken);
    let mut places: Vec<usize> = Vec::with_capacity(planned.len());
    for (number, lang) in wanted.iter().enumerate() {
        let before = wanted.iter().zip(&places).take(number).filter(|(other, _)| *other == lang).map(|(_, at)| *at);
        let from = before.max().map_or(0, |at| at + 1);
        let is_open = |at: &usize| !places.contains(at);
        let is_it = |at: &usize| {
            let body = there.get(*at).copied().flatten();
            body.is_some_and(|body| alike || body.lang.as_ref() == *lang || is_unknown(body.lang.as_ref()))
        };
        let is_free = |at: &usize| there.get(*at).is_none_or(Option::is_none);
        let found = (from..parts.len()).filter(is_open).find(is_it);
        let place = found.or_else(|| (from..).filter(is_open).find(is_free)).unwrap_or(parts.len());
        places.push(place);
    }
    places
}

/// What a place holds or is about to hold.
fn begun(part: &Part) -> Option<&Body> {
    let first = part.trial.as_ref().map(|trial| &trial.body);
    part.latest().filter(|_| part.id.is_some()).or(first)
}

/// A status that was taken over may say no language.
fn is_unknown(lang: Option<&Lang>) -> bool {
    lang.is_none_or(|lang| lang.as_str() == "und")
}

#[cfg(test)]
mod tests {
    use super::super::text::Joint;
    use super::*;
    use crate::domain::RevisionId;
    use uuid::Uuid;

    fn planned(langs: &[&str]) -> Vec<Planned> {
        let status = |lang: &&str| Planned {
            joint: Joint::Start,
            lang: lang.parse().ok(),
            text: String::new(),
            length: 0,
            files: Vec::new(),
        };
        langs.iter().map(status).collect()
    }

    /// `-` is a place that is free again.
    fn parts(langs: &[&str]) -> Vec<Part> {
        let part = |(number, lang): (usize, &&str)| {
            let body = Body::unknown(RevisionId::from_uuid(Uuid::nil()), Joint::Start, lang.parse().ok());
            let held = Part { id: Some(number.to_string()), sent: Some(body), ..Part::default() };
            if *lang == "-" { Part::default() } else { held }
        };
        langs.iter().enumerate().map(part).collect()
    }

    #[test]
    fn a_language_keeps_its_status_whatever_comes_or_goes_before_it() {
        for (wanted, there, expected) in [
            (&["zh", "en"][..], &[][..], &[0, 1][..]),
            (&["zh", "en"], &["zh", "en"], &[0, 1]),
            (&["en"], &["zh", "en"], &[1]),
            (&["zh", "en"], &["en"], &[1, 0]),
            (&["zh", "en"], &["-", "en"], &[0, 1]),
            (&["zh", "zh", "en"], &["zh", "en"], &[0, 2, 1]),
            (&["zh", "zh", "en"], &["-", "zh", "en"], &[1, 3, 2]),
            (&["en"], &["zh"], &[0]),
            (&["en", "ja"], &["zh", "en"], &[1, 2]),
            (&["zh"], &["und"], &[0]),
        ] {
            assert_eq!(places(&planned(wanted), &parts(there)), expected, "{wanted:?} over {there:?}");
        }
    }
}
