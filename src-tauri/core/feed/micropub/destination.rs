//! Which blog of several: some servers keep more than one behind one endpoint (<https://indieweb.org/Micropub-extensions#Destination>),
//! and write to the one that was last used on the web, unless they are told. Asks nothing.

use serde_json::Value;
use url::Url;

/// The blog that is written to where there are several, in [`crate::domain::destination::Facts::endpoints`].
pub(super) const DESTINATION: &str = "destination";
/// The others, separated by spaces.
pub(super) const OTHERS: &str = "destination.others";

/// A blog that an endpoint writes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Destination {
    pub uid: String,
    pub name: String,
}

/// All that a server names.
pub(super) fn destinations(told: &Value) -> Vec<Destination> {
    let all = told.get("destination").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |one: &Value, name: &str| one.get(name).and_then(Value::as_str).map(|text| text.trim().to_owned());
    let named = all.iter().filter_map(|one| {
        let uid = text(one, "uid").filter(|uid| !uid.is_empty())?;
        Some(Destination { name: text(one, "name").unwrap_or_else(|| uid.clone()), uid })
    });
    named.collect()
}

/// The one of several that lies at one of these addresses, or else the first; nothing where there is only one.
pub(super) fn chosen<'a>(all: &'a [Destination], places: &[Url]) -> Option<&'a Destination> {
    let is_at = |one: &&Destination| {
        let (uid, name) = (bare(&one.uid), bare(&one.name));
        places.iter().map(|place| bare(place.as_str())).any(|place| place == uid || place == name)
    };
    all.iter().find(is_at).or_else(|| all.first()).filter(|_| all.len() > 1)
}

/// Whether an address lies in a blog.
pub(super) fn lies_in(url: &Url, uid: &str) -> bool {
    let (url, uid) = (bare(url.as_str()), bare(uid));
    url.strip_prefix(&uid).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// An address without what makes no other of it.
fn bare(address: &str) -> String {
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    address.trim_start_matches("www.").trim_end_matches('/').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn chosen_at(place: &str, told: &Value) -> Option<String> {
        chosen(&destinations(told), &[Url::parse(place).unwrap()]).map(|one| one.uid.clone())
    }

    #[test]
    fn the_blog_that_lies_where_the_user_said_is_written_to() {
        let told = json!({ "destination": [
            { "uid": "https://old.example/", "name": "old.example" },
            { "uid": "https://li.micro.example/", "name": "li.micro.example" },
            { "uid": "7", "name": "boats.example" },
        ]});
        assert_eq!(chosen_at("https://li.micro.example", &told).as_deref(), Some("https://li.micro.example/"));
        assert_eq!(chosen_at("https://www.boats.example/", &told).as_deref(), Some("7"));
        assert_eq!(chosen_at("https://else.example/", &told).as_deref(), Some("https://old.example/"), "the first");
        assert_eq!(chosen_at("https://a.example/", &json!({ "destination": [{ "uid": "https://b.example/" }] })), None);
        assert_eq!(chosen_at("https://a.example/", &json!({ "destination": "b" })), None);
    }

    #[test]
    fn an_address_lies_in_the_blog_that_it_begins_with() {
        let lies = |url: &str, uid: &str| lies_in(&Url::parse(url).unwrap(), uid);
        assert!(lies("https://li.example/2025/boat.html", "https://li.example/"));
        assert!(!lies("https://li.example.org/boat.html", "https://li.example/"));
        assert!(!lies("https://old.example/boat", "7"));
    }
}
