//! Requests that are written by hand: bodies, headers and lines that no browser sends.

use crate::endpoint::Endpoint;
use crate::server::{PATIENCE, Place, Server, small};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends bytes, and returns what comes back until the server closes the connection.
async fn raw(server: &Server, bytes: &[u8]) -> String {
    let authority = server.address.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(authority).await.unwrap();
    // The server may have answered and closed before it has read all.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    let _ = read.expect("it ends in time");
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    status.unwrap_or(0)
}

/// Requests that are written by hand to a server.
struct Hand {
    server: Server,
    /// Its address, as `Host` has it.
    host: String,
    _endpoint: Endpoint,
    _place: Place,
}

/// A request line that is answered.
const ME: &str = "GET /api/v1/me HTTP/1.1";

impl Hand {
    async fn new() -> Self {
        let endpoint = Endpoint::start(small()).await;
        let place = Place::new("");
        let server = place.serve(&endpoint).await;
        let host = server.address.strip_prefix("http://").unwrap().to_owned();
        Self {
            server,
            host,
            _endpoint: endpoint,
            _place: place,
        }
    }

    /// The header that names the server.
    fn own(&self) -> String {
        format!("Host: {}\r\n", self.host)
    }

    /// The status of a request line with headers; 0 where the server only closes the connection.
    async fn send(&self, line: &str, headers: &str) -> u16 {
        let text = format!("{line}\r\n{headers}Connection: close\r\n\r\n");
        status(&raw(&self.server, text.as_bytes()).await)
    }

    /// The status of a request for an audit with a body.
    async fn post(&self, headers: &str, body: &[u8]) -> u16 {
        let own = self.own();
        let length = body.len();
        let head = format!(
            "POST /api/v1/audits HTTP/1.1\r\n{own}Connection: close\r\n{headers}\
             Content-Length: {length}\r\n\r\n"
        );
        status(&raw(&self.server, &[head.as_bytes(), body].concat()).await)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_and_malformed_bodies_are_refused() {
    let hand = Hand::new().await;
    let json = "Content-Type: application/json\r\n";
    let deep = "[".repeat(60_000);
    let nested = format!(
        "{{\"target\":{}1{}}}",
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    for bad in [
        "",
        "{",
        "[]",
        "null",
        "1",
        "\"shop\"",
        "{\"target\":\"shop\",\"target\":\"shop\"}",
        "{\"target\":\"\\ud800\"}",
        "{\"target\":\"shop\",\"allow_paid_usd\":NaN}",
        "{\"target\":\"shop\",\"allow_paid_usd\":1e999}",
        "{\"target\":\"shop\",\"allow_paid_usd\":-0.01}",
        "{\"target\":\"shop\",\"deadline\":\"99999999999999999999h\"}",
        "{\"target\":\"shop\",\"scope\":{\"services\":{}}}",
        "{\"target\":\"shop\",\"endpoint\":\"http://evil.example\"}",
        "{\"target\":\"shop\"}{\"target\":\"shop\"}",
        "{\"target\":\"shop\"} x",
        "{\"target\":[\"shop\"]}",
        "{\"__proto__\":{\"role\":\"admin\"},\"target\":\"shop\"}",
        deep.as_str(),
        nested.as_str(),
    ] {
        let status = hand.post(json, bad.as_bytes()).await;
        let start: String = bad.chars().take(60).collect();
        assert!([400, 422].contains(&status), "{start}: {status}");
    }
    assert_eq!(hand.post(json, b"{\"target\":\"\xff\xfe\"}").await, 400);
    let gzip = format!("{json}Content-Encoding: gzip\r\n");
    assert_eq!(hand.post(&gzip, b"\x1f\x8b\x08\0\0\0\0\0").await, 400);
    let good = b"{\"target\":\"shop\"}";
    for kind in [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: multipart/form-data; boundary=x\r\n",
        "Content-Type: application/jsonx\r\n",
    ] {
        assert_eq!(hand.post(kind, good).await, 415, "{kind}");
    }
    let own = hand.own();
    // A megabyte: announced, in chunks, and only announced.
    let large = format!("{{\"target\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(hand.post(json, large.as_bytes()).await, 413);
    let chunked = format!(
        "POST /api/v1/audits HTTP/1.1\r\n{own}Connection: close\r\n{json}\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
        large.len()
    );
    let answer = raw(&hand.server, chunked.as_bytes()).await;
    assert!([413, 0].contains(&status(&answer)), "{answer}");
    let announced = format!(
        "POST /api/v1/audits HTTP/1.1\r\n{own}Connection: close\r\n{json}\
         Content-Length: 99999999999\r\n\r\n"
    );
    assert_eq!(status(&raw(&hand.server, announced.as_bytes()).await), 413);
    assert_eq!(
        hand.server.get("/api/v1/audits").await.json()["items"],
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_forged_by_hand_are_refused() {
    let hand = Hand::new().await;
    foreign_hosts(&hand).await;
    ambiguous_requests(&hand).await;
    excess(&hand).await;
    hand.server.get("/api/v1/me").await.with(200);
}

/// The service's own hosts, and those that somebody points at it.
async fn foreign_hosts(hand: &Hand) {
    let host = &hand.host;
    let port = host.split(':').nth(1).unwrap();
    for own in [
        host.clone(),
        format!("localhost:{port}"),
        format!("LOCALHOST:{port}"),
    ] {
        assert_eq!(
            hand.send(ME, &format!("Host: {own}\r\n")).await,
            200,
            "{own}"
        );
    }
    for foreign in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("{host}.evil.example"),
        format!("localhost.:{port}"),
        format!("127.1:{port}"),
        format!("0.0.0.0:{port}"),
        format!("[::1]:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        format!("2130706433:{port}"),
        "127.0.0.1".to_owned(),
        "localhost:1".to_owned(),
        String::new(),
    ] {
        let status = hand.send(ME, &format!("Host: {foreign}\r\n")).await;
        assert!([400, 421].contains(&status), "{foreign}: {status}");
        let forwarded = format!(
            "Host: {foreign}\r\nX-Forwarded-Host: {host}\r\nForwarded: host={host}\r\n\
             X-Forwarded-For: 127.0.0.1\r\n"
        );
        let status = hand.send(ME, &forwarded).await;
        assert!([400, 421].contains(&status), "{foreign}: {status}");
    }
    for userinfo in [
        format!("{host}@evil.example"),
        format!("evil.example@{host}"),
    ] {
        let status = hand.send(ME, &format!("Host: {userinfo}\r\n")).await;
        assert!([400, 421].contains(&status), "{userinfo}: {status}");
    }
    let own = hand.own();
    let twice = format!("{own}Host: evil.example\r\n");
    let line = "GET http://evil.example/api/v1/me HTTP/1.1";
    for (line, headers) in [
        (ME, twice.as_str()),
        (ME, ""),
        ("GET /api/v1/me HTTP/1.0", ""),
        (line, own.as_str()),
    ] {
        let status = hand.send(line, headers).await;
        assert!([400, 421].contains(&status), "{line} {headers}: {status}");
    }
}

/// Lines, bytes and lengths that servers disagree about, and methods that do not exist.
async fn ambiguous_requests(hand: &Hand) {
    let own = hand.own();
    let smuggle = format!("{own}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n");
    let lengths = format!("{own}Content-Length: 4\r\nContent-Length: 5\r\n");
    let folded = format!("{own}X-A: b\r\n c: d\r\n");
    let null = format!("{own}X-A: b\0c\r\n");
    let space = format!("{own}X-A : b\r\n");
    for (line, headers) in [
        ("POST /api/v1/audits HTTP/1.1", smuggle.as_str()),
        ("POST /api/v1/audits HTTP/1.1", lengths.as_str()),
        (ME, folded.as_str()),
        (ME, null.as_str()),
        (ME, space.as_str()),
        ("GET /api/v1/me x HTTP/1.1", own.as_str()),
        ("GET /api/v1/\u{7f} HTTP/1.1", own.as_str()),
        ("GET /api/v1/me HTTP/9.9", own.as_str()),
        ("G\0T /api/v1/me HTTP/1.1", own.as_str()),
    ] {
        let status = hand.send(line, headers).await;
        assert!(
            [0, 400, 415].contains(&status),
            "{line} {headers:?}: {status}"
        );
    }
    for method in ["TRACE", "CONNECT", "PATCH", "PROPFIND", "X"] {
        let status = hand
            .send(&format!("{method} /api/v1/me HTTP/1.1"), &own)
            .await;
        assert!([400, 403, 404, 405].contains(&status), "{method}: {status}");
    }
}

/// Too long, too many.
async fn excess(hand: &Hand) {
    let own = hand.own();
    let long = format!("GET /api/v1/me?x={} HTTP/1.1", "a".repeat(9000));
    assert_eq!(hand.send(&long, &own).await, 414);
    let large = format!("{own}X-Long: {}\r\n", "a".repeat(20_000));
    assert_eq!(hand.send(ME, &large).await, 431);
    let many = (0..200).fold(own.clone(), |many, n| many + &format!("X-{n}: x\r\n"));
    assert_eq!(hand.send(ME, &many).await, 431);
    let huge = format!("{own}X-Long: {}\r\n", "a".repeat(1 << 20));
    assert!([0, 431].contains(&hand.send(ME, &huge).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_its_headers_slowly_is_dropped() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let begun = std::time::Instant::now();
    let answer = raw(&server, b"GET /api/v1/me HTTP/1.1\r\nHost: x").await;
    assert!([0, 408].contains(&status(&answer)), "{answer}");
    assert!(begun.elapsed() < PATIENCE / 2);
}
