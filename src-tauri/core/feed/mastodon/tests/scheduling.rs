//! Posts that shall be public at a time of their own.

use super::*;

#[tokio::test]
async fn a_warning_a_visibility_and_a_time_are_sent() {
    let world = linked().await;
    let publish_at = Some(Timestamp::from_millis(NOW + 60 * MINUTE));
    let manner = Manner { publish_at, warning: "food".into(), visibility: Some(Visibility::Unlisted) };
    let one = Intent { manner, ..intent(&[(Lang::en(), "", "x")], 1) };
    world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
    assert!(matches!(world.create(&one).await, Err(FeedError::Lost)));
    let Lookup::Found(held) = world.look_up().await else { panic!("it is scheduled") };
    let sent = world.server.heard().into_iter().find(|heard| heard.target.path() == "/api/v1/statuses").unwrap().json();
    assert_eq!(
        (&sent["spoiler_text"], &sent["sensitive"], &sent["visibility"]),
        (&json!("food"), &json!(true), &json!("unlisted"))
    );
    assert_eq!(sent["scheduled_at"], "2026-01-01T01:00:00Z");
    let known = receipt(held);
    world.update(&known, &one).await.unwrap();
    assert_eq!(world.texts().len(), 0);
    assert_eq!(world.state().scheduled.len(), 1);
    world.feed().withdraw(&known, &world.about()).await.unwrap();
    assert_eq!(world.state().scheduled.len(), 0);
}

/// A post in one language that shall be public in an hour.
fn in_an_hour(photos: u8) -> Intent {
    at(60, intent(&[(Lang::en(), "", "Calm water.")], photos))
}

fn at(minutes: i64, intent: Intent) -> Intent {
    let publish_at = Some(Timestamp::from_millis(NOW + minutes * MINUTE));
    Intent { manner: Manner { publish_at, ..intent.manner }, ..intent }
}

#[tokio::test]
async fn what_was_scheduled_is_followed_to_its_public_name() {
    for (photos, set) in [(0, 0), (1, 0), (0, -DAY), (1, -DAY), (0, DAY), (1, DAY)] {
        let world = linked().await;
        let known = receipt(world.create(&in_an_hour(photos)).await.unwrap());
        world.set_our_clock(set);
        let still = world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap();
        assert_eq!((still.moved.len(), still.gone.len(), still.items.len()), (0, 0, 0));

        world.clock.advance(61 * MINUTE);
        world.publish();
        let changes = world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap();
        assert_eq!((changes.moved, changes.gone.len()), (vec![known.remote_id.clone()], 0));
        let fetched = world.feed().fetch(&known, &world.about()).await.unwrap();
        assert_ne!(fetched.held.remote_id, known.remote_id);
        assert!(fetched.held.url.is_some());
        let texts = |parts: &std::collections::BTreeMap<String, _>| {
            parts
                .iter()
                .filter(|(name, _)| !name.starts_with("thread"))
                .map(|(n, d)| (n.clone(), *d))
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(&fetched.held.parts), texts(&known.parts), "it says what it said");

        let known = receipt(fetched.held);
        let edited = later(in_an_hour(photos), |content| content.topics.clear());
        let known = receipt(world.update(&known, &edited).await.unwrap());
        assert_eq!(world.texts(), ["Calm water."]);
        world.feed().withdraw(&known, &world.about()).await.unwrap();
        assert_eq!(world.texts().len(), 0);
    }
}

#[tokio::test]
async fn what_was_scheduled_for_some_and_became_public_to_all_is_not_said_to_be_sent() {
    let mut world = linked().await;
    world.choices.visibility = Visibility::Private;
    let known = receipt(world.create(&in_an_hour(0)).await.unwrap());
    world.state().ways.shows = Some("public");
    world.clock.advance(61 * MINUTE);
    world.publish();
    let fetched = world.feed().fetch(&known, &world.about()).await.unwrap();
    assert!(fetched.held.unfinished);
    let again = world.update(&receipt(fetched.held), &in_an_hour(0)).await;
    assert!(matches!(again, Err(FeedError::CannotChange)), "{again:?}");
}

#[tokio::test]
async fn what_became_public_since_it_was_last_seen_is_edited_and_withdrawn_there() {
    for withdraws in [false, true] {
        let world = linked().await;
        let known = receipt(world.create(&in_an_hour(0)).await.unwrap());
        world.clock.advance(61 * MINUTE);
        world.publish();
        if withdraws {
            world.feed().withdraw(&known, &world.about()).await.unwrap();
            assert_eq!(world.texts().len(), 0, "not only the schedule");
        } else {
            let edited = later(in_an_hour(0), |content| content.topics.clear());
            world.update(&known, &edited).await.unwrap();
            assert_eq!(world.texts(), ["Calm water."], "and not a second one");
        }
    }
}

#[tokio::test]
async fn nobody_guesses_which_of_two_alike_is_the_one_that_was_scheduled() {
    let world = linked().await;
    let known = receipt(world.create(&in_an_hour(0)).await.unwrap());
    world.clock.advance(61 * MINUTE);
    world.publish();
    let by_hand =
        Intent { post: PostId::from_uuid(Uuid::from_u128(2)), ..intent(&[(Lang::en(), "", "Calm water.")], 0) };
    let elsewhere = Outgoing { notes: Arc::new(Paper::default()), ..world.out() };
    world.feed().create(&Arc::new(by_hand), &elsewhere).await.unwrap();
    assert_eq!(world.look_up().await, Lookup::CannotTell);
    assert!(matches!(world.feed().withdraw(&known, &world.about()).await, Err(FeedError::Lost)));
    assert!(matches!(world.feed().fetch(&known, &world.about()).await, Err(FeedError::Unreachable)));
    assert_eq!(world.texts().len(), 2);
}

#[tokio::test]
async fn what_was_written_before_is_not_taken_for_what_was_scheduled_where_the_servers_clock_is_behind() {
    let world = linked().await;
    let by_hand =
        Intent { post: PostId::from_uuid(Uuid::from_u128(2)), ..intent(&[(Lang::en(), "", "Calm water.")], 0) };
    let elsewhere = Outgoing { notes: Arc::new(Paper::default()), ..world.out() };
    world.feed().create(&Arc::new(by_hand), &elsewhere).await.unwrap();
    world.clock.advance(20 * 60 * MINUTE);
    world.set_our_clock(DAY);
    let in_an_hour = at((20 + 24 + 1) * 60, in_an_hour(0));
    let known = receipt(world.create(&in_an_hour).await.unwrap());
    assert_eq!(std::mem::take(&mut world.state().scheduled).len(), 1);
    world.clock.advance(2 * DAY);
    let fetched = world.feed().fetch(&known, &world.about()).await;
    assert!(matches!(fetched, Err(FeedError::Gone)), "{fetched:?}");
}

#[tokio::test]
async fn a_server_may_be_late_and_what_was_taken_away_there_is_gone() {
    let world = linked().await;
    let known = receipt(world.create(&in_an_hour(0)).await.unwrap());
    world.clock.advance(61 * MINUTE);
    world.state().scheduled.clear();
    let soon = Timestamp::from_millis(NOW + 62 * MINUTE);
    assert_eq!(world.look_up().await, Lookup::NotYet(soon), "it is about to be made public");
    world.clock.advance(20 * MINUTE);
    assert!(matches!(world.feed().fetch(&known, &world.about()).await, Err(FeedError::Gone)));
    assert!(matches!(world.update(&known, &later(in_an_hour(0), |_| {})).await, Err(FeedError::Gone)));
}

#[tokio::test]
async fn a_scheduled_status_is_moved_or_made_anew_and_never_doubled() {
    for (no_moving, photos) in [(false, 1), (true, 1), (false, 0)] {
        let mut world = linked().await;
        if no_moving {
            world.version = "2.7.2 (compatible; Akkoma 3.13.2)";
        }
        world.state().ways.no_moving = no_moving;
        let known = receipt(world.create(&in_an_hour(photos)).await.unwrap());
        let known = receipt(world.update(&known, &at(90, in_an_hour(photos))).await.unwrap());
        let waits = world.state().scheduled.clone();
        assert_eq!((waits.len(), &waits[0]["scheduled_at"]), (1, &json!("2026-01-01T01:30:00Z")));
        assert_eq!(waits[0]["id"], json!(known.remote_id));
        let edited = later(at(90, in_an_hour(photos)), |content| content.topics.push("boat".into()));
        world.update(&known, &edited).await.unwrap();
        let waits = world.state().scheduled.clone();
        assert_eq!((waits.len(), world.texts().len()), (1, 0));
        assert_eq!(waits[0]["params"]["text"], "Calm water.\n\n#奶茶 #boat");
        assert_eq!(waits[0]["media_attachments"].as_array().unwrap().len(), usize::from(photos));
        assert_eq!(world.count("POST /api/v2/media"), usize::from(photos), "its file was used again");
    }
}

#[tokio::test]
async fn a_lost_answer_about_a_schedule_is_looked_for() {
    for line in ["PUT /api/v1/scheduled_statuses", "DELETE /api/v1/scheduled_statuses", "POST /api/v1/statuses"] {
        for weather in [Weather::LostBefore, Weather::LostAfter] {
            let mut world = linked().await;
            if !line.starts_with("PUT") {
                world.version = "2.7.2 (compatible; Akkoma 3.13.2)";
                world.state().ways.no_moving = true;
            }
            let known = receipt(world.create(&in_an_hour(0)).await.unwrap());
            world.weather(line, weather, 1);
            let moved = at(90, in_an_hour(0));
            assert!(matches!(world.update(&known, &moved).await, Err(FeedError::Lost)), "{line}");
            for _ in 0..4 {
                let known = match world.look_up().await {
                    Lookup::Found(held) => receipt(held),
                    Lookup::NotYet(_) => {
                        // A second schedule may be on its way; servers keep no keys for those.
                        world.clock.advance(46 * MINUTE);
                        continue;
                    }
                    found => {
                        assert_eq!(found, Lookup::Absent, "{line}");
                        world.create(&at(90, in_an_hour(0))).await.ok();
                        continue;
                    }
                };
                if world.update(&known, &moved).await.is_ok() {
                    break;
                }
            }
            let waits = world.state().scheduled.clone();
            assert_eq!((waits.len(), world.texts().len()), (1, 0), "{line}");
            assert_eq!(waits[0]["scheduled_at"], "2026-01-01T01:30:00Z", "{line}");
        }
    }
}

#[tokio::test]
async fn what_the_server_cannot_keep_waits_here_for_its_time() {
    let mut world = linked().await;
    let pair = at(60, bilingual(1));
    let due = Timestamp::from_millis(NOW + 60 * MINUTE);
    assert_eq!(world.feed().leaves_at(&pair), Some(due), "a preview says so");
    assert!(matches!(world.create(&pair).await, Err(FeedError::NotYet(at)) if at == due));
    assert_eq!(world.server.lines().len(), 0, "nothing left");
    world.clock.advance(60 * MINUTE);
    world.create(&pair).await.unwrap();
    assert_eq!(world.texts().len(), 2);

    world = linked().await;
    world.version = "GoToSocial 0.19.1";
    assert!(matches!(world.create(&in_an_hour(1)).await, Err(FeedError::NotYet(_))), "it has no schedules");
}

#[tokio::test]
async fn a_scheduled_status_that_becomes_a_pair_waits_here_instead() {
    let world = linked().await;
    let known = receipt(world.create(&in_an_hour(1)).await.unwrap());
    let pair = Intent { revision: RevisionId::from_uuid(Uuid::from_u128(11)), ..at(60, bilingual(1)) };
    assert!(matches!(world.update(&known, &pair).await, Err(FeedError::NotYet(_))));
    let waits = world.state().scheduled.len();
    assert_eq!((waits, world.texts().len()), (0, 0), "the old text is not made public");
    world.clock.advance(60 * MINUTE);
    world.update(&known, &pair).await.unwrap();
    assert_eq!(world.texts().len(), 2);
    world.clock.advance(MINUTE);
    let edited = later(at(90, bilingual(1)), |content| content.topics.clear());
    let held = world.look_up().await;
    let Lookup::Found(held) = held else { panic!("it is public") };
    world.update(&receipt(held), &edited).await.unwrap();
    assert_eq!(world.texts(), ["小船\n\n水面很静。", "Boat\n\nCalm water."], "what is public is edited at once");
}

#[tokio::test]
async fn nothing_becomes_public_early_because_our_clock_is_ahead() {
    let world = linked().await;
    world.set_our_clock(8 * 60 * MINUTE);
    let known = receipt(world.create(&in_an_hour(0)).await.unwrap());
    world.update(&known, &later(in_an_hour(0), |content| content.topics.push("tea".into()))).await.unwrap();
    let waits = world.state().scheduled.len();
    assert_eq!((waits, world.texts().len()), (1, 0));
}

#[tokio::test]
async fn a_time_that_is_near_by_the_servers_clock_is_not_anticipated() {
    let world = linked().await;
    world.state().ahead = 3 * MINUTE;
    world.create(&at(6, in_an_hour(0))).await.unwrap();
    let waits = world.state().scheduled.clone();
    assert_eq!((waits.len(), world.texts().len()), (1, 0));
    assert_eq!(waits[0]["scheduled_at"], "2026-01-01T00:08:30Z", "late rather than early");
}

#[tokio::test]
async fn what_became_public_and_was_deleted_then_is_gone_by_any_of_its_names() {
    let world = linked().await;
    let known = receipt(world.create(&in_an_hour(0)).await.unwrap());
    world.clock.advance(61 * MINUTE);
    world.publish();
    let public = receipt(world.feed().fetch(&known, &world.about()).await.unwrap().held);
    assert_ne!(public.remote_id, known.remote_id);
    world.clock.advance(60 * MINUTE);
    world.state().remove_status(&public.remote_id);
    for known in [&known, &public] {
        let read = world.feed().fetch(known, &world.about()).await;
        assert!(matches!(read, Err(FeedError::Gone)), "{}: {read:?}", known.remote_id);
    }
    world.feed().withdraw(&public, &world.about()).await.unwrap();
}
