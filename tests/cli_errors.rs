//! What the terminal program says when something is not as it should be: words, one JSON value, the right exit status.

use std::io::{Read, Write};
use std::process::Stdio;

use serde_json::Value;

use crate::support::Terminal;

#[test]
fn every_error_has_words_on_one_stream_and_json_on_the_other() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "x"]);
    let unknown = "01900000-0000-7000-8000-000000000000";
    let cases: &[(&[&str], &str)] = &[
        (&["show", unknown], "post_not_found"),
        (&["show", "zzz"], "post_not_found"),
        (&["show", ""], "post_not_found"),
        (&["edit", unknown, "--en", "x"], "post_not_found"),
        (&["delete", "../../etc/passwd"], "post_not_found"),
        (&["history", "汉字"], "post_not_found"),
        (&["restore", &id, unknown], "revision_not_found"),
        (&["restore", &id, "99"], "revision_not_found"),
        (&["media", unknown, "--out", "out"], "post_not_found"),
        (&["send", &id, "--to", "nowhere"], "feed_not_found"),
        (&["feed", "test", "nowhere"], "feed_not_found"),
        (&["feed", "remove", unknown], "feed_not_found"),
        (&["edit", &id], "bad_input"),
        (&["edit", &id, "--remove-media", "7"], "bad_input"),
        (&["post"], "bad_input"),
        (&["post", "--en", "   "], "bad_input"),
        (&["post", "--en", "x", "--at", "yesterday"], "bad_input"),
        (&["post", "--en", "x", "--at", "2025-02-30T00:00:00Z"], "bad_input"),
        (&["post", "--alt-en", "x", "--en", "y"], "bad_input"),
        (&["post", "--body", "not a language=x"], "bad_input"),
        (&["post", "--en", "@missing.txt"], "file_missing"),
        (&["post", "--zh", "-", "--en", "-"], "bad_input"),
        (&["import", "missing-folder", "--into", unknown], "post_not_found"),
        (&["list", "--limit", "0"], "bad_input"),
        (&["search", "x", "--limit", "-1"], "bad_input"),
        (&["search", "x", "--limit", "99999999999999999999"], "bad_input"),
        (&["fly"], "bad_input"),
        (&["feed", "add", "balloon", "here"], "bad_input"),
    ];
    for (words, code) in cases {
        let (said, value) = terminal.run_json(words);
        assert_eq!(said.code, Some(1), "{words:?}: {said:?}");
        assert_eq!(value["error"]["code"], *code, "{words:?}: {value}");
        assert!(!value["error"]["message"].as_str().unwrap().is_empty(), "{words:?}");
        assert!(!said.err.trim().is_empty() && !said.err.contains("panicked"), "{words:?}: {said:?}");
        let plain = terminal.run(words);
        assert_eq!(
            (plain.code, plain.out.as_str()),
            (Some(1), ""),
            "without --json words go to stderr alone: {plain:?}"
        );
    }
    assert_eq!(terminal.json(&["list"]).as_array().unwrap().len(), 1, "none of it changed anything");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let terminal = Terminal::new();
    terminal.file("gbk.txt", b"\xd6\xd0\xce\xc4");
    terminal.run(&["post", "--zh", "@gbk.txt"]).expect_error("UTF-8");
    terminal.run_with_input(&["post", "--zh", "-"], b"\xff\xfe\x2d\x4e").expect_error("UTF-8");
}

#[test]
fn messages_are_chinese_where_the_system_is() {
    let terminal = Terminal::chinese();
    let said = terminal.run(&["show", "01900000-0000-7000-8000-000000000000"]);
    said.expect_error("没有唯一的文章");
    let (_, value) = terminal.run_json(&["show", "01900000-0000-7000-8000-000000000000"]);
    assert_eq!(value["error"]["code"], "post_not_found", "codes are the same in every language");
}

#[test]
fn help_and_version_are_answers() {
    let terminal = Terminal::new();
    for words in [&["--help"][..], &["-h"], &["help"], &["post", "--help"], &["feed", "add", "--help"], &["--version"]]
    {
        let said = terminal.run(words);
        assert_eq!(said.code, Some(0), "{words:?}");
        assert!(said.err.is_empty() && !said.out.is_empty(), "{words:?}: {said:?}");
    }
    assert!(terminal.run(&["--help"]).out.contains("Exit status"), "the long help explains what scripts need");
    assert!(!terminal.journal().exists(), "looking at the help makes no journal");
}

#[test]
fn a_place_that_is_no_journal_is_left_alone() {
    let terminal = Terminal::new();
    let file = terminal.file("file", "mine");
    terminal.run(&["--journal", file.to_str().unwrap(), "list"]).expect_error(file.to_str().unwrap());
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");

    terminal.file("other/journal.db", "not SQLite, but of the same name, and long enough to look at".repeat(100));
    let before = std::fs::read(terminal.path("other/journal.db")).unwrap();
    let (said, value) = terminal.run_json(&["--journal", "other", "list"]);
    assert_eq!((said.code, &value["error"]["code"]), (Some(1), &"not_a_journal".into()), "{said:?}");
    assert_eq!(std::fs::read(terminal.path("other/journal.db")).unwrap(), before);
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let terminal = Terminal::new();
    terminal.post(&["--en", "x"]);
    let mut child =
        terminal.command().args(["--json", "list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    child.wait().unwrap();
    assert_eq!(err, "", "a closed pipe is nobody's fault");
}

#[test]
fn two_programs_at_once_see_each_other_and_lose_nothing() {
    let terminal = Terminal::new();
    terminal.json(&["list"]);
    let children: Vec<_> = (0..8)
        .map(|number| {
            let mut command = terminal.command();
            command.args(["--json", "post", "--en", &format!("post {number}")]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut ids: Vec<String> = Vec::new();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let post: Value = serde_json::from_slice(&output.stdout).unwrap();
        ids.push(post["id"].as_str().unwrap().to_owned());
    }
    let list = terminal.json(&["list"]);
    let mut listed: Vec<&str> = list.as_array().unwrap().iter().map(|post| post["id"].as_str().unwrap()).collect();
    listed.sort_unstable();
    ids.sort_unstable();
    assert_eq!(listed, ids);
    terminal.expect_clean();
}

#[test]
fn the_journal_can_be_made_by_two_programs_at_once() {
    let terminal = Terminal::new();
    let children: Vec<_> = (0..4)
        .map(|_| terminal.command().args(["post", "--en", "first"]).stdout(Stdio::null()).spawn().unwrap())
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(terminal.json(&["list"]).as_array().unwrap().len(), 4);
}

#[test]
fn an_endless_input_gets_its_answer() {
    let terminal = Terminal::new();
    let mut child = terminal
        .command()
        .args(["post", "--en", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let piece = vec![b'x'; 1 << 16];
    let mut written = 0_usize;
    while written < (1 << 28) && input.write_all(&piece).is_ok() {
        written += piece.len();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("too long"));
}
