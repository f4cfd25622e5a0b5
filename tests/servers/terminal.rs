//! Feeds on the network from a terminal, against a real WordPress: set up, sign in, send, sign out, and what the exit status says.

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use serde_json::{Value, json};

use crate::http::{Answer, Request};
use crate::places::{Place, WordPress};
use crate::proxy::Proxy;
use crate::support::{Said, Terminal};
use crate::told;

/// The variable that holds the password, as a user would name it.
const VARIABLE: &str = "SAMPAN_TEST_PASSWORD";

/// A terminal in which the variable is set.
struct Signed<'a>(&'a Terminal);

impl Signed<'_> {
    fn run(&self, words: &[&str]) -> (Said, Value) {
        let mut command = self.0.command();
        let password = told("SAMPAN_WORDPRESS_PASSWORD");
        let output = command.arg("--json").args(words).env(VARIABLE, password).stdin(Stdio::null()).output().unwrap();
        let said = Said::from(output);
        let value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("one JSON value expected: {said:?}"));
        (said, value)
    }
}

#[test]
fn a_feed_is_set_up_used_and_forgotten() {
    let (terminal, place) = (Terminal::new(), WordPress::told());
    let signed = Signed(&terminal);
    let (_, found) = signed.run(&["feed", "discover", place.server()]);
    assert_eq!((&found[0]["kind"], &found[0]["sign_in"]), (&json!("wordpress"), &json!("password")), "{found}");
    let add = ["feed", "add", "wordpress", place.server(), "--user", place.user(), "--secret-env", VARIABLE];
    let (said, feed) = signed.run(&add);
    assert_eq!((said.code, &feed["keep"]), (Some(0), &json!({"in": "environment", "name": VARIABLE})), "{said:?}");
    assert!(said.err.contains(VARIABLE), "it is said aloud that only the name is kept: {said:?}");
    let (said, twice) = signed.run(&add);
    assert_eq!((said.code, &twice["error"]["code"]), (Some(1), &json!("feed_exists")), "{said:?}");

    let id = terminal.post(&["--zh", "今天的云很低", "--en", "Low clouds"]);
    let (said, preview) = signed.run(&["preview", &id, "--to", "wordpress"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(preview["items"][0]["text"].as_str().unwrap().contains("Low clouds"), "{preview}");
    let (said, delivery) = signed.run(&["send", &id, "--to", "wordpress"]);
    assert_eq!((said.code, &delivery["state"]), (Some(0), &json!("synced")), "{said:?}");
    assert_eq!(delivery["receipt"]["known"], "draft");

    let other = terminal.post(&["--en", "Rain"]);
    let (said, delivery) = terminal.run_json(&["send", &other, "--to", "wordpress", "--publish"]);
    assert_eq!((said.code, &delivery["reason"]), (Some(3), &json!("signed_out")), "the variable is not set: {said:?}");
    assert!(said.err.contains(VARIABLE), "it is named: {said:?}");
    let (said, answer) = signed.run(&["sync", "--once", "--feed", "wordpress"]);
    assert_eq!((said.code, &answer["waiting"]), (Some(0), &json!(0)), "with it everything goes out: {said:?}");

    // Others write there too: both may lie on a later page.
    let (mut posts, mut page) = (Vec::new(), json!("1"));
    while let Some(number) = page.as_str() {
        let (_, mut listed) = signed.run(&["remote", "list", "wordpress", "--page", number]);
        posts.extend(listed["items"].as_array().unwrap().iter().map(|item| item["post"].clone()));
        page = listed["next"].take();
    }
    assert!(posts.contains(&json!(id)) && posts.contains(&json!(other)), "both are there, and ours: {posts:?}");
    assert_eq!(signed.run(&["pull"]).0.code, Some(0));
    assert_eq!(signed.run(&["conflicts"]).1, json!([]));
    assert_eq!(signed.run(&["feed", "sign-out", "wordpress"]).1["keep"], Value::Null);
    assert_eq!(signed.run(&["feed", "test", "wordpress"]).0.code, Some(3));
    assert_eq!(signed.run(&["feed", "remove", "wordpress"]).0.code, Some(0));
    crate::canary::expect_none(&terminal.path("."), place.user(), place.secret());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sync_goes_on_with_what_is_due_soon_and_once_does_not() {
    let (terminal, place) = (Terminal::new(), WordPress::told());
    let proxy = Proxy::before(place.server()).await;
    let signed = Signed(&terminal);
    let run = |words: &[&str]| tokio::task::block_in_place(|| signed.run(words));
    run(&["feed", "add", "wordpress", &proxy.url, "--user", place.user(), "--secret-env", VARIABLE]);
    let id = tokio::task::block_in_place(|| terminal.post(&["--en", "Hail"]));
    let busy = |times: usize| {
        let left = AtomicUsize::new(times);
        let answer = move |request: &Request| {
            let is_busy =
                request.method == "POST" && left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
            is_busy.then(|| Answer::json(429, "{}").with("Retry-After", "1"))
        };
        proxy.let_answer(Some(Box::new(answer)));
    };
    busy(usize::MAX);
    assert_eq!(run(&["send", &id, "--to", "wordpress"]).0.code, Some(2), "it waits");
    assert_eq!(run(&["sync", "--once"]).1["waiting"], json!(1), "tried a single time");
    busy(2);
    let (said, answer) = run(&["sync"]);
    assert_eq!((said.code, &answer["deliveries"][0]["state"]), (Some(0), &json!("synced")), "{said:?}");
}

#[test]
fn a_password_from_the_input_is_kept_where_the_user_says() {
    let (terminal, place) = (Terminal::new(), WordPress::told());
    let add = ["--json", "feed", "add", "wordpress", place.server(), "--user", place.user()];
    let nowhere = terminal.run_with_input(&add, place.secret().as_bytes());
    assert!(nowhere.out.contains("\"no_keychain\""), "nothing else is chosen silently: {nowhere:?}");
    let in_a_file = [&add[..], &["--keep", "file"]].concat();
    let refused = terminal.run_with_input(&in_a_file, b"not the password\n");
    assert!(refused.out.contains("\"sign_in_refused\""), "{refused:?}");
    let kept = terminal.run_with_input(&in_a_file, place.secret().as_bytes());
    assert_eq!(kept.code, Some(0), "{kept:?}");
    let id = terminal.post(&["--en", "Fog"]);
    assert_eq!(terminal.json(&["send", &id, "--to", "wordpress", "--publish"])["state"], "synced");
    terminal.json(&["send", &id, "--to", "wordpress", "--withdraw"]);
    terminal.json(&["feed", "remove", "wordpress"]);
    crate::canary::expect_none(&terminal.path("."), place.user(), place.secret());
}
