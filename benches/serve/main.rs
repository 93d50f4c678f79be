//! How fast the service stores and answers, with a year of daily audits of a large account behind it:
//! the tables of docs/benchmarks.md, printed.
//!
//! `SIXPILLARS_BENCH_DAYS` and `SIXPILLARS_BENCH_FINDINGS` make it smaller, and
//! `SIXPILLARS_BENCH_DATABASE=sqlite` or `postgres` leaves one database out.

#![allow(
    clippy::assigning_clones,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::duration_suboptimal_units,
    clippy::similar_names,
    reason = "a benchmark, with small numbers"
)]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement that cannot go on has failed, and it prints what it measured"
)]

mod account;
mod ask;
mod postgres;
mod server;
mod year;

use server::Server;
use std::fmt::Display;
use std::path::Path;
use std::time::{Duration, Instant};
use year::Year;

/// What has to hold.
const INGEST: Duration = Duration::from_secs(20);
const FIRST_PAGE: Duration = Duration::from_millis(150);
const TREND: Duration = Duration::from_millis(300);
const TOLD: Duration = Duration::from_secs(2);
const IDLE_MB: f64 = 80.0;
/// Clients that watch one audit.
const CLIENTS: usize = 200;

fn number(variable: &str, usual: usize) -> usize {
    let text = std::env::var(variable).ok();
    text.map_or(usual, |text| text.parse().expect("a number"))
}

fn main() {
    // `cargo test --benches` runs this too, without `--bench`.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let days = number("SIXPILLARS_BENCH_DAYS", 365);
    let findings = number("SIXPILLARS_BENCH_FINDINGS", 100_000);
    let only = std::env::var("SIXPILLARS_BENCH_DATABASE").ok();
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(8 << 20)
        .enable_all()
        .build()
        .unwrap();
    println!("{findings} findings, {days} daily audits\n");
    let mut slow = Vec::new();
    if wanted("sqlite") {
        let folder = tempfile::tempdir().unwrap();
        let url = format!(
            "sqlite://{}?mode=rwc",
            folder.path().join("service.db").display()
        );
        slow.extend(runtime.block_on(measure("SQLite", &url, folder.path(), findings, days)));
    }
    if wanted("postgres")
        && let Some(postgres) = postgres::Postgres::start()
    {
        let folder = tempfile::tempdir().unwrap();
        let url = postgres.url();
        slow.extend(runtime.block_on(measure("PostgreSQL", &url, folder.path(), findings, days)));
    }
    assert!(slow.is_empty(), "too slow: {}", slow.join(", "));
}

/// Rows of the table of one database.
struct Table {
    database: &'static str,
    /// What took too long.
    slow: Vec<String>,
}

impl Table {
    fn row(&mut self, what: &str, value: &dyn Display, bound: &str, holds: bool) {
        let database = self.database;
        println!("| {database} | {what} | {value} | {bound} |");
        if !holds {
            self.slow.push(format!("{database}: {what} is {value}"));
        }
    }

    fn ingest(&mut self, year: &Year) {
        for (what, time) in [
            ("first ingest, all new", year.first),
            ("ingest of a day, median", year.median()),
            ("ingest of a day, slowest", year.slowest()),
        ] {
            let value = format!("{:.1} s", time.as_secs_f64());
            self.row(what, &value, "20 s", time < INGEST);
        }
        self.row("changes kept", &year.changes, "", true);
        let size = format!("{:.0} MB", year.bytes as f64 / 1e6);
        self.row("size of the database", &size, "", true);
    }

    async fn answers(&mut self, server: &Server) {
        let findings = "/api/v1/findings";
        for (what, path, bound) in [
            ("first page of findings", "", FIRST_PAGE),
            (
                "first page, failing and severe",
                "?verdict=fail&severity=critical,high",
                FIRST_PAGE,
            ),
            (
                "first page, of one check",
                "?check=service7/flaw-7",
                FIRST_PAGE,
            ),
            ("first page, latest first", "?sort=since", FIRST_PAGE),
            ("first page, by resource", "?sort=resource", FIRST_PAGE),
            ("first page, of one tag", "?tag=team%3Dred", TREND),
            ("first page, text search", "?q=resource-00042", TREND),
            ("first page, text that nothing has", "?q=zzzz", TREND),
            ("values of filters", "/values", TREND),
            (
                "trend of a year",
                "/api/v1/targets/shop/trend?days=400",
                TREND,
            ),
            ("overview of targets", "/api/v1/targets", FIRST_PAGE),
            ("metrics", "/metrics", TREND),
        ] {
            let path = if path.starts_with("/api") || path == "/metrics" {
                path.to_owned()
            } else {
                format!("{findings}{path}")
            };
            let (median, worst) = server.times(&path, 15).await;
            let value = format!("{} ms (worst {})", median.as_millis(), worst.as_millis());
            let limit = format!("{} ms", bound.as_millis());
            self.row(what, &value, &limit, median < bound);
        }
    }

    /// What is read of stored reports.
    async fn reports(&mut self, server: &Server, audits: &[String]) {
        let id = server.finding().await;
        let details = format!("/api/v1/findings/shop/{id}/details");
        let mut questions = vec![("details of a finding", details)];
        if let [old, new] = audits {
            let differences = format!("/api/v1/audits/{new}/differences?with={old}");
            let begun = Instant::now();
            server.times(&differences, 0).await;
            let first = format!("{} ms", begun.elapsed().as_millis());
            self.row("two audits compared", &first, "", true);
            questions.push(("a page of their differences", differences));
        }
        for (what, path) in questions {
            let (median, worst) = server.times(&path, 5).await;
            let value = format!("{} ms (worst {})", median.as_millis(), worst.as_millis());
            self.row(what, &value, "", true);
        }
    }

    async fn watched(&mut self, server: &Server, url: &str) {
        let watched = server.watched_by(url, CLIENTS).await;
        let milliseconds = |time: Duration| format!("{} ms", time.as_millis());
        self.row(
            &format!("{CLIENTS} clients on events: all have the first one"),
            &milliseconds(watched.first),
            "",
            true,
        );
        self.row(
            "processor time for them while nothing happens, of one core",
            &format!("{:.0} %", watched.busy * 100.0),
            "",
            true,
        );
        self.row(
            "from the audit's end until all were told",
            &milliseconds(watched.last),
            "2000 ms",
            watched.last < TOLD,
        );
        let memory = format!("{:.0} MB", watched.memory);
        self.row("memory with them", &memory, "", true);
    }
}

/// Measures one database, and returns what took too long.
async fn measure(
    database: &'static str,
    url: &str,
    folder: &Path,
    findings: usize,
    days: usize,
) -> Vec<String> {
    let mut table = Table {
        database,
        slow: Vec::new(),
    };
    let year = Year::store(url, folder, findings, days).await;
    table.ingest(&year);
    let server = Server::start(url, folder).await;
    let idle = server.memory();
    let value = format!("{idle:.0} MB");
    table.row("idle memory", &value, "80 MB", idle < IDLE_MB);
    table.answers(&server).await;
    table.reports(&server, &year.last).await;
    let after = format!("{:.0} MB", server.memory());
    table.row("memory after these questions", &after, "", true);
    table.watched(&server, url).await;
    server.stop().await;
    println!();
    table.slow
}
