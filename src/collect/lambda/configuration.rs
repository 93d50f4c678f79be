//! The fields of a function that the list contains.

use super::runtime;
use crate::aws::error::{by_code, malformed};
use crate::call;
use crate::collect::{Job, secrets};
use crate::model::kinds::lambda::{Environment, EnvironmentSecret, Function};
use crate::model::{Call, Gap, Part, Resource};
use aws_sdk_lambda::types::{EnvironmentResponse, FunctionConfiguration};
use jiff::Timestamp;
use std::collections::HashMap;

pub(super) const LIST: Call = call!("lambda", "ListFunctions");
/// The permission that is missing when Lambda cannot decrypt a function's variables for the caller.
const DECRYPT: &str = "kms:Decrypt";

/// A field that Lambda always sends. An answer without it is not one to be judged by.
pub(super) fn always<T>(field: Option<T>, name: &str) -> Result<T, Gap> {
    field.ok_or_else(|| malformed(&LIST, name))
}

pub(super) fn document(
    job: &Job,
    function: FunctionConfiguration,
) -> Result<(Resource, Function), Gap> {
    let name = always(function.function_name, "FunctionName")?;
    let arn = always(function.function_arn, "FunctionArn")?;
    let resource = job.resource(&name, Some(arn), Part::Unread);
    let runtime = function.runtime.map(|runtime| runtime.as_str().to_owned());
    let vpc = function.vpc_config;
    let (vpc_id, subnets, groups) = match vpc {
        // A function that was removed from its VPC has an empty id.
        Some(vpc) => (vpc.vpc_id, vpc.subnet_ids, vpc.security_group_ids),
        None => (None, None, None),
    };
    let logging = function.logging_config;
    let layers = function.layers.unwrap_or_default().into_iter();
    let own = Function {
        runtime_deprecation_date: runtime.as_deref().and_then(runtime::deprecation_date),
        runtime,
        package_type: function.package_type.map(|t| t.as_str().to_owned()),
        // Functions from before Lambda offered a choice may lack it.
        architectures: function
            .architectures
            .unwrap_or_default()
            .iter()
            .map(|a| a.as_str().to_owned())
            .collect(),
        role: function.role,
        code_size: function.code_size,
        timeout: function.timeout.map(i64::from),
        memory_size: function.memory_size.map(i64::from),
        ephemeral_storage_mib: function.ephemeral_storage.map(|space| space.size.into()),
        last_modified: function.last_modified.as_deref().and_then(time),
        state: function.state.map(|state| state.as_str().to_owned()),
        vpc_id: vpc_id.filter(|id| !id.is_empty()),
        subnet_ids: subnets.unwrap_or_default(),
        security_group_ids: groups.unwrap_or_default(),
        dead_letter_target_arn: function
            .dead_letter_config
            .and_then(|to| to.target_arn)
            .filter(|arn| !arn.is_empty()),
        kms_key_arn: function.kms_key_arn,
        tracing_mode: function
            .tracing_config
            .and_then(|tracing| tracing.mode)
            .map(|mode| mode.as_str().to_owned()),
        layers: layers.filter_map(|layer| layer.arn).collect(),
        log_format: logging
            .as_ref()
            .and_then(|logging| logging.log_format.as_ref())
            .map(|format| format.as_str().to_owned()),
        log_group: logging.and_then(|logging| logging.log_group),
        environment: if job.wants("environment") {
            environment(function.environment).into()
        } else {
            Part::Unread
        },
        policy: Part::Unread,
        reserved_concurrency: Part::Unread,
        event_invoke_configs: Part::Unread,
        url_configs: Part::Unread,
        invocations: Part::Unread,
        errors: Part::Unread,
        throttles: Part::Unread,
        duration: Part::Unread,
        public: Part::Unread,
        access: Part::Unread,
        subnet_zones: Part::Unread,
        at_edge: Part::Unread,
    };
    Ok((resource, own))
}

/// The names of the variables, and which secrets their values contain. The values themselves are
/// dropped.
///
/// # Errors
/// Where Lambda could not decrypt them: what was not seen is not free of secrets.
fn environment(environment: Option<EnvironmentResponse>) -> Result<Environment, Gap> {
    let Some(environment) = environment else {
        return Ok(Environment::default());
    };
    if let Some(error) = environment.error {
        let (cause, detail) = by_code(error.error_code.as_deref(), 403);
        return Err(Gap::new(DECRYPT, cause, detail));
    }
    Ok(searched(environment.variables.unwrap_or_default()))
}

fn searched(values: HashMap<String, String>) -> Environment {
    let mut values: Vec<(String, String)> = values.into_iter().collect();
    values.sort();
    let mut found = Environment::default();
    for (variable, value) in values {
        // Searched together, since the name may tell what the value is.
        let secrets = secrets::in_text(&format!("{variable}={value}"));
        found
            .secrets
            .extend(secrets.into_iter().map(|secret| EnvironmentSecret {
                variable: variable.clone(),
                rule: secret.rule,
                length: secret.length,
            }));
        found.variables.push(variable);
    }
    found
}

/// Lambda writes times as `2026-03-01T10:20:30.000+0000`, which RFC 3339 would give a colon.
fn time(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cause;
    use aws_sdk_lambda::types::EnvironmentError;

    fn of(values: &[(&str, &str)]) -> Environment {
        let pairs = values.iter();
        searched(
            pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn a_secret_leaves_its_rule_and_length_only() {
        let found = of(&[("STAGE", "prod"), ("DB_PASSWORD", "correct-horse")]);
        assert_eq!(found.variables, ["DB_PASSWORD", "STAGE"]);
        let expected = EnvironmentSecret {
            variable: "DB_PASSWORD".to_owned(),
            rule: "password-assignment".to_owned(),
            length: 13,
        };
        assert_eq!(found.secrets, [expected]);
        assert!(!serde_json::to_string(&found).unwrap().contains("horse"));
    }

    #[test]
    fn a_token_is_found_whatever_its_variable_is_called() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        assert_eq!(of(&[("SOURCE", &token)]).secrets[0].rule, "github-token");
        assert!(of(&[("LOG_LEVEL", "info")]).secrets.is_empty());
    }

    #[test]
    fn variables_that_could_not_be_decrypted_are_not_free_of_secrets() {
        let denied = EnvironmentError::builder().error_code("AccessDeniedException");
        let answer = EnvironmentResponse::builder().error(denied.build()).build();
        let gap = environment(Some(answer)).unwrap_err();
        assert_eq!((gap.cause, gap.action.as_str()), (Cause::Denied, DECRYPT));
        assert_eq!(environment(None), Ok(Environment::default()));
    }

    #[test]
    fn times_of_lambda_are_read() {
        let read = time("2026-03-01T10:20:30.000+0000").map(|t| t.to_string());
        assert_eq!(read.as_deref(), Some("2026-03-01T10:20:30Z"));
        assert_eq!(time("yesterday"), None);
    }
}
