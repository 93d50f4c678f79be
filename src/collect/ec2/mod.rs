//! Reads Amazon EC2, EBS and VPC.

mod address;
mod answer;
pub mod compute;
mod image;
mod instance;
mod instance_parts;
pub mod network;
mod snapshot;
mod volume;
