//! Writing: post, edit, delete, undelete, restore. Every command is a sitting of its own, so each makes a revision.

use sampan_core::api::ApiError;
use sampan_core::api::error::ErrorCode;
use sampan_core::api::types::{DraftInput, PostView, RestoreInput, RevisionEntry};
use sampan_core::clock::{Clock, SystemClock};
use sampan_core::domain::{Content, PostId, RevisionId};

use super::{Ending, Session};
use crate::arguments::{EditOptions, PostOptions};
use crate::compose;
use crate::failure::{Complaint, Outcome};
use crate::views;

/// Writes a post and prints its id.
pub async fn post(session: &Session, options: PostOptions) -> Outcome<Ending> {
    let content = compose::apply(session, Content::empty(SystemClock.moment()), options.parts).await?;
    if content.clone().normalised().is_blank() {
        return Err(Complaint::NothingToSay.into());
    }
    let saved = session.journal.draft_save(DraftInput { post: None, base: None, version: None, content }).await?;
    session.journal.draft_seal(saved.post).await?;
    answer(session, saved.post).await
}

/// Changes what is given.
pub async fn edit(session: &Session, options: EditOptions) -> Outcome<Ending> {
    if !changes_anything(&options) {
        return Err(Complaint::NothingToChange.into());
    }
    let id = session.post(options.id).await?;
    let before = session.journal.post_get(id).await?;
    let mut content = before.content.clone();
    for name in &options.remove_media {
        // Numbers are those that `show` prints, so they are looked up before anything is taken out.
        let index = compose::find(&before.content, name)?;
        let removed = before.content.attachments.get(index).map(|attachment| attachment.asset);
        content.attachments.retain(|attachment| Some(attachment.asset) != removed);
    }
    let mut content = compose::apply(session, content, options.parts).await?;
    if let Some(name) = &options.cover {
        let index = compose::find(&content, name)?;
        content.cover = content.attachments.get(index).map(|attachment| attachment.asset);
    }
    save_over(session, &before, content).await?;
    answer(session, id).await
}

/// Puts a post into the bin.
pub async fn delete(session: &Session, id: String) -> Outcome<Ending> {
    let id = session.post(id).await?;
    session.journal.post_delete(id).await?;
    answer(session, id).await
}

/// Takes a post out of the bin.
pub async fn undelete(session: &Session, id: String) -> Outcome<Ending> {
    let id = session.post(id).await?;
    session.journal.post_undelete(id).await?;
    answer(session, id).await
}

/// Makes an old revision the newest again.
pub async fn restore(session: &Session, id: String, revision: &str) -> Outcome<Ending> {
    let post = session.post(id).await?;
    let revision = find_revision(&session.journal.history(post).await?, revision)?;
    session.journal.revision_restore(RestoreInput { post, revision }).await?;
    session.journal.draft_seal(post).await?;
    answer(session, post).await
}

/// Saves over what another window may be writing: its sitting is ended first, so that its text stays in the history.
pub async fn save_over(session: &Session, before: &PostView, content: Content) -> Outcome<()> {
    let id = before.id;
    session.journal.draft_seal(id).await?;
    let draft = DraftInput { post: Some(id), base: Some(before.revision), version: Some(before.version), content };
    let saved = session.journal.draft_save(draft).await?;
    session.journal.draft_seal(id).await?;
    if saved.superseded {
        session.screen.note(session.screen.tongue.pick(
            "The post was changed elsewhere meanwhile. This version is the newest; `history` has the other one.",
            "这篇文章同时在别处被修改。现在最新的是这个版本；另一个版本在 history 里。",
        ));
    }
    Ok(())
}

/// Prints the whole post as JSON, or its id.
async fn answer(session: &Session, id: PostId) -> Outcome<Ending> {
    let post = views::Post::from(session.journal.post_get(id).await?);
    session.screen.answer(&post, |_| format!("{id}\n"))?;
    Ok(Ending::Done)
}

fn changes_anything(options: &EditOptions) -> bool {
    let parts = &options.parts;
    let texts = [&parts.zh_title, &parts.zh, &parts.en_title, &parts.en, &parts.place, &options.cover];
    texts.iter().any(|text| text.is_some())
        || parts.at.is_some()
        || [parts.topic.is_empty(), parts.title.is_empty(), parts.body.is_empty()].contains(&false)
        || !parts.media.0.is_empty()
        || !options.remove_media.is_empty()
}

/// The revision that a number of the history, an id or the beginning of one names.
fn find_revision(history: &[RevisionEntry], text: &str) -> Result<RevisionId, ApiError> {
    let digits: String = text.chars().filter(|c| *c != '-').collect::<String>().to_ascii_lowercase();
    let begins = |entry: &&RevisionEntry| entry.id.to_string().replace('-', "").starts_with(&digits);
    let number = text.parse::<usize>().ok().filter(|number| *number > 0);
    if let Some(entry) = number.and_then(|number| history.iter().rev().nth(number - 1)) {
        return Ok(entry.id);
    }
    let mut hits = history.iter().filter(|_| digits.len() >= SHORTEST_ID).filter(begins);
    match (hits.next(), hits.next()) {
        (Some(entry), None) => Ok(entry.id),
        _ => Err(ApiError::about(ErrorCode::RevisionNotFound, text)),
    }
}

const SHORTEST_ID: usize = 6;

#[cfg(test)]
mod tests {
    use sampan_core::clock::TestClock;
    use sampan_core::domain::{Origin, Timestamp};

    use super::*;

    #[test]
    fn a_revision_goes_by_number_or_id() {
        let clock = TestClock::new(1_736_000_000_000);
        let history: Vec<RevisionEntry> = (0..3)
            .map(|_| RevisionEntry {
                id: RevisionId::from_uuid(clock.new_uuid()),
                parents: Vec::new(),
                origin: Origin::Edit,
                created_at: Timestamp::from_millis(0),
                updated_at: Timestamp::from_millis(0),
                titles: std::collections::BTreeMap::new(),
                attachments: 0,
            })
            .collect();
        let whole = history[1].id.to_string();
        assert_eq!(find_revision(&history, "3").unwrap(), history[0].id, "numbers count from the oldest");
        assert_eq!(find_revision(&history, &whole).unwrap(), history[1].id);
        assert_eq!(find_revision(&history, &whole.to_uppercase().replace('-', "")).unwrap(), history[1].id);
        for wrong in ["0", "4", "", "汉字", whole.get(..8).unwrap()] {
            assert!(find_revision(&history, wrong).is_err(), "{wrong} names none or several");
        }
    }
}
