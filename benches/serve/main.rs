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
    clippy::too_many_lines,
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
use std::time::Duration;
use year::Year;

/// What has to hold.
const INGEST: Duration = Duration::from_secs(20);
const FIRST_PAGE: Duration = Duration::from_millis(150);
const TREND: Duration = Duration::from_millis(300);
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

/// Measures one database, and returns what took too long.
async fn measure(
    name: &str,
    url: &str,
    folder: &Path,
    findings: usize,
    days: usize,
) -> Vec<String> {
    let mut slow = Vec::new();
    let mut row = |what: &str, value: &dyn Display, bound: &str, holds: bool| {
        println!("| {name} | {what} | {value} | {bound} |");
        if !holds {
            slow.push(format!("{name}: {what} is {value}"));
        }
    };
    let year = Year::store(url, findings, days).await;
    let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
    row(
        "first ingest, all new",
        &seconds(year.first),
        "20 s",
        year.first < INGEST,
    );
    row(
        "ingest of a day, median",
        &seconds(year.median()),
        "20 s",
        year.median() < INGEST,
    );
    row(
        "ingest of a day, slowest",
        &seconds(year.slowest()),
        "20 s",
        year.slowest() < INGEST,
    );
    let megabytes = |bytes: i64| format!("{:.0} MB", bytes as f64 / 1e6);
    row("changes kept", &year.changes, "", true);
    row("size of the database", &megabytes(year.bytes), "", true);
    let server = Server::start(url, folder).await;
    let idle = server.memory();
    row(
        "idle memory",
        &format!("{idle:.0} MB"),
        "80 MB",
        idle < IDLE_MB,
    );
    for (what, path, bound) in [
        ("first page of findings", "/api/v1/findings", FIRST_PAGE),
        (
            "first page, failing and severe",
            "/api/v1/findings?verdict=fail&severity=critical,high",
            FIRST_PAGE,
        ),
        (
            "first page, of one check",
            "/api/v1/findings?check=service7/flaw-7",
            FIRST_PAGE,
        ),
        (
            "first page, latest first",
            "/api/v1/findings?sort=since",
            FIRST_PAGE,
        ),
        (
            "first page, by resource",
            "/api/v1/findings?sort=resource",
            FIRST_PAGE,
        ),
        (
            "first page, text search",
            "/api/v1/findings?q=resource-00042",
            TREND,
        ),
        (
            "trend of a year",
            "/api/v1/targets/shop/trend?days=400",
            TREND,
        ),
        ("overview of targets", "/api/v1/targets", FIRST_PAGE),
        ("metrics", "/metrics", TREND),
    ] {
        let (median, worst) = server.times(path, 15).await;
        let value = format!("{} ms (worst {})", median.as_millis(), worst.as_millis());
        row(
            what,
            &value,
            &format!("{} ms", bound.as_millis()),
            median < bound,
        );
    }
    let watched = server.watched_by(url, CLIENTS).await;
    row(
        &format!("{CLIENTS} clients on events: all have the first one"),
        &format!("{} ms", watched.first.as_millis()),
        "",
        true,
    );
    row(
        "processor time for them while nothing happens, of one core",
        &format!("{:.0} %", watched.busy * 100.0),
        "",
        true,
    );
    row(
        "from the audit's end until all were told",
        &format!("{} ms", watched.last.as_millis()),
        "2000 ms",
        watched.last < Duration::from_secs(2),
    );
    row(
        "memory with them",
        &format!("{:.0} MB", watched.memory),
        "",
        true,
    );
    server.stop().await;
    println!();
    slow
}
