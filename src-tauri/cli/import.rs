//! Bringing files in with a progress bar; Ctrl-C stops it and keeps what is done.

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};
use sampan_core::api::error::ErrorCode;
use sampan_core::api::types::{ImportInput, ImportOutcome, ImportProgress, ImportReport, ImportedFile};
use sampan_core::domain::{AssetId, Attachment};

use crate::commands::Session;
use crate::compose::absolute;
use crate::failure::{Complaint, Outcome};
use crate::tongue::{fit, printable};
use crate::words;

/// Brings files and folders into the journal.
pub async fn run(session: &Session, paths: &[PathBuf]) -> Outcome<ImportReport> {
    let paths: Result<Vec<String>, Complaint> = paths.iter().map(|path| unicode(absolute(path))).collect();
    let bar = bar(session);
    let shown = bar.clone();
    let import = session.journal.import_with(ImportInput { paths: paths? }, move |progress| show(&shown, &progress));
    let mut import = std::pin::pin!(import);
    let report = loop {
        tokio::select! {
            report = &mut import => break report?,
            Ok(()) = tokio::signal::ctrl_c() => session.journal.import_cancel(()).await?,
        }
    };
    bar.finish_and_clear();
    Ok(report)
}

/// Says what a person should know about the files of an import; what is wrong with the disk and not with a file is said
/// once.
pub fn tell_all(session: &Session, files: &[ImportedFile]) {
    let mut told = Vec::new();
    for file in files {
        match &file.error {
            Some(error) if error.subject.is_none() && told.contains(&error.code) => {}
            error => {
                told.extend(error.as_ref().map(|error| error.code));
                tell(session, file);
            }
        }
    }
}

/// Says what a person should know about a file: that it failed and why, or that it is new and cannot be shown.
pub fn tell(session: &Session, file: &ImportedFile) {
    let tongue = session.screen.tongue;
    if let Some(error) = &file.error {
        session.screen.note(&format!("sampan-cli: {}", words::error(error, tongue)));
    } else if let Some(problem) = file.asset.as_ref().and_then(|asset| asset.problem)
        && file.outcome == ImportOutcome::Added
    {
        let name = fit(&printable(&file.name), 60);
        session.screen.note(&format!("{name}: {}", words::problem(problem, tongue)));
    }
}

/// An original in a post, without words yet.
pub fn attachment(asset: AssetId, name: &str) -> Attachment {
    Attachment { asset, name: name.to_owned(), alt: std::collections::BTreeMap::new() }
}

/// Whether every file is in the journal now.
pub fn is_complete(report: &ImportReport) -> bool {
    let came = |file: &ImportedFile| matches!(file.outcome, ImportOutcome::Added | ImportOutcome::Duplicate);
    !report.cancelled && report.files.iter().all(came)
}

/// The error of an import that ended early.
pub fn cancelled() -> sampan_core::api::ApiError {
    sampan_core::api::ApiError::new(ErrorCode::Cancelled)
}

fn unicode(path: PathBuf) -> Result<String, Complaint> {
    path.into_os_string().into_string().map_err(|path| Complaint::PathNotUnicode(path.to_string_lossy().into_owned()))
}

fn bar(session: &Session) -> ProgressBar {
    if !session.screen.shows_progress() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{wide_bar} {msg}  {bytes}/{total_bytes}  {bytes_per_sec}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn show(bar: &ProgressBar, progress: &ImportProgress) {
    bar.set_length(progress.total_bytes);
    bar.set_position(progress.bytes);
    let rate = f64::from(progress.done) * 1000.0 / (progress.elapsed_ms.max(1) as f64);
    bar.set_message(format!("{}/{}  {rate:.1}/s", progress.done, progress.total));
}
