//! Files on their way to the site: to its media endpoint before the entry, or, where it has none, along with the entry in the one
//! form that carries files (<https://www.w3.org/TR/micropub/#uploading-files>). That form has no HTML, so such an entry is given
//! its text a second time once it is there, and what it calls its files is read from it. It is also the one form in which every
//! server has to take new entries (<https://www.w3.org/TR/micropub/#create>), and so the last resort at one that takes no JSON.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::multipart::Part as FormPart;
use serde_json::Value;

use super::Micropub;
use super::carry::Load;
use super::door::Fields;
use super::entry::Entry;
use super::noted::Noted;
use super::source::Source;
use super::told::Made;
use crate::domain::AssetId;
use crate::feed::render::Shown;
use crate::feed::web::{Staged, stage};
use crate::feed::{FeedError, Intent, MediaKind, Outgoing, OutgoingMedia, Part};

/// What a photo shows, in the order of the photos; agreed on by those who write such servers
/// (<https://indieweb.org/Micropub-extensions>).
const ALT: &str = "mp-photo-alt";
/// How often a file is sent to a place that answers, and never with its address.
const TRIES: u32 = 10;

impl Micropub {
    /// Uploads the files that are not there yet, where they can go by themselves.
    pub(super) async fn upload(&self, intent: &Intent, out: &Outgoing, noted: &mut Noted) -> Result<(), FeedError> {
        if self.door.media().await?.is_none() {
            // Nothing but photos and clips can go along.
            let all_go_along = intent.media.iter().all(|media| media.kind != MediaKind::File);
            return if all_go_along { Ok(()) } else { Err(FeedError::Refused) };
        }
        let total = u32::try_from(intent.media.len()).unwrap_or(u32::MAX);
        let known = noted.files();
        let sent = Arc::new(AtomicU64::new(0));
        let is_due = |media: &&OutgoingMedia| !known.contains_key(&media.asset);
        let mut later = intent.media.iter();
        let mut done = 0;
        while let Some(media) = later.next() {
            if is_due(&media) {
                let after = later.clone().filter(is_due).map(|media| media.about_bytes).sum();
                match self.door.upload(part(media, out, (&sent, after)).await?).await {
                    Ok(url) => noted.set_file(media.asset, url.as_str()).await?,
                    Err(error) => return Err(unfiled(error, media.asset, noted).await?),
                }
            }
            done += 1;
            out.progress.uploaded(done, total);
        }
        Ok(())
    }

    /// Makes an entry in the plain form, along with the files that are not there yet.
    pub(super) async fn make_as_form(&self, load: &Load<'_>, number: usize) -> Result<Made, FeedError> {
        let entry = load.entry(number)?;
        let mut fields = vec![("h".to_owned(), "entry".to_owned()), ("content".to_owned(), entry.plain())];
        for (name, values) in self.new_properties(load, number, true, None)? {
            let values: Vec<String> = match values {
                Value::Array(values) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                _ => Vec::new(),
            };
            if !["content", "photo", "video"].contains(&name.as_str()) {
                fields.extend(texts(&name, values));
            }
        }
        let alt = |shown: &Shown| shown.alt.first().map(|(_, alt)| alt.clone()).unwrap_or_default();
        if entry.has_words() {
            fields.extend(texts(ALT, photos(entry).map(alt).collect()));
        }
        let (mut parts, sent) = (Vec::new(), Arc::new(AtomicU64::new(0)));
        for (name, kind) in [("photo", MediaKind::Photo), ("video", MediaKind::Clip)] {
            let files: Vec<&Shown> = entry.carried().filter(|shown| shown.facts.kind == kind).collect();
            for shown in &files {
                let name = named(name, files.len());
                match load.address(shown) {
                    Some(url) => fields.push((name, url.to_owned())),
                    None => parts.push((name, part(&shown.facts, &load.out, (&sent, 0)).await?)),
                }
            }
        }
        let made = self.door.create_from(fields, parts).await?;
        let total = u32::try_from(entry.carried().count()).unwrap_or(u32::MAX);
        load.out.progress.uploaded(total, total);
        Ok(made)
    }

    /// Writes down what the site calls the files that went along with an entry; nothing where it does not tell them all.
    pub(super) async fn learn_files(
        &self,
        load: &mut Load<'_>,
        number: usize,
        there: Option<&Source>,
    ) -> Result<(), FeedError> {
        let assets: Vec<_> = load.entry(number)?.carried().map(|shown| shown.facts.asset).collect();
        let base = self.door.micropub().await?.base();
        let urls = there.map(|source| source.files(base)).filter(|urls| urls.len() == assets.len()).unwrap_or_default();
        for (place, asset) in assets.into_iter().enumerate() {
            load.know_file(asset, urls.get(place).map_or("", String::as_str)).await?;
        }
        Ok(())
    }
}

/// What it means that a file has no address yet. A place for files that steadily answers without one does not take this file.
async fn unfiled(error: FeedError, asset: AssetId, noted: &mut Noted) -> Result<FeedError, FeedError> {
    Ok(match error {
        FeedError::Lost if noted.try_file(asset, TRIES).await? => FeedError::Lost,
        FeedError::Lost => FeedError::FileRefused(asset),
        error => error.about(asset),
    })
}

/// A file as a part of a form. It is staged only now, and gone with the form. Told with it: bytes that were sent before it, and
/// about how many follow it.
async fn part(
    media: &OutgoingMedia,
    out: &Outgoing,
    (sent, later): (&Arc<AtomicU64>, u64),
) -> Result<FormPart, FeedError> {
    let staged = stage(Arc::clone(&out.media), media.asset, Part::Copy).await?;
    let (progress, counted) = (Arc::clone(&out.progress), Arc::clone(sent));
    let all = sent.load(Ordering::Relaxed) + staged.bytes + later;
    let left = move |bytes| progress.sent(counted.fetch_add(bytes, Ordering::Relaxed) + bytes, all);
    file_part(&staged, format!("{}.{}", media.asset, media.extension), &media.mime, left)
}

/// The part of an upload that is the file.
fn file_part(
    staged: &Staged,
    name: String,
    mime: &str,
    left: impl Fn(u64) + Send + Sync + 'static,
) -> Result<FormPart, FeedError> {
    let part = FormPart::stream_with_length(staged.body(left)?, staged.bytes).file_name(name);
    part.mime_str(mime).map_err(|_| FeedError::Refused)
}

fn photos<'a>(entry: &'a Entry<'_>) -> impl Iterator<Item = &'a Shown> {
    entry.carried().filter(|shown| shown.facts.kind == MediaKind::Photo)
}

/// Several values of a property have brackets behind their name.
fn named(name: &str, values: usize) -> String {
    if values > 1 { format!("{name}[]") } else { name.to_owned() }
}

fn texts(name: &str, values: Vec<String>) -> Fields {
    let name = named(name, values.len());
    values.into_iter().map(|value| (name.clone(), value)).collect()
}
