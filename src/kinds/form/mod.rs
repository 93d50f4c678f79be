//! The form of what is kept of an answer: which members, how they are converted, which are required.
//!
//! A form is made once from a model and a kind's file. The members to parse, the JSON schema of documents
//! and the reading of answers all come from it, so that they cannot contradict each other.

mod build;
mod converted;
mod read;
mod schema;
mod selection;
mod shapes;
mod types;

pub use build::build;
pub use read::{Malformed, Search, tags};
pub(crate) use schema::{
    describe as describe_schema, list_of, object, object_of, or_null, scalar_schema, schema_of,
};
pub use selection::{FormProblem, Selection};
pub use shapes::{locate, pair};
pub use types::{Attribute, Attributes, Field, Form, ObjectForm, SECRETS, SecretForm};
