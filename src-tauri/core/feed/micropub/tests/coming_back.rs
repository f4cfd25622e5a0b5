//! Posts that are there: changed from here, changed there, taken away, brought back, listed.

use super::*;

/// A published post, its receipt and where it is.
pub(super) async fn published(choices: Choices) -> (Feeds, Receipt) {
    let to = Feeds::new(choices).await;
    let held = to.create(&Arc::new(intent(1, Audience::Published))).await.unwrap();
    let receipt = to.receipt(held);
    (to, receipt)
}

#[tokio::test]
async fn an_entry_is_read_in_every_form_that_servers_give() {
    let forms = [
        serde_json::json!({ "name": ["Fog"], "content": [{ "html": "<p>Low fog.</p>" }], "category": ["sea"],
            "photo": ["https://a.example/1.jpg"], "published": ["2025-01-04T22:13:20+08:00"], "post-status": ["draft"] }),
        serde_json::json!({ "name": "Fog", "content": [{ "value": "Low fog.", "html": "<p>Low fog.</p>" }],
            "category": "sea", "photo": { "value": "https://a.example/1.jpg", "alt": "" },
            "published": "2025-01-04T14:13:20.123Z", "post-status": "draft" }),
        serde_json::json!({ "name": ["Fog"], "content": "Low fog.", "category": ["sea"],
            "photo": [{ "value": "https://a.example/1.jpg" }], "published": ["2025-01-04T06:13:20-08:00"],
            "post-status": ["draft"] }),
        serde_json::json!({ "name": ["Fog"], "content": ["Low fog."], "category": ["sea"],
            "photo": "https://a.example/1.jpg", "published": ["2025-01-04T14:13:20Z"], "post-status": ["draft"] }),
        serde_json::json!({ "name": ["Fog"], "content": ["Low fog."], "category": ["sea"],
            "photo": [{ "url": "https://a.example/1.jpg", "alt": "" }], "published": ["2025-01-04T14:13:20Z"],
            "post-status": ["draft"] }),
    ];
    let read = |properties: &Value| source::Source::of(serde_json::json!({ "properties": properties })).unwrap();
    let first = read(&forms[0]).said(None).parts();
    for form in &forms {
        let source = read(form);
        assert_eq!((source.said(None).parts(), source.audience()), (first.clone(), Audience::Draft), "{form}");
        assert_eq!(source.said(None).media[0].url, "https://a.example/1.jpg");
    }
    let undated = read(&serde_json::json!({ "content": ["Low fog."] })).said(None);
    assert_eq!((undated.moment, undated.sides.len()), (None, 1));
}

fn change_there(to: &Feeds) {
    to.site.with(|store| {
        let entry = store.entries.values_mut().next().unwrap();
        let html = entry["content"][0]["html"].as_str().unwrap().replace("We went rowing.", "They went rowing.");
        entry.insert("content".into(), serde_json::json!([{ "html": html }]));
    });
}

#[tokio::test]
async fn a_draft_is_published_at_the_address_it_has() {
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.by_path = true);
    let held = to.create(&draft()).await.unwrap();
    let receipt = to.receipt(held);
    let held = to.update(&receipt, &edited(2, Audience::Published)).await.unwrap();
    assert_eq!(
        (held.audience, held.revision, &held.remote_id),
        (Audience::Published, Some(revision(2)), &receipt.remote_id)
    );
    assert_ne!(held.parts["body.en"], receipt.parts["body.en"]);
    assert_eq!(held.parts["body.zh-Hans"], receipt.parts["body.zh-Hans"]);
    assert_eq!(to.site.with(|store| (store.made, store.files)), (1, 2), "no file goes twice");
}

#[tokio::test]
async fn what_the_post_has_no_more_is_taken_out_there() {
    let (to, receipt) = published(Choices::default()).await;
    let mut less = intent(2, Audience::Published);
    less.content.topics.clear();
    less.media.clear();
    to.update(&receipt, &Arc::new(less)).await.unwrap();
    assert_eq!((to.site.property("category"), to.site.property("photo")), (Value::Null, Value::Null));
}

#[tokio::test]
async fn a_change_made_there_is_not_written_over() {
    let (to, receipt) = published(Choices::default()).await;
    change_there(&to);
    let Err(FeedError::ChangedThere(held)) = to.update(&receipt, &edited(2, Audience::Published)).await else {
        panic!()
    };
    let changed: Vec<_> = held.parts.iter().filter(|(name, part)| receipt.parts.get(*name) != Some(part)).collect();
    assert_eq!(changed.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["body.en"]);
    let withdrawn = to.feed.withdraw(&receipt, &to.about()).await;
    assert!(matches!(withdrawn, Err(FeedError::ChangedThere(_))));
    let told = to.receipt(*held);
    assert!(to.update(&told, &edited(2, Audience::Published)).await.is_ok(), "over exactly the change that was told");
}

#[tokio::test]
async fn what_somebody_writes_while_a_change_is_on_its_way_is_read_before_anything_goes_over_it() {
    for requests in 0.. {
        let (to, receipt) = published(Choices::default()).await;
        let mut wanted = intent(2, Audience::Published);
        wanted.media.push(photo(3, &[]));
        to.site.with(|store| store.theirs = Some(requests));
        let sent = to.update(&receipt, &Arc::new(wanted)).await;
        if to.site.with(|store| store.theirs.is_some()) {
            break;
        }
        assert!(to.site.property("content").to_string().contains("Theirs."), "after {requests} requests: {sent:?}");
        match sent {
            Ok(_) | Err(FeedError::ChangedThere(_)) => {}
            Err(FeedError::Lost) => {
                let found = to.lookup().await;
                assert!(matches!(&found, Lookup::Found(held) if held.touched), "after {requests} requests: {found:?}");
            }
            Err(error) => panic!("after {requests} requests: {error:?}"),
        }
    }
}

#[tokio::test]
async fn an_entry_that_a_change_moved_is_found_where_it_is_now_though_nobody_says_where() {
    for (choices, keeps_names) in [(Choices::default(), true), (Choices::default(), false), (linked(), true)] {
        let to = Feeds::at(choices, |store| (store.slips, store.keeps_names) = (true, keeps_names)).await;
        let receipt = to.receipt(to.create(&Arc::new(intent(1, Audience::Published))).await.unwrap());
        let moved = to.update(&receipt, &edited(2, Audience::Published)).await;
        assert!(matches!(moved, Err(FeedError::Lost)), "nothing is at its address: {moved:?}");
        let Lookup::Found(held) = to.lookup().await else { panic!("it is there") };
        assert_eq!((held.revision, held.touched, held.unfinished), (Some(revision(2)), false, false));
        let known = to.receipt(held);
        assert_ne!(known.remote_id, receipt.remote_id);
        assert_eq!(to.feed.changes(None, std::slice::from_ref(&known)).await.unwrap(), Changes::default());
        to.feed.withdraw(&known, &to.about()).await.unwrap();
        assert_eq!(to.site.with(|store| store.entries.len()), 0, "it is within reach");
    }
}

#[tokio::test]
async fn an_entry_stays_at_its_address_where_a_title_without_its_name_would_move_it() {
    let to = Feeds::at(Choices::default(), |store| store.renames = true).await;
    let receipt = to.receipt(to.create(&Arc::new(intent(1, Audience::Published))).await.unwrap());
    let mut titled = intent(2, Audience::Published);
    titled.content.sides.get_mut(&Lang::zh_hans()).unwrap().title = "大船".into();
    let held = to.update(&receipt, &Arc::new(titled)).await.unwrap();
    assert_eq!((held.remote_id, to.site.property("name")[0].as_str()), (receipt.remote_id, Some("大船 · A boat")));
}

/// Replaces one text by another in a property there.
fn replace_there(to: &Feeds, property: &str, from: &str, by: &str) {
    to.site.with(|store| {
        let entry = store.entries.values_mut().next().unwrap();
        let changed = entry[property].to_string().replace(from, by);
        entry.insert(property.into(), serde_json::from_str(&changed).unwrap());
    });
}

async fn titles(to: &Feeds, known: &Receipt) -> Vec<String> {
    let fetched = to.feed.fetch(known, &to.about()).await.unwrap();
    fetched.sides.into_values().map(|side| side.title).collect()
}

#[tokio::test]
async fn a_title_is_read_from_where_it_was_changed() {
    let (to, agreed) = published(Choices::default()).await;
    assert_eq!(titles(&to, &agreed).await, ["A boat", "小船"]);
    replace_there(&to, "name", "小船", "大船");
    assert_eq!(titles(&to, &agreed).await, ["A boat", "大船"]);
    let taken_over = to.receipt(to.feed.fetch(&agreed, &to.about()).await.unwrap().held);
    assert_eq!(titles(&to, &taken_over).await, ["A boat", "大船"], "and stays as it was read");
    replace_there(&to, "category", "tea", "coffee");
    assert_eq!(titles(&to, &taken_over).await, ["A boat", "大船"], "whatever else is changed");
    replace_there(&to, "content", "A boat", "A ship");
    assert_eq!(titles(&to, &taken_over).await, ["A ship", "大船"], "a heading can be changed, too");
}

#[tokio::test]
async fn a_lost_update_is_known_by_what_is_there() {
    let (to, receipt) = published(Choices::default()).await;
    to.site.with(|store| store.moods = vec![Mood::LostBefore]);
    assert!(matches!(to.update(&receipt, &edited(2, Audience::Published)).await, Err(FeedError::Lost)));
    let Lookup::Found(held) = to.lookup().await else { panic!() };
    assert!(held.unfinished && !held.touched, "it never arrived");
    let receipt = to.receipt(held);
    to.site.with(|store| store.moods = vec![Mood::LostAfter]);
    assert!(matches!(to.update(&receipt, &edited(2, Audience::Published)).await, Err(FeedError::Lost)));
    let Lookup::Found(held) = to.lookup().await else { panic!() };
    assert_eq!((held.revision, held.unfinished, held.touched), (Some(revision(2)), false, false));
    assert!(to.update(&receipt, &edited(2, Audience::Published)).await.is_ok(), "our own change is no change there");
    change_there(&to);
    to.site.with(|store| {
        let entry = store.entries.values_mut().next().unwrap();
        entry.insert("name".into(), serde_json::json!(["Something else"]));
    });
    let Lookup::Found(held) = to.lookup().await else { panic!() };
    assert!(held.touched, "somebody else was there");
}

#[tokio::test]
async fn what_was_taken_away_is_brought_back_and_not_made_again() {
    for undeletes in [true, false] {
        let (to, receipt) = published(Choices::default()).await;
        to.site.with(|store| store.undeletes = undeletes);
        to.feed.withdraw(&receipt, &to.about()).await.unwrap();
        assert_eq!(to.site.with(|store| store.entries.len()), 0);
        to.feed.withdraw(&receipt, &to.about()).await.unwrap();
        assert_eq!(to.lookup().await, Lookup::Absent);
        let held = to.create(&edited(2, Audience::Published)).await.unwrap();
        assert_eq!(held.remote_id == receipt.remote_id, undeletes);
        assert_eq!(to.site.with(|store| (store.entries.len(), store.made)), (1, if undeletes { 1 } else { 2 }));
    }
}

#[tokio::test]
async fn a_lost_delete_is_seen() {
    let (to, receipt) = published(Choices::default()).await;
    to.site.with(|store| store.moods = vec![Mood::LostAfter]);
    assert!(matches!(to.feed.withdraw(&receipt, &to.about()).await, Err(FeedError::Lost)));
    assert_eq!(to.lookup().await, Lookup::Absent);
    let (to, receipt) = published(Choices::default()).await;
    to.site.with(|store| store.moods = vec![Mood::LostBefore]);
    assert!(matches!(to.feed.withdraw(&receipt, &to.about()).await, Err(FeedError::Lost)));
    assert!(matches!(to.lookup().await, Lookup::Found(held) if !held.touched));
    to.feed.withdraw(&receipt, &to.about()).await.unwrap();
    assert_eq!(to.site.with(|store| store.entries.len()), 0);
}

#[tokio::test]
async fn a_lost_undelete_makes_no_second_entry() {
    let (to, receipt) = published(Choices::default()).await;
    to.feed.withdraw(&receipt, &to.about()).await.unwrap();
    to.site.with(|store| store.moods = vec![Mood::LostAfter]);
    assert!(matches!(to.create(&edited(2, Audience::Published)).await, Err(FeedError::Lost)));
    assert!(matches!(to.lookup().await, Lookup::Found(held) if held.unfinished), "it is back as it was");
    to.create(&edited(2, Audience::Published)).await.unwrap();
    assert_eq!(to.site.with(|store| (store.entries.len(), store.made)), (1, 1));
}

#[tokio::test]
async fn changes_are_told_and_what_is_gone_is_named() {
    for lists in [true, false] {
        let (mut to, receipt) = published(Choices::default()).await;
        to.site.with(|store| store.lists = lists);
        to.start_again(Choices::default()).await;
        assert_eq!(to.feed.changes(None, std::slice::from_ref(&receipt)).await.unwrap(), Changes::default());
        change_there(&to);
        let changes = to.feed.changes(None, std::slice::from_ref(&receipt)).await.unwrap();
        assert_eq!(changes.items[0].sides[&Lang::en()].body, "They went rowing.\n\nHappy & tired.");
        assert_eq!(changes.items[0].sides[&Lang::zh_hans()], draft().content.sides[&Lang::zh_hans()]);
        to.site.with(|store| store.entries.clear());
        let changes = to.feed.changes(None, std::slice::from_ref(&receipt)).await.unwrap();
        assert_eq!((changes.items.len(), changes.gone), (0, vec![receipt.remote_id]));
    }
}

#[tokio::test]
async fn everything_that_lies_there_is_listed_page_by_page() {
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| {
        for number in 0..45 {
            let properties = serde_json::json!({
                "name": [format!("Post {number}")],
                "content": ["一句话 & more\nand a second line"],
                "published": ["2025-01-07T16:40:00+08:00"],
            });
            store.entries.insert(format!("/e/{number:03}/"), properties.as_object().unwrap().clone());
        }
    });
    let (mut page, mut seen) = (None::<String>, Vec::new());
    loop {
        let listed = to.feed.list(page.as_deref()).await.unwrap();
        seen.extend(listed.items);
        page = listed.next;
        if page.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 45);
    let side = seen[0].sides.values().next().unwrap();
    assert_eq!((side.title.as_str(), side.body.as_str()), ("Post 0", "一句话 & more\nand a second line"));
    assert_eq!(seen[0].held.audience, Audience::Published);
}

#[tokio::test]
async fn a_language_that_was_taken_out_takes_its_entry_along() {
    let (to, receipt) = published(linked()).await;
    let mut one = intent(2, Audience::Published);
    one.content.sides.remove(&Lang::en());
    let held = to.update(&receipt, &Arc::new(one)).await.unwrap();
    assert_eq!((held.remote_id.split(' ').count(), to.site.with(|store| store.entries.len())), (1, 1));
}

#[tokio::test]
async fn what_can_still_be_read_was_not_taken_away_whoever_says_so() {
    let to = Feeds::new(Choices::default()).await;
    let receipt = to.receipt(to.create(&edited(1, Audience::Published)).await.unwrap());
    for says in [200, 202, 204, 404] {
        // An entry that is not known by its whole address is asked for by its path.
        to.site.with(|store| store.moods = vec![Mood::Says(says); if says == 404 { 2 } else { 1 }]);
        let taken = to.feed.withdraw(&receipt, &to.about()).await;
        assert!(matches!(taken, Err(FeedError::Lost)), "{says}: {taken:?}");
        assert!(matches!(to.lookup().await, Lookup::Found(held) if !held.touched), "{says}");
    }
    to.feed.withdraw(&receipt, &to.about()).await.unwrap();
    assert_eq!(to.site.with(|store| store.entries.len()), 0);
}

#[tokio::test]
async fn what_a_server_goes_on_giving_back_is_gone_when_it_says_so_twice_and_nobody_is_shown_anything() {
    for is_shown in [false, true] {
        let to = Feeds::new(Choices::default()).await;
        let receipt = to.receipt(to.create(&draft()).await.unwrap());
        to.site.with(|store| {
            (store.hidden, store.leaks) = (if is_shown { Vec::new() } else { vec!["/e/1/"] }, true);
            store.moods = vec![Mood::Says(200); 2];
        });
        let once = to.feed.withdraw(&receipt, &to.about()).await;
        assert!(matches!(once, Err(FeedError::Lost)), "it may be on its way: {once:?}");
        assert!(matches!(to.lookup().await, Lookup::Found(held) if !held.touched));
        let twice = to.feed.withdraw(&receipt, &to.about()).await;
        assert_eq!(twice.is_ok(), !is_shown, "{twice:?}");
        assert_eq!(to.lookup().await == Lookup::Absent, !is_shown);
    }
}

#[tokio::test]
async fn where_nothing_is_given_back_the_page_that_everybody_reads_tells_whether_it_was_taken_away() {
    for unread in [400, 501] {
        let to = Feeds::at(Choices::default(), |store| (store.reads, store.unread) = (false, unread)).await;
        let receipt = to.receipt(to.create(&edited(1, Audience::Published)).await.unwrap());
        to.site.with(|store| store.moods = vec![Mood::Says(200), Mood::Says(202)]);
        for _ in 0..2 {
            let taken = to.feed.withdraw(&receipt, &to.about()).await;
            assert!(matches!(taken, Err(FeedError::Lost)), "{unread}: {taken:?}");
        }
        to.feed.withdraw(&receipt, &to.about()).await.unwrap();
        assert_eq!(to.site.with(|store| store.entries.len()), 0, "{unread}");
    }
}

#[tokio::test]
async fn what_a_site_shows_of_its_bin_is_gone() {
    let to = Feeds::at(Choices::default(), |store| store.shows_deleted = true).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    to.feed.withdraw(&receipt, &to.about()).await.unwrap();
    assert_eq!(to.lookup().await, Lookup::Absent);
    let changes = to.feed.changes(None, std::slice::from_ref(&receipt)).await.unwrap();
    assert_eq!(changes.gone, std::slice::from_ref(&receipt.remote_id), "also for who took it away there");
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_not_believed_where_nothing_can_be_read_back() {
    let to = Feeds::at(Choices::default(), |store| (store.reads, store.unread) = (false, 400)).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    to.site.with(|store| store.moods = vec![Mood::LostBefore]);
    assert!(matches!(to.update(&receipt, &edited(2, Audience::Draft)).await, Err(FeedError::Lost)));
    let Lookup::Found(held) = to.lookup().await else { panic!("it was there") };
    assert!(held.unfinished, "it says still what it said");
    to.update(&to.receipt(held), &edited(2, Audience::Draft)).await.unwrap();
    assert!(to.site.property("content").to_string().contains("rowing again"));
    assert!(matches!(to.lookup().await, Lookup::Found(held) if !held.unfinished));
}

#[tokio::test]
async fn a_change_that_never_left_is_not_there_because_nothing_can_be_read() {
    for choices in [Choices::default(), linked()] {
        let to = Feeds::at(choices, |store| store.reads = false).await;
        let receipt = to.receipt(to.create(&draft()).await.unwrap());
        assert!(matches!(to.lookup().await, Lookup::Found(held) if !held.unfinished));
        let wanted = edited(2, Audience::Draft);
        let mut load = to.feed.load(&wanted, &to.out()).await.unwrap();
        to.feed.aim(&mut load, &wanted, Some(&receipt), None).await.unwrap();
        // The program ends here.
        assert!(matches!(to.lookup().await, Lookup::Found(held) if held.unfinished));
        to.update(&receipt, &wanted).await.unwrap();
        assert!(matches!(to.lookup().await, Lookup::Found(held) if !held.unfinished && !held.touched));
    }
}

#[tokio::test]
async fn what_somebody_writes_in_one_language_while_the_other_is_taken_away_is_read_before_it_goes_too() {
    let (to, receipt) = published(linked()).await;
    to.site.with(|store| store.moods = vec![Mood::LostAfter]);
    assert!(matches!(to.feed.withdraw(&receipt, &to.about()).await, Err(FeedError::Lost)));
    assert!(matches!(to.lookup().await, Lookup::Found(held) if !held.touched), "nobody wrote anything yet");
    let theirs = serde_json::json!([{ "html": "<p>They wrote this.</p>" }]);
    to.site.with(|store| {
        store.entries.values_mut().for_each(|entry| drop(entry.insert("content".into(), theirs.clone())))
    });
    assert!(matches!(to.lookup().await, Lookup::Found(held) if held.touched));
}

#[tokio::test]
async fn a_site_that_lists_nothing_is_not_asked_for_everything_at_once() {
    let to = Feeds::at(Choices::default(), |store| store.lists = false).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    let other = |number: u32| Receipt { remote_id: to.site.url(&format!("e/{number}/")).into(), ..receipt.clone() };
    let known: Vec<Receipt> = (100..145).map(other).collect();
    let first = to.feed.changes(None, &known).await.unwrap();
    assert_eq!((first.gone.len(), first.looked_at), (40, Some(40)));
    let second = to.feed.changes(first.cursor.as_deref(), &known).await.unwrap();
    assert!(second.gone.contains(&known[44].remote_id), "the others have their turn: {:?}", second.gone);
}
