//! A server for tests of adapters: answers on this computer by a function of the test, and remembers what it heard. It keeps
//! to HTTP; what the answers mean is the test's business.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use crate::domain::Timestamp;

/// A request as it was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The path and the question behind it.
    pub target: Url,
    /// Header names in small letters, with their values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// What is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    /// An answer: status, headers, body.
    With(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// None: the connection closes after the request was heard.
    Nothing,
}

/// A server that runs until it is dropped.
pub struct Scripted {
    /// Its address, ending in a slash.
    pub url: Url,
    heard: Arc<Mutex<Vec<Heard>>>,
    serving: JoinHandle<()>,
}

impl Heard {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A value of the question behind the path.
    pub fn query(&self, name: &str) -> Option<String> {
        self.target.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Reply {
    /// JSON.
    pub fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::With(status, vec![("content-type", "application/json; charset=UTF-8".into())], value.to_string().into())
    }

    /// A page.
    pub fn html(status: u16, text: &str) -> Self {
        Self::With(status, vec![("content-type", "text/html; charset=UTF-8".into())], text.into())
    }

    /// The same with another header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::With(_, headers, _) = &mut self {
            headers.push((name, value.into()));
        }
        self
    }

    /// The same from a site that does not tell the time.
    pub fn untimed(self) -> Self {
        // Where the header is not there at all, the server below puts in the time of the computer.
        self.header("date", "")
    }

    /// The same from a site whose clock shows that.
    pub fn at(self, clock: Timestamp) -> Self {
        let date = jiff::Timestamp::from_millisecond(clock.as_millis()).unwrap();
        self.header("date", jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap())
    }
}

impl Scripted {
    /// Answers every request by the function.
    pub async fn start(answer: impl Fn(&Heard) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Script { url: url.clone(), heard: Arc::clone(&heard), answer: Box::new(answer) });
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let script = Arc::clone(&script);
                let service = service_fn(move |request| Arc::clone(&script).serve(request));
                // A connection that ends without an answer is what some scripts want.
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { url, heard, serving }
    }

    /// Everything that was heard so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// Method and path of everything that was heard so far.
    pub fn lines(&self) -> Vec<String> {
        self.heard().iter().map(|heard| format!("{} {}", heard.method, heard.target.path())).collect()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

type Answer = Box<dyn Fn(&Heard) -> Reply + Send + Sync>;

struct Script {
    url: Url,
    heard: Arc<Mutex<Vec<Heard>>>,
    answer: Answer,
}

/// Nothing is answered.
#[derive(Debug, thiserror::Error)]
#[error("the script says nothing")]
struct Silent;

impl Script {
    async fn serve(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Silent> {
        let (head, body) = request.into_parts();
        // A body that ends too early belongs to a client that went away: nobody hears the answer.
        let Ok(body) = body.collect().await else { return Err(Silent) };
        let heard = Heard {
            method: head.method.to_string(),
            target: self.url.join(head.uri.path_and_query().map_or("/", |target| target.as_str())).unwrap(),
            headers: head
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
                .collect(),
            body: body.to_bytes().to_vec(),
        };
        self.heard.lock().unwrap().push(heard.clone());
        let Reply::With(status, headers, body) = (self.answer)(&heard) else { return Err(Silent) };
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(name, value);
        }
        Ok(response.body(Full::new(Bytes::from(body))).unwrap())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::FeedError;
    use crate::feed::web::{Client, Patience, Risk, SignIn};
    use reqwest::Method;

    #[tokio::test]
    async fn a_server_that_hangs_up_leaves_open_what_it_did() {
        let server = Scripted::start(|heard| match heard.target.path() {
            "/fine" => Reply::json(200, &serde_json::json!({"said": heard.text()})),
            _ => Reply::Nothing,
        })
        .await;
        let known = Arc::new(SignIn::Anonymous);
        let client = Client::new(server.url.clone(), known, false, Patience::default()).unwrap();
        let post = |path: &str| client.request(Method::POST, server.url.join(path).unwrap());
        let fine = client.send(post("fine").await.unwrap().body("茶"), Risk::Changes).await.unwrap();
        assert_eq!(fine.json::<serde_json::Value>().unwrap()["said"], "茶");
        let hung_up = client.send(post("x").await.unwrap(), Risk::Changes).await;
        assert!(matches!(hung_up, Err(FeedError::Lost)));
        assert_eq!(server.lines(), ["POST /fine", "POST /x"]);
    }
}
