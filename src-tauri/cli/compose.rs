//! Puts what was typed into a post's content: texts, topics, moment, place, files with their alt texts.

use std::path::{Path, PathBuf};

use sampan_core::api::types::ImportOutcome;
use sampan_core::domain::limits::{ALT_BYTES, BODY_BYTES, LINE_BYTES};
use sampan_core::domain::{Attachment, Content, Lang, Place};

use crate::arguments::Parts;
use crate::commands::Session;
use crate::failure::{Complaint, Outcome};
use crate::import;
use crate::media_options::{MediaFile, MediaOption};
use crate::texts::Texts;
use crate::words;

/// The content with the parts that were given; everything typed is read and checked before a file is brought in.
pub async fn apply(session: &Session, mut content: Content, parts: Parts) -> Outcome<Content> {
    let texts = Texts::default();
    let media = read_alts(&texts, parts.media.0.clone())?;
    apply_words(&texts, &mut content, parts)?;
    for option in &media {
        if let MediaFile::Attached(name) = &option.file {
            find(&content, name)?;
        }
    }
    attach(session, &mut content, media).await?;
    Ok(content)
}

/// The attachment that a number (from 1) or the beginning of a hash names.
pub fn find(content: &Content, text: &str) -> Outcome<usize> {
    let count = content.attachments.len();
    if let Some(number) = text.parse::<usize>().ok().filter(|number| (1..=count).contains(number)) {
        return Ok(number - 1);
    }
    let wanted = text.to_ascii_lowercase();
    let mut hits =
        content.attachments.iter().enumerate().filter(|(_, attachment)| {
            wanted.len() >= SHORTEST_HASH && attachment.asset.to_string().starts_with(&wanted)
        });
    match (hits.next(), hits.next()) {
        (Some((index, _)), None) => Ok(index),
        _ => Err(Complaint::NoSuchFile(text.to_owned()).into()),
    }
}

const SHORTEST_HASH: usize = 6;

fn read_alts(texts: &Texts, mut media: Vec<MediaOption>) -> Outcome<Vec<MediaOption>> {
    for (lang, text) in media.iter_mut().flat_map(|option| &mut option.alts) {
        *text = texts.read(text, &format!("alt ({lang})"), ALT_BYTES)?;
    }
    Ok(media)
}

fn apply_words(texts: &Texts, content: &mut Content, parts: Parts) -> Outcome<()> {
    let (zh, en) = (Lang::zh_hans, Lang::en);
    let titles = [(zh(), parts.zh_title), (en(), parts.en_title)];
    let titles = titles.into_iter().filter_map(|(lang, text)| Some((lang, text?))).chain(parts.title);
    for (lang, typed) in titles {
        let title = texts.read(&typed, &format!("title ({lang})"), LINE_BYTES)?;
        content.sides.entry(lang).or_default().title = title;
    }
    let bodies = [(zh(), parts.zh), (en(), parts.en)];
    let bodies = bodies.into_iter().filter_map(|(lang, text)| Some((lang, text?))).chain(parts.body);
    for (lang, typed) in bodies {
        let body = texts.read(&typed, &format!("body ({lang})"), BODY_BYTES)?;
        content.sides.entry(lang).or_default().body = body;
    }
    if !parts.topic.is_empty() {
        content.topics = parts.topic;
    }
    if let Some(moment) = parts.at {
        content.moment = moment;
    }
    if let Some(name) = parts.place {
        // A name keeps the point that came from a photo; an empty name takes both away.
        let point = content.place.as_ref().and_then(|place| place.point);
        content.place = (!name.trim().is_empty()).then_some(Place { name, point });
    }
    Ok(())
}

async fn attach(session: &Session, content: &mut Content, media: Vec<MediaOption>) -> Outcome<()> {
    let paths: Vec<PathBuf> = media.iter().filter_map(|option| new_path(&option.file)).collect();
    if let Some(folder) = paths.iter().find(|path| path.is_dir()) {
        return Err(Complaint::MediaIsFolder(folder.display().to_string()).into());
    }
    let mut brought = if paths.is_empty() { Vec::new() } else { bring(session, &paths).await? }.into_iter();
    for option in media {
        let index = match &option.file {
            MediaFile::Attached(name) => find(content, name)?,
            MediaFile::New(_) => match brought.next() {
                Some(attachment) => position_of(content, attachment),
                None => continue,
            },
        };
        if let Some(attachment) = content.attachments.get_mut(index) {
            attachment.alt.extend(option.alts);
        }
    }
    Ok(())
}

fn new_path(file: &MediaFile) -> Option<PathBuf> {
    match file {
        MediaFile::New(path) => Some(path.clone()),
        MediaFile::Attached(_) => None,
    }
}

/// Where an original stands in the post; it is added at the end when it is not there yet.
fn position_of(content: &mut Content, attachment: Attachment) -> usize {
    let there = content.attachments.iter().position(|other| other.asset == attachment.asset);
    there.unwrap_or_else(|| {
        content.attachments.push(attachment);
        content.attachments.len() - 1
    })
}

/// Brings single files in; all of them or none, so that a post is never saved without a file it was written about.
async fn bring(session: &Session, paths: &[PathBuf]) -> Outcome<Vec<Attachment>> {
    let report = import::run(session, paths).await?;
    let mut attachments = Vec::with_capacity(report.files.len());
    for file in &report.files {
        match (&file.asset, file.outcome) {
            (Some(asset), ImportOutcome::Added | ImportOutcome::Duplicate) => {
                import::tell(session, file);
                attachments.push(import::attachment(asset.id, &file.name));
            }
            _ => return Err(failed(session, file)),
        }
    }
    Ok(attachments)
}

fn failed(session: &Session, file: &sampan_core::api::types::ImportedFile) -> crate::failure::Failure {
    session.screen.note(words::complaint(&Complaint::MediaFailed(file.name.clone()), session.screen.tongue).as_str());
    match &file.error {
        Some(error) => error.clone().into(),
        None => sampan_core::api::ApiError::new(sampan_core::api::error::ErrorCode::Cancelled).into(),
    }
}

/// An absolute path: the journal has no current folder.
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use sampan_core::domain::{AssetId, Digest, Moment, Timestamp};

    use super::*;

    #[test]
    fn a_file_in_the_post_goes_by_number_or_hash() {
        let mut content = Content::empty(Moment { at: Timestamp::from_millis(0), zone: "UTC".into() });
        for bytes in ["a", "b"] {
            content.attachments.push(import::attachment(AssetId(Digest::of(bytes.as_bytes())), "x.jpg"));
        }
        let hash = Digest::of(b"b").to_string();
        assert_eq!(find(&content, "2").unwrap(), 1);
        assert_eq!(find(&content, &hash.get(..6).unwrap().to_uppercase()).unwrap(), 1);
        for wrong in ["0", "3", hash.get(..5).unwrap(), "", "外滩"] {
            assert!(find(&content, wrong).is_err(), "{wrong}");
        }
    }
}
