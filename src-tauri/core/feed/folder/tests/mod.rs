//! What the folder feed promises, on a real folder.

mod crash;
mod formats;
mod valid;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use super::*;
use crate::domain::{AssetId, Content, Lang, Manner, Moment, Place, Point, RevisionId, Side, Timestamp};
use crate::feed::memory::{self, Paper, asset};
use crate::feed::{MediaError, MediaKind, MediaSource, OutgoingMedia, Part, Progress};
use crate::files;

const NOW: Timestamp = Timestamp::EPOCH;

/// Gives every file as its own name, some bytes long; breaks some on request.
struct Bytes {
    broken: Option<AssetId>,
}

impl MediaSource for Bytes {
    fn copy(&self, asset: AssetId, part: &Part, to: &mut dyn Write) -> Result<u64, MediaError> {
        if self.broken == Some(asset) {
            return Err(MediaError::CannotStrip);
        }
        let text = format!("{asset} {part:?}");
        files::fault::point()?;
        to.write_all(text.as_bytes())?;
        Ok(text.len() as u64)
    }
}

impl Progress for Bytes {
    fn uploaded(&self, _done: u32, _total: u32) {}
}

fn out() -> Outgoing {
    Outgoing {
        media: Arc::new(Bytes { broken: None }),
        progress: Arc::new(Bytes { broken: None }),
        notes: Arc::new(Paper::default()),
        gone: None,
    }
}

fn about(post: PostId) -> About {
    About { post, notes: Arc::new(Paper::default()) }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0193_5a00_0000_7000_8000_0000_0000_0000 + number)
}

fn post_id(number: u128) -> PostId {
    PostId::from_uuid(id(number))
}

fn photo(number: u128) -> OutgoingMedia {
    memory::photo(number, &[("zh-Hans", "一条小船"), ("en", "A small \"boat\"")])
}

fn clip(number: u128) -> OutgoingMedia {
    OutgoingMedia {
        kind: MediaKind::Clip,
        mime: "video/mp4".into(),
        extension: "mp4".into(),
        duration_ms: Some(12_500),
        poster: true,
        ..photo(number)
    }
}

/// A post in two languages; `revision` is told in its text.
fn intent(post: u128, revision: u128, audience: Audience) -> Intent {
    let moment = Moment::parse("2025-01-07T16:40:00+08:00").unwrap();
    let side = |title: &str, body: String| Side { title: title.into(), body };
    let content = Content {
        sides: BTreeMap::from([
            (
                Lang::en(),
                side("A small boat", format!("Version {revision}.\n\nLine\nbreak <b> & https://a.example/x.")),
            ),
            (Lang::zh_hans(), side("小船", format!("第{revision}版。"))),
        ]),
        topics: vec!["船".into(), "travel".into()],
        place: Some(Place { name: "西湖".into(), point: Some(Point { lat: 30.2431, lon: 120.1507 }) }),
        ..Content::empty(moment)
    };
    let modified = Timestamp::from_millis(1_736_240_000_000 + i64::try_from(revision).unwrap());
    let revision = RevisionId::from_uuid(id(1000 + revision));
    let manner = Manner::default();
    Intent { post: post_id(post), revision, modified, audience, content, media: vec![], with_place: false, manner }
}

fn with_media(intent: Intent, media: Vec<OutgoingMedia>) -> Arc<Intent> {
    Arc::new(Intent { media, ..intent })
}

fn face() -> Face {
    Face { title: "Sampan · 舢板".into(), author: "Lin 林".into(), base_url: None }
}

fn feed(root: &Path) -> FolderFeed {
    let id = FeedId::from_uuid(id(9));
    prepare(root, id, NOW).unwrap();
    FolderFeed::new(id, root, face())
}

fn receipt(held: &Held) -> Receipt {
    held.clone().receipt(RevisionId::from_uuid(id(0)), NOW)
}

/// The ids in a part's feed.json; none when it is not there.
fn listed(root: &Path, part: &str) -> Vec<String> {
    let Ok(bytes) = std::fs::read(root.join(part).join("feed.json")) else { return Vec::new() };
    let feed: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    feed["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

fn file_names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_draft_becomes_public_changes_and_is_withdrawn_and_is_one_item_all_the_time() {
    let root = tempfile::tempdir().unwrap();
    let feed = feed(root.path());
    let urn = format!("urn:uuid:{}", post_id(1));
    let draft = feed.create(&with_media(intent(1, 1, Audience::Draft), vec![photo(1), clip(2)]), &out()).await.unwrap();
    feed.settle().await.unwrap();
    assert_eq!((listed(root.path(), "drafts"), listed(root.path(), "published")), (vec![urn.clone()], vec![]));

    let public = with_media(intent(1, 1, Audience::Published), vec![photo(1), clip(2)]);
    let public = feed.update(&receipt(&draft), &public, &out()).await.unwrap();
    feed.settle().await.unwrap();
    assert_eq!((listed(root.path(), "drafts"), listed(root.path(), "published")), (vec![], vec![urn.clone()]));
    assert!(!root.path().join(format!("drafts/posts/{}", post_id(1))).exists(), "nothing stays among the drafts");

    let changed = with_media(intent(1, 2, Audience::Published), vec![photo(3)]);
    let changed = feed.update(&receipt(&public), &changed, &out()).await.unwrap();
    feed.settle().await.unwrap();
    let folder = root.path().join(format!("published/posts/{}", post_id(1)));
    assert_eq!(
        file_names(&folder.join("media")),
        [format!("{}.jpg", asset(3))],
        "files that are not used any more are gone"
    );
    assert!(std::fs::read_to_string(folder.join("index.html")).unwrap().contains("第2版"));

    feed.withdraw(&receipt(&changed), &about(post_id(1))).await.unwrap();
    feed.settle().await.unwrap();
    assert_eq!((listed(root.path(), "drafts"), listed(root.path(), "published")), (vec![], vec![]));
    assert!(!folder.exists(), "a withdrawn post leaves nothing");
    assert_eq!(feed.lookup(&about(post_id(1))).await.unwrap(), Lookup::Absent);
    feed.withdraw(&receipt(&changed), &about(post_id(1))).await.unwrap();
}

#[tokio::test]
async fn sending_the_same_again_is_the_same_item() {
    let root = tempfile::tempdir().unwrap();
    let feed = feed(root.path());
    let intent = with_media(intent(1, 1, Audience::Published), vec![photo(1)]);
    let first = feed.create(&intent, &out()).await.unwrap();
    assert_eq!(feed.create(&intent, &out()).await.unwrap(), first);
    feed.settle().await.unwrap();
    assert_eq!(listed(root.path(), "published").len(), 1);
    assert_eq!(feed.lookup(&about(post_id(1))).await.unwrap(), Lookup::Found(first));
}

#[tokio::test]
async fn what_was_edited_there_is_never_overwritten_unasked() {
    let root = tempfile::tempdir().unwrap();
    let feed = feed(root.path());
    let held = feed.create(&Arc::new(intent(1, 1, Audience::Published)), &out()).await.unwrap();
    let path = root.path().join(format!("published/posts/{}/item.json", post_id(1)));
    let edited = std::fs::read_to_string(&path).unwrap().replace("小船", "大船");
    files::write_atomic(&path, |out| out.write_all(edited.as_bytes())).unwrap();

    let next = Arc::new(intent(1, 2, Audience::Published));
    let refused = feed.update(&receipt(&held), &next, &out()).await.unwrap_err();
    let FeedError::ChangedThere(there) = refused else { panic!("{refused}") };
    assert!(there.touched);
    assert!(matches!(feed.withdraw(&receipt(&held), &about(post_id(1))).await, Err(FeedError::ChangedThere(_))));
    assert!(matches!(feed.create(&next, &out()).await, Err(FeedError::ChangedThere(_))), "nor by a create");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), edited, "their text is still there");
    assert_eq!(
        feed.fetch(&receipt(&held), &about(post_id(1))).await.unwrap().sides[&Lang::zh_hans()].title,
        "大船",
        "and can be read back"
    );

    feed.update(&receipt(&there), &next, &out()).await.unwrap();
    assert!(std::fs::read_to_string(&path).unwrap().contains("第2版"), "when the user chose to, it is");
}

#[tokio::test]
async fn what_was_deleted_there_is_not_made_again_unasked() {
    let root = tempfile::tempdir().unwrap();
    let feed = feed(root.path());
    let held = feed.create(&Arc::new(intent(1, 1, Audience::Published)), &out()).await.unwrap();
    std::fs::remove_dir_all(root.path().join(format!("published/posts/{}", post_id(1)))).unwrap();
    let answer = feed.update(&receipt(&held), &Arc::new(intent(1, 2, Audience::Published)), &out()).await;
    assert!(matches!(answer, Err(FeedError::Gone)));
}

#[tokio::test]
async fn an_unplugged_disk_is_unreachable_and_its_empty_mount_point_is_not_the_feed() {
    let root = tempfile::tempdir().unwrap();
    let place = root.path().join("disk");
    let feed = feed(&place);
    std::fs::rename(&place, root.path().join("away")).unwrap();
    assert!(matches!(feed.probe().await, Err(FeedError::Unreachable)));
    std::fs::create_dir(&place).unwrap();
    let answer = feed.create(&Arc::new(intent(1, 1, Audience::Draft)), &out()).await;
    assert!(matches!(answer, Err(FeedError::Unreachable)));
    assert!(matches!(feed.lookup(&about(post_id(1))).await, Err(FeedError::Unreachable)), "not there is not proved");
    assert_eq!(file_names(&place).len(), 0, "nothing is written to the mount point");
    std::fs::remove_dir(&place).unwrap();
    std::fs::rename(root.path().join("away"), &place).unwrap();
    feed.create(&Arc::new(intent(1, 1, Audience::Draft)), &out()).await.unwrap();
}

#[tokio::test]
async fn a_folder_with_other_files_is_taken_and_one_of_another_feed_is_not() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("holiday")).unwrap();
    let mine = feed(root.path());
    prepare(root.path(), FeedId::from_uuid(id(9)), NOW).unwrap();
    mine.probe().await.unwrap();
    assert!(matches!(prepare(root.path(), FeedId::from_uuid(id(8)), NOW), Err(FeedError::Foreign)));
    let other = FolderFeed::new(FeedId::from_uuid(id(8)), root.path(), face());
    assert!(matches!(other.probe().await, Err(FeedError::Foreign)));
    assert!(root.path().join("holiday").exists());
}

#[tokio::test]
async fn a_file_that_cannot_be_cleaned_stops_its_post_and_leaves_what_is_there() {
    let root = tempfile::tempdir().unwrap();
    let feed = feed(root.path());
    let held = feed.create(&with_media(intent(1, 1, Audience::Published), vec![photo(1)]), &out()).await.unwrap();
    let bad = Outgoing { media: Arc::new(Bytes { broken: Some(asset(2)) }), ..out() };
    let next = with_media(intent(1, 2, Audience::Published), vec![photo(1), photo(2)]);
    let answer = feed.update(&receipt(&held), &next, &bad).await;
    assert!(matches!(answer, Err(FeedError::CannotStrip(asset_id)) if asset_id == asset(2)));
    assert_eq!(feed.lookup(&about(post_id(1))).await.unwrap(), Lookup::Found(held), "the old version stands");
}

#[tokio::test]
async fn what_a_file_manager_leaves_beside_an_item_is_no_part_of_it() {
    let root = tempfile::tempdir().unwrap();
    let feed = feed(root.path());
    let post = with_media(intent(1, 1, Audience::Published), vec![photo(1)]);
    let held = feed.create(&post, &out()).await.unwrap();
    let media = root.path().join(format!("published/posts/{}/media", post_id(1)));
    for name in [".DS_Store", "Thumbs.db"] {
        std::fs::File::create(media.join(name)).unwrap();
    }
    assert_eq!(feed.lookup(&about(post_id(1))).await.unwrap(), Lookup::Found(held.clone()), "finished and untouched");
    feed.update(&receipt(&held), &post, &out()).await.unwrap();
    assert!(media.join("Thumbs.db").exists(), "on Windows it may be held open, so nobody tries to remove it");
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_may_not_be_written_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().unwrap();
    let feed = feed(root.path());
    feed.probe().await.unwrap();
    std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o555)).unwrap();
    // The administrator may write anyway; then there is nothing to see.
    let may_write = std::fs::File::create(root.path().join("trial")).is_ok();
    let answer = feed.create(&Arc::new(intent(1, 1, Audience::Draft)), &out()).await;
    std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(may_write || matches!(answer, Err(FeedError::Denied)), "{answer:?}");
}

#[tokio::test]
async fn lists_are_written_once_for_many_posts_and_only_changed_items_are_read_again() {
    let root = tempfile::tempdir().unwrap();
    let feed = feed(root.path());
    for number in 1..=20 {
        feed.create(&Arc::new(intent(number, 1, Audience::Published)), &out()).await.unwrap();
    }
    assert_eq!(listed(root.path(), "published").len(), 0, "no list before settle");
    feed.settle().await.unwrap();
    assert_eq!(listed(root.path(), "published").len(), 20);
    let path = root.path().join("published/feed.json");
    let written = std::fs::metadata(&path).unwrap().modified().unwrap();
    feed.settle().await.unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), written, "an unchanged list is not written");
    FolderFeed::new(FeedId::from_uuid(id(9)), root.path(), face()).settle().await.unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), written, "nor after a start");
}

#[test]
fn an_address_of_a_file_can_be_opened() {
    #[cfg(windows)]
    let pairs = [
        ("C:\\林\\a b\\index.html", "file:///C:/%E6%9E%97/a%20b/index.html"),
        ("\\\\server\\日记\\index.html", "file://server/%E6%97%A5%E8%AE%B0/index.html"),
    ];
    #[cfg(not(windows))]
    let pairs = [
        ("/home/林/a b/index.html", "file:///home/%E6%9E%97/a%20b/index.html"),
        ("/home/a\\b/50%#?.html", "file:///home/a%5Cb/50%25%23%3F.html"),
    ];
    for (path, url) in pairs {
        assert_eq!(file_url(Path::new(path)), url);
    }
}
