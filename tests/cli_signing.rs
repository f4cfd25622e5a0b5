//! Feeds on the network from a terminal, as far as no network is needed: secrets, addresses, choices.

use serde_json::json;

use crate::support::Terminal;

#[test]
fn a_variable_that_is_not_set_is_named() {
    let terminal = Terminal::new();
    let words = ["feed", "add", "wordpress", "127.0.0.1:9", "--user", "li", "--secret-env", "SAMPAN_TEST_NO_SUCH"];
    let (said, value) = terminal.run_json(&words);
    assert_eq!((said.code, &value["error"]["subject"]), (Some(1), &json!("SAMPAN_TEST_NO_SUCH")), "{said:?}");
}

#[test]
fn a_password_that_nobody_gave_is_asked_for() {
    let terminal = Terminal::new();
    let (said, value) = terminal.run_json(&["feed", "add", "wordpress", "127.0.0.1:9", "--user", "li"]);
    assert_eq!((said.code, &value["error"]["code"]), (Some(1), &json!("sign_in_needed")), "{said:?}");
}

#[test]
fn no_password_travels_in_the_clear_unless_the_user_says_so() {
    let terminal = Terminal::new();
    let add = ["feed", "add", "wordpress", "http://blog.example", "--user", "li"];
    let said = terminal.run_with_input(&add, b"pw-canary-1\n");
    said.expect_error("plain http");
    assert!(!format!("{said:?}").contains("canary"), "it is not shown either: {said:?}");
}

#[test]
fn what_is_no_address_is_no_feed() {
    let terminal = Terminal::new();
    for address in ["", "@", "file:///etc/passwd", "https://"] {
        let (said, value) = terminal.run_json(&["feed", "discover", address]);
        assert_eq!((said.code, &value["error"]["code"]), (Some(1), &json!("no_feed_there")), "{address}: {said:?}");
    }
}

#[test]
fn choices_for_a_feed_stay() {
    let terminal = Terminal::new();
    terminal.json(&["feed", "add", "folder", "out"]);
    let set = terminal.json(&["feed", "set", "folder", "--languages", "linked", "--long-text", "split"]);
    assert_eq!((&set["options"]["languages"], &set["options"]["long_text"]), (&json!("linked"), &json!("split")));
    let set = terminal.json(&["feed", "set", "folder", "--topics", "categories", "--visibility", "unlisted"]);
    assert_eq!((&set["options"]["languages"], &set["options"]["visibility"]), (&json!("linked"), &json!("unlisted")));
    assert_eq!(terminal.json(&["feed", "limits", "folder"])["limits"]["drafts"], true);
    let (said, _) = terminal.run_json(&["feed", "set", "folder", "--languages", "sideways"]);
    assert_eq!(said.code, Some(1), "{said:?}");
}

#[test]
fn a_choice_has_to_be_made() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "x"]);
    for words in [
        &["resolve", &id][..],
        &["resolve", &id, "--ours", "--theirs"],
        &["resolve", &id, "--take", "soul"],
        &["arrived", &id, "--feed", "folder"],
        &["arrived", &id, "--feed", "folder", "--no", "--yes", "https://blog.example/1"],
        &["remote", "adopt", "folder"],
        &["send", &id, "--to", "folder", "--at", "2030-01-01T00:00:00Z"],
    ] {
        let (said, value) = terminal.run_json(words);
        assert_eq!((said.code, &value["error"]["code"]), (Some(1), &json!("bad_input")), "{words:?}: {said:?}");
    }
}
