//! Six Pillars audits live AWS accounts against the AWS Well-Architected Framework.

pub mod assess;
pub mod aws;
pub mod check;
pub mod collect;
pub mod derive;
pub mod judge;
pub mod model;
pub mod plan;
pub mod policy;
pub mod report;
pub mod scan;
pub mod source;
