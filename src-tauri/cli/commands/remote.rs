//! What comes back: changes made at feeds, conflicts, posts that may have arrived, what lies at a feed, what would be sent.

use std::path::PathBuf;

use sampan_core::api::error::{ApiError, ErrorCode};
use sampan_core::api::remote::{
    AdoptInput, AdoptReport, Arrived, ArrivedInput, ConflictChoice, ConflictView, PostPreview, PreviewInput,
    PullReport, RemoteListInput, RemotePage, Resolve,
};
use sampan_core::api::types::FeedHealth;
use sampan_core::domain::PostId;
use sampan_core::journal::WrittenFile;
use serde::Serialize;

use super::feeds::{delivery_line, print_delivery, send_now, tell_where_secrets_are};
use super::{Ending, Session};
use crate::arguments::{ArrivedOptions, RemoteCommand, ResolveOptions};
use crate::compose::absolute;
use crate::failure::{Complaint, ErrorJson, Failure, Outcome};
use crate::tongue::{Tongue, fit, printable, printable_lines, table};
use crate::{views, words};

#[derive(Serialize)]
struct Adopted {
    #[serde(flatten)]
    report: AdoptReport,
    /// Why nothing more could be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
}

#[derive(Serialize)]
struct Preview {
    id: PostId,
    #[serde(flatten)]
    preview: PostPreview,
    /// The files that were written out.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<WrittenFile>>,
}

/// Reads what was changed at the feeds.
pub async fn pull(session: &Session, accept: Option<String>) -> Outcome<Ending> {
    let report = match session.feed_named(accept).await? {
        Some(feed) => session.journal.pull_accept(feed).await?,
        None => session.journal.pull(()).await?,
    };
    let ending = ending(&report);
    if ending != Ending::Done {
        tell_where_secrets_are(session, &session.journal.feed_list(()).await?);
    }
    let text = pull_text(&report, session.screen.tongue);
    session.screen.answer(&report, |_| text)?;
    Ok(ending)
}

/// What is left to do after feeds were read.
pub fn ending(report: &PullReport) -> Ending {
    if report.conflicts > 0 || !report.held_back.is_empty() {
        return Ending::NeedsUser;
    }
    let not_read = [
        (FeedHealth::SignedOut, &report.signed_out),
        (FeedHealth::Denied, &report.denied),
        (FeedHealth::Locked, &report.locked),
        (FeedHealth::Unreachable, &report.unreachable),
    ];
    let not_read = not_read.into_iter().filter(|(_, feeds)| !feeds.is_empty()).map(|(health, _)| Ending::at(health));
    let read_later = (!report.busy.is_empty()).then_some(Ending::Waits);
    not_read.chain(read_later).max().unwrap_or(Ending::Done)
}

/// Lists conflicts.
pub async fn conflicts(session: &Session) -> Outcome<Ending> {
    let conflicts = session.journal.conflicts(()).await?;
    let ending = if conflicts.is_empty() { Ending::Done } else { Ending::NeedsUser };
    let text = conflicts.iter().map(|conflict| conflict_text(conflict, session.screen.tongue)).collect::<String>();
    let conflicts: Vec<views::Conflict> = conflicts.into_iter().map(views::Conflict::from).collect();
    let text = if text.is_empty() {
        format!("{}\n", session.screen.tongue.pick("no post was changed on both sides", "没有两边都改过的文章"))
    } else {
        text
    };
    session.screen.answer(&conflicts, |_| text)?;
    Ok(ending)
}

/// Brings a conflict together, and sends what came of it at once.
pub async fn resolve(session: &Session, options: ResolveOptions) -> Outcome<Ending> {
    let post = session.post(options.id).await?;
    let feed = session.feed_named(options.feed).await?;
    let conflicts = session.journal.conflicts(()).await?;
    let mut mine = conflicts.into_iter().filter(|one| one.post == post && feed.is_none_or(|feed| one.feed == feed));
    let conflict = match (mine.next(), mine.next()) {
        (Some(conflict), None) => conflict,
        (None, _) => return Err(Complaint::NoConflict(post.to_string()).into()),
        (Some(_), Some(_)) => return Err(Complaint::WhichFeed(post.to_string()).into()),
    };
    let resolve = match () {
        () if options.ours => Resolve::Ours,
        () if options.theirs => Resolve::Theirs,
        () if options.two_posts => Resolve::TwoPosts,
        () => Resolve::Choose { theirs: options.take },
    };
    let ConflictView { feed, ours, theirs, .. } = conflict;
    let resolved = session.journal.conflict_resolve(ConflictChoice { post, feed, ours, theirs, resolve }).await;
    let view = resolved.map_err(|error| match error {
        ApiError { code: ErrorCode::BadInput, subject: Some(name), .. } => Complaint::NotToChoose(name).into(),
        error => Failure::from(error),
    })?;
    let mut ending = Ending::Done;
    if let Some(asked) = view.deliveries.into_iter().find(|delivery| delivery.feed == feed) {
        let (delivery, sent) = send_now(session, asked).await?;
        if sent != Ending::Done {
            session.screen.note(delivery_line(&delivery, session.screen.tongue).trim_end());
        }
        ending = sent;
    }
    let view = session.journal.post_get(post).await?;
    session.screen.answer(&views::Post::from(view), |_| format!("{post}\n"))?;
    Ok(ending)
}

/// Says whether a post arrived, and sends at once what that makes to be sent.
pub async fn arrived(session: &Session, options: ArrivedOptions) -> Outcome<Ending> {
    let post = session.post(options.id).await?;
    let feed = session.journal.feed_resolve(options.feed).await?;
    let arrived = options.yes.map_or(Arrived::No, |url| Arrived::Yes { url });
    let delivery = session.journal.delivery_arrived(ArrivedInput { post, feed, arrived }).await?;
    let (delivery, ending) = send_now(session, delivery).await?;
    print_delivery(session, delivery)?;
    Ok(ending)
}

/// Shows what would be made of a post.
pub async fn preview(session: &Session, id: String, to: String, out: Option<PathBuf>) -> Outcome<Ending> {
    let post = session.post(id).await?;
    let feed = session.journal.feed_resolve(to).await?;
    let preview = session.journal.post_preview(PreviewInput { post, feed, manner: None, wanted: None }).await?;
    let ending = if preview.obstacles.is_empty() { Ending::Done } else { Ending::NeedsUser };
    let files = match out {
        Some(dir) => Some(session.journal.preview_write(post, absolute(&dir)).await?),
        None => None,
    };
    let mut text = preview_text(&preview, session.screen.tongue);
    for file in files.iter().flatten() {
        text.push_str(&format!("{}\n", printable(&file.path.display().to_string())));
    }
    session.screen.answer(&Preview { id: post, preview, files }, |_| text)?;
    Ok(ending)
}

/// What `remote` does.
pub async fn remote(session: &Session, command: RemoteCommand) -> Outcome<Ending> {
    match command {
        RemoteCommand::List { feed, page } => {
            let feed = session.journal.feed_resolve(feed).await?;
            let page = session.journal.remote_list(RemoteListInput { feed, page }).await?;
            let text = page_text(&page, session.screen.tongue);
            session.screen.answer(&views::RemotePage::from(page), |_| text)?;
            Ok(Ending::Done)
        }
        RemoteCommand::Adopt { feed, ids } => {
            let feed = session.journal.feed_resolve(feed).await?;
            let mut report = session.journal.remote_adopt(AdoptInput { feed, items: ids }).await?;
            let ending = if report.failed.is_empty() { Ending::Done } else { Ending::Failed };
            let tongue = session.screen.tongue;
            let text = adopt_text(&report, tongue);
            let error = report.error.take().map(|error| ErrorJson::of(&error, ended(&error, tongue)));
            session.screen.answer(&Adopted { report, error }, |_| text)?;
            Ok(ending)
        }
    }
}

fn pull_text(report: &PullReport, tongue: Tongue) -> String {
    let mut rows = vec![
        vec![tongue.pick("taken over", "已取回").to_owned(), report.changed.to_string()],
        vec![tongue.pick("changed on both sides", "两边都改过").to_owned(), report.conflicts.to_string()],
        vec![tongue.pick("gone there", "那边已不在").to_owned(), report.gone.to_string()],
    ];
    rows.extend(trouble(report, tongue));
    table(&rows)
}

/// The feeds that could not be read, by what is the matter with them, and how many files could not.
pub fn trouble(report: &PullReport, tongue: Tongue) -> Vec<Vec<String>> {
    let kinds = [
        (tongue.pick("held back: look there first", "已暂停，请先查看"), &report.held_back),
        (words::health(FeedHealth::SignedOut, tongue), &report.signed_out),
        (tongue.pick("does not let us read", "不允许读取"), &report.denied),
        (words::health(FeedHealth::Locked, tongue), &report.locked),
        (words::health(FeedHealth::Unreachable, tongue), &report.unreachable),
        (tongue.pick("wants to be left alone for a while", "请求过一会儿再来"), &report.busy),
    ];
    let named =
        |names: &[String]| names.iter().map(|name| words::feed_name(name, tongue)).collect::<Vec<_>>().join(", ");
    let feeds = kinds.into_iter().filter(|(_, names)| !names.is_empty()).map(|(what, names)| (what, named(names)));
    let files = (files_missing(tongue), report.files_missing.to_string());
    let rows = feeds.chain(Some(files).filter(|_| report.files_missing > 0));
    rows.map(|(what, which)| vec![what.to_owned(), which]).collect()
}

fn files_missing(tongue: Tongue) -> &'static str {
    tongue.pick("files that could not be fetched", "没能取回的文件")
}

fn conflict_text(conflict: &ConflictView, tongue: Tongue) -> String {
    let titles: Vec<String> = conflict.titles.values().map(|title| fit(&printable(title), 30)).collect();
    let mut rows = vec![vec![
        conflict.post.to_string(),
        fit(&words::feed_name(&conflict.feed_name, tongue), 30),
        titles.join(" / "),
    ]];
    let sides = [tongue.pick("here", "这里"), tongue.pick("there", "那边")];
    rows.push([String::new(), String::new()].into_iter().chain(sides.map(str::to_owned)).collect());
    for part in &conflict.parts {
        let name = views::part_name(part);
        let way = if part.merged { tongue.pick("merged", "已合并") } else { tongue.pick("choose", "请选择") };
        rows.push(vec![format!("  {name}"), way.to_owned(), shown(&part.ours), shown(&part.theirs)]);
    }
    table(&rows)
}

fn shown(text: &str) -> String {
    fit(&printable(text), 40)
}

fn preview_text(preview: &PostPreview, tongue: Tongue) -> String {
    let mut text = String::new();
    for obstacle in words::obstacles(preview, tongue) {
        text.push_str(&format!("! {obstacle}\n"));
    }
    if preview.over_theirs {
        let words = tongue.pick(
            "what was made there stays; only the words that differ are changed",
            "那边做的会保留；只改动不同的字句",
        );
        text.push_str(&format!("{words}\n"));
    }
    for item in &preview.items {
        let lang = item.lang.as_ref().map(|lang| format!("[{lang}] ")).unwrap_or_default();
        let title = item.title.as_deref().map(printable).unwrap_or_default();
        let length = item.length.map(|length| format!(" ({length})")).unwrap_or_default();
        text.push_str(&format!("{lang}{title} +{}{length}\n{}\n\n", item.files.len(), printable_lines(&item.text)));
    }
    text
}

fn page_text(page: &RemotePage, tongue: Tongue) -> String {
    let rows: Vec<Vec<String>> = page
        .items
        .iter()
        .map(|item| {
            let titles: Vec<String> = item.titles.values().map(|title| fit(&printable(title), 30)).collect();
            let title = if titles.is_empty() { shown(&item.excerpt) } else { titles.join(" / ") };
            let audience =
                if item.published { tongue.pick("published", "已发布") } else { tongue.pick("draft", "草稿") };
            let here = item.post.map(|post| post.to_string()).unwrap_or_default();
            vec![printable(&item.remote_id), audience.to_owned(), format!("+{}", item.files), title, here]
        })
        .collect();
    let next = page.next.as_deref().map(|next| format!("--page {}\n", printable(next))).unwrap_or_default();
    format!("{}{next}", table(&rows))
}

fn adopt_text(report: &AdoptReport, tongue: Tongue) -> String {
    let mut text: String = report.posts.iter().map(|post| format!("{post}\n")).collect();
    let counts = [
        (tongue.pick("in the journal already", "日记里已有"), report.known.to_string()),
        (files_missing(tongue), report.files_missing.to_string()),
        (tongue.pick("failed", "失败"), report.failed.iter().map(|id| printable(id)).collect::<Vec<_>>().join(", ")),
    ];
    let rows: Vec<Vec<String>> = counts.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    text.push_str(&table(&rows));
    if let Some(error) = &report.error {
        text.push_str(&format!("! {}\n", ended(error, tongue)));
    }
    text
}

/// Why nothing more could be brought in, and what to do.
fn ended(error: &ApiError, tongue: Tongue) -> String {
    let words = match error.code {
        ErrorCode::SignInNeeded => tongue.pick(
            "the feed does not know us any more; sign in with `feed sign-in`, then bring in the rest",
            "发布处不再认得我们；请用 feed sign-in 登录，然后导入其余的",
        ),
        ErrorCode::FeedDenied => tongue.pick(
            "the feed does not let us read its posts; check what your account may do there",
            "发布处不允许读取文章；请检查账户在那里的权限",
        ),
        ErrorCode::FeedUnreachable => tongue.pick(
            "the feed cannot be reached now; bring in the rest when it can",
            "现在连不上发布处；连上后再导入其余的",
        ),
        _ => return words::error(error, tongue),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use sampan_core::api::remote::Obstacle;

    use super::*;

    #[test]
    fn what_ended_bringing_in_is_said_with_what_to_do() {
        let error = Some(ApiError::new(ErrorCode::SignInNeeded));
        let report = AdoptReport { failed: vec!["2".into()], error, ..AdoptReport::default() };
        assert!(adopt_text(&report, Tongue::English).contains("feed sign-in"));
        assert!(!adopt_text(&AdoptReport { error: None, ..report }, Tongue::English).contains("feed sign-in"));
    }

    #[test]
    fn a_preview_shows_what_is_in_the_way_first() {
        let obstacles = vec![Obstacle::TooLong];
        let preview = PostPreview { items: Vec::new(), obstacles, leaves_at: None, over_theirs: false };
        assert!(preview_text(&preview, Tongue::Chinese).starts_with("! 文字"));
        let over = |over_theirs| preview_text(&PostPreview { over_theirs, ..preview.clone() }, Tongue::English);
        assert_eq!([true, false].map(|theirs| over(theirs).contains("what was made there stays")), [true, false]);
    }

    #[test]
    fn feeds_that_were_not_read_are_named_by_what_is_to_be_done() {
        let report = PullReport { unreachable: vec!["Blog".into()], ..PullReport::default() };
        assert_eq!(ending(&report), Ending::Waits);
        let report = PullReport { signed_out: vec!["Notes".into(), String::new()], ..report };
        assert_eq!(ending(&report), Ending::NeedsUser);
        let rows = [["sign in again", "Notes, Folder"], ["cannot be reached", "Blog"]];
        assert_eq!(trouble(&report, Tongue::English), rows, "and no row about nothing");
        let report = PullReport { locked: vec!["Blog".into()], files_missing: 2, ..PullReport::default() };
        assert_eq!([ending(&report), Ending::at(FeedHealth::Locked)], [Ending::Waits; 2], "as a test of the feed says");
        let rows = [["the keychain is locked", "Blog"], ["files that could not be fetched", "2"]];
        assert_eq!(trouble(&report, Tongue::English), rows);
        assert!(pull_text(&report, Tongue::Chinese).contains("没能取回的文件"));
        let report = PullReport { busy: vec!["Blog".into()], ..PullReport::default() };
        assert_eq!(ending(&report), Ending::Waits);
        assert_eq!(trouble(&report, Tongue::English), [["wants to be left alone for a while", "Blog"]]);
        for needs_user in [
            PullReport { held_back: vec!["Blog".into()], ..PullReport::default() },
            PullReport { denied: vec!["Blog".into()], ..PullReport::default() },
        ] {
            assert_eq!(ending(&needs_user), Ending::NeedsUser);
        }
        assert_eq!(ending(&PullReport::default()), Ending::Done);
    }
}
