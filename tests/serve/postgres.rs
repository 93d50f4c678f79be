//! Two servers that share one PostgreSQL, which these tests start by themselves. Without its programs
//! they say so and pass.

use crate::endpoint::{Effect, Endpoint, Rule};
use crate::server::{Place, audit, small};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Where Debian puts the programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.flatten().map(|version| version.path().join("bin"));
    folders
        .filter(|folder| folder.join("initdb").exists())
        .max()
}

/// A server of PostgreSQL that is stopped when it is dropped.
pub(crate) struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    user: Option<&'static str>,
}

impl Postgres {
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("NOT CHECKED: two servers on one PostgreSQL; install the package postgresql");
            return None;
        };
        // It refuses to run as root.
        let root = Command::new("id").arg("-u").output().ok()?.stdout == b"0\n";
        let user = root.then_some("postgres");
        let folder = tempfile::Builder::new().prefix("sp").tempdir().unwrap();
        let postgres = Self {
            programs,
            folder,
            user,
        };
        if let Some(user) = user {
            let owned = Command::new("chown")
                .arg(user)
                .arg(postgres.folder.path())
                .status();
            if !owned.is_ok_and(|status| status.success()) {
                eprintln!("NOT CHECKED: two servers on one PostgreSQL; it needs the user {user}");
                return None;
            }
        }
        let data = postgres.data();
        postgres.run(
            "initdb",
            &["-D", &data, "-A", "trust", "-U", "postgres", "-N"],
        );
        postgres.begin();
        Some(postgres)
    }

    /// Starts it, for the first time or again.
    pub(crate) fn begin(&self) {
        let data = self.data();
        let options = format!(
            "-k {} -c listen_addresses='' -c fsync=off",
            self.folder.path().display()
        );
        let log = format!("{data}/log");
        let words = ["-D", &data, "-w", "-o", &options, "-l", &log, "start"];
        self.run("pg_ctl", &words);
    }

    /// Stops it as a crash would.
    pub(crate) fn crash(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "stop"]);
    }

    /// What a statement prints.
    pub(crate) fn ask(&self, sql: &str) -> String {
        let output = Command::new(self.programs.join("psql"))
            .args(["-At", "-c", sql, &self.url()])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, words: &[&str]) {
        let program = self.programs.join(program);
        let mut command = match self.user {
            None => Command::new(&program),
            Some(user) => {
                let mut command = Command::new("setpriv");
                command
                    .args(["--reuid", user, "--regid", user, "--clear-groups"])
                    .arg(&program);
                command
            }
        };
        let status = command
            .args(words)
            .current_dir(Path::new("/"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "{}", program.display());
    }

    pub(crate) fn url(&self) -> String {
        let host = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{host}/postgres")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if Path::new(&self.data()).join("postmaster.pid").exists() {
            self.crash();
        }
    }
}

fn in_the_middle(audit: &Value) -> bool {
    audit["state"] == "running" && audit["lists_read"].as_i64().unwrap() > 2
}

/// Two servers; whoever holds the audit is killed or paused, and the other one finishes it.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_one_takes_over_from_the_other() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(&format!("database: {}\n", postgres.url()));
    let (first, second) = (place.serve(&endpoint).await, place.serve(&endpoint).await);
    for signal in ["STOP", "KILL"] {
        endpoint.rule(Rule::new(Effect::Hang).operation("lambda", "ListFunctions"));
        let id = first.start(&audit()).await;
        let running = first.audit_until(&id, in_the_middle).await;
        assert_eq!(running["attempts"], 1);
        // Both know the same, from the database; the worker's process shows which one runs it.
        let (holder, other) = if holds(&first, &postgres, &id) {
            (&first, &second)
        } else {
            (&second, &first)
        };
        holder.signal(signal);
        endpoint.without_rules();
        let done = other.over(&id).await;
        assert_eq!(
            (&done["state"], &done["attempts"]),
            (&json!("finished"), &json!(2)),
            "{done}"
        );
        if signal == "KILL" {
            continue;
        }
        // Once it goes on, it finds that it lost the audit, and writes nothing.
        holder.signal("CONT");
        let again = holder
            .audit_until(&id, |audit| audit["state"] == "finished")
            .await;
        assert_eq!(again["attempts"], 2);
        let next = holder.start(&audit()).await;
        assert_eq!(holder.over(&next).await["state"], "finished");
        let trend = holder
            .get("/api/v1/targets/shop/trend")
            .await
            .with(200)
            .json();
        assert_eq!(trend["points"].as_array().unwrap().len(), 12);
    }
}

/// Pillars without an evaluation have no coverage, and may come before those that have one.
#[tokio::test(flavor = "multi_thread")]
async fn an_audit_of_one_pillar_is_stored() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(&format!("database: {}\n", postgres.url()));
    let server = place.serve(&endpoint).await;
    let narrow = json!({"target": "shop", "scope": {"checks": ["s3/bucket-public"]}});
    for body in [narrow, audit()] {
        let id = server.start(&body).await;
        let done = server.over(&id).await;
        assert_eq!(done["state"], "finished", "{done}");
    }
    let trend = server
        .get("/api/v1/targets/shop/trend")
        .await
        .with(200)
        .json();
    let points = trend["points"].as_array().unwrap();
    assert_eq!(points.len(), 12);
    assert!(points[0]["coverage"].is_null(), "{}", points[0]);
}

/// Whether this server's process is the worker of a run.
pub(crate) fn holds(server: &crate::server::Server, postgres: &Postgres, id: &str) -> bool {
    let worker = postgres.ask(&format!("SELECT worker FROM runs WHERE id = '{id}'"));
    let process = server.child.id().unwrap().to_string();
    worker.split('-').next() == Some(process.as_str())
}
