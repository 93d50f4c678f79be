//! AWS Security Hub: reading what a hub has of ours, and importing what is different.
//!
//! <https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html>

pub mod changes;

pub use changes::{Change, Changes, Known, Place, changes};

use super::plural;
use crate::aws::session::Session;
use crate::aws::{ask, must};
use crate::model::{Call, Cause, Gap};
use crate::report::sanitize::clean_short;
use aws_sdk_securityhub::types::{AwsSecurityFindingFilters, StringFilter, StringFilterComparison};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};

/// What the hub has. An account without Security Hub is refused with this code.
pub const GET_FINDINGS: Call =
    crate::call!("securityhub", "GetFindings", absent: ["InvalidAccessException"]);
/// Creates and updates findings.
pub const IMPORT: Call = crate::call!("securityhub", "BatchImportFindings");

/// Findings of one page, and of one import.
const MOST_FINDINGS: usize = 100;
/// Bytes of one import, with room for what is around the findings: 6 MB are allowed.
const MOST_BYTES: usize = 5 << 20;
/// Characters of an error's text.
const MOST_SHOWN: usize = 300;

/// The findings of ours that the hub of an account and region has, by id; `None` where Security Hub
/// is not enabled.
///
/// # Errors
/// What could not be read: nothing can be said of the hub then.
pub async fn read(session: &Session, place: &Place) -> Result<Option<Known>, Gap> {
    let client = session.clients.securityhub(&place.region);
    let product = place.product_arn(&session.partition);
    let filters = filters(&place.account, &product);
    let (mut known, mut token) = (Known::new(), None);
    loop {
        let answer = Kept::default();
        let request = client
            .get_findings()
            .filters(filters.clone())
            .max_results(i32::try_from(MOST_FINDINGS).unwrap_or(i32::MAX))
            .set_next_token(token)
            .customize()
            .interceptor(answer.clone());
        let Some(page) = ask(&GET_FINDINGS, request.send()).await? else {
            return Ok(None);
        };
        // Not every hub that answers heeds the filters.
        let ours = answer.findings()?.into_iter().filter(|finding| {
            finding["AwsAccountId"] == place.account.as_str()
                && finding["ProductArn"] == product.as_str()
        });
        known.extend(ours.filter_map(|finding| {
            let id = finding["Id"]
                .as_str()
                .filter(|id| id.starts_with(changes::PREFIX))?;
            Some((id.to_owned(), finding))
        }));
        token = page
            .next_token()
            .filter(|t| !t.is_empty())
            .map(ToOwned::to_owned);
        if token.is_none() {
            return Ok(Some(known));
        }
    }
}

fn filters(account: &str, product: &str) -> AwsSecurityFindingFilters {
    let is = |value: &str, comparison| {
        StringFilter::builder()
            .value(value)
            .comparison(comparison)
            .build()
    };
    AwsSecurityFindingFilters::builder()
        .aws_account_id(is(account, StringFilterComparison::Equals))
        .product_arn(is(product, StringFilterComparison::Equals))
        .id(is(changes::PREFIX, StringFilterComparison::Prefix))
        .build()
}

/// The answer as it came: findings are compared in the form in which they are sent.
#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Intercept for Kept {
    fn name(&self) -> &'static str {
        "Kept"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body.to_vec();
        Ok(())
    }
}

impl Kept {
    fn findings(&self) -> Result<Vec<Value>, Gap> {
        let body = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let answer: Result<Value, _> = serde_json::from_slice(&body);
        match answer.ok().as_mut().map(|answer| answer["Findings"].take()) {
            Some(Value::Array(findings)) => Ok(findings),
            _ => Err(Gap::new(
                GET_FINDINGS.action,
                Cause::Failed,
                "no list of findings",
            )),
        }
    }
}

/// What became of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many findings the hub took.
    pub taken: usize,
    /// What it did not take, and why: a line for each finding, or for all that were left when a call
    /// failed.
    pub failed: Vec<String>,
}

/// Imports findings into the hub of an account and region, as few calls as it takes.
pub async fn import(session: &Session, place: &Place, findings: Vec<Value>) -> Imported {
    let client = session.clients.securityhub(&place.region);
    let mut imported = Imported::default();
    let mut left = findings.len();
    for batch in batches(findings) {
        let body = json!({"Findings": batch}).to_string();
        let request = client
            .batch_import_findings()
            .customize()
            .mutate_request(move |request| replace_body(request, &body));
        let answer = match must(&IMPORT, request.send()).await {
            Ok(answer) => answer,
            Err(gap) => {
                let line = format!(
                    "{place}: {left} finding{} not imported: {gap}",
                    plural(left)
                );
                imported.failed.push(line);
                break;
            }
        };
        left -= batch.len();
        let errors = answer.failed_findings();
        imported.taken += batch.len().saturating_sub(errors.len());
        imported.failed.extend(errors.iter().map(|error| {
            let shown = |text: Option<&str>| clean_short(text.unwrap_or("-"), MOST_SHOWN);
            let (id, code) = (shown(error.id()), shown(error.error_code()));
            format!(
                "{place}: {id} not imported: {code}: {}",
                shown(error.error_message())
            )
        }));
    }
    imported
}

/// In the order they come, as many at once as AWS takes.
fn batches(findings: Vec<Value>) -> Vec<Vec<Value>> {
    let mut batches: Vec<Vec<Value>> = Vec::new();
    let mut bytes = 0;
    for finding in findings {
        let size = finding.to_string().len() + 1;
        bytes += size;
        match batches.last_mut() {
            Some(batch) if batch.len() < MOST_FINDINGS && bytes <= MOST_BYTES => {
                batch.push(finding);
            }
            _ => {
                batches.push(vec![finding]);
                bytes = size;
            }
        }
    }
    batches
}

/// The request with another body. The SDK's types for findings would only repeat the form.
fn replace_body(request: &mut HttpRequest, body: &str) {
    request
        .headers_mut()
        .insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_no_more_than_aws_takes() {
        let sizes = |findings| batches(findings).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(vec![json!({}); 250]), [100, 100, 50]);
        assert_eq!(sizes(Vec::new()), [0; 0]);
        let large = json!({"Description": "x".repeat(200 << 10)});
        let sizes = sizes(vec![large; 60]);
        assert_eq!(sizes.iter().sum::<usize>(), 60);
        assert!(
            sizes.iter().all(|n| n * (200 << 10) <= MOST_BYTES),
            "{sizes:?}"
        );
    }
}
