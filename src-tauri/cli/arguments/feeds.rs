//! What can be typed about feeds: set up, sign in, change, what comes back. Knows no journal and does nothing.

use std::ffi::OsString;

use clap::{Args, Subcommand, ValueEnum};
use sampan_core::api::remote::{Part, PartName};
use sampan_core::api::types::FeedKind;
use sampan_core::domain::destination::{LanguageLayout, LongText, TopicsAs};
use sampan_core::domain::{Timestamp, Visibility};

/// What to do with feeds.
#[derive(Debug, Subcommand)]
pub enum FeedCommand {
    /// Set up a feed
    Add(AddOptions),
    /// Find out what is at an address
    Discover {
        /// As you would type it: blog.example, https://blog.example/about, @me@social.example
        address: String,
        /// Allow plain http to a computer that is not this one
        #[arg(long)]
        plain_http: bool,
    },
    /// List the feeds
    List,
    /// Forget a feed and its secret; what lies there stays there
    Remove {
        /// Which feed: its id, name or kind
        feed: String,
    },
    /// Ask a feed whether it would take a post
    Test {
        /// Which feed: its id, name or kind
        feed: String,
    },
    /// Show what a feed takes: lengths, files, sizes
    Limits {
        /// Which feed: its id, name or kind
        feed: String,
    },
    /// Change how posts leave for a feed
    Set(SetOptions),
    /// Sign in at a feed again
    SignIn {
        /// Which feed: its id, name or kind
        feed: String,
        /// How to sign in.
        #[command(flatten)]
        with: SignInOptions,
    },
    /// Forget the secret of a feed, and tell the site where it can be reached; what waits for it goes on waiting
    SignOut {
        /// Which feed: its id, name or kind
        feed: String,
    },
    /// Switch a feed on
    #[command(visible_alias = "resume")]
    On {
        /// Which feed: its id, name or kind
        feed: String,
    },
    /// Switch a feed off: nothing leaves for it
    #[command(visible_alias = "pause")]
    Off {
        /// Which feed: its id, name or kind
        feed: String,
    },
}

/// A feed to set up.
#[derive(Debug, Args)]
pub struct AddOptions {
    /// What it is
    pub kind: Kind,
    /// Where it is: for a folder its path, otherwise its address
    pub place: OsString,
    /// As you call it
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// How to sign in.
    #[command(flatten)]
    pub with: SignInOptions,
    /// Allow plain http to a computer that is not this one, such as one in your own network
    #[arg(long)]
    pub plain_http: bool,
}

/// How to sign in. A password that no variable holds is asked for at the terminal, and else is the first line of the standard
/// input. Micropub and Mastodon are signed in at in your browser, under an address that is printed, unless a token is given: in a
/// variable, or piped.
#[derive(Debug, Args)]
pub struct SignInOptions {
    /// Name to sign in with (WordPress)
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Environment variable that holds the password; where there is no keychain, only its name is kept
    #[arg(long, value_name = "VAR")]
    pub secret_env: Option<String>,
    /// Environment variable that holds a token that is at hand already; kept like a password
    #[arg(long, value_name = "VAR", conflicts_with = "secret_env")]
    pub token_env: Option<String>,
    /// Wait for the password or token on the standard input: its first line
    #[arg(long, visible_alias = "secret-stdin", conflicts_with_all = ["secret_env", "token_env"])]
    pub token_stdin: bool,
    /// Where to keep the secret: never in the journal. Otherwise in the keychain
    #[arg(long, value_name = "WHERE")]
    pub keep: Option<Keep>,
}

/// Where a secret is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Keep {
    /// In the system's keychain
    Keychain,
    /// In a file that only you may read, unprotected otherwise
    File,
    /// Nowhere: good for this one command
    Session,
}

/// Kinds of feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A folder with JSON Feed, Atom and readable pages
    Folder,
    /// A WordPress site, with an application password
    Wordpress,
    /// A site that speaks Micropub
    Micropub,
    /// Mastodon, or a server that speaks like it
    Mastodon,
}

impl From<Kind> for FeedKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Folder => Self::Folder,
            Kind::Wordpress => Self::Wordpress,
            Kind::Micropub => Self::Micropub,
            Kind::Mastodon => Self::Mastodon,
        }
    }
}

/// Choices for a feed; what is not given stays.
#[derive(Debug, Args)]
pub struct SetOptions {
    /// Which feed: its id, name or kind
    pub feed: String,
    /// As you call it
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Both languages in one item, or an item each, linked
    #[arg(long, value_name = "together|linked", value_parser = word::<LanguageLayout>)]
    pub languages: Option<LanguageLayout>,
    /// What becomes of a text that is longer than the feed takes; it is never cut
    #[arg(long, value_name = "refuse|split", value_parser = word::<LongText>)]
    pub long_text: Option<LongText>,
    /// What topics become at a WordPress site
    #[arg(long, value_name = "tags|categories", value_parser = word::<TopicsAs>)]
    pub topics: Option<TopicsAs>,
    /// Who may read what is published, unless a post says otherwise
    #[arg(long, value_name = "public|unlisted|private", value_parser = word::<Visibility>)]
    pub visibility: Option<Visibility>,
    /// Send the name of the place; the coordinates never leave
    #[arg(long, value_name = "true|false")]
    pub place: Option<bool>,
}

/// What goes where.
#[derive(Debug, Args)]
pub struct SendOptions {
    /// Which post
    pub id: String,
    /// Which feed: its id, name or kind; one that is switched off is switched on
    #[arg(long, value_name = "FEED")]
    pub to: String,
    /// Public there; otherwise it lies there as a draft
    #[arg(long)]
    pub publish: bool,
    /// Take it down there
    #[arg(long, conflicts_with = "publish")]
    pub withdraw: bool,
    /// How it shall be there.
    #[command(flatten)]
    pub manner: MannerOptions,
}

/// How a post shall be at a feed.
#[derive(Debug, Args)]
pub struct MannerOptions {
    /// Made public by the feed itself at this instant, such as 2025-01-07T16:40:00+08:00
    #[arg(long, value_name = "RFC3339", value_parser = instant, requires = "publish")]
    pub at: Option<Timestamp>,
    /// What readers are told before they choose to read on
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub warning: Option<String>,
    /// Who may read it
    #[arg(long, value_name = "public|unlisted|private", value_parser = word::<Visibility>)]
    pub visibility: Option<Visibility>,
}

/// Which conflict, and what is done about it.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("choice").required(true)))]
pub struct ResolveOptions {
    /// Which post
    pub id: String,
    /// At which feed, where the post is in conflict at more than one
    #[arg(long, value_name = "FEED")]
    pub feed: Option<String>,
    /// Everything as it is here
    #[arg(long, group = "choice")]
    pub ours: bool,
    /// Everything as it is at the feed
    #[arg(long, group = "choice")]
    pub theirs: bool,
    /// Both: what is at the feed becomes a second post, and this one goes there no more
    #[arg(long, group = "choice")]
    pub two_posts: bool,
    /// Take this part from the feed, as `conflicts` names it: title.en, body.zh-Hans, alt.en, topics, attachments, moment or
    /// place; can be repeated. What merges by itself is merged, everything else stays as it is here
    #[arg(long, group = "choice", value_name = "PART[.LANG]", value_parser = part)]
    pub take: Vec<PartName>,
}

/// Whether a post arrived.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("answer").required(true)))]
pub struct ArrivedOptions {
    /// Which post
    pub id: String,
    /// At which feed
    #[arg(long, value_name = "FEED")]
    pub feed: String,
    /// It is there, at this address
    #[arg(long, group = "answer", value_name = "URL")]
    pub yes: Option<String>,
    /// It is not there: send it again
    #[arg(long, group = "answer")]
    pub no: bool,
}

/// What to do with what lies at a feed.
#[derive(Debug, Subcommand)]
pub enum RemoteCommand {
    /// List what lies at a feed, newest first, wherever it was written
    List {
        /// Which feed: its id, name or kind
        feed: String,
        /// The page that the answer before named as `next`
        #[arg(long, value_name = "PAGE")]
        page: Option<String>,
    },
    /// Bring items into the journal, with their files; what is there already is left as it is
    Adopt {
        /// Which feed: its id, name or kind
        feed: String,
        /// The ids that `remote list` shows
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
}

/// A word of the contract, as JSON names it.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|_| "not one of the words above".to_owned())
}

fn instant(text: &str) -> Result<Timestamp, String> {
    super::moment(text).map(|moment| moment.at)
}

fn part(text: &str) -> Result<PartName, String> {
    let (name, lang) = match text.split_once('.') {
        Some((name, lang)) => (name, Some(lang)),
        None => (text, None),
    };
    let part: Part = word(name).map_err(|_| format!("`{name}` is not a part of a post"))?;
    let lang = lang.map(str::parse).transpose().map_err(|_| format!("`{text}` does not end with a language"))?;
    if matches!(part, Part::Title | Part::Body | Part::Alt) != lang.is_some() {
        return Err("titles, bodies and alt texts have a language, other parts have none".to_owned());
    }
    Ok(PartName { part, lang })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_a_language_where_it_must() {
        let taken = part("body.zh-Hans").unwrap();
        assert_eq!((taken.part, taken.lang.map(|lang| lang.to_string())), (Part::Body, Some("zh-Hans".to_owned())));
        assert_eq!(part("topics").unwrap().part, Part::Topics);
        assert_eq!(part("alt.en").unwrap().part, Part::Alt);
        for wrong in ["body", "alt", "topics.en", "soul", "title.", "title.not a language", ""] {
            assert!(part(wrong).is_err(), "{wrong}");
        }
    }
}
