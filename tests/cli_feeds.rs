//! Feeds from a terminal: set up, send, sync, outbox, and what the exit status says.

use serde_json::{Value, json};

use crate::support::{Terminal, feed_items, jpeg};

fn item_ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[expect(clippy::disallowed_methods, reason = "this is somebody with an editor")]
fn edit_there(terminal: &Terminal, id: &str, from: &str, to: &str) {
    let item = terminal.path("out/published/posts").join(id).join("item.json");
    let text = std::fs::read_to_string(&item).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(&item, text.replace(from, to)).unwrap();
}

#[test]
fn a_post_lands_in_a_folder_once_however_often_it_is_sent() {
    let terminal = Terminal::new();
    terminal.file("a.jpg", jpeg(1));
    let id = terminal.post(&["--zh", "云", "--en", "Clouds", "--media", "a.jpg"]);
    let feed = terminal.json(&["feed", "add", "folder", "out", "--name", "Out"]);
    assert!(feed["id"].is_string());
    let delivery = terminal.json(&["send", &id, "--to", "out", "--publish"]);
    assert!(delivery["id"].is_string(), "{delivery}");
    assert_eq!((&delivery["post"], &delivery["state"]), (&json!(id), &json!("synced")));
    terminal.json(&["send", &id, "--to", "Out", "--publish"]);
    terminal.json(&["sync"]);
    let items = feed_items(&terminal.path("out"), "published");
    assert_eq!(items.len(), 1, "{:?}", item_ids(&items));
    assert!(items[0].to_string().contains("Clouds"));
}

#[test]
fn a_draft_is_not_published_and_a_withdrawn_post_is_gone() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "Clouds"]);
    terminal.json(&["feed", "add", "folder", "out"]);
    let out = terminal.path("out");
    terminal.json(&["send", &id, "--to", "folder"]);
    assert_eq!((feed_items(&out, "drafts").len(), feed_items(&out, "published").len()), (1, 0));
    terminal.json(&["send", &id, "--to", "folder", "--publish"]);
    assert_eq!((feed_items(&out, "drafts").len(), feed_items(&out, "published").len()), (0, 1));
    terminal.json(&["send", &id, "--to", "folder", "--withdraw"]);
    assert_eq!((feed_items(&out, "drafts").len(), feed_items(&out, "published").len()), (0, 0));
}

#[test]
fn an_update_waits_for_the_user_and_a_deleted_post_leaves_the_feed() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "Clouds"]);
    terminal.json(&["feed", "add", "folder", "out"]);
    let out = terminal.path("out");
    terminal.json(&["send", &id, "--to", "folder", "--publish"]);
    terminal.json(&["edit", &id, "--en", "Clear sky"]);
    terminal.json(&["sync"]);
    assert!(feed_items(&out, "published")[0].to_string().contains("Clouds"), "published posts change on request");
    assert_eq!(terminal.json(&["show", &id])["deliveries"][0]["changed_since"], true);
    terminal.json(&["send", &id, "--to", "folder", "--publish"]);
    assert!(feed_items(&out, "published")[0].to_string().contains("Clear sky"));
    terminal.json(&["delete", &id]);
    terminal.json(&["sync"]);
    assert_eq!(feed_items(&out, "published").len(), 0);
}

#[test]
fn what_waits_for_an_unplugged_disk_goes_out_when_it_is_back() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "Clouds"]);
    terminal.json(&["feed", "add", "folder", "disk/feed"]);
    std::fs::rename(terminal.path("disk"), terminal.path("unplugged")).unwrap();

    let (said, delivery) = terminal.run_json(&["send", &id, "--to", "folder", "--publish"]);
    assert_eq!(said.code, Some(2), "something waits: {said:?}");
    assert_eq!(delivery["wanted"], "published");
    assert!(!terminal.path("disk").exists(), "nothing is written where the disk was");
    let (said, outbox) = terminal.run_json(&["outbox"]);
    assert_eq!((said.code, outbox[0]["post"].as_str()), (Some(2), Some(id.as_str())), "{said:?}");
    let (said, answer) = terminal.run_json(&["sync"]);
    assert_eq!((said.code, &answer["waiting"]), (Some(2), &json!(1)));

    std::fs::rename(terminal.path("unplugged"), terminal.path("disk")).unwrap();
    assert_eq!(terminal.json(&["sync"])["waiting"], 0);
    assert_eq!(feed_items(&terminal.path("disk/feed"), "published").len(), 1);
    let outbox = terminal.json(&["outbox"]);
    assert_eq!(outbox[0]["state"], "synced", "it is told for a day: {outbox}");

    std::fs::rename(terminal.path("disk"), terminal.path("unplugged")).unwrap();
    let (said, answer) = terminal.run_json(&["sync"]);
    let unread = (&answer["waiting"], &answer["pulled"]["unreachable"]);
    assert_eq!((said.code, unread), (Some(2), (&json!(0), &json!(["feed"]))), "nothing waits, and it was not read");
}

#[test]
fn sending_to_one_feed_leaves_the_others_alone() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "Clouds"]);
    terminal.json(&["feed", "add", "folder", "disk/other", "--name", "Other"]);
    terminal.json(&["feed", "add", "folder", "out", "--name", "Out"]);
    std::fs::rename(terminal.path("disk"), terminal.path("unplugged")).unwrap();
    assert_eq!(terminal.run_json(&["send", &id, "--to", "Other", "--publish"]).0.code, Some(2));
    std::fs::rename(terminal.path("unplugged"), terminal.path("disk")).unwrap();
    terminal.json(&["send", &id, "--to", "Out", "--publish"]);
    assert_eq!(feed_items(&terminal.path("out"), "published").len(), 1);
    let (said, outbox) = terminal.run_json(&["outbox"]);
    assert_eq!((said.code, &outbox[0]["feed_name"]), (Some(2), &json!("Other")), "{outbox}");
}

#[test]
fn what_waits_for_a_feed_that_is_switched_off_says_so() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "Clouds"]);
    terminal.json(&["feed", "add", "folder", "disk/feed"]);
    std::fs::rename(terminal.path("disk"), terminal.path("unplugged")).unwrap();
    terminal.run(&["send", &id, "--to", "folder", "--publish"]);
    assert!(!terminal.run(&["outbox"]).out.contains("switched off"));
    terminal.json(&["feed", "off", "folder"]);
    let said = terminal.run(&["outbox"]);
    assert!(said.out.contains("waits, the feed is switched off"), "{said:?}");
    assert_eq!(terminal.run_json(&["outbox"]).1[0]["paused"], true);
}

#[test]
fn parting_with_a_feed_says_what_stays_there_and_what_is_not_sent() {
    let terminal = Terminal::new();
    let [stays, deleted, gone, waits] = ["a", "b", "c", "d"].map(|text| terminal.post(&["--en", text]));
    terminal.json(&["feed", "add", "folder", "disk/feed"]);
    let publish = |id: &str| terminal.run_json(&["send", id, "--to", "folder", "--publish"]).1;
    for id in [&stays, &deleted, &gone] {
        assert_eq!(publish(id)["state"], "synced");
    }
    std::fs::remove_dir_all(terminal.path("disk/feed/published/posts").join(&gone)).unwrap();
    terminal.json(&["edit", &gone, "--en", "e"]);
    assert_eq!(publish(&gone)["reason"], "gone_there");
    std::fs::rename(terminal.path("disk"), terminal.path("unplugged")).unwrap();
    terminal.run(&["delete", &deleted]);
    assert_eq!(publish(&waits)["state"], "queued");
    let parting = terminal.json(&["feed", "remove", "folder"]);
    let counts = ["there", "leaving", "waiting"].map(|name| parting[name].as_u64().unwrap());
    assert_eq!(counts, [2, 1, 2], "{parting}");
}

#[test]
fn what_was_changed_at_the_feed_needs_the_user() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "Clouds"]);
    terminal.json(&["feed", "add", "folder", "out"]);
    terminal.json(&["send", &id, "--to", "folder", "--publish"]);
    std::fs::remove_dir_all(terminal.path("out/published/posts").join(&id)).unwrap();
    terminal.json(&["edit", &id, "--en", "Clear sky"]);
    let (said, delivery) = terminal.run_json(&["send", &id, "--to", "folder", "--publish"]);
    assert_eq!(said.code, Some(3), "gone there is not made again silently: {said:?}");
    assert_eq!((&delivery["state"], &delivery["reason"]), (&json!("needs_you"), &json!("gone_there")));
    assert_eq!(terminal.run_json(&["outbox"]).0.code, Some(3));
}

#[test]
fn what_was_changed_at_the_feed_and_deleted_here_is_taken_down_when_the_user_says_so_again() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "Clouds"]);
    terminal.json(&["feed", "add", "folder", "out"]);
    terminal.json(&["send", &id, "--to", "folder", "--publish"]);
    edit_there(&terminal, &id, "Clouds", "Fog");
    terminal.json(&["delete", &id]);
    assert_eq!(terminal.run(&["sync"]).code, Some(3));
    let said = terminal.run(&["outbox"]);
    assert!(said.out.contains("withdrawn") && said.out.contains("send --withdraw"), "{said:?}");
    assert_eq!(feed_items(&terminal.path("out"), "published").len(), 1, "nobody looked at it yet");
    let delivery = terminal.json(&["send", &id, "--to", "folder", "--withdraw"]);
    assert_eq!(delivery["state"], "synced");
    assert_eq!(feed_items(&terminal.path("out"), "published").len(), 0);
    let history = terminal.json(&["history", &id]);
    assert!(
        history.as_array().unwrap().iter().any(|entry| entry["origin"] == "pull"),
        "what was there is kept: {history}"
    );
}

#[test]
fn an_alt_text_is_taken_from_the_feed_by_the_name_that_conflicts_gives_it() {
    let terminal = Terminal::new();
    terminal.file("a.jpg", jpeg(1));
    let id = terminal.post(&["--en", "Clouds", "--media", "a.jpg", "--alt-en", "a boat"]);
    terminal.json(&["feed", "add", "folder", "out"]);
    terminal.json(&["send", &id, "--to", "folder", "--publish"]);
    edit_there(&terminal, &id, "a boat", "a ferry");
    terminal.json(&["edit", &id, "--on", "1", "--alt-en", "a ship"]);
    assert_eq!(terminal.run(&["pull"]).code, Some(3));
    let (_, conflicts) = terminal.run_json(&["conflicts"]);
    assert_eq!(conflicts[0]["parts"][0]["name"], "alt.en", "{conflicts}");
    terminal.run(&["resolve", &id, "--take", "alt.de"]).expect_error("alt.de");
    assert_eq!(terminal.run(&["conflicts"]).code, Some(3), "nothing was decided");
    let post = terminal.json(&["resolve", &id, "--take", "alt.en"]);
    assert!(post.to_string().contains("a ferry"), "{post}");
}

#[test]
fn what_is_the_matter_with_a_feed_ends_every_command_alike() {
    let terminal = Terminal::new();
    let [there, waits] = ["Clouds", "Fog"].map(|text| terminal.post(&["--en", text]));
    terminal.json(&["feed", "add", "folder", "out"]);
    terminal.json(&["feed", "add", "folder", "other"]);
    terminal.json(&["send", &there, "--to", "out", "--publish"]);
    let send = ["send", &waits, "--to", "out", "--publish"];
    let commands: [&[&str]; 5] = [&send, &["feed", "test", "out"], &["pull"], &["sync", "--once"], &["outbox"]];
    let endings = || commands.map(|words| terminal.run(words).code);
    std::fs::rename(terminal.path("out"), terminal.path("unplugged")).unwrap();
    assert_eq!(endings(), [Some(2); 5], "it does not answer");
    std::fs::rename(terminal.path("other"), terminal.path("out")).unwrap();
    assert_eq!(endings(), [Some(3); 5], "it is another feed's folder");
    std::fs::rename(terminal.path("out"), terminal.path("other")).unwrap();
    std::fs::rename(terminal.path("unplugged"), terminal.path("out")).unwrap();
    assert_eq!(endings(), [Some(0); 5]);
}

#[test]
fn what_is_decided_in_a_conflict_leaves_at_once_or_is_said_to_wait() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "Clouds"]);
    terminal.json(&["feed", "add", "folder", "out"]);
    terminal.json(&["send", &id, "--to", "folder", "--publish"]);
    let change_both = |[before, there, here]: [&str; 3]| {
        edit_there(&terminal, &id, before, there);
        terminal.json(&["edit", &id, "--en", here]);
        assert_eq!(terminal.run(&["pull"]).code, Some(3));
    };
    change_both(["Clouds", "Rain", "Snow"]);
    let post = terminal.json(&["resolve", &id, "--ours"]);
    assert_eq!((&post["id"], &post["deliveries"][0]["state"]), (&json!(id), &json!("synced")), "{post}");
    assert!(feed_items(&terminal.path("out"), "published")[0].to_string().contains("Snow"));
    change_both(["Snow", "Hail", "Sun"]);
    std::fs::rename(terminal.path("out"), terminal.path("unplugged")).unwrap();
    let said = terminal.run(&["resolve", &id, "--ours"]);
    assert_eq!((said.code, said.out.trim_end()), (Some(2), id.as_str()), "{said:?}");
    assert!(said.err.contains("waits"), "{said:?}");
}

#[test]
fn a_new_journal_has_a_folder_feed_ready_to_switch_on() {
    let terminal = Terminal::new();
    let feeds = terminal.json(&["feed", "list"]);
    assert_eq!((feeds.as_array().unwrap().len(), &feeds[0]["enabled"]), (1, &json!(false)), "{feeds}");
    assert!(!terminal.run(&["feed", "list"]).out.contains("    "), "it has a name for people");
    let id = terminal.post(&["--en", "Clouds"]);
    terminal.json(&["send", &id, "--to", "folder", "--publish"]);
    let feeds = terminal.json(&["feed", "list"]);
    assert_eq!(feeds[0]["enabled"], true, "sending to it switches it on");
    let place = feeds[0]["place"].as_str().unwrap();
    assert_eq!(feed_items(place.as_ref(), "published").len(), 1);
}

#[test]
fn a_post_in_the_bin_is_not_sent_and_switches_nothing_on() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "Clouds"]);
    terminal.json(&["delete", &id]);
    terminal.run(&["send", &id, "--to", "folder", "--publish"]).expect_error("bin");
    assert_eq!(terminal.json(&["feed", "list"])[0]["enabled"], false);
}

#[test]
fn a_feed_can_be_tested_switched_off_and_removed() {
    let terminal = Terminal::new();
    let feed = terminal.json(&["feed", "add", "folder", "out", "--name", "我的发布"]);
    let id = feed["id"].as_str().unwrap();
    assert_eq!(terminal.json(&["feed", "test", "我的发布"])["health"], "reachable");
    let (said, value) = terminal.run_json(&["feed", "add", "folder", "out"]);
    assert_eq!((said.code, &value["error"]["code"]), (Some(1), &json!("feed_exists")));
    std::fs::rename(terminal.path("out"), terminal.path("away")).unwrap();
    let (said, tested) = terminal.run_json(&["feed", "test", id]);
    assert_eq!((said.code, &tested["health"]), (Some(2), &json!("unreachable")), "{said:?}");
    assert_eq!(terminal.json(&["feed", "off", id])["enabled"], false);
    assert_eq!(terminal.json(&["feed", "remove", id])["id"], id);
    assert!(terminal.json(&["feed", "list"]).as_array().unwrap().iter().all(|feed| feed["id"] != id));
}
