//! `kill -9` of the terminal program at random moments during save, edit, import and folder sync: the journal stays clean,
//! nothing that was acknowledged is lost, no feed item is doubled. `SAMPAN_KILLS` says how many moments (40 when absent),
//! `SAMPAN_SEED` plays a failure again.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Chance, Said, Terminal, feed_items, jpeg};

#[test]
fn a_kill_at_any_moment_loses_nothing_and_doubles_nothing() {
    let number = |name: &str, default: u64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let (moments, seed) = (number("SAMPAN_KILLS", 40), number("SAMPAN_SEED", 20_261_122));
    println!("{moments} moments from SAMPAN_SEED={seed}");
    let mut world = World::new(seed);
    let mut tries = 0;
    // A kill that comes after the end proves nothing and does not count.
    while world.hits < moments {
        world.strike(tries);
        world.look();
        tries += 1;
        assert!(tries < 100 + moments * 10, "the kills come too late: {} of {tries} hit a running program", world.hits);
    }
    world.settle();
    println!("{tries} kills, {} of them hit a running program", world.hits);
    println!("| killed at random moments | {} | 0 | 0 | | | |", world.hits);
}

#[test]
fn the_campaign_notices_a_journal_that_forgets_and_a_feed_that_doubles() {
    let mut world = World::new(1);
    world.settle();
    let before = world.terminal.path("before");
    copy(&world.terminal.journal(), &before);
    let acknowledged = world.terminal.post(&["--zh", &text("记得。")]);
    world.posts.insert(acknowledged.clone(), Known { marks: vec!["记得。".into()], files: 0 });
    assert_eq!(lost(&world.posts, &world.found()), BTreeSet::new());
    // As if the save had been answered before it was on the disk.
    std::fs::remove_dir_all(world.terminal.journal()).unwrap();
    std::fs::rename(&before, world.terminal.journal()).unwrap();
    assert_eq!(lost(&world.posts, &world.found()), BTreeSet::from([acknowledged]));

    let mut items = feed_items(&world.terminal.path("feed"), "published");
    assert_eq!(doubled(&items), BTreeSet::new());
    items.push(items[0].clone());
    assert_eq!(doubled(&items).len(), 1);
}

/// What the program acknowledged.
#[derive(Debug, Clone)]
struct Known {
    /// How the body may begin: after an edit that was not acknowledged it is the old or the new one. No marks: no body.
    marks: Vec<String>,
    files: u64,
}

struct World {
    terminal: Terminal,
    chance: Chance,
    posts: BTreeMap<String, Known>,
    sent: BTreeSet<String>,
    /// How long each kind of work takes when nobody disturbs it.
    usual: [Duration; KINDS],
    hits: u64,
    count: u64,
}

const KINDS: usize = 4;
const PHOTOS: u64 = 5;

impl World {
    /// A journal with a feed, and each kind of work done once, undisturbed, to learn how long it takes.
    fn new(seed: u64) -> Self {
        let mut world = Self {
            terminal: Terminal::new(),
            chance: Chance(seed),
            posts: BTreeMap::new(),
            sent: BTreeSet::new(),
            usual: [Duration::ZERO; KINDS],
            hits: 0,
            count: 0,
        };
        world.terminal.json(&["feed", "add", "folder", "feed"]);
        for kind in 0..KINDS {
            let began = Instant::now();
            world.work(kind, None);
            world.usual[kind] = began.elapsed();
        }
        world
    }

    fn strike(&mut self, moment: u64) {
        let kind = usize::try_from(moment).unwrap() % KINDS;
        let most = u64::try_from(self.usual[kind].as_micros()).unwrap();
        let delay = Duration::from_micros(self.chance.below(most));
        let before = self.hits;
        self.work(kind, Some(delay));
        // Some kills shall come late, so that the last steps are hit, too; most shall not.
        self.usual[kind] = if self.hits == before { self.usual[kind] * 7 / 8 } else { self.usual[kind] * 33 / 32 };
    }

    fn work(&mut self, kind: usize, delay: Option<Duration>) {
        self.count += 1;
        match kind {
            0 => self.save(delay),
            1 => self.edit(delay),
            2 => self.import(delay),
            _ => self.send(delay),
        }
    }

    fn save(&mut self, delay: Option<Duration>) {
        let mark = format!("第 {} 篇。", self.count);
        let said = self.run(&["post", "--zh", &text(&mark)], delay);
        if let Some(id) = acknowledged(&said) {
            self.posts.insert(id, Known { marks: vec![mark], files: 0 });
        } else {
            self.adopt(&[mark], 0);
        }
    }

    fn edit(&mut self, delay: Option<Duration>) {
        let id = self.any_post();
        let mark = format!("改 {}。", self.count);
        let said = self.run(&["edit", &id, "--zh", &text(&mark)], delay);
        let known = self.posts.get_mut(&id).unwrap();
        if acknowledged(&said).is_some() {
            known.marks.clear();
        }
        known.marks.push(mark);
        let known = known.clone();
        self.expect_whole(&id, &known);
    }

    /// An import that was killed is done again by the user: then every file is in exactly one post.
    fn import(&mut self, delay: Option<Duration>) {
        let folder = format!("photos/{}", self.count);
        for number in 0..PHOTOS {
            let seed = u8::try_from(self.chance.below(256)).unwrap();
            let mut photo = jpeg(seed);
            photo.extend(format!("{}-{number}", self.count).bytes());
            self.terminal.file(&format!("{folder}/{number}.jpg"), photo);
        }
        let said = self.run(&["import", &folder], delay);
        if let Some(id) = acknowledged(&said) {
            self.posts.insert(id, Known { marks: Vec::new(), files: PHOTOS });
        }
        self.terminal.json(&["import", &folder]);
        self.adopt(&[], PHOTOS);
    }

    fn send(&mut self, delay: Option<Duration>) {
        let id = self.any_post();
        self.run(&["send", &id, "--to", "folder", "--publish"], delay);
        // As other programs see the folder right after the kill: whole, and nothing twice.
        assert_eq!(doubled(&feed_items(&self.terminal.path("feed"), "published")), BTreeSet::new());
        self.terminal.json(&["sync"]);
        let items = feed_items(&self.terminal.path("feed"), "published");
        assert_eq!(doubled(&items), BTreeSet::new());
        if items.iter().any(|item| item.to_string().contains(&id)) {
            self.sent.insert(id);
        }
        for id in &self.sent {
            let count = items.iter().filter(|item| item.to_string().contains(id)).count();
            assert_eq!(count, 1, "what was once there stays there, once: {id}");
        }
    }

    /// Everything that must hold after every kill.
    fn look(&mut self) {
        self.terminal.expect_clean();
        assert_eq!(lost(&self.posts, &self.found()), BTreeSet::new(), "acknowledged and not there");
    }

    /// At the end everything is sent, undisturbed, and the feed says exactly what the journal says.
    fn settle(&mut self) {
        let ids: Vec<String> = self.posts.keys().cloned().collect();
        for id in &ids {
            let delivery = self.terminal.json(&["send", id, "--to", "folder", "--publish"]);
            assert_eq!(delivery["state"], "synced", "{delivery}");
        }
        self.terminal.json(&["sync"]);
        let items = feed_items(&self.terminal.path("feed"), "published");
        assert_eq!((items.len(), doubled(&items)), (ids.len(), BTreeSet::new()));
        for (id, known) in &self.posts {
            let body = self.expect_whole(id, known);
            let item = items.iter().find(|item| item.to_string().contains(id)).expect("every post is there");
            let begin: String = body.chars().take(8).collect();
            assert!(item.to_string().contains(&begin), "the feed has the newest text of {id}");
        }
        assert_eq!(self.terminal.run(&["outbox"]).code, Some(0), "nothing is left to do");
    }

    /// Takes note of posts that were saved though nobody was told any more. They must be whole.
    fn adopt(&mut self, marks: &[String], files: u64) {
        for id in self.found().into_keys() {
            if !self.posts.contains_key(&id) {
                let known = Known { marks: marks.to_vec(), files };
                self.expect_whole(&id, &known);
                self.posts.insert(id, known);
            }
        }
    }

    /// A post is there with one of the texts it may have, to the last character, and with all its files; gives its text.
    fn expect_whole(&self, id: &str, known: &Known) -> String {
        let post = self.terminal.json(&["show", id]);
        let body = post["sides"]["zh-Hans"]["body"].as_str().unwrap_or_default().to_owned();
        let is_one = known.marks.iter().any(|mark| body == text(mark));
        assert!(is_one || (body.is_empty() && known.files > 0), "{id} says one of {:?}: {body}", known.marks);
        assert_eq!(post["attachments"].as_array().unwrap().len() as u64, known.files, "{id} has all its files");
        body
    }

    /// Every post with the beginning of its Chinese body and its number of files.
    fn found(&self) -> BTreeMap<String, (String, u64)> {
        let list = self.terminal.json(&["list"]);
        let posts = list.as_array().unwrap().iter().map(|post| {
            let begin = post["excerpts"]["zh-Hans"].as_str().unwrap_or_default().to_owned();
            (post["id"].as_str().unwrap().to_owned(), (begin, post["attachments"].as_u64().unwrap()))
        });
        posts.collect()
    }

    fn any_post(&mut self) -> String {
        let index = usize::try_from(self.chance.below(self.posts.len() as u64)).unwrap();
        self.posts.keys().nth(index).unwrap().clone()
    }

    /// Runs the program, and kills it after the delay.
    fn run(&mut self, words: &[&str], delay: Option<Duration>) -> Said {
        let mut command = self.terminal.command();
        let child = command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let Some(delay) = delay else {
            let said = finish(child);
            assert_eq!(said.code, Some(0), "undisturbed it works: {said:?}");
            return said;
        };
        let mut child = child;
        // The one place where a test has to wait: a kill at a random moment needs the moment to come.
        std::thread::sleep(delay);
        child.kill().unwrap();
        let said = finish(child);
        self.hits += u64::from(said.code != Some(0));
        said
    }
}

/// The id that was printed, which is what the program promises to keep.
fn acknowledged(said: &Said) -> Option<String> {
    said.out.split_once('\n').map(|(id, _)| id.to_owned())
}

/// A body long enough to need several pages of the database.
fn text(mark: &str) -> String {
    format!("{mark}{}完", "云".repeat(2000))
}

/// Acknowledged posts that are not there, or not as they were acknowledged.
fn lost(posts: &BTreeMap<String, Known>, found: &BTreeMap<String, (String, u64)>) -> BTreeSet<String> {
    let is_kept = |(id, known): &(&String, &Known)| {
        found.get(*id).is_some_and(|(begin, files)| {
            let is_one = known.marks.iter().any(|mark| begin.starts_with(mark.as_str()));
            *files == known.files && (is_one || (begin.is_empty() && known.files > 0))
        })
    };
    posts.iter().filter(|post| !is_kept(post)).map(|(id, _)| id.clone()).collect()
}

/// Ids that stand in a feed more than once.
fn doubled(items: &[Value]) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let ids = items.iter().map(|item| item["id"].as_str().unwrap().to_owned());
    ids.filter(|id| !seen.insert(id.clone())).collect()
}

fn finish(child: Child) -> Said {
    child.wait_with_output().unwrap().into()
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
