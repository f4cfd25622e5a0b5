//! What a site taught by its answers that it does not say of itself. Kept with the feed's facts, so that no site has to teach it
//! twice and a preview knows it.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::destination::{Facts, Limits};

const PLAIN: &str = "plain";
const ROUGH: &str = "rough";
const FORMS: &str = "forms";
const WORDS: &str = "words";
const SHOWS: &str = "shows";
const FILES: &str = "files";
const BLIND: &str = "blind";

/// What was learnt of a site.
#[derive(Debug, Default)]
pub(super) struct Learnt {
    /// It takes nothing but addresses as photos.
    pub plain: Flag,
    /// It keeps what came in the plain form as it came.
    pub rough: Flag,
    /// It takes new entries in the plain form only.
    pub forms: Flag,
    /// It writes words of its own into what it is sent.
    pub words: Flag,
    /// Everybody can read its entries at their addresses.
    pub shows: Flag,
    /// It tells which files an entry has.
    pub files: Flag,
    /// It says of what is there that it is not.
    pub blind: Flag,
    /// It makes drafts public.
    pub public_only: Flag,
}

/// Something that is so from some time on.
#[derive(Debug, Default)]
pub(super) struct Flag(AtomicBool);

impl Flag {
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn of(is_set: bool) -> Self {
        Self(AtomicBool::new(is_set))
    }
}

impl Learnt {
    /// What was learnt before.
    pub fn of(facts: &Facts) -> Self {
        let knows = |name: &str| Flag::of(facts.endpoints.contains_key(name));
        Self {
            plain: knows(PLAIN),
            rough: knows(ROUGH),
            forms: knows(FORMS),
            words: knows(WORDS),
            shows: knows(SHOWS),
            files: knows(FILES),
            blind: knows(BLIND),
            public_only: Flag::of(!facts.limits.drafts),
        }
    }

    /// The facts with what was learnt.
    pub fn in_facts(&self, known: &Facts) -> Facts {
        let mut facts = known.clone();
        for (name, _) in self.flags().into_iter().filter(|(_, flag)| flag.is_set()) {
            facts.endpoints.insert(name.to_owned(), "1".to_owned());
        }
        Facts { limits: self.in_limits(&known.limits), ..facts }
    }

    fn flags(&self) -> [(&'static str, &Flag); 7] {
        [
            (PLAIN, &self.plain),
            (ROUGH, &self.rough),
            (FORMS, &self.forms),
            (WORDS, &self.words),
            (SHOWS, &self.shows),
            (FILES, &self.files),
            (BLIND, &self.blind),
        ]
    }

    /// The limits with what was learnt.
    pub fn in_limits(&self, known: &Limits) -> Limits {
        Limits { drafts: known.drafts && !self.public_only.is_set(), ..known.clone() }
    }
}
