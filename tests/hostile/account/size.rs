//! How much there is in an account.

/// Regions in the order in which AWS would have them enabled.
const REGIONS: &[&str] = &[
    "eu-west-1",
    "us-east-1",
    "ap-southeast-2",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "sa-east-1",
    "eu-south-1",
    "af-south-1",
    "me-south-1",
];

/// The region that has something of everything.
pub(super) const FIRST_REGION: &str = REGIONS[0];

/// How many resources of each kind an account has. Buckets and identities are those of the
/// account, all else is in each region.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// How many regions are enabled, at most twenty.
    pub(crate) regions: usize,
    pub(crate) buckets: usize,
    pub(crate) users: usize,
    pub(crate) groups: usize,
    pub(crate) roles: usize,
    pub(crate) policies: usize,
    pub(crate) vpcs: usize,
    pub(crate) security_groups: usize,
    pub(crate) instances: usize,
    /// Network interfaces that belong to no instance.
    pub(crate) spare_interfaces: usize,
    /// At least as many as instances: each has one to start from.
    pub(crate) volumes: usize,
    pub(crate) snapshots: usize,
    pub(crate) images: usize,
    pub(crate) addresses: usize,
    /// Database instances. The first ones are the clusters' members, two for each.
    pub(crate) databases: usize,
    pub(crate) clusters: usize,
    pub(crate) database_snapshots: usize,
    pub(crate) cluster_snapshots: usize,
    pub(crate) alarms: usize,
    pub(crate) functions: usize,
    /// Of each kind that a file declares; some regions have none of some services.
    pub(crate) declared: usize,
}

impl Size {
    /// One region without anything in it.
    pub(crate) const NOTHING: Self = Self {
        regions: 1,
        buckets: 0,
        users: 0,
        groups: 0,
        roles: 0,
        policies: 0,
        vpcs: 0,
        security_groups: 0,
        instances: 0,
        spare_interfaces: 0,
        volumes: 0,
        snapshots: 0,
        images: 0,
        addresses: 0,
        databases: 0,
        clusters: 0,
        database_snapshots: 0,
        cluster_snapshots: 0,
        alarms: 0,
        functions: 0,
        declared: 0,
    };

    /// Seventeen regions, as many as are enabled in a new account, without anything in them.
    pub(crate) const EMPTY: Self = Self {
        regions: 17,
        ..Self::NOTHING
    };

    /// Some 200,000 resources over twenty regions, all of kinds that files declare.
    pub(crate) const DECLARED: Self = Self {
        regions: 20,
        declared: 150,
        ..Self::NOTHING
    };

    /// One region with a few of everything.
    pub(crate) const FEW: Self = Self {
        regions: 1,
        buckets: 6,
        users: 6,
        groups: 2,
        roles: 5,
        policies: 3,
        vpcs: 3,
        security_groups: 6,
        instances: 6,
        spare_interfaces: 2,
        volumes: 6,
        snapshots: 8,
        images: 2,
        addresses: 2,
        databases: 5,
        clusters: 2,
        database_snapshots: 3,
        cluster_snapshots: 2,
        alarms: 4,
        functions: 3,
        declared: 3,
    };

    /// A small company: 24 buckets, 120 instances, 48 databases and 44 users and roles in three
    /// regions.
    pub(crate) fn one() -> Self {
        Self {
            regions: 3,
            buckets: 24,
            users: 24,
            groups: 6,
            roles: 20,
            policies: 12,
            vpcs: 3,
            security_groups: 18,
            instances: 40,
            spare_interfaces: 6,
            volumes: 50,
            snapshots: 30,
            images: 4,
            addresses: 6,
            databases: 16,
            clusters: 4,
            database_snapshots: 10,
            cluster_snapshots: 4,
            alarms: 24,
            functions: 16,
            declared: 3,
        }
    }

    /// As many of everything, in as many regions.
    pub(crate) fn times(self, n: usize) -> Self {
        Self {
            regions: self.regions,
            buckets: self.buckets * n,
            users: self.users * n,
            groups: self.groups * n,
            roles: self.roles * n,
            policies: self.policies * n,
            vpcs: self.vpcs * n,
            security_groups: self.security_groups * n,
            instances: self.instances * n,
            spare_interfaces: self.spare_interfaces * n,
            volumes: self.volumes * n,
            snapshots: self.snapshots * n,
            images: self.images * n,
            addresses: self.addresses * n,
            databases: self.databases * n,
            clusters: self.clusters * n,
            database_snapshots: self.database_snapshots * n,
            cluster_snapshots: self.cluster_snapshots * n,
            alarms: self.alarms * n,
            functions: self.functions * n,
            declared: self.declared * n,
        }
    }

    /// 200,000 resources over twenty regions.
    pub(crate) fn huge() -> Self {
        Self {
            regions: 20,
            buckets: 2_000,
            users: 1_000,
            groups: 100,
            roles: 1_000,
            policies: 500,
            vpcs: 50,
            security_groups: 600,
            instances: 1_500,
            spare_interfaces: 300,
            volumes: 2_000,
            snapshots: 1_600,
            images: 50,
            addresses: 100,
            databases: 200,
            clusters: 40,
            database_snapshots: 400,
            cluster_snapshots: 60,
            alarms: 450,
            functions: 450,
            declared: 3,
        }
    }

    /// The names of the regions.
    pub(crate) fn regions(&self) -> &'static [&'static str] {
        &REGIONS[..self.regions]
    }

    pub(super) fn subnets(&self) -> usize {
        self.vpcs * 4
    }

    pub(super) fn route_tables(&self) -> usize {
        self.vpcs * 3
    }

    /// One for each VPC, and one that was left over.
    pub(super) fn internet_gateways(&self) -> usize {
        self.vpcs + 1
    }

    /// In every other VPC.
    pub(super) fn nat_gateways(&self) -> usize {
        self.vpcs.div_ceil(2)
    }

    pub(super) fn endpoints(&self) -> usize {
        self.vpcs * 2
    }

    /// Between VPCs 1 and 2, 4 and 5, and so on.
    pub(super) fn peerings(&self) -> usize {
        self.vpcs / 3
    }

    /// Transit gateways, and as many VPN connections and Client VPN endpoints.
    pub(super) fn transits(&self) -> usize {
        self.vpcs / 2
    }

    pub(super) fn interfaces(&self) -> usize {
        self.instances + self.spare_interfaces
    }

    /// How many resources there are in all, without access keys, which users have, and without those of
    /// kinds that files declare.
    pub(crate) fn resources(&self) -> usize {
        let region = self.vpcs * 2 // with their network ACLs
            + self.subnets()
            + self.route_tables()
            + self.internet_gateways()
            + self.nat_gateways()
            + self.endpoints()
            + self.peerings()
            + self.transits() * 3
            + self.security_groups
            + self.instances
            + self.interfaces()
            + self.volumes
            + self.snapshots
            + self.images
            + self.addresses
            + self.databases
            + self.clusters
            + self.database_snapshots
            + self.cluster_snapshots
            + self.alarms
            + self.functions;
        let account = self.buckets + self.users + self.groups + self.roles + self.policies;
        region * self.regions + account
    }
}
