//! Keeping a journal safe from a terminal: check, backup, export.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};

use serde_json::{Value, json};

use crate::support::{Terminal, jpeg};

/// A journal with a post of two versions and a photo, and one in the bin.
fn filled() -> (Terminal, String) {
    let terminal = Terminal::new();
    terminal.file("a.jpg", jpeg(1));
    let id = terminal.post(&["--zh", "云", "--media", "a.jpg"]);
    terminal.json(&["edit", &id, "--en", "Clouds"]);
    let gone = terminal.post(&["--en", "Gone"]);
    terminal.json(&["delete", &gone]);
    (terminal, id)
}

#[test]
fn check_names_an_original_that_changed_on_the_disk() {
    let (terminal, id) = filled();
    terminal.expect_clean();
    let asset = terminal.json(&["show", &id])["attachments"][0]["asset"].clone();
    let path = terminal.journal().join("media.db");
    let mut file = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    let photo = jpeg(1);
    let needle = photo.get(photo.len() - 40..photo.len() - 8).unwrap();
    let at = bytes.windows(needle.len()).position(|window| window == needle).expect("originals lie there as they came");
    file.seek(SeekFrom::Start(at as u64)).unwrap();
    file.write_all(&[bytes[at] ^ 1]).unwrap();
    drop(file);

    let (said, report) = terminal.run_json(&["check"]);
    assert_eq!((said.code, &report["clean"]), (Some(1), &json!(false)), "{said:?}");
    assert_eq!((&report["faults"][0]["kind"], &report["faults"][0]["item"]), (&json!("media"), &asset));
}

#[test]
fn a_backup_is_a_whole_journal() {
    let (terminal, id) = filled();
    terminal.json(&["backup", "copy"]);
    let copy = ["--journal", "copy"];
    let said = terminal.run(&[&copy[..], &["show", &id]].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.out, terminal.run(&["show", &id]).out);
    assert_eq!(terminal.json(&[&copy[..], &["check"]].concat())["clean"], true);
    terminal.json(&["backup", "copy"]);
    terminal.json(&["--journal", "other", "list"]);
    let (said, value) = terminal.run_json(&["backup", "other"]);
    assert_eq!((said.code, &value["error"]["code"]), (Some(1), &json!("folder_not_empty")), "{said:?}");
}

#[test]
fn an_export_holds_everything_in_open_files() {
    let (terminal, id) = filled();
    let report = terminal.json(&["export", "out"]);
    assert_eq!((&report["posts"], &report["originals"]), (&json!(2), &json!(1)), "the bin leaves, too: {report}");
    let read = |name: String| -> Value { serde_json::from_slice(&fs::read(terminal.path(&name)).unwrap()).unwrap() };
    let post = read(format!("out/posts/{id}.json"));
    assert_eq!(post["revisions"].as_array().unwrap().len(), 2);
    assert_eq!(post["revisions"][1]["content"]["sides"]["en"]["body"], "Clouds");
    let media = read("out/media.json".into());
    let file = media[0]["file"].as_str().unwrap();
    assert_eq!(fs::read(terminal.path("out").join(file)).unwrap(), jpeg(1), "byte for byte");
    assert_eq!(read("out/sampan-export.json".into())["complete"], true);
    assert_eq!(terminal.json(&["export", "out"]), report, "again into the same folder");
    terminal.file("full/mine.txt", "mine");
    let (said, value) = terminal.run_json(&["export", "full"]);
    assert_eq!((said.code, &value["error"]["code"]), (Some(1), &json!("folder_not_empty")), "{said:?}");
}
