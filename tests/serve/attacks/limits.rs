//! Guessing, flooding, and tokens where others see them.

use super::{HOST, PROXIED, token};
use crate::endpoint::Endpoint;
use crate::server::{Place, Server, small};
use hyper::Method;

#[tokio::test(flavor = "multi_thread")]
async fn guessing_and_flooding_are_slowed_down() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(PROXIED);
    let admin = token(&place, &endpoint, "admin", &[]).await;
    let mut server = place.serve(&endpoint).await;
    server.token = Some("sixpillars_guess".to_owned());
    let from = |client: &'static str| [HOST, ("x-forwarded-for", client)];
    let me = async |server: &Server, headers: &[(&str, &str)]| {
        server.ask(Method::GET, "/api/v1/me", headers, None).await
    };
    // In parallel, so that even a slow machine sends more than a client may.
    let client = from("10.4.0.1");
    let guesses = (0..60).map(|_| me(&server, &client));
    let mut refused = 0;
    for answer in futures::future::join_all(guesses).await {
        match answer.status.as_u16() {
            401 => refused += 1,
            429 => assert_eq!(answer.headers["retry-after"], "5"),
            other => panic!("{other}"),
        }
    }
    assert!((20..60).contains(&refused), "{refused}");
    // A client cannot pretend to be another one: what it writes stands before what the proxy adds.
    let forged = [HOST, ("x-forwarded-for", "10.4.0.2, 10.4.0.1")];
    me(&server, &forged).await.with(429);
    me(&server, &from("10.4.0.3")).await.with(401);
    server.token = Some(admin);
    me(&server, &from("10.4.0.4")).await.with(200);
    // Each client has its own limit.
    let mut limited = false;
    let client = from("10.4.0.5");
    for _ in 0..40 {
        let flood = (0..100).map(|_| me(&server, &client));
        let answers = futures::future::join_all(flood).await;
        limited = answers.iter().any(|answer| answer.status == 429);
        if limited {
            break;
        }
    }
    assert!(limited);
    me(&server, &from("10.4.0.6")).await.with(200);
    // A token in an address is refused, wherever it stands and however it is written.
    for path in [
        "/api/v1/me?token=x",
        "/api/v1/me?a=b&access_token=x",
        "/api/v1/me?%74oken=x",
        "/api/v1/me?TOKEN=x",
        "/login?to=/&id_token=x",
        "/healthz?api_key=x",
    ] {
        server
            .ask(Method::GET, path, &from("10.4.0.7"), None)
            .await
            .with(400);
    }
}
