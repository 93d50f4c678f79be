//! AWS Security Hub: reads our findings in a hub, and imports the differences.
//!
//! <https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html>

pub mod changes;

pub use changes::{Change, Changes, HubFindings, Place, changes};

use super::plural;
use crate::aws::dynamic::object;
use crate::aws::error::{gap, malformed};
use crate::aws::session::Session;
use crate::aws::{optional_answer, required_answer};
use crate::kinds::model::Projection;
use crate::model::{Call, Gap};
use crate::report::sanitize::clean_short;
use serde_json::{Value, json};
use std::future::ready;

/// Reads findings. AWS answers with this code in an account without Security Hub.
pub const GET_FINDINGS: Call =
    crate::call!("securityhub", "GetFindings", absent: ["InvalidAccessException"]);
/// Creates and updates findings.
pub const IMPORT: Call = crate::call!("securityhub", "BatchImportFindings");

/// Findings of one page, and of one import.
const MAX_FINDINGS: usize = 100;
/// Bytes of one import, with a margin for what surrounds the findings: 6 MB are allowed.
const MAX_BYTES: usize = 5 << 20;
/// Characters of an error's text.
const MAX_SHOWN: usize = 300;

/// Our findings in the hub of an account and region, by id; `None` if Security Hub is not enabled.
///
/// # Errors
/// What could not be read: nothing can be said of the hub then.
pub async fn read(session: &Session, place: &Place) -> Result<Option<HubFindings>, Gap> {
    let call = &GET_FINDINGS;
    let product = place.product_arn(&session.partition);
    let input = object([
        ("Filters", filters(&place.account, &product)),
        ("MaxResults", MAX_FINDINGS.into()),
    ]);
    let client = session.clients.modelled("securityhub", &place.region);
    let client = client.map_err(|error| gap(call, &error))?;
    let pages = client.pages(call.operation, input, &Projection::of(["Findings"]));
    let mut pages = pages.map_err(|error| gap(call, &error))?;
    let mut known = HubFindings::new();
    while let Some(page) = pages.next().await {
        let Some(mut page) = optional_answer(call, ready(page)).await? else {
            return Ok(None);
        };
        let Value::Array(findings) = page["Findings"].take() else {
            return Err(malformed(call, "Findings"));
        };
        // Not every hub that answers heeds the filters.
        let ours = findings.into_iter().filter(|finding| {
            finding["AwsAccountId"] == place.account.as_str()
                && finding["ProductArn"] == product.as_str()
        });
        known.extend(ours.filter_map(|finding| {
            let id = finding["Id"]
                .as_str()
                .filter(|id| id.starts_with(changes::PREFIX))?;
            Some((id.to_owned(), finding))
        }));
    }
    Ok(Some(known))
}

fn filters(account: &str, product: &str) -> Value {
    let is = |value: &str, comparison: &str| json!([{"Value": value, "Comparison": comparison}]);
    json!({
        "AwsAccountId": is(account, "EQUALS"),
        "ProductArn": is(product, "EQUALS"),
        "Id": is(changes::PREFIX, "PREFIX"),
    })
}

/// What became of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many findings the hub took.
    pub taken: usize,
    /// What was not imported, and why: a line for each finding, or for all that were left when a
    /// call failed.
    pub failed: Vec<String>,
}

/// Imports findings into the hub of an account and region, as few calls as it takes.
pub async fn import(session: &Session, place: &Place, findings: Vec<Value>) -> Imported {
    let mut imported = Imported::default();
    let mut left = findings.len();
    for batch in batches(findings) {
        let size = batch.len();
        let request = async {
            let client = session.clients.modelled("securityhub", &place.region)?;
            let input = object([("Findings", Value::Array(batch))]);
            client
                .call(IMPORT.operation, input, &Projection::of(["FailedFindings"]))
                .await
        };
        let answer = match required_answer(&IMPORT, request).await {
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
        left -= size;
        let errors = answer["FailedFindings"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        imported.taken += size.saturating_sub(errors.len());
        imported.failed.extend(errors.iter().map(|error| {
            let shown = |name: &str| clean_short(error[name].as_str().unwrap_or("-"), MAX_SHOWN);
            let (id, code) = (shown("Id"), shown("ErrorCode"));
            format!(
                "{place}: {id} not imported: {code}: {}",
                shown("ErrorMessage")
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
            Some(batch) if batch.len() < MAX_FINDINGS && bytes <= MAX_BYTES => {
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
            sizes.iter().all(|n| n * (200 << 10) <= MAX_BYTES),
            "{sizes:?}"
        );
    }
}
