//! Services and kinds of resources as data: what the files under `kinds/` say, without tokio or AWS.
//!
//! ```text
//! service.yaml, <noun>.yaml -> file -> lint (against model) -> declared -> everything else
//! ```

/// The JSON schema of kinds' files, for editors.
pub const KIND_SCHEMA: &str = include_str!("../../schemas/kind.schema.json");
/// The JSON schema of services' files, for editors.
pub const SERVICE_SCHEMA: &str = include_str!("../../schemas/service.schema.json");

pub mod declared;
mod derived;
pub mod embedded;
pub mod endpoints;
pub mod file;
pub mod form;
mod lint;
pub mod load;
pub mod model;
pub mod name;
pub(crate) mod parallel;
pub mod service;
pub mod skeleton;
pub mod template;
