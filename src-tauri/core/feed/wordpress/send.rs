//! Making, changing and taking away the items of a post. Whatever is interrupted here is carried on by the next call: it finds
//! what is there by the ids that were written down, or by the slug.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::WordPress;
use super::api::Post;
use super::ledger::{Ledger, Sent};
use super::media::Uploads;
use super::seen::{Seen, Standing, Whole};
use super::sheet::{self, First, How, Sheet};
use super::there::{There, assign, before, check, half_made_from, is_of, whole};
use super::topics::route;
use crate::domain::{AssetId, PostId, Receipt, RevisionId};
use crate::feed::render::{Dialect, Document, Over, Theirs, over, read_line};
use crate::feed::web::SLACK_MILLIS;
use crate::feed::{About, FeedError, Held, Intent, Lookup, Outgoing, Part};

/// An item on its way.
struct Going<'a> {
    sheet: &'a Sheet,
    there: Option<There>,
    how: How,
}

/// How the items of a post shall be.
#[derive(Clone)]
struct Plan {
    how: How,
    /// Ids of topics.
    terms: Vec<u64>,
    /// Their names as the site writes them.
    topics: Vec<String>,
}

/// What was sent arrives within this, or never: an hour.
const ARRIVES_MILLIS: i64 = 60 * 60 * 1000;

impl WordPress {
    /// Sees to it that the site holds what is intended.
    pub(super) async fn put(
        &self,
        known: Option<&Receipt>,
        intent: &Intent,
        out: &Outgoing,
    ) -> Result<Held, FeedError> {
        let mut ledger = Ledger::open(Arc::clone(&out.notes)).await?;
        let held = self.put_noting(known, intent, out, &mut ledger).await;
        // What was answered counts, whatever failed later.
        ledger.close().await?;
        held
    }

    async fn put_noting(
        &self,
        known: Option<&Receipt>,
        intent: &Intent,
        out: &Outgoing,
        ledger: &mut Ledger,
    ) -> Result<Held, FeedError> {
        let sheets = Sheet::all(intent, &self.choices);
        let mut there = self.unchanged(known, intent.post, ledger).await?;
        let mut plan = self.plan(intent).await?;
        let mut took_long = false;
        for item in &there {
            took_long |= self.recognise(item, intent, ledger).await?;
        }
        took_long |= Uploads::new(&self.api, ledger, out).all(intent).await?;
        // Somebody may have written there while files were on their way.
        if took_long {
            there = self.unchanged(known, intent.post, ledger).await?;
        }
        let (there, left_over) = assign(&sheets, there);
        let going: Vec<Going<'_>> = sheets
            .iter()
            .zip(there)
            .map(|(sheet, there)| {
                let beside = |there: &There| plan.how.beside(&there.post, there.date.as_deref(), &intent.manner);
                let how = there.as_ref().map_or_else(|| plan.how.clone(), beside);
                Going { sheet, there, how }
            })
            .collect();
        for item in &going {
            note_what_is_sent(ledger, item, (known, intent.revision, &plan.topics));
        }
        let mut whole = Whole { items: Vec::with_capacity(sheets.len()) };
        for Going { sheet, there, how } in going {
            let first = first(&sheets, &whole);
            let html = sheet.html(first.as_ref(), &|asset, part| address(ledger, asset, part));
            plan.how = how;
            ledger.keep().await?;
            let post = self.bring((sheet, there), &html, &mut plan, ledger).await;
            // Without a receipt nobody would take back what is public by now: the site is asked for it.
            let is_begun = known.is_none() && whole.is_public();
            let post = post.map_err(|error| if is_begun { FeedError::Lost } else { error })?;
            let seen = self.seen(&post, None)?.with_sent(&plan.topics);
            note_what_came_of_it(ledger, &sheet.key, (&post, &seen));
            whole.items.push((post, seen));
        }
        let back = self.back_again(ledger).await?;
        for other in left_over.iter().chain(&back) {
            ledger.keep().await?;
            self.api.trash(other.post.id).await?;
            ledger.note_away(other.post.id);
        }
        let is_wanted = |key: &String| sheets.iter().any(|sheet| sheet.key == *key);
        // Those that were not found lie in the trash already.
        for (_, id) in ledger.posts().into_iter().filter(|(key, _)| !is_wanted(key)) {
            ledger.note_away(id);
        }
        for key in ledger.begun().iter().filter(|key| !is_wanted(key)) {
            ledger.note_sent(key, None);
        }
        let now = self.api.clock.now();
        let now = self.api.lead.there(now).unwrap_or(now);
        ledger.date_away(now, now.plus_millis(ARRIVES_MILLIS));
        whole.held(Some(intent.revision), ledger.marks(intent.post)).ok_or(FeedError::Refused)
    }

    /// The items of a post that are there, if nobody else wrote in them since.
    async fn unchanged(
        &self,
        known: Option<&Receipt>,
        about: PostId,
        ledger: &mut Ledger,
    ) -> Result<Vec<There>, FeedError> {
        let there = match known {
            Some(known) => self.known(known, about, ledger).await?,
            None => self.begun(about, Vec::new(), ledger).await?,
        };
        check(known, &there, ledger, about)?;
        Ok(there)
    }

    /// Takes all items of a post away, also those that were begun since.
    pub(super) async fn take_away(&self, known: &Receipt, about: &About) -> Result<(), FeedError> {
        let mut ledger = Ledger::open(Arc::clone(&about.notes)).await?;
        let there = self.told_by(known, &ledger).await?.into_iter().flatten().collect();
        let there = self.begun(about.post, there, &mut ledger).await?;
        if !there.is_empty() {
            check(Some(known), &there, &ledger, about.post)?;
        }
        let back = self.back_again(&ledger).await?;
        for item in there.iter().chain(&back) {
            self.api.trash(item.post.id).await?;
        }
        // The ids stay known: what arrives late takes a post out of the trash.
        ledger.keep().await
    }

    /// What the site holds of a post whose last answer was lost. That nothing is found proves enough: what still arrives is a
    /// draft of our slug beside the post.
    pub(super) async fn look_up(&self, about: &About) -> Result<Lookup, FeedError> {
        let mut ledger = Ledger::open(Arc::clone(&about.notes)).await?;
        let due = ledger.begun();
        let there = self.begun(about.post, Vec::new(), &mut ledger).await?;
        let back = self.back_again(&ledger).await?;
        ledger.keep().await?;
        let revisions: Vec<_> = there.iter().map(|item| is_of(item, &ledger)).collect();
        let is_whole = due.iter().all(|key| there.iter().any(|item| item.key == *key))
            && there.iter().all(|item| half_made_from(item, &ledger).is_none());
        let now = sheet::date(self.api.clock.now());
        let is_held_back = there
            .iter()
            .any(|item| item.post.status == "future" && item.date.as_ref().is_some_and(|date| *date <= now));
        let revision = revisions.first().copied().flatten();
        // Of two, one was shown before the answer was lost.
        let mut standings = there.iter().map(|item| item.seen.standing);
        let is_mixed = standings.next().is_some_and(|first| standings.any(|other| other != first));
        // What is back alone has to be taken away again.
        let held = whole(if there.is_empty() { &back } else { &there }).held(revision, ledger.marks(about.post));
        Ok(held.map_or(Lookup::Absent, |held| {
            Lookup::Found(Held {
                touched: revisions.contains(&None),
                unfinished: !is_whole
                    || is_held_back
                    || is_mixed
                    || !back.is_empty()
                    || revisions.iter().any(|other| *other != revision),
                ..held
            })
        }))
    }

    /// What is seen of a post of the site.
    pub(super) fn seen(&self, post: &Post, known: Option<&Receipt>) -> Result<Seen, FeedError> {
        Seen::at(post, self.choices.topics, self.api.client.base(), known.map(|known| &known.parts))
    }

    async fn plan(&self, intent: &Intent) -> Result<Plan, FeedError> {
        let how = How::of(intent, &self.choices, self.api.clock.now());
        let wanted = Document::of(intent).topics;
        let (terms, topics) = self.topics.ids(&self.api, &wanted, self.choices.topics).await?;
        Ok(Plan { how, terms, topics })
    }

    /// Sees to it that one item is there as it shall be.
    async fn bring(
        &self,
        (sheet, there): (&Sheet, Option<There>),
        html: &str,
        plan: &mut Plan,
        ledger: &mut Ledger,
    ) -> Result<Post, FeedError> {
        let post = match there {
            Some(there) => self.change(sheet, there, html, plan).await?,
            None => self.make(sheet, sheet.fields(html), plan, ledger).await?,
        };
        let finished = async {
            let post = self.not_held_back(post, &plan.how).await?;
            self.with_all_topics(post, sheet, plan, ledger).await
        };
        // By now it may be public, and how it is only the site can say.
        finished.await.map_err(|_| FeedError::Lost)
    }

    async fn make(
        &self,
        sheet: &Sheet,
        mut fields: Map<String, Value>,
        plan: &Plan,
        ledger: &mut Ledger,
    ) -> Result<Post, FeedError> {
        self.add_terms(&mut fields, plan);
        fields.insert("status".into(), json!("draft"));
        fields.insert("slug".into(), json!(sheet.slug));
        fields.insert("date_gmt".into(), json!(plan.how.date));
        let made: Post = self.api.post("posts", &Value::Object(fields)).await?;
        // That is not the answer to this request.
        if sheet::names_another(&made.slug, &sheet.slug) {
            return Err(FeedError::Lost);
        }
        ledger.note_post(&sheet.key, Some(made.id));
        if plan.how.standing == Standing::Draft {
            return self.api.named(made).await;
        }
        // Shown, it has another slug, and is known by its id alone.
        ledger.keep().await?;
        let mut fields = Map::new();
        show(sheet, &made, &mut fields, &plan.how);
        self.set(made.id, &Value::Object(fields)).await
    }

    /// Changes the item of that id.
    async fn set(&self, id: u64, fields: &Value) -> Result<Post, FeedError> {
        let changed: Post = self.api.post(&format!("posts/{id}"), fields).await?;
        if changed.id != id {
            return Err(FeedError::Lost);
        }
        self.api.named(changed).await.map_err(|_| FeedError::Lost)
    }

    async fn change(&self, sheet: &Sheet, there: There, html: &str, plan: &Plan) -> Result<Post, FeedError> {
        let mut fields = sheet.fields(html);
        let theirs = Theirs {
            html: there.post.content.raw.as_deref().unwrap_or_default(),
            primary: &there.seen.primary,
            media: Some(&there.seen.media),
            strange: &there.strange,
            dialect: Dialect::Blocks,
        };
        match over(&theirs, html) {
            Over::Everything => {}
            Over::Nothing => _ = fields.remove("content"),
            Over::Patched(content) => _ = fields.insert("content".into(), json!(content)),
            Over::Never => return Err(FeedError::Refused),
        }
        if there.is_excerpt_theirs {
            fields.remove("excerpt");
        }
        self.add_terms(&mut fields, plan);
        show(sheet, &there.post, &mut fields, &plan.how);
        // A date that somebody set there stays while nobody set another one here.
        if there.date.as_ref() != Some(&plan.how.date) {
            fields.insert("date_gmt".into(), json!(plan.how.date));
        }
        self.set(there.post.id, &Value::Object(fields)).await
    }

    /// A site whose clock is behind ours takes a post about just now for one about the future and keeps it to itself. It is
    /// given the site's own time: that of the change a moment ago. A time that the user chose is waited for by the site's clock:
    /// ours may be ahead.
    async fn not_held_back(&self, post: Post, how: &How) -> Result<Post, FeedError> {
        let changed = post.modified_gmt.as_deref().and_then(sheet::instant);
        let is_early = how.due.zip(changed).is_some_and(|(due, there)| due > there.plus_millis(SLACK_MILLIS));
        if post.status != "future" || how.status != "publish" || is_early {
            return Ok(post);
        }
        let fields = json!({ "status": how.status, "date_gmt": post.modified_gmt });
        self.set(post.id, &fields).await
    }

    /// A topic that was deleted there since its id was told is passed over without a word: it is made anew and given once more.
    async fn with_all_topics(
        &self,
        post: Post,
        sheet: &Sheet,
        plan: &mut Plan,
        ledger: &mut Ledger,
    ) -> Result<Post, FeedError> {
        let kind = self.choices.topics;
        let is_given = |id: &u64| post.topics(kind).is_none_or(|given| given.contains(id));
        if plan.terms.iter().all(is_given) {
            return Ok(post);
        }
        if let Some(sent) = ledger.sent(&sheet.key) {
            // Should it end here, the item lacks nothing but topics.
            let bare = Some(self.seen(&post, None)?.with_topics(Vec::new()).version());
            ledger.note_sent(&sheet.key, Some(&Sent { bare, ..sent }));
        }
        ledger.keep().await?;
        self.topics.forget();
        let (terms, topics) = self.topics.ids(&self.api, &plan.topics, kind).await?;
        if terms == plan.terms {
            return Ok(post);
        }
        (plan.terms, plan.topics) = (terms, topics);
        let mut fields = Map::new();
        self.add_terms(&mut fields, plan);
        self.set(post.id, &Value::Object(fields)).await
    }

    fn add_terms(&self, fields: &mut Map<String, Value>, plan: &Plan) {
        fields.insert(route(self.choices.topics).into(), json!(plan.terms));
    }
}

/// Who sees an item, and under what address.
fn show(sheet: &Sheet, post: &Post, fields: &mut Map<String, Value>, how: &How) {
    // Plugins know more states than WordPress, which readers do not see either.
    let stays_draft =
        how.standing == Standing::Draft && !matches!(post.status.as_str(), "publish" | "future" | "private");
    if !stays_draft {
        fields.insert("status".into(), json!(how.status));
    }
    if how.standing != Standing::Draft
        && sheet::post_of(&post.slug).is_some()
        && let Some(slug) = sheet.readable_slug()
    {
        fields.insert("slug".into(), json!(slug));
    }
}

fn first(sheets: &[Sheet], whole: &Whole) -> Option<First> {
    let (sheet, (post, _)) = (sheets.first()?, whole.items.first()?);
    Some(First { url: post.link.clone(), lang: sheet.lang.clone()? })
}

fn address(ledger: &Ledger, asset: AssetId, part: &Part) -> String {
    ledger.uploaded(asset, part).map_or_else(|| asset.to_string(), |uploaded| uploaded.url)
}

/// What is about to be sent of an item, so that it is known again whatever becomes of the answer.
fn note_what_is_sent(
    ledger: &mut Ledger,
    item: &Going<'_>,
    (known, revision, topics): (Option<&Receipt>, RevisionId, &[String]),
) {
    let Going { sheet, there, how } = item;
    let shown = sheet.expected(how.standing, topics, &|asset, part| address(ledger, asset, part));
    let version = shown.version();
    let is_drafted = there.is_none() && how.standing != Standing::Draft;
    let is_made = there.as_ref().is_none_or(|there| half_made_from(there, ledger).is_some());
    let drafted = Seen { standing: Standing::Draft, ..shown };
    let sent = Sent {
        revision: revision.to_string(),
        version,
        drafted: is_drafted.then(|| drafted.version()),
        bare: is_made.then(|| drafted.with_topics(Vec::new()).version()),
        // A time that somebody set there, and that stays, is none that we sent.
        date: match there {
            Some(there) if there.post.date_gmt.as_ref() == Some(&how.date) => there.date.clone(),
            _ => Some(how.date.clone()),
        },
        date_before: there.as_ref().and_then(|there| there.date.clone()),
        topics: Some(topics.to_vec()),
        before: there.as_ref().filter(|_| !is_made).map(|there| before(known, there, ledger)),
        titles: there.as_ref().filter(|_| !is_made).map(|there| there.seen.title_parts()).unwrap_or_default(),
        excerpts: match there {
            Some(there) if there.is_excerpt_theirs => Vec::new(),
            Some(there) => there.excerpt.iter().cloned().chain([sheet.excerpt()]).collect(),
            None => vec![sheet.excerpt()],
        },
    };
    if let Some(there) = there {
        if there.key != sheet.key {
            ledger.note_post(&there.key, None);
        }
        ledger.note_post(&sheet.key, Some(there.post.id));
    }
    ledger.note_sent(&sheet.key, Some(&sent));
}

/// A site may write something else than it was sent; from then on that is what it holds. And what was made and shown is a
/// draft again only by somebody's wish.
fn note_what_came_of_it(ledger: &mut Ledger, key: &str, (post, seen): (&Post, &Seen)) {
    if let Some(sent) = ledger.sent(key) {
        let excerpts = match &post.excerpt {
            Some(excerpt) if !sent.excerpts.is_empty() => vec![read_line(excerpt)],
            _ => sent.excerpts.clone(),
        };
        ledger.note_sent(key, Some(&Sent { version: seen.version(), drafted: None, bare: None, excerpts, ..sent }));
    }
}
