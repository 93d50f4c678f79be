//! The documents: one typed struct for each kind of resource, one file for each service.

pub mod account;
pub mod cloudwatch;
pub mod ec2;
pub mod iam;
pub mod lambda;
pub mod metric;
pub mod policy_access;
pub mod rds;
pub mod s3;
pub mod secret;
pub mod watching;

use super::{Definition, Kind, Scope, TypedDocument};

/// Every kind by its fields alone. What it takes to read one stands next to its collector; these are
/// for judging documents that are already there, as fuzzing and benchmarks do.
pub static FIELDS: &[Kind] = &[
    fields::<account::Account>(Scope::Account),
    fields::<account::Region>(Scope::Region),
    fields::<cloudwatch::Alarm>(Scope::Region),
    fields::<ec2::compute::Address>(Scope::Region),
    fields::<ec2::compute::Image>(Scope::Region),
    fields::<ec2::compute::Instance>(Scope::Region),
    fields::<ec2::compute::Snapshot>(Scope::Region),
    fields::<ec2::compute::Volume>(Scope::Region),
    fields::<ec2::network::ClientVpnEndpoint>(Scope::Region),
    fields::<ec2::network::InternetGateway>(Scope::Region),
    fields::<ec2::network::NatGateway>(Scope::Region),
    fields::<ec2::network::NetworkAcl>(Scope::Region),
    fields::<ec2::network::NetworkInterface>(Scope::Region),
    fields::<ec2::network::PrefixList>(Scope::Region),
    fields::<ec2::network::RouteTable>(Scope::Region),
    fields::<ec2::network::SecurityGroup>(Scope::Region),
    fields::<ec2::network::Subnet>(Scope::Region),
    fields::<ec2::network::TransitGateway>(Scope::Region),
    fields::<ec2::network::Vpc>(Scope::Region),
    fields::<ec2::network::VpcEndpoint>(Scope::Region),
    fields::<ec2::network::VpcPeeringConnection>(Scope::Region),
    fields::<ec2::network::VpnConnection>(Scope::Region),
    fields::<iam::AccessKey>(Scope::Account),
    fields::<iam::AwsManagedPolicy>(Scope::Account),
    fields::<iam::Group>(Scope::Account),
    fields::<iam::Policy>(Scope::Account),
    fields::<iam::Role>(Scope::Account),
    fields::<iam::User>(Scope::Account),
    fields::<rds::Cluster>(Scope::Region),
    fields::<rds::ClusterSnapshot>(Scope::Region),
    fields::<rds::Instance>(Scope::Region),
    fields::<rds::Snapshot>(Scope::Region),
    fields::<s3::Bucket>(Scope::Account),
];

const fn fields<K: TypedDocument>(scope: Scope) -> Kind {
    Kind {
        name: K::KIND,
        scope,
        list: &[],
        parts: &[],
        definition: Definition::Typed(K::schema),
    }
}
