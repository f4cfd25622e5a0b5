//! What others do there while a post is on its way, or did before it: nothing goes over it unread, and nothing is lost by it.

use super::*;

fn reworded(revision: u128, lang: &Lang, photos: u8) -> Intent {
    let edited = later(bilingual(photos), |content| content.sides.get_mut(lang).unwrap().body = "Wind.".into());
    Intent { revision: RevisionId::from_uuid(Uuid::from_u128(revision)), ..edited }
}

fn poll(votes: u32) -> Value {
    json!({"id": "34", "votes_count": votes, "options": [{"title": "tea", "votes_count": votes}]})
}

#[tokio::test]
async fn a_poll_outlives_an_edit_of_the_post_and_its_votes_are_no_change() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(0)).await.unwrap());
    world.state().statuses[0]["poll"] = poll(0);
    let refused = world.update(&known, &reworded(11, &Lang::zh_hans(), 0)).await;
    assert!(matches!(refused, Err(FeedError::CannotChange)), "an edit would take the poll out: {refused:?}");
    assert_eq!((world.count("PUT /api/v1/statuses/1001"), world.count("PUT /api/v1/statuses/1002")), (0, 0));
    world.state().statuses[0]["poll"] = poll(7);
    let quiet = world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap();
    assert_eq!((quiet.items.len(), quiet.gone.len()), (0, 0), "a vote is no edit");
    world.update(&known, &reworded(12, &Lang::en(), 0)).await.unwrap();
    assert_eq!(
        world.texts(),
        ["小船\n\n水面很静。\n\n#奶茶", "Boat\n\nWind.\n\n#奶茶"],
        "the other language is edited"
    );
    assert_eq!(world.state().statuses[0]["poll"], poll(7));
}

#[tokio::test]
async fn what_somebody_writes_while_files_are_on_their_way_is_read_before_anything_goes_over_it() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(1)).await.unwrap());
    let files = world.state().statuses[1]["media_attachments"][0]["id"].clone();
    let id = world.state().statuses[1]["id"].as_str().unwrap().to_owned();
    let theirs = json!({"status": "Stormy water.", "spoiler_text": "", "media_ids": [files]});
    world.state().meanwhile = Some((id, theirs));
    let over = world.update(&known, &reworded(11, &Lang::en(), 2)).await;
    assert!(matches!(over, Err(FeedError::Lost)), "{over:?}");
    assert_eq!(world.texts()[1], "Stormy water.");
    assert!(matches!(world.look_up().await, Lookup::Found(held) if held.touched));
}

#[tokio::test]
async fn a_poll_that_somebody_adds_while_files_are_on_their_way_stays() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(1)).await.unwrap());
    let files = world.state().statuses[0]["media_attachments"][0]["id"].clone();
    let (text, id) = (world.texts()[0].clone(), known.remote_id.clone());
    let theirs = json!({"status": text, "spoiler_text": "", "media_ids": [files], "poll": poll(1)});
    world.state().meanwhile = Some((id, theirs));
    let wanted = reworded(11, &Lang::zh_hans(), 2);
    assert!(matches!(world.update(&known, &wanted).await, Err(FeedError::Lost)), "it is looked at first");
    let Lookup::Found(held) = world.look_up().await else { panic!("it is there") };
    let again = world.update(&receipt(held), &wanted).await;
    assert!(matches!(again, Err(FeedError::CannotChange)), "{again:?}");
    assert_eq!(world.state().statuses[0]["poll"], poll(1));
}

#[tokio::test]
async fn a_post_whose_files_are_all_there_is_not_read_twice() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(1)).await.unwrap());
    let before = world.server.lines().len();
    world.update(&known, &reworded(11, &Lang::en(), 1)).await.unwrap();
    let id = world.state().statuses[1]["id"].as_str().unwrap().to_owned();
    let line = format!("GET /api/v1/statuses/{id}");
    let reads = world.server.lines().into_iter().skip(before).filter(|heard| *heard == line);
    assert_eq!(reads.count(), 2, "before and after it was changed");
}
