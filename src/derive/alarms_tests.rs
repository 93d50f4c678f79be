use super::*;
use crate::derive::sample::document;
use crate::model::Cause;
use serde_json::json;

const REGION: &str = "eu-west-1";

fn add(world: &mut World, kind: &str, id: &str, fields: Value) {
    world.add(REGION, document(kind, REGION, id, fields));
}

fn alarm(world: &mut World, name: &str, actions: &[&str], children: &[&str], database: &str) {
    let metrics = match database {
        "" => json!([]),
        id => json!([{
            "namespace": "AWS/RDS",
            "metric_name": "CPUUtilization",
            "dimensions": {"DBInstanceIdentifier": id},
        }]),
    };
    alarm_on(world, name, actions, children, metrics);
}

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn alarm_on(world: &mut World, name: &str, actions: &[&str], children: &[&str], metrics: Value) {
    let fields = json!({
        "alarm_type": if children.is_empty() { "metric" } else { "composite" },
        "state_value": "OK",
        "state_updated_timestamp": "2026-03-01T00:00:00Z",
        "actions_enabled": true,
        "alarm_actions": actions,
        "ok_actions": [],
        "insufficient_data_actions": [],
        "has_description": false,
        "has_link": false,
        "metrics": metrics,
        "uses_expression": false,
        "children": children,
    });
    add(world, Alarm::KIND, name, fields);
}

fn read(parts: &BTreeMap<String, Part<Value>>, id: &str) -> Option<bool> {
    match parts.get(id) {
        Some(Part::Read(value)) => value.as_bool(),
        _ => None,
    }
}

fn nested() -> World {
    let mut world = World::default();
    alarm(&mut world, "cpu", &[], &[], "db-1");
    alarm(&mut world, "disk", &[], &[], "db-2");
    alarm(&mut world, "inner", &[], &["cpu"], "");
    alarm(
        &mut world,
        "outer",
        &["arn:aws:sns:eu-west-1:1:ops"],
        &["inner"],
        "",
    );
    world
}

#[test]
fn composites_reach_down_to_their_grandchildren() {
    let parts = in_composite(&nested(), REGION);
    assert_eq!(read(&parts, "cpu"), Some(true));
    assert_eq!(read(&parts, "inner"), Some(true));
    assert_eq!(read(&parts, "outer"), Some(false));
    assert_eq!(read(&parts, "disk"), Some(false));
}

#[test]
fn hidden_alarms_leave_only_what_is_certain() {
    let mut world = nested();
    let gap = Gap::new("cloudwatch:DescribeAlarms", Cause::Throttled, "Throttling");
    world.missing(Alarm::KIND, REGION, gap.clone());
    let parts = in_composite(&world, REGION);
    assert_eq!(read(&parts, "cpu"), Some(true));
    assert_eq!(parts["disk"], Part::Gap(gap));
}

fn database(world: &mut World, id: &str) {
    let fields = json!({
        "status": "available", "instance_class": "db.t3.micro", "engine": "postgres",
        "engine_version": "16.1", "multi_az": false, "vpc_security_group_ids": [],
        "read_replica_db_instance_identifiers": [], "storage_encrypted": true,
        "backup_retention_period": 7, "automated_backup_replications": [],
        "deletion_protection": true, "auto_minor_version_upgrade": true,
        "enabled_cloudwatch_logs_exports": [], "db_parameter_groups": [],
        "pending_modified_values": [],
    });
    add(world, Instance::KIND, id, fields);
}

#[test]
fn an_alarm_without_effect_watches_nothing() {
    let mut world = nested();
    for id in ["db-1", "db-2", "db-3"] {
        database(&mut world, id);
    }
    let parts = watched(&world, REGION);
    assert_eq!(read(&parts, "db-1"), Some(true));
    assert_eq!(read(&parts, "db-2"), Some(false));
    assert_eq!(read(&parts, "db-3"), Some(false));
}

fn function(world: &mut World, id: &str) {
    let fields = json!({
        "architectures": ["arm64"], "code_size": 1, "subnet_ids": [],
        "security_group_ids": [], "layers": [],
    });
    add(world, Function::KIND, id, fields);
}

/// Databases of which one is watched, and nothing else.
fn region() -> World {
    let mut world = nested();
    add(&mut world, Region::KIND, REGION, json!({}));
    for id in ["db-1", "db-2"] {
        database(&mut world, id);
    }
    world.listed(NatGateway::KIND, REGION);
    world.listed(Function::KIND, REGION);
    world
}

#[test]
fn coverage_counts_what_is_unwatched() {
    let mut world = region();
    let coverage = json!({
        "resources": 2, "watched": 1, "share": 0.5, "unwatched": ["db-2"],
    });
    assert_eq!(alarm_coverage(&world, REGION)[REGION], Part::Read(coverage));

    for kind in [NatGateway::KIND, Function::KIND] {
        let mut world = region();
        world.missing(kind, REGION, Gap::new("", Cause::Denied, "AccessDenied"));
        let coverage = &alarm_coverage(&world, REGION)[REGION];
        assert!(matches!(coverage, Part::Gap(_)), "{kind}");
    }

    function(&mut world, "page");
    let unwatched = |world: &World| match &alarm_coverage(world, REGION)[REGION] {
        Part::Read(coverage) => coverage["unwatched"].clone(),
        _ => Value::Null,
    };
    assert_eq!(unwatched(&world), json!(["db-2", "page"]));
    let metric = |dimensions: Value| {
        let metrics = json!([{
            "namespace": "AWS/Lambda", "metric_name": "Errors", "dimensions": dimensions,
        }]);
        let mut world = region();
        function(&mut world, "page");
        alarm_on(
            &mut world,
            "errors",
            &["arn:aws:sns:eu-west-1:1:ops"],
            &[],
            metrics,
        );
        unwatched(&world)
    };
    assert_eq!(metric(json!({"FunctionName": "page"})), json!(["db-2"]));
    assert_eq!(
        metric(json!({"FunctionName": "other"})),
        json!(["db-2", "page"])
    );
    // One alarm on the errors of all functions.
    assert_eq!(metric(json!({})), json!(["db-2"]));
}

#[test]
fn without_alarms_nobody_knows() {
    let mut world = World::default();
    database(&mut world, "db-1");
    let parts = watched(&world, REGION);
    assert!(matches!(parts["db-1"], Part::Gap(_)));
}

#[test]
fn a_machine_is_recovered_by_an_alarm_that_is_on() {
    let mut world = World::default();
    let on = |id: &str| {
        json!([{"namespace": "AWS/EC2", "metric_name": "StatusCheckFailed_System",
            "dimensions": {"InstanceId": id}}])
    };
    let recover = "arn:aws:automate:eu-west-1:ec2:recover";
    let old = "arn:aws:swf:eu-west-1:111122223333:action/actions/AWS_EC2.InstanceId.Recover/1.0";
    alarm_on(&mut world, "recovers", &[recover], &[], on("i-1"));
    alarm_on(&mut world, "recovers as of old", &[old], &[], on("i-2"));
    let reboot = "arn:aws:automate:eu-west-1:ec2:reboot";
    alarm_on(&mut world, "reboots", &[reboot], &[], on("i-3"));
    for id in ["i-1", "i-2", "i-3"] {
        let machine = json!({"state": "running", "instance_type": "m7g.large",
            "private_ip_addresses": [], "public_ip_addresses": [], "ipv6_addresses": [],
            "security_group_ids": [], "block_devices": [], "network_interface_ids": [],
            "managed_by_aws": false, "replaceable": false});
        add(&mut world, Machine::KIND, id, machine);
    }
    let parts = recovery_alarm(&world, REGION);
    assert_eq!(read(&parts, "i-1"), Some(true));
    assert_eq!(read(&parts, "i-2"), Some(true));
    assert_eq!(read(&parts, "i-3"), Some(false));

    let denied = Gap::new("cloudwatch:DescribeAlarms", Cause::Denied, "AccessDenied");
    world.missing(Alarm::KIND, REGION, denied);
    let parts = recovery_alarm(&world, REGION);
    assert_eq!(read(&parts, "i-1"), Some(true));
    assert_eq!(read(&parts, "i-3"), None);
}
