//! Reads Amazon EC2, EBS and VPC.

pub mod compute;
pub mod network;
