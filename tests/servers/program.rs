//! The terminal program with one feed behind the network of the tests, to be killed, starved and run twice; and what becomes of
//! its journal when it is started again and time goes by.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sampan_core::api::remote::{Arrived, ArrivedInput};
use sampan_core::clock::{Clock, SystemClock, TestClock};
use sampan_core::domain::{DeliveryState, FeedId, NeedsYou, PostId};
use sampan_core::feed::web::Patience;
use sampan_core::journal::{Journal, Options};
use sampan_core::vault::{Memory, Nowhere, Vaults};

use crate::places::Place;
use crate::proxy::Proxy;
use crate::support::{Terminal, jpeg};

/// The variables that hold the secrets, as a user would name them, and what they are called here.
const VARIABLES: [(&str, &str); 3] = [
    ("SAMPAN_TEST_BLOG_PASSWORD", "SAMPAN_WORDPRESS_PASSWORD"),
    ("SAMPAN_TEST_SITE_TOKEN", "SAMPAN_MICROPUB_TOKEN"),
    ("SAMPAN_TEST_SERVER_TOKEN", "SAMPAN_MASTODON_TOKEN"),
];

/// Posts that were written by all programs, so that each is known by another word.
static POSTS: AtomicUsize = AtomicUsize::new(1);

/// A terminal in which a feed is set up.
pub struct Program {
    pub terminal: Terminal,
    pub proxy: Proxy,
    pub place: Arc<dyn Place>,
    kind: &'static str,
}

impl Program {
    pub async fn set_up(place: Arc<dyn Place>, kind: &'static str) -> Self {
        let (proxy, terminal) = (Proxy::before(place.server()).await, Terminal::new());
        for seed in [1, 2] {
            terminal.file(&format!("{seed}.jpg"), jpeg(seed));
        }
        let program = Self { terminal, proxy, place, kind };
        let variable =
            VARIABLES[["wordpress", "micropub", "mastodon"].iter().position(|name| *name == kind).unwrap()].0;
        let mut add = vec!["feed", "add", kind, &program.proxy.url];
        match program.place.user() {
            "" => add.extend(["--token-env", variable]),
            user => add.extend(["--user", user, "--secret-env", variable]),
        }
        let added = program.run(&add);
        assert!(added.status.success(), "{added:?}");
        assert!(String::from_utf8_lossy(&added.stderr).contains(variable), "it is said that only the name is kept");
        program
    }

    /// The program with these words, ready to start.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = self.terminal.command();
        // Where only one of the servers runs, the others have no secrets.
        let secrets = VARIABLES.iter().filter_map(|(variable, name)| Some((variable, std::env::var(name).ok()?)));
        command.envs(secrets);
        command.arg("--json").args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The same, with files that cannot grow beyond so many blocks. What would end the program at its first byte too many is
    /// told to it as an error instead.
    #[cfg(unix)]
    pub fn limited(&self, words: &[&str], blocks: u32) -> Command {
        let command = self.command(words);
        let mut limited = Command::new("sh");
        limited.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
        limited.arg(command.get_program()).args(command.get_args()).current_dir(self.terminal.path("."));
        limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        limited
    }

    pub fn start(&self, words: &[&str]) -> Child {
        self.command(words).spawn().unwrap()
    }

    pub fn run(&self, words: &[&str]) -> std::process::Output {
        tokio::task::block_in_place(|| self.command(words).output().unwrap())
    }

    /// Starts sending a post.
    pub fn send(&self, id: &str) -> Child {
        self.start(&self.sending(id))
    }

    /// The words that send a post.
    pub fn sending<'a>(&self, id: &'a str) -> [&'a str; 5] {
        ["send", id, "--to", self.kind, "--publish"]
    }

    /// A new post with two photos: the word by which it is known, and its id.
    pub fn write(&self) -> (String, String) {
        let number = POSTS.fetch_add(1, Ordering::Relaxed);
        let mark = format!("{}{}x{number}", self.kind, std::process::id());
        let body = format!("Clouds today, {mark}.");
        let id = self.terminal.post(&["--zh", "今天的云", "--en", &body, "--media", "1.jpg", "--media", "2.jpg"]);
        (mark, id)
    }

    /// The program is started again, the user answers what is asked, and time goes by. Then each post is public there, once.
    pub async fn expect_once(&self, posts: &[(String, String)], when: &str) {
        let clock = Arc::new(TestClock::new(SystemClock.now().as_millis()));
        let vaults = Vaults {
            keychain: Arc::new(Nowhere),
            file: Arc::new(Nowhere),
            session: Arc::new(Memory::default()),
            environment: |name| VARIABLES.iter().find(|(known, _)| *known == name).map(|(_, name)| crate::told(name)),
        };
        let options = Options { clock: clock.clone(), feed_dir: None, vaults, patience: Patience::default() };
        let journal = Journal::open(&self.terminal.journal(), options).await.unwrap();
        for (mark, id) in posts {
            self.settle(&journal, &clock, mark, id).await;
            let items = self.place.items(mark).await;
            let public: Vec<_> = items.iter().filter(|item| item.public).collect();
            assert_eq!(public.len(), 1, "{when}: {items:?}");
            assert_eq!(public[0].files.len(), 2, "{when}: {items:?}");
        }
        journal.close().await;
    }

    async fn settle(&self, journal: &Journal, clock: &TestClock, mark: &str, id: &str) {
        let post = journal.post_resolve(id.to_owned()).await.unwrap();
        for _ in 0..12 {
            journal.sync().await.unwrap();
            let delivery = journal.post_get(post).await.unwrap().deliveries.remove(0);
            match delivery.state {
                DeliveryState::Synced => return,
                DeliveryState::NeedsYou { reason: NeedsYou::MaybeThere } => {
                    self.answer(journal, post, (delivery.feed, mark)).await
                }
                _ => clock.advance(16 * 60_000),
            }
        }
        panic!("it never rests: {:?}", journal.post_get(post).await.unwrap().deliveries);
    }

    async fn answer(&self, journal: &Journal, post: PostId, (feed, mark): (FeedId, &str)) {
        let there = self.place.items(mark).await.into_iter().next();
        let arrived = there.map_or(Arrived::No, |item| Arrived::Yes { url: item.url });
        journal.delivery_arrived(ArrivedInput { post, feed, arrived }).await.unwrap();
    }
}
