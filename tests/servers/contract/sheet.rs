//! What came of the contract's cases.

/// What came of it.
#[derive(Debug, Default)]
pub struct Sheet {
    pub struck: usize,
    /// Doubled by the network where nobody could know it: not tried.
    pub replayed: usize,
    /// The fault's request was never made.
    pub unmet: usize,
    /// The user was asked whether a post arrived.
    pub asked: usize,
    /// The user was told what only they can do, and did it.
    pub told: usize,
    /// The user was told so though nothing was to be done.
    pub bothered: usize,
    /// What was written is not in the journal any more.
    pub undone: usize,
    /// Items that nobody but the user sees and no post belongs to.
    pub orphans: usize,
    pub doubled: usize,
    pub lost: usize,
    pub wrong: usize,
    pub lied: usize,
    pub strangers: usize,
    pub faults: Vec<String>,
}

impl Sheet {
    /// A row of the campaign's table.
    pub fn row(&self, place: &str) -> String {
        let Self { struck, doubled, lost, wrong, undone, lied, asked, .. } = self;
        format!("| {place}, contract | {struck} | {doubled} | {lost} | {} | {lied} | {asked} |", wrong + undone)
    }

    /// Told at once: a campaign runs for long.
    pub fn fault(&mut self, what: String) {
        println!("{what}");
        self.faults.push(what);
    }
}

impl std::fmt::Display for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} struck, {} not met, {} left out; {} doubled, {} lost, {} not as written, {} undone here, {} false \"synced\", {} asked \
             the user, {} told the user, {} bothered the user, {} hidden orphans, {} requests to another host",
            self.struck,
            self.unmet,
            self.replayed,
            self.doubled,
            self.lost,
            self.wrong,
            self.undone,
            self.lied,
            self.asked,
            self.told,
            self.bothered,
            self.orphans,
            self.strangers
        )
    }
}
