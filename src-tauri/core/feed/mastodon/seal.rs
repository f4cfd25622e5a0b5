//! Reading back what was written: only what is there as it was sent is said to be.

use super::Mastodon;
use super::note::{Book, Part};
use super::present::Present;
use super::read::{Known, together};
use crate::feed::{FeedError, Held};

impl Mastodon {
    /// Reads everything back and writes down how it is.
    pub(super) async fn seal(&self, book: &mut Book) -> Result<Held, FeedError> {
        let parts = book.parts();
        let present = self.present_parts(&parts).await?;
        let is_otherwise = |(part, there): (&Part, &Option<Present>)| {
            part.latest().zip(there.as_ref()).is_some_and(|(sent, there)| !there.reads_alike(sent))
        };
        // Mastodon keeps words as they are: it reads from a copy that is behind, or somebody wrote others meanwhile. Looking
        // once more tells which.
        if self.api.is_complete() && parts.iter().zip(&present).any(is_otherwise) {
            return Err(FeedError::Lost);
        }
        let mut is_as_sent = Ok(());
        for (index, (part, present)) in parts.into_iter().zip(&present).enumerate() {
            match present {
                Some(there) => is_as_sent = is_as_sent.and(self.seal_one(index, part, there, book).await?),
                None if part.id.is_some() => return Err(FeedError::Lost),
                None => {}
            }
        }
        is_as_sent?;
        if book.parts().iter().zip(&present).any(|(part, there)| part.is_shown_to_more(there.as_ref())) {
            return Err(FeedError::CannotChange);
        }
        let there: Vec<Present> = present.into_iter().flatten().collect();
        let known = Known::noted(book).unwrap_or_default();
        together(&there, &known).map(|fetched| fetched.held).ok_or(FeedError::Lost)
    }

    /// Writes down how a status is. One that does not show the files that were sent, or not what they show, is written once more,
    /// without files that the server dropped; after that the server cannot do it. The inner error is what to answer.
    async fn seal_one(
        &self,
        index: usize,
        part: Part,
        there: &Present,
        book: &mut Book,
    ) -> Result<Result<(), FeedError>, FeedError> {
        let part = Part { sent: part.latest().cloned(), next: None, ..part };
        let seal = Some(there.state());
        let otherwise = part.sent.clone().filter(|sent| !part.scheduled && !there.shows(sent));
        let Some(sent) = otherwise else {
            book.set_part(index, &Part { seal, ..part }).await?;
            return Ok(Ok(()));
        };
        if part.again == Some(sent.revision) {
            book.set_part(index, &Part { seal, ..part }).await?;
            return Ok(Err(FeedError::CannotChange));
        }
        if there.media.len() < sent.media.len() {
            book.forget_uploads(&sent.media_ids()).await?;
        }
        let again = Some(sent.revision);
        book.set_part(index, &Part { seal, again, next: Some(sent), ..part }).await?;
        Ok(Err(FeedError::Lost))
    }
}
