//! The command line: arguments in, exit code out.

use clap::{CommandFactory, Parser};
use serde_json::Value;
use sixpillars::app::{self, AppError, Outcome};
use sixpillars::check::Catalog;
use sixpillars::check::practices::Practices;
use sixpillars::cli::{
    ChecksCommand, Cli, Command, KindFormat, KindsCommand, ListFormat, PermissionsArgs,
    PolicyCommand,
};
use sixpillars::collect::registry;
use sixpillars::source::{Pos, Problem};
use sixpillars::{assess, check, checking, config, listing, output, panics, policy, render};
use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::ExitCode;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Answers, documents and findings are many small strings, made by one thread and dropped by another:
/// with the system's allocator of Linux a third of a scan's processor time goes into that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    panics::report();
    let cli = Cli::parse();
    let wanted =
        EnvFilter::try_from_env("SIXPILLARS_LOG").unwrap_or_else(|_| EnvFilter::new("off"));
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .with(wanted)
        .with(filter_fn(is_ours))
        .init();
    match std::panic::catch_unwind(AssertUnwindSafe(|| run(cli.command))) {
        // It is told where it happened.
        Err(_) => ExitCode::from(4),
        Ok(Ok(outcome)) => outcome.into(),
        Ok(Err(error)) => {
            // Nothing more can be done if even standard error is gone.
            let _ = writeln!(std::io::stderr(), "sixpillars: {error}");
            error.exit_code()
        }
    }
}

/// Below a warning, the SDK and the HTTP client log whole requests and answers: signatures, user
/// data, whatever an account's owner has written somewhere. None of that is ours to show.
fn is_ours(event: &Metadata<'_>) -> bool {
    event.target().starts_with("sixpillars") || *event.level() <= Level::WARN
}

fn run(command: Command) -> Result<Outcome, AppError> {
    match command {
        Command::Scan(args) => {
            let runtime = runtime()?;
            let outcome = runtime.block_on(app::scan(&args, stop_signal()));
            // Idle connections need no farewell.
            runtime.shutdown_background();
            outcome
        }
        Command::Judge(args) => app::judge(&args),
        Command::Plan(args) => {
            let (plan, targets) = runtime()?.block_on(app::plan(&args))?;
            match args.format {
                ListFormat::Text => print(&listing::plan(&plan, &targets, args.allow_paid)),
                ListFormat::Json => {
                    let mut whole = serde_json::to_value(&plan).unwrap_or_default();
                    whole["targets"] = serde_json::json!(targets);
                    print_json(&whole)
                }
            }
        }
        Command::Permissions(args) => permissions(&args),
        Command::Checks(command) => checks(command),
        Command::Policy(PolicyCommand::Validate { files, checks_dir }) => {
            validate(&files, &checks_dir)
        }
        Command::Kinds(command) => kinds(command),
        Command::Report(args) => app::report(&args),
        Command::Diff(args) => app::diff(&args),
        Command::Send(command) => runtime()?.block_on(app::send(&command)),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "sixpillars", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
        Command::Man { output } => manual(output.as_deref()),
    }
}

/// The manual: a page for each command in a folder, or all of them one after the other.
fn manual(folder: Option<&Path>) -> Result<Outcome, AppError> {
    let mut command = Cli::command();
    // Also gives each command its whole name, `sixpillars checks test`, and its global flags.
    command.build();
    let mut pages = Vec::new();
    add_pages(&command, &mut pages)?;
    let Some(folder) = folder else {
        let pages: Vec<String> = pages.into_iter().map(|(_, page)| page).collect();
        return print(&pages.join("\n"));
    };
    for (name, page) in &pages {
        let path = folder.join(format!("{name}.1"));
        output::write(&path, page).map_err(|e| AppError::Write(e.to_string()))?;
    }
    print(&format!(
        "wrote {} pages to {}\n",
        pages.len(),
        folder.display()
    ))
}

/// Adds the page of a command and those of its subcommands, each with its name.
fn add_pages(command: &clap::Command, pages: &mut Vec<(String, String)>) -> Result<(), AppError> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(command.clone())
        .title(name)
        .source(concat!("sixpillars ", env!("CARGO_PKG_VERSION")))
        .render(&mut page);
    written.map_err(|e| AppError::Internal(e.to_string()))?;
    pages.push((name.to_owned(), String::from_utf8_lossy(&page).into_owned()));
    for subcommand in command.get_subcommands() {
        // The help of the help says nothing.
        if subcommand.get_name() != "help" {
            add_pages(subcommand, pages)?;
        }
    }
    Ok(())
}

/// Stack of a worker in bytes. The SDK's futures are large and nest deeply: without optimisation
/// they overflow the usual two megabytes.
const STACK: usize = 8 << 20;

fn runtime() -> Result<tokio::runtime::Runtime, AppError> {
    tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(STACK)
        .enable_all()
        .build()
        .map_err(|e| AppError::Internal(format!("no runtime: {e}")))
}

/// Done when the user or the system asks to stop.
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

fn print(text: &str) -> Result<Outcome, AppError> {
    render::print(text).map_err(AppError::Write)?;
    Ok(Outcome::Done)
}

fn print_json(value: &Value) -> Result<Outcome, AppError> {
    let text =
        serde_json::to_string_pretty(value).map_err(|e| AppError::Internal(e.to_string()))?;
    print(&format!("{text}\n"))
}

fn today() -> jiff::civil::Date {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

fn permissions(args: &PermissionsArgs) -> Result<Outcome, AppError> {
    let selected = config::select(&args.select, &args.tags, today())?;
    let regions = config::regions(&args.regions);
    let (actions, left_out) = selected.permissions(&regions, args.allow_paid > 0.0);
    if !left_out.is_empty() {
        let names: Vec<&str> = left_out.into_iter().collect();
        // Standard output is the policy alone. Nothing more can be done if standard error is gone.
        let _ = writeln!(
            std::io::stderr(),
            "sixpillars: without {}, which AWS bills and a scan does not read by itself; \
             --allow-paid 1 puts it in",
            names.join(", ")
        );
    }
    print_json(&listing::permissions(&actions))
}

fn checks(command: ChecksCommand) -> Result<Outcome, AppError> {
    match command {
        ChecksCommand::List { select, format } => {
            let selected = config::select(&select, &[], today())?;
            match format {
                ListFormat::Text => print(&listing::checks(&selected.catalog)),
                ListFormat::Json => print_json(&listing::checks_json(&selected.catalog)),
            }
        }
        ChecksCommand::Show { id, checks_dir } => {
            let (kinds, catalog) = catalog(&checks_dir)?;
            let check = catalog
                .get(&id)
                .ok_or_else(|| no_such("check", &id, catalog.iter().map(|c| c.id.as_str())))?;
            print(&listing::check(check, &kinds))
        }
        ChecksCommand::Test { select } => {
            let selected = config::select(&select, &[], today())?;
            let (problems, run) =
                checking::test(&selected.catalog, &selected.kinds, jiff::Timestamp::now());
            let mut lines = problems.clone();
            lines.push(format!(
                "{} checks, {run} examples, {} problems\n",
                selected.catalog.len(),
                problems.len()
            ));
            print(&lines.join("\n"))?;
            Ok(if problems.is_empty() {
                Outcome::Done
            } else {
                Outcome::GateBroken
            })
        }
        ChecksCommand::New { id, resource, dir } => new_check(&id, &resource, &dir),
    }
}

fn catalog(dirs: &[std::path::PathBuf]) -> Result<(sixpillars::check::Kinds, Catalog), AppError> {
    let kinds = config::all_kinds();
    let practices = Practices::embedded()?;
    let catalog = config::all_checks(dirs, &kinds, &practices)?;
    Ok((kinds, catalog))
}

fn no_such<'a>(what: &str, given: &str, known: impl IntoIterator<Item = &'a str>) -> AppError {
    let help = sixpillars::source::did_you_mean(given, known);
    let problem = Problem::new(
        given,
        Pos { line: 1, column: 1 },
        format!("there is no such {what}"),
    );
    AppError::Config(vec![problem.with_maybe_help(help)])
}

fn new_check(id: &str, resource: &str, dir: &Path) -> Result<Outcome, AppError> {
    let kinds = config::all_kinds();
    let kind = kinds
        .get(resource)
        .ok_or_else(|| no_such("kind", resource, kinds.keys().copied()))?
        .kind;
    let plain = |s: &str| {
        !s.is_empty()
            && s.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let at = Pos { line: 1, column: 1 };
    if !id
        .split_once('/')
        .is_some_and(|(service, flaw)| plain(service) && plain(flaw))
    {
        let problem = Problem::new(id, at, "not a check id");
        return Err(AppError::Config(vec![
            problem.with_help("<service>/<flaw>, such as ec2/instance-too-old"),
        ]));
    }
    let path = dir.join(format!("{id}.yaml"));
    if path.exists() {
        let problem = Problem::new(&path.display().to_string(), at, "is there already");
        return Err(AppError::Config(vec![problem]));
    }
    let write = |path: &Path, text: &str| {
        output::write(path, text).map_err(|e| AppError::Write(e.to_string()))
    };
    // Where the folder belongs to a copy of this repository, the schema is in it.
    let schema = if dir.join("../schemas/check.schema.json").exists() {
        "../../schemas/check.schema.json"
    } else {
        write(&dir.join("check.schema.json"), check::SCHEMA)?;
        "../check.schema.json"
    };
    write(&path, &listing::new_check(kind, schema))?;
    print(&format!(
        "wrote {}; editors complete it from {schema}\n\
         try it: sixpillars checks test --checks-dir {} --checks {id}\n",
        path.display(),
        dir.display()
    ))
}

fn validate(files: &[String], dirs: &[std::path::PathBuf]) -> Result<Outcome, AppError> {
    let (_, catalog) = catalog(dirs)?;
    let practices = Practices::embedded()?;
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    for file in files {
        match config::policy_source(file) {
            Ok(source) => sources.push(source),
            Err(problem) => problems.push(problem),
        }
    }
    let infos: Vec<_> = catalog.iter().map(|check| assess::info(check)).collect();
    let practices: Vec<&str> = practices.ids().collect();
    match policy::load(&sources, &infos, &practices, today()) {
        Err(found) => problems.extend(found),
        Ok(loaded) => {
            for warning in loaded.warnings {
                print(&format!("{warning}\n"))?;
            }
        }
    }
    if !problems.is_empty() {
        return Err(AppError::Config(problems));
    }
    print(&format!("{} can be used\n", files.join(", ")))
}

fn kinds(command: KindsCommand) -> Result<Outcome, AppError> {
    let kinds = config::all_kinds();
    match command {
        KindsCommand::List => print(&listing::kinds(&kinds)),
        KindsCommand::Show { kind: name, format } => {
            let kind = registry()
                .into_iter()
                .map(|c| c.kind)
                .find(|k| k.name == name)
                .ok_or_else(|| no_such("kind", &name, kinds.keys().copied()))?;
            match format {
                KindFormat::Text => print(&listing::kind(kind, false)),
                KindFormat::Markdown => print(&listing::kind(kind, true)),
                KindFormat::Schema => print_json((kind.schema)().as_value()),
            }
        }
    }
}
