//! Logs and traces of the service, as configured.
//!
//! Traces are spans of audits, their phases, and requests. They hold names of targets and ids of
//! audits, and no names of resources, error texts or secrets: events of the log are not part of them.

use super::config::Otlp;
use super::file::LogForm;
use super::load;
use super::otlp::Exporter;
use crate::cli::ServeArgs;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use std::fmt::Display;
use std::time::Duration;
use tracing::{Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// How long sending the last spans may take when the service ends.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one export may take.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);
/// The name of the service, unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` has another.
const NAME: &str = "sixpillars";

/// Where traces of this process go, and how its log is written.
#[derive(Debug, Default)]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
    log: LogForm,
    problem: Option<String>,
}

impl Telemetry {
    /// Reads the configuration and the environment. The service itself reports what is wrong with the
    /// configuration.
    #[must_use]
    pub fn of(args: &ServeArgs) -> Self {
        let Ok(config) = load::read(&args.config) else {
            return Self::default();
        };
        let otlp = match config.otlp {
            Some(otlp) => Some(otlp),
            None => Otlp::from_env(&|name| std::env::var(name).ok()),
        };
        let (provider, problem) = match otlp.as_ref().map(provider) {
            None => (None, None),
            Some(Ok(provider)) => (Some(provider), None),
            Some(Err(why)) => (None, Some(why)),
        };
        Self {
            provider,
            log: config.log,
            problem,
        }
    }

    /// Whether the log is JSON.
    #[must_use]
    pub fn logs_json(&self) -> bool {
        self.log == LogForm::Json
    }

    /// The layer that sends spans as traces, if there is a collector.
    #[must_use]
    pub fn layer<S>(&self) -> Option<Box<dyn Layer<S> + Send + Sync>>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let tracer: SdkTracer = self.provider.as_ref()?.tracer(NAME);
        let layer = tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|it| {
                it.is_span() && it.target().starts_with(NAME) && *it.level() <= Level::INFO
            }));
        Some(layer.boxed())
    }

    /// Says what keeps traces from being sent, once there is a log.
    pub fn tell(&self) {
        if let Some(why) = &self.problem {
            tracing::warn!(why, "no traces are sent");
        }
    }

    /// Sends what is left.
    pub fn end(self) {
        if let Some(provider) = self.provider
            && let Err(error) = provider.shutdown_with_timeout(FLUSH_TIMEOUT)
        {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

fn provider(otlp: &Otlp) -> Result<SdkTracerProvider, String> {
    let failed = |error: &dyn Display| error.to_string();
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Exporter::new().map_err(|e| failed(&e))?)
        .with_endpoint(&otlp.traces)
        .with_protocol(Protocol::HttpBinary)
        .with_headers(otlp.headers.iter().cloned().collect())
        .with_timeout(EXPORT_TIMEOUT)
        .build()
        .map_err(|e| failed(&e))?;
    let mut resource = Resource::builder();
    let named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !named("OTEL_SERVICE_NAME") && !named("OTEL_RESOURCE_ATTRIBUTES") {
        resource = resource.with_service_name(NAME);
    }
    let resource = resource
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("process.pid", i64::from(std::process::id())));
    Ok(SdkTracerProvider::builder()
        .with_resource(resource.build())
        .with_batch_exporter(exporter)
        .build())
}
