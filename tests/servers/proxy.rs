//! A network between the journal and a real server, in which one thing goes wrong at one request. Remembers everything it was
//! asked. Knows HTTP/1.1, no feed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::faults::{Body, Fault, Target};
use crate::http::{self, Answer, Request, Stream};
use crate::memory::Memory;

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The method and the path, without what stands behind it.
    pub what: String,
    /// The host that was asked.
    pub host: String,
    /// Whether a secret came with it.
    pub signed: bool,
}

/// The network in front of one server.
pub struct Proxy {
    /// The server's address, from here.
    pub url: String,
    inner: Arc<Inner>,
    /// Absent while the plug is out.
    serving: Mutex<Option<JoinHandle<()>>>,
    trap: JoinHandle<()>,
}

/// Somebody else's answer to a request; nothing lets it go on to the server.
pub type Impostor = Box<dyn Fn(&Request) -> Option<Answer> + Send + Sync>;

struct Inner {
    /// The server's host and port, and those of this proxy.
    server: String,
    here: String,
    /// Where a redirect points to.
    elsewhere: String,
    state: Mutex<State>,
    strangers: AtomicUsize,
    held: Notify,
    go_on: Notify,
    impostor: Mutex<Option<Impostor>>,
}

#[derive(Default)]
struct State {
    heard: Vec<Heard>,
    fault: Option<(usize, Fault)>,
    /// Requests since the weather was set.
    count: usize,
    late: Vec<Request>,
    struck: bool,
    /// What was answered before.
    memory: Memory,
    /// Only what was answered before is to be seen.
    blind: bool,
}

impl Proxy {
    /// A fair network in front of a server such as `http://127.0.0.1:8080`.
    pub async fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let trap = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap().to_string();
        let inner = Arc::new(Inner {
            server: server.trim_start_matches("http://").trim_end_matches('/').to_owned(),
            elsewhere: trap.local_addr().unwrap().to_string(),
            here: here.clone(),
            state: Mutex::default(),
            strangers: AtomicUsize::new(0),
            held: Notify::new(),
            go_on: Notify::new(),
            impostor: Mutex::default(),
        });
        let serving = Mutex::new(Some(tokio::spawn(serve(listener, Arc::clone(&inner)))));
        let trap = tokio::spawn(wait_in_vain(trap, Arc::clone(&inner)));
        Self { url: format!("http://{here}"), inner, serving, trap }
    }

    /// Pulls the plug: nobody picks up here any more.
    pub async fn unplug(&self) {
        let serving = self.serving.lock().unwrap().take();
        if let Some(serving) = serving {
            serving.abort();
            // Ended, one way or the other: the port is free.
            serving.await.ok();
        }
    }

    /// Puts the plug in again.
    pub async fn plug(&self) {
        let listener = TcpListener::bind(&self.inner.here).await.unwrap();
        *self.serving.lock().unwrap() = Some(tokio::spawn(serve(listener, Arc::clone(&self.inner))));
    }

    /// Lets somebody answer in the server's place, or nobody any more.
    pub fn let_answer(&self, impostor: Option<Impostor>) {
        *self.inner.impostor.lock().unwrap() = impostor;
    }

    /// Begins to count anew, with one fault at a request, the first being 1.
    pub fn strike(&self, at: usize, fault: Fault) {
        let mut state = self.inner.state.lock().unwrap();
        (state.count, state.fault, state.struck) = (0, Some((at, fault)), false);
    }

    /// Begins to count anew, with nothing going wrong. Answers whether the last fault came to pass.
    pub fn fair(&self) -> bool {
        let mut state = self.inner.state.lock().unwrap();
        (state.count, state.fault) = (0, None);
        std::mem::take(&mut state.struck)
    }

    /// Requests since the weather was set.
    pub fn count(&self) -> usize {
        self.inner.state.lock().unwrap().count
    }

    /// Lets what was held up on its way arrive now, and what was hidden be seen.
    pub async fn deliver_late(&self) {
        let late = {
            let mut state = self.inner.state.lock().unwrap();
            state.memory.show_everything();
            state.blind = false;
            std::mem::take(&mut state.late)
        };
        for request in late {
            self.inner.forward(&request).await.ok();
        }
    }

    /// Waits until a request is held back, or one was answered whose answer is told.
    pub async fn held(&self) {
        self.inner.held.notified().await;
    }

    /// Lets the request that is held back go on to the server.
    pub fn go_on(&self) {
        self.inner.go_on.notify_one();
    }

    /// Everything that was ever asked.
    pub fn heard(&self) -> Vec<Heard> {
        self.inner.state.lock().unwrap().heard.clone()
    }

    /// How often somebody followed a redirect to another place.
    pub fn strangers(&self) -> usize {
        self.inner.strangers.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.trap.abort();
        if let Some(serving) = self.serving.lock().unwrap().take() {
            serving.abort();
        }
    }
}

async fn serve(listener: TcpListener, inner: Arc<Inner>) {
    while let Ok((stream, _)) = listener.accept().await {
        let inner = Arc::clone(&inner);
        tokio::spawn(async move {
            // A client that gave up cannot be told.
            inner.serve(Stream::new(stream)).await.ok();
        });
    }
}

/// Nobody is to come here.
async fn wait_in_vain(trap: TcpListener, inner: Arc<Inner>) {
    while trap.accept().await.is_ok() {
        inner.strangers.fetch_add(1, Ordering::SeqCst);
    }
}

impl Inner {
    async fn serve(&self, mut stream: Stream) -> std::io::Result<()> {
        let mut request = stream.read_request_head().await?;
        let fault = self.note(&request);
        if fault == Some(Fault::HalfSent) {
            stream.read_half_of_body(&request).await?;
            return stream.reset();
        }
        request.body = stream.read_request_body(&request).await?;
        let instead = self.impostor.lock().unwrap().as_ref().and_then(|answer| answer(&request));
        if let Some(answer) = instead {
            return stream.answer(&answer).await;
        }
        match fault {
            None => stream.answer(&self.forward(&request).await?).await,
            Some(fault) => match self.unheard(fault, &request) {
                Some(answer) => stream.answer(&answer).await,
                None => self.carry(stream, request, fault).await,
            },
        }
    }

    /// What is answered without the server.
    fn unheard(&self, fault: Fault, request: &Request) -> Option<Answer> {
        let page = |status| Answer::page(status, "<!doctype html><title>Sorry</title><h1>Please try again later</h1>");
        match fault {
            Fault::TooMany(None) => Some(Answer::json(429, r#"{"code":"too_many"}"#)),
            Fault::TooMany(Some(wait)) => Some(Answer::json(429, r#"{"code":"too_many"}"#).with("Retry-After", wait)),
            Fault::Says(status) => Some(Answer::json(status, r#"{"code":"sorry","error":"sorry","message":"sorry"}"#)),
            Fault::Shows(status) | Fault::Away(status) => Some(page(status)),
            Fault::Revoked | Fault::Forgets => {
                Some(Answer::json(401, r#"{"code":"rest_not_logged_in","error":"unauthorized"}"#))
            }
            Fault::Sends(status, target) => {
                let place = match target {
                    Target::Stranger => format!("http://{}/elsewhere", self.elsewhere),
                    Target::Itself => format!("http://{}{}", self.here, request.path),
                    Target::Path => format!("http://{}/moved{}", self.here, request.path),
                    Target::Tls => format!("https://{}{}", self.here, request.path),
                    Target::SignIn => format!("http://{}/wp-login.php", self.here),
                };
                Some(Answer::page(status, "").with("Location", &place))
            }
            _ => None,
        }
    }

    async fn carry(&self, mut stream: Stream, request: Request, fault: Fault) -> std::io::Result<()> {
        match fault {
            Fault::DropBefore | Fault::Flaps => return Ok(()),
            Fault::Reset { done: false } => return stream.reset(),
            Fault::Late => {
                self.state.lock().unwrap().late.push(request);
                return Ok(());
            }
            Fault::Hold => {
                self.held.notify_one();
                self.go_on.notified().await;
            }
            _ => {}
        }
        let before = self.state.lock().unwrap().memory.of_the_same_kind(&request);
        let answer = self.forward(&request).await?;
        match fault {
            Fault::DropAfter | Fault::Restart | Fault::Leap(_) => Ok(()),
            Fault::Tell => {
                stream.answer(&answer).await?;
                self.held.notify_one();
                Ok(())
            }
            Fault::Behind => {
                let mut state = self.state.lock().unwrap();
                state.blind = true;
                state.memory.hide(&request, &answer);
                Ok(())
            }
            Fault::Reset { .. } => stream.reset(),
            Fault::Truncate => stream.answer_half(&answer).await,
            Fault::Stall => {
                stream.answer_half(&answer).await?;
                // Until the client gives up.
                stream.wait_for_end().await;
                Ok(())
            }
            Fault::Slow => stream.drip(&answer, 1, Duration::from_millis(100)).await,
            Fault::Drip => stream.drip(&answer, 5, Duration::from_millis(700)).await,
            Fault::Longer => stream.send(&answer.bytes_with_length(answer.body.len() + 7)).await,
            Fault::Shorter => stream.send(&answer.bytes_with_length(answer.body.len() / 2)).await,
            Fault::NoLastChunk => stream.send(&answer.bytes_without_end()).await,
            Fault::Hints => {
                stream.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n").await?;
                stream.answer(&answer).await
            }
            Fault::Bomb => {
                let packed = Answer { body: BOMB.to_vec(), ..answer };
                stream.answer(&packed.with("Content-Encoding", "gzip")).await
            }
            Fault::Flood => {
                let head = "HTTP/1.1 200 Answer\r\nContent-Type: application/json\r\n\r\n[";
                stream.send(head.as_bytes()).await?;
                // Until the client has had enough.
                while stream.send(&[b' '; 64 << 10]).await.is_ok() {}
                Ok(())
            }
            Fault::Mangled(body) => stream.answer(&mangled(answer, body)).await,
            Fault::Twice => {
                self.forward(&request).await?;
                stream.answer(&answer).await
            }
            Fault::Again => {
                self.state.lock().unwrap().late.push(request);
                stream.answer(&answer).await
            }
            Fault::Covers(status) => {
                stream.answer(&Answer::page(status, "<h1>There has been a critical error</h1>")).await
            }
            Fault::Swapped => stream.answer(&before.unwrap_or(answer)).await,
            Fault::Clock(hours) => stream.answer(&answer.at_another_hour(hours)).await,
            _ => stream.answer(&answer).await,
        }
    }

    /// Writes a request down; answers what goes wrong with it.
    fn note(&self, request: &Request) -> Option<Fault> {
        let mut state = self.state.lock().unwrap();
        state.count += 1;
        state.heard.push(Heard {
            what: format!("{} {}", request.method, request.path.split('?').next().unwrap_or_default()),
            host: request.header("host").unwrap_or_default().to_owned(),
            signed: request.header("authorization").is_some(),
        });
        let (at, fault) = state.fault?;
        let hit = match fault {
            Fault::Restart => (at..=at + 3).contains(&state.count),
            Fault::Flaps => state.count >= at && (state.count - at).is_multiple_of(2),
            fault if fault.lasts() => state.count >= at,
            _ => state.count == at,
        };
        state.struck |= hit;
        state.blind |= hit && fault == Fault::Stale;
        // While the server is away nothing reaches it.
        let fault = if fault == Fault::Restart && state.count > at { Fault::DropBefore } else { fault };
        hit.then_some(fault)
    }

    /// The server names itself in what it answers, and is named in what it is sent: here under the proxy's name, there under its
    /// own.
    async fn forward(&self, request: &Request) -> std::io::Result<Answer> {
        let there = request.renamed(&self.here, &self.server);
        let answer = http::exchange(&self.server, &there).await?.renamed(&self.server, &self.here);
        let mut state = self.state.lock().unwrap();
        let blind = state.blind;
        Ok(state.memory.seen(request, answer, blind))
    }
}

/// The first bytes of something packed. Nobody asked for it, so nobody may unpack it.
const BOMB: [u8; 16] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xed, 0xc1, 1, 1, 0, 0];

fn mangled(answer: Answer, body: Body) -> Answer {
    let Answer { status, headers, body: right } = answer;
    let (status, body) = match body {
        Body::NoText => (status, vec![0xff, 0xfe, 0xc3, 0x28, 0x00, 0x80]),
        Body::Marked => (status, [b"\xef\xbb\xbf", right.as_slice()].concat()),
        Body::OtherJson => (status, br#"{"weather":["clouds"],"id":null}"#.to_vec()),
        Body::Nothing(status) => (status, Vec::new()),
        Body::Half => (status, right[..right.len() / 2].to_vec()),
        Body::Warned => (status, [b"<br />\n<b>Warning</b>: broken plugin\n", right.as_slice()].concat()),
    };
    Answer { status, headers, body }
}
