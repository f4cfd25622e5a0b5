//! Feeds on the network from a terminal, as far as no network is needed: secrets, addresses, choices.

use std::io::{Read, Write};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::support::Terminal;

#[test]
fn a_variable_that_is_not_set_is_named() {
    let terminal = Terminal::new();
    let words = ["feed", "add", "wordpress", "127.0.0.1:9", "--user", "li", "--secret-env", "SAMPAN_TEST_NO_SUCH"];
    let (said, value) = terminal.run_json(&words);
    assert_eq!((said.code, &value["error"]["subject"]), (Some(1), &json!("SAMPAN_TEST_NO_SUCH")), "{said:?}");
}

#[test]
fn a_password_that_nobody_gave_is_asked_for() {
    let terminal = Terminal::new();
    let (said, value) = terminal.run_json(&["feed", "add", "wordpress", "127.0.0.1:9", "--user", "li"]);
    assert_eq!((said.code, &value["error"]["code"]), (Some(1), &json!("sign_in_needed")), "{said:?}");
}

#[test]
fn a_token_that_is_piped_is_used_and_no_browser_is_waited_for() {
    let terminal = Terminal::new();
    for (kind, announced) in [("micropub", &["--token-stdin"][..]), ("micropub", &[]), ("mastodon", &[])] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let site = format!("http://{}/", listener.local_addr().unwrap());
        let (tell, heard) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            listener.incoming().for_each(|visit| tell.send(answered(visit.unwrap())).unwrap_or(()))
        });
        let add = [&["feed", "add", kind, &site, "--keep", "session"], announced].concat();
        terminal.run_with_input(&add, b"token-at-hand\r\n");
        let heard: Vec<String> = heard.try_iter().collect();
        assert!(heard.iter().any(|request| request.contains("earer token-at-hand\r\n")), "{kind}: {heard:?}");
    }
}

#[test]
fn a_standard_input_that_stays_open_is_not_waited_for_where_one_signs_in_in_the_browser() {
    let terminal = Terminal::new();
    for kind in ["micropub", "mastodon"] {
        let mut command = terminal.command();
        command.args(["--json", "feed", "add", kind, "http://127.0.0.1:9/"]).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Held open until the program has ended.
        let input = child.stdin.take().unwrap();
        let (tell, ended) = std::sync::mpsc::channel();
        std::thread::spawn(move || tell.send(child.wait_with_output()));
        let said = ended.recv_timeout(Duration::from_secs(60)).expect("it waits for a line").unwrap();
        drop(input);
        let value: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
        assert!(value["error"]["code"].is_string(), "{kind}: {value}");
    }
}

#[test]
fn a_socks_proxy_is_spoken_to_in_its_own_language() {
    let terminal = Terminal::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("socks5h://{}", listener.local_addr().unwrap());
    let (tell, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for visit in listener.incoming() {
            let mut version = [0];
            visit.unwrap().read_exact(&mut version).unwrap();
            tell.send(version[0]).unwrap();
        }
    });
    let mut command = terminal.command();
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"] {
        command.env_remove(name);
    }
    command.env("ALL_PROXY", proxy).args(["feed", "discover", "https://blog.example"]).output().unwrap();
    assert_eq!(heard.try_recv(), Ok(5), "the version stands first");
}

#[test]
fn a_feed_that_wants_a_sign_in_ends_every_command_alike() {
    let terminal = Terminal::new();
    let posts = ["Clouds", "Fog"].map(|text| terminal.post(&["--en", text]));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let site = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().for_each(|visit| _ = answered(visit.unwrap())));
    let mut add = terminal.command();
    add.args(["feed", "add", "micropub", &site, "--token-env", "SAMPAN_TEST_TOKEN"]).env("SAMPAN_TEST_TOKEN", "t");
    assert_eq!(add.output().unwrap().status.code(), Some(0));
    let [first, second] = posts.each_ref().map(|id| ["send", id, "--to", "micropub", "--publish"]);
    let commands: [&[&str]; 5] = [&first, &second, &["feed", "test", "micropub"], &["sync", "--once"], &["outbox"]];
    assert_eq!(commands.map(|words| terminal.run(words).code), [Some(3); 5], "the variable is not set");
}

#[test]
fn what_did_not_arrive_is_sent_at_once() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "Clouds"]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let site = format!("http://{}/", listener.local_addr().unwrap());
    let is_up = Arc::new(AtomicBool::new(true));
    let ((tell, heard), answers) = (std::sync::mpsc::channel(), Arc::clone(&is_up));
    std::thread::spawn(move || {
        let up = listener.incoming().map(Result::unwrap).filter(|_| answers.load(Ordering::Relaxed));
        up.for_each(|visit| tell.send(answered(visit)).unwrap_or(()))
    });
    let run = |words: &[&str]| {
        let mut command = terminal.command();
        let said = command.args(words).env("SAMPAN_TEST_TOKEN", "t").output().unwrap();
        (said.status.code(), String::from_utf8_lossy(&said.stdout).into_owned())
    };
    assert_eq!(run(&["feed", "add", "micropub", &site, "--token-env", "SAMPAN_TEST_TOKEN"]).0, Some(0));
    is_up.store(false, Ordering::Relaxed);
    assert_eq!(run(&["send", &id, "--to", "micropub", "--publish"]).0, Some(2));
    let copy = terminal.path("copy");
    std::fs::create_dir(&copy).unwrap();
    for entry in std::fs::read_dir(terminal.journal()).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    let copy = copy.to_str().unwrap();
    assert_eq!(run(&["outbox", "--journal", copy]).0, Some(3), "the other copy may have sent it");
    is_up.store(true, Ordering::Relaxed);
    assert_eq!(heard.try_iter().filter(|request| request.starts_with("POST")).count(), 0);
    let (code, said) = run(&["--json", "arrived", &id, "--feed", "micropub", "--no", "--journal", copy]);
    let delivery: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &delivery["state"]), (Some(0), &json!("synced")), "{said}");
    assert_eq!(heard.try_iter().filter(|request| request.starts_with("POST")).count(), 1);
}

/// Answers a request as a site of either kind might, and tells what it said.
fn answered(mut visit: std::net::TcpStream) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if visit.read(&mut byte).unwrap() == 0 {
            break;
        }
        request.extend(byte);
    }
    let request = String::from_utf8(request).unwrap();
    if request.starts_with("POST") {
        let length = request.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        visit.read_exact(&mut body).unwrap();
        visit
            .write_all(b"HTTP/1.1 201 Created\r\nLocation: /1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .unwrap();
        return request;
    }
    let (kind, body) = match request.split(' ').nth(1) {
        Some("/") => ("text/html", "<link rel=\"micropub\" href=\"/post\"><title>A site</title>"),
        Some(path) if path.contains("instance") => {
            ("application/json", r#"{"uri":"a.example","title":"A","version":"4.2.0"}"#)
        }
        _ => ("application/json", "{}"),
    };
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close", body.len());
    visit.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).unwrap();
    request
}

#[test]
fn no_password_travels_in_the_clear_unless_the_user_says_so() {
    let terminal = Terminal::new();
    let add = ["feed", "add", "wordpress", "http://0.0.0.0:9", "--user", "li", "--keep", "session"];
    let said = terminal.run_with_input(&add, b"pw-canary-1\n");
    said.expect_error("plain http");
    assert!(!format!("{said:?}").contains("canary"), "it is not shown either: {said:?}");
}

#[test]
fn what_is_no_address_is_no_feed() {
    let terminal = Terminal::new();
    for address in ["", "@", "file:///etc/passwd", "https://"] {
        let (said, value) = terminal.run_json(&["feed", "discover", address]);
        assert_eq!((said.code, &value["error"]["code"]), (Some(1), &json!("no_feed_there")), "{address}: {said:?}");
    }
}

#[test]
fn choices_for_a_feed_stay() {
    let terminal = Terminal::new();
    terminal.json(&["feed", "add", "folder", "out"]);
    let set = terminal.json(&["feed", "set", "folder", "--languages", "linked", "--long-text", "split"]);
    assert_eq!((&set["options"]["languages"], &set["options"]["long_text"]), (&json!("linked"), &json!("split")));
    let set = terminal.json(&["feed", "set", "folder", "--topics", "categories", "--visibility", "unlisted"]);
    assert_eq!((&set["options"]["languages"], &set["options"]["visibility"]), (&json!("linked"), &json!("unlisted")));
    assert_eq!(terminal.json(&["feed", "limits", "folder"])["limits"]["drafts"], true);
    let (said, _) = terminal.run_json(&["feed", "set", "folder", "--languages", "sideways"]);
    assert_eq!(said.code, Some(1), "{said:?}");
}

#[test]
fn a_choice_has_to_be_made() {
    let terminal = Terminal::new();
    let id = terminal.post(&["--en", "x"]);
    for words in [
        &["resolve", &id][..],
        &["resolve", &id, "--ours", "--theirs"],
        &["resolve", &id, "--take", "soul"],
        &["arrived", &id, "--feed", "folder"],
        &["arrived", &id, "--feed", "folder", "--no", "--yes", "https://blog.example/1"],
        &["remote", "adopt", "folder"],
        &["send", &id, "--to", "folder", "--at", "2030-01-01T00:00:00Z"],
    ] {
        let (said, value) = terminal.run_json(words);
        assert_eq!((said.code, &value["error"]["code"]), (Some(1), &json!("bad_input")), "{words:?}: {said:?}");
    }
}
