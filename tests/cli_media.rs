//! Photos and files from a terminal: import, media; broken input.

use serde_json::Value;

use crate::support::{Terminal, jpeg, png_bomb};

#[test]
fn an_import_makes_one_post_and_never_posts_a_file_twice() {
    let terminal = Terminal::new();
    for (name, seed) in [("a.jpg", 1), ("b.jpg", 2), ("sub/c.jpg", 3)] {
        terminal.file(&format!("photos/{name}"), jpeg(seed));
    }
    let report = terminal.json(&["import", "photos"]);
    let id = report["id"].as_str().unwrap();
    assert_eq!((&report["added"], report["posts"].as_array().unwrap().len()), (&3.into(), 1));
    assert_eq!(terminal.json(&["show", id])["attachments"].as_array().unwrap().len(), 3);

    terminal.file("photos/d.jpg", jpeg(4));
    let again = terminal.json(&["import", "photos"]);
    let second = terminal.json(&["show", again["id"].as_str().unwrap()]);
    assert_eq!(second["attachments"].as_array().unwrap().len(), 1, "only what is new");
    assert_eq!(second["attachments"][0]["name"], "d.jpg");

    let nothing = terminal.json(&["import", "photos"]);
    assert_eq!((&nothing["id"], &nothing["duplicates"]), (&Value::Null, &4.into()));
    assert_eq!(terminal.json(&["list"]).as_array().unwrap().len(), 2);
}

#[test]
fn the_same_picture_under_two_names_is_stored_and_posted_once() {
    let terminal = Terminal::new();
    terminal.file("photos/a.jpg", jpeg(1));
    terminal.file("photos/copy.jpg", jpeg(1));
    let report = terminal.json(&["import", "photos"]);
    let post = terminal.json(&["show", report["id"].as_str().unwrap()]);
    assert_eq!(post["attachments"].as_array().unwrap().len(), 1);
}

#[test]
fn an_import_can_go_into_a_post() {
    let terminal = Terminal::new();
    terminal.file("a.jpg", jpeg(1));
    terminal.file("b.jpg", jpeg(2));
    let id = terminal.post(&["--en", "Walk", "--media", "a.jpg"]);
    let report = terminal.json(&["import", "--into", &id, "a.jpg", "b.jpg"]);
    assert_eq!(report["id"], id.as_str());
    let post = terminal.json(&["show", &id]);
    assert_eq!(post["sides"]["en"]["body"], "Walk");
    assert_eq!(post["attachments"].as_array().unwrap().len(), 2, "what is there already is not added again");
}

#[test]
fn more_files_than_fit_into_a_post_become_several() {
    let terminal = Terminal::new();
    for number in 0..201 {
        terminal.file(&format!("notes/{number:03}.txt"), format!("note {number}"));
    }
    let report = terminal.json(&["import", "notes"]);
    let counts: Vec<usize> = report["posts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| terminal.json(&["show", id.as_str().unwrap()])["attachments"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [200, 1]);
}

#[test]
fn originals_come_out_byte_for_byte() {
    let terminal = Terminal::new();
    terminal.file("one/外滩.jpg", jpeg(1));
    terminal.file("two/外滩.jpg", jpeg(2));
    let id = terminal.post(&["--media", "one/外滩.jpg", "--media", "two/外滩.jpg"]);
    let written = terminal.json(&["media", &id, "--out", "out/deep"]);
    let files = written["files"].as_array().unwrap();
    assert_eq!(files.len(), 2, "two files of one name do not overwrite each other");
    for (file, seed) in files.iter().zip([1, 2]) {
        assert_eq!(std::fs::read(file["path"].as_str().unwrap()).unwrap(), jpeg(seed));
    }
}

#[test]
fn one_bad_file_never_stops_the_rest() {
    let terminal = Terminal::new();
    let whole = jpeg(1);
    terminal.file("in/good.jpg", &whole);
    terminal.file("in/cut.jpg", whole.get(..whole.len() / 2).unwrap());
    terminal.file("in/bomb.png", png_bomb());
    terminal.file("in/text.mp4", "not a clip at all");
    terminal.file("in/empty.jpg", "");
    let (said, report) = terminal.run_json(&["import", "in"]);
    assert_eq!(said.code, Some(1), "a file failed: {said:?}");
    assert!(said.err.contains("empty.jpg"), "it is named: {said:?}");
    assert!(!said.err.contains("panicked"), "{said:?}");
    assert_eq!((&report["added"], &report["failed"]), (&4.into(), &1.into()), "what cannot be shown is kept: {report}");
    let post = terminal.json(&["show", report["id"].as_str().unwrap()]);
    let problem = |name: &str| {
        let files = post["attachments"].as_array().unwrap();
        files.iter().find(|file| file["name"] == name).unwrap()["problem"].clone()
    };
    assert_eq!(problem("good.jpg"), Value::Null);
    assert_eq!(problem("bomb.png"), "too_large");
    assert_ne!(problem("text.mp4"), Value::Null, "it says why there is no picture");
    terminal.expect_clean();
}

#[test]
fn a_folder_comes_in_without_what_file_managers_leave_and_with_names_as_others_spell_them() {
    let terminal = Terminal::new();
    for name in ["in/.DS_Store", "in/._x.jpg", "in/Thumbs.db", "in/desktop.ini", "in/.git/config"] {
        terminal.file(name, "left by a system");
    }
    // As macOS may hand it over: the letter, then its accent.
    terminal.file("in/cafe\u{301}.jpg", jpeg(1));
    let report = terminal.json(&["import", "in"]);
    let post = terminal.json(&["show", report["id"].as_str().unwrap()]);
    let names: Vec<_> = post["attachments"].as_array().unwrap().iter().map(|file| &file["name"]).collect();
    assert_eq!(names, ["caf\u{e9}.jpg"]);
}

#[test]
fn a_post_is_not_saved_without_a_file_it_names() {
    let terminal = Terminal::new();
    terminal.file("a.jpg", jpeg(1));
    terminal.file("empty.jpg", "");
    terminal.run(&["post", "--en", "x", "--media", "a.jpg", "--media", "missing.jpg"]).expect_error("missing.jpg");
    terminal.run(&["post", "--en", "x", "--media", "empty.jpg"]).expect_error("empty.jpg");
    terminal.run(&["post", "--en", "x", "--media", "."]).expect_error("folder");
    assert_eq!(terminal.json(&["list"]).as_array().unwrap().len(), 0);
    let report = terminal.json(&["import", "a.jpg"]);
    assert!(report["id"].is_string(), "a file that came in before the failure can still be posted: {report}");
}

#[test]
fn long_chinese_names_are_kept_or_refused_clearly() {
    let terminal = Terminal::new();
    // 84 characters are the most that fit into the 255 bytes of most file systems on Linux.
    let long = format!("{}.jpg", "长".repeat(83));
    terminal.file(&long, jpeg(1));
    let id = terminal.post(&["--media", &long]);
    let post = terminal.json(&["show", &id]);
    assert_eq!(post["attachments"][0]["name"], long.as_str());
    let written = terminal.json(&["media", &id, "--out", "out"]);
    assert_eq!(std::fs::read(written["files"][0]["path"].as_str().unwrap()).unwrap(), jpeg(1));
    let (said, value) = terminal.run_json(&["post", "--media", &format!("{}.jpg", "名".repeat(260))]);
    said.expect_error("名名名");
    assert_eq!(value["error"]["code"], "file_missing", "no disk failed: there can be no such file");
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let terminal = Terminal::new();
    terminal.file("in/closed/a.jpg", jpeg(1));
    terminal.file("in/b.jpg", jpeg(2));
    let closed = terminal.path("in/closed");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    let is_root = std::fs::read_dir(&closed).is_ok();
    let (said, report) = terminal.run_json(&["import", "in"]);
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o755)).unwrap();
    // The superuser is let in everywhere; then both files come.
    if is_root {
        assert_eq!(report["added"], 2);
    } else {
        assert_eq!((said.code, &report["added"], &report["failed"]), (Some(1), &1.into(), &1.into()), "{said:?}");
        assert!(said.err.contains("closed"), "{said:?}");
    }
}

/// Asks a running program to stop, as Ctrl-C does.
#[cfg(unix)]
#[test]
fn a_cancelled_import_keeps_what_is_done() {
    use std::process::{Command, Stdio};
    let terminal = Terminal::new();
    for number in 0..12 {
        // Large enough that the program cannot be done before it is asked to stop.
        terminal.file(&format!("in/{number:02}.bin"), vec![number; 8 << 20]);
    }
    let mut command = terminal.command();
    command.args(["--json", "import", "in"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let media = terminal.journal().join("media.db");
    while std::fs::metadata(&media).map_or(0, |facts| facts.len()) < 1 << 20 {
        std::thread::yield_now();
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON value");
    assert_eq!(report["cancelled"], true, "{report}");
    let kept = report["added"].as_u64().unwrap();
    assert_eq!(kept + report["skipped"].as_u64().unwrap(), 12, "{report}");
    let again = terminal.json(&["import", "in"]);
    assert_eq!(again["added"], 12 - kept, "the rest comes the next time, nothing comes twice: {again}");
    terminal.expect_clean();
}

#[test]
fn a_journal_does_not_swallow_itself() {
    let terminal = Terminal::new();
    terminal.post(&["--en", "x"]);
    terminal.file("a.jpg", jpeg(1));
    let report = terminal.json(&["import", "."]);
    assert_eq!(report["files"].as_array().unwrap().len(), 1, "the journal lies in this folder, too: {report}");
    let (said, _) = terminal.run_json(&["import", "journal/media.db"]);
    said.expect_error("media.db");
}
