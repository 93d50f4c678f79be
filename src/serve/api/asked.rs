//! What every handler is given.

use crate::serve::auth::Actor;
use crate::serve::state::Service;
use axum::Extension;
use axum::extract::State;
use std::sync::Arc;

/// What handlers know.
pub(super) type Shared = State<Arc<Service>>;
/// Who asks, as the guard found.
pub(super) type By = Extension<Actor>;
