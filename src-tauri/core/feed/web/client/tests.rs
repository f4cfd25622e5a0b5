//! Where credentials may go, and how long a site is waited for.

use base64::Engine;
use reqwest::Body;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::domain::Secret;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[test]
fn in_the_clear_only_to_this_computer_unless_the_user_said_more() {
    for (address, plain, allowed) in [
        ("https://blog.example", false, true),
        ("http://blog.example", false, false),
        ("http://blog.example", true, true),
        ("http://127.0.0.1:8080", false, true),
        ("http://[::1]", false, true),
        ("http://localhost", false, true),
        ("http://localhost.example", false, false),
        ("http://127.0.0.1.example", false, false),
        ("file:///etc/passwd", true, false),
    ] {
        assert_eq!(may_talk_to(&url(address), plain), allowed, "{address}");
    }
}

/// A key and the certificate that it signed itself, for 127.0.0.1 and until 2126.
const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgF7yD605F4vqYWdNNWrLegbXh1z0hXYQY9UsUuFBhXN6hRANCAAQK+WRs3psjQjje\
    RHc/lUhIE1aoEuWXf8EWa0iEsnZLcioDNJ3tUdReFkqWU1oBNngtZ0ApjP1HR4nJ8rAWIo/h";
const CERTIFICATE: &str = "MIIBgTCCASagAwIBAgIUJZbYEjLHLz6f7s++4Ac/EsYw0FIwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBYTAgFw0yNjExMzAwMzQz\
    MDNaGA8yMTI2MTEwNjAzNDMwM1owDDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAr5ZGzemyNCON5Edz+VSEgTVqgS5Zd/wRZrSISyd\
    ktyKgM0ne1R1F4WSpZTWgE2eC1nQCmM/UdHicnysBYij+GjZDBiMB0GA1UdDgQWBBR6gGUrsICORTA1aBmegb4bMg3cnDAfBgNVHSMEGDAWgBR6gGUrsICORT\
    A1aBmegb4bMg3cnDAPBgNVHRMBAf8EBTADAQH/MA8GA1UdEQQIMAaHBH8AAAEwCgYIKoZIzj0EAwIDSQAwRgIhAPTZ/lALhWVYoK5NRdpUrcGzOeFGPGEXMSG\
    WAZD7fHqVAiEAn+ceiw3y4ZcVAYj/bLRUPm9A/LRF7/rU/8NgxEWJ8Ew=";

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_told_from_a_site_that_is_down() {
    provide_cryptography();
    let bytes = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(bytes(KEY));
    let served = rustls::ServerConfig::builder().with_no_client_auth();
    let served = Arc::new(served.with_single_cert(vec![bytes(CERTIFICATE).into()], key.into()).unwrap());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = url(&format!("https://{}", listener.local_addr().unwrap()));
    let site = std::thread::spawn(move || {
        for _ in 0..2 {
            let mut connection = rustls::ServerConnection::new(Arc::clone(&served)).unwrap();
            // Whoever calls hangs up.
            _ = connection.complete_io(&mut listener.accept().unwrap().0);
        }
    });
    let client = Client::new(place.clone(), Arc::new(SignIn::Anonymous), false, Patience::default()).unwrap();
    let get = || client.anonymous(Method::GET, place.clone());
    assert!(matches!(client.look(get()).await, Err(FeedError::Untrusted)));
    let sent = client.send(get(), Risk::Changes).await;
    assert!(matches!(sent, Err(FeedError::Unreachable)), "nothing left, so it is tried again: {sent:?}");
    site.join().unwrap();
    assert!(matches!(client.look(get()).await, Err(FeedError::Unreachable)), "down");
}

#[tokio::test]
async fn credentials_go_to_their_own_origin_only() {
    let known = Arc::new(SignIn::Bearer(Secret::new("canary".into())));
    let client = Client::new(url("https://blog.example/wp-json/"), known, false, Patience::default()).unwrap();
    for elsewhere in ["https://blog.example:8443/", "http://blog.example/", "https://evil.example/"] {
        assert!(matches!(client.request(Method::GET, url(elsewhere)).await, Err(FeedError::Denied)), "{elsewhere}");
    }
    let request = client.request(Method::GET, url("https://blog.example/x")).await.unwrap().build().unwrap();
    assert!(!format!("{request:?}").contains("canary"), "nor does a log show them");
}

/// A client that waits for a tenth of a second, and one request to a server that takes its body and answers by itself.
async fn upload(body: Body, answer: &'static [u8]) -> Result<Answer, FeedError> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = url(&format!("http://{}/", listener.local_addr().unwrap()));
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        let ended = |heard: &Vec<u8>| heard.windows(4).any(|four| four == b"\nend");
        while !ended(&heard) && stream.read_buf(&mut heard).await.unwrap() > 0 {}
        stream.write_all(answer).await.unwrap();
        // Open until the client hangs up.
        while stream.read_buf(&mut heard).await.unwrap() > 0 {}
    });
    let patience = Patience { connect: Duration::from_secs(5), stall: Duration::from_millis(100) };
    let client = Client::new(url.clone(), Arc::new(SignIn::Anonymous), false, patience).unwrap();
    let request = client.request(Method::POST, url).await.unwrap().body(body);
    let answer = client.send(request, Risk::Changes).await;
    drop(client);
    serving.await.unwrap();
    answer
}

/// A body that leaves in so many pieces, with a pause before each.
fn slowly(pieces: usize) -> Body {
    let piece = move |at: usize| async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let piece = if at + 1 == pieces { "end" } else { "photo" };
        Some((Ok::<_, std::io::Error>(piece), at + 1)).filter(|_| at < pieces)
    };
    Body::wrap_stream(futures_util::stream::unfold(0, piece))
}

const FINE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n\xef\xbb\xbf7";

#[tokio::test]
async fn a_file_may_take_as_long_as_it_moves() {
    let answer = upload(slowly(12), FINE).await.unwrap();
    assert_eq!(answer.json::<u8>().unwrap(), 7, "and a byte order mark says nothing");
}

#[tokio::test]
async fn a_site_that_says_nothing_is_given_up() {
    for answer in [&b""[..], b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha"] {
        assert!(matches!(upload(Body::from("end"), answer).await, Err(FeedError::Lost)));
    }
    assert!(matches!(upload(slowly(2), b"").await, Err(FeedError::Lost)));
}
