//! One job: a kind in an account and region, with the parts that the plan requires.

use super::concurrency::ConcurrencyLimits;
use super::declared::SharedReads;
use super::{credential_report, secrets};
use crate::aws::Clients;
use crate::aws::throttle::budget::Budget;
use crate::model::{Call, Document, Gap, Kind, Part, Resource, Tags, TypedDocument};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::mpsc;

/// The region of resources without a region.
pub const GLOBAL: &str = "global";

/// One job, and everything that a collector needs for it.
pub struct Job {
    /// The kind to read.
    pub kind: &'static Kind,
    /// The parts to fill, by name.
    pub parts: BTreeSet<&'static str>,
    /// The account's twelve-digit id.
    pub account: String,
    /// The partition of the account's ARNs, such as `aws`.
    pub partition: String,
    /// The region to read; for account-scoped kinds the region that global calls go to.
    pub region: String,
    /// The regions that the scan covers.
    pub regions: Arc<[String]>,
    /// SDK clients for the account, by region.
    pub aws: Arc<Clients>,
    /// The account's credential report.
    pub credential_report: Arc<credential_report::Shared>,
    /// What several jobs of the account read once.
    pub shared_reads: Arc<SharedReads>,
    /// The money that the scan may spend, and who spends it.
    pub budget: Budget,
    /// When the scan started. Time windows end here, so that all jobs use the same ones.
    pub now: jiff::Timestamp,
    /// The limits for its calls per resource.
    pub limits: ConcurrencyLimits,
    /// Where complete documents go.
    pub arrivals: mpsc::Sender<Arrival>,
}

/// The output of jobs. All documents of a job come before its end.
#[derive(Debug)]
pub enum Arrival {
    /// A complete document.
    Document(Document),
    /// A job is over.
    Ended {
        /// Its place in the plan.
        job: usize,
        /// Whether its list was read completely; if not, the gap that says why.
        listed: Result<(), Gap>,
        /// Whether the account's credentials were still valid when the job ended.
        credentials_valid: bool,
    },
}

impl Job {
    /// Whether the plan has a part.
    #[must_use]
    pub fn wants(&self, part: &str) -> bool {
        debug_assert!(
            self.kind.part(part).is_some(),
            "{} has no part {part}",
            self.kind.name
        );
        self.parts.contains(part)
    }

    /// Reads a part if the plan has it; otherwise makes no call.
    pub async fn part<T>(
        &self,
        name: &'static str,
        read: impl Future<Output = Result<T, Gap>>,
    ) -> Part<T> {
        if self.wants(name) {
            read.await.into()
        } else {
            Part::Unread
        }
    }

    /// Reserves the price of `units` of a billed call.
    ///
    /// # Errors
    /// The gap where the budget does not cover it; the call must not be made then.
    pub fn pay(&self, call: &'static Call, units: usize) -> Result<(), Gap> {
        self.budget.spend(call, units)
    }

    /// The common fields of a resource in this job's account and region. The name is the `Name` tag
    /// if there is one, otherwise the id.
    #[must_use]
    pub fn resource(&self, id: &str, arn: Option<String>, tags: Part<Tags>) -> Resource {
        let name = match &tags {
            Part::Read(tags) => tags.get("Name").filter(|n| !n.is_empty()),
            _ => None,
        };
        Resource {
            kind: self.kind.name.to_owned(),
            id: id.to_owned(),
            arn,
            name: name.map_or_else(|| id.to_owned(), Clone::clone),
            account: self.account.clone(),
            region: match self.kind.scope {
                crate::model::Scope::Account => GLOBAL.to_owned(),
                crate::model::Scope::Region => self.region.clone(),
            },
            tags,
        }
    }

    /// The ARN of a resource of this job's account and region: `arn("ec2", "volume/vol-1")`.
    #[must_use]
    pub fn arn(&self, service: &str, rest: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{}:{rest}",
            self.partition, self.region, self.account
        )
    }

    /// Passes on a complete document. Waits while the channel is full, so that a slow judge slows
    /// down a fast reader instead of filling the memory. Secrets in tags are removed here.
    pub async fn emit<K: TypedDocument>(&self, resource: Resource, own: &K) {
        // The receiver is closed only when the scan was cancelled.
        let resource = secrets::without_secrets(resource);
        let document = Arrival::Document(Document::new(resource, own));
        let _ = self.arrivals.send(document).await;
    }

    /// The same for a document of a declared kind, whose fields do not have the common ones yet.
    pub async fn emit_declared(&self, document: Document) {
        let Document {
            resource,
            fields,
            gaps,
        } = document;
        let resource = secrets::without_secrets(resource);
        let document = Document::declared(resource, fields, gaps);
        let _ = self.arrivals.send(Arrival::Document(document)).await;
    }
}
