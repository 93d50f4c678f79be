//! What every handler is given.

use crate::serve::auth::Actor;
use crate::serve::state::Service;
use axum::Extension;
use axum::extract::State;
use std::sync::Arc;

/// The state of the service.
pub(super) type AppState = State<Arc<Service>>;
/// The caller, as the guard identified them.
pub(super) type Caller = Extension<Actor>;
