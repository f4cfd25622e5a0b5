//! The page of an entry as anybody reads it: without a sign-in, wherever its address leads. What a server says of an entry is one
//! thing, and what is public another.

use url::Url;

use super::Micropub;
use super::discover::PAGE;
use super::holding::is_same_page;
use super::looking::is_among;
use super::noted::Goal;
use super::source::Source;
use crate::domain::Lang;
use crate::feed::Audience;
use crate::feed::render::read;
use crate::feed::web::Reach;

/// A line of so many letters is found by chance on no other page.
const TELLING: usize = 10;
/// Other entries that are looked at to learn whether a site shows them at their addresses.
const OTHERS: usize = 3;
/// Makes an address one that no entry has.
const NOBODY: &str = "nothing-is-here";
/// Entries among which they are looked for.
const LISTED: usize = 20;

/// What anybody gets at an address.
pub(super) enum Shown {
    /// A page, and whether it lies at another address.
    Page(Vec<u8>, bool),
    /// The site says that there is none.
    Nothing,
    /// It wants a sign-in, or does not answer.
    Unclear,
}

impl Micropub {
    /// What anybody gets at the address of an entry.
    pub(super) async fn shown(&self, url: &str) -> Shown {
        let site = &self.door.site;
        let (Ok(url), Ok(own)) = (Url::parse(url), self.own_places().await) else { return Shown::Unclear };
        let reach = Reach { plain_http: site.plain_http, patience: site.patience };
        // Nothing is asked of anybody but the site, wherever it leads.
        let found = reach.follow_within(&url, PAGE, |at| is_among(&own, at)).await;
        let Ok((at, answer)) = found else { return Shown::Unclear };
        match answer.status.as_u16() {
            200..=299 => Shown::Page(answer.body, !is_same_place(&url, &at)),
            404 | 410 => Shown::Nothing,
            _ => Shown::Unclear,
        }
    }

    /// Whether everybody can read an entry at its address, at a site that does not show the same wherever one asks.
    pub(super) async fn is_shown(&self, url: &str) -> bool {
        let Shown::Page(page, false) = self.shown(url).await else { return false };
        let beside = format!("{}-{NOBODY}", url.trim_end_matches('/'));
        !matches!(self.shown(&beside).await, Shown::Page(other, _) if is_same_page(&page, &other))
    }

    /// Whether everybody sees of these entries what they shall. `sources` are the entries where they can be read, else none.
    pub(super) async fn is_shown_as_meant(&self, goal: &Goal, urls: &[String], sources: &[Source]) -> bool {
        match goal.audience() {
            Audience::Draft => !self.is_open(urls, sources).await,
            Audience::Published => !goal.opens || !self.is_kept_back(urls).await,
        }
    }

    /// Whether anybody at all can read one of these entries. What the server keeps back by its own word, or shows at another
    /// address, counts only if it says what the entry says: it may be a page to sign in at, or one that says that there is none.
    pub(super) async fn is_open(&self, urls: &[String], sources: &[Source]) -> bool {
        for (number, url) in urls.iter().enumerate() {
            let Shown::Page(page, elsewhere) = self.shown(url).await else { continue };
            let is_it = match sources.get(number) {
                Some(source) if elsewhere || source.audience() == Audience::Draft => says(&page, source),
                _ => !elsewhere,
            };
            if is_it {
                return true;
            }
        }
        false
    }

    /// Whether there is nothing to be seen of one of these entries, at a site that shows others at their addresses. One that wants
    /// a sign-in may be meant so.
    async fn is_kept_back(&self, urls: &[String]) -> bool {
        for url in urls {
            match self.shown(url).await {
                Shown::Nothing if self.shows_others(urls).await => return true,
                Shown::Page(_, false) => self.learnt.shows.set(),
                _ => {}
            }
        }
        false
    }

    async fn shows_others(&self, but: &[String]) -> bool {
        if self.learnt.shows.is_set() {
            return true;
        }
        let (Ok(client), Ok(Some(listed))) = (self.door.micropub().await, self.door.list(LISTED, 0, None).await) else {
            return false;
        };
        let is_public = |source: &&Source| source.audience() == Audience::Published && !source.is_taken_away();
        let urls = listed.items.iter().filter(is_public).filter_map(|source| source.url(client.base()));
        for url in urls.map(String::from).filter(|url| !but.contains(url)).take(OTHERS) {
            if matches!(self.shown(&url).await, Shown::Page(_, false)) {
                self.learnt.shows.set();
                return true;
            }
        }
        false
    }
}

/// Whether two addresses are that of one page: a slash at the end and `www.` in front make no other.
fn is_same_place(one: &Url, other: &Url) -> bool {
    let host = |url: &Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    host(one) == host(other) && path(one) == path(other) && one.query() == other.query()
}

/// Whether a page has a line of what an entry says. Only letters count: sites write spaces and quotation marks in their own way.
fn says(page: &[u8], source: &Source) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let page = read(&String::from_utf8_lossy(page), &Lang::en());
    let page: Vec<String> = page.sides.values().map(|side| letters(&side.title) + &letters(&side.body)).collect();
    let sides = source.said(None).sides;
    let lines = sides.values().flat_map(|side| std::iter::once(side.title.as_str()).chain(side.body.lines()));
    let mut lines: Vec<String> = lines.map(letters).filter(|line| !line.is_empty()).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.chars().count()));
    // Where all are short, the longest has to do.
    let telling = lines.iter().enumerate().filter(|(at, line)| *at == 0 || line.chars().count() >= TELLING);
    lines.is_empty() || telling.into_iter().any(|(_, line)| page.iter().any(|page| page.contains(line)))
}
