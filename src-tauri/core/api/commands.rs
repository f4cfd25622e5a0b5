//! The one table of commands. Every interface calls the journal through [`dispatch`]; a command that is missing in the
//! journal does not compile, and the TypeScript table is made from the same lines.

use serde_json::Value;

use super::error::{ApiError, ApiResult, ErrorCode};
use super::remote::*;
use super::types::*;
use crate::domain::{AssetId, FeedId, PostId};
use crate::journal::Journal;

/// A command as the generated TypeScript names it.
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// TypeScript type of its argument.
    pub input: fn(&ts_rs::Config) -> String,
    /// TypeScript type of its answer.
    pub output: fn(&ts_rs::Config) -> String,
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident($input:ty) -> $output:ty;)*) => {
        /// Every command, in the order of the table.
        pub const COMMANDS: &[Command] = &[$(Command {
            name: stringify!($name),
            input: <$input as ts_rs::TS>::name,
            output: <$output as ts_rs::TS>::name,
        }),*];

        /// Shows a visitor the type of every argument and answer.
        pub fn visit_types(visitor: &mut impl ts_rs::TypeVisitor) {
            $(visitor.visit::<$input>(); visitor.visit::<$output>();)*
        }

        /// Runs a command by name with its argument as JSON. An argument that does not fit is [`ErrorCode::BadInput`].
        pub async fn dispatch(journal: &Journal, name: &str, argument: Value) -> ApiResult<Value> {
            match name {
                $(stringify!($name) => {
                    let input: $input = serde_json::from_value(argument).map_err(|_| bad_input(name))?;
                    let output: $output = journal.$name(input).await?;
                    serde_json::to_value(output).map_err(|_| ApiError::new(ErrorCode::Internal))
                })*
                _ => Err(bad_input(name)),
            }
        }
    };
}

fn bad_input(name: &str) -> ApiError {
    ApiError::about(ErrorCode::BadInput, name)
}

commands! {
    /// What this journal is and where.
    journal_state(()) -> JournalState;
    /// The numbers beside the sections.
    counts(()) -> Counts;
    /// The shapes of all cards that fit a filter, newest moment first.
    post_index(PostFilter) -> Vec<IndexEntry>;
    /// What some cards show, in the order asked; posts that are gone are left out.
    post_cards(Vec<PostId>) -> Vec<Card>;
    /// Everything about one post.
    post_get(PostId) -> PostView;
    /// Saves what the editor holds; answers after the commit.
    draft_save(DraftInput) -> DraftSaved;
    /// Ends the sitting: the next change begins a new revision.
    draft_seal(PostId) -> ();
    /// Puts a post into the bin.
    post_delete(PostId) -> ();
    /// Takes a post out of the bin.
    post_undelete(PostId) -> ();
    /// A post's revisions, newest first.
    history(PostId) -> Vec<RevisionEntry>;
    /// What changed between two revisions.
    revision_diff(DiffInput) -> RevisionDiff;
    /// Makes a new revision with the content of an old one.
    revision_restore(RestoreInput) -> DraftSaved;
    /// Brings files into the journal; progress comes as events, the answer when all is done.
    import_files(ImportInput) -> ImportReport;
    /// Brings a picture from the clipboard into the journal.
    import_paste(PasteInput) -> ImportedFile;
    /// Stops running imports; what is done is kept.
    import_cancel(()) -> ();
    /// The facts of an original.
    asset_get(AssetId) -> AssetView;
    /// Keeps a clip's poster that the window drew (JPEG in base64, as `name` the asset's id).
    asset_poster(PasteInput) -> AssetView;
    /// The feeds.
    feed_list(()) -> Vec<FeedView>;
    /// Sets up a feed.
    feed_add(FeedInput) -> FeedView;
    /// Changes a feed.
    feed_change(FeedChange) -> FeedView;
    /// What parting with a feed leaves there, and what it leaves undone.
    feed_parting(FeedId) -> Parting;
    /// Forgets a feed; what lies there stays there.
    feed_remove(FeedId) -> ();
    /// Asks a feed whether it would take a post.
    feed_test(FeedId) -> FeedView;
    /// Finds out what is at an address.
    feed_discover(DiscoverInput) -> Vec<Discovery>;
    /// Begins a sign-in in the user's browser.
    sign_in_begin(SignInInput) -> SignInStarted;
    /// Waits until a sign-in in the browser has ended, and answers the feed.
    sign_in_finish(String) -> FeedView;
    /// Gives a sign-in up.
    sign_in_cancel(String) -> ();
    /// Signs in at a feed with a password or a token.
    feed_sign_in(FeedSignIn) -> FeedView;
    /// Forgets the secret of a feed.
    feed_sign_out(FeedId) -> FeedView;
    /// Reads what was changed at all feeds that can be read back.
    pull(()) -> PullReport;
    /// Takes over what was changed at one feed, however much is gone there at once.
    pull_accept(FeedId) -> PullReport;
    /// Posts that were changed here and at a feed.
    conflicts(()) -> Vec<ConflictView>;
    /// Brings a conflict together.
    conflict_resolve(ConflictChoice) -> PostView;
    /// Says whether a post arrived of which the feed could not tell.
    delivery_arrived(ArrivedInput) -> DeliveryView;
    /// What lies at a feed, wherever it was written.
    remote_list(RemoteListInput) -> RemotePage;
    /// Brings items that lie at a feed into the journal, with their files.
    remote_adopt(AdoptInput) -> AdoptReport;
    /// What would be made of a post for a feed: exactly what is sent.
    post_preview(PreviewInput) -> PostPreview;
    /// Says what is wanted of a post at a feed, and sends when it can.
    post_send(SendInput) -> DeliveryView;
    /// What happens to a post before it leaves.
    preflight(PostId) -> Preflight;
    /// What waits and what was sent.
    outbox(()) -> Outbox;
    /// Tries everything that waits, now.
    sync_now(()) -> Connection;
    /// The connection, in one word and numbers.
    connection(()) -> Connection;
    /// The settings.
    settings_get(()) -> Settings;
    /// Changes the settings.
    settings_set(Settings) -> Settings;
    /// Looks at every byte of the journal.
    check(()) -> CheckReport;
}
