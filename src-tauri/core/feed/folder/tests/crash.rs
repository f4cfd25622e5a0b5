//! The plug is pulled at every single step that touches the disk. Afterwards a new program asks the folder and goes on, as
//! the engine does, and what it finds must be the old item or the new one, once.

use super::*;

#[derive(Clone, Copy, Debug)]
enum Act {
    Create(Audience),
    Update(Audience, Audience),
    Withdraw(Audience),
}

const ACTS: [Act; 8] = [
    Act::Create(Audience::Draft),
    Act::Create(Audience::Published),
    Act::Update(Audience::Draft, Audience::Draft),
    Act::Update(Audience::Draft, Audience::Published),
    Act::Update(Audience::Published, Audience::Draft),
    Act::Update(Audience::Published, Audience::Published),
    Act::Withdraw(Audience::Draft),
    Act::Withdraw(Audience::Published),
];

fn old(audience: Audience) -> Arc<Intent> {
    with_media(intent(1, 1, audience), vec![photo(1), clip(2)])
}

fn new(audience: Audience) -> Arc<Intent> {
    with_media(intent(1, 2, audience), vec![clip(2), photo(3)])
}

fn act(folder: &Folder, act: Act, known: Option<&Receipt>) -> Result<(), FeedError> {
    match (act, known) {
        (Act::Create(to) | Act::Update(_, to), known) => folder.put(&new(to), &out(), known).map(|_| ())?,
        (Act::Withdraw(_), Some(known)) => folder.take_away(known, post_id(1))?,
        (Act::Withdraw(_), None) => {}
    }
    folder.write_lists()
}

/// What a program does after a start: ask, then carry on until the wish is fulfilled.
fn recover(folder: &Folder, wish: Act) {
    for _ in 0..3 {
        let (known, finished) = match folder.lookup(post_id(1)).unwrap() {
            Lookup::Found(held) => {
                assert!(!held.touched, "what a crash leaves is not taken for somebody's edit ({wish:?})");
                let is_new = held.revision == Some(new(Audience::Draft).revision);
                let wanted = match wish {
                    Act::Create(to) | Act::Update(_, to) => is_new && held.audience == to,
                    Act::Withdraw(_) => false,
                };
                (Some(receipt(&held)), wanted && !held.unfinished)
            }
            Lookup::Absent => (None, matches!(wish, Act::Withdraw(_))),
            Lookup::NotYet(_) | Lookup::CannotTell => panic!("a folder can always tell"),
        };
        if finished {
            folder.write_lists().unwrap();
            return;
        }
        act(folder, wish, known.as_ref()).unwrap();
    }
    panic!("{wish:?} does not come to an end");
}

/// Everything that must hold of the folder at any instant, whoever looks.
fn assert_sound(root: &Path, wish: Act, step: u32) {
    let lists = [listed(root, "drafts"), listed(root, "published")].concat();
    assert!(lists.len() <= 1, "{wish:?} killed at step {step}: listed {} times", lists.len());
    for part in ["drafts", "published"] {
        let item = root.join(part).join(format!("posts/{}/item.json", post_id(1)));
        let Ok(bytes) = std::fs::read(&item) else { continue };
        let (item, intact) = item::Item::from_bytes(&bytes).expect("an item is whole or not there");
        assert!(intact, "{wish:?} killed at step {step}: a torn item");
        for enclosure in &item.attachments {
            let size = std::fs::metadata(root.join(part).join(&enclosure.url)).map(|facts| facts.len());
            // A move or a withdrawal removes the item first, an update the files of the old item last.
            assert_eq!(size.ok(), Some(enclosure.size_in_bytes), "{wish:?} killed at step {step}: a file is missing");
        }
    }
}

#[test]
fn killed_at_any_step_the_item_is_there_once_or_not_and_goes_on_to_what_was_wanted() {
    let mut kills = 0;
    for wish in ACTS {
        for step in 0..500 {
            let root = memory_folder();
            let before = feed(root.path());
            let known = match wish {
                Act::Create(_) => None,
                Act::Update(from, _) | Act::Withdraw(from) => {
                    let held = before.0.put(&old(from), &out(), None).unwrap();
                    before.0.write_lists().unwrap();
                    Some(receipt(&held))
                }
            };
            files::fault::after(Some(step));
            let finished = act(&before.0, wish, known.as_ref()).is_ok();
            files::fault::after(None);
            assert_sound(root.path(), wish, step);

            let after = feed(root.path());
            recover(&after.0, wish);
            assert_sound(root.path(), wish, step);
            let lists = [listed(root.path(), "drafts"), listed(root.path(), "published")].concat();
            assert_eq!(lists.len(), usize::from(!matches!(wish, Act::Withdraw(_))), "{wish:?} killed at step {step}");
            assert_eq!(leftovers(root.path()), Vec::<String>::new(), "{wish:?} killed at step {step}");
            if finished {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills > 150, "the plug was pulled {kills} times");
}

#[test]
fn items_that_change_places_are_never_listed_twice() {
    for step in 0..500 {
        let root = memory_folder();
        let before = feed(root.path());
        let draft = before.0.put(&intent(1, 1, Audience::Draft), &out(), None).unwrap();
        let public = before.0.put(&intent(2, 1, Audience::Published), &out(), None).unwrap();
        before.0.write_lists().unwrap();
        before.0.put(&intent(1, 1, Audience::Published), &out(), Some(&receipt(&draft))).unwrap();
        before.0.put(&intent(2, 1, Audience::Draft), &out(), Some(&receipt(&public))).unwrap();
        // Another program, which remembers nothing, writes the lists.
        let after = feed(root.path());
        files::fault::after(Some(step));
        let finished = after.0.write_lists().is_ok();
        files::fault::after(None);
        let mut lists = [listed(root.path(), "drafts"), listed(root.path(), "published")].concat();
        let all = lists.len();
        lists.sort();
        lists.dedup();
        assert_eq!(lists.len(), all, "killed at step {step}");
        if finished {
            assert_eq!(all, 2);
            return;
        }
    }
    panic!("it does not come to an end");
}

/// A folder in memory where the system has one: thousands of syncs to a real disk would take minutes.
fn memory_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// Temporary files anywhere, and files of the post beside those of its item.
fn leftovers(root: &Path) -> Vec<String> {
    let mut left = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if files::is_temporary(&entry.file_name()) || name.starts_with(&asset(1).to_string()) {
                left.push(name);
            }
        }
    }
    left
}
