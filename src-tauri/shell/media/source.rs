//! Where media bytes come from, as the two doors need it: a length, a kind, and reading at a place.

use std::{io, ops::Range, sync::Arc};

use async_trait::async_trait;

use super::address::Address;

/// An open original or rendition.
pub trait Media: Send + Sync {
    /// Its media type, such as `image/jpeg`.
    fn mime(&self) -> &str;
    /// Its length in bytes.
    fn length(&self) -> u64;
    /// Reads some bytes from `offset` on into `buffer`; none at the end. Blocks while it reads.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// Looks media up.
#[async_trait]
pub trait Source: Send + Sync {
    /// The media at this address, or `None` if there is none.
    async fn open(&self, address: Address) -> Option<Arc<dyn Media>>;
}

/// The kinds that the page may be given. SVG and HTML are not among them: they could run.
pub fn is_served(mime: &str) -> bool {
    const SERVED: &[&str] = &[
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/gif",
        "image/avif",
        "video/mp4",
        "video/quicktime",
        "video/webm",
        "text/vtt",
    ];
    SERVED.contains(&mime)
}

/// Reads exactly `range` of `media`, away from the tasks that must not block. An early end of the file is an error, since its length was promised.
pub async fn read_exactly(media: Arc<dyn Media>, range: Range<u64>) -> io::Result<Vec<u8>> {
    tokio::task::spawn_blocking(move || read(media.as_ref(), range)).await?
}

fn read(media: &dyn Media, range: Range<u64>) -> io::Result<Vec<u8>> {
    let length = usize::try_from(range.end.saturating_sub(range.start)).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let read = media.read_at(range.start + filled as u64, rest)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        filled += read;
    }
    Ok(bytes)
}

#[cfg(test)]
pub mod fake {
    //! Media in memory, for the tests of both doors.

    use super::*;

    /// Media made of bytes; gives at most 1000 at a time, as a chunked store may.
    pub struct Bytes(pub &'static str, pub Vec<u8>);

    impl Media for Bytes {
        fn mime(&self) -> &str {
            self.0
        }
        fn length(&self) -> u64 {
            self.1.len() as u64
        }
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            let rest = &self.1[offset as usize..];
            let length = rest.len().min(buffer.len()).min(1000);
            buffer[..length].copy_from_slice(&rest[..length]);
            Ok(length)
        }
    }

    /// A source with one medium under every hash of zeros.
    pub struct One(pub Arc<Bytes>);

    #[async_trait]
    impl Source for One {
        async fn open(&self, address: Address) -> Option<Arc<dyn Media>> {
            address.asset.to_string().bytes().all(|digit| digit == b'0').then(|| self.0.clone() as Arc<dyn Media>)
        }
    }

    /// The address of the one medium.
    pub fn path() -> String {
        format!("/{}/original", "0".repeat(64))
    }

    /// A source with one medium of `length` counting bytes.
    pub fn counting(mime: &'static str, length: usize) -> Arc<dyn Source> {
        Arc::new(One(Arc::new(Bytes(mime, (0..length).map(|at| (at % 251) as u8).collect()))))
    }
}
