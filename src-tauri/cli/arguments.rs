//! What can be typed: the commands with their options and help. Knows no journal and does nothing.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use sampan_core::domain::{Lang, Moment};

pub use self::feeds::{
    AddOptions, ArrivedOptions, FeedCommand, Keep, MannerOptions, RemoteCommand, ResolveOptions, SendOptions,
    SetOptions, SignInOptions,
};

use crate::media_options::MediaOptions;

mod feeds;

const AFTER_HELP: &str = "\
Texts: TEXT is the text itself, @FILE reads a UTF-8 file, - reads the standard input (once). A text that begins with @ is \
written @@. The line break that ends a file or the input is left out.

Ids: a post can be named by its whole id or by its first 6 or more digits, a revision also by its number in the history, \
a feed by its id, its name or its kind (folder, wordpress, micropub, mastodon).

Secrets: passwords and tokens are kept in the system's keychain, or where --keep says, never in the journal. --secret-env \
names a variable that holds one; where there is no keychain only that name is kept, and later runs read the variable.

JSON: with --json, standard output holds exactly one JSON value, messages go to standard error. list, search, history, \
feed list, feed discover, conflicts and outbox print an array, every other command an object. Posts, revisions, feeds and deliveries have an `id`; \
times are RFC 3339. A delivery is {id, post, feed, feed_name, paused, wanted, state, reason?, changed_since, manner, receipt, next_at, \
updated_at}, to which send adds `obstacles`; sync gives {waiting, needs_you, deliveries, pulled}, pull, as `pulled`, \
{changed, conflicts, gone, files_missing, held_back, unreachable, busy, locked, signed_out, denied}, a conflict is {id, post, feed, feed_name, titles, ours, theirs, parts}, preview gives {id, items, \
obstacles, leaves_at, over_theirs, files?}, remote list {items, next}, remote adopt {posts, known, files_missing, failed, error?}. An error is {\"error\": {\"code\", \"message\", \"subject\"?, \"limit\"?, \"actual\"?}}.

Exit status: 0 done, 1 error, 2 something waits (a feed that does not answer, a locked keychain), 3 something needs you (a feed \
that does not let you in or wants you to sign in again, a post to look at).

The journal is --journal, else the environment variable SAMPAN_JOURNAL, else the usual place of this system; it is made \
on first use. Messages are Chinese when LC_ALL, LC_MESSAGES or LANG begins with zh.

Examples:
  sampan-cli post --zh-title 外滩 --zh 今天的云很低 --en \"Low clouds today\" --topic 上海 \\
      --media bund.jpg --alt-zh 外滩的云 --alt-en \"Clouds over the Bund\"
  sampan-cli import ~/Pictures/2025-01
  sampan-cli feed add folder ~/Public/feed
  sampan-cli send 0193f2a4 --to folder --publish
  BLOG_PW='abcd efgh ijkl' sampan-cli feed add wordpress blog.example --user li --secret-env BLOG_PW
  sampan-cli feed add mastodon social.example --name Toots
  sampan-cli --json search 云 | jq -r '.[].id'";

/// A post journal in Chinese and English, from the terminal.
#[derive(Debug, Parser)]
#[command(name = "sampan-cli", version, after_long_help = AFTER_HELP)]
#[command(after_help = "Texts, ids, JSON, exit status and examples: sampan-cli --help")]
pub struct Arguments {
    /// Folder of the journal; made on first use
    #[arg(long, global = true, value_name = "DIR")]
    pub journal: Option<PathBuf>,
    /// Print one JSON value on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Everything that can be asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a post and print its id
    Post(PostOptions),
    /// List posts, newest moment first
    List(ListOptions),
    /// Show a post
    Show {
        /// Which post
        id: String,
    },
    /// Change what is given of a post, and nothing else
    Edit(EditOptions),
    /// Put a post into the bin; feeds that hold it are asked to take it down
    Delete {
        /// Which post
        id: String,
    },
    /// Take a post out of the bin
    Undelete {
        /// Which post
        id: String,
    },
    /// List a post's revisions, newest first
    History {
        /// Which post
        id: String,
    },
    /// Make an old revision the newest again; nothing is overwritten
    Restore {
        /// Which post
        id: String,
        /// Which revision: its id, the beginning of it, or its number in the history
        revision: String,
    },
    /// Bring photos, clips and folders of them into a new post; what is in a post already is left out
    Import {
        /// Files and folders
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Add them to this post instead
        #[arg(long, value_name = "ID")]
        into: Option<String>,
    },
    /// Write a post's originals into a folder, byte for byte
    Media {
        /// Which post
        id: String,
        /// Folder to write into; made when it is missing
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Find posts that contain every word of a text, from one character up, in any language
    Search {
        /// What to find
        #[arg(allow_hyphen_values = true)]
        text: String,
        /// At most so many posts
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        limit: Option<u32>,
    },
    /// Set up, list and try the places that posts go to
    Feed {
        /// What to do with feeds.
        #[command(subcommand)]
        command: FeedCommand,
    },
    /// Send a post to a feed: as a draft, or published
    Send(SendOptions),
    /// Show what would be made of a post for a feed: exactly what is sent
    Preview {
        /// Which post
        id: String,
        /// Which feed: its id, name or kind
        #[arg(long, value_name = "FEED")]
        to: String,
        /// Write the files into this folder, too, byte for byte as they leave
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Send everything that waits, and read what was changed at the feeds. Goes on with what becomes due within half a minute at
    /// feeds that answer, for two minutes at most; what then still waits is told by the exit status
    Sync {
        /// Try everything a single time, and wait for nothing
        #[arg(long)]
        once: bool,
        /// Only what waits for this feed
        #[arg(long, value_name = "FEED")]
        feed: Option<String>,
    },
    /// Read what was changed at the feeds
    Pull {
        /// Take over what this feed holds now, even if so much is gone there at once that it was held back. Look there first
        #[arg(long, value_name = "FEED")]
        accept: Option<String>,
    },
    /// List posts that were changed both here and at a feed
    Conflicts,
    /// Bring a post together that was changed both here and at a feed, and send what came of it; both versions stay in its history
    Resolve(ResolveOptions),
    /// Say whether a post arrived of which the feed cannot tell, and send what that makes to be sent
    Arrived(ArrivedOptions),
    /// List what lies at a feed, and bring it into the journal
    Remote {
        /// What to do with what lies there.
        #[command(subcommand)]
        command: RemoteCommand,
    },
    /// List what waits and what was sent in the last 24 hours
    Outbox,
    /// Look at every byte of the journal
    Check,
    /// Write a verified copy of the journal into an empty folder
    Backup {
        /// The folder
        dir: PathBuf,
    },
    /// Write everything into an empty folder in open formats: JSON, Markdown and the originals
    Export {
        /// An empty folder, or one with an earlier export
        dir: PathBuf,
    },
}

/// What a new post says.
#[derive(Debug, Args)]
pub struct PostOptions {
    /// The parts that `post` and `edit` share.
    #[command(flatten)]
    pub parts: Parts,
}

/// What changes in a post.
#[derive(Debug, Args)]
pub struct EditOptions {
    /// Which post
    pub id: String,
    /// The parts that `post` and `edit` share.
    #[command(flatten)]
    pub parts: Parts,
    /// Take a file out of the post: the beginning of its hash, or its number in the post
    #[arg(long, value_name = "HASH|N")]
    pub remove_media: Vec<String>,
    /// The picture that stands for the post: the beginning of its hash, or its number in the post
    #[arg(long, value_name = "HASH|N")]
    pub cover: Option<String>,
}

/// Parts of a post. An empty text, topic or place takes the part away.
#[derive(Debug, Args)]
pub struct Parts {
    /// Title in simplified Chinese
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub zh_title: Option<String>,
    /// Text in simplified Chinese
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub zh: Option<String>,
    /// Title in English
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub en_title: Option<String>,
    /// Text in English
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub en: Option<String>,
    /// Title in any language, such as zh-Hant=標題; can be repeated
    #[arg(long, value_name = "LANG=TEXT", value_parser = in_language)]
    pub title: Vec<(Lang, String)>,
    /// Text in any language, such as zh-Hant=內容; can be repeated
    #[arg(long, value_name = "LANG=TEXT", value_parser = in_language)]
    pub body: Vec<(Lang, String)>,
    /// A topic; can be repeated. In `edit` the topics given replace those of the post
    #[arg(long, value_name = "TOPIC")]
    pub topic: Vec<String>,
    /// The moment it is about, such as 2025-01-07T16:40:00+08:00; now when absent
    #[arg(long, value_name = "RFC3339", value_parser = moment)]
    pub at: Option<Moment>,
    /// Where it was, in your words; stays on this computer unless a feed is told otherwise
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub place: Option<String>,
    /// Files with their alt texts.
    #[command(flatten)]
    pub media: MediaOptions,
}

/// Which posts to list.
#[derive(Debug, Args)]
pub struct ListOptions {
    /// Only posts that were never sent anywhere
    #[arg(long)]
    pub drafts: bool,
    /// The bin instead of the journal
    #[arg(long)]
    pub bin: bool,
    /// Only posts with this topic
    #[arg(long, value_name = "TOPIC")]
    pub topic: Option<String>,
    /// At most so many posts
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
}

fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text).ok_or_else(|| {
        "not a moment in the form of RFC 3339, such as 2025-01-07T16:40:00+08:00 or 2025-01-07T08:40:00Z".to_owned()
    })
}

/// Reads `LANG=TEXT`.
pub fn in_language(text: &str) -> Result<(Lang, String), String> {
    let (lang, words) = text.split_once('=').ok_or("not in the form LANG=TEXT, such as zh-Hant=標題")?;
    let lang = lang.parse().map_err(|_| format!("`{lang}` is not a language such as zh-Hans, zh-Hant or en"))?;
    Ok((lang, words.to_owned()))
}
