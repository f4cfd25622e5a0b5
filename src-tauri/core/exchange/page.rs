//! The parts of an export that people read: Markdown, and names of files. Data for programs is in `export`.

use crate::domain::{AssetId, Content, Revision};

/// Explains the folder to somebody who finds it in ten years.
pub(super) const README: &str = "\
# A Sampan journal, exported / 舢板日记导出

Everything the journal held, in files that any program can read. Begin with [index.md](index.md).
日记的全部内容，任何程序都能读取。请从 [index.md](index.md) 开始。

| file | what it holds |
|---|---|
| `sampan-export.json` | format, version, counts; `complete` is true when the export was finished |
| `posts/<id>.md` | the newest version of a post, for reading |
| `posts/<id>.json` | a post with every revision, oldest first; posts from the bin have `deleted_at` |
| `media/<hash>.<ext>` | an original photo, clip or file, byte for byte; the name is its BLAKE3 hash |
| `media.json` | every original with its media type and size |
| `feeds.json` | where posts were sent to; no passwords or tokens |

In `posts/<id>.json`: a revision's `content` has `sides` (title and body per BCP 47 language), `attachments` (`asset` is the
hash in `media/`, `alt` a text per language), `cover`, `topics`, `moment` (`at` in milliseconds since 1970 UTC, `zone` an IANA
zone or an offset) and `place` (WGS 84). All texts are UTF-8; bodies are plain text. Other times are RFC 3339.

`digest` tells whether a revision is as it was written: BLAKE3 in key derivation mode with the context
`sampan 2026-11 revision 1` over the post's id (16 bytes), the number of parents (64 bit, little endian), each parent's id (16
bytes), `created_at` in milliseconds (64 bit, little endian) and `content` as JSON without blanks, fields in the order they
stand in and maps sorted by key.
";

/// The beginning of the list of posts.
pub(super) const INDEX_HEAD: &str = "# Posts / 笔记\n\n";

/// A line of the list.
pub(super) fn index_line(revision: &Revision, is_deleted: bool) -> String {
    let content = &revision.content;
    let day = content.moment.to_zoned().strftime("%Y-%m-%d").to_string();
    let bin = if is_deleted { " (bin / 回收站)" } else { "" };
    format!("- {day} [{}](posts/{}.md){bin}\n", escaped(&headline(content)), revision.post)
}

/// A post for reading; `file` tells an original's file and whether it is a picture.
pub(super) fn post(revision: &Revision, is_deleted: bool, file: impl Fn(AssetId) -> Option<(String, bool)>) -> String {
    let content = &revision.content;
    let mut text = format!("# {}\n\n{}", escaped(&headline(content)), content.moment.to_rfc3339());
    if let Some(place) = content.place.as_ref().filter(|place| !place.name.is_empty()) {
        text.push_str(&format!(" · {}", escaped(&place.name)));
    }
    content.topics.iter().for_each(|topic| text.push_str(&format!(" · \\#{}", escaped(topic))));
    if is_deleted {
        text.push_str(" · bin / 回收站");
    }
    text.push_str("\n\n");
    for (lang, side) in &content.sides {
        text.push_str(&format!("## [{lang}] {}\n\n", escaped(&side.title)));
        // Two blanks before a line break keep it where the text is shown as Markdown.
        text.push_str(&escaped(&side.body).replace('\n', "  \n"));
        text.push_str("\n\n");
    }
    for attachment in &content.attachments {
        let alt: Vec<&str> = attachment.alt.values().map(String::as_str).collect();
        let label = if alt.is_empty() { attachment.name.clone() } else { alt.join(" / ") };
        let label = escaped(&label.replace('\n', " "));
        match file(attachment.asset) {
            Some((file, is_picture)) => {
                let mark = if is_picture { "!" } else { "" };
                text.push_str(&format!("{mark}[{label}](../{file})\n\n"));
            }
            None => text.push_str(&format!("{label} ({})\n\n", attachment.asset)),
        }
    }
    text
}

/// Where an original lies in the export.
pub(super) fn media_file(id: AssetId, mime: &str) -> String {
    format!("media/{id}.{}", extension(mime))
}

/// The usual extension of a media type.
fn extension(mime: &str) -> &'static str {
    match mime {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "image/gif" => "gif",
        "image/avif" => "avif",
        "image/heic" | "image/heif" => "heic",
        "image/tiff" => "tif",
        "image/svg+xml" => "svg",
        "video/mp4" => "mp4",
        "video/quicktime" => "mov",
        "video/webm" => "webm",
        "video/x-matroska" => "mkv",
        "application/pdf" => "pdf",
        "text/plain" => "txt",
        _ => "bin",
    }
}

fn headline(content: &Content) -> String {
    let titles: Vec<&str> = content.sides.values().map(|side| side.title.as_str()).filter(|t| !t.is_empty()).collect();
    if !titles.is_empty() {
        return titles.join(" / ");
    }
    let first_line = content.sides.values().find_map(|side| side.body.lines().find(|line| !line.trim().is_empty()));
    first_line.map_or_else(|| "—".to_owned(), |line| line.chars().take(60).collect())
}

/// Text that stays text in Markdown.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '!' => safe.extend(['\\', c]),
            _ => safe.push(c),
        }
    }
    safe
}
