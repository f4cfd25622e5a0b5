//! The whole first journey: a bilingual post with photos, written offline, found again, landing in a feed once, leaving nothing
//! unseen behind.

use std::path::Path;

use serde_json::json;

use crate::support::{Terminal, feed_items, jpeg};

#[test]
fn a_post_written_offline_is_found_again_and_lands_in_the_feed() {
    let terminal = Terminal::new();
    let photos: Vec<Vec<u8>> = (1..=6).map(jpeg).collect();
    for (number, photo) in photos.iter().enumerate() {
        terminal.file(&format!("photos/{number}.jpg"), photo);
    }
    terminal.json(&["feed", "add", "folder", "disk/feed", "--name", "Family"]);
    std::fs::rename(terminal.path("disk"), terminal.path("unplugged")).unwrap();

    let id = terminal.post(&[
        "--zh-title",
        "外滩",
        "--zh",
        "今天的云很低。",
        "--en-title",
        "The Bund",
        "--en",
        "Low clouds today.",
    ]);
    terminal.json(&["import", "photos", "--into", &id]);
    terminal.json(&["edit", &id, "--on", "1", "--alt-zh", "云", "--alt-en", "Clouds", "--cover", "2"]);
    assert_eq!(
        terminal.run(&["send", &id, "--to", "family", "--publish"]).code,
        Some(2),
        "offline is a state, not an error"
    );

    let post = terminal.json(&["show", &id]);
    assert_eq!(post["attachments"].as_array().unwrap().len(), 6);
    assert_eq!(terminal.json(&["search", "云"])[0]["id"], id.as_str());

    std::fs::rename(terminal.path("unplugged"), terminal.path("disk")).unwrap();
    terminal.json(&["sync"]);
    terminal.json(&["sync"]);
    let items = feed_items(&terminal.path("disk/feed"), "published");
    assert_eq!(items.len(), 1, "once");
    let item = items[0].to_string();
    for text in ["今天的云很低。", "Low clouds today.", "Clouds"] {
        assert!(item.contains(text), "{text}: {item}");
    }
    let media = terminal.path("disk/feed/published/posts").join(&id).join("media");
    assert_eq!(files(&media), 6, "the photos lie beside it");

    let written = terminal.json(&["media", &id, "--out", "originals"]);
    for (file, photo) in written["files"].as_array().unwrap().iter().zip(&photos) {
        assert_eq!(&std::fs::read(file["path"].as_str().unwrap()).unwrap(), photo, "originals stay as they came");
    }
    assert_eq!(terminal.json(&["outbox"])[0]["state"], json!("synced"));
    terminal.expect_clean();
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).map(Iterator::count).unwrap_or(0)
}
