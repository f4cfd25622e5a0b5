//! The weather of a server in memory, and the ways of its relatives.

/// What happens to requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Heard and answered.
    Fine,
    /// Heard, but the answer is lost.
    LostAfter,
    /// Heard, and answered by leading to another page, with this status.
    Leads(u16),
    /// Not heard.
    LostBefore,
    /// Answered by something else.
    Says(u16),
}

/// What only compatible servers do otherwise than Mastodon.
#[derive(Default)]
pub struct Ways {
    /// They do not tell what a status was written as.
    pub no_source: bool,
    /// They do not tell what a status was before it was edited.
    pub no_history: bool,
    /// They have a page for whatever they do not offer.
    pub page_for_all: bool,
    /// They cannot change a status.
    pub no_edit: bool,
    /// They know the first version of uploads only.
    pub old_uploads: bool,
    /// They cannot be asked for a file.
    pub no_look: bool,
    /// They forget idempotency keys at once.
    pub forget_keys: bool,
    /// They refuse a key that they heard before.
    pub refuse_keys: bool,
    /// They leave alone what a file shows when a status is changed.
    pub keep_alts: bool,
    /// They cannot move a scheduled status.
    pub no_moving: bool,
    /// They know the first version of the instance's description only.
    pub old_instance: bool,
    /// They give a file another name once it is in a status.
    pub rename_files: bool,
    /// They say by a page that there is no such status.
    pub page_for_none: bool,
    /// They read from a copy that is behind: what was made is not shown before [`State::catch_up`].
    pub lag: bool,
    /// They let nobody look at a file whom they did not allow to.
    pub no_look_scope: bool,
    /// They have no place where a file is said to show something else.
    pub no_describing: bool,
    /// They drop the last file of so many statuses.
    pub drop_files: u32,
    /// They cannot be asked for several statuses at once.
    pub no_index: bool,
    /// They list no replies.
    pub hide_replies: bool,
    /// They list nothing that is not public.
    pub list_public: bool,
    /// They know languages of two letters only.
    pub two_letters: bool,
    /// They do not tell that a status was edited.
    pub untold_edits: bool,
    /// They show every status to these, whatever it was sent for.
    pub shows: Option<&'static str>,
    /// They answer as if that were not so.
    pub feigns: bool,
    /// They, or what stands before them, do not tell the time.
    pub untimed: bool,
    /// What they make of a text or a warning.
    pub rewrites: Option<fn(&str) -> String>,
}
