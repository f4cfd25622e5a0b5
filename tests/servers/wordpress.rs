//! WordPress, real.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::told;

#[test]
fn the_site_answers() {
    let url = told("SAMPAN_WORDPRESS_URL");
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /wp-json/ HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("wp\\/v2"), "{answer}");
}
