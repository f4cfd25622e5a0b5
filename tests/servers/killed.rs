//! The terminal program killed while it sends, at every request; and what becomes of a program that simply tries again, which
//! shows that the rest of these tests can fail.

use std::process::{Child, Stdio};
use std::sync::Arc;

use sampan_core::clock::TestClock;
use sampan_core::domain::DeliveryState;
use sampan_core::feed::web::Patience;
use sampan_core::journal::{Journal, Options};
use sampan_core::vault::{Memory, Nowhere, Vaults};

use crate::faults::Fault;
use crate::http::{self, Request};
use crate::places::{Place, WordPress};
use crate::proxy::Proxy;
use crate::support::{Terminal, jpeg};
use crate::told;

/// The variable that holds the password, as a user would name it.
const VARIABLE: &str = "SAMPAN_TEST_BLOG_PASSWORD";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_killed_while_it_sends_doubles_and_loses_nothing() {
    let place = WordPress::told();
    let proxy = Proxy::before(place.server()).await;
    let terminal = Terminal::new();
    let add = ["--json", "feed", "add", "wordpress", &proxy.url, "--user", place.user(), "--secret-env", VARIABLE];
    let added = tokio::task::block_in_place(|| start(&terminal, &place, &add).wait_with_output().unwrap());
    assert!(added.status.success(), "{added:?}");
    assert!(String::from_utf8_lossy(&added.stderr).contains(VARIABLE), "it is said that only the name is kept");
    for seed in [1, 2] {
        terminal.file(&format!("{seed}.jpg"), jpeg(seed));
    }
    let (_, id) = write(&terminal, 0);
    proxy.fair();
    let sent = tokio::task::block_in_place(|| start(&terminal, &place, &sending(&id)).wait_with_output().unwrap());
    assert!(sent.status.success(), "{sent:?}");
    let requests = proxy.count();
    for at in 1..=requests {
        let (mark, id) = write(&terminal, at);
        proxy.strike(at, Fault::Hold);
        let mut child = start(&terminal, &place, &sending(&id));
        proxy.held().await;
        child.kill().unwrap();
        child.wait().unwrap();
        // The server hears of it all the same, as it does of what was in the cable already.
        proxy.go_on();
        proxy.fair();
        settle(&terminal, &id).await;
        let items = place.items(&mark).await;
        assert_eq!(items.iter().filter(|item| item.public).count(), 1, "killed at request {at}: {items:?}");
    }
    println!("killed at each of {requests} requests: 0 doubled, 0 lost");
    crate::canary::expect_none(&terminal.path("."), place.user(), place.secret());
}

#[tokio::test]
async fn trying_again_without_looking_makes_two() {
    let place = WordPress::told();
    let proxy = Proxy::before(place.server()).await;
    let host = proxy.url.trim_start_matches("http://").to_owned();
    let mut doubled = 0;
    for (number, fault) in [Fault::DropAfter, Fault::Truncate, Fault::Late, Fault::Covers(500)].into_iter().enumerate()
    {
        let mark = format!("naive{}x{number}", std::process::id());
        let mut request = Request::new("POST", "/wp-json/wp/v2/posts", &host);
        request.headers.push(("Authorization".to_owned(), place.door().authorization()));
        request.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        request.body = format!(r#"{{"status":"publish","content":"{mark}."}}"#).into_bytes();
        proxy.strike(1, fault);
        for _ in 0..3 {
            let answer = http::exchange(&host, &request).await;
            if answer.is_ok_and(|answer| answer.status == 201) {
                break;
            }
        }
        proxy.deliver_late().await;
        doubled += usize::from(place.items(&mark).await.len() > 1);
    }
    assert_eq!(doubled, 4, "a server makes a post for every request it hears");
}

fn start(terminal: &Terminal, place: &WordPress, words: &[&str]) -> Child {
    let mut command = terminal.command();
    command.args(words).env(VARIABLE, place.secret()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn sending(id: &str) -> [&str; 6] {
    ["--json", "send", id, "--to", "wordpress", "--publish"]
}

fn write(terminal: &Terminal, number: usize) -> (String, String) {
    let mark = format!("killed{}x{number}", std::process::id());
    let body = format!("Clouds today, {mark}.");
    let id = terminal.post(&["--zh", "今天的云", "--en", &body, "--media", "1.jpg", "--media", "2.jpg"]);
    (mark, id)
}

/// The program is started again, and time goes by.
async fn settle(terminal: &Terminal, id: &str) {
    let clock = Arc::new(TestClock::new(millis_now()));
    let vaults = Vaults {
        keychain: Arc::new(Nowhere),
        file: Arc::new(Nowhere),
        session: Arc::new(Memory::default()),
        environment: |name| (name == VARIABLE).then(|| told("SAMPAN_WORDPRESS_PASSWORD")),
    };
    let options = Options { clock: clock.clone(), feed_dir: None, vaults, patience: Patience::default() };
    let journal = Journal::open(&terminal.journal(), options).await.unwrap();
    let post = journal.post_resolve(id.to_owned()).await.unwrap();
    for _ in 0..12 {
        journal.sync().await.unwrap();
        let deliveries = journal.post_get(post).await.unwrap().deliveries;
        if deliveries.iter().all(|delivery| delivery.state == DeliveryState::Synced) {
            return journal.close().await;
        }
        clock.advance(16 * 60_000);
    }
    panic!("it never rests: {:?}", journal.post_get(post).await.unwrap().deliveries);
}

fn millis_now() -> i64 {
    use sampan_core::clock::{Clock, SystemClock};
    SystemClock.now().as_millis()
}
