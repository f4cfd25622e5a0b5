//! An entry as the server gives it back: microformats in JSON (<https://www.w3.org/TR/micropub/#querying>). Reads texts, files
//! and times out of it, whatever form they have.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use url::Url;

use crate::domain::{Digest, Lang, Moment, Side};
use crate::feed::render::{
    Dialect, Over, Theirs, as_a_whole, asset_of, escaped, likely_lang, over, parts, read_line, read_untold, take_titles,
};
use crate::feed::{Audience, MediaKind, RemoteMedia};

/// What counts as the entry's content; servers add and change other things by themselves.
const OURS: [&str; 7] = ["name", "content", "category", "photo", "video", "published", "post-status"];

/// An entry.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Source {
    properties: Map<String, Value>,
}

/// What an entry says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Said {
    pub sides: BTreeMap<Lang, Side>,
    pub topics: Vec<String>,
    pub media: Vec<RemoteMedia>,
    /// What it is about.
    pub moment: Option<Moment>,
    /// Digests of what the titles were read from, where they stand twice; see [`take_titles`].
    pub titles: BTreeMap<String, Digest>,
}

/// Photos and clips that stay in an entry though they are not of the post: per property those that come first, and the others.
#[derive(Debug, Default)]
pub(super) struct Strange(BTreeMap<&'static str, (Vec<Value>, Vec<Value>)>);

impl Strange {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is sent of a post, with them among it.
    pub fn among(&self, mut properties: Map<String, Value>) -> Map<String, Value> {
        for (property, (first, others)) in &self.0 {
            let ours = properties.get(*property).and_then(Value::as_array).cloned().unwrap_or_default();
            let all = first.iter().cloned().chain(ours).chain(others.iter().cloned()).collect();
            properties.insert((*property).to_owned(), all);
        }
        properties
    }
}

impl Said {
    /// Digests of its parts.
    pub fn parts(&self) -> BTreeMap<String, Digest> {
        let mut parts = parts(&self.sides, Some(&self.topics), Some(&self.media));
        let moment = self.moment.as_ref().map(|moment| moment.at.as_millis().to_le_bytes());
        parts.extend(moment.map(|moment| ("moment".to_owned(), Digest::of(&moment))));
        parts.extend(self.titles.clone());
        parts
    }
}

impl Source {
    /// Takes an answer, or an item of a list, if it is one: without any property it is none.
    pub fn of(mut value: Value) -> Option<Self> {
        match value.get_mut("properties").map(Value::take) {
            Some(Value::Object(properties)) if !properties.is_empty() => Some(Self { properties }),
            _ => None,
        }
    }

    /// Whether it was taken away, and the server shows what it keeps of it.
    pub fn is_taken_away(&self) -> bool {
        let status = self.text("post-status").unwrap_or_default();
        self.has("deleted") || matches!(status.as_str(), "trash" | "trashed" | "deleted")
    }

    /// Takes what is sent, to read it as it would be read back.
    pub fn as_sent(properties: Map<String, Value>) -> Self {
        Self { properties }
    }

    /// The entry's own address.
    pub fn url(&self, base: &Url) -> Option<Url> {
        base.join(&self.text("url")?).ok()
    }

    /// Whether a name that we gave stands in it.
    pub fn is_named(&self, name: &str) -> bool {
        let has = |property: &str| self.values(property).any(|value| text(value) == Some(name));
        let last = |address: &str| address.trim_end_matches('/').rsplit('/').next() == Some(name);
        has("mp-slug") || has("slug") || ["url", "uid"].iter().any(|p| self.text(p).is_some_and(|text| last(&text)))
    }

    /// The name that was asked for it, in the form in which the server gives it back.
    pub fn asked_name(&self) -> Option<&Value> {
        self.properties.get("mp-slug").filter(|_| self.has("mp-slug"))
    }

    /// Who sees it, by the server's word: some keep a post back until its time, or until somebody has looked at it.
    pub fn audience(&self) -> Audience {
        match self.text("post-status").as_deref().map(str::trim) {
            None | Some("" | "published" | "publish" | "public") => Audience::Published,
            Some(_) => Audience::Draft,
        }
    }

    /// How many photos and clips it has, in its properties or in its text.
    pub fn shown_files(&self) -> usize {
        self.said(None).media.iter().filter(|file| file.kind != MediaKind::File).count()
    }

    /// The addresses of its photos and clips, in their order, as the entry's own base completes them.
    pub fn files(&self, base: &Url) -> Vec<String> {
        let values = self.values("photo").chain(self.values("video")).filter_map(address);
        values.filter_map(|url| base.join(url.trim()).ok()).map(String::from).collect()
    }

    /// Its photos and clips at addresses of this kind.
    pub fn strange(&self, is_strange: impl Fn(&str) -> bool) -> Strange {
        let is_it = |value: &&Value| address(value).is_some_and(|url| is_strange(url.trim()));
        let of = |property: &'static str| {
            let first = self.values(property).take_while(is_it).cloned().collect();
            let others = self.values(property).skip_while(is_it).filter(is_it).cloned().collect();
            (property, (first, others))
        };
        let is_any = |(_, (first, others)): &(_, (Vec<Value>, Vec<Value>))| !first.is_empty() || !others.is_empty();
        Strange(["photo", "video"].map(of).into_iter().filter(is_any).collect())
    }

    /// The moment it is about, to the second.
    pub fn moment(&self) -> Option<Moment> {
        Moment::parse(self.text("published")?.trim()).map(Moment::to_second)
    }

    /// When it was last changed there.
    pub fn updated(&self) -> Option<Moment> {
        Moment::parse(self.text("updated")?.trim())
    }

    /// Whether a property is there.
    pub fn has(&self, property: &str) -> bool {
        self.values(property).next().is_some()
    }

    /// Whether a property is there and can be taken out: what nobody here can read was removed by nobody.
    pub fn can_lose(&self, property: &str) -> bool {
        let read = if matches!(property, "photo" | "video") { address } else { text };
        self.has(property) && self.values(property).all(|value| read(value).is_some())
    }

    /// Digest of what counts, in the server's own form.
    pub fn version(&self) -> Digest {
        let ours: BTreeMap<&str, Vec<&Value>> = OURS.iter().map(|name| (*name, self.values(name).collect())).collect();
        // Maps have string keys and every value is representable.
        Digest::of(&serde_json::to_vec(&ours).unwrap_or_default())
    }

    /// What it says. `known` are the parts that it had when it was last seen.
    pub fn said(&self, known: Option<&BTreeMap<String, Digest>>) -> Said {
        let title = self.text("name").map(|name| read_line(&escaped(&name))).unwrap_or_default();
        let html = self.html();
        let (primary, reading) = read_untold(&html, if html.is_empty() { &title } else { "" });
        let mut sides = reading.sides;
        let first = sides.keys().find(|lang| lang.is_chinese()).or_else(|| sides.keys().next()).cloned();
        let first = first.unwrap_or(primary);
        let titles = take_titles(&mut sides, &title, &first, known);
        let topics = self.values("category").filter_map(text).map(|topic| topic.trim().to_owned()).collect();
        Said { media: self.media(reading.media, &first), sides, topics, moment: self.moment(), titles }
    }

    /// The files: those that are properties, then those that only the text has. What the text says of a file that is a
    /// property belongs to it.
    fn media(&self, in_text: Vec<RemoteMedia>, primary: &Lang) -> Vec<RemoteMedia> {
        let kinds = [("photo", MediaKind::Photo), ("video", MediaKind::Clip), ("audio", MediaKind::File)];
        let mut media: Vec<RemoteMedia> = Vec::new();
        for (property, kind) in kinds {
            for value in self.values(property) {
                let Some(url) = address(value) else { continue };
                let alt = value.get("alt").and_then(Value::as_str).map(str::trim).filter(|alt| !alt.is_empty());
                let alt = alt.map(|alt| (primary.clone(), alt.to_owned())).into_iter().collect();
                let name = url.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
                let (asset, name) = (asset_of(name), name.to_owned());
                media.push(RemoteMedia { url: url.to_owned(), asset, kind, alt, name });
            }
        }
        for file in in_text {
            match media.iter_mut().find(|known| known.url == file.url) {
                Some(known) if !file.alt.is_empty() => known.alt = file.alt,
                Some(_) => {}
                None => media.push(file),
            }
        }
        media
    }

    /// The text as HTML, also where the server holds it as plain text.
    fn html(&self) -> String {
        let Some(value) = self.values("content").next() else { return String::new() };
        let html = value.get("html").or_else(|| value.get(0).and_then(|value| value.get("html")));
        if let Some(html) = html.and_then(Value::as_str) {
            return html.to_owned();
        }
        let plain = text(value).unwrap_or_default();
        if plain.trim_start().starts_with('<') {
            return plain.to_owned();
        }
        let paragraphs =
            plain.split("\n\n").map(|paragraph| escaped(paragraph.trim_matches('\n')).replace('\n', "<br>"));
        paragraphs.map(|paragraph| format!("<p>{paragraph}</p>")).collect()
    }

    /// What to send as the content of an entry that was made elsewhere, so that it says what ours does.
    pub fn over(&self, ours: &Self) -> Over {
        let html = self.html();
        // Its files are properties as a rule, and those in its text stay where they are.
        let primary = &likely_lang(&read_line(&html));
        let theirs = Theirs { html: &html, primary, media: None, strange: &[], dialect: Dialect::Plain };
        let says_all = |content: Value| {
            let mut properties = ours.properties.clone();
            properties.insert("content".to_owned(), content);
            let (said, wanted) = (Self::as_sent(properties).said(None), ours.said(None));
            let files =
                |said: &Said| said.media.iter().map(|file| (file.url.clone(), file.alt.clone())).collect::<Vec<_>>();
            said.sides == wanted.sides && files(&said) == files(&wanted)
        };
        match over(&theirs, &ours.html()) {
            Over::Nothing if !says_all(as_html(&html)) => as_a_whole(&theirs),
            Over::Patched(html) if !says_all(as_html(&html)) => as_a_whole(&theirs),
            over => over,
        }
    }

    fn text(&self, property: &str) -> Option<String> {
        self.values(property).find_map(text).map(str::to_owned)
    }

    /// The values of a property, which should be a list and sometimes is not.
    fn values(&self, property: &str) -> impl Iterator<Item = &Value> {
        let (list, one) = match self.properties.get(property) {
            Some(Value::Array(values)) => (values.as_slice(), None),
            Some(Value::Null) | None => (&[][..], None),
            Some(value) => (&[][..], Some(value)),
        };
        list.iter().chain(one)
    }
}

/// A value as text, also where it is an object with more.
fn text(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("value")?.as_str())
}

/// Where a file is. Some servers call it `url`, as their own JSON does (<https://jf2.spec.indieweb.org>).
fn address(value: &Value) -> Option<&str> {
    text(value).or_else(|| value.get("url")?.as_str())
}

/// A content that is HTML.
pub(super) fn as_html(html: &str) -> Value {
    json!([{ "html": html }])
}
