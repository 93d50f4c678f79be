//! Where AWS is: its partitions and regions, and the endpoint of each service in them.
//!
//! All of it is read from `kinds/endpoints.json`, which `kinds/generate_endpoints.py` makes of botocore's
//! data. No other file lists partitions, regions or host names.

mod partition;
mod principal;

pub use partition::{
    Partition, Presence, all_regions, partition, partition_of_arn, partition_of_region, partitions,
    region_exists,
};
pub use principal::{ServicePrincipal, canonical_principal};

use serde::Deserialize;
use std::sync::LazyLock;

/// The generated file, as it is checked in.
const DATA: &str = include_str!("../../kinds/endpoints.json");

/// What the generated file holds.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
struct Data {
    partitions: Vec<Partition>,
}

static LOADED: LazyLock<Data> = LazyLock::new(|| {
    serde_json::from_str(DATA).expect("kinds/endpoints.json is generated and tested")
});

fn data() -> &'static Data {
    &LOADED
}
