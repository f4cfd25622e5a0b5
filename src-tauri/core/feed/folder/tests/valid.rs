//! Small validators for the two formats: the rules of JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>) and of Atom
//! (RFC 4287 sections 4.1 and 4.2) that a generator can break.

use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

const ATOM: &str = "http://www.w3.org/2005/Atom";

/// Every rule of JSON Feed 1.1 that a document breaks.
pub fn json_feed(bytes: &[u8]) -> Vec<String> {
    let mut faults = Vec::new();
    let feed: Value = match serde_json::from_slice(bytes) {
        Ok(feed) => feed,
        Err(error) => return vec![format!("not JSON: {error}")],
    };
    let mut must = |holds: bool, rule: &str| {
        if !holds {
            faults.push(rule.to_owned());
        }
    };
    must(feed["version"] == "https://jsonfeed.org/version/1.1", "version");
    must(feed["title"].as_str().is_some_and(|title| !title.is_empty()), "title is required");
    must(feed["items"].is_array(), "items is required");
    for name in ["home_page_url", "feed_url"] {
        must(feed.get(name).is_none_or(is_absolute), name);
    }
    must(feed["authors"].as_array().is_some_and(|all| all.iter().all(|author| author["name"].is_string())), "authors");
    let mut ids = HashSet::new();
    for item in feed["items"].as_array().into_iter().flatten() {
        must(item["id"].as_str().is_some_and(|id| ids.insert(id.to_owned())), "an item has an id of its own");
        must(item["content_html"].is_string() || item["content_text"].is_string(), "an item has content");
        for name in ["url", "title", "summary", "image", "language"] {
            must(item.get(name).is_none_or(Value::is_string), name);
        }
        for name in ["date_published", "date_modified"] {
            must(item.get(name).is_none_or(|date| date.as_str().is_some_and(is_rfc3339)), name);
        }
        must(
            item.get("tags").is_none_or(|tags| tags.as_array().is_some_and(|all| all.iter().all(Value::is_string))),
            "tags",
        );
        for file in item["attachments"].as_array().into_iter().flatten() {
            must(
                file["url"].is_string() && file["mime_type"].as_str().is_some_and(|mime| mime.contains('/')),
                "attachment",
            );
            must(file.get("size_in_bytes").is_none_or(Value::is_u64), "size_in_bytes");
            must(file.get("duration_in_seconds").is_none_or(Value::is_number), "duration_in_seconds");
        }
        let custom = item.as_object().into_iter().flatten().filter(|(name, _)| name.starts_with('_'));
        custom.for_each(|(_, value)| must(value.is_object(), "an extension is an object"));
    }
    faults
}

/// Every rule of RFC 4287 that a document breaks.
pub fn atom(bytes: &[u8]) -> Vec<String> {
    let mut seen = Walk::default();
    let mut reader = Reader::from_reader(bytes);
    loop {
        match reader.read_event() {
            Err(error) => return vec![format!("not well-formed: {error}")],
            Ok(Event::Eof) => break,
            Ok(Event::Start(start)) => seen.open(&start),
            Ok(Event::Empty(start)) => {
                seen.open(&start);
                seen.close();
            }
            Ok(Event::End(_)) => seen.close(),
            Ok(Event::Text(text)) => seen.text.push_str(&text),
            Ok(Event::GeneralRef(reference)) => seen.text.push_str(&format!("&{};", &*reference)),
            Ok(_) => {}
        }
    }
    if !seen.path.is_empty() {
        seen.faults.push("an element is not closed".into());
    }
    seen.faults
}

#[derive(Default)]
struct Walk {
    path: Vec<String>,
    text: String,
    /// How often each child was seen in the feed and in the present entry.
    counts: [std::collections::HashMap<String, u32>; 2],
    ids: HashSet<String>,
    faults: Vec<String>,
}

impl Walk {
    fn open(&mut self, start: &BytesStart<'_>) {
        let name = start.name().as_ref().to_owned();
        let attribute = |key: &str| {
            let found =
                start.attributes().map(|attribute| attribute.expect("attributes are well-formed and each once"));
            let mut found = found.filter(|attribute| attribute.key.as_ref() == key);
            found.next().map(|attribute| attribute.value.into_owned())
        };
        if self.path.is_empty() {
            self.must(name == "feed" && attribute("xmlns").as_deref() == Some(ATOM), "the root is an Atom feed");
        }
        let level = usize::from(self.path.iter().any(|element| element == "entry"));
        let key = match name.as_str() {
            "link" => {
                self.must(attribute("href").is_some_and(|href| !href.is_empty()), "a link has an href");
                format!("link {}", attribute("rel").unwrap_or_else(|| "alternate".into()))
            }
            "category" => {
                self.must(attribute("term").is_some_and(|term| !term.is_empty()), "a category has a term");
                name.clone()
            }
            "content" => {
                self.must(attribute("type").as_deref() == Some("html"), "content says that it is HTML");
                self.must(attribute("xml:lang").is_some(), "content says its language");
                name.clone()
            }
            _ => name.clone(),
        };
        if name == "entry" {
            self.counts[1].clear();
        } else if self.path.last().is_some_and(|parent| parent == "feed" || parent == "entry") {
            *self.counts[level].entry(key).or_default() += 1;
        }
        self.path.push(name);
        self.text.clear();
    }

    fn close(&mut self) {
        let name = self.path.pop().unwrap();
        let text = std::mem::take(&mut self.text);
        match name.as_str() {
            "id" => {
                let is_new = self.ids.insert(text.clone());
                self.must(
                    is_new && text.split_once(':').is_some_and(|(scheme, _)| !scheme.is_empty()),
                    "ids are absolute IRIs, each once",
                );
            }
            "updated" | "published" => self.must(is_rfc3339(&text), "dates are RFC 3339"),
            "name" => self.must(!text.trim().is_empty(), "an author has a name"),
            "title" => self.must(!text.trim().is_empty(), "a title says something"),
            "entry" => {
                for child in ["id", "title", "updated"] {
                    self.must(self.counts[1].get(child) == Some(&1), "an entry has one id, title and updated");
                }
                for child in ["published", "content", "summary", "link alternate"] {
                    self.must(
                        self.counts[1].get(child).is_none_or(|count| *count == 1),
                        "an entry has at most one of these",
                    );
                }
            }
            "feed" => {
                for child in ["id", "title", "updated", "author", "link self"] {
                    self.must(
                        self.counts[0].get(child) == Some(&1),
                        "a feed has one id, title, updated, author and self",
                    );
                }
            }
            _ => {}
        }
    }

    fn must(&mut self, holds: bool, rule: &str) {
        if !holds {
            self.faults.push(format!("{rule} (in {})", self.path.join("/")));
        }
    }
}

fn is_absolute(value: &Value) -> bool {
    value.as_str().is_some_and(|url| url.starts_with("https://") || url.starts_with("http://"))
}

/// RFC 3339 section 5.6, strictly: upper-case `T` and `Z`, a four-digit year.
fn is_rfc3339(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits =
        |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let at = |position: usize, byte: u8| bytes.get(position) == Some(&byte);
    let begins = digits(0..4) && at(4, b'-') && digits(5..7) && at(7, b'-') && digits(8..10) && at(10, b'T');
    let zoned = text.ends_with('Z') || (at(bytes.len().saturating_sub(3), b':') && !text.ends_with(':'));
    begins && zoned && text.parse::<jiff::Timestamp>().is_ok()
}

#[test]
fn the_validators_find_what_is_wrong() {
    assert!(!json_feed(b"{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"x\"}").is_empty());
    let twice = br#"{"version":"https://jsonfeed.org/version/1.1","title":"x","authors":[],"items":[{"id":"1","content_text":""},{"id":"1","content_text":""}]}"#;
    assert_eq!(json_feed(twice), ["an item has an id of its own"]);
    assert!(atom(b"<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>urn:x:1</id></feed>").len() >= 4);
    assert!(!atom(b"<feed><id></feed>").is_empty());
    assert!(
        is_rfc3339("2025-01-07T16:40:00+08:00") && !is_rfc3339("2025-01-07 16:40:00Z") && !is_rfc3339("2025-01-07")
    );
}
