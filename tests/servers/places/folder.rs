//! A folder that somebody with an editor looks at.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use sampan_core::api::types::FeedKind;
use serde_json::Value;

use super::{Door, Item, Place, Planted, text, with_mark};
use crate::http::{Answer, Request};

/// A folder.
pub struct Folder(Door);

impl Folder {
    pub fn at(path: &Path) -> Self {
        Self(Door { url: path.display().to_string(), user: String::new(), secret: String::new() })
    }

    fn root(&self) -> &Path {
        Path::new(&self.0.url)
    }

    fn item_file(&self, item: &Item) -> PathBuf {
        self.root().join(&item.id).join("item.json")
    }
}

#[async_trait]
impl Place for Folder {
    fn name(&self) -> &'static str {
        "folder"
    }

    fn kind(&self) -> FeedKind {
        FeedKind::Folder
    }

    fn door(&self) -> &Door {
        &self.0
    }

    /// The disk may be another one.
    fn says_gone(&self) -> bool {
        false
    }

    async fn items(&self, mark: &str) -> Vec<Item> {
        let mut items = Vec::new();
        for area in ["drafts", "published"] {
            let posts = std::fs::read_dir(self.root().join(area).join("posts")).into_iter().flatten().flatten();
            let bytes = posts.filter_map(|post| std::fs::read(post.path().join("item.json")).ok());
            items.extend(bytes.map(|bytes| item(area, &serde_json::from_slice(&bytes).unwrap())));
        }
        with_mark(items.into_iter(), mark)
    }

    /// Nobody does: a folder feed is written by one journal.
    async fn plant(&self, _: &Planted) {}

    async fn edit(&self, item: &Item, from: &str, to: &str) {
        let file = self.item_file(item);
        let json = std::fs::read_to_string(&file).unwrap();
        assert!(json.contains(from), "{from} in {json}");
        std::fs::write(file, json.replace(from, to)).unwrap();
    }

    async fn remove(&self, item: &Item) {
        std::fs::remove_dir_all(self.root().join(&item.id)).unwrap();
    }

    async fn download(&self, url: &str) -> Vec<u8> {
        std::fs::read(self.root().join(url)).unwrap()
    }

    fn emptied(&self, _: &Request, _: bool) -> Option<Answer> {
        None
    }
}

fn item(area: &str, entry: &Value) -> Item {
    let files = entry["attachments"].as_array().into_iter().flatten();
    let sides = entry["_sampan"]["sides"].as_object().into_iter().flatten();
    Item {
        id: format!("{area}/posts/{}", text(&entry["id"]).trim_start_matches("urn:uuid:")),
        url: text(&entry["url"]),
        public: area == "published",
        text: text(&entry["content_html"]),
        langs: sides.map(|(lang, _)| lang.clone()).collect(),
        files: files.map(|file| format!("{area}/{}", text(&file["url"]))).collect(),
    }
}
