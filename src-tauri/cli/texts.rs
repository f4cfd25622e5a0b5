//! Texts as they are typed: the text itself, `@file` or `-`. Reads at most a little more than a post can hold.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};

use sampan_core::api::ApiError;
use sampan_core::api::error::ErrorCode;

use crate::failure::{Complaint, Failure, Outcome};

/// Reads the texts of one command line.
#[derive(Debug, Default)]
pub struct Texts {
    input_used: Cell<bool>,
}

impl Texts {
    /// The text that `typed` stands for. `field` names it for people, `limit` is the most bytes of UTF-8 it may have.
    pub fn read(&self, typed: &str, field: &str, limit: usize) -> Outcome<String> {
        if typed == "-" {
            if self.input_used.replace(true) {
                return Err(Complaint::InputTwice.into());
            }
            return without_last_break(bounded(&mut io::stdin().lock(), "stdin", field, limit)?, field, limit);
        }
        let Some(path) = typed.strip_prefix('@') else {
            return within(typed.to_owned(), field, limit);
        };
        if path.starts_with('@') {
            return within(path.to_owned(), field, limit);
        }
        let mut file = File::open(path).map_err(|error| unreadable(&error, path))?;
        if file.metadata().is_ok_and(|data| data.is_dir()) {
            return Err(ApiError::about(ErrorCode::FileDenied, path).into());
        }
        without_last_break(bounded(&mut file, path, field, limit)?, field, limit)
    }
}

/// All of a reader, as long as a post could hold it. What is too long is read on only to be counted.
fn bounded(reader: &mut impl Read, name: &str, field: &str, limit: usize) -> Outcome<String> {
    // A byte order mark and the last line break do not count, hence a few bytes more.
    let room = limit.saturating_add(8);
    let mut bytes = Vec::new();
    let kept = reader.by_ref().take(room as u64).read_to_end(&mut bytes);
    kept.map_err(|error| unreadable(&error, name))?;
    if bytes.len() == room {
        // Counting ends somewhere, so that an endless input (a device, a pipe) gets its answer.
        let rest = io::copy(&mut reader.take(COUNTED_BYTES), &mut io::sink()).unwrap_or(0);
        return Err(too_long(field, limit, room as u64 + rest));
    }
    let text = String::from_utf8(bytes).map_err(|_| Complaint::NotUtf8(name.to_owned()))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

const COUNTED_BYTES: u64 = 1 << 26;

/// A text file ends its last line with a break that nobody means as part of the text.
fn without_last_break(mut text: String, field: &str, limit: usize) -> Outcome<String> {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    within(text, field, limit)
}

fn within(text: String, field: &str, limit: usize) -> Outcome<String> {
    if text.len() > limit { Err(too_long(field, limit, text.len() as u64)) } else { Ok(text) }
}

fn too_long(field: &str, limit: usize, actual: u64) -> Failure {
    let error = ApiError::about(ErrorCode::TooLong, field);
    ApiError { limit: Some(limit as u64), actual: Some(actual), ..error }.into()
}

fn unreadable(error: &io::Error, name: &str) -> ApiError {
    let code = match error.kind() {
        // A name that the file system cannot hold is a name of no file.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => {
            ErrorCode::FileMissing
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::IsADirectory => ErrorCode::FileDenied,
        _ => ErrorCode::Io,
    };
    ApiError::about(code, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_bytes(bytes: &[u8], limit: usize) -> Outcome<String> {
        let text = bounded(&mut io::Cursor::new(bytes), "file", "body", limit)?;
        without_last_break(text, "body", limit)
    }

    #[test]
    fn a_text_that_begins_with_at_is_written_with_two() {
        assert_eq!(Texts::default().read("@@home", "body", 100).unwrap(), "@home");
    }

    #[test]
    fn a_text_of_exactly_the_bound_fits_even_with_a_mark_and_a_last_break() {
        assert_eq!(read_bytes("\u{feff}一二三\r\n".as_bytes(), 9).unwrap(), "一二三");
    }

    #[test]
    fn a_byte_too_many_is_named_with_both_numbers() {
        for given in ["a".repeat(10), "a".repeat(100_000)] {
            let Err(Failure::Journal(error)) = read_bytes(given.as_bytes(), 9) else { panic!("must not fit") };
            assert_eq!(
                (error.subject.as_deref(), error.limit, error.actual),
                (Some("body"), Some(9), Some(given.len() as u64))
            );
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert!(matches!(read_bytes(b"\xd6\xd0\xce\xc4", 100), Err(Failure::Complaint(Complaint::NotUtf8(_)))));
    }
}
