//! Logins that are not valid, and sessions that somebody else planted or stole.

use crate::endpoint::Endpoint;
use crate::login::{SESSION, started};
use crate::provider::{Browser, between, with};
use crate::server::{Server, small};
use hyper::Method;

#[tokio::test(flavor = "multi_thread")]
async fn logins_that_do_not_hold_are_refused() {
    let Some((_provider, _endpoint, place, server)) = started(true, "").await else {
        return;
    };
    // Each of these tokens breaks one requirement.
    for user in [
        "expired",
        "old",
        "future",
        "foreign-issuer",
        "wrong-audience",
        "more-audiences",
        "wrong-nonce",
        "no-nonce",
        "no-subject",
        "other-access-token",
        "unsigned",
        "signed-by-the-secret",
        "signed-by-another",
        "nobody",
    ] {
        let mut browser = Browser::new();
        let answer = browser.log_in(&server, user).await;
        assert!(
            [403, 502].contains(&answer.status.as_u16()),
            "{user}: {}",
            answer.status
        );
        assert!(answer.headers.get("set-cookie").is_none(), "{user}");
        browser.me(&server).await.with(401);
    }
    drop(server);
    // Refused logins are limited, so the next ones ask another process.
    let endpoint = Endpoint::start(small()).await;
    let server = place.serve(&endpoint).await;
    answers_that_do_not_hold(&server).await;
}

/// Answers of the provider that were changed, or that are for somebody else.
async fn answers_that_do_not_hold(server: &Server) {
    let mut browser = Browser::new();
    let mut victim = Browser::new();
    let fresh = async |browser: &mut Browser| {
        let address = browser.begin(server, "/").await;
        browser.pass(server, &address, "admin").await
    };
    let refused = async |browser: &mut Browser, url: &str, status: u16| {
        browser.get(url).await.with(status);
        browser.me(server).await.with(401);
    };
    // A state that nobody was given, that of another browser, and none.
    let back = fresh(&mut browser).await;
    refused(&mut browser, &with(&back, "state", "x"), 400).await;
    refused(&mut victim, &back, 400).await;
    let without = back.replace("state=", "stat=");
    refused(&mut browser, &without, 400).await;
    // Another provider's answer (RFC 9207), which also uses the state up.
    let foreign = with(&back, "iss", "https%3A%2F%2Fevil.example");
    assert_ne!(foreign, back);
    refused(&mut browser, &foreign, 400).await;
    refused(&mut browser, &back, 400).await;
    // The provider let nobody in.
    let back = fresh(&mut browser).await;
    let denied = back.replace("code=", "error=access_denied&c=");
    refused(&mut browser, &denied, 403).await;
    // A request that was changed on its way: the nonce, and the challenge of PKCE.
    for (name, value) in [
        ("nonce", "n".repeat(43)),
        ("code_challenge", "c".repeat(43)),
    ] {
        let address = browser.begin(server, "/").await;
        let address = with(&address, name, &value);
        let back = browser.pass(server, &address, "admin").await;
        refused(&mut browser, &back, 403).await;
    }
    // A code that was used: once more, and in another login.
    let back = fresh(&mut browser).await;
    let mut other = Browser::new();
    let another = fresh(&mut other).await;
    browser.get(&back).await.with(303);
    browser.me(server).await.with(200);
    browser.get(&back).await.with(400);
    let code = between(&back, "code=", "&");
    refused(&mut other, &with(&another, "code", code), 403).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_cannot_be_fixed_beforehand_and_ends_with_the_configuration() {
    let Some((provider, endpoint, place, server)) = started(true, "").await else {
        return;
    };
    let mut browser = planted_and_foreign_sessions(&server).await;
    two_windows(&server).await;
    addresses_that_lead_elsewhere(&server).await;
    // The provider has another key: it is requested once more.
    let mut rotated = Browser::new();
    rotated.log_in(&server, "rotated").await.with(303);
    rotated.me(&server).await.with(200);
    // A name is text.
    let mut hostile = Browser::new();
    hostile.log_in(&server, "hostile").await.with(303);
    let me = hostile.me(&server).await.json();
    assert_eq!(
        me["name"],
        "<script>alert(1)</script>  Set-Cookie: x=y (hostile)"
    );
    // Another configuration of the roles ends all sessions; the same one does not.
    drop(server);
    let server = place.serve(&endpoint).await;
    let moved = browser
        .cookies
        .values()
        .find(|own| own.contains_key(SESSION))
        .unwrap()
        .clone();
    *browser.of(&server.address) = moved.clone();
    browser.me(&server).await.with(200);
    drop(server);
    let text = provider.configuration(place.folder.path(), "");
    place.configure(&text.replace("[platform]", "[nobody]"));
    let server = place.serve(&endpoint).await;
    *browser.of(&server.address) = moved;
    browser.me(&server).await.with(401);
}

/// Cookies of others, before and after a login; gives a browser that is logged in as the operator.
async fn planted_and_foreign_sessions(server: &Server) -> Browser {
    // Somebody else's cookie is no session, neither before the login nor after it.
    let mut browser = Browser::new();
    let planted = "A".repeat(43);
    browser
        .of(&server.address)
        .insert(SESSION.to_owned(), planted.clone());
    browser.me(server).await.with(401);
    browser.log_in(server, "admin").await.with(303);
    let first = browser.of(&server.address)[SESSION].clone();
    assert_ne!(first, planted);
    let mut attacker = Browser::new();
    attacker
        .of(&server.address)
        .insert(SESSION.to_owned(), planted);
    attacker.me(server).await.with(401);
    // Logging in again ends the session before.
    browser.log_in(server, "viewer").await.with(303);
    assert_eq!(browser.me(server).await.json()["role"], "viewer");
    attacker
        .of(&server.address)
        .insert(SESSION.to_owned(), first);
    attacker.me(server).await.with(401);
    // The CSRF token of one session is not valid for another.
    browser.log_in(server, "operator").await.with(303);
    attacker.log_in(server, "viewer").await.with(303);
    let foreign = attacker.me(server).await.json()["csrf"].clone();
    let headers = [
        ("content-type", "application/json"),
        ("x-csrf-token", foreign.as_str().unwrap()),
    ];
    let url = format!("{}/logout", server.address);
    browser
        .ask(Method::POST, &url, &headers, "{}".to_owned())
        .await
        .with(403);
    // Pages of other sites change nothing, even with the token.
    let own = browser.me(server).await.json()["csrf"].clone();
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "same-site"),
    ] {
        let headers = [("x-csrf-token", own.as_str().unwrap()), (name, value)];
        browser
            .ask(Method::POST, &url, &headers, "{}".to_owned())
            .await
            .with(403);
    }
    browser
}

/// Two windows of a browser may log in at once.
async fn two_windows(server: &Server) {
    let mut two = Browser::new();
    let one = two.begin(server, "/").await;
    let other = two.begin(server, "/").await;
    let (one, other) = (
        two.pass(server, &one, "viewer").await,
        two.pass(server, &other, "viewer").await,
    );
    two.get(&one).await.with(303);
    two.get(&other).await.with(303);
}

/// Only paths of the service are led to, and a person reads a page where a script reads a problem.
async fn addresses_that_lead_elsewhere(server: &Server) {
    let mut browser = Browser::new();
    for to in [
        "//evil.example",
        "https://evil.example",
        "/%5Cevil.example",
        "x",
    ] {
        let url = format!("{}/login?to={to}", server.address);
        browser.get(&url).await.with(400);
    }
    let url = format!("{}/auth/callback?state=x&code=%3Cscript%3E", server.address);
    let html = [("accept", "text/html,*/*")];
    let page = browser
        .ask(Method::GET, &url, &html, String::new())
        .await
        .with(400);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let text = String::from_utf8(page.body).unwrap();
    assert!(
        text.contains("log in again") && !text.contains("script"),
        "{text}"
    );
}
