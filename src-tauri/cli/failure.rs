//! What can go wrong in the terminal program: errors of the journal, complaints about what was typed, a closed pipe.

use std::io;
use std::path::Path;

use sampan_core::api::ApiError;
use sampan_core::api::error::ErrorCode;
use serde::Serialize;

use crate::tongue::Tongue;
use crate::words;

/// Why a command ended early.
#[derive(Debug)]
pub enum Failure {
    /// The journal says so.
    Journal(ApiError),
    /// What was typed does not fit together.
    Complaint(Complaint),
    /// Standard output cannot be written. A closed pipe is no error: the reader had enough.
    Output(io::Error),
}

/// What is wrong with what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Complaint {
    /// The parser's own words.
    Usage(String),
    /// The file or input is not UTF-8.
    NotUtf8(String),
    /// Two texts want the standard input.
    InputTwice,
    /// A new post without a word or a file.
    NothingToSay,
    /// An edit without a change.
    NothingToChange,
    /// The post has no such file, or more than one begins like that.
    NoSuchFile(String),
    /// A folder where a file is expected.
    MediaIsFolder(String),
    /// A path that is not Unicode.
    PathNotUnicode(String),
    /// The system does not say where programs keep their data.
    NoHome,
    /// A post that is in the bin cannot be sent.
    InBin(String),
    /// The environment variable that shall hold a secret is not set.
    NoVariable(String),
    /// The post is in no conflict.
    NoConflict(String),
    /// The post is in conflict at more than one feed.
    WhichFeed(String),
    /// What shall be taken from the feed is no part that there is to choose.
    NotToChoose(String),
    /// A file could not be brought in, so the post was not saved.
    MediaFailed(String),
}

/// What every command gives.
pub type Outcome<T> = Result<T, Failure>;

/// An error as `--json` prints it.
#[derive(Debug, Serialize)]
pub struct ErrorJson {
    code: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<u64>,
}

impl Failure {
    /// Names the journal where an error is about its folder or file and says no more than that.
    pub fn in_journal(self, dir: &Path) -> Self {
        match self {
            Self::Journal(error) if error.subject.is_none() && is_about_the_journal(error.code) => {
                Self::Journal(ApiError { subject: Some(dir.display().to_string()), ..error })
            }
            other => other,
        }
    }

    /// What happened, what is safe, what to do; absent for a closed pipe.
    pub fn words(&self, tongue: Tongue) -> Option<String> {
        match self {
            Self::Journal(error) => Some(words::error(error, tongue)),
            Self::Complaint(complaint) => Some(words::complaint(complaint, tongue)),
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => None,
            Self::Output(_) => Some(words::error(&ApiError::about(ErrorCode::Io, "stdout"), tongue)),
        }
    }

    /// The same with its code and facts.
    pub fn json(&self, tongue: Tongue) -> Option<ErrorJson> {
        let message = self.words(tongue)?;
        let (code, subject) = match self {
            Self::Journal(error) => return Some(ErrorJson::of(error, message)),
            Self::Complaint(complaint @ Complaint::InBin(_)) => (ErrorCode::PostNotFound, complaint.subject()),
            Self::Complaint(complaint) => (ErrorCode::BadInput, complaint.subject()),
            Self::Output(_) => (ErrorCode::Io, None),
        };
        let error = ApiError { subject, ..ApiError::new(code) };
        Some(ErrorJson::of(&error, message))
    }
}

fn is_about_the_journal(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::FolderMissing
            | ErrorCode::FolderDenied
            | ErrorCode::NotAJournal
            | ErrorCode::JournalNewer
            | ErrorCode::JournalDamaged
            | ErrorCode::JournalBusy
            | ErrorCode::Io
    )
}

impl ErrorJson {
    /// An error of the journal with its words.
    pub fn of(error: &ApiError, message: String) -> Self {
        // The code's name is its serde name, the same that the window sees.
        let code = serde_json::to_value(error.code).ok().and_then(|value| value.as_str().map(str::to_owned));
        Self {
            code: code.unwrap_or_default(),
            message,
            subject: error.subject.clone(),
            limit: error.limit,
            actual: error.actual,
        }
    }
}

impl Complaint {
    fn subject(&self) -> Option<String> {
        match self {
            Self::NotUtf8(subject)
            | Self::NoSuchFile(subject)
            | Self::MediaIsFolder(subject)
            | Self::PathNotUnicode(subject)
            | Self::InBin(subject)
            | Self::NoVariable(subject)
            | Self::NoConflict(subject)
            | Self::WhichFeed(subject)
            | Self::NotToChoose(subject)
            | Self::MediaFailed(subject) => Some(subject.clone()),
            Self::Usage(_) | Self::InputTwice | Self::NothingToSay | Self::NothingToChange | Self::NoHome => None,
        }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Journal(error)
    }
}

impl From<Complaint> for Failure {
    fn from(complaint: Complaint) -> Self {
        Self::Complaint(complaint)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
