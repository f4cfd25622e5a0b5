//! A network that loses one request or one answer. The faults of every kind are in [`crate::proxy`].

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use url::Url;

/// Somebody between the journal and the site, who once swallows a request that makes an entry, or its answer.
pub struct Between {
    pub url: Url,
    pub swallow_answer: Arc<AtomicBool>,
    pub swallow_request: Arc<AtomicBool>,
}

impl Between {
    pub fn start(site: &Url) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let (answer, request) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (swallow_answer, swallow_request) = (Arc::clone(&answer), Arc::clone(&request));
        let site = site.authority().to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (site, answer, request) = (site.clone(), Arc::clone(&answer), Arc::clone(&request));
                std::thread::spawn(move || {
                    // A connection that breaks is what this is for.
                    pass(stream.unwrap(), &site, &answer, &request).ok();
                });
            }
        });
        Self { url, swallow_answer, swallow_request }
    }
}

/// Passes one request on and its answer back; each connection carries one, since the server closes it.
fn pass(mut here: TcpStream, site: &str, answer: &AtomicBool, request: &AtomicBool) -> std::io::Result<()> {
    let (mut heard, mut piece) = (Vec::new(), [0; 65536]);
    let (head, length) = loop {
        let read = here.read(&mut piece)?;
        if read == 0 {
            return Ok(());
        }
        heard.extend_from_slice(&piece[..read]);
        if let Some(end) = heard.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&heard[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            break (head, end + 4 + length.unwrap_or(0));
        }
    };
    while heard.len() < length {
        let read = here.read(&mut piece)?;
        heard.extend_from_slice(&piece[..read]);
    }
    let makes = head.starts_with("post /indieweb/micropub/");
    if makes && request.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let mut there = TcpStream::connect(site)?;
    there.write_all(&heard)?;
    let mut answered = Vec::new();
    there.read_to_end(&mut answered)?;
    if makes && answered.starts_with(b"HTTP/1.0 201") && answer.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    here.write_all(&answered)
}
