//! Checks: what they are, how they are loaded, and the language they are written in.

pub mod catalog;
#[allow(
    clippy::module_inception,
    reason = "a check is what this module is about"
)]
pub mod check;
pub(crate) mod compute;
pub mod example;
pub mod expr;
pub mod families;
pub mod file;
pub mod functions;
pub mod kinds;
mod macros;
mod parse;
pub mod practices;
pub mod template;
mod types;
mod value;

/// The JSON schema of check files, for editors.
pub const SCHEMA: &str = include_str!("../../schemas/check.schema.json");

pub use catalog::Catalog;
pub use check::Check;
pub use expr::{NoValue, Scope};
pub use kinds::{KindFields, Kinds, kinds};
pub use parse::Origin;
pub use types::Problem;
