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
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶", "Boat\n\nWind.\n\n#奶茶"], "the other language is edited");
    assert_eq!(world.state().statuses[0]["poll"], poll(7));
}
