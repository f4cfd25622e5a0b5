//! Writing from a terminal: post, edit, delete, undelete, history, restore.

use serde_json::json;

use crate::support::{Terminal, jpeg};

#[test]
fn a_post_prints_its_id_and_is_shown_with_both_sides() {
    let terminal = Terminal::new();
    let id = terminal.post(&[
        "--zh-title",
        "奶茶",
        "--zh",
        "很甜",
        "--en-title",
        "Milk tea",
        "--en",
        "Sweet",
        "--topic",
        "#茶",
    ]);
    let post = terminal.json(&["show", &id]);
    assert_eq!(post["id"], id.as_str());
    assert_eq!(post["sides"]["zh-Hans"], json!({"title": "奶茶", "body": "很甜"}));
    assert_eq!(post["sides"]["en"], json!({"title": "Milk tea", "body": "Sweet"}));
    assert_eq!(post["topics"], json!(["茶"]));
    let text = terminal.run(&["show", &id]).out;
    assert!(text.contains("奶茶") && text.contains("Sweet"), "{text}");
}

#[test]
fn json_works_before_and_after_the_command() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "Low clouds"]);
    let before: serde_json::Value = serde_json::from_str(&terminal.run(&["--json", "show", &id]).out).unwrap();
    let after: serde_json::Value = serde_json::from_str(&terminal.run(&["show", &id, "--json"]).out).unwrap();
    assert_eq!(before, after);
    let journal = terminal.path("elsewhere");
    let place = journal.to_str().unwrap();
    let other = terminal.json(&["list", "--journal", place]);
    assert_eq!(other, json!([]), "a journal is made on first use");
    assert!(journal.join("journal.db").is_file());
}

#[test]
fn texts_come_from_files_and_from_the_standard_input() {
    let terminal = Terminal::new();
    terminal.file("zh.txt", "第一行\r\n第二行\n");
    let said = terminal
        .run_with_input(&["post", "--zh", "@zh.txt", "--en", "-", "--en-title", "@@home"], "from a pipe\n".as_bytes());
    assert_eq!(said.code, Some(0), "{said:?}");
    let post = terminal.json(&["show", said.out.trim_end()]);
    assert_eq!(post["sides"]["zh-Hans"]["body"], "第一行\n第二行");
    assert_eq!(post["sides"]["en"], json!({"title": "@home", "body": "from a pipe"}));
}

#[test]
fn a_text_may_begin_with_a_dash() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--zh", "-5度", "--en", "- milk\n- tea"]);
    assert_eq!(terminal.json(&["show", &id])["sides"]["zh-Hans"]["body"], "-5度");
}

#[test]
fn alt_texts_belong_to_the_file_before_them() {
    let terminal = Terminal::new();
    terminal.file("a.jpg", jpeg(1));
    terminal.file("b.jpg", jpeg(2));
    terminal.file("c.jpg", jpeg(3));
    let id = terminal.post(&[
        "--media", "a.jpg", "--alt-zh", "甲", "--media", "b.jpg", "--media", "c.jpg", "--alt-en", "C", "--alt-zh", "丙",
    ]);
    let post = terminal.json(&["show", &id]);
    let alts: Vec<_> = post["attachments"].as_array().unwrap().iter().map(|file| file["alt"].clone()).collect();
    assert_eq!(alts, [json!({"zh-Hans": "甲"}), json!({}), json!({"en": "C", "zh-Hans": "丙"})]);
}

#[test]
fn a_moment_keeps_its_offset() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "Then", "--at", "2025-01-07T16:40:00+08:00", "--place", "外滩"]);
    let post = terminal.json(&["show", &id]);
    assert_eq!(post["moment"], "2025-01-07T16:40:00+08:00");
    assert_eq!(post["place"]["name"], "外滩");
}

#[test]
fn an_edit_changes_only_what_is_given() {
    let terminal = Terminal::new();
    terminal.file("a.jpg", jpeg(1));
    terminal.file("b.jpg", jpeg(2));
    let id = terminal.post(&["--zh", "旧", "--en", "old", "--topic", "茶", "--media", "a.jpg", "--alt-en", "A"]);
    let before = terminal.json(&["show", &id]);
    let after = terminal.json(&["edit", &id, "--en", "new"]);
    assert_eq!(after["sides"], json!({"zh-Hans": {"title": "", "body": "旧"}, "en": {"title": "", "body": "new"}}));
    for part in ["topics", "attachments", "moment", "place", "cover"] {
        assert_eq!(after[part], before[part], "{part}");
    }
    let after = terminal.json(&["edit", &id, "--media", "b.jpg", "--on", "1", "--alt-zh", "甲", "--cover", "2"]);
    assert_eq!(
        after["attachments"][0]["alt"],
        json!({"en": "A", "zh-Hans": "甲"}),
        "an alt text is added to the others"
    );
    assert_eq!(after["cover"], after["attachments"][1]["asset"]);
    let after = terminal.json(&["edit", &id, "--remove-media", "1", "--zh", "", "--topic", ""]);
    assert_eq!(after["attachments"].as_array().unwrap().len(), 1);
    assert_eq!(after["attachments"][0]["name"], "b.jpg");
    assert_eq!(after["sides"], json!({"en": {"title": "", "body": "new"}}), "an empty text takes the side away");
    assert_eq!(after["topics"], json!([]));
}

#[test]
fn every_edit_can_be_taken_back() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "one"]);
    terminal.json(&["edit", &id, "--en", "two"]);
    let history = terminal.json(&["history", &id]);
    let history = history.as_array().unwrap();
    assert_eq!(history.len(), 2, "each command is a sitting of its own");
    let oldest = history[1]["id"].as_str().unwrap();
    assert_eq!(terminal.json(&["restore", &id, oldest])["sides"]["en"]["body"], "one");
    assert_eq!(terminal.json(&["restore", &id, "2"])["sides"]["en"]["body"], "two");
    assert_eq!(terminal.json(&["history", &id]).as_array().unwrap().len(), 4, "restoring overwrites nothing");
    terminal.expect_clean();
}

#[test]
fn a_deleted_post_lies_in_the_bin_and_comes_back() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "Gone"]);
    assert!(terminal.json(&["delete", &id])["deleted_at"].is_string());
    assert_eq!(terminal.json(&["list"]), json!([]));
    assert_eq!(terminal.json(&["list", "--bin"])[0]["id"], id.as_str());
    terminal.json(&["undelete", &id]);
    assert_eq!(terminal.json(&["list"])[0]["id"], id.as_str());
    assert_eq!(terminal.json(&["list", "--bin"]), json!([]));
}

#[test]
fn a_post_goes_by_the_beginning_of_its_id() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "Short"]);
    let short = id.get(..13).unwrap();
    assert_eq!(terminal.json(&["show", short])["id"], id.as_str());
    assert_eq!(terminal.json(&["show", &id.to_uppercase()])["id"], id.as_str());
}

#[test]
fn a_body_over_the_bound_is_refused_with_its_name_and_saves_nothing() {
    let terminal = Terminal::new();
    let file = terminal.file("long.txt", "汉".repeat(333_334));
    let said = terminal.run(&["post", "--en", "short", "--zh", &format!("@{}", file.display())]);
    said.expect_error("body (zh-Hans)");
    assert!(said.err.contains("1,000,002") && said.err.contains("1,000,000"), "{said:?}");
    assert_eq!(terminal.json(&["list"]), json!([]));
    let fits = terminal.file("fits.txt", "汉".repeat(333_333));
    terminal.post(&["--zh", &format!("@{}", fits.display())]);
}
