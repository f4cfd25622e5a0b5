//! Making, changing and taking away the items of a post. Whatever is interrupted here is carried on by the next call: it finds
//! what is there by the ids that were written down, or by the slug.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::WordPress;
use super::api::{Post, STANDING};
use super::ledger::{Ledger, Sent};
use super::media::Uploads;
use super::seen::{Seen, Standing, Whole, ids, mark};
use super::sheet::{self, First, How, Sheet};
use super::there::{There, assign, before, check, half_made_from, is_of, whole};
use super::topics::route;
use crate::domain::{AssetId, PostId, Receipt, RevisionId};
use crate::feed::render::{Dialect, Document, Over, Theirs, over, read_line};
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
        ledger.jot().await?;
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
        let there = match known {
            Some(known) => self.known(known, ledger).await?,
            None => self.begun(intent.post, ledger).await?,
        };
        check(known, &there, ledger, intent.post)?;
        let (there, left_over) = assign(&sheets, there);
        let plan = self.plan(intent).await?;
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
            self.recognise(item.there.as_ref(), intent, ledger).await?;
            note_what_is_sent(ledger, item, (known, intent.revision, &plan.topics));
        }
        Uploads::new(&self.api, ledger, out).all(intent).await?;
        let mut whole = Whole { items: Vec::with_capacity(sheets.len()) };
        for Going { sheet, there, how } in going {
            let first = first(&sheets, &whole);
            let html = sheet.html(first.as_ref(), &|asset, part| address(ledger, asset, part));
            let plan = Plan { how, ..plan.clone() };
            ledger.keep().await?;
            let post = match there {
                Some(there) => self.change(sheet, there, &html, &plan).await?,
                None => self.make(sheet, sheet.fields(&html), &plan, ledger).await?,
            };
            let post = self.not_held_back(post, &plan.how).await?;
            let seen = self.seen(&post, None)?;
            note_what_came_of_it(ledger, &sheet.key, (&post, &seen));
            whole.items.push((post, seen));
        }
        for other in left_over {
            ledger.keep().await?;
            self.api.trash(other.post.id).await?;
            ledger.note_post(&other.key, None);
            ledger.note_sent(&other.key, None);
        }
        for key in ledger.begun().iter().filter(|key| sheets.iter().all(|sheet| sheet.key != **key)) {
            ledger.note_sent(key, None);
        }
        whole.held(Some(intent.revision), mark(intent.post)).ok_or(FeedError::Refused)
    }

    /// Takes all items of a post away.
    pub(super) async fn take_away(&self, known: &Receipt, about: &About) -> Result<(), FeedError> {
        let mut ledger = Ledger::open(Arc::clone(&about.notes)).await?;
        let mut there = Vec::new();
        for id in ids(&known.remote_id) {
            if let Some(post) = self.api.find(id).await? {
                there.push(self.there(post, Some(known), &ledger)?);
            }
        }
        if !there.is_empty() {
            check(Some(known), &there, &ledger, about.post)?;
        }
        for item in &there {
            self.api.trash(item.post.id).await?;
        }
        ledger.forget_posts();
        ledger.keep().await
    }

    /// What the site holds of a post whose last answer was lost. That nothing is found proves enough: what still arrives is a
    /// draft of our slug beside the post.
    pub(super) async fn look_up(&self, about: &About) -> Result<Lookup, FeedError> {
        let mut ledger = Ledger::open(Arc::clone(&about.notes)).await?;
        let due = ledger.begun();
        let there = self.begun(about.post, &mut ledger).await?;
        ledger.keep().await?;
        let revisions: Vec<_> = there.iter().map(|item| is_of(item, &ledger)).collect();
        let is_whole = due.iter().all(|key| there.iter().any(|item| item.key == *key))
            && there.iter().all(|item| half_made_from(item, &ledger).is_none());
        let now = sheet::date(self.clock.now());
        let is_held_back = there
            .iter()
            .any(|item| item.post.status == "future" && item.date.as_ref().is_some_and(|date| *date <= now));
        let revision = revisions.first().copied().flatten();
        let held = whole(there).held(revision, mark(about.post));
        Ok(held.map_or(Lookup::Absent, |held| {
            Lookup::Found(Held {
                touched: revisions.contains(&None),
                unfinished: !is_whole || is_held_back || revisions.iter().any(|other| *other != revision),
                ..held
            })
        }))
    }

    /// The items that a receipt speaks of.
    async fn known(&self, known: &Receipt, ledger: &Ledger) -> Result<Vec<There>, FeedError> {
        let mut there = Vec::new();
        for id in ids(&known.remote_id) {
            let post = self.api.find(id).await?.ok_or(FeedError::Gone)?;
            there.push(self.there(post, Some(known), ledger)?);
        }
        if there.is_empty() { Err(FeedError::Gone) } else { Ok(there) }
    }

    /// The items that were begun before: by the ids that were written down, else by the slug.
    async fn begun(&self, about: PostId, ledger: &mut Ledger) -> Result<Vec<There>, FeedError> {
        let mut there = Vec::new();
        let noted = ledger.posts();
        for (key, id) in &noted {
            match self.api.find(*id).await? {
                Some(post) => there.push(self.there(post, None, ledger)?),
                // That it was sent is still known, so that nobody takes what is left for the whole.
                None => ledger.note_post(key, None),
            }
        }
        let unanswered: Vec<String> =
            ledger.begun().into_iter().filter(|key| !noted.iter().any(|(known, _)| known == key)).collect();
        for key in unanswered {
            let found = self.by_slug(&sheet::slug(about, &key)).await?;
            let is_new = |post: &Post| !there.iter().any(|item: &There| item.post.id == post.id);
            if let Some(post) = found.into_iter().find(is_new) {
                ledger.note_post(&key, Some(post.id));
                there.push(self.there(post, None, ledger)?);
            }
        }
        Ok(there)
    }

    /// Everything with a slug of ours, to which WordPress may have added a number; the oldest first.
    async fn by_slug(&self, slug: &str) -> Result<Vec<Post>, FeedError> {
        let slugs = format!("{slug},{slug}-2,{slug}-3");
        let query = [
            ("slug", slugs.as_str()),
            ("status", STANDING),
            ("context", "edit"),
            ("orderby", "id"),
            ("order", "asc"),
            ("_embed", "wp:term"),
        ];
        self.api.get("posts", &query).await
    }

    fn there(&self, post: Post, known: Option<&Receipt>, ledger: &Ledger) -> Result<There, FeedError> {
        let key = ledger.posts().into_iter().find(|(_, id)| *id == post.id).map(|(key, _)| key);
        let key = key.unwrap_or_default();
        let (seen, sent) = (self.seen(&post, known)?, ledger.sent(&key));
        let excerpt = post.excerpt.as_deref().map(read_line);
        let ours = sent.iter().flat_map(|sent| &sent.excerpts).find(|ours| Some(*ours) == excerpt.as_ref()).cloned();
        let is_excerpt_theirs = sent.is_none() || (excerpt.is_some() && ours.is_none());
        Ok(There { key, post, seen, date: sent.and_then(|sent| sent.date), excerpt: ours, is_excerpt_theirs })
    }

    /// What is seen of a post of the site.
    pub(super) fn seen(&self, post: &Post, known: Option<&Receipt>) -> Result<Seen, FeedError> {
        Seen::at(post, self.choices.topics, self.api.client.base(), known.map(|known| &known.parts))
    }

    async fn plan(&self, intent: &Intent) -> Result<Plan, FeedError> {
        let how = How::of(intent, &self.choices, self.clock.now());
        let wanted = Document::of(intent).topics;
        let (terms, topics) = self.topics.ids(&self.api, &wanted, self.choices.topics).await?;
        Ok(Plan { how, terms, topics })
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
        // What names another post of ours is not the answer to this request.
        if sheet::post_of(&made.slug).is_some_and(|named| Some(named) != sheet::post_of(&sheet.slug)) {
            return Err(FeedError::Lost);
        }
        ledger.note_post(&sheet.key, Some(made.id));
        if plan.how.standing == Standing::Draft {
            return Ok(made);
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
        if changed.id == id { Ok(changed) } else { Err(FeedError::Lost) }
    }

    async fn change(&self, sheet: &Sheet, there: There, html: &str, plan: &Plan) -> Result<Post, FeedError> {
        let mut fields = sheet.fields(html);
        let theirs = Theirs {
            html: there.post.content.raw.as_deref().unwrap_or_default(),
            primary: &there.seen.primary,
            media: Some(&there.seen.media),
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
    /// given the site's own time: that of the change a moment ago.
    async fn not_held_back(&self, post: Post, how: &How) -> Result<Post, FeedError> {
        if post.status != "future" || how.status != "publish" {
            return Ok(post);
        }
        let fields = json!({ "status": how.status, "date_gmt": post.modified_gmt });
        self.set(post.id, &fields).await
    }

    fn add_terms(&self, fields: &mut Map<String, Value>, plan: &Plan) {
        fields.insert(route(self.choices.topics).into(), json!(plan.terms));
    }
}

/// Who sees an item, and under what address.
fn show(sheet: &Sheet, post: &Post, fields: &mut Map<String, Value>, how: &How) {
    let stays_draft = how.standing == Standing::Draft && matches!(post.status.as_str(), "draft" | "pending");
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
        date: Some(how.date.clone()),
        before: there.as_ref().filter(|_| !is_made).map(|there| before(known, there, ledger)),
        excerpts: match there {
            Some(there) if there.is_excerpt_theirs => Vec::new(),
            Some(there) => there.excerpt.iter().cloned().chain([sheet.excerpt()]).collect(),
            None => vec![sheet.excerpt()],
        },
    };
    if let Some(there) = there {
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
