//! The user's word on posts of which nobody knows whether they are at a feed: an answer was lost for good, or the journal was copied
//! while they waited.

use url::Url;

use super::Journal;
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::remote::{Arrived, ArrivedInput};
use crate::api::types::{DeliveryView, LanguageLayout};
use crate::domain::{Delivery, DeliveryState, Digest, Happened, NeedsYou, Receipt, Wanted};
use crate::feed::{Feed, FeedError, Fetched, Held, Lookup, Page};
use crate::store::feeds::{self, FeedRow};
use crate::store::{arrivals, outbox, views};

/// So many pages of what a feed lists are looked through for an address.
const LISTED: usize = 20;

impl Journal {
    /// Says whether a post arrived of which the feed could not tell.
    pub async fn delivery_arrived(&self, input: ArrivedInput) -> ApiResult<DeliveryView> {
        let (post, id) = (input.post, input.feed);
        let read = self.store().read(move |conn| Ok((outbox::get(conn, post, id)?, feeds::get(conn, id)?)));
        let (delivery, row) = read.await?;
        let asks = |delivery: &Delivery| match delivery.state {
            DeliveryState::NeedsYou { reason } => reason.is_whether_it_is_there(),
            _ => false,
        };
        let superseded = || ApiError::about(ErrorCode::ConflictChanged, post.to_string());
        let delivery = delivery.filter(asks).ok_or_else(superseded)?;
        let happened = match input.arrived {
            Arrived::No => self.not_found(&row, &delivery).await?,
            Arrived::Yes { url } => self.told(&row, &delivery, url).await?,
        };
        let now = self.clock().now();
        let record = self.store().write(move |tx| {
            let Some(fresh) = arrivals::unmoved(tx, &delivery, now)?.filter(asks) else {
                return Ok(None);
            };
            outbox::happen(tx, now, fresh, happened).map(Some)
        });
        record.await?.ok_or_else(superseded)?;
        self.meet_changed(&row, &mut 0).await?;
        let view = self.store().read(move |conn| match outbox::get(conn, post, id)? {
            Some(delivery) => views::delivery(conn, delivery).map(Some),
            None => Ok(None),
        });
        let view = view.await?.ok_or_else(superseded)?;
        self.posts_changed(vec![post]);
        self.outbox_changed(Some(id)).await;
        self.inner.outbox_bell.notify_one();
        Ok(view)
    }

    /// What it means that the user found nothing: it is not there. Where the post shall not be there anyway, something else of it may
    /// be, as another language, and is taken back once the feed told.
    async fn not_found(&self, row: &FeedRow, delivery: &Delivery) -> ApiResult<Happened> {
        let is_taken_back = delivery.wanted == Wanted::Withdrawn && !delivery.is_there();
        let Some(feed) = self.adapter(row).filter(|_| is_taken_back) else { return Ok(Happened::Absent) };
        let denied = feed.not_found(&self.about(delivery.post, row.id)).await;
        denied.map_err(|_| ApiError::about(ErrorCode::Io, row.name.clone()))?;
        Ok(Happened::NotYet { ask_at: self.clock().now() })
    }

    /// What it means that the user found an item: where the feed can be read back, what is there meets what is here, since somebody
    /// may have changed it by then; else it is as the user says.
    async fn told(&self, row: &FeedRow, delivery: &Delivery, url: String) -> ApiResult<Happened> {
        let url = url.trim().to_owned();
        let address = Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "https" | "http" | "file"));
        let address = address.ok_or_else(|| ApiError::about(ErrorCode::BadInput, "url"))?;
        let told = Receipt {
            remote_id: delivery.receipt.as_ref().map_or_else(|| url.clone(), |receipt| receipt.remote_id.clone()),
            url: Some(url),
            known: if delivery.wanted == Wanted::Draft { Wanted::Draft } else { Wanted::Published },
            // What left is there, whatever is wanted by now.
            revision: delivery.recent.last().map_or(delivery.target, |left| left.revision),
            version: Digest::of(b""),
            parts: Default::default(),
            manner: None,
            partial: false,
            confirmed_at: self.clock().now(),
        };
        let Some(feed) = self.adapter(row) else { return Ok(Happened::Confirmed(told)) };
        let about = self.about(delivery.post, row.id);
        let fetched = match feed.fetch(&told, &about).await {
            // Not every feed calls an item by its address.
            Err(_) => listed_at(feed.as_ref(), &address).await?,
            fetched => fetched.ok(),
        };
        let found = feed.found(told.url.as_deref().unwrap_or_default(), &about).await;
        found.map_err(|error| {
            let code = if matches!(error, FeedError::Refused) { ErrorCode::ItemNotFound } else { ErrorCode::Io };
            ApiError::about(code, address.as_str())
        })?;
        let left = delivery.common().unwrap_or(delivery.target);
        let receipt = |held: Held| held.receipt(left, self.clock().now());
        let changed = |there| Happened::Stuck { reason: NeedsYou::ChangedThere, there: Some(there), asset: None };
        // Of several items the user named one, and the feed tells of all.
        let is_one_of_all = row.options.languages == LanguageLayout::Linked;
        if is_one_of_all && let Ok(Lookup::Found(held)) = feed.lookup(&about).await {
            let is_touched = held.touched;
            return Ok(if is_touched { changed(receipt(held)) } else { Happened::Unfinished(receipt(held)) });
        }
        Ok(match fetched {
            Some(fetched) => changed(receipt(fetched.held)),
            None if is_one_of_all => Happened::Unfinished(told),
            None => Happened::Confirmed(told),
        })
    }
}

/// The item that a feed lists at an address. What is not in a list that was read to its end is not there; where there is no list, or
/// none of that length is read, the user is believed.
async fn listed_at(feed: &dyn Feed, address: &Url) -> ApiResult<Option<Fetched>> {
    let is_there = |item: &Fetched| {
        let url = item.held.url.as_deref().and_then(|url| Url::parse(url).ok());
        url.as_ref() == Some(address)
    };
    let mut page: Option<String> = None;
    for _ in 0..LISTED {
        let Ok(Page { items, next }) = feed.list(page.as_deref()).await else { break };
        let is_list = page.is_some() || !items.is_empty();
        if let Some(item) = items.into_iter().find(is_there) {
            return Ok(Some(item));
        }
        match next {
            Some(next) => page = Some(next),
            None if is_list => return Err(ApiError::about(ErrorCode::ItemNotFound, address.as_str())),
            None => break,
        }
    }
    Ok(None)
}
