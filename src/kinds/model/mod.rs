//! A service as AWS describes it: botocore's model, trimmed (`kinds/<service>/model.json`) or whole.

mod botocore;
mod infer;
pub mod paginator;
mod projection;
mod text;
pub mod types;

pub use botocore::ModelError;
pub(super) use infer::more_pages_member;
pub use paginator::{Paginator, Path, Step};
pub use projection::Projection;
pub use types::{
    ErrorShape, Location, Member, Operation, Protocol, ServiceModel, Shape, ShapeIndex, ShapeKind,
    Structure, TimestampFormat, XmlNamespace,
};
