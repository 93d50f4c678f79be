//! Services and kinds of resources as data: what the files under `kinds/` say, without tokio or AWS.

pub mod embedded;
pub mod endpoints;
pub mod model;
