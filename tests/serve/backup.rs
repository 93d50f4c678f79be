//! A backup while audits run, and what is restored from it.

use crate::endpoint::Endpoint;
use crate::server::{Place, Server, audit, small};
use serde_json::Value;
use std::path::Path;

/// All findings by id, without the time at which they were last seen.
async fn findings(server: &Server) -> Vec<String> {
    let page = server.get("/api/v1/findings?limit=500").await;
    let mut page = page.with(200).json();
    let items = page["items"].as_array_mut().unwrap();
    let mut items: Vec<String> = items
        .iter_mut()
        .map(|item| {
            let finding = item.as_object_mut().unwrap();
            finding.remove("last_seen");
            finding.remove("last_audit");
            item.to_string()
        })
        .collect();
    items.sort();
    items
}

async fn report(server: &Server, id: &str) -> Value {
    let answer = server.get(&format!("/api/v1/audits/{id}/report")).await;
    answer.with(200).json()
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Makes a backup of one service while it audits, and restores it into another. `from` and `to` are the
/// ends of their configurations.
async fn there_and_back(from: &str, to: &str) {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(from);
    let server = place.serve(&endpoint).await;
    let first = server.start(&audit()).await;
    assert_eq!(server.over(&first).await["state"], "finished");
    let known = findings(&server).await;
    assert!(!known.is_empty());
    let known_report = report(&server, &first).await;
    // The account does not change, so the findings are the same at whatever moment the backup is made.
    let running = server.start(&audit()).await;
    let file = place.folder.path().join("a.backup");
    let words = ["serve", "backup", "--to", &text(&file)];
    let (code, printed) = place.run(&endpoint, &words).await;
    assert_eq!(code, Some(0), "{printed}");
    assert_eq!(server.over(&running).await["state"], "finished");
    // It overwrites nothing.
    let (code, printed) = place.run(&endpoint, &words).await;
    assert!(code == Some(2) && printed.contains("exists"), "{printed}");
    server.signal("TERM");
    assert_eq!(server.end().await, Some(0));

    let other = Place::new(to);
    let restore = ["serve", "restore", "--from", &text(&file)];
    let (code, printed) = other.run(&endpoint, &restore).await;
    assert_eq!(code, Some(0), "{printed}");
    let server = other.serve(&endpoint).await;
    assert!(findings(&server).await == known);
    assert!(report(&server, &first).await == known_report);
    // The one that was running is taken up again, or was finished.
    assert_eq!(server.over(&running).await["state"], "finished");
    assert!(findings(&server).await == known);
    // A running service is not touched, and neither is existing data.
    let (code, printed) = other.run(&endpoint, &restore).await;
    assert!(code == Some(2) && printed.contains("--force"), "{printed}");
    server.signal("TERM");
    assert_eq!(server.end().await, Some(0));
    let forced = [&restore[..], &["--force"]].concat();
    let (code, printed) = other.run(&endpoint, &forced).await;
    assert_eq!(code, Some(0), "{printed}");
    assert!(
        printed.contains("What was there before is kept"),
        "{printed}"
    );
    let server = other.serve(&endpoint).await;
    assert!(findings(&server).await == known);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_restored_from_a_backup_of_a_running_service_is_what_was_there() {
    there_and_back("", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_moves_from_sqlite_to_postgresql_and_back() {
    let Some(postgres) = crate::postgres::Postgres::start() else {
        return;
    };
    let database = format!("database: {}\n", postgres.url());
    there_and_back("", &database).await;
    there_and_back(&database, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_backup_changes_nothing() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let id = server.start(&audit()).await;
    server.over(&id).await;
    let folder = place.folder.path().join("backups");
    std::fs::create_dir(&folder).unwrap();
    let (code, printed) = place
        .run(&endpoint, &["serve", "backup", "--to", &text(&folder)])
        .await;
    assert_eq!(code, Some(0), "{printed}");
    let name = crate::server::files(&folder).remove(0);
    let whole = std::fs::read(folder.join(name)).unwrap();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x10;
    let other = Place::new("");
    let damaged: [(&str, &[u8]); 4] = [
        ("empty", &[]),
        ("cut", &whole[..whole.len() - 20]),
        ("flipped", &flipped),
        ("other", b"this is no backup"),
    ];
    for (name, bytes) in damaged {
        let path = other.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let words = ["serve", "restore", "--from", &text(&path)];
        let (code, printed) = other.run(&endpoint, &words).await;
        assert_eq!(code, Some(2), "{name}: {printed}");
        assert!(printed.contains(name), "{printed}");
        assert!(!other.folder.path().join("store").exists(), "{name}");
    }
    // While a service has the database, not even --force takes it away.
    let path = other.folder.path().join("whole");
    std::fs::write(&path, &whole).unwrap();
    let running = other.serve(&endpoint).await;
    let words = ["serve", "restore", "--force", "--from", &text(&path)];
    let (code, printed) = other.run(&endpoint, &words).await;
    assert!(
        code == Some(2) && printed.contains("stop the service"),
        "{printed}"
    );
    assert!(findings(&running).await.is_empty());
}
