//! The form of what is kept of an answer: which members, what they become, which have to be there.
//!
//! A form is made once from a model and a kind's file. It is what the members to parse, the JSON schema
//! of documents and the reading of answers come from, so that none of them can differ from the others.

mod build;
mod converted;
mod read;
mod schema;
mod selection;
mod shapes;
mod types;

pub use build::build;
pub use read::{Malformed, Search, tags};
pub(crate) use schema::{describe as describe_schema, scalar_schema, schema_of};
pub use selection::{FormProblem, Selection};
pub use shapes::{locate, pair};
pub use types::{Attribute, Attributes, Field, Form, ObjectForm, SECRETS, SecretForm};
