//! Security Hub from memory: what AWS documents of its two operations.

use crate::aws::identity;
use crate::endpoint::{Answer, Call, Endpoint, Source};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Findings by region and id.
type Findings = BTreeMap<(String, String), Value>;

/// The hubs of all accounts.
#[derive(Clone, Default)]
pub(crate) struct Hub {
    findings: Arc<Mutex<Findings>>,
    /// How many findings each import had.
    imports: Arc<Mutex<Vec<usize>>>,
}

impl Hub {
    /// The hub, and an endpoint that answers for it.
    pub(crate) async fn start() -> (Self, Endpoint) {
        let hub = Self::default();
        let answering = hub.clone();
        let endpoint = Endpoint::start(Source::memory(move |call| answering.answer(call))).await;
        (hub, endpoint)
    }

    fn answer(&self, call: &Call<'_>) -> Answer {
        let answer = match call.operation {
            "GetFindings" => self.page(call),
            "BatchImportFindings" => self.import(call),
            _ => return identity(call),
        };
        Answer::new(StatusCode::OK, "application/json", answer.to_string())
    }

    fn page(&self, call: &Call<'_>) -> Value {
        let asked: Value = serde_json::from_slice(call.body).unwrap();
        let filters = &asked["Filters"];
        assert_eq!(
            filters["Id"][0],
            json!({"Value": "sixpillars/", "Comparison": "PREFIX"})
        );
        let product = &filters["ProductArn"][0]["Value"];
        let findings = self.findings.lock().unwrap();
        let found: Vec<&Value> = findings
            .iter()
            .filter(|((region, _), finding)| {
                region == call.region && finding["ProductArn"] == *product
            })
            .map(|(_, finding)| finding)
            .collect();
        let most = usize::try_from(asked["MaxResults"].as_u64().unwrap()).unwrap();
        let from: usize = asked["NextToken"]
            .as_str()
            .map_or(0, |t| t.parse().unwrap());
        let page: Vec<&Value> = found.iter().skip(from).take(most).copied().collect();
        let mut answer = json!({"Findings": page});
        if from + most < found.len() {
            answer["NextToken"] = json!((from + most).to_string());
        }
        answer
    }

    fn import(&self, call: &Call<'_>) -> Value {
        let asked: Value = serde_json::from_slice(call.body).unwrap();
        let imported = asked["Findings"].as_array().unwrap();
        assert!((1..=100).contains(&imported.len()));
        self.imports.lock().unwrap().push(imported.len());
        let mut findings = self.findings.lock().unwrap();
        for finding in imported {
            let (account, region) = (call.account, call.region);
            assert_eq!(finding["AwsAccountId"], account);
            let product =
                format!("arn:aws:securityhub:{region}:{account}:product/{account}/default");
            assert_eq!(finding["ProductArn"], product);
            let id = finding["Id"].as_str().unwrap().to_owned();
            let known = findings.entry((region.to_owned(), id)).or_insert_with(
                || json!({"UpdatedAt": "", "Workflow": {"Status": "NEW"}, "ProcessedAt": "2026-01-01T00:00:00Z"}),
            );
            let new = known["UpdatedAt"] == "";
            // An update that is not more recent is ignored.
            if finding["UpdatedAt"].as_str() <= known["UpdatedAt"].as_str() {
                continue;
            }
            for (field, value) in finding.as_object().unwrap() {
                // The users' own, after the first time.
                assert!(
                    new || !["Workflow", "Note", "Severity", "Types"].contains(&field.as_str())
                );
                known[field] = value.clone();
            }
            known["ProductFields"]["aws/securityhub/FindingId"] = json!("arn:aws:…");
        }
        json!({"SuccessCount": imported.len(), "FailedCount": 0, "FailedFindings": []})
    }

    /// How many findings were in each import since the last time.
    pub(crate) fn take_imports(&self) -> Vec<usize> {
        std::mem::take(&mut self.imports.lock().unwrap())
    }

    /// The findings about a resource.
    pub(crate) fn about(&self, resource: &str) -> Vec<Value> {
        let findings = self.findings.lock().unwrap();
        let about = |f: &&Value| {
            f["Resources"][0]["Id"]
                .as_str()
                .unwrap()
                .ends_with(resource)
        };
        findings.values().filter(about).cloned().collect()
    }

    /// The one finding about a resource: its status, record state and workflow.
    #[track_caller]
    pub(crate) fn state(&self, resource: &str) -> [String; 3] {
        let [finding] = &self.about(resource)[..] else {
            panic!("{:?}", self.about(resource));
        };
        ["/Compliance/Status", "/RecordState", "/Workflow/Status"].map(|pointer| {
            finding
                .pointer(pointer)
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned()
        })
    }

    /// What a user of the hub does.
    pub(crate) fn edit(&self, resource: &str, edit: impl Fn(&mut Value)) {
        let mut findings = self.findings.lock().unwrap();
        for finding in findings.values_mut() {
            if finding["Resources"][0]["Id"]
                .as_str()
                .unwrap()
                .ends_with(resource)
            {
                edit(finding);
            }
        }
    }
}
