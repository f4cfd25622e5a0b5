//! Finding posts from a terminal: list, search.

use serde_json::{Value, json};

use crate::support::Terminal;

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|post| post["id"].as_str().unwrap()).collect()
}

#[test]
fn the_list_begins_with_the_newest_moment_and_knows_its_limit() {
    let terminal = Terminal::new();
    let day = |day: u8| terminal.post(&["--en", "x", "--at", &format!("2025-01-0{day}T10:00:00Z")]);
    let (second, third, first) = (day(2), day(3), day(1));
    assert_eq!(ids(&terminal.json(&["list"])), [third.as_str(), &second, &first]);
    assert_eq!(ids(&terminal.json(&["list", "--limit", "2"])), [third.as_str(), &second]);
}

#[test]
fn search_finds_one_chinese_character_and_any_part_of_a_word() {
    let terminal = Terminal::new();
    let clouds = terminal.post(&["--zh", "今天的云很低", "--en", "Low clouds over the Bund"]);
    let tea = terminal.post(&["--zh-title", "奶茶", "--topic", "云南", "--place", "昆明"]);
    let find = |text: &str| terminal.json(&["search", text]);
    let both = find("云");
    let mut found = ids(&both);
    found.sort_unstable();
    let mut expected = [clouds.as_str(), &tea];
    expected.sort_unstable();
    assert_eq!(found, expected, "in a body and in a topic");
    assert_eq!(ids(&find("loud")), [clouds.as_str()], "any substring");
    assert_eq!(ids(&find("CLOUDS 云")), [clouds.as_str()], "every word, in any capitalisation and any side");
    assert_eq!(find("日"), json!([]), "what is not there is not found");
    assert_eq!(terminal.json(&["search", "云", "--limit", "1"]).as_array().unwrap().len(), 1);
    for odd in ["%", "_", "\"", "'", "*", "-", "云 OR 日", "\\"] {
        assert_eq!(find(odd), json!([]), "`{odd}` is a text like any other");
    }
}

#[test]
fn deleted_posts_are_not_found() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--zh", "旧事"]);
    terminal.json(&["delete", &id]);
    assert_eq!(terminal.json(&["search", "旧"]), json!([]));
}

#[test]
fn a_list_for_people_lines_up_and_steers_no_terminal() {
    let terminal = Terminal::new();
    terminal.post(&["--zh-title", "外滩的云", "--at", "2025-01-02T10:00:00Z"]);
    terminal.post(&["--en-title", "a\u{1b}[2Jb", "--at", "2025-01-01T10:00:00Z"]);
    let out = terminal.run(&["list"]).out;
    assert_eq!(out.lines().count(), 2, "{out}");
    assert!(!out.contains('\u{1b}'), "neither colours in a pipe nor escapes from a title: {out:?}");
}
