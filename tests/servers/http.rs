//! As much of HTTP/1.1 (RFC 9112) as a proxy in tests needs: whole messages, one for a connection.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request with its whole body.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// An answer with its whole body.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// A connection, with what was read from it and not used yet.
pub struct Stream {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, path: &str, host: &str) -> Self {
        let headers = vec![("Host".to_owned(), host.to_owned())];
        Self { method: method.to_owned(), path: path.to_owned(), headers, body: Vec::new() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The same with one host named as another, wherever it is named.
    pub fn renamed(&self, from: &str, to: &str) -> Self {
        let (headers, body) = renamed(&self.headers, &self.body, from, to);
        Self { method: self.method.clone(), path: rename_text(&self.path, from, to), headers, body }
    }
}

impl Answer {
    pub fn page(status: u16, text: &str) -> Self {
        let headers = vec![("Content-Type".to_owned(), "text/html; charset=UTF-8".to_owned())];
        Self { status, headers, body: text.as_bytes().to_vec() }
    }

    pub fn json(status: u16, text: &str) -> Self {
        let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        Self { status, headers, body: text.as_bytes().to_vec() }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same from a server whose clock shows another hour.
    pub fn at_another_hour(self, hours: i32) -> Self {
        let now = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC) + jiff::Span::new().hours(hours);
        let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let Self { status, headers, body } = self;
        let headers = headers.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case("date")).collect();
        Self { status, headers, body }.with("Date", &date)
    }

    pub fn value(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("JSON expected, {}: {}", self.status, String::from_utf8_lossy(&self.body)))
    }

    /// As [`Request::renamed`].
    pub fn renamed(&self, from: &str, to: &str) -> Self {
        let (headers, body) = renamed(&self.headers, &self.body, from, to);
        Self { status: self.status, headers, body }
    }

    /// The answer as it travels.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("HTTP/1.1 {} Answer\r\n", self.status).into_bytes();
        push_message(&mut bytes, &self.headers, &self.body, self.status != 204);
        bytes
    }

    /// The same with another length written over it.
    pub fn bytes_with_length(&self, length: usize) -> Vec<u8> {
        let mut bytes = format!("HTTP/1.1 {} Answer\r\nContent-Length: {length}\r\n", self.status).into_bytes();
        push_message(&mut bytes, &self.headers, &self.body, false);
        bytes
    }

    /// The same in one chunk, behind which the last one is missing.
    pub fn bytes_without_end(&self) -> Vec<u8> {
        let mut bytes = format!("HTTP/1.1 {} Answer\r\nTransfer-Encoding: chunked\r\n", self.status).into_bytes();
        push_message(&mut bytes, &self.headers, &[], false);
        bytes.extend(format!("{:x}\r\n", self.body.len()).bytes());
        bytes.extend(&self.body);
        bytes.extend(b"\r\n");
        bytes
    }
}

/// Sends a request to a host and reads its answer.
pub async fn exchange(host: &str, request: &Request) -> io::Result<Answer> {
    let mut stream = Stream::new(TcpStream::connect(host).await?);
    let mut bytes = format!("{} {} HTTP/1.1\r\n", request.method, request.path).into_bytes();
    let says_length = !request.body.is_empty() || matches!(request.method.as_str(), "POST" | "PUT" | "PATCH");
    push_message(&mut bytes, &request.headers, &request.body, says_length);
    stream.stream.write_all(&bytes).await?;
    stream.read_answer(&request.method).await
}

impl Stream {
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, read: Vec::new() }
    }

    /// A request without its body.
    pub async fn read_request_head(&mut self) -> io::Result<Request> {
        let (first, headers) = self.read_head().await?;
        let mut words = first.split(' ');
        let (method, path) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
        Ok(Request { method, path, headers, body: Vec::new() })
    }

    /// The body of a request whose head was read.
    pub async fn read_request_body(&mut self, request: &Request) -> io::Result<Vec<u8>> {
        match length_of(&request.headers) {
            Length::Chunked => self.read_chunks().await,
            Length::Known(length) => self.take(length).await,
            Length::Unknown => Ok(Vec::new()),
        }
    }

    /// Half of it, if it says how long it is.
    pub async fn read_half_of_body(&mut self, request: &Request) -> io::Result<()> {
        match length_of(&request.headers) {
            Length::Known(length) => self.take(length / 2).await.map(drop),
            _ => Ok(()),
        }
    }

    async fn read_answer(&mut self, method: &str) -> io::Result<Answer> {
        let (first, headers) = self.read_head().await?;
        let status: u16 = first.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(broken)?;
        let has_body = method != "HEAD" && status != 204 && status != 304;
        let body = match length_of(&headers) {
            _ if !has_body => Vec::new(),
            Length::Chunked => self.read_chunks().await?,
            Length::Known(length) => self.take(length).await?,
            Length::Unknown => {
                while self.fill().await? {}
                std::mem::take(&mut self.read)
            }
        };
        Ok(Answer { status, headers, body })
    }

    pub async fn answer(&mut self, answer: &Answer) -> io::Result<()> {
        self.send(&answer.bytes()).await?;
        self.stream.shutdown().await
    }

    /// Half of an answer: of its body, or of its headers if it has none.
    pub async fn answer_half(&mut self, answer: &Answer) -> io::Result<()> {
        let bytes = answer.bytes();
        let head = bytes.len() - answer.body.len();
        let half = if answer.body.is_empty() { head / 2 } else { head + answer.body.len() / 2 };
        self.send(&bytes[..half]).await
    }

    /// An answer in so many pieces, with a pause before each.
    pub async fn drip(&mut self, answer: &Answer, pieces: usize, pause: Duration) -> io::Result<()> {
        let bytes = answer.bytes();
        for piece in bytes.chunks(bytes.len().div_ceil(pieces)) {
            tokio::time::sleep(pause).await;
            self.send(piece).await?;
        }
        self.stream.shutdown().await
    }

    /// Any bytes.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Tears the connection down: the other side is told that it was reset.
    pub fn reset(self) -> io::Result<()> {
        self.stream.set_zero_linger()
    }

    /// Until the other side hangs up.
    pub async fn wait_for_end(&mut self) {
        while self.fill().await.unwrap_or(false) {}
    }

    async fn read_head(&mut self) -> io::Result<(String, Vec<(String, String)>)> {
        let end = loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            if !self.fill().await? {
                return Err(broken());
            }
        };
        let head = String::from_utf8_lossy(&self.read[..end]).into_owned();
        self.read.drain(..end + 4);
        let mut lines = head.split("\r\n");
        let first = lines.next().unwrap_or_default().to_owned();
        let split = |line: &str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
        Ok((first, lines.filter_map(split).collect()))
    }

    async fn read_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.read_line().await?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(|_| broken())?;
            body.extend(self.take(size).await?);
            self.read_line().await?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    async fn read_line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.read.windows(2).position(|two| two == b"\r\n") {
                let line = String::from_utf8_lossy(&self.read[..end]).into_owned();
                self.read.drain(..end + 2);
                return Ok(line);
            }
            if !self.fill().await? {
                return Err(broken());
            }
        }
    }

    async fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.read.len() < length {
            if !self.fill().await? {
                return Err(broken());
            }
        }
        Ok(self.read.drain(..length).collect())
    }

    async fn fill(&mut self) -> io::Result<bool> {
        let mut piece = [0; 16 << 10];
        let count = self.stream.read(&mut piece).await?;
        self.read.extend(&piece[..count]);
        Ok(count > 0)
    }
}

enum Length {
    Chunked,
    Known(usize),
    Unknown,
}

fn length_of(headers: &[(String, String)]) -> Length {
    if header(headers, "transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked")) {
        return Length::Chunked;
    }
    header(headers, "content-length").and_then(|value| value.parse().ok()).map_or(Length::Unknown, Length::Known)
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Headers and body, with the length that the body has here and the connection ending after it.
fn push_message(bytes: &mut Vec<u8>, headers: &[(String, String)], body: &[u8], says_length: bool) {
    let ours = ["content-length", "transfer-encoding", "connection", "keep-alive"];
    for (name, value) in headers.iter().filter(|(name, _)| !ours.contains(&name.to_ascii_lowercase().as_str())) {
        bytes.extend(format!("{name}: {value}\r\n").bytes());
    }
    if says_length {
        bytes.extend(format!("Content-Length: {}\r\n", body.len()).bytes());
    }
    bytes.extend(b"Connection: close\r\n\r\n");
    bytes.extend(body);
}

fn renamed(headers: &[(String, String)], body: &[u8], from: &str, to: &str) -> (Vec<(String, String)>, Vec<u8>) {
    let headers = headers.iter().map(|(name, value)| (name.clone(), rename_text(value, from, to))).collect();
    let body = rename_bytes(body, from.as_bytes(), to.as_bytes());
    let escaped = (from.replace(':', "%3A"), to.replace(':', "%3A"));
    (headers, rename_bytes(&body, escaped.0.as_bytes(), escaped.1.as_bytes()))
}

fn rename_text(text: &str, from: &str, to: &str) -> String {
    text.replace(from, to).replace(&from.replace(':', "%3A"), &to.replace(':', "%3A"))
}

fn rename_bytes(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut renamed = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|piece| piece == from) {
        renamed.extend(&rest[..at]);
        renamed.extend(to);
        rest = &rest[at + from.len()..];
    }
    renamed.extend(rest);
    renamed
}

fn broken() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}
