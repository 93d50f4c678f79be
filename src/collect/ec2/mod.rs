//! Reads Amazon EC2, EBS and VPC.

mod address;
mod answer;
pub mod compute;
mod image;
mod instance;
mod instance_addresses;
mod instance_metrics;
mod instance_parts;
pub mod network;
mod selected_metrics;
mod snapshot;
mod volume;
