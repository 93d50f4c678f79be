//! How close a scan comes to the fastest possible one, and what it costs: `make bench`.
//!
//! Generated accounts of several sizes are served from this process at the pace of a distant AWS, and
//! read by the built program. The figures go to `docs/benchmarks.md`.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]
#![allow(clippy::print_stdout, reason = "the figures are for people")]

#[path = "../../tests/hostile/account/mod.rs"]
mod account;
mod bound;
#[path = "../../tests/endpoint/mod.rs"]
mod endpoint;
mod page;
mod process;

use account::{Account, Size};
use bound::Bound;
use endpoint::{Effect, Endpoint, Rule, Source, Wait};
use page::Row;
use process::{Run, scan};
use sixpillars::aws::throttle::limits::SHARE;
use std::time::Duration;

/// How long each answer takes.
const DELAY: Duration = Duration::from_millis(40);

/// What the bench holds the program to.
const RATIO: f64 = 1.2;
const IDLE_MB: f64 = 60.0;
const HUGE_MB: f64 = 400.0;

/// Of the bound that AWS's buckets set, while they are enforced.
const RATIO_OF_RATES: f64 = 1.15;
/// The share of warm calls that may be throttled then.
const THROTTLED: f64 = 0.02;

/// As fast as it can, with billed reads.
const LIFTED: &[&str] = &["--max-rate", "0", "--allow-paid", "100"];
/// As fast as AWS says that it may.
const DOCUMENTED: &[&str] = &["--max-rate", "100"];

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let serve = |size: Size| {
        let account = Account::new(size);
        let source = Source::memory(move |call| account.answer(call));
        let endpoint = runtime.block_on(Endpoint::start(source));
        endpoint.set_delay(DELAY);
        endpoint
    };
    let one = Size::one();
    let sizes = [
        ("1 ×", one, 9),
        ("10 ×", one.times(10), 3),
        ("100 ×", one.times(100), 1),
        ("huge", Size::huge(), 1),
        ("declared", Size::DECLARED, 1),
        ("empty", Size::EMPTY, 3),
    ];
    // `cargo bench --bench scan -- huge` measures that one only, and leaves the page as it is.
    let named: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let selected =
        |name: &str| named.is_empty() || named.iter().any(|n| name.split(' ').next() == Some(n));

    let mut rows = Vec::new();
    let mut predicted = Vec::new();
    for (name, size, runs) in sizes.into_iter().filter(|(name, ..)| selected(name)) {
        let endpoint = serve(size);
        rows.push(lifted(name, &endpoint, runs));
        // Larger accounts would take hours at these rates.
        if runs > 1 {
            // Buckets are full when a scan begins, so each has an endpoint of its own.
            let scans = |arguments: &'static [&'static str]| {
                let runs = if name == "1 ×" { 3 } else { 1 };
                let serve = &serve;
                (0..runs).map(move |_| throttled_scan(&serve(size), arguments))
            };
            rows.push(kept(name, "default", scans(&[]), SHARE));
            rows.push(kept(name, "documented", scans(DOCUMENTED), 1.0));
        } else {
            let bound = Bound::of_rates(&rows[rows.len() - 1].run.counts, SHARE);
            predicted.push((name.to_owned(), bound));
        }
    }
    let date = jiff::Timestamp::now().strftime("%-d %B %Y").to_string();
    let page = page::page(&rows, &predicted, &date);
    println!("{page}");
    if named.is_empty() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/benchmarks.md");
        // What other benches and people write stands in sections of its own.
        let before = std::fs::read_to_string(path).unwrap_or_default();
        let others = before.find("\n## ").map_or("", |at| &before[at..]);
        std::fs::write(path, page + others).expect("the page is written");
    }
    assert_limits(&rows);
}

/// The median of several scans as fast as they go.
fn lifted(name: &str, endpoint: &Endpoint, runs: usize) -> Row {
    let run = median((0..runs).map(|_| scan(endpoint, LIFTED)));
    row(name, "lifted", Bound::of_rounds(&run.counts), run)
}

/// The median of scans at a share of the documented rates.
fn kept(name: &str, rates: &'static str, scans: impl Iterator<Item = Run>, share: f64) -> Row {
    let run = median(scans);
    row(name, rates, Bound::of_rates(&run.counts, share), run)
}

/// A scan while the endpoint enforces the documented rates in full.
fn throttled_scan(endpoint: &Endpoint, arguments: &[&str]) -> Run {
    endpoint.rule(Rule::new(Effect::Throttle(Wait::Unsaid)));
    scan(endpoint, arguments)
}

/// The scan of median time.
fn median(runs: impl Iterator<Item = Run>) -> Run {
    let mut runs: Vec<Run> = runs.collect();
    runs.sort_by_key(|run| run.wall);
    runs.swap_remove(runs.len() / 2)
}

fn row(name: &str, rates: &'static str, bound: Bound, run: Run) -> Row {
    let row = Row {
        account: name.to_owned(),
        resources: run.resources,
        rates,
        bound,
        run,
    };
    println!(
        "{name} {rates}: {:.1?}, {:.2} x the bound",
        row.run.wall,
        row.ratio()
    );
    row
}

fn assert_limits(rows: &[Row]) {
    for row in rows {
        let (ratio, run) = (row.ratio(), &row.run);
        // Of so few calls the start of the program is most of what they take.
        if row.account == "empty" {
            continue;
        }
        if row.rates != "lifted" {
            assert!(ratio <= RATIO_OF_RATES, "{ratio:.2} x the bound of rates");
            let throttled = row.throttled();
            assert!(throttled < THROTTLED, "{throttled:.3} of the warm calls");
            continue;
        }
        if row.account == "1 ×" {
            assert!(ratio <= RATIO, "{ratio:.2} x the bound");
        }
        let is_huge = ["huge", "declared"].contains(&row.account.as_str());
        let most = if is_huge { HUGE_MB } else { f64::MAX };
        let within = |value: Option<f64>, limit| value.is_none_or(|mb| mb < limit);
        assert!(within(run.idle_mb, IDLE_MB), "{:?} MB idle", run.idle_mb);
        assert!(within(run.peak_mb, most), "{:?} MB at most", run.peak_mb);
    }
}
