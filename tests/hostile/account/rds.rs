//! Amazon RDS.

use super::form::{Form, Page};
use super::item::{Item, days_after, days_before};
use super::xml::Xml;
use super::{Account, Answer, Call, error};
use axum::http::StatusCode;

const NAMESPACE: &str = "http://rds.amazonaws.com/doc/2014-10-31/";
/// Engines with a version and when its standard support ends, in days from now.
const ENGINES: &[(&str, &str, &str, i32)] = &[
    ("postgres", "16.4", "16", 900),
    ("postgres", "11.22", "11", -400),
    ("mysql", "8.4.3", "8.4", 1500),
    ("mysql", "5.7.44", "5.7", -300),
];
const CLUSTER_ENGINE: (&str, &str) = ("aurora-mysql", "8.0.mysql_aurora.3.08.0");

struct Rds<'a> {
    account: &'a Account,
    call: &'a Call<'a>,
    form: Form,
}

pub(super) fn answer(account: &Account, call: &Call<'_>) -> Option<Answer> {
    let rds = Rds {
        account,
        call,
        form: Form::of(call.body),
    };
    let size = &account.size;
    Some(match call.operation {
        "DescribeDBInstances" => rds.list("DBInstances", "DBInstance", size.databases, |xml, n| {
            rds.instance(xml, n);
        }),
        "DescribeDBClusters" => rds.list("DBClusters", "DBCluster", size.clusters, |xml, n| {
            rds.cluster(xml, n);
        }),
        "DescribeDBSnapshots" => rds.list(
            "DBSnapshots",
            "DBSnapshot",
            size.database_snapshots,
            |xml, n| {
                rds.snapshot(xml, n);
            },
        ),
        "DescribeDBClusterSnapshots" => {
            let count = size.cluster_snapshots;
            rds.list(
                "DBClusterSnapshots",
                "DBClusterSnapshot",
                count,
                |xml, n| {
                    rds.cluster_snapshot(xml, n);
                },
            )
        }
        "DescribeDBSnapshotAttributes" => rds.sharing("DBSnapshot"),
        "DescribeDBClusterSnapshotAttributes" => rds.sharing("DBClusterSnapshot"),
        "DescribePendingMaintenanceActions" => {
            let (set, item) = (
                "PendingMaintenanceActions",
                "ResourcePendingMaintenanceActions",
            );
            rds.list(set, item, size.databases.div_ceil(6), |xml, n| {
                rds.maintenance(xml, n * 6);
            })
        }
        "DescribeDBMajorEngineVersions" => {
            let (set, item) = ("DBMajorEngineVersions", "DBMajorEngineVersion");
            rds.list(set, item, ENGINES.len(), |xml, n| rds.major_version(xml, n))
        }
        _ => return None,
    })
}

impl Rds<'_> {
    fn item(&self, kind: &'static str, index: usize) -> Item<'_> {
        self.account.item(kind, self.call.region, index)
    }

    fn arn(&self, kind: &str, id: &str) -> String {
        let (region, account) = (self.call.region, self.call.account);
        format!("arn:aws:rds:{region}:{account}:{kind}:{id}")
    }

    fn respond(&self, fill: impl FnOnce(&mut Xml)) -> Answer {
        let operation = self.call.operation;
        Xml::answer(&format!("{operation}Response"), NAMESPACE, |xml| {
            xml.within(&format!("{operation}Result"), fill);
        })
    }

    fn list(&self, set: &str, item: &str, count: usize, fill: impl Fn(&mut Xml, usize)) -> Answer {
        let size = self.form.number("MaxRecords").unwrap_or(100);
        let Some(page) = Page::of(count, size, self.form.get("Marker")) else {
            return error::respond(self.call, StatusCode::BAD_REQUEST, "InvalidParameterValue");
        };
        self.respond(|xml| {
            xml.list(set, item, page.range, fill);
            xml.maybe("Marker", page.next);
        })
    }

    fn instance(&self, xml: &mut Xml, index: usize) {
        const CLASSES: &[&str] = &["db.t3.medium", "db.m5.large", "db.m7g.large", "db.m4.large"];
        let item = self.item("database", index);
        let id = format!("database-{index:05}");
        let cluster = (index / 2 < self.account.size.clusters).then_some(index / 2);
        let (engine, version) = if cluster.is_some() {
            CLUSTER_ENGINE
        } else {
            let (engine, version, _, _) = item.pick("engine", ENGINES);
            (engine, version)
        };
        let stopped = index % 20 == 19;
        xml.text("DBInstanceIdentifier", &id)
            .text("DBInstanceArn", self.arn("db", &id))
            .text("DBInstanceClass", item.pick("class", CLASSES))
            .text("Engine", engine)
            .text("EngineVersion", version)
            .text("EngineLifecycleSupport", "open-source-rds-extended-support")
            .text(
                "DBInstanceStatus",
                if stopped { "stopped" } else { "available" },
            )
            .text("InstanceCreateTime", item.past("create", 1000))
            .within("Endpoint", |xml| {
                let host = format!("{id}.abc.{}.rds.amazonaws.com", self.call.region);
                xml.text("Address", host)
                    .text("Port", if engine == "postgres" { 5432 } else { 3306 });
            })
            .text("StorageEncrypted", !item.one_in(5, "plain"))
            .text("BackupRetentionPeriod", item.pick("backup", &[0, 1, 7, 14]))
            .text("MultiAZ", item.one_in(2, "multi az"))
            .text("PubliclyAccessible", item.one_in(8, "public"))
            .text("IAMDatabaseAuthenticationEnabled", item.one_in(2, "iam"))
            .text("PreferredMaintenanceWindow", "sun:03:00-sun:04:00")
            .maybe(
                "DBClusterIdentifier",
                cluster.map(|n| format!("cluster-{n:05}")),
            );
        xml.within("CertificateDetails", |xml| {
            let days = if item.one_in(6, "certificate") {
                20
            } else {
                1000
            };
            xml.text("CAIdentifier", "rds-ca-rsa2048-g1")
                .text("ValidTill", days_after(item.now, days));
        });
        self.care(xml, &item, &id, engine);
        self.place(xml, index);
        tags(xml, item);
    }

    /// What whoever set it up thought of, all of it or nothing.
    fn care(&self, xml: &mut Xml, item: &Item<'_>, id: &str, engine: &str) {
        let careful = !item.one_in(3, "careful");
        xml.text("MasterUsername", if careful { "owner_7f" } else { "admin" })
            .text("AllocatedStorage", 100)
            .maybe("MaxAllocatedStorage", careful.then_some(500))
            .text("StorageType", item.pick("storage", &["gp3", "gp3", "gp2"]))
            .text("DeletionProtection", careful)
            .text("AutoMinorVersionUpgrade", careful)
            .text("CopyTagsToSnapshot", careful)
            .text("PerformanceInsightsEnabled", careful)
            .text("MonitoringInterval", if careful { 60 } else { 0 });
        let mut group = format!("default.{engine}");
        if careful {
            "tuned".clone_into(&mut group);
            xml.texts("EnabledCloudwatchLogsExports", "member", ["error"]);
            let secret = self.arn("secret", id).replace(":rds:", ":secretsmanager:");
            xml.within("MasterUserSecret", |xml| {
                xml.text("SecretArn", secret);
            });
        }
        let (set, item) = ("DBParameterGroups", "DBParameterGroup");
        xml.list(set, item, [group], |xml, group| {
            xml.text("DBParameterGroupName", group);
        });
    }

    /// In the private subnets of a VPC.
    fn place(&self, xml: &mut Xml, index: usize) {
        let zone = |letter| format!("{}{letter}", self.call.region);
        let (vpc, sg) = (index % self.account.size.vpcs, "VpcSecurityGroupMembership");
        xml.text("AvailabilityZone", zone('a'));
        xml.list("VpcSecurityGroups", sg, [vpc], |xml, group| {
            xml.text("VpcSecurityGroupId", self.item("", group).id("sg"))
                .text("Status", "active");
        });
        xml.within("DBSubnetGroup", |xml| {
            xml.text("DBSubnetGroupName", "private")
                .text("VpcId", self.item("", vpc).id("vpc"));
            xml.list("Subnets", "Subnet", [2, 3], |xml, n| {
                xml.text("SubnetIdentifier", self.item("", vpc * 4 + n).id("subnet"))
                    .within("SubnetAvailabilityZone", |xml| {
                        xml.text("Name", zone(if n == 2 { 'a' } else { 'b' }));
                    });
            });
        });
    }

    fn cluster(&self, xml: &mut Xml, index: usize) {
        let item = self.item("cluster", index);
        let id = format!("cluster-{index:05}");
        let (engine, version) = CLUSTER_ENGINE;
        let careful = index.is_multiple_of(2);
        xml.text("DBClusterIdentifier", &id)
            .text("DBClusterArn", self.arn("cluster", &id))
            .text("Status", "available")
            .text("Engine", engine)
            .text("EngineVersion", version)
            .text("EngineMode", "provisioned")
            .text("EngineLifecycleSupport", "open-source-rds-extended-support")
            .text("ClusterCreateTime", item.past("create", 1000))
            .text("Port", 3306)
            .text("MultiAZ", careful)
            .text("MasterUsername", if careful { "owner_7f" } else { "admin" })
            .text("StorageEncrypted", careful)
            .text("BackupRetentionPeriod", if careful { 14 } else { 1 })
            .text("BacktrackWindow", if careful { 3600 } else { 0 })
            .text("DeletionProtection", careful)
            .text("CopyTagsToSnapshot", careful)
            .text("AutoMinorVersionUpgrade", careful)
            .text("IAMDatabaseAuthenticationEnabled", careful);
        if careful {
            xml.texts("EnabledCloudwatchLogsExports", "member", ["audit"]);
        }
        let members = [index * 2, index * 2 + 1].into_iter();
        let members = members.filter(|n| *n < self.account.size.databases);
        xml.list("DBClusterMembers", "DBClusterMember", members, |xml, n| {
            xml.text("DBInstanceIdentifier", format!("database-{n:05}"))
                .text("IsClusterWriter", n.is_multiple_of(2));
        });
        tags(xml, item);
    }

    fn snapshot(&self, xml: &mut Xml, index: usize) {
        let item = self.item("database-snapshot", index);
        let id = snapshot_id("DBSnapshot", index);
        xml.text("DBSnapshotIdentifier", &id)
            .text("DBSnapshotArn", self.arn("snapshot", &id))
            .text("DBInstanceIdentifier", format!("database-{index:05}"))
            .text("SnapshotType", snapshot_type(index))
            .text("Status", "available")
            .text("SnapshotCreateTime", item.past("create", 600))
            .text("Engine", "postgres")
            .text("AllocatedStorage", 100)
            .text("Encrypted", !item.one_in(4, "plain"));
        tags(xml, item);
    }

    fn cluster_snapshot(&self, xml: &mut Xml, index: usize) {
        let item = self.item("cluster-snapshot", index);
        let id = snapshot_id("DBClusterSnapshot", index);
        xml.text("DBClusterSnapshotIdentifier", &id)
            .text("DBClusterSnapshotArn", self.arn("cluster-snapshot", &id))
            .text("DBClusterIdentifier", format!("cluster-{index:05}"))
            .text("SnapshotType", snapshot_type(index))
            .text("Status", "available")
            .text("SnapshotCreateTime", item.past("create", 600))
            .text("Engine", CLUSTER_ENGINE.0)
            .text("AllocatedStorage", 100)
            .text("StorageEncrypted", !item.one_in(2, "plain"));
        tags(xml, item);
    }

    /// Who may restore a snapshot: nobody else, one other account, or everyone.
    fn sharing(&self, kind: &str) -> Answer {
        let field = format!("{kind}Identifier");
        let id = self.form.get(&field).unwrap_or_default();
        let index = id.rsplit('-').next().and_then(|n| n.parse::<usize>().ok());
        let Some(index) = index else {
            return error::respond(self.call, StatusCode::NOT_FOUND, "DBSnapshotNotFound");
        };
        let with = match index % 8 {
            2 => Some("all"),
            4 => Some("444455556666"),
            _ => None,
        };
        self.respond(|xml| {
            xml.within(&format!("{kind}AttributesResult"), |xml| {
                xml.text(&field, id);
                let (set, item) = (format!("{kind}Attributes"), format!("{kind}Attribute"));
                xml.list(&set, &item, ["restore"], |xml, name| {
                    xml.text("AttributeName", name).texts(
                        "AttributeValues",
                        "AttributeValue",
                        with,
                    );
                });
            });
        })
    }

    fn maintenance(&self, xml: &mut Xml, index: usize) {
        let item = self.item("maintenance", index);
        let id = format!("database-{index:05}");
        xml.text("ResourceIdentifier", self.arn("db", &id));
        let (set, action) = (
            "PendingMaintenanceActionDetails",
            "PendingMaintenanceAction",
        );
        xml.list(set, action, [item], |xml, item| {
            let forced = index.is_multiple_of(4);
            xml.text("Action", "system-update")
                .text("OptInStatus", "immediate")
                .maybe("ForcedApplyDate", forced.then(|| days_after(item.now, 10)));
        });
    }

    fn major_version(&self, xml: &mut Xml, index: usize) {
        let (engine, _, major, days) = ENGINES[index];
        let distance = usize::try_from(days.unsigned_abs()).expect("a few years");
        let end = match days {
            0.. => days_after(self.account.now, distance),
            _ => days_before(self.account.now, distance),
        };
        xml.text("Engine", engine).text("MajorEngineVersion", major);
        let (set, item) = ("SupportedEngineLifecycles", "SupportedEngineLifecycle");
        let standard = ("open-source-rds-standard-support", end);
        let extended = ("open-source-rds-extended-support", days_after(end, 1100));
        xml.list(set, item, [standard, extended], |xml, (name, end)| {
            xml.text("LifecycleSupportName", name)
                .text("LifecycleSupportStartDate", days_before(end, 1800))
                .text("LifecycleSupportEndDate", end);
        });
    }
}

fn snapshot_type(index: usize) -> &'static str {
    if index.is_multiple_of(2) {
        "manual"
    } else {
        "automated"
    }
}

fn snapshot_id(kind: &str, index: usize) -> String {
    format!("{}-{index:05}", kind.to_lowercase())
}

fn tags(xml: &mut Xml, item: Item<'_>) {
    xml.list("TagList", "Tag", item.tags(), |xml, (key, value)| {
        xml.text("Key", key).text("Value", value);
    });
}
