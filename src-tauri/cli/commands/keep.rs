//! Keeping a journal safe: check, backup, export.

use std::path::Path;

use sampan_core::api::ApiError;
use sampan_core::api::error::ErrorCode;

use super::{Ending, Session};
use crate::compose::absolute;
use crate::failure::Outcome;
use crate::tongue::{printable, table};
use crate::words;

/// Looks at every byte.
pub async fn check(session: &Session) -> Outcome<Ending> {
    let report = session.journal.check(()).await?;
    session.screen.answer(&report, |tongue| {
        let rows = [
            vec![tongue.pick("posts", "文章").to_owned(), report.posts.to_string()],
            vec![tongue.pick("revisions", "版本").to_owned(), report.revisions.to_string()],
            vec![tongue.pick("originals", "原件").to_owned(), report.assets.to_string()],
            vec![tongue.pick("bytes", "字节").to_owned(), report.bytes.to_string()],
        ];
        let faults = report.faults.iter().map(|fault| {
            let post = fault.post.map(|post| format!(" ({} {post})", tongue.pick("post", "文章"))).unwrap_or_default();
            format!("! {}: {}{post}\n", words::fault(fault.kind, tongue), printable(&fault.item))
        });
        let verdict = if report.clean {
            tongue.pick("Everything is as it was written.", "一切都和写入时一样。")
        } else {
            tongue.pick(
                "Some things are at fault. Everything else is safe. Keep a copy of the folder, then take them from a backup.",
                "有内容出了问题，其余都安全。请先复制整个文件夹，再从备份中取回。",
            )
        };
        format!("{}{}{verdict}\n", table(&rows), faults.collect::<String>())
    })?;
    Ok(if report.clean { Ending::Done } else { Ending::Failed })
}

/// Copies the journal.
pub async fn backup(session: &Session, dir: &Path) -> Outcome<Ending> {
    let report = session.journal.backup(absolute(dir)).await?;
    session.screen.answer(&report, |_| format!("{}\n", printable(&report.dir.display().to_string())))?;
    Ok(Ending::Done)
}

/// Writes everything out in open formats. Originals that are damaged in the journal are named; all else is written.
pub async fn export(session: &Session, dir: &Path) -> Outcome<Ending> {
    let report = session.journal.export(absolute(dir)).await?;
    for asset in &report.damaged {
        let error = ApiError::about(ErrorCode::AssetNotFound, asset.to_string());
        session.screen.note(&format!("sampan-cli: {}", words::error(&error, session.screen.tongue)));
    }
    session.screen.answer(&report, |_| format!("{}\n", printable(&report.dir.display().to_string())))?;
    Ok(if report.damaged.is_empty() { Ending::Done } else { Ending::Failed })
}
