//! A network between the journal and a real server, in which one thing goes wrong at one request. Remembers everything it was
//! asked. Knows HTTP/1.1, no feed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::http::{self, Answer, Request, Stream};

/// What goes wrong at a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// It never reaches the server.
    DropBefore,
    /// The server carries it out; its answer never comes back.
    DropAfter,
    /// The server carries it out; half of its answer comes back.
    Truncate,
    /// The server carries it out; its answer stands still halfway, for ever.
    Stall,
    /// The answer comes a little late, but it comes.
    Slow,
    /// The connection breaks, and the request reaches the server long after that.
    Late,
    /// It reaches the server twice.
    Twice,
    /// The server wants to be left alone for two minutes.
    TooMany,
    /// The server carries it out and breaks while it answers.
    Broken,
    /// The server is being looked after.
    Unavailable,
    /// A network that wants a sign-in first answers with its page.
    Portal,
    /// The answer sends the request to another place.
    Elsewhere,
    /// From here on nobody is known there, until the weather is fair.
    Revoked,
    /// The server carries it out, goes down, and is away for the next three requests.
    Restart,
    /// The request is held back until the test has done what it wants to do meanwhile, and then carried out.
    Hold,
}

/// Every fault of the contract.
pub const FAULTS: [Fault; 14] = [
    Fault::DropBefore,
    Fault::DropAfter,
    Fault::Truncate,
    Fault::Stall,
    Fault::Slow,
    Fault::Late,
    Fault::Twice,
    Fault::TooMany,
    Fault::Broken,
    Fault::Unavailable,
    Fault::Portal,
    Fault::Elsewhere,
    Fault::Revoked,
    Fault::Restart,
];

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

    /// Lets what was held up on its way arrive now.
    pub async fn deliver_late(&self) {
        let late = std::mem::take(&mut self.inner.state.lock().unwrap().late);
        for request in late {
            self.inner.forward(&request).await.ok();
        }
    }

    /// Waits until a request is held back.
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
            let mut stream = Stream::new(stream);
            if let Ok(request) = stream.read_request().await {
                // A client that gave up cannot be told.
                inner.carry(&mut stream, request).await.ok();
            }
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
    async fn carry(&self, stream: &mut Stream, request: Request) -> std::io::Result<()> {
        let fault = self.note(&request);
        let instead = self.impostor.lock().unwrap().as_ref().and_then(|answer| answer(&request));
        if let Some(answer) = instead {
            return stream.answer(&answer).await;
        }
        let Some(fault) = fault else { return stream.answer(&self.forward(&request).await?).await };
        match fault {
            Fault::DropBefore => Ok(()),
            Fault::DropAfter | Fault::Restart => self.forward(&request).await.map(drop),
            Fault::Truncate => stream.answer_half(&self.forward(&request).await?).await,
            Fault::Stall => {
                stream.answer_half(&self.forward(&request).await?).await?;
                // Until the client gives up.
                stream.wait_for_end().await;
                Ok(())
            }
            Fault::Slow => {
                let answer = self.forward(&request).await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
                stream.answer(&answer).await
            }
            Fault::Late => {
                self.state.lock().unwrap().late.push(request);
                Ok(())
            }
            Fault::Twice => {
                let answer = self.forward(&request).await?;
                self.forward(&request).await?;
                stream.answer(&answer).await
            }
            Fault::Hold => {
                self.held.notify_one();
                self.go_on.notified().await;
                let answer = self.forward(&request).await?;
                stream.answer(&answer).await
            }
            Fault::Broken => {
                self.forward(&request).await?;
                stream.answer(&Answer::page(500, "<h1>There has been a critical error</h1>")).await
            }
            Fault::TooMany => {
                stream.answer(&Answer::json(429, r#"{"code":"too_many"}"#).with("Retry-After", "120")).await
            }
            Fault::Unavailable => stream.answer(&Answer::page(503, "<h1>Briefly unavailable</h1>")).await,
            Fault::Portal => stream.answer(&Answer::page(200, "<h1>Welcome to the hotel</h1>")).await,
            Fault::Revoked => {
                stream.answer(&Answer::json(401, r#"{"code":"rest_not_logged_in","error":"unauthorized"}"#)).await
            }
            Fault::Elsewhere => {
                let place = format!("http://{}/elsewhere", self.elsewhere);
                stream.answer(&Answer::page(307, "").with("Location", &place)).await
            }
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
            Fault::Revoked => state.count >= at,
            Fault::Restart => (at..=at + 3).contains(&state.count),
            _ => state.count == at,
        };
        state.struck |= hit;
        // While the server is away nothing reaches it.
        let fault = if fault == Fault::Restart && state.count > at { Fault::DropBefore } else { fault };
        hit.then_some(fault)
    }

    /// The server names itself in what it answers, and is named in what it is sent: here under the proxy's name, there under its
    /// own.
    async fn forward(&self, request: &Request) -> std::io::Result<Answer> {
        let there = request.renamed(&self.here, &self.server);
        Ok(http::exchange(&self.server, &there).await?.renamed(&self.server, &self.here))
    }
}
