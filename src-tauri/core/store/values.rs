//! How the domain's types are written into columns and read back. What cannot be read back is damage, never a default.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::{AssetId, Digest, FeedId, Lang, PostId, RevisionId, Timestamp};

/// A value kept as JSON text.
pub(super) struct Json<T>(pub T);

/// A plain enum kept as its serialised name.
pub(super) struct Word<T>(pub T);

macro_rules! blob {
    ($($id:ty, $read:expr;)*) => {$(
        impl ToSql for $id {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.as_bytes().as_slice())))
            }
        }

        impl FromSql for $id {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                $read(value.as_blob()?).map_err(FromSqlError::other)
            }
        }
    )*};
}

blob! {
    PostId, Self::from_slice;
    RevisionId, Self::from_slice;
    FeedId, Self::from_slice;
    Digest, Self::from_slice;
}

impl ToSql for AssetId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for AssetId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Digest::column_result(value).map(Self)
    }
}

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_millis().into())
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self::from_millis)
    }
}

impl ToSql for Lang {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = serde_json::to_string(&self.0).map_err(to_sql_failure)?;
        Ok(text.into())
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

impl<T: Serialize> ToSql for Word<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match serde_json::to_value(&self.0).map_err(to_sql_failure)? {
            serde_json::Value::String(word) => Ok(word.into()),
            _ => Err(rusqlite::Error::ToSqlConversionFailure("a word must serialise as a string".into())),
        }
    }
}

impl<T: DeserializeOwned> FromSql for Word<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = serde_json::Value::String(value.as_str()?.to_owned());
        serde_json::from_value(word).map(Self).map_err(FromSqlError::other)
    }
}

fn to_sql_failure(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{NeedsYou, Origin};

    #[test]
    fn a_word_comes_back_and_an_unknown_one_is_damage() {
        let conn = rusqlite::Connection::open_in_memory().unwrap();
        let word: Word<NeedsYou> =
            conn.query_row("SELECT ?1", [Word(NeedsYou::CannotStrip)], |row| row.get(0)).unwrap();
        assert_eq!(word.0, NeedsYou::CannotStrip);
        let wrong = conn.query_row("SELECT 'nothing of ours'", [], |row| row.get::<_, Word<Origin>>(0));
        assert!(wrong.is_err(), "a stored word that we do not know is an error, not a default");
    }
}
