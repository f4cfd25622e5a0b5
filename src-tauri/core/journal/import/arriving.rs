//! A file on its way into the journal: its bytes first, its facts when they are durable.

use std::io::{self, Read, Seek};
use std::sync::atomic::AtomicBool;

use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::types::AssetView;
use crate::domain::{Moment, Point, Timestamp};
use crate::journal::{Journal, pictures};
use crate::media::{Facts, Kind, Limits, Problem, Taken, probe};
use crate::store::assets;
use crate::store::media::{Ingested, Pending};

/// A file that was read and looked at, and is about to be durable. Several of them are committed together.
pub(super) struct Arriving {
    facts: Facts,
    original: Pending,
}

impl Arriving {
    pub(super) fn read(
        journal: &Journal,
        source: &mut (impl Read + Seek),
        cancel: &AtomicBool,
        progress: &dyn Fn(u64),
    ) -> ApiResult<Self> {
        let facts = probe(source);
        source.rewind().map_err(|error| unreadable(&error, ""))?;
        Ok(Self { facts, original: journal.store().media().add(source, cancel, progress)? })
    }

    /// Waits for the bytes, and only then writes the rows that say that we have them: one commit for all.
    pub(super) fn keep(journal: &Journal, read: Vec<ApiResult<Self>>) -> Vec<ApiResult<(AssetView, bool)>> {
        let durable = read.into_iter().map(|arriving| {
            let arriving = arriving?;
            let original = arriving.original.wait()?;
            Ok((asset_view(&original, &arriving.facts, &journal.clock().zone()), original.duplicate))
        });
        let durable: Vec<ApiResult<(AssetView, bool)>> = durable.collect();
        let facts: Vec<AssetView> = durable.iter().flatten().map(|(facts, _)| facts.clone()).collect();
        if facts.is_empty() {
            return durable;
        }
        match tokio::runtime::Handle::current().block_on(journal.store().write(|tx| assets::learn(tx, facts))) {
            Ok((views, posts)) => {
                if !posts.is_empty() {
                    journal.posts_changed(posts);
                }
                let mut views = views.into_iter();
                let mut known = |(facts, duplicate)| (views.next().unwrap_or(facts), duplicate);
                durable.into_iter().map(|kept| kept.map(&mut known)).collect()
            }
            Err(error) => {
                let error = ApiError::from(error);
                durable.into_iter().map(|kept| kept.and(Err(error.clone()))).collect()
            }
        }
    }
}

/// The facts of a file as the journal keeps them. A time without an offset is taken to be in the zone the user is in.
fn asset_view(original: &Ingested, facts: &Facts, zone: &str) -> AssetView {
    AssetView {
        id: original.id,
        kind: pictures::kind(facts.kind),
        mime: facts.format.mime().to_owned(),
        bytes: original.bytes,
        width: facts.width,
        height: facts.height,
        duration_ms: facts.duration_ms,
        codec: facts.codec.clone(),
        colour: None,
        taken: facts.taken.and_then(|taken| moment(taken, zone)),
        point: facts.point.map(|(lat, lon)| Point { lat, lon }),
        problem: facts.problem.or_else(|| too_large(facts)).and_then(pictures::problem),
        has_picture: false,
    }
}

/// A photo that says of itself that it has too many pixels need not be decoded to know it.
fn too_large(facts: &Facts) -> Option<Problem> {
    let (width, height) = facts.width.zip(facts.height).filter(|_| facts.kind == Kind::Photo)?;
    Limits::default().check(width, height).err()
}

fn moment(taken: Taken, zone: &str) -> Option<Moment> {
    let zone = match taken.offset {
        Some(minutes) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60)
        }
        None => zone.to_owned(),
    };
    let clock = Moment { at: Timestamp::from_millis(0), zone: zone.clone() };
    let at = taken.local.to_zoned(clock.to_zoned().time_zone().clone()).ok()?.timestamp();
    Some(Moment { at: Timestamp::from_millis(at.as_millisecond()), zone })
}

pub(super) fn unreadable(error: &io::Error, name: &str) -> ApiError {
    let code = match error.kind() {
        // A name that the file system cannot hold is a name of no file.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => {
            ErrorCode::FileMissing
        }
        io::ErrorKind::PermissionDenied => ErrorCode::FileDenied,
        _ => ErrorCode::Io,
    };
    ApiError::about(code, name)
}
