//! Writing, moving and removing one item. Everything here happens in the folder's [`Turn`](super::place::Turn).

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::item::{Enclosure, Item, file_name};
use super::page;
use super::{Folder, audience};
use crate::domain::{Digest, Moment, PostId, Receipt, RevisionId};
use crate::feed::render::{Document, Shown};
use crate::feed::{
    Audience, Changes, FeedError, Fetched, Held, Intent, Lookup, MediaError, MediaKind, Outgoing, Part, RemoteMedia,
};
use crate::files;

const AUDIENCES: [Audience; 2] = [Audience::Published, Audience::Draft];

/// What lies at an item's place.
struct There {
    audience: Audience,
    version: Digest,
    /// Absent when the file is no item any more.
    item: Option<Item>,
    /// Whether it is as it was written from here.
    intact: bool,
}

impl Folder {
    /// Puts an item where the intent wants it, whatever was there, as long as that is what is known of it.
    pub(super) fn put(&self, intent: &Intent, out: &Outgoing, known: Option<&Receipt>) -> Result<Held, FeedError> {
        let _turn = self.turn()?;
        let there = self.there(intent.post)?;
        match known {
            Some(known) => self.expect(&there, known, intent.post)?,
            None => self.expect_own(&there, intent.post, Some(intent.revision))?,
        }
        let document = Document::of(intent);
        let before = there.iter().find(|there| there.audience == intent.audience).and_then(|there| there.item.as_ref());
        let sizes = self.write_media(intent, &document, (before, out))?;
        let item = Item::of(intent, &document, &sizes);
        let bytes = item.to_bytes();
        let folder = self.post(intent.audience, intent.post);
        let write = || {
            files::replace(&folder.join("index.html"), |out| out.write_all(page::post(intent, &document).as_bytes()))?;
            files::replace(&folder.join("item.json"), |out| out.write_all(&bytes))
        };
        write().map_err(|error| self.classify(&error))?;
        // From here on the item is there: a failure does not undo it, so it is a lost answer.
        self.finish(intent, &document).map_err(|_| FeedError::Lost)?;
        Ok(Held {
            remote_id: intent.post.to_string(),
            url: Some(self.page_url(intent.audience, intent.post)),
            audience: intent.audience,
            revision: Some(intent.revision),
            version: Digest::of(&bytes),
            parts: item.parts(),
            touched: false,
            unfinished: false,
        })
    }

    /// Removes an item that is still what is known of it.
    pub(super) fn take_away(&self, known: &Receipt, post: PostId) -> Result<(), FeedError> {
        let _turn = self.turn()?;
        let there = self.there(post)?;
        if there.is_empty() {
            return Ok(());
        }
        self.expect(&there, known, post)?;
        AUDIENCES.iter().try_for_each(|audience| self.clear(*audience, post)).map_err(|_| FeedError::Lost)
    }

    /// What lies there of a post. An item in both parts is one whose move was interrupted, and files that the item does not
    /// list are those of its former version, which must not stay.
    pub(super) fn lookup(&self, post: PostId) -> Result<Lookup, FeedError> {
        self.marker()?;
        let there = self.there(post)?;
        let Some(first) = there.first() else { return Ok(Lookup::Absent) };
        let changed = there.iter().find(|there| !there.intact).unwrap_or(first);
        let strangers = there.iter().any(|there| self.has_strangers(there, post));
        Ok(Lookup::Found(Held { unfinished: there.len() > 1 || strangers, ..self.held(changed, post) }))
    }

    /// Reads an item back.
    pub(super) fn fetch(&self, post: PostId) -> Result<Fetched, FeedError> {
        self.marker()?;
        let there = self.there(post)?;
        let first = there.first().ok_or(FeedError::Gone)?;
        let item = first.item.as_ref().ok_or_else(|| FeedError::ChangedThere(Box::new(self.held(first, post))))?;
        let date = |text: &Option<String>| text.as_deref().and_then(Moment::parse).map(|moment| moment.at);
        Ok(Fetched {
            held: self.held(first, post),
            sides: item.sampan.sides.clone(),
            topics: Some(item.tags.clone()),
            media: Some(item.attachments.iter().map(|file| self.media(item, file, first.audience)).collect()),
            moment: date(&item.date_published),
            modified: date(&item.date_modified),
            warning: None,
        })
    }

    /// The items that are not what is known of them any more. One that is not there is not named: the disk may be another.
    pub(super) fn changes(&self, known: &[Receipt]) -> Result<Changes, FeedError> {
        self.marker()?;
        let mut changes = Changes::default();
        for receipt in known {
            let Ok(post) = receipt.remote_id.parse::<PostId>() else { continue };
            let there = self.there(post)?;
            if there.first().is_some_and(|first| first.version != receipt.version && first.item.is_some()) {
                changes.items.push(self.fetch(post)?);
            }
        }
        Ok(changes)
    }

    fn media(&self, item: &Item, file: &Enclosure, audience: Audience) -> RemoteMedia {
        let name = file.url.rsplit('/').next().unwrap_or_default();
        let kind = match file.mime_type.split('/').next() {
            Some("image") => MediaKind::Photo,
            Some("video") => MediaKind::Clip,
            _ => MediaKind::File,
        };
        RemoteMedia {
            url: super::file_url(&self.area(audience).join(&file.url)),
            asset: name.split('.').next().and_then(|hash| hash.parse().ok()),
            kind,
            alt: item.sampan.alt.get(&file.url).cloned().unwrap_or_default(),
            name: file.title.clone().unwrap_or_else(|| name.to_owned()),
        }
    }

    fn there(&self, post: PostId) -> Result<Vec<There>, FeedError> {
        let mut found = Vec::new();
        for audience in AUDIENCES {
            match fs::read(self.post(audience, post).join("item.json")) {
                Ok(bytes) => found.push(There::of(audience, &bytes)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(self.classify(&error)),
            }
        }
        Ok(found)
    }

    fn has_strangers(&self, there: &There, post: PostId) -> bool {
        let Some(item) = &there.item else { return false };
        let media = self.post(there.audience, post).join("media");
        let mut names = fs::read_dir(media).into_iter().flatten().flatten().map(|entry| entry.file_name());
        names.any(|name| !files::is_left_by_system(&name) && name.to_str().is_none_or(|name| !item.lists(name)))
    }

    fn held(&self, there: &There, post: PostId) -> Held {
        Held {
            remote_id: post.to_string(),
            url: Some(self.page_url(there.audience, post)),
            audience: there.audience,
            revision: there.item.as_ref().map(|item| item.sampan.revision),
            version: there.version,
            parts: there.item.as_ref().map(Item::parts).unwrap_or_default(),
            touched: !there.intact,
            unfinished: false,
        }
    }

    /// Whether what lies there is what the receipt says.
    fn expect(&self, there: &[There], known: &Receipt, post: PostId) -> Result<(), FeedError> {
        let Some(item) = there.iter().find(|there| there.audience == audience(known)).or(there.first()) else {
            return Err(FeedError::Gone);
        };
        if item.version != known.version {
            return Err(FeedError::ChangedThere(Box::new(self.held(item, post))));
        }
        let others: Vec<&There> = there.iter().filter(|there| there.audience != item.audience).collect();
        others.into_iter().try_for_each(|other| self.expect_intact(other, post, None))
    }

    /// Whether what lies there, if anything, was written by an earlier attempt of the same.
    fn expect_own(&self, there: &[There], post: PostId, revision: Option<RevisionId>) -> Result<(), FeedError> {
        there.iter().try_for_each(|there| self.expect_intact(there, post, revision))
    }

    fn expect_intact(&self, there: &There, post: PostId, revision: Option<RevisionId>) -> Result<(), FeedError> {
        let other =
            revision.is_some_and(|revision| there.item.as_ref().is_none_or(|item| item.sampan.revision != revision));
        if there.intact && !other { Ok(()) } else { Err(FeedError::ChangedThere(Box::new(self.held(there, post)))) }
    }

    /// Copies the files and answers their sizes. What an intact item lists and still lies there in that size is kept.
    fn write_media(
        &self,
        intent: &Intent,
        document: &Document,
        (before, out): (Option<&Item>, &Outgoing),
    ) -> Result<Vec<u64>, FeedError> {
        let folder = self.post(intent.audience, intent.post);
        let media = folder.join("media");
        self.make_room(&folder, &media).map_err(|error| self.classify(&error))?;
        let total = u32::try_from(document.media.len()).unwrap_or(u32::MAX);
        let mut sizes = Vec::with_capacity(document.media.len());
        for (done, shown) in (1..).zip(&document.media) {
            let kept = before.and_then(|item| kept_size(item, &media, &file_name(shown, &Part::Copy)));
            sizes.push(match kept {
                Some(size) => size,
                None => self.copy(&media, (shown, &Part::Copy), out)?,
            });
            for part in extra_parts(shown) {
                self.copy(&media, (shown, &part), out)?;
            }
            out.progress.uploaded(done, total);
        }
        if total > 0 {
            files::sync_folder(&media).map_err(|error| self.classify(&error))?;
        }
        Ok(sizes)
    }

    fn make_room(&self, folder: &Path, media: &Path) -> io::Result<()> {
        files::make_folder(media)?;
        files::sweep(folder)?;
        files::sweep(media)
    }

    fn copy(&self, media: &Path, (shown, part): (&Shown, &Part), out: &Outgoing) -> Result<u64, FeedError> {
        let asset = shown.facts.asset;
        let mut why = None;
        let written = files::replace(&media.join(file_name(shown, part)), |file| {
            out.media.copy(asset, part, file).map_err(|error| match error {
                MediaError::Write(error) => error,
                other => {
                    why = Some(other);
                    io::Error::other("the file cannot leave")
                }
            })
        });
        match (written, why) {
            (_, Some(MediaError::CannotStrip)) => Err(FeedError::CannotStrip(asset)),
            (_, Some(_)) => Err(FeedError::MediaDamaged(asset)),
            (Err(error), None) => Err(self.classify(&error).about(asset)),
            (Ok(size), None) => Ok(size),
        }
    }

    /// Makes the item durable, then removes what it replaces.
    fn finish(&self, intent: &Intent, document: &Document) -> io::Result<()> {
        let folder = self.post(intent.audience, intent.post);
        files::sync_folder(&folder)?;
        let other = match intent.audience {
            Audience::Draft => Audience::Published,
            Audience::Published => Audience::Draft,
        };
        self.clear(other, intent.post)?;
        let used: Vec<OsString> = document.media.iter().flat_map(names).map(OsString::from).collect();
        for entry in fs::read_dir(folder.join("media"))? {
            let entry = entry?;
            let name = entry.file_name();
            if !used.contains(&name) && !files::is_left_by_system(&name) {
                files::remove(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes a post's folder, the item first: from then on it is no item.
    pub(super) fn clear(&self, audience: Audience, post: PostId) -> io::Result<()> {
        let folder = self.post(audience, post);
        if folder.exists() {
            files::remove(&folder.join("item.json"))?;
            files::remove_folder(&folder)?;
        }
        Ok(())
    }
}

impl There {
    fn of(audience: Audience, bytes: &[u8]) -> Self {
        let version = Digest::of(bytes);
        match Item::from_bytes(bytes) {
            Some((item, intact)) => Self { audience, version, item: Some(item), intact },
            None => Self { audience, version, item: None, intact: false },
        }
    }
}

fn kept_size(item: &Item, media: &Path, name: &str) -> Option<u64> {
    let listed = item.attachments.iter().find(|enclosure| enclosure.url.ends_with(&format!("/media/{name}")))?;
    let lies = fs::metadata(media.join(name)).ok()?.len();
    (listed.size_in_bytes == lies).then_some(lies)
}

fn extra_parts(shown: &Shown) -> Vec<Part> {
    let poster = shown.facts.poster.then_some(Part::Poster);
    poster.into_iter().chain(shown.facts.subtitles.iter().cloned().map(Part::Subtitles)).collect()
}

fn names(shown: &Shown) -> Vec<String> {
    let parts = extra_parts(shown);
    std::iter::once(&Part::Copy).chain(&parts).map(|part| file_name(shown, part)).collect()
}
