//! `serve`: from the configuration to a service that listens, and its orderly end.

use super::api;
use super::auth::make_token;
use super::backup;
use super::compared::Comparisons;
use super::config::Config;
use super::deliver::{deliver, try_out};
use super::health::health;
use super::listen::{Tls, bind, serve};
use super::load;
use super::progress::ProgressBoard;
use super::requests::Requests;
use super::retention::retain;
use super::scheduler::schedule;
use super::state::Service;
use super::watch_cache::WatchCache;
use super::worker::work;
use crate::atomic_file::{Pending, WriteError};
use crate::cli::{ServeArgs, ServeCommand, TestChannelArgs, TokenArgs};
use crate::commands::{CommandError, ExitStatus, output};
use crate::store::{Bucket, Database, Files, StoreError, new_id};
use jiff::{SignedDuration, Timestamp};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How long open requests may take after the service was told to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// `serve`: runs the service until it is told to stop.
///
/// # Errors
/// [`CommandError`].
pub async fn run(
    args: &ServeArgs,
    stop_requested: impl Future<Output = ()>,
) -> Result<ExitStatus, CommandError> {
    match &args.command {
        Some(ServeCommand::Token(args)) => return token(args).await,
        Some(ServeCommand::Health(args)) => return health(&args.config).await,
        Some(ServeCommand::TestChannel(args)) => return test_channel(args).await,
        Some(ServeCommand::Backup(args)) => return backup::backup(args).await,
        Some(ServeCommand::Restore(args)) => return backup::restore(args).await,
        None => {}
    }
    let config = load::read(&args.config)?;
    let checked = config.clone();
    let checked = tokio::task::spawn_blocking(move || checked.check_selections()).await;
    checked.map_err(|e| CommandError::Internal(e.to_string()))??;
    if args.check {
        let (targets, schedules) = (config.targets.len(), config.schedules.len());
        let path = args.config.display();
        return output::print(&format!(
            "{path}: no problems; targets: {targets}, schedules: {schedules}\n"
        ));
    }
    let service = Arc::new(open(config).await?);
    let listener = bind(service.config.listen).await?;
    let address = listener
        .local_addr()
        .map_err(|e| CommandError::Internal(e.to_string()))?;
    let scheme = if service.config.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let app = api::router(Arc::clone(&service), address)?;
    output::print(&format!("Listening on {scheme}://{address}\n"))?;
    tracing::info!(%address, worker = service.worker, "service begins");

    let stop = service.stop.clone();
    let serving = match &service.config.tls {
        None => tokio::spawn(serve(listener, app, stop)),
        Some(tls) => tokio::spawn(serve(Tls::accept(listener, tls)?, app, stop)),
    };
    let scheduling = tokio::spawn(schedule(Arc::clone(&service)));
    let delivering = tokio::spawn(deliver(Arc::clone(&service)));
    let retaining = tokio::spawn(retain(Arc::clone(&service)));
    let working = tokio::spawn(work(Arc::clone(&service)));

    stop_requested.await;
    tracing::info!("service stops");
    service.stop.cancel();
    // Runs put themselves back into the queue. The panic hook reports a panic in them.
    let _ = working.await;
    let _ = scheduling.await;
    let _ = retaining.await;
    let _ = delivering.await;
    let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, serving).await;
    service.database.close().await;
    Ok(ExitStatus::Done)
}

/// Opens the store, and stores the targets and schedules of the configuration in it.
async fn open(config: Config) -> Result<Service, CommandError> {
    let mut files = Files::open(&config.store)?;
    if let Some(place) = &config.bucket {
        files = files.in_bucket(Bucket::open(place).await?);
    }
    let database = Database::open(&config.database).await?;
    let now = Timestamp::now();
    let targets: Vec<_> = config
        .targets
        .iter()
        .map(|(name, target)| {
            (
                name.clone(),
                target.owners.clone(),
                target.access.regions.clone(),
            )
        })
        .collect();
    database.set_targets(&targets, now).await?;
    let schedules: Result<Vec<_>, serde_json::Error> = config
        .schedules
        .iter()
        .map(|(name, spec)| Ok((name.clone(), serde_json::to_string(spec)?)))
        .collect();
    database
        .set_schedules(&schedules.map_err(StoreError::from)?, now)
        .await?;
    Ok(Service {
        config,
        database,
        files,
        board: ProgressBoard::default(),
        watch_cache: WatchCache::default(),
        comparisons: Comparisons::default(),
        requests: Requests::default(),
        stop: CancellationToken::new(),
        wake: Notify::new(),
        worker: format!("{}-{}", std::process::id(), new_id(now)),
    })
}

/// `serve token`: makes a token, and prints it or writes it to a file.
async fn token(args: &TokenArgs) -> Result<ExitStatus, CommandError> {
    let config = load::read(&args.config)?;
    for target in &args.target {
        if !config.targets.contains_key(target) {
            let near = crate::yaml::did_you_mean(target, config.targets.keys().map(String::as_str));
            let help = near.map_or(String::new(), |near| format!("\n  help: {near}"));
            return Err(CommandError::Usage(format!(
                "there is no target `{target}`{help}"
            )));
        }
    }
    let not_written = |error: WriteError| CommandError::Write(error.to_string());
    // Begun first: a token that cannot be written would be valid, and known to nobody.
    let file = args.output.as_deref().map(Pending::create).transpose();
    let file = file.map_err(not_written)?;
    // Makes the folder of the store, where the database may be.
    Files::open(&config.store)?;
    let database = Database::open(&config.database).await?;
    let valid =
        SignedDuration::try_from(args.expires).map_err(|e| CommandError::Usage(e.to_string()))?;
    let targets = args.target.clone();
    let token = make_token(
        &database,
        &args.name,
        args.role,
        targets,
        valid,
        "command line",
    )
    .await?;
    database.close().await;
    let (Some(mut file), Some(path)) = (file, &args.output) else {
        return output::print(&format!("{token}\n"));
    };
    let written = file.write(format!("{token}\n").as_bytes());
    written.and_then(|()| file.finish()).map_err(not_written)?;
    output::print(&format!("Written to {}\n", path.display()))
}

/// `serve test-channel`: sends a message that says that it is a test.
async fn test_channel(args: &TestChannelArgs) -> Result<ExitStatus, CommandError> {
    let config = load::read(&args.config)?;
    let Some(channel) = config.channels.get(&args.name) else {
        let known = config.channels.keys().map(String::as_str);
        let near = crate::yaml::did_you_mean(&args.name, known);
        let help = near.map_or(String::new(), |near| format!("\n  help: {near}"));
        let name = &args.name;
        return Err(CommandError::Usage(format!(
            "there is no channel `{name}`{help}"
        )));
    };
    let sent = try_out(channel).await;
    let id = sent.map_err(|why| CommandError::NotSent(format!("not sent: {why}")))?;
    output::print(&format!("Sent, message {id}\n"))
}
