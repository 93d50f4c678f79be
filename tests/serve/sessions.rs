//! The end of sessions: by an admin, and by the person in every browser.

use crate::endpoint::Endpoint;
use crate::login::SESSION;
use crate::provider::{Browser, Provider};
use crate::server::{Place, Server, small};
use hyper::Method;
use serde_json::{Value, json};
use tokio::process::Command;

async fn logged_in(server: &Server, user: &str) -> Browser {
    let mut browser = Browser::new();
    let address = browser.begin(server, "/").await;
    let back = browser.pass(server, &address, user).await;
    browser.get(&back).await.with(303);
    browser.me(server).await.with(200);
    browser
}

async fn remote(server: &Server, token: &str, words: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sixpillars"))
        .env_clear()
        .env("SIXPILLARS_URL", &server.address)
        .env("SIXPILLARS_TOKEN", token)
        .args(["remote", "sessions"])
        .args(words)
        .output()
        .await
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout) + &text(output.stderr),
    )
}

/// The last entry of the audit log says that somebody ended both sessions of the viewer.
async fn ended_two_of_the_viewer(server: &Server, admin: &mut Browser, actor: &str) {
    let log = format!("{}/api/v1/audit-log?limit=1", server.address);
    let log = admin.get(&log).await.with(200).json();
    let entry = &log["items"][0];
    let told = ["action", "object", "actor", "detail"].map(|member| entry[member].clone());
    assert_eq!(
        told,
        [
            json!("session.end"),
            json!("viewer"),
            json!(actor),
            json!({"sessions": 2})
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_who_is_logged_in_and_ends_all_sessions_of_a_person() {
    let Some(provider) = Provider::start(false).await else {
        return;
    };
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    place.configure(&provider.configuration(place.folder.path(), ""));
    let mut server = place.serve(&endpoint).await;
    let sessions = format!("{}/api/v1/sessions", server.address);
    let (mut one, mut other) = (
        logged_in(&server, "viewer").await,
        logged_in(&server, "viewer").await,
    );
    let mut approver = logged_in(&server, "approver").await;
    let mut admin = logged_in(&server, "admin").await;
    let end = (Method::DELETE, "/api/v1/sessions/viewer");
    for browser in [&mut one, &mut approver] {
        browser.get(&sessions).await.with(403);
        browser
            .change(&server, end.clone(), &json!({}))
            .await
            .with(403);
    }
    let listed = admin.get(&sessions).await.with(200).json();
    let who = |listed: &Value| -> Vec<String> {
        let items = listed["items"].as_array().unwrap().iter();
        items
            .map(|item| item["subject"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(who(&listed), ["admin", "approver", "viewer", "viewer"]);
    assert_eq!(listed["items"][2]["role"], "viewer");
    // Nothing with which somebody could pretend to be them.
    let text = listed.to_string();
    assert!(!text.contains("hash") && !text.contains("token"), "{text}");

    let ended = admin
        .change(&server, end.clone(), &json!({}))
        .await
        .with(200);
    assert_eq!(ended.json(), json!({"sessions": 2}));
    for browser in [&mut one, &mut other] {
        browser.me(&server).await.with(401);
    }
    approver.me(&server).await.with(200);
    admin.change(&server, end, &json!({})).await.with(404);
    ended_two_of_the_viewer(&server, &mut admin, "The admin (admin)").await;

    // The same from a terminal, with a token of the role.
    let make = async |role: &str, more: &[&str]| {
        let name = [&[role][..], more].concat().join(" ");
        let words = [
            &["serve", "token", "--name", &name, "--role", role][..],
            more,
        ]
        .concat();
        let (code, printed) = place.run(&endpoint, &words).await;
        assert_eq!(code, Some(0), "{printed}");
        printed.trim().to_owned()
    };
    let (token, lesser) = (make("admin", &[]).await, make("approver", &[]).await);
    let (code, printed) = remote(&server, &token, &["list"]).await;
    assert!(code == Some(0) && printed.contains("approver"), "{printed}");
    let (code, printed) = remote(&server, &lesser, &["end", "approver"]).await;
    assert!(code == Some(2) && printed.contains("admin"), "{printed}");
    // An admin of one target may not end sessions.
    let of_one = make("admin", &["--target", "shop"]).await;
    let (code, printed) = remote(&server, &of_one, &["end", "approver"]).await;
    assert!(
        code == Some(2) && printed.contains("all targets"),
        "{printed}"
    );
    approver.me(&server).await.with(200);
    let (code, printed) = remote(&server, &token, &["end", "approver"]).await;
    assert_eq!((code, printed.as_str()), (Some(0), "ended: 1\n"));
    approver.me(&server).await.with(401);
    let (code, printed) = remote(&server, &token, &["end", "nobody/../../x"]).await;
    assert!(
        code == Some(2) && printed.contains("nobody with this subject"),
        "{printed}"
    );
    server.token = Some(token);
    server.get("/api/v1/sessions").await.with(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_end_all_of_their_own_sessions_and_of_nobody_else() {
    let Some(provider) = Provider::start(false).await else {
        return;
    };
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    place.configure(&provider.configuration(place.folder.path(), ""));
    let mut server = place.serve(&endpoint).await;
    let (mut one, mut other) = (
        logged_in(&server, "viewer").await,
        logged_in(&server, "viewer").await,
    );
    let mut admin = logged_in(&server, "admin").await;
    let own = "/api/v1/me/sessions";
    let url = format!("{}{own}", server.address);
    // Neither a page of another site nor one without the token against forged requests ends them.
    let csrf = one.me(&server).await.with(200).json()["csrf"].clone();
    let csrf = ("x-csrf-token", csrf.as_str().unwrap());
    for headers in [
        vec![],
        vec![("x-csrf-token", "0")],
        vec![csrf, ("origin", "https://evil.example")],
        vec![csrf, ("sec-fetch-site", "cross-site")],
    ] {
        let refused = one.ask(Method::DELETE, &url, &headers, String::new()).await;
        refused.with(403);
    }
    one.me(&server).await.with(200);
    let answer = one.change(&server, (Method::DELETE, own), &json!({})).await;
    let answer = answer.with(200);
    assert_eq!(answer.headers["clear-site-data"], "\"cache\"");
    let to = answer.json()["to"].as_str().unwrap().to_owned();
    assert!(to.starts_with(&provider.issuer), "{to}");
    assert!(!one.of(&server.address).contains_key(SESSION));
    for browser in [&mut one, &mut other] {
        browser.me(&server).await.with(401);
    }
    admin.me(&server).await.with(200);
    ended_two_of_the_viewer(&server, &mut admin, "The viewer (viewer)").await;
    // A token is no session, and stays valid.
    let make = ["serve", "token", "--name", "reader", "--role", "viewer"];
    let (code, token) = place.run(&endpoint, &make).await;
    assert_eq!(code, Some(0), "{token}");
    server.token = Some(token.trim().to_owned());
    let nothing = server.ask(Method::DELETE, own, &[], None).await.with(200);
    assert_eq!(nothing.json(), json!({"to": "/"}));
    server.get("/api/v1/me").await.with(200);
    admin.me(&server).await.with(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_whose_names_look_alike_are_two() {
    let Some(provider) = Provider::start(false).await else {
        return;
    };
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    place.configure(&provider.configuration(place.folder.path(), ""));
    let server = place.serve(&endpoint).await;
    let mut twin = logged_in(&server, "twin").await;
    // As a form encodes it.
    let mut other = logged_in(&server, "twin%E2%80%8B").await;
    let mut admin = logged_in(&server, "admin").await;
    let name = async |browser: &mut Browser| browser.me(&server).await.json()["name"].clone();
    assert_eq!(name(&mut twin).await, "The twin (twin)");
    assert_eq!(name(&mut other).await, "The twin (twin%E2%80%8B)");
    let end = (Method::DELETE, "/api/v1/sessions/twin%25E2%2580%258B");
    let ended = admin.change(&server, end, &json!({})).await.with(200);
    assert_eq!(ended.json(), json!({"sessions": 1}));
    other.me(&server).await.with(401);
    twin.me(&server).await.with(200);
}
