//! Changes at a feed come back: taken over, merged, or kept as a conflict, and never a text lost. With the folder feed, whose
//! items anybody with an editor can change.

use std::path::PathBuf;

use sampan_core::api::ErrorCode;
use sampan_core::api::remote::{ConflictChoice, Part, PartName, PullReport, Resolve};
use sampan_core::api::types::*;
use sampan_core::domain::{Content, DeliveryState, FeedId, Lang, NeedsYou, Origin, PostId, Side, Wanted};
use sampan_core::journal::{Journal, Options};

/// A journal and a folder that it sends to.
struct Desk {
    home: tempfile::TempDir,
    journal: Journal,
    feed: FeedId,
}

impl Desk {
    async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let journal = Journal::open(&home.path().join("journal"), Options::default()).await.unwrap();
        let place = home.path().join("feed");
        std::fs::create_dir(&place).unwrap();
        let input = serde_json::json!({ "kind": "folder", "place": place, "name": "folder" });
        let feed = journal.feed_add(serde_json::from_value(input).unwrap()).await.unwrap().id;
        Self { home, journal, feed }
    }

    /// A post with these texts, sent.
    async fn sent(&self, zh: &str, en: &str, wanted: Wanted) -> PostId {
        let now = serde_json::json!({ "at": 1_736_240_000_000_i64, "zone": "Asia/Shanghai" });
        let mut content = Content::empty(serde_json::from_value(now).unwrap());
        for (lang, body) in [(Lang::zh_hans(), zh), (Lang::en(), en)] {
            content.sides.insert(lang, Side { title: String::new(), body: body.into() });
        }
        let post = self.save(None, content).await;
        self.send(post, wanted).await;
        post
    }

    async fn save(&self, post: Option<PostId>, content: Content) -> PostId {
        let input = serde_json::json!({ "post": post, "base": null, "version": null, "content": content });
        self.journal.draft_save(serde_json::from_value(input).unwrap()).await.unwrap().post
    }

    async fn send(&self, post: PostId, wanted: Wanted) {
        let input = serde_json::json!({ "post": post, "feed": self.feed, "wanted": wanted });
        self.journal.post_send(serde_json::from_value(input).unwrap()).await.unwrap();
        self.journal.sync_now(()).await.unwrap();
    }

    async fn edit_here(&self, post: PostId, from: &str, to: &str) {
        let mut content = self.journal.post_get(post).await.unwrap().content;
        for side in content.sides.values_mut() {
            side.body = side.body.replace(from, to);
        }
        self.save(Some(post), content).await;
    }

    fn item(&self, post: PostId, wanted: Wanted) -> PathBuf {
        let area = if wanted == Wanted::Published { "published" } else { "drafts" };
        self.home.path().join("feed").join(area).join("posts").join(post.to_string()).join("item.json")
    }

    #[expect(clippy::disallowed_methods, reason = "this is somebody with an editor")]
    fn edit_there(&self, post: PostId, wanted: Wanted, from: &str, to: &str) {
        let path = self.item(post, wanted);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    fn there(&self, post: PostId, wanted: Wanted) -> String {
        std::fs::read_to_string(self.item(post, wanted)).unwrap()
    }

    async fn pull(&self) -> PullReport {
        self.journal.pull(()).await.unwrap()
    }

    async fn here(&self, post: PostId, lang: Lang) -> String {
        self.journal.post_get(post).await.unwrap().content.sides.get(&lang).unwrap().body.clone()
    }

    async fn delivery(&self, post: PostId) -> DeliveryView {
        let deliveries = self.journal.post_get(post).await.unwrap().deliveries;
        deliveries.into_iter().find(|delivery| delivery.feed == self.feed).unwrap()
    }

    async fn state(&self, post: PostId) -> DeliveryState {
        self.delivery(post).await.state
    }

    async fn origins(&self, post: PostId) -> Vec<Origin> {
        self.journal.history(post).await.unwrap().into_iter().map(|entry| entry.origin).collect()
    }

    async fn resolve(&self, post: PostId, resolve: Resolve) {
        let conflict = self.journal.conflicts(()).await.unwrap().remove(0);
        let (ours, theirs) = (conflict.ours, conflict.theirs);
        let choice = ConflictChoice { post, feed: self.feed, ours, theirs, resolve };
        self.journal.conflict_resolve(choice).await.unwrap();
    }
}

#[tokio::test]
async fn what_was_edited_there_is_taken_over_once() {
    let desk = Desk::new().await;
    let post = desk.sent("云很低。", "Low clouds.", Wanted::Draft).await;
    assert_eq!(desk.pull().await, PullReport::default(), "our own writing is no news");
    desk.edit_there(post, Wanted::Draft, "云很低。", "云很高。");
    assert_eq!(desk.pull().await.changed, 1);
    assert_eq!(desk.here(post, Lang::zh_hans()).await, "云很高。");
    assert_eq!(desk.here(post, Lang::en()).await, "Low clouds.");
    assert_eq!(desk.state(post).await, DeliveryState::Synced);
    assert_eq!(desk.origins(post).await, [Origin::Pull, Origin::Edit]);
    assert_eq!(desk.pull().await, PullReport::default());
    desk.journal.sync_now(()).await.unwrap();
    assert_eq!(desk.origins(post).await.len(), 2, "nothing goes back and forth");
    desk.edit_here(post, "云很高。", "云散了。").await;
    desk.journal.sync_now(()).await.unwrap();
    assert!(desk.there(post, Wanted::Draft).contains("云散了。"), "and the next edit here goes over it");
    assert_eq!(desk.state(post).await, DeliveryState::Synced);
}

#[tokio::test]
async fn a_draft_edited_on_both_sides_comes_together_and_goes_back() {
    let desk = Desk::new().await;
    let post = desk.sent("一句。两句。", "One. Two.", Wanted::Draft).await;
    desk.edit_there(post, Wanted::Draft, "一句。", "第一句。");
    desk.edit_here(post, "Two.", "Second.").await;
    desk.journal.sync_now(()).await.unwrap();
    assert_eq!(desk.here(post, Lang::zh_hans()).await, "第一句。两句。");
    assert_eq!(desk.here(post, Lang::en()).await, "One. Second.");
    assert!(desk.origins(post).await.contains(&Origin::Merge));
    assert_eq!(desk.state(post).await, DeliveryState::Synced);
    let there = desk.there(post, Wanted::Draft);
    assert!(there.contains("第一句。两句。") && there.contains("One. Second."), "{there}");
}

#[tokio::test]
async fn a_published_post_edited_on_both_sides_comes_together_and_waits_for_the_user() {
    let desk = Desk::new().await;
    let post = desk.sent("一句。两句。", "One.", Wanted::Published).await;
    desk.edit_there(post, Wanted::Published, "一句。", "第一句。");
    desk.edit_here(post, "两句。", "第二句。").await;
    assert_eq!(desk.pull().await.changed, 1);
    assert_eq!(desk.here(post, Lang::zh_hans()).await, "第一句。第二句。");
    let delivery = desk.delivery(post).await;
    assert_eq!((delivery.state, delivery.changed_since), (DeliveryState::Synced, true));
    assert!(!desk.there(post, Wanted::Published).contains("第二句"), "the update is the user's to send");
    desk.send(post, Wanted::Published).await;
    assert!(desk.there(post, Wanted::Published).contains("第一句。第二句。"));
}

#[tokio::test]
async fn what_is_typed_while_a_change_comes_in_takes_nothing_of_it_away() {
    let desk = Desk::new().await;
    let post = desk.sent("一句。两句。", "One.", Wanted::Draft).await;
    let open = desk.journal.post_get(post).await.unwrap();
    desk.edit_there(post, Wanted::Draft, "一句。", "第一句。");
    desk.pull().await;
    let mut content = open.content;
    let mut base = open.revision;
    for typed in ["第二句", "第二句。完。"] {
        content.sides.get_mut(&Lang::zh_hans()).unwrap().body = format!("一句。{typed}");
        let input = serde_json::json!({ "post": post, "base": base, "version": 1, "content": content });
        let saved = desk.journal.draft_save(serde_json::from_value(input).unwrap()).await.unwrap();
        assert!(saved.superseded);
        base = saved.revision;
    }
    assert_eq!(desk.here(post, Lang::zh_hans()).await, "第一句。第二句。完。");
    assert_ne!(desk.journal.post_get(post).await.unwrap().revision, base, "so that the editor takes it over");
    desk.journal.sync_now(()).await.unwrap();
    assert!(desk.there(post, Wanted::Draft).contains("第一句。第二句。完。"));
    assert!(desk.journal.check(()).await.unwrap().clean);
}

#[tokio::test]
async fn a_conflict_keeps_both_versions_until_the_user_chose_and_then_goes_out() {
    let desk = Desk::new().await;
    let post = desk.sent("云很低。", "Low clouds.", Wanted::Draft).await;
    desk.edit_there(post, Wanted::Draft, "云很低。", "云很高。");
    desk.edit_there(post, Wanted::Draft, "Low clouds.", "Low clouds there.");
    desk.edit_here(post, "云很低。", "云没有了。").await;
    let report = desk.pull().await;
    assert_eq!((report.changed, report.conflicts), (0, 1));
    assert_eq!(desk.state(post).await, DeliveryState::NeedsYou { reason: NeedsYou::Conflict });
    assert_eq!(desk.here(post, Lang::zh_hans()).await, "云没有了。", "nothing here is touched");
    assert_eq!(desk.pull().await.conflicts, 0, "told once");
    assert_eq!(desk.origins(post).await, [Origin::Pull, Origin::Edit, Origin::Edit]);

    let conflict = desk.journal.conflicts(()).await.unwrap().remove(0);
    let part = conflict.parts.iter().find(|part| part.lang == Some(Lang::zh_hans())).unwrap();
    assert_eq!((part.base.as_str(), part.ours.as_str(), part.theirs.as_str()), ("云很低。", "云没有了。", "云很高。"));
    assert!(!part.merged);
    assert!(conflict.parts.iter().any(|part| part.lang == Some(Lang::en()) && part.merged));

    let name = PartName { part: Part::Body, lang: Some(Lang::zh_hans()) };
    desk.resolve(post, Resolve::Choose { theirs: vec![name] }).await;
    desk.journal.sync_now(()).await.unwrap();
    assert_eq!(desk.here(post, Lang::zh_hans()).await, "云很高。");
    assert_eq!(desk.here(post, Lang::en()).await, "Low clouds there.");
    assert_eq!(desk.state(post).await, DeliveryState::Synced);
    assert_eq!(desk.journal.conflicts(()).await.unwrap().len(), 0);
}

#[tokio::test]
async fn ours_theirs_and_two_posts_do_what_they_say() {
    for (resolve, here, there) in
        [(Resolve::Ours, "这里", "这里"), (Resolve::Theirs, "那里", "那里"), (Resolve::TwoPosts, "这里", "那里")]
    {
        let desk = Desk::new().await;
        let post = desk.sent("原文", "text", Wanted::Published).await;
        desk.edit_there(post, Wanted::Published, "原文", "那里");
        desk.edit_here(post, "原文", "这里").await;
        desk.pull().await;
        desk.resolve(post, resolve.clone()).await;
        desk.journal.sync_now(()).await.unwrap();
        assert_eq!(desk.here(post, Lang::zh_hans()).await, here, "{resolve:?}");
        let posts = desk.journal.post_index(PostFilter::default()).await.unwrap();
        let second = posts.iter().map(|entry| entry.id).find(|id| *id != post);
        assert_eq!(second.is_some(), matches!(resolve, Resolve::TwoPosts), "{resolve:?}");
        let held = second.unwrap_or(post);
        assert!(desk.there(held, Wanted::Published).contains(there), "{resolve:?}");
        assert_eq!(desk.state(held).await, DeliveryState::Synced, "{resolve:?}");
        if let Some(second) = second {
            assert_eq!(desk.here(second, Lang::zh_hans()).await, "那里");
            assert_eq!(desk.delivery(post).await.wanted, Wanted::Withdrawn);
            assert!(!desk.item(post, Wanted::Published).exists(), "one item, which is the second post's");
            desk.edit_here(second, "那里", "那里又改了").await;
            desk.send(second, Wanted::Published).await;
            assert!(desk.there(second, Wanted::Published).contains("那里又改了"));
        }
    }
}

#[tokio::test]
async fn what_was_decided_about_an_older_version_is_not_done() {
    let desk = Desk::new().await;
    let post = desk.sent("原文", "text", Wanted::Published).await;
    desk.edit_there(post, Wanted::Published, "原文", "那里");
    desk.edit_here(post, "原文", "这里").await;
    desk.pull().await;
    let seen = desk.journal.conflicts(()).await.unwrap().remove(0);
    desk.edit_here(post, "这里", "这里又改了").await;
    let choice =
        ConflictChoice { post, feed: desk.feed, ours: seen.ours, theirs: seen.theirs, resolve: Resolve::Theirs };
    let error = desk.journal.conflict_resolve(choice).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::ConflictChanged);
    assert_eq!(desk.here(post, Lang::zh_hans()).await, "这里又改了");
}

#[tokio::test]
async fn what_is_no_part_to_choose_is_not_taken_and_nothing_is_brought_together() {
    let desk = Desk::new().await;
    let post = desk.sent("原文", "One. Two.", Wanted::Published).await;
    desk.edit_there(post, Wanted::Published, "原文", "那里");
    desk.edit_there(post, Wanted::Published, "One.", "A first.");
    desk.edit_here(post, "原文", "这里").await;
    desk.edit_here(post, "Two.", "A second.").await;
    desk.pull().await;
    let seen = desk.journal.conflicts(()).await.unwrap().remove(0);
    for (part, lang, name) in
        [(Part::Body, "zh", "body.zh"), (Part::Body, "en", "body.en"), (Part::Topics, "", "topics")]
    {
        let theirs = vec![PartName { part, lang: lang.parse().ok() }];
        let resolve = Resolve::Choose { theirs };
        let choice = ConflictChoice { post, feed: desk.feed, ours: seen.ours, theirs: seen.theirs, resolve };
        let error = desk.journal.conflict_resolve(choice).await.unwrap_err();
        assert_eq!((error.code, error.subject.as_deref()), (ErrorCode::BadInput, Some(name)));
    }
    assert_eq!(desk.journal.conflicts(()).await.unwrap().len(), 1);
    let theirs = vec![PartName { part: Part::Body, lang: Some(Lang::zh_hans()) }];
    desk.resolve(post, Resolve::Choose { theirs }).await;
    assert_eq!(desk.here(post, Lang::zh_hans()).await, "那里");
    assert_eq!(desk.here(post, Lang::en()).await, "A first. A second.");
}

#[tokio::test]
async fn an_update_over_a_change_there_meets_it_first() {
    let desk = Desk::new().await;
    let post = desk.sent("一句。两句。", "One.", Wanted::Published).await;
    desk.edit_there(post, Wanted::Published, "一句。", "第一句。");
    desk.edit_here(post, "两句。", "第二句。").await;
    desk.send(post, Wanted::Published).await;
    assert_eq!(desk.state(post).await, DeliveryState::Synced);
    assert!(desk.there(post, Wanted::Published).contains("第一句。第二句。"), "both, by itself: the user had sent it");
}

#[tokio::test]
async fn what_was_deleted_there_is_shown_and_not_made_again() {
    let desk = Desk::new().await;
    let post = desk.sent("文", "text", Wanted::Draft).await;
    std::fs::remove_dir_all(desk.item(post, Wanted::Draft).parent().unwrap()).unwrap();
    assert_eq!(desk.pull().await, PullReport::default(), "not there is not deleted");
    desk.edit_here(post, "文", "新文").await;
    desk.journal.sync_now(()).await.unwrap();
    assert_eq!(desk.state(post).await, DeliveryState::NeedsYou { reason: NeedsYou::GoneThere });
    assert!(!desk.item(post, Wanted::Draft).exists());
    assert_eq!(desk.here(post, Lang::zh_hans()).await, "新文", "and it stays here");
    desk.send(post, Wanted::Draft).await;
    assert!(desk.there(post, Wanted::Draft).contains("新文"), "on the user's word it is made again");
}

#[tokio::test]
async fn what_was_deleted_here_and_changed_there_is_the_users_to_decide() {
    let desk = Desk::new().await;
    let post = desk.sent("文", "text", Wanted::Published).await;
    desk.edit_there(post, Wanted::Published, "文", "新文");
    desk.journal.post_delete(post).await.unwrap();
    desk.journal.sync_now(()).await.unwrap();
    assert_eq!(desk.state(post).await, DeliveryState::NeedsYou { reason: NeedsYou::ChangedThere });
    assert!(desk.item(post, Wanted::Published).exists(), "nobody's change is thrown away unseen");
    desk.send(post, Wanted::Withdrawn).await;
    assert!(!desk.item(post, Wanted::Published).exists());
    assert!(desk.origins(post).await.contains(&Origin::Pull), "and what was there is kept before it is taken away");
}

#[tokio::test]
async fn what_was_gone_and_is_put_back_there_is_known_again() {
    let desk = Desk::new().await;
    let post = desk.sent("文", "text", Wanted::Draft).await;
    let (item, aside) = (desk.item(post, Wanted::Draft), desk.home.path().join("aside"));
    let place = item.parent().unwrap();
    std::fs::rename(place, &aside).unwrap();
    desk.edit_here(post, "文", "新文").await;
    desk.journal.sync_now(()).await.unwrap();
    let gone = DeliveryState::NeedsYou { reason: NeedsYou::GoneThere };
    assert_eq!(desk.state(post).await, gone);
    desk.pull().await;
    assert_eq!(desk.state(post).await, gone, "it still is");
    std::fs::rename(&aside, place).unwrap();
    desk.pull().await;
    desk.journal.sync_now(()).await.unwrap();
    assert_eq!(desk.state(post).await, DeliveryState::Synced);
    assert!(desk.there(post, Wanted::Draft).contains("新文"));
}

#[tokio::test]
async fn many_posts_emptied_at_once_are_held_back() {
    let desk = Desk::new().await;
    let mut posts = Vec::new();
    for number in 0..7 {
        posts.push(desk.sent(&format!("文{number}"), "Quiet.", Wanted::Draft).await);
    }
    for (number, post) in posts.iter().enumerate() {
        desk.edit_there(*post, Wanted::Draft, &format!("文{number}"), "");
        desk.edit_there(*post, Wanted::Draft, "Quiet.", "");
    }
    let report = desk.pull().await;
    assert_eq!((report.changed, report.held_back), (0, vec!["folder".to_owned()]));
    assert_eq!(desk.here(posts[0], Lang::zh_hans()).await, "文0");
}
