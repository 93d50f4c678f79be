//! Six Pillars audits live AWS accounts against the AWS Well-Architected Framework.

pub mod aws;
pub mod check;
pub mod collect;
pub mod derive;
pub mod model;
pub mod source;
