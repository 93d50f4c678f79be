//! AWS's partitions and regions, and the endpoint of each service in them.
//!
//! All of it is read from `kinds/endpoints.json` and `kinds/endpoint-rules.json`, which
//! `kinds/generate_endpoints.py` makes from botocore's data. No other file lists partitions, regions or
//! host names.

mod data;
mod functions;
mod partition;
mod principal;
mod resolve;
mod rules;

pub use partition::{
    Partition, Presence, all_regions, partition, partition_of_arn, partition_of_region, partitions,
    region_exists,
};
pub use principal::{ServicePrincipal, canonical_principal};
pub use resolve::{Endpoint, EndpointError, ServiceEndpoints, Variant};
pub use rules::BrokenRules;
