//! The terminal program killed while it sends, at every request and right after every answer; and what becomes of a program
//! that simply tries again, which shows that the rest of these tests can fail.

use std::sync::Arc;

use crate::faults::Fault;
use crate::http::{self, Request};
use crate::places::{Mastodon, Micropub, Place, WordPress};
use crate::program::Program;
use crate::proxy::Proxy;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_sends_to_wordpress_nothing_is_doubled_or_lost() {
    kill_at_every_request(Arc::new(WordPress::told()), "wordpress").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_sends_by_micropub_nothing_is_doubled_or_lost() {
    kill_at_every_request(Arc::new(Micropub::told()), "micropub").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_sends_to_mastodon_nothing_is_doubled_or_lost() {
    kill_at_every_request(Arc::new(Mastodon::told()), "mastodon").await;
}

/// Killed while a request is on its way, which the server hears of all the same, as it does of what was in the cable already;
/// and killed when its answer was just given, before or after that is written down, as it happens.
async fn kill_at_every_request(place: Arc<dyn Place>, kind: &'static str) {
    let program = Program::set_up(place, kind).await;
    let (_, id) = program.write();
    program.proxy.fair();
    let sent = program.run(&program.sending(&id));
    assert!(sent.status.success(), "{sent:?}");
    let requests = program.proxy.count();
    for at in 1..=requests {
        for fault in [Fault::Hold, Fault::Tell] {
            let post = program.write();
            program.proxy.strike(at, fault);
            let mut child = program.send(&post.1);
            program.proxy.held().await;
            child.kill().unwrap();
            child.wait().unwrap();
            if fault == Fault::Hold {
                program.proxy.go_on();
            }
            program.proxy.fair();
            program.expect_once(&[post], &format!("killed at request {at} ({fault:?})")).await;
        }
    }
    println!("| {kind}, killed at each of {requests} requests | {} | 0 | 0 | | | |", 2 * requests);
    crate::canary::expect_none(&program.terminal.path("."), program.place.user(), program.place.secret());
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
