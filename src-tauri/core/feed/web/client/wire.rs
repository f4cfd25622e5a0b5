//! One request on its way and its answer on the way back: how long a silence is borne, and what it says.

use std::error::Error;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http_body_util::BodyExt;
use hyper::body::Bytes;
use reqwest::{Body, Request, Response};
use tokio::time::timeout;

use super::Client;
use crate::feed::FeedError;
use crate::feed::web::answer::Risk;

/// An answer may hold this many bytes: a page of posts, each of up to a megabyte, and not a disk full.
const LONGEST_ANSWER: usize = 32 << 20;
/// While a file leaves and is worked on, signs of life may be so many times further apart.
const UPLOAD: u32 = 4;
/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

impl Client {
    /// Sends a request, and answers when the head of its answer is there. While a body leaves, every piece of it is a sign of
    /// life; after that the site may take a while with it, as one that makes small copies of a large photo does.
    pub(super) async fn head(&self, mut request: Request) -> Result<Response, Silence> {
        let (pulse, mut borne) = (Arc::new(AtomicU64::new(0)), 1);
        if let Some(body) = request.body_mut().take_if(|body| body.as_bytes().is_none()) {
            let beat = Arc::clone(&pulse);
            let counted = body.map_frame(move |frame| {
                beat.fetch_add(1, Ordering::Relaxed);
                frame
            });
            *request.body_mut() = Some(Body::wrap(counted));
            borne = UPLOAD;
        }
        let mut answer = pin!(self.http.execute(request));
        let (mut beats, mut silent) = (0, 0);
        while silent < borne {
            if let Ok(response) = timeout(self.patience.stall, &mut answer).await {
                return response.map_err(|error| Silence::of(&error));
            }
            let now = pulse.load(Ordering::Relaxed);
            silent = if now == beats { silent + 1 } else { 0 };
            beats = now;
        }
        Err(Silence::Afterwards)
    }

    pub(super) async fn body(&self, response: &mut Response) -> Result<Vec<u8>, Silence> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk(response).await? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(Silence::Afterwards);
            }
            body.extend_from_slice(&chunk);
        }
        // Some programs write a byte order mark in front of whatever they send.
        if body.starts_with(MARK) {
            body.drain(..MARK.len());
        }
        Ok(body)
    }

    pub(super) async fn chunk(&self, response: &mut Response) -> Result<Option<Bytes>, Silence> {
        match timeout(self.patience.stall, response.chunk()).await {
            Ok(chunk) => chunk.map_err(|error| Silence::of(&error)),
            Err(_) => Err(Silence::Afterwards),
        }
    }
}

/// No answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// Not a byte of the request left.
    BeforeItLeft,
    /// The same, since who answers has no valid certificate.
    Untrusted,
    /// Something left.
    Afterwards,
}

impl Silence {
    fn of(error: &reqwest::Error) -> Self {
        // The address is left out: it may name a post.
        let (connect, timeout) = (error.is_connect(), error.is_timeout());
        tracing::debug!(connect, timeout, "no answer");
        match connect {
            true if is_about_certificate(error) => Self::Untrusted,
            true => Self::BeforeItLeft,
            false => Self::Afterwards,
        }
    }

    pub fn meaning(self, risk: Risk) -> FeedError {
        match (self, risk) {
            (Self::BeforeItLeft | Self::Untrusted, _) | (_, Risk::Asks) => FeedError::Unreachable,
            (Self::Afterwards, Risk::Changes) => FeedError::Lost,
        }
    }
}

fn is_about_certificate(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
            return true;
        }
        // An error of the system does not name what it holds as its source, but the source of that.
        let held = error.downcast_ref().and_then(io::Error::get_ref);
        cause = held.map(|held| held as &(dyn Error + 'static)).or_else(|| error.source());
    }
    false
}
