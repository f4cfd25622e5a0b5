//! What an export promises, over a journal that is a few values in memory.

use std::collections::BTreeMap;
use std::fs;

use super::*;
use crate::clock::{Clock, TestClock};
use crate::domain::{Attachment, Content, Lang, Moment, Origin, Side};

struct Shelf {
    posts: Vec<(Exported, Vec<Revision>)>,
    originals: Vec<(Original, Vec<u8>)>,
}

impl Source for Shelf {
    fn posts(&self) -> ApiResult<Vec<PostId>> {
        Ok(self.posts.iter().map(|(post, _)| post.id).collect())
    }
    fn post(&self, id: PostId) -> ApiResult<Exported> {
        let found = self.posts.iter().find(|(post, _)| post.id == id);
        found.map(|(post, _)| post.clone()).ok_or(ApiError::new(ErrorCode::PostNotFound))
    }
    fn revision(&self, id: RevisionId) -> ApiResult<Revision> {
        let mut all = self.posts.iter().flat_map(|(_, revisions)| revisions);
        all.find(|revision| revision.id == id).cloned().ok_or(ApiError::new(ErrorCode::RevisionNotFound))
    }
    fn originals(&self) -> ApiResult<Vec<Original>> {
        Ok(self.originals.iter().map(|(original, _)| original.clone()).collect())
    }
    fn copy(&self, id: AssetId, to: &mut dyn Write) -> ApiResult<()> {
        let (_, bytes) = self.originals.iter().find(|(original, _)| original.id == id).unwrap();
        to.write_all(bytes).map_err(|_| ApiError::new(ErrorCode::Io))
    }
    fn feeds(&self) -> ApiResult<Vec<FeedView>> {
        Ok(Vec::new())
    }
}

/// Two posts, one of them in the bin, with two revisions and one photo.
fn shelf() -> Shelf {
    let clock = TestClock::new(1_736_000_000_000);
    let photo = Original { id: AssetId(Digest::of(b"photo")), mime: "image/jpeg".into(), bytes: 5 };
    let post = |title: &str, deleted: bool| {
        let id = PostId::from_uuid(clock.new_uuid());
        let mut content = Content::empty(Moment { at: clock.now(), zone: "Asia/Shanghai".into() });
        content.sides.insert(Lang::zh_hans(), Side { title: title.into(), body: "一行\n<b>二</b>行".into() });
        content.attachments.push(Attachment { asset: photo.id, name: "外滩.jpg".into(), alt: BTreeMap::new() });
        let first = Revision {
            id: RevisionId::from_uuid(clock.new_uuid()),
            post: id,
            parents: Vec::new(),
            origin: Origin::Edit,
            created_at: clock.now(),
            updated_at: clock.now(),
            sealed: true,
            content,
        };
        let mut second = Revision { id: RevisionId::from_uuid(clock.new_uuid()), ..first.clone() };
        second.parents = vec![first.id];
        let exported = Exported {
            id,
            created_at: clock.now(),
            deleted_at: deleted.then(|| clock.now()),
            revisions: vec![first.id, second.id],
            deliveries: Vec::new(),
        };
        (exported, vec![first, second])
    };
    Shelf { posts: vec![post("奶茶", false), post("旧", true)], originals: vec![(photo, b"photo".to_vec())] }
}

fn now() -> Timestamp {
    Timestamp::from_millis(1_736_000_000_000)
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn an_export_holds_every_revision_and_every_original_byte_for_byte() {
    let (shelf, dir) = (shelf(), tempfile::tempdir().unwrap());
    let report = export(&shelf, dir.path(), now()).unwrap();
    assert_eq!((report.posts, report.revisions, report.originals, report.bytes), (2, 4, 1, 5));
    for (post, revisions) in &shelf.posts {
        let value = json(&dir.path().join(format!("posts/{}.json", post.id)));
        assert_eq!(value["deleted_at"].is_string(), post.deleted_at.is_some(), "the bin is told");
        for (line, revision) in value["revisions"].as_array().unwrap().iter().zip(revisions) {
            assert_eq!(line["digest"], revision.digest().to_string());
            let content: Content = serde_json::from_value(line["content"].clone()).unwrap();
            assert_eq!(content, revision.content, "a program can read it back");
        }
    }
    let file = dir.path().join(format!("media/{}.jpg", Digest::of(b"photo")));
    assert_eq!(fs::read(file).unwrap(), b"photo");
    assert_eq!(json(&dir.path().join("sampan-export.json"))["complete"], true);
    let page = fs::read_to_string(dir.path().join(format!("posts/{}.md", shelf.posts[0].0.id))).unwrap();
    assert!(page.contains("&lt;b>二") && page.contains("![外滩.jpg](../media/"), "{page}");
}

#[test]
fn a_folder_that_only_a_file_manager_has_touched_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    for name in [".DS_Store", "desktop.ini"] {
        fs::File::create(dir.path().join(name)).unwrap();
    }
    export(&shelf(), dir.path(), now()).unwrap();
}

#[test]
fn a_folder_with_something_else_in_it_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::File::create(dir.path().join("thesis.docx")).unwrap();
    let error = export(&shelf(), dir.path(), now()).unwrap_err();
    assert_eq!(error.code, ErrorCode::FolderNotEmpty);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing was written beside it");
}

#[test]
fn exporting_again_gives_the_same_and_drops_what_is_gone() {
    let (mut shelf, dir) = (shelf(), tempfile::tempdir().unwrap());
    let first = export(&shelf, dir.path(), now()).unwrap();
    assert_eq!(export(&shelf, dir.path(), now()).unwrap(), first);
    let (gone, _) = shelf.posts.pop().unwrap();
    fs::File::create(dir.path().join("posts/mine.md")).unwrap();
    export(&shelf, dir.path(), now()).unwrap();
    assert!(!dir.path().join(format!("posts/{}.json", gone.id)).exists());
    assert!(dir.path().join("posts/mine.md").exists(), "a file of the user's own stays");
}

#[test]
fn a_damaged_original_is_named_and_everything_else_leaves() {
    let (mut shelf, dir) = (shelf(), tempfile::tempdir().unwrap());
    shelf.originals[0].1 = b"phot0".to_vec();
    let report = export(&shelf, dir.path(), now()).unwrap();
    assert_eq!((report.posts, report.originals), (2, 0));
    assert_eq!(report.damaged, [AssetId(Digest::of(b"photo"))]);
    assert_eq!(fs::read_dir(dir.path().join("media")).unwrap().count(), 0, "no bytes under a false name");
}

#[test]
fn an_export_that_was_cut_off_is_not_complete_and_can_be_done_again() {
    struct Cut(Shelf);
    impl Source for Cut {
        fn posts(&self) -> ApiResult<Vec<PostId>> {
            self.0.posts()
        }
        fn post(&self, _: PostId) -> ApiResult<Exported> {
            Err(ApiError::new(ErrorCode::Io))
        }
        fn revision(&self, id: RevisionId) -> ApiResult<Revision> {
            self.0.revision(id)
        }
        fn originals(&self) -> ApiResult<Vec<Original>> {
            self.0.originals()
        }
        fn copy(&self, id: AssetId, to: &mut dyn Write) -> ApiResult<()> {
            self.0.copy(id, to)
        }
        fn feeds(&self) -> ApiResult<Vec<FeedView>> {
            self.0.feeds()
        }
    }
    let dir = tempfile::tempdir().unwrap();
    assert!(export(&Cut(shelf()), dir.path(), now()).is_err());
    assert_eq!(json(&dir.path().join("sampan-export.json"))["complete"], false);
    assert!(export(&shelf(), dir.path(), now()).is_ok());
    assert_eq!(json(&dir.path().join("sampan-export.json"))["complete"], true);
}
