//! The outbox of servers whose clocks are wrong: the database's clock counts. libfaketime sets the clock
//! of the real program; without it this test says so and passes.

use crate::endpoint::Endpoint;
use crate::notify::receiver;
use crate::postgres::Postgres;
use crate::server::{Place, Server, audit, small};
use std::path::Path;
use std::time::{Duration, Instant};

const LIBRARIES: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];

/// A server whose clock is wrong by an offset.
async fn off(place: &Place, endpoint: &Endpoint, by: &str) -> Option<Server> {
    let Some(library) = LIBRARIES.into_iter().find(|path| Path::new(path).exists()) else {
        eprintln!(
            "NOT CHECKED: the outbox of a server whose clock is wrong; install the package faketime"
        );
        return None;
    };
    let server = place.serve_with(endpoint, |command| {
        command
            .env("LD_PRELOAD", library)
            .env("FAKETIME", by)
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1");
    });
    Some(server.await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_by_an_hour_neither_hurries_nor_delays_a_message() {
    for by in ["+1h", "-1h"] {
        let Some(postgres) = Postgres::start() else {
            return;
        };
        let endpoint = Endpoint::start(small()).await;
        let (told, address) = receiver().await;
        let place = Place::new("");
        // A lease that a busy machine does not lose.
        place.write(&format!(
            "listen: 127.0.0.1:0\nstore: store\nlease: 60s\ndatabase: {}\n\
             targets:\n  shop: {{regions: [eu-west-1]}}\n\
             notify:\n  hook:\n    webhook: {{url: \"{address}\", secret: key}}\n    \
             allow_private: true\n    burst: 0s\n",
            postgres.url()
        ));
        let right = place.serve(&endpoint).await;
        let Some(wrong) = off(&place, &endpoint, by).await else {
            return;
        };
        let id = wrong.start(&audit()).await;
        assert_eq!(right.over(&id).await["state"], "finished");
        // The first attempt fails, so it is tried again after 15 to 19 seconds.
        let begun = Instant::now();
        let mut first = None;
        loop {
            let count = told.lock().unwrap().len();
            if count > 0 {
                first.get_or_insert_with(Instant::now);
            }
            if count == 2 {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(90), "{by}: {count}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let waited = first.unwrap().elapsed();
        assert!(waited > Duration::from_secs(12), "{by}: {waited:?}");
        assert!(waited < Duration::from_mins(1), "{by}: {waited:?}");
        // Both store true times.
        let begun = Instant::now();
        let near = "SELECT state, attempts, \
             abs(sent - extract(epoch from now()) * 1000) < 300000, \
             abs(made - extract(epoch from now()) * 1000) < 300000 FROM outbox";
        while postgres.ask(near) != "sent|2|t|t" {
            let is = postgres.ask(near);
            assert!(begun.elapsed() < Duration::from_secs(30), "{by}: {is}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(told.lock().unwrap().len(), 2);
    }
}
