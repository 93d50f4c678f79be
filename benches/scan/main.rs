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
use endpoint::{Endpoint, Source};
use page::Row;
use process::{Run, scan};
use std::time::Duration;

/// How long each answer takes.
const DELAY: Duration = Duration::from_millis(40);

/// What the bench holds the program to.
const RATIO: f64 = 1.3;
const IDLE_MB: f64 = 60.0;
const HUGE_MB: f64 = 400.0;

/// As fast as it can, with billed reads.
const LIFTED: &[&str] = &["--max-rate", "0", "--allow-paid", "100"];

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
    let mut rows = vec![
        lifted("1 ×", one, &serve(one), 5),
        lifted("10 ×", one.times(10), &serve(one.times(10)), 3),
        lifted("100 ×", one.times(100), &serve(one.times(100)), 1),
        lifted("huge", Size::huge(), &serve(Size::huge()), 1),
    ];
    let predicted: Vec<(String, Bound)> = rows
        .iter()
        .skip(2)
        .map(|row| (row.account.clone(), Bound::of_rates(&row.run.counts)))
        .collect();
    let times = [("1 ×", one), ("10 ×", one.times(10))];
    rows.extend(times.map(|(name, size)| by_default(name, size, &serve(size))));

    let date = jiff::Timestamp::now().strftime("%-d %B %Y").to_string();
    let page = page::page(&rows, &predicted, &date);
    println!("{page}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/benchmarks.md");
    std::fs::write(path, page).expect("the page is written");
    assert_limits(&rows);
}

/// The median of several scans as fast as they go.
fn lifted(name: &str, size: Size, endpoint: &Endpoint, runs: usize) -> Row {
    let mut runs: Vec<Run> = (0..runs).map(|_| scan(endpoint, LIFTED)).collect();
    runs.sort_by_key(|run| run.wall);
    let run = runs.swap_remove(runs.len() / 2);
    row(name, size, "lifted", Bound::of_rounds(&run.counts), run)
}

/// One scan at the default rates.
fn by_default(name: &str, size: Size, endpoint: &Endpoint) -> Row {
    let run = scan(endpoint, &[]);
    row(name, size, "default", Bound::of_rates(&run.counts), run)
}

fn row(name: &str, size: Size, rates: &'static str, bound: Bound, run: Run) -> Row {
    let row = Row {
        account: name.to_owned(),
        resources: size.resources(),
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
    let one = &rows[0];
    let idle = one.run.idle_mb;
    assert!(one.ratio() <= RATIO, "{:.2} x the bound", one.ratio());
    assert!(idle.is_none_or(|mb| mb < IDLE_MB), "{idle:?} MB idle");
    let huge = rows.iter().find(|row| row.account == "huge");
    let peak = huge.and_then(|row| row.run.peak_mb);
    assert!(peak.is_none_or(|mb| mb < HUGE_MB), "{peak:?} MB at most");
}
