//! What AWS should have said and did not: the verdict is unknown, whatever it would be with a default.

use crate::{all_kinds, assert_none, catalog, examples, verdict};
use serde_json::Value;
use sixpillars::model::Verdict;

/// Checks, and a member whose absence nobody documents to mean anything.
const UNTOLD: &[(&str, &str)] = &[
    (
        "opensearch/domain-update-pending",
        "service_software_options/update_available",
    ),
    (
        "opensearch/domain-update-pending",
        "service_software_options",
    ),
    (
        "opensearch/domain-internal-users",
        "advanced_security_options/enabled",
    ),
    (
        "opensearch/domain-internal-users",
        "advanced_security_options/internal_user_database_enabled",
    ),
    (
        "opensearch/domain-audit-logs-off",
        "log_publishing_options/AUDIT_LOGS/enabled",
    ),
    (
        "opensearch/domain-logs-off",
        "log_publishing_options/INDEX_SLOW_LOGS/enabled",
    ),
    (
        "opensearch/domain-dashboards-sign-in-missing",
        "cognito_options/enabled",
    ),
    (
        "opensearch/domain-dashboards-sign-in-missing",
        "advanced_security_options/saml_options/enabled",
    ),
    (
        "opensearch/domain-fine-grained-access-off",
        "advanced_security_options",
    ),
    (
        "opensearch/domain-node-encryption-off",
        "node_to_node_encryption_options",
    ),
    (
        "opensearch/domain-nodes-few",
        "cluster_config/dedicated_master_count",
    ),
    ("opensearch/domain-public", "advanced_security_options"),
    (
        "opensearch/domain-rest-encryption-off",
        "encryption_at_rest_options/enabled",
    ),
    (
        "opensearch/domain-tls-weak",
        "domain_endpoint_options/tls_security_policy",
    ),
    ("synthetics/canary-failing", "status"),
    ("synthetics/canary-failing", "status/state"),
    ("synthetics/canary-failing", "last_run/last_run"),
    (
        "synthetics/canary-failing",
        "last_run/last_run/status/state",
    ),
    (
        "config/region-delivery-failing",
        "recorder_status/0/last_status",
    ),
    (
        "config/region-delivery-failing",
        "delivery_status/0/config_history_delivery_info",
    ),
    (
        "config/region-delivery-failing",
        "delivery_status/0/config_history_delivery_info/last_status",
    ),
    (
        "config/region-rules-noncompliant",
        "compliance/0/compliance",
    ),
    (
        "config/region-rules-noncompliant",
        "compliance/0/compliance/compliance_type",
    ),
    (
        "eks/cluster-upgrade-insight-open",
        "upgrade_insights/0/insight_status/status",
    ),
    ("eks/cluster-deletion-protection-off", "deletion_protection"),
    (
        "eks/cluster-endpoint-private-off",
        "resources_vpc_config/endpoint_private_access",
    ),
    (
        "eks/cluster-endpoint-public",
        "resources_vpc_config/endpoint_public_access",
    ),
    ("eks/cluster-control-plane-logs-off", "logging"),
    (
        "eks/cluster-control-plane-logs-off",
        "logging/cluster_logging/0/enabled",
    ),
    ("vpc/flow-logs-failing", "flow_logs/0/deliver_status"),
    ("vpc/flow-logs-off", "flow_logs/0/status"),
    ("vpc/route-table-blackhole", "routes/0/state"),
    ("vpc/main-route-table-public", "routes/0/state"),
    ("vpc/peering-pending", "status"),
    ("vpc/peering-cross-account", "status"),
    ("vpc/peering-cross-account", "requester/owner_id"),
    ("vpc/peering-cross-account", "accepter/owner_id"),
    ("vpc/peering-dns-resolution-off", "status"),
    ("vpc/client-vpn-logging-off", "status"),
    ("vpc/client-vpn-logging-off", "connection_log_enabled"),
    ("vpc/vpn-tunnel-down", "state"),
    ("vpc/endpoint-broken", "state"),
    ("vpc/endpoint-policy-open", "vpc_endpoint_type"),
    ("vpc/endpoint-single-az", "vpc_endpoint_type"),
    ("vpc/gateway-endpoint-unrouted", "vpc_endpoint_type"),
    ("vpc/subnet-auto-public-ip", "map_public_ip_on_launch"),
    ("vpc/transit-gateway-auto-accept", "state"),
    ("vpc/transit-gateway-auto-accept", "owner_id"),
    (
        "vpc/transit-gateway-auto-accept",
        "auto_accept_shared_attachments",
    ),
    ("dms/endpoint-mongodb-unauthenticated", "status"),
    (
        "dms/endpoint-mongodb-unauthenticated",
        "mongo_db_settings/auth_type",
    ),
    ("dms/endpoint-neptune-iam-auth-off", "neptune_settings"),
    ("dms/endpoint-redis-tls-off", "redis_settings"),
    ("dms/endpoint-tls-off", "ssl_mode"),
    ("dms/endpoint-tls-off", "status"),
    (
        "dms/instance-minor-upgrade-off",
        "auto_minor_version_upgrade",
    ),
    ("dms/instance-public", "replication_instance_status"),
    ("dms/instance-public", "publicly_accessible"),
    ("dms/instance-single-az", "multi_az"),
    ("mq/broker-logging-off", "logs"),
    ("mq/broker-logging-off", "logs/audit"),
    ("mq/broker-logging-off", "engine_type"),
    ("mq/broker-minor-upgrade-off", "auto_minor_version_upgrade"),
    ("mq/broker-public", "broker_state"),
    ("mq/broker-public", "publicly_accessible"),
    ("mq/broker-single-instance", "deployment_mode"),
    ("ssm/instance-agent-old", "resource_type"),
    ("ssm/instance-agent-old", "platform_type"),
    ("ssm/instance-agent-old", "is_latest_version"),
    ("ssm/instance-connection-lost", "last_ping_date_time"),
    ("transfer/server-idle", "state"),
    (
        "elasticache/group-rest-encryption-off",
        "storage_encryption_type",
    ),
    ("elasticache/group-failover-off", "multi_az"),
    ("elasticache/group-backup-off", "snapshot_retention_limit"),
    ("redshift/cluster-upgrades-off", "allow_version_upgrade"),
    (
        "elb/load-balancer-idle",
        "groups/0/health/0/target_health/state",
    ),
    ("elb/target-group-unhealthy", "health/0/target_health"),
    ("elb/target-group-unhealthy", "health/0/target_health/state"),
    (
        "msk/cluster-public",
        "provisioned/broker_node_group_info/connectivity_info",
    ),
    (
        "msk/cluster-public",
        "provisioned/broker_node_group_info/connectivity_info/public_access/type",
    ),
    ("route53/domain-contact-public", "privacy/tech_privacy"),
    (
        "costexplorer/account-anomaly-monitor-missing",
        "anomaly_subscriptions/0/subscribers/0/status",
    ),
    (
        "dataexports/account-export-missing",
        "exports/0/export_status/status_code",
    ),
    (
        "dataexports/account-export-missing",
        "reports/0/report_status",
    ),
    ("ec2/instance-dedicated-tenancy", "tenancy"),
    ("ec2/instance-paravirtual", "virtualization_type"),
    ("ec2/instance-standalone-no-recovery", "tenancy"),
    ("ec2/instance-standalone-no-recovery", "auto_recovery"),
    ("ec2/instance-ena-disabled", "ena_support"),
    ("ec2/instance-ebs-optimization-off", "ebs_optimized"),
    ("ec2/instance-detailed-monitoring-off", "monitoring"),
    ("ec2/instance-imdsv1-allowed", "metadata_options"),
    (
        "ec2/instance-imdsv1-allowed",
        "metadata_options/http_tokens",
    ),
    ("rds/snapshot-unencrypted", "encrypted"),
    ("rds/cluster-snapshot-unencrypted", "storage_encrypted"),
    ("rds/instance-copy-tags-off", "copy_tags_to_snapshot"),
    ("rds/cluster-copy-tags-off", "copy_tags_to_snapshot"),
    (
        "rds/instance-iam-auth-off",
        "iam_database_authentication_enabled",
    ),
    (
        "rds/cluster-iam-auth-off",
        "iam_database_authentication_enabled",
    ),
    (
        "guardduty/region-eks-protection-off",
        "detectors/0/features/0/status",
    ),
    (
        "guardduty/region-lambda-protection-off",
        "detectors/0/features/0/status",
    ),
    (
        "guardduty/region-malware-protection-off",
        "detectors/0/features/0/status",
    ),
    (
        "guardduty/region-rds-protection-off",
        "detectors/0/features/0/status",
    ),
    (
        "guardduty/region-s3-protection-off",
        "detectors/0/features/0/status",
    ),
    (
        "ec2/network-interface-source-dest-check-off",
        "interface_type",
    ),
    (
        "ec2/network-interface-source-dest-check-off",
        "requester_managed",
    ),
    (
        "ec2/network-interface-source-dest-check-off",
        "source_dest_check",
    ),
    ("msk/cluster-unauthenticated", "state"),
    (
        "msk/cluster-unauthenticated",
        "provisioned/client_authentication",
    ),
    (
        "msk/cluster-unauthenticated",
        "provisioned/client_authentication/unauthenticated",
    ),
    (
        "msk/cluster-unauthenticated",
        "provisioned/client_authentication/unauthenticated/enabled",
    ),
    (
        "networkfirewall/firewall-deletion-protection-off",
        "firewall",
    ),
    (
        "networkfirewall/firewall-deletion-protection-off",
        "firewall/delete_protection",
    ),
    (
        "networkfirewall/firewall-deletion-protection-off",
        "firewall_status",
    ),
    ("networkfirewall/firewall-logging-off", "firewall_status"),
    ("networkfirewall/firewall-single-az", "firewall"),
    ("networkfirewall/firewall-single-az", "firewall_status"),
    ("networkfirewall/policy-fragments-passed", "firewall_policy"),
    (
        "networkfirewall/policy-fragments-passed",
        "firewall_policy_response/number_of_associations",
    ),
    ("networkfirewall/policy-packets-passed", "firewall_policy"),
    (
        "networkfirewall/policy-packets-passed",
        "firewall_policy_response/number_of_associations",
    ),
    ("networkfirewall/policy-rules-missing", "firewall_policy"),
    (
        "networkfirewall/policy-rules-missing",
        "firewall_policy_response/number_of_associations",
    ),
    ("eks/cluster-auth-configmap", "access_config"),
    (
        "eks/cluster-auth-configmap",
        "access_config/authentication_mode",
    ),
    ("redshift/cluster-single-az", "multi_az"),
    (
        "redshift/cluster-single-az",
        "availability_zone_relocation_status",
    ),
    ("ssm/instance-patch-noncompliant", "patches/missing_count"),
    ("ssm/instance-patch-noncompliant", "patches/failed_count"),
    (
        "ssm/instance-patch-noncompliant",
        "patches/critical_non_compliant_count",
    ),
    (
        "ssm/instance-patch-noncompliant",
        "patches/security_non_compliant_count",
    ),
    (
        "ssm/instance-patch-noncompliant",
        "patches/installed_pending_reboot_count",
    ),
    ("acm/certificate-key-weak", "key_algorithm"),
    ("acm/certificate-expiring", "not_after"),
    ("apigateway/api-unused", "created_date"),
    (
        "apigateway/method-unauthenticated",
        "endpoint_configuration",
    ),
    (
        "apigateway/stage-cache-unencrypted",
        "cache_cluster_enabled",
    ),
    (
        "apigatewayv2/route-unauthenticated",
        "routes/0/authorization_type",
    ),
    ("appsync/api-key-auth", "authentication_type"),
    ("athena/work-group-metrics-off", "configuration"),
    ("athena/work-group-scan-unbounded", "configuration"),
    ("athena/work-group-settings-optional", "configuration"),
    (
        "athena/work-group-metrics-off",
        "configuration/publish_cloud_watch_metrics_enabled",
    ),
    (
        "athena/work-group-settings-optional",
        "configuration/enforce_work_group_configuration",
    ),
    (
        "athena/work-group-scan-unbounded",
        "configuration/enforce_work_group_configuration",
    ),
    ("backup/vault-unlocked", "number_of_recovery_points"),
    ("backup/vault-unlocked", "locked"),
    ("backup/resource-backup-old", "last_backup_time"),
    ("cloudformation/stack-drifted", "drift_information"),
    ("cloudformation/stack-drift-unchecked", "drift_information"),
    (
        "cloudformation/stack-termination-protection-off",
        "enable_termination_protection",
    ),
    (
        "cloudfront/distribution-compression-off",
        "default_cache_behavior/compress",
    ),
    (
        "cloudtrail/event-data-store-unprotected",
        "termination_protection_enabled",
    ),
    ("codebuild/project-arm64-candidate", "environment"),
    ("codebuild/project-public", "project_visibility"),
    (
        "codedeploy/group-rollback-off",
        "auto_rollback_configuration/enabled",
    ),
    ("codedeploy/group-all-at-once", "deployment_config_name"),
    (
        "cognito/user-pool-deletion-protection-off",
        "deletion_protection",
    ),
    ("cognito/user-pool-mfa-off", "mfa_configuration"),
    (
        "cognito/user-pool-self-signup-open",
        "admin_create_user_config",
    ),
    (
        "cognito/user-pool-default-email",
        "estimated_number_of_users",
    ),
    ("cognito/user-pool-default-email", "email_configuration"),
    (
        "cognito/user-pool-default-email",
        "email_configuration/email_sending_account",
    ),
    ("cognito/user-pool-unused", "creation_date"),
    ("cognito/user-pool-unused", "estimated_number_of_users"),
    ("cognito/user-pool-password-policy-weak", "policies"),
    (
        "cognito/user-pool-password-policy-weak",
        "policies/password_policy",
    ),
    (
        "cognito/user-pool-password-policy-weak",
        "policies/password_policy/minimum_length",
    ),
    (
        "cognito/user-pool-password-policy-weak",
        "policies/password_policy/require_symbols",
    ),
    (
        "costoptimizationhub/account-not-enrolled",
        "enrollment/0/status",
    ),
    ("dax/cluster-rest-encryption-off", "status"),
    ("dax/cluster-rest-encryption-off", "sse_description"),
    ("dax/cluster-rest-encryption-off", "sse_description/status"),
    ("dax/cluster-transit-encryption-off", "status"),
    (
        "dax/cluster-transit-encryption-off",
        "cluster_endpoint_encryption_type",
    ),
    ("dax/cluster-single-az", "status"),
    (
        "dynamodb/table-deletion-protection-off",
        "deletion_protection_enabled",
    ),
    (
        "dynamodb/table-pitr-off",
        "continuous_backups/point_in_time_recovery_description",
    ),
    (
        "dynamodb/table-unprotected",
        "continuous_backups/point_in_time_recovery_description",
    ),
    (
        "dynamodb/table-replica-unavailable",
        "replicas/0/replica_status",
    ),
    ("dynamodb/table-ttl-off", "time_to_live/time_to_live_status"),
    ("dynamodb/table-ttl-off", "table_size_bytes"),
    ("ec2/ami-unused-old", "creation_date"),
    (
        "ec2/instance-root-volume-kept-on-termination",
        "block_devices/0/delete_on_termination",
    ),
    ("ec2/instance-graviton-candidate", "architecture"),
    ("ec2/instance-old", "launch_time"),
    ("ec2/network-interface-unused", "requester_managed"),
    ("ec2/prefix-list-open", "owner_id"),
    ("ec2/snapshot-old", "storage_tier"),
    ("ec2/snapshot-old", "start_time"),
    ("ec2/snapshot-orphaned", "start_time"),
    ("ec2/volume-unattached", "create_time"),
    ("ec2/volume-snapshot-stale", "create_time"),
    ("ecr/registry-continuous-scan-off", "scanning/scan_type"),
    ("ecr/repository-tag-mutable", "image_tag_mutability"),
    ("ecr/repository-scan-off", "scanning/scan_frequency"),
    ("ecr/repository-not-cmk", "encryption_configuration"),
    ("ecs/service-autoscaling-missing", "desired_count"),
    ("ecs/service-autoscaling-missing", "scheduling_strategy"),
    ("ecs/service-single-task", "desired_count"),
    ("ecs/service-single-task", "scheduling_strategy"),
    ("ecs/service-single-az", "desired_count"),
    ("ecs/service-at-scaling-maximum", "desired_count"),
    ("ecs/service-tasks-missing", "desired_count"),
    ("ecs/service-tasks-missing", "running_count"),
    ("ecs/service-tasks-missing", "pending_count"),
    ("ecs/service-minimum-healthy-zero", "scheduling_strategy"),
    ("efs/file-system-throughput-limited", "throughput_mode"),
    ("eks/cluster-health-issues", "health"),
    ("eks/nodegroup-unhealthy", "health"),
    ("eks/nodegroup-at-maximum", "scaling_config"),
    ("eks/nodegroup-at-maximum", "scaling_config/desired_size"),
    ("elasticache/cluster-engine-outdated", "engine_version"),
    (
        "elasticache/cluster-minor-upgrade-off",
        "auto_minor_version_upgrade",
    ),
    ("elasticache/cluster-single-az", "num_cache_nodes"),
    (
        "elasticache/cluster-single-az",
        "preferred_availability_zone",
    ),
    ("elasticache/cluster-single-node", "num_cache_nodes"),
    (
        "elasticache/group-slow-log-off",
        "log_delivery_configurations/0/status",
    ),
    ("elb/classic-access-logs-off", "attributes/access_log"),
    (
        "elb/classic-connection-draining-off",
        "attributes/connection_draining",
    ),
    (
        "elb/classic-cross-zone-off",
        "attributes/cross_zone_load_balancing",
    ),
    ("elb/classic-idle", "created_time"),
    ("elb/classic-idle", "health/0/state"),
    ("elb/classic-listener-plaintext", "scheme"),
    (
        "elb/classic-listener-plaintext",
        "listener_descriptions/0/listener",
    ),
    ("elb/listener-plaintext", "protocol"),
    ("elb/listener-tls-weak", "ssl_policy"),
    (
        "elb/load-balancer-cross-zone-off",
        "attributes/load_balancing_cross_zone_enabled",
    ),
    (
        "elb/load-balancer-http2-off",
        "attributes/routing_http2_enabled",
    ),
    (
        "elb/load-balancer-zonal-shift-off",
        "attributes/zonal_shift_config_enabled",
    ),
    (
        "elb/load-balancer-desync-mode-weak",
        "attributes/routing_http_desync_mitigation_mode",
    ),
    (
        "elb/load-balancer-deletion-protection-off",
        "attributes/deletion_protection_enabled",
    ),
    ("elb/load-balancer-idle", "created_time"),
    ("elb/load-balancer-impaired", "state"),
    ("elb/load-balancer-impaired", "state/code"),
    ("elb/load-balancer-waf-missing", "scheme"),
    ("elb/target-group-single-target", "target_type"),
    ("elb/target-group-single-target", "health/0/target_health"),
    ("emr/cluster-autoscaling-missing", "status"),
    ("emr/cluster-autoscaling-missing", "auto_terminate"),
    ("emr/cluster-idle", "status"),
    ("eventbridge/endpoint-replication-off", "state"),
    (
        "memorydb/cluster-minor-upgrade-off",
        "auto_minor_version_upgrade",
    ),
    ("memorydb/cluster-open-access", "acl_name"),
    ("memorydb/cluster-single-az", "availability_mode"),
    ("memorydb/cluster-tls-off", "tls_enabled"),
    (
        "guardduty/region-runtime-monitoring-off",
        "detectors/0/features/0/status",
    ),
    (
        "health/event-action-required-open",
        "open_events/0/event_scope_code",
    ),
    ("kinesis/stream-unencrypted", "encryption_type"),
    ("kms/key-multi-region", "multi_region"),
    ("route53/domain-auto-renew-off", "auto_renew"),
    ("route53/domain-transfer-lock-off", "transfer_lock"),
    ("route53/domain-expiring", "expiry"),
    (
        "sagemaker/notebook-internet-access",
        "direct_internet_access",
    ),
    ("sagemaker/notebook-root-access", "root_access"),
    ("msk/connector-plaintext", "connector_state"),
    (
        "msk/connector-plaintext",
        "kafka_cluster_encryption_in_transit",
    ),
    ("codebuild/project-env-secret-value", "environment"),
    ("codebuild/project-env-secret-value", "variables"),
    ("codebuild/project-env-secret", "environment"),
    ("codebuild/project-source-secret", "source"),
    ("codebuild/project-privileged", "environment"),
    ("cloudfront/distribution-logging-off", "config/logging"),
    (
        "cloudfront/distribution-logging-off",
        "config/logging/enabled",
    ),
    (
        "cloudfront/distribution-tls-weak",
        "viewer_certificate/minimum_protocol_version",
    ),
    ("athena/work-group-results-unencrypted", "configuration"),
    (
        "elb/classic-desync-mode-weak",
        "listener_descriptions/0/listener",
    ),
    (
        "elb/classic-listener-tls-weak",
        "listener_descriptions/0/listener",
    ),
    (
        "elb/classic-listener-tls-weak",
        "policies/0/policy_attribute_descriptions",
    ),
    ("fsx/file-system-single-az", "windows_configuration"),
    ("fsx/file-system-single-az", "ontap_configuration"),
    (
        "fsx/file-system-single-az",
        "ontap_configuration/deployment_type",
    ),
    ("fsx/file-system-single-az", "open_zfs_configuration"),
    (
        "fsx/file-system-single-az",
        "open_zfs_configuration/deployment_type",
    ),
    (
        "autoscaling/group-process-suspended",
        "suspended_processes/0/process_name",
    ),
    (
        "glue/region-catalog-unencrypted",
        "encryption/data_catalog_encryption_settings",
    ),
    (
        "glue/region-catalog-unencrypted",
        "encryption/data_catalog_encryption_settings/encryption_at_rest",
    ),
    (
        "glue/region-connection-passwords-unencrypted",
        "encryption/data_catalog_encryption_settings",
    ),
    (
        "glue/region-connection-passwords-unencrypted",
        "encryption/data_catalog_encryption_settings/connection_password_encryption",
    ),
    ("iam/account-password-complexity-weak", "summary/users"),
    ("iam/account-password-length-short", "summary/users"),
    ("iam/account-password-reuse-allowed", "summary/users"),
    ("iam/server-certificate-expired", "expiration"),
    ("inspector/resource-not-covered", "uncovered/0/scan_status"),
    ("kinesis/stream-capacity-unused", "stream_mode_details"),
    ("kinesis/stream-unread", "consumer_count"),
    ("lambda/function-timeout-near-limit", "timeout"),
    ("lambda/function-unused", "last_modified"),
    ("lambda/function-tracing-off", "tracing_mode"),
    ("memorydb/cluster-minor-upgrade-off", "status"),
    ("memorydb/cluster-open-access", "status"),
    ("memorydb/cluster-tls-off", "status"),
    ("memorydb/cluster-single-az", "status"),
    ("msk/cluster-monitoring-basic", "state"),
    (
        "msk/cluster-monitoring-basic",
        "provisioned/enhanced_monitoring",
    ),
    ("msk/cluster-plaintext-allowed", "state"),
    (
        "msk/cluster-plaintext-allowed",
        "provisioned/encryption_info",
    ),
    (
        "msk/cluster-plaintext-allowed",
        "provisioned/encryption_info/encryption_in_transit",
    ),
    (
        "msk/cluster-plaintext-allowed",
        "provisioned/encryption_info/encryption_in_transit/client_broker",
    ),
    ("msk/cluster-two-az", "state"),
    ("ram/share-external-principals", "status"),
    ("ram/share-external-principals", "principals/0/external"),
    ("ram/share-external-principals", "principals/0/status"),
    ("rds/instance-public-address", "publicly_accessible"),
    ("rds/instance-storage-type-old", "storage_type"),
    (
        "redshift/cluster-snapshots-off",
        "automated_snapshot_retention_period",
    ),
    ("redshift/cluster-default-admin-name", "master_username"),
    ("route53/zone-dnssec-off", "config"),
    ("route53/zone-dnssec-off", "config/private_zone"),
    ("route53/zone-dnssec-off", "dnssec"),
    ("route53/zone-query-logging-off", "config"),
    ("route53/zone-query-logging-off", "config/private_zone"),
    (
        "route53/health-check-disabled",
        "health_check_config/disabled",
    ),
    ("route53/zone-empty", "resource_record_set_count"),
    ("s3/bucket-cold-data-in-standard", "creation_date"),
    ("s3/bucket-empty-unused", "creation_date"),
    ("scheduler/schedule-dlq-missing", "target"),
    ("secretsmanager/secret-unused", "created_date"),
    ("secretsmanager/secret-rotation-old", "created_date"),
    ("ses/identity-dkim-off", "identity_type"),
    ("ses/identity-dkim-off", "verified_for_sending_status"),
    ("ses/identity-dkim-off", "dkim_attributes"),
    ("ses/identity-dkim-off", "dkim_attributes/signing_enabled"),
    ("ses/identity-dkim-off", "dkim_attributes/status"),
    ("sqs/queue-unencrypted", "sqs_managed_sse_enabled"),
    ("ssm/region-public-sharing-allowed", "public_sharing"),
    ("stepfunctions/machine-logging-off", "status"),
    ("stepfunctions/machine-not-cmk", "status"),
    ("stepfunctions/machine-timeout-missing", "status"),
    ("stepfunctions/machine-tracing-off", "status"),
    ("stepfunctions/machine-unused", "status"),
    ("vpc/nat-gateway-idle", "create_time"),
    ("vpc/subnet-ip-exhaustion", "available_ip_address_count"),
    ("glue/ml-transform-unencrypted", "status"),
    ("glue/ml-transform-unencrypted", "transform_encryption"),
    (
        "glue/ml-transform-unencrypted",
        "transform_encryption/ml_user_data_encryption",
    ),
];

#[test]
fn what_aws_does_not_say_is_unknown() {
    let kinds = all_kinds();
    let catalog = catalog(&kinds);
    let mut problems = Vec::new();
    for (id, member) in UNTOLD {
        let check = catalog.iter().find(|check| check.id == *id);
        let check = check.unwrap_or_else(|| panic!("no check {id}"));
        let mut unknown = 0;
        for (before, mut document) in examples(check, &kinds) {
            let (field, below) = member.split_once('/').unwrap_or((*member, ""));
            let below = match below {
                "" => String::new(),
                below => format!("/{below}"),
            };
            let value = document.fields.get_mut(field);
            let value = value.and_then(|value| value.pointer_mut(&below));
            let Some(value) = value.filter(|value| !value.is_null()) else {
                continue;
            };
            *value = Value::Null;
            match verdict(check, &document) {
                Ok(Verdict::Unknown) => unknown += usize::from(before != Verdict::NotApplicable),
                // Something else decides.
                Ok(after) if after == before => {}
                after => problems.push(format!("{id}: without {member} {after:?}")),
            }
        }
        if unknown == 0 {
            problems.push(format!("{id}: {member} decides nothing"));
        }
    }
    assert_none(&problems);
}
