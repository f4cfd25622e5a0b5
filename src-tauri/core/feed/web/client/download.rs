//! Files that a site holds, written down as they come, however large they are.

use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Method, RequestBuilder, Response};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use url::Url;

use super::Client;
use crate::feed::FeedError;
use crate::feed::web::answer::{Answer, Risk, as_text};

/// Redirects that are followed where no credentials go along.
const HOPS: usize = 3;

impl Client {
    /// Writes a file at any address into a local one, however large it is up to `most` bytes, and answers its size. It is asked
    /// for as nobody, and followed where it was moved to while `may_follow` says so. A page is no file.
    pub async fn download_from(
        &self,
        mut url: Url,
        may_follow: &(dyn Fn(&Url) -> bool + Sync),
        to: &mut File,
        most: u64,
    ) -> Result<u64, FeedError> {
        for _ in 0..=HOPS {
            let response = self.beginning(self.anonymous(Method::GET, url.clone())).await?;
            let told = |name| response.headers().get(name).and_then(as_text);
            if response.status().is_redirection() {
                let next = told(LOCATION).and_then(|next| url.join(next).ok()).filter(may_follow);
                url = next.ok_or(FeedError::Gone)?;
                continue;
            }
            if told(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")) {
                return Err(FeedError::Gone);
            }
            return self.write_down(response, to, most).await;
        }
        Err(FeedError::Gone)
    }

    async fn beginning(&self, request: RequestBuilder) -> Result<Response, FeedError> {
        let request = request.build().map_err(|_| FeedError::Unreachable)?;
        self.head(request).await.map_err(|_| FeedError::Unreachable)
    }

    async fn write_down(&self, mut response: Response, to: &mut File, most: u64) -> Result<u64, FeedError> {
        if !response.status().is_success() {
            let (status, headers) = (response.status(), response.headers().clone());
            return Err(Answer { status, headers, body: Vec::new(), risk: Risk::Asks }.error());
        }
        let mut bytes = 0_u64;
        while let Some(chunk) = self.chunk(&mut response).await.map_err(|_| FeedError::Unreachable)? {
            bytes += chunk.len() as u64;
            if bytes > most {
                return Err(FeedError::TooLarge(None));
            }
            to.write_all(&chunk).await.map_err(|_| FeedError::Journal)?;
        }
        to.flush().await.map_err(|_| FeedError::Journal)?;
        Ok(bytes)
    }
}
