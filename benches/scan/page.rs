//! The page that shows the figures: `docs/benchmarks.md`.

use crate::bound::Bound;
use crate::process::Run;
use crate::{DELAY, HUGE_MB, IDLE_MB, RATIO, RATIO_OF_RATES, THROTTLED};
use sixpillars::aws::throttle::gate::IN_FLIGHT;
use std::fmt::Write;
use std::time::Duration;

/// One line of the table.
pub(crate) struct Row {
    pub(crate) account: String,
    pub(crate) resources: u64,
    /// How fast the scan was allowed to call.
    pub(crate) rates: &'static str,
    pub(crate) bound: Bound,
    pub(crate) run: Run,
}

impl Row {
    pub(crate) fn ratio(&self) -> f64 {
        self.run.wall.as_secs_f64() / self.bound.time.as_secs_f64()
    }

    /// The share of throttled requests among those whose token buckets have been in use for a
    /// while.
    #[allow(
        clippy::cast_precision_loss,
        reason = "requests are counted in thousands"
    )]
    pub(crate) fn throttled(&self) -> f64 {
        let (calls, throttled) = self.run.counts.warm();
        throttled as f64 / calls.max(1) as f64
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn measured<T>(value: Option<T>, show: impl Fn(T) -> String) -> String {
    value.map_or_else(|| "not measured".to_owned(), show)
}

fn megabytes(value: Option<f64>) -> String {
    measured(value, |mb| format!("{mb:.0} MB"))
}

/// A number with its thousands apart.
fn number(value: impl TryInto<u64>) -> String {
    let digits = value
        .try_into()
        .map_or_else(|_| "-".to_owned(), |n| n.to_string());
    let mut spaced = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            spaced.push(',');
        }
        spaced.push(digit);
    }
    spaced
}

/// The whole page.
pub(crate) fn page(rows: &[Row], predicted: &[(String, Bound)], date: &str) -> String {
    let mut page = format!(
        "# How fast, and at what cost\n\n\
         Written by `make bench`, which anyone can repeat: nothing is needed but this repository. The \
         accounts are those of `tests/hostile/account`, generated in memory; each answer comes after \
         {} ms, as from an AWS region far away, for as many requests at once as are sent.\n\n\
         The bound is what no program could be faster than: the longest chain of calls that need each \
         other's answers, or all calls in rounds of the {IN_FLIGHT} that are in flight at once, or, where \
         AWS's rates are kept, the token bucket that takes longest to let its calls through.\n\n\
         Machine: {}. The program and the accounts it reads shared it. {date}.\n\n",
        DELAY.as_millis(),
        machine(),
    );
    page += "| account | resources | evaluations | calls | rates | bound | bound by | wall time | of the bound | throttled | processor time | peak memory |\n";
    page += "|---|---:|---:|---:|---|---:|---|---:|---:|---:|---:|---:|\n";
    for row in rows {
        let run = &row.run;
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {:.2} × | {:.1} % | {} | {} |",
            row.account,
            number(row.resources),
            number(run.evaluations),
            number(run.counts.calls()),
            row.rates,
            seconds(row.bound.time),
            row.bound.by,
            seconds(run.wall),
            row.ratio(),
            row.throttled() * 100.0,
            measured(run.cpu, seconds),
            megabytes(run.peak_mb),
        );
    }
    page += &legend(rows.first().and_then(|row| row.run.idle_mb));
    if !predicted.is_empty() {
        page += "\nAt the default rates larger accounts take as long as AWS's buckets make them, whatever the program does. Computed from the calls above:\n\n";
        page += "| account | bound at the default rates | bound by |\n|---|---:|---|\n";
        for (account, bound) in predicted {
            let _ = writeln!(
                page,
                "| {account} | {} | {} |",
                seconds(bound.time),
                bound.by
            );
        }
    }
    page
}

/// What the words of the table mean, and when `make bench` fails.
fn legend(idle_mb: Option<f64>) -> String {
    format!(
        "\n\"Lifted\" is `--max-rate 0`, with billed metrics read too; \"default\" is half of each rate \
         that AWS documents, and \"documented\" (`--max-rate 100`) all of it, without them, while AWS's \
         token buckets are enforced in full. \"Huge\" is 200,000 resources of the services with clients of \
         their own, \"declared\" as many of all kinds that files declare, over twenty regions, and \"empty\" \
         an account of seventeen regions with nothing in it. \"Throttled\" are requests later than two seconds after the \
         first of their kind. Before its first call the program takes {} of memory.\n\n\
         `make bench` fails where a scan of the 1 × account without limits takes more than {RATIO} × the \
         bound, where one that keeps to rates takes more than {RATIO_OF_RATES} × or has {:.0} % of its requests \
         throttled, where the program takes {IDLE_MB} MB before its first call, or where the 200,000 \
         resources take more than {HUGE_MB} MB.\n",
        megabytes(idle_mb),
        THROTTLED * 100.0,
    )
}

/// Processor, memory and system, as Linux tells them.
fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split(':').nth(1)?.trim().to_owned())
    };
    let processor = field(&read("/proc/cpuinfo"), "model name");
    let memory = field(&read("/proc/meminfo"), "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "{cores} cores of {}, {} GB of memory, {} {}",
        processor.unwrap_or_else(|| "an unknown processor".to_owned()),
        memory.map_or_else(|| "?".to_owned(), |kb| (kb / 1_000_000).to_string()),
        std::env::consts::OS,
        std::env::consts::ARCH,
    )
}
