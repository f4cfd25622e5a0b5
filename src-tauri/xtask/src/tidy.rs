//! The rules of ARCHITECTURE.md that no compiler checks, each with the sentence that a person sees when it is broken.

use std::{collections::BTreeSet, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::repository::{output, program, root};

/// Checks every file that git knows or would add; returns how many there were.
pub fn check() -> Result<u32> {
    // A checkout may belong to another user than the one who tests it, as in some build machines.
    let listing = output(program("git").args(["-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard"]))?;
    let mut faults = Vec::new();
    let mut files = 0;
    for path in listing.lines() {
        // A file that git lists but that was deleted, or that is not text, has no rule.
        let Ok(text) = std::fs::read_to_string(root().join(path)) else {
            continue;
        };
        files += 1;
        faults.extend(faults_in(path, &text));
    }
    faults.extend(message_faults()?);
    if !faults.is_empty() {
        bail!("{} rules are broken:\n  {}", faults.len(), faults.join("\n  "));
    }
    Ok(files)
}

/// A rule about lines: where it holds, what must not be there, and why.
struct Rule {
    holds: fn(&str) -> bool,
    never: &'static [&'static str],
    reason: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        holds: |path| is_rust(path) && path.starts_with("src-tauri/core/"),
        never: &["tauri::", "tauri_", "use tauri"],
        reason: "the core never names the window's framework",
    },
    Rule {
        holds: |path| is_rust(path) && path.starts_with("src-tauri/core/") && !path.starts_with("src-tauri/core/store"),
        never: &["rusqlite", "\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE FROM ", "\"PRAGMA ", "\"CREATE TABLE"],
        reason: "SQL lives in core/store only",
    },
    Rule {
        holds: |path| is_rust(path) && path.starts_with("src-tauri/core/domain"),
        never: &["std::fs", "std::net", "tokio::", "SystemTime", "Instant::now", "Timestamp::now", "Zoned::now"],
        reason: "domain does no I/O and reads no clock",
    },
    Rule {
        holds: |path| is_rust(path) && path.starts_with("src-tauri/core/store"),
        never: &["crate::media", "crate::feed", "crate::sync", "crate::journal"],
        reason: "the store knows no media, no feed and nobody above it",
    },
    Rule {
        holds: |path| is_rust(path) && path.starts_with("src-tauri/core/media"),
        never: &["crate::store", "crate::feed", "crate::sync", "crate::journal"],
        reason: "media turns bytes into facts and renditions and knows no store, no feed and nobody above it",
    },
    Rule {
        holds: |path| is_rust(path) && path.starts_with("src-tauri/core/feed"),
        never: &["crate::store", "crate::media", "crate::sync", "crate::journal"],
        reason: "a feed adapter knows its protocol, no store, no media and nobody above it",
    },
    Rule {
        holds: |path| is_interface(path) && path != "ui/src/host/tauri.ts",
        never: &["@tauri-apps/api", "__TAURI"],
        reason: "the only door to Rust is ui/src/host/tauri.ts",
    },
    Rule {
        holds: is_interface,
        never: &["innerHTML", "outerHTML", "insertAdjacentHTML", "{@html", "eval("],
        reason: "text becomes elements through the framework only, so that no content can run",
    },
    Rule {
        holds: |path| (is_rust(path) || is_interface(path)) && !path.ends_with("tidy.rs"),
        never: &["TODO", "FIXME", "XXX"],
        reason: "unfinished work does not hide in comments",
    },
    Rule {
        holds: |path| !path.ends_with("tidy.rs"),
        never: &["/root/", "/home/runner", "/Users/runner", "C:\\Users\\"],
        reason: "no path of one machine belongs in the repository",
    },
];

fn faults_in(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if is_rust(path) && !text.starts_with("//!") {
        faults.push(format!("{path}:1: a Rust file opens with `//!` and says what it is and is not"));
    }
    if let Some(feature) = path.strip_prefix("ui/src/features/").and_then(|rest| rest.split('/').next()) {
        // The frame is what puts the screens together.
        let imports = text.lines().enumerate().filter(|(_, line)| feature != "frame" && line.contains("from '../"));
        for (number, line) in imports.filter(|(_, line)| !line.contains("from '../../")) {
            faults.push(format!("{path}:{}: `{}`: features never import each other", number + 1, line.trim()));
        }
    }
    for rule in RULES.iter().filter(|rule| (rule.holds)(path)) {
        for (number, line) in text.lines().enumerate() {
            if let Some(found) = rule.never.iter().find(|never| holds(line, never)) {
                faults.push(format!("{path}:{}: `{found}`: {}", number + 1, rule.reason));
            }
        }
    }
    faults
}

/// Whether a line holds a piece of text; a word in capitals counts only as a whole, since MASTODON holds one of them.
fn holds(line: &str, piece: &str) -> bool {
    let is_word = piece.chars().all(|c| c.is_ascii_uppercase());
    line.match_indices(piece).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        let after = line.get(at + piece.len()..).and_then(|after| after.chars().next());
        !is_word || [before, after].into_iter().flatten().all(|c| !c.is_ascii_alphabetic())
    })
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

fn is_interface(path: &str) -> bool {
    path.starts_with("ui/src/") && [".ts", ".svelte", ".html"].iter().any(|end| path.ends_with(end))
}

/// Every message exists in both languages and says something.
fn message_faults() -> Result<Vec<String>> {
    let folder = root().join("ui/messages");
    let [english, chinese] = ["en.json", "zh-CN.json"].map(|name| messages(folder.join(name)));
    Ok(compare_messages(&english?, &chinese?))
}

type Messages = serde_json::Map<String, serde_json::Value>;

fn messages(path: PathBuf) -> Result<Messages> {
    let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not a JSON object", path.display()))
}

fn compare_messages(english: &Messages, chinese: &Messages) -> Vec<String> {
    let [en, zh]: [BTreeSet<&String>; 2] = [english.keys().collect(), chinese.keys().collect()];
    let lacking = |keys: Vec<&&String>, language| {
        keys.into_iter().map(|key| format!("ui/messages: `{key}` has no text in {language}")).collect::<Vec<_>>()
    };
    let mut faults = lacking(en.difference(&zh).collect(), "zh-CN");
    faults.extend(lacking(zh.difference(&en).collect(), "en"));
    for (key, text) in english.iter().chain(chinese) {
        if text.as_str().is_some_and(|text| text.trim().is_empty()) {
            faults.push(format!("ui/messages: `{key}` is empty"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sql_outside_the_store_is_a_fault() {
        let text = "//! A feed.\nlet sql = \"SELECT 1\";\n";
        assert_eq!(faults_in("src-tauri/core/feed/folder.rs", text).len(), 1);
        assert!(faults_in("src-tauri/core/store/posts.rs", text).is_empty());
    }

    #[test]
    fn unfinished_work_is_a_word_of_its_own() {
        assert_eq!(faults_in("tests/it.rs", "//! Promises.\n// TODO: more\n").len(), 1);
        assert!(faults_in("tests/it.rs", "//! Promises.\nlet url = told(\"MASTODON_URL\");\n").is_empty());
    }

    #[test]
    fn a_rust_file_must_say_what_it_is() {
        assert_eq!(faults_in("tests/it.rs", "use std::fs;\n").len(), 1);
        assert!(faults_in("tests/it.rs", "//! Promises.\n").is_empty());
    }

    #[test]
    fn the_host_door_alone_may_import_the_framework() {
        let line = "import { invoke } from '@tauri-apps/api/core';";
        assert!(faults_in("ui/src/host/tauri.ts", line).is_empty());
        assert_eq!(faults_in("ui/src/features/post/Post.svelte", line).len(), 1);
    }

    #[test]
    fn a_feature_that_imports_another_is_a_fault() {
        let path = "ui/src/features/post/Post.svelte";
        assert_eq!(faults_in(path, "import Wall from '../journal/Wall.svelte';").len(), 1);
        assert!(faults_in(path, "import Button from '../../components/Button.svelte';").is_empty());
    }

    #[test]
    fn a_message_that_lacks_a_language_or_a_text_is_a_fault() {
        let map = |text| serde_json::from_str::<Messages>(text).unwrap();
        let faults = compare_messages(&map(r#"{"a": "x", "b": "y"}"#), &map(r#"{"a": " ", "c": "z"}"#));
        assert_eq!(faults.len(), 3, "{faults:?}");
    }
}
