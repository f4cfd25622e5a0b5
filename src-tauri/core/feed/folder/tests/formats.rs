//! What readers get: valid formats, both languages, nothing that was not to leave.

use super::*;
use serde_json::Value;

/// Posts of every shape, some of them hostile.
fn shapes() -> Vec<Arc<Intent>> {
    let hostile = "]]></content><script>alert(1)</script>\u{0}\u{1b}[31m &amp; \u{202e}txt \"' 茶👨‍👩‍👧";
    let mut attacked = intent(2, 1, Audience::Published);
    for side in attacked.content.sides.values_mut() {
        *side = Side { title: hostile.into(), body: format!("{hostile}\n\n{hostile}") };
    }
    attacked.content.topics = vec![hostile.into()];
    let mut wordless = with_media(intent(3, 1, Audience::Published), vec![photo(1)]).as_ref().clone();
    wordless.content.sides.clear();
    let mut untitled = intent(4, 1, Audience::Published);
    untitled.content.sides =
        BTreeMap::from([(Lang::zh_hans(), Side { title: String::new(), body: "只有正文".into() })]);
    let mut ancient = intent(5, 1, Audience::Published);
    ancient.content.moment.at = Timestamp::from_millis(i64::MIN);
    let file = OutgoingMedia {
        kind: MediaKind::File,
        mime: "application/pdf".into(),
        extension: "../pdf".into(),
        name: "<作业>.pdf".into(),
        ..photo(7)
    };
    let subtitled = OutgoingMedia { subtitles: vec![Lang::zh_hans(), Lang::en()], ..clip(8) };
    vec![
        with_media(intent(1, 1, Audience::Published), vec![photo(1), clip(2)]),
        with_media(attacked, vec![file]),
        Arc::new(wordless),
        Arc::new(untitled),
        Arc::new(ancient),
        with_media(intent(6, 1, Audience::Published), vec![subtitled]),
        Arc::new(Intent { with_place: true, ..intent(7, 1, Audience::Draft) }),
    ]
}

async fn written(base_url: Option<&str>) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    feed(root.path());
    let face = Face { base_url: base_url.map(str::to_owned), ..face() };
    let feed = FolderFeed::new(FeedId::from_uuid(id(9)), root.path(), face);
    for intent in shapes() {
        feed.create(&intent, &out()).await.unwrap();
    }
    feed.settle().await.unwrap();
    root
}

fn read(root: &Path, path: &str) -> String {
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn item(root: &Path, post: u128) -> Value {
    let feed: Value = serde_json::from_str(&read(root, "published/feed.json")).unwrap();
    let urn = format!("urn:uuid:{}", post_id(post));
    feed["items"].as_array().unwrap().iter().find(|item| item["id"] == urn.as_str()).unwrap().clone()
}

#[tokio::test]
async fn the_feeds_are_valid_whatever_the_posts_say() {
    for base_url in [None, Some("https://example.com/boat/")] {
        let root = written(base_url).await;
        for part in ["drafts", "published"] {
            let json = std::fs::read(root.path().join(part).join("feed.json")).unwrap();
            assert_eq!(valid::json_feed(&json), Vec::<String>::new(), "{part}, {base_url:?}");
            let xml = std::fs::read(root.path().join(part).join("atom.xml")).unwrap();
            assert_eq!(valid::atom(&xml), Vec::<String>::new(), "{part}, {base_url:?}");
        }
    }
    let empty = tempfile::tempdir().unwrap();
    feed(empty.path()).settle().await.unwrap();
    let xml = std::fs::read(empty.path().join("published/atom.xml")).unwrap();
    assert_eq!(valid::atom(&xml), Vec::<String>::new(), "a feed without posts too");
}

#[tokio::test]
async fn an_item_holds_both_languages_and_its_files() {
    let root = written(None).await;
    let item = item(root.path(), 1);
    assert_eq!(item["title"], "小船 · A small boat");
    assert_eq!(item["date_published"], "2025-01-07T16:40:00+08:00");
    assert_eq!(item["tags"], serde_json::json!(["船", "travel"]));
    let html = item["content_html"].as_str().unwrap();
    for expected in [
        "<section lang=\"zh-Hans\" dir=\"auto\"><h2 dir=\"auto\">小船</h2>",
        "<section lang=\"en\" dir=\"auto\"><h2 dir=\"auto\">A small boat</h2>",
        "alt=\"一条小船\" lang=\"zh-Hans\"",
        "<span lang=\"en\" dir=\"auto\">A small &quot;boat&quot;</span>",
        "Line<br>break &lt;b&gt; &amp; <a href=\"https://a.example/x\" rel=\"noopener noreferrer\">https://a.example/x</a>.",
    ] {
        assert!(html.contains(expected), "{expected} in {html}");
    }
    let files = item["attachments"].as_array().unwrap();
    assert_eq!(files[1]["mime_type"], "video/mp4");
    assert_eq!(files[1]["duration_in_seconds"], 12.5);
    for file in files {
        let path = root.path().join("published").join(file["url"].as_str().unwrap());
        assert_eq!(std::fs::metadata(path).unwrap().len(), file["size_in_bytes"].as_u64().unwrap());
    }
    let atom = read(root.path(), "published/atom.xml");
    assert!(
        atom.contains("lang=&quot;zh-Hans&quot;") && atom.contains("lang=&quot;en&quot;"),
        "both sides, each with its language"
    );
    assert!(atom.contains("rel=\"enclosure\" type=\"video/mp4\""));
}

#[tokio::test]
async fn coordinates_never_leave_and_the_place_only_when_it_is_wanted() {
    let root = written(None).await;
    let mut folders = vec![root.path().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = String::from_utf8(std::fs::read(&path).unwrap()).unwrap();
            assert!(!text.contains("30.2431") && !text.contains("120.15"), "{}", path.display());
            let may_name = path.strip_prefix(root.path()).unwrap().starts_with("drafts");
            assert!(may_name || !text.contains("西湖"), "{}", path.display());
        }
    }
    assert!(read(root.path(), &format!("drafts/posts/{}/index.html", post_id(7))).contains("📍 西湖"));
}

#[tokio::test]
async fn no_text_of_a_post_becomes_markup() {
    let root = written(None).await;
    let page = read(root.path(), &format!("published/posts/{}/index.html", post_id(2)));
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
    assert!(!page.contains('\u{0}') && !page.contains('\u{1b}'));
    let media = root.path().join(format!("published/posts/{}/media", post_id(2)));
    assert_eq!(file_names(&media), [format!("{}.pdf", asset(7))], "a file's ending cannot lead out of its folder");
    for path in ["published/index.html", "published/atom.xml"] {
        assert!(!read(root.path(), path).contains("<script"), "{path}");
    }
}

#[tokio::test]
async fn a_page_switches_languages_without_a_script_and_loads_nothing_from_elsewhere() {
    let root = written(None).await;
    let page = read(root.path(), &format!("published/posts/{}/index.html", post_id(1)));
    assert!(page.contains("Content-Security-Policy") && page.contains("default-src 'none'"));
    assert!(page.contains("id=\"show-zh\"") && page.contains("id=\"show-other\""));
    assert!(page.contains(&format!("src=\"media/{}.jpg\"", asset(1))), "files are beside the page");
    assert!(page.contains(&format!("poster=\"media/{}.poster.jpg\"", asset(2))));
    assert!(!page.contains("<track"), "without subtitles there are none");
    let alone = read(root.path(), &format!("published/posts/{}/index.html", post_id(4)));
    assert!(!alone.contains("show-zh"), "one language needs no switch");
    let subtitled = read(root.path(), &format!("published/posts/{}/index.html", post_id(6)));
    let track = format!(
        "<track kind=\"subtitles\" srclang=\"zh-Hans\" label=\"zh-Hans\" default src=\"media/{}.zh-Hans.vtt\">",
        asset(8)
    );
    assert!(subtitled.contains(&track), "{subtitled}");
}

#[tokio::test]
async fn a_public_address_makes_every_link_absolute() {
    let root = written(Some("https://example.com/boat")).await;
    let item = item(root.path(), 1);
    let base = format!("https://example.com/boat/posts/{}/", post_id(1));
    assert_eq!(item["url"], format!("{base}index.html"));
    assert_eq!(item["image"], format!("{base}media/{}.jpg", asset(1)));
    assert!(item["content_html"].as_str().unwrap().contains(&format!("src=\"{base}media/{}.mp4\"", asset(2))));
    let lies = read(root.path(), &format!("published/posts/{}/item.json", post_id(1)));
    assert!(!lies.contains("example.com/boat"), "the item itself stays as it is when the address changes");
}
