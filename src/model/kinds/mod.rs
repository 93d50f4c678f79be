//! The documents: one typed struct for each kind of resource, one file for each service.

pub mod account;
pub mod cloudwatch;
pub mod ec2;
pub mod iam;
pub mod lambda;
pub mod metric;
pub mod rds;
pub mod s3;
pub mod secret;
