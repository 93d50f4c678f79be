//! The command line: arguments in, exit code out.

use clap::Parser;
use sixpillars::cli::{Cli, Command};
use sixpillars::commands::{self, CommandError, ExitStatus};
use sixpillars::panics;
use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Answers, documents and findings are many small strings that one thread allocates and another
/// frees. With the allocator of Linux, that takes a third of a scan's processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    panics::report();
    let cli = Cli::parse();
    let wanted = |default| {
        EnvFilter::try_from_env("SIXPILLARS_LOG").unwrap_or_else(|_| EnvFilter::new(default))
    };
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let log = if cli.command.is_standing() {
        // Programs read it.
        log.json()
            .flatten_event(true)
            .with_filter(wanted("sixpillars=info"))
            .boxed()
    } else {
        log.with_filter(wanted("off")).boxed()
    };
    tracing_subscriber::registry()
        .with(log.with_filter(filter_fn(is_ours)))
        .init();
    match std::panic::catch_unwind(AssertUnwindSafe(|| run(cli))) {
        // It is told where it happened.
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

fn run(cli: Cli) -> Result<ExitStatus, CommandError> {
    let own = &cli.own_kinds;
    sixpillars::config::install_kinds(&own.kinds_dir, own.models.as_deref())?;
    match cli.command {
        Command::Scan(args) => {
            let runtime = runtime()?;
            let status = runtime.block_on(commands::scan::run(&args, stop_signal()));
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
        Command::Serve(args) => runtime()?.block_on(sixpillars::serve::run(&args, stop_signal())),
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

/// Completes when the user or the system requests a stop.
async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            let _ = tokio::signal::ctrl_c().await;
            return;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
}
