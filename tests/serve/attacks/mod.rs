//! Attacks on the service, as `docs/security.md` lists them.

mod description;
mod limits;
mod names;
mod requests;
mod roles;
mod secrets;

use crate::endpoint::Endpoint;
use crate::server::{Answer, Place};
use std::path::Path;

/// A service behind a proxy, so that each request can come from a client of its own.
const PROXIED: &str = "  bank: {regions: [eu-west-1]}\nlogin: {tokens: true}\nbehind_proxy: true\n\
                       url: https://audits.example.com\n";
const HOST: (&str, &str) = ("host", "audits.example.com");

async fn token(place: &Place, endpoint: &Endpoint, role: &str, more: &[&str]) -> String {
    let name = [&[role][..], more].concat().join(" ");
    let words = ["serve", "token", "--name", &name, "--role", role];
    let words: Vec<&str> = words.iter().chain(more).copied().collect();
    let (code, text) = place.run(endpoint, &words).await;
    assert_eq!(code, Some(0), "{text}");
    text.trim().to_owned()
}

/// Different clients behind the proxy, so that none of them sends too many requests.
struct Clients {
    network: u8,
    count: u32,
}

impl Clients {
    fn new(network: u8) -> Self {
        Self { network, count: 0 }
    }

    /// The address of the next one.
    fn next(&mut self) -> String {
        self.count += 1;
        let (high, low) = (self.count / 250, self.count % 250);
        format!("10.{}.{high}.{low}", self.network)
    }
}

#[track_caller]
fn harmless(answer: &Answer, what: &str) {
    let (status, text) = (
        answer.status.as_u16(),
        String::from_utf8_lossy(&answer.body),
    );
    assert!(status < 500 && status != 429, "{what}: {status} {text}");
    assert!(!answer.headers.contains_key("x-evil"), "{what}");
    let kind = answer
        .headers
        .get("content-type")
        .map(|kind| kind.to_str().unwrap());
    assert!(
        !kind.is_some_and(|kind| kind.contains("html")),
        "{what}: {kind:?}"
    );
    assert_eq!(
        answer.headers["x-content-type-options"], "nosniff",
        "{what}"
    );
    assert!(!text.contains("root:x:0"), "{what}: {text}");
    let unshown = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!text.chars().any(unshown), "{what}: {text:?}");
}

/// The tests that `docs/security.md` lists are those that there are.
#[test]
fn the_page_on_security_lists_these_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let (_, tried) = page.split_once("## What was tried").unwrap();
    let tried = tried.split("\n## ").next().unwrap();
    let listed: Vec<&str> = tried.split('`').skip(1).step_by(2).collect();
    let mut tests = Vec::new();
    let folder = root.join("tests/serve");
    let beside = ["guard.rs", "login.rs", "login_attacks.rs"];
    let mut files: Vec<_> = beside.map(|name| folder.join(name)).into();
    let attacks = std::fs::read_dir(folder.join("attacks")).unwrap();
    files.extend(attacks.map(|file| file.unwrap().path()));
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines
            .windows(2)
            .filter(|pair| pair[0].starts_with("#[tokio::test"))
        {
            let name = pair[1]
                .trim_start_matches("async fn ")
                .split('(')
                .next()
                .unwrap();
            tests.push(name.to_owned());
        }
    }
    for test in &tests {
        assert!(
            listed.contains(&test.as_str()),
            "docs/security.md does not list {test}"
        );
    }
    for name in listed
        .iter()
        .filter(|name| name.contains('_') && !name.contains(['/', '.']))
    {
        assert!(
            tests.iter().any(|test| test == name),
            "there is no test {name}"
        );
    }
}
