//! Files in and out: import, media.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use sampan_core::api::types::{AssetView, DraftInput, ImportOutcome, ImportReport, ImportedFile};
use sampan_core::clock::{Clock, SystemClock};
use sampan_core::domain::limits::ATTACHMENTS;
use sampan_core::domain::{AssetId, Content, Place, PostId};
use serde::Serialize;

use super::{Ending, Session};
use crate::compose::absolute;
use crate::failure::Outcome;
use crate::import;
use crate::tongue::{Tongue, printable, table};
use crate::views::Brought;
use crate::words;

#[derive(Serialize)]
struct ImportAnswer {
    /// The first post, when there is one.
    id: Option<PostId>,
    posts: Vec<PostId>,
    added: usize,
    duplicates: usize,
    failed: usize,
    skipped: usize,
    cancelled: bool,
    files: Vec<Brought>,
}

#[derive(Serialize)]
struct MediaAnswer<'a> {
    id: PostId,
    files: &'a [sampan_core::journal::WrittenFile],
}

/// Brings files into a new post, or several when there are more than fit into one.
pub async fn import(session: &Session, paths: &[PathBuf], into: Option<String>) -> Outcome<Ending> {
    let into = match into {
        Some(id) => Some(session.post(id).await?),
        None => None,
    };
    let report = import::run(session, paths).await?;
    import::tell_all(session, &report.files);
    let posts = match into {
        Some(post) => add_to(session, post, &report).await?,
        None => new_posts(session, &report).await?,
    };
    print_report(session, &report, posts)?;
    if report.cancelled {
        // The report has been printed: what is left to say is for people.
        session.screen.note(&format!("sampan-cli: {}", words::error(&import::cancelled(), session.screen.tongue)));
    }
    Ok(if import::is_complete(&report) { Ending::Done } else { Ending::Failed })
}

/// Writes a post's originals into a folder.
pub async fn media(session: &Session, id: String, out: &Path) -> Outcome<Ending> {
    let id = session.post(id).await?;
    let files = session.journal.media_write(id, absolute(out)).await?;
    session.screen.answer(&MediaAnswer { id, files: &files }, |_| {
        files.iter().map(|file| format!("{}\n", printable(&file.path.display().to_string()))).collect()
    })?;
    Ok(Ending::Done)
}

/// New posts with every file that is in no post yet; also those that an import brought in before it was killed.
async fn new_posts(session: &Session, report: &ImportReport) -> Outcome<Vec<PostId>> {
    let came: Vec<(&ImportedFile, &AssetView)> = arrived(report).collect();
    let ids = came.iter().map(|(_, asset)| asset.id).collect();
    let used = session.journal.assets_in_posts(ids).await?;
    let mut seen = HashSet::new();
    let fresh: Vec<_> =
        came.into_iter().filter(|(_, asset)| !used.contains(&asset.id) && seen.insert(asset.id)).collect();
    let mut posts = Vec::new();
    for files in fresh.chunks(ATTACHMENTS) {
        let draft = DraftInput { post: None, base: None, version: None, content: proposed(files) };
        let saved = session.journal.draft_save(draft).await?;
        session.journal.draft_seal(saved.post).await?;
        posts.push(saved.post);
    }
    Ok(posts)
}

/// A post with these files; its moment and place are those of the first photo that has them.
fn proposed(files: &[(&ImportedFile, &AssetView)]) -> Content {
    let taken = files.iter().find_map(|(_, asset)| asset.taken.clone());
    let mut content = Content::empty(taken.unwrap_or_else(|| SystemClock.moment()));
    let point = files.iter().find_map(|(_, asset)| asset.point);
    content.place = point.map(|point| Place { name: String::new(), point: Some(point) });
    content.attachments = files.iter().map(|(file, asset)| import::attachment(asset.id, &file.name)).collect();
    content
}

async fn add_to(session: &Session, post: PostId, report: &ImportReport) -> Outcome<Vec<PostId>> {
    let before = session.journal.post_get(post).await?;
    let mut there: HashSet<AssetId> = before.content.attachments.iter().map(|attachment| attachment.asset).collect();
    let mut content = before.content.clone();
    for (file, asset) in arrived(report) {
        if there.insert(asset.id) {
            content.attachments.push(import::attachment(asset.id, &file.name));
        }
    }
    if content != before.content {
        super::posts::save_over(session, &before, content).await?;
    }
    Ok(vec![post])
}

fn arrived(report: &ImportReport) -> impl Iterator<Item = (&ImportedFile, &AssetView)> {
    let came = |file: &&ImportedFile| matches!(file.outcome, ImportOutcome::Added | ImportOutcome::Duplicate);
    report.files.iter().filter(came).filter_map(|file| Some((file, file.asset.as_ref()?)))
}

fn print_report(session: &Session, report: &ImportReport, posts: Vec<PostId>) -> Outcome<()> {
    let count = |outcome| report.files.iter().filter(|file| file.outcome == outcome).count();
    let answer = ImportAnswer {
        id: posts.first().copied(),
        posts,
        added: count(ImportOutcome::Added),
        duplicates: count(ImportOutcome::Duplicate),
        failed: count(ImportOutcome::Failed),
        skipped: count(ImportOutcome::Skipped),
        cancelled: report.cancelled,
        files: report.files.iter().map(|file| Brought::of(file, session.screen.tongue)).collect(),
    };
    session.screen.note(summary(&answer, session.screen.tongue).trim_end());
    session.screen.answer(&answer, |_| answer.posts.iter().map(|post| format!("{post}\n")).collect())
}

fn summary(answer: &ImportAnswer, tongue: Tongue) -> String {
    let counts = [
        (ImportOutcome::Added, answer.added),
        (ImportOutcome::Duplicate, answer.duplicates),
        (ImportOutcome::Failed, answer.failed),
        (ImportOutcome::Skipped, answer.skipped),
    ];
    let rows: Vec<Vec<String>> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| vec![count.to_string(), words::outcome(outcome, tongue).to_owned()])
        .collect();
    if rows.is_empty() { tongue.pick("no files there", "没有文件").to_owned() } else { table(&rows) }
}
