//! Errors as an interface sees them: a code and facts. Each interface chooses the words.

use std::io::ErrorKind;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::store::StoreError;

/// What went wrong. An interface has a text for every one: what happened, what is safe, what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// No journal is open.
    NoJournal,
    /// The folder does not exist (an unplugged disk, a moved folder).
    FolderMissing,
    /// The folder does not let us read or write.
    FolderDenied,
    /// The folder must be empty, and holds something else already.
    FolderNotEmpty,
    /// The folder holds a file of our name that is no journal.
    NotAJournal,
    /// The journal was made by a newer version.
    JournalNewer,
    /// The journal's file is damaged.
    JournalDamaged,
    /// Another program holds the journal and does not let go.
    JournalBusy,
    /// The disk is full.
    DiskFull,
    /// Reading or writing failed below us.
    Io,
    /// There is no such post.
    PostNotFound,
    /// There is no such revision.
    RevisionNotFound,
    /// There is no such original.
    AssetNotFound,
    /// There is no such feed.
    FeedNotFound,
    /// More than one feed goes by that name.
    FeedAmbiguous,
    /// There is already a feed at that place.
    FeedExists,
    /// The feed cannot be reached now.
    FeedUnreachable,
    /// The feed is switched off.
    FeedOff,
    /// The feed answers, but does not let us write.
    FeedDenied,
    /// At the address is nothing that posts can be sent to.
    NoFeedThere,
    /// What answered at the address is no answer of a feed: a page of the network on the way, or another program.
    AnswerStrange,
    /// The address is plain `http` to another computer, or leads there, and that was not allowed.
    PlainHttp,
    /// The certificate of the site is not valid: expired, of another name, or signed by nobody who is trusted.
    BadCertificate,
    /// The feed needs a sign-in, and nothing to sign in with was given.
    SignInNeeded,
    /// The feed did not accept the name and password, or the token.
    SignInRefused,
    /// The user said no in the browser.
    SignInDenied,
    /// The user's browser did not come back in time.
    SignInTimedOut,
    /// Somebody else signed in than the feed is set up for.
    SignInOther,
    /// The system keeps no secrets for us: the user has to say where else.
    NoKeychain,
    /// The system's keychain is locked. Nobody is signed out.
    KeychainLocked,
    /// The conflict is not as the user saw it any more.
    ConflictChanged,
    /// At that address of a feed is nothing that the post could be, or another item of the post.
    ItemNotFound,
    /// A text or a list is over its bound.
    TooLong,
    /// The file is over the bound.
    FileTooLarge,
    /// The file has no bytes.
    FileEmpty,
    /// There is no such file.
    FileMissing,
    /// The file cannot be read.
    FileDenied,
    /// What was given does not have the form it must have.
    BadInput,
    /// The user cancelled it.
    Cancelled,
    /// A mistake of ours.
    Internal,
}

/// An error with the facts a sentence about it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{code:?}")]
pub struct ApiError {
    /// What went wrong.
    pub code: ErrorCode,
    /// The field, file or folder it is about, as the user knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub subject: Option<String>,
    /// The bound, where one was crossed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub limit: Option<u64>,
    /// What was given, where a bound was crossed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub actual: Option<u64>,
}

impl ApiError {
    /// An error about nothing in particular.
    pub const fn new(code: ErrorCode) -> Self {
        Self { code, subject: None, limit: None, actual: None }
    }

    /// An error about a field, file or folder.
    pub fn about(code: ErrorCode, subject: impl Into<String>) -> Self {
        Self { code, subject: Some(subject.into()), limit: None, actual: None }
    }
}

/// The one place that decides what an interface is told of a failure in the store.
impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::FolderMissing => ErrorCode::FolderMissing,
            StoreError::FolderDenied => ErrorCode::FolderDenied,
            StoreError::NotAJournal => ErrorCode::NotAJournal,
            StoreError::JournalNewer { .. } => ErrorCode::JournalNewer,
            StoreError::Damaged(_) => ErrorCode::JournalDamaged,
            StoreError::Busy => ErrorCode::JournalBusy,
            StoreError::DiskFull => ErrorCode::DiskFull,
            StoreError::Io(_) => ErrorCode::Io,
            StoreError::PostNotFound => ErrorCode::PostNotFound,
            StoreError::RevisionNotFound => ErrorCode::RevisionNotFound,
            StoreError::AssetNotFound => ErrorCode::AssetNotFound,
            StoreError::FeedNotFound => ErrorCode::FeedNotFound,
            StoreError::FileTooLarge { .. } => ErrorCode::FileTooLarge,
            StoreError::FileEmpty => ErrorCode::FileEmpty,
            StoreError::Source(ErrorKind::NotFound) => ErrorCode::FileMissing,
            StoreError::Source(ErrorKind::PermissionDenied) => ErrorCode::FileDenied,
            StoreError::Source(_) => ErrorCode::Io,
            StoreError::Cancelled => ErrorCode::Cancelled,
            StoreError::Occupied => ErrorCode::FolderNotEmpty,
            StoreError::Closed => ErrorCode::NoJournal,
            StoreError::Internal(_) => ErrorCode::Internal,
        };
        if matches!(code, ErrorCode::Internal | ErrorCode::JournalDamaged | ErrorCode::Io) {
            tracing::error!(%error, "the store failed");
        }
        match error {
            StoreError::FileTooLarge { limit, actual } => {
                Self { limit: Some(limit), actual: Some(actual), ..Self::new(code) }
            }
            _ => Self::new(code),
        }
    }
}

/// What a command gives.
pub type ApiResult<T> = Result<T, ApiError>;
