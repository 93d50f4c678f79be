//! The standing service: scheduled audits, and audits on demand.
//!
//! ```text
//! service.yaml → Config ─┬─ scheduler ── queues runs when they are due
//!                        ├─ workers ──── claim runs under leases, and scan as `scan` does
//!                        └─ API ──────── reads the store, and queues runs on demand
//! ```

mod api;
mod auth;
mod backup;
mod compared;
mod config;
mod decisions;
mod deliver;
mod file;
mod health;
mod lease;
mod listen;
mod load;
mod metrics;
mod notify;
mod oidc;
mod otlp;
mod progress;
mod request;
mod requests;
mod retention;
mod run;
mod schedule;
mod scheduler;
mod session;
mod start;
mod state;
mod telemetry;
mod ui;
mod variables;
mod watch_cache;
mod worker;

pub use config::Config;
pub use file::{Missed, ScheduleFile, Scope, ServiceFile, TargetFile};
pub use start::run;
pub use telemetry::Telemetry;
