//! The command line: arguments in, exit code out.

use clap::Parser;
use sixpillars::cli::{Cli, Command};
use sixpillars::commands::{self, CommandError, ExitStatus};
use sixpillars::panics;
use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Answers, documents and findings are many small strings that one thread allocates and another
/// frees. With the allocator of Linux, that takes a third of a scan's processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    panics::report();
    let cli = Cli::parse();
    let observed = Observed::of(&cli.command);
    let (default, traces) = match observed.logs_json() {
        Some(_) => ("sixpillars=info", LevelFilter::INFO),
        None => ("off", LevelFilter::OFF),
    };
    let wanted =
        EnvFilter::try_from_env("SIXPILLARS_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    // The SDK begins a dozen spans for each call. What nobody reads is not even begun.
    let most = wanted.max_level_hint().unwrap_or(LevelFilter::TRACE);
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let log = match observed.logs_json() {
        Some(true) => log.json().flatten_event(true).with_filter(wanted).boxed(),
        Some(false) => log.with_ansi(false).with_filter(wanted).boxed(),
        None => log.with_filter(wanted).boxed(),
    };
    tracing_subscriber::registry()
        .with(most.max(traces))
        .with(log.with_filter(filter_fn(is_ours)))
        .with(observed.layer())
        .init();
    observed.tell();
    let ended = std::panic::catch_unwind(AssertUnwindSafe(|| run(cli)));
    observed.end();
    match ended {
        // The panic hook has reported it.
        Err(_) => ExitCode::from(4),
        Ok(Ok(status)) => status.into(),
        Ok(Err(error)) => {
            // Nothing more can be done if even standard error is gone.
            let _ = writeln!(std::io::stderr(), "sixpillars: {error}");
            error.exit_code()
        }
    }
}

/// Below the level of warnings, the SDK and the HTTP client log complete requests and responses,
/// including signatures and user data. These must not be shown.
fn is_ours(event: &Metadata<'_>) -> bool {
    event.target().starts_with("sixpillars") || *event.level() <= Level::WARN
}

/// The log and the traces of a command that runs until it is stopped.
#[derive(Default)]
struct Observed {
    #[cfg(feature = "serve")]
    telemetry: Option<sixpillars::serve::Telemetry>,
}

type Traces<S> = Option<Box<dyn Layer<S> + Send + Sync>>;

impl Observed {
    #[cfg(feature = "serve")]
    fn of(command: &Command) -> Self {
        let telemetry = match command {
            Command::Serve(args) if command.is_standing() => {
                Some(sixpillars::serve::Telemetry::of(args))
            }
            _ => None,
        };
        Self { telemetry }
    }

    #[cfg(not(feature = "serve"))]
    fn of(_command: &Command) -> Self {
        Self::default()
    }

    /// Whether programs read the log, where there is one.
    fn logs_json(&self) -> Option<bool> {
        #[cfg(feature = "serve")]
        return self
            .telemetry
            .as_ref()
            .map(sixpillars::serve::Telemetry::logs_json);
        #[cfg(not(feature = "serve"))]
        None
    }

    fn layer<S>(&self) -> Traces<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        #[cfg(feature = "serve")]
        return self
            .telemetry
            .as_ref()
            .and_then(sixpillars::serve::Telemetry::layer);
        #[cfg(not(feature = "serve"))]
        None
    }

    fn tell(&self) {
        #[cfg(feature = "serve")]
        if let Some(telemetry) = &self.telemetry {
            telemetry.tell();
        }
    }

    /// Sends what is left of the traces.
    fn end(self) {
        #[cfg(feature = "serve")]
        if let Some(telemetry) = self.telemetry {
            telemetry.end();
        }
    }
}

fn run(cli: Cli) -> Result<ExitStatus, CommandError> {
    let own = &cli.own_kinds;
    sixpillars::config::install_kinds(&own.kinds_dir, own.models.as_deref())?;
    match cli.command {
        Command::Scan(args) => {
            let runtime = runtime()?;
            let status =
                runtime.block_on(async { commands::scan::run(&args, stop_signal()).await });
            // Idle connections need no farewell.
            runtime.shutdown_background();
            status
        }
        Command::Judge(args) => commands::judge::run(&args),
        Command::Plan(args) => runtime()?.block_on(commands::plan::run(&args)),
        Command::Permissions(args) => commands::permissions::run(&args),
        Command::Checks(command) => commands::checks::run(command),
        Command::Policy(command) => commands::policy::run(&command),
        Command::Kinds(command) => commands::kinds::run(command, own.models.as_deref()),
        Command::Report(args) => commands::report::run(&args),
        Command::Diff(args) => commands::diff::run(&args),
        Command::Remote(args) => runtime()?.block_on(commands::remote::run(&args)),
        Command::Send(command) => runtime()?.block_on(commands::send::run(&command)),
        #[cfg(feature = "serve")]
        Command::Serve(args) => {
            runtime()?.block_on(async { sixpillars::serve::run(&args, stop_signal()).await })
        }
        Command::Completions { shell } => commands::completions::run(shell),
        Command::Man { output } => commands::man::run(output.as_deref()),
    }
}

/// Stack of a worker in bytes. The SDK's futures are large and nest deeply: without optimisation
/// they overflow the usual two megabytes.
const STACK: usize = 8 << 20;

fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(STACK)
        .enable_all()
        .build()
        .map_err(|e| CommandError::Internal(format!("no runtime: {e}")))
}

/// Completes when the user or the system requests a stop: also if that comes before it is waited for.
#[cfg(unix)]
fn stop_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    async fn arrives(signal: std::io::Result<Signal>) {
        match signal {
            Ok(mut signal) => {
                signal.recv().await;
            }
            // The system has no room for it: the process ends without order, as it would by itself.
            Err(_) => std::future::pending().await,
        }
    }
    let [terminate, interrupt] = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    async move {
        tokio::select! {
            () = arrives(terminate) => {}
            () = arrives(interrupt) => {}
        }
    }
}

/// Completes when the user requests a stop.
#[cfg(not(unix))]
async fn stop_signal() {
    let _ = tokio::signal::ctrl_c().await;
}
