//! Documents of Elastic IP addresses.

use crate::model::TypedDocument;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An Elastic IP address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Address {
    /// The allocation, which is also the address's id.
    pub allocation_id: Option<String>,
    /// What ties it to a network interface; null when it is tied to none.
    pub association_id: Option<String>,
    /// The instance it belongs to; null when it belongs to none.
    pub instance_id: Option<String>,
    /// The network interface it belongs to; null when it belongs to none.
    pub network_interface_id: Option<String>,
    /// The address.
    pub public_ip: Option<String>,
    /// `vpc`, or `standard` in EC2-Classic.
    pub domain: Option<String>,
    /// The AWS service that holds it, such as `alb` or `nlb`; null where none does.
    pub service_managed: Option<String>,
}

impl TypedDocument for Address {
    const KIND: &'static str = "ec2.address";
}
