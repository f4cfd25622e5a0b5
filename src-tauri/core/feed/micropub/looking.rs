//! Asking the site what became of what was sent, after a lost answer.

use std::collections::BTreeMap;

use url::Url;

use super::Micropub;
use super::holding::{addresses, held, unread};
use super::noted::{Goal, Noted, Question, Stage, Stands, says_the_same};
use super::source::Source;
use super::told::Seen;
use crate::feed::{About, Audience, FeedError, Held, Lookup};

/// How long a request may still arrive after its answer was lost: 45 minutes.
pub(super) const QUIET_MILLIS: i64 = 45 * 60 * 1000;
/// How often a question is asked before no answer to it is believed.
const ASKED: usize = 2;
/// How often something is looked for that the server promised: every minute.
const PROMISED_MILLIS: i64 = 60 * 1000;
/// Pages that are looked through for an entry that was just sent.
const PAGES_FOR_ONE: usize = 20;

/// Where one entry of a post was found to be.
enum Where {
    At(String, Box<Source>),
    /// There by all that is known; the server does not give entries back.
    Unread(String),
    Nowhere,
    /// Asked for and still not brought back.
    Forgotten,
    NotYet,
    CannotTell,
}

/// What is there of a post.
#[derive(Default)]
struct There {
    urls: Vec<String>,
    /// What was read, of the entries that can be read.
    sources: Vec<Source>,
    /// Something of it is not there, or not as it shall be.
    missing: bool,
    /// Something of it is being taken away.
    leaving: bool,
    /// Somebody else wrote in it.
    foreign: bool,
    /// Fewer files came back than were sent.
    lacking: bool,
}

/// What looking for an entry among all others gave.
pub(super) enum Sought {
    At(String),
    Nowhere,
    /// The server does not list what it holds.
    NotListed,
}

impl Micropub {
    /// Looks what became of what was sent. A server that answers, and never what it is asked, cannot tell.
    pub(super) async fn look_up(&self, about: &About) -> Result<Lookup, FeedError> {
        let mut noted = Noted::read(&about.notes).await?;
        noted.bring_before(self.door.site.clock.now()).await?;
        for _ in 0..ASKED {
            match self.look(&mut noted).await {
                Err(FeedError::Unreachable | FeedError::Refused | FeedError::Denied | FeedError::Gone)
                    if self.door.is_up().await? => {}
                told => return told,
            }
        }
        Ok(if self.may_arrive(&noted) { self.soon() } else { Lookup::CannotTell })
    }

    async fn look(&self, noted: &mut Noted) -> Result<Lookup, FeedError> {
        let Some(goal) = noted.goal() else { return Ok(Lookup::Absent) };
        let mut there = There::default();
        for name in &goal.entries {
            let Some(stands) = noted.entry(name) else {
                there.missing = true;
                continue;
            };
            let place = self.locate(&stands, &goal).await?;
            if let Some(open) = self.take_in(place, (name, stands), noted, &mut there).await? {
                return Ok(open);
            }
        }
        self.judge(noted, there).await
    }

    /// Takes in where one entry was found to be. Answers at once where that says everything.
    async fn take_in(
        &self,
        place: Where,
        (name, stands): (&str, Stands),
        noted: &mut Noted,
        there: &mut There,
    ) -> Result<Option<Lookup>, FeedError> {
        there.leaving |= stands.stage == Stage::Leaving;
        // Half done: it is there, but not yet in its own form, or as it was when it was taken away.
        there.missing |= stands.rough || stands.stage == Stage::Returning;
        match place {
            Where::At(url, source) => {
                there.foreign |= !self.is_as_sent(&stands, &source);
                there.missing |= stands.open;
                there.lacking |= self.lacks_files(&stands, &source);
                if stands.url.as_ref() != Some(&url) {
                    noted.set_entry(name, &Stands { url: Some(url.clone()), ..stands }).await?;
                }
                there.urls.push(url);
                there.sources.push(*source);
            }
            Where::Unread(url) => {
                let goal = noted.goal();
                let is_of_another = |goal: &Goal| stands.revision.is_some_and(|sent| sent != goal.revision);
                // Nobody can see whether the last change arrived: it is made once more, also where it was not tried yet.
                there.missing |= stands.open || goal.as_ref().is_some_and(is_of_another);
                there.urls.push(url);
                if let Some(goal) = goal.filter(|goal| !goal.blind) {
                    noted.set_goal(&Goal { blind: true, ..goal }).await?;
                }
            }
            Where::Nowhere => {
                there.missing = true;
                noted.set_entry(name, &Stands { stage: Stage::Gone, ..stands }).await?;
            }
            // Its server does not know how to bring it back, so that it is made anew.
            Where::Forgotten => {
                there.missing = true;
                noted.set_entry(name, &Stands { stage: Stage::Gone, url: None, ..stands }).await?;
            }
            Where::NotYet if stands.promised => return Ok(Some(self.soon())),
            Where::NotYet => return Ok(Some(Lookup::NotYet(stands.tried.plus_millis(QUIET_MILLIS)))),
            Where::CannotTell => {
                noted.set_entry(name, &Stands { question: Question::Open, ..stands }).await?;
                return Ok(Some(Lookup::CannotTell));
            }
        }
        Ok(None)
    }

    /// What it means that all this is there.
    async fn judge(&self, noted: &mut Noted, there: There) -> Result<Lookup, FeedError> {
        let (Some(goal), There { urls, mut sources, missing, leaving, foreign, lacking }) = (noted.goal(), there)
        else {
            return Ok(Lookup::Absent);
        };
        if urls.is_empty() {
            return Ok(Lookup::Absent);
        }
        if sources.len() != urls.len() {
            sources.clear();
        }
        let held = if sources.is_empty() { unread(&urls, &goal) } else { held(&urls, &sources, None) };
        let is_new = goal.base.is_none();
        let is_as_before = goal.base == Some(held.version);
        Ok(Lookup::Found(match goal.is_met_by(&held) {
            // What somebody wrote in one language while the other was taken away is kept before it goes, too.
            _ if leaving => Held { revision: Some(goal.revision), touched: foreign, ..held },
            false if foreign && !is_as_before => Held { touched: true, ..held },
            _ if missing => Held { unfinished: true, ..held },
            _ if lacking && !is_as_before => return Ok(self.wait_or(noted, Held { touched: true, ..held })),
            met if met || is_new => return self.as_shown(noted, &goal, held, &sources).await,
            // One language may be as it was sent, and another still as it was before.
            _ if is_as_before || urls.len() > 1 => Held { unfinished: true, ..held },
            _ => Held { touched: true, ..held },
        }))
    }

    /// What is there and is what was sent, after a look at who sees it.
    async fn as_shown(
        &self,
        noted: &mut Noted,
        goal: &Goal,
        held: Held,
        sources: &[Source],
    ) -> Result<Lookup, FeedError> {
        if self.is_shown_as_meant(goal, &addresses(&held.remote_id), sources).await {
            noted.set_open().await?;
            return Ok(Lookup::Found(Held { revision: Some(goal.revision), ..held }));
        }
        Ok(match goal.audience() {
            // A draft of ours that is public: it is made a draft once more, or taken away.
            Audience::Draft if !goal.public => Lookup::Found(Held { unfinished: true, ..held }),
            // Sites may be made anew only now and then.
            Audience::Draft => self.wait_or(noted, Held { touched: true, audience: Audience::Published, ..held }),
            Audience::Published if self.may_arrive(noted) => self.soon(),
            Audience::Published => Lookup::CannotTell,
        })
    }

    /// Asks again soon, as long as what was sent last may still take effect there.
    fn wait_or(&self, noted: &Noted, held: Held) -> Lookup {
        if self.may_arrive(noted) { self.soon() } else { Lookup::Found(held) }
    }

    fn soon(&self) -> Lookup {
        Lookup::NotYet(self.door.site.clock.now().plus_millis(PROMISED_MILLIS))
    }

    /// Whether what was sent last may still arrive, or take effect.
    fn may_arrive(&self, noted: &Noted) -> bool {
        noted.last_tried().is_some_and(|tried| self.door.site.clock.now() < tried.plus_millis(QUIET_MILLIS))
    }

    /// Whether fewer files came back than were sent, at a site that tells which files an entry has.
    pub(super) fn lacks_files(&self, stands: &Stands, source: &Source) -> bool {
        let told = source.shown_files();
        if told > 0 {
            self.learnt.files.set();
        }
        told < stands.files && self.learnt.files.is_set()
    }

    /// Whether an entry says what was sent last, or before that, however the server wrote it down. Where a server writes words of its
    /// own into everything, nobody can tell.
    pub(super) fn is_as_sent(&self, stands: &Stands, there: &Source) -> bool {
        let says = there.said(None).parts();
        let is_it = |parts: &BTreeMap<_, _>| says_the_same(parts, &says);
        stands.rough || self.learnt.words.is_set() || is_it(&stands.parts) || is_it(&stands.before)
    }

    async fn locate(&self, stands: &Stands, goal: &Goal) -> Result<Where, FeedError> {
        let may_arrive = self.door.site.clock.now() < stands.tried.plus_millis(QUIET_MILLIS);
        if stands.stage == Stage::Gone {
            return Ok(Where::Nowhere);
        }
        let Some(url) = stands.url.clone() else {
            return Ok(match self.find(stands).await? {
                Some(url) => match self.door.source(&url).await? {
                    Seen::There(source) => Where::At(url, Box::new(source)),
                    Seen::NotThere | Seen::Cannot => Where::Unread(url),
                },
                None if may_arrive => Where::NotYet,
                None if stands.question == Question::Denied => Where::Nowhere,
                None => Where::CannotTell,
            });
        };
        let seen = match self.door.source(&url).await {
            Err(FeedError::Refused | FeedError::Denied) if goal.blind => Seen::Cannot,
            seen => seen?,
        };
        let was_read = goal.base.is_some() && !goal.blind && stands.stage == Stage::There;
        if was_read
            && matches!(seen, Seen::NotThere)
            && let Some(moved) = self.find(stands).await?
            && let Seen::There(source) = self.door.source(&moved).await?
        {
            // Some give an entry another address when its title changes, and do not say so.
            return Ok(Where::At(moved, Box::new(source)));
        }
        // Named by the server, and never read.
        let is_taken = stands.promised || goal.base.is_none();
        Ok(match (seen, stands.stage) {
            (Seen::There(source), _) => Where::At(url, Box::new(source)),
            (_, Stage::Returning) if may_arrive => Where::NotYet,
            (Seen::NotThere, Stage::Returning) if !goal.blind => Where::Forgotten,
            (_, Stage::Returning) => Where::CannotTell,
            (Seen::Cannot, _) => Where::Unread(url),
            (Seen::NotThere, _) if goal.blind => Where::Unread(url),
            (Seen::NotThere, Stage::Leaving) => Where::Nowhere,
            (Seen::NotThere, _) if is_taken && self.has_come(&url, goal).await => Where::Unread(url),
            (Seen::NotThere, _) if may_arrive => Where::NotYet,
            // The server took it: it may still come, or nothing is ever given back.
            (Seen::NotThere, _) if is_taken && stands.question != Question::Denied => Where::CannotTell,
            (Seen::NotThere, _) => Where::Nowhere,
        })
    }

    /// Whether an entry that the server took has come, at a server that says of everything that it is not there. Once everybody could read
    /// one of which it said so, its promises are believed.
    async fn has_come(&self, url: &str, goal: &Goal) -> bool {
        if goal.audience() == Audience::Published && self.is_shown(url).await {
            self.learnt.blind.set();
        }
        self.learnt.blind.is_set()
    }

    /// Where an entry is that was sent and whose answer was lost, if it is listed.
    pub(super) async fn find(&self, stands: &Stands) -> Result<Option<String>, FeedError> {
        Ok(match self.search(stands).await? {
            Sought::At(url) => Some(url),
            Sought::Nowhere | Sought::NotListed => None,
        })
    }

    /// Looks for an entry among everything that lies there.
    pub(super) async fn search(&self, stands: &Stands) -> Result<Sought, FeedError> {
        let base = self.door.micropub().await?.base().clone();
        let same_moment = |source: &Source| source.moment().map(|moment| moment.at) == stands.moment;
        let says_the_same =
            |source: &Source| !stands.rough && same_moment(source) && source.said(None).parts() == stands.parts;
        let is_it = |source: &Source| source.is_named(&stands.slug) || says_the_same(source);
        let mut found = None;
        let look = |source: &Source| {
            if found.is_none() && is_it(source) && !source.is_taken_away() {
                found = source.url(&base).map(String::from);
            }
            found.is_none()
        };
        let lists = self.walk(PAGES_FOR_ONE, look).await?;
        Ok(match found {
            Some(url) => Sought::At(url),
            None if lists => Sought::Nowhere,
            None => Sought::NotListed,
        })
    }

    /// Where the site's own pages and files lie.
    pub(super) async fn own_places(&self) -> Result<Vec<Url>, FeedError> {
        let mut places = vec![self.door.site.place.clone(), self.door.micropub().await?.base().clone()];
        places.extend(self.door.media().await?.map(|client| client.base().clone()));
        Ok(places)
    }
}

/// Whether an address is of one of these places, or of a host beneath one of them.
pub(super) fn is_among(places: &[Url], url: &Url) -> bool {
    let is_beneath = |known: &Url| match (known.host(), url.host()) {
        (Some(url::Host::Domain(known)), Some(url::Host::Domain(host))) => {
            let known = known.trim_start_matches("www.");
            host == known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.'))
        }
        _ => known.origin() == url.origin(),
    };
    places.iter().any(|known| super::discover::same_trust(known, url) && is_beneath(known))
}
