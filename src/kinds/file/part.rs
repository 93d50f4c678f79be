//! What costs calls of its own, as a kind's file asks for it.

use super::call::{ErrorCode, PriceFile};
use super::conversion::As;
use super::metric::MetricFile;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How AWS tells that it cannot show something.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HiddenFile {
    /// The member that has the error's code then: `Environment.Error.ErrorCode`.
    pub code: String,
    /// The IAM action that is missing, `kms:Decrypt`.
    pub action: String,
}

/// What costs calls of its own. Either `call`, or `metric`, or `metrics`, or `within`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartFile {
    /// What it tells, where AWS's names do not.
    pub about: Option<String>,
    /// The operation, `DescribeContinuousBackups`; another service's with that before it:
    /// `application-autoscaling:DescribeScalableTargets`.
    pub call: Option<String>,
    /// The input.
    #[serde(default)]
    pub input: Map<String, Value>,
    /// The path to the value in the answer: a structure, a list or a plain value.
    pub take: Option<String>,
    /// The path to it in the document, which has it already. It takes no call, and is a part since AWS may
    /// not be able to show it: `hidden` says how AWS tells that.
    pub within: Option<String>,
    /// How AWS tells that it cannot show what is `within` the document.
    pub hidden: Option<HiddenFile>,
    /// The path to a paginated list in the answer.
    pub items: Option<String>,
    /// A call for each item of `items`, or one for all of them, whose answer is added to it.
    pub then: Option<ThenFile>,
    /// How often it is called.
    pub per: Option<PerName>,
    /// Which of the items belong to a resource, where one call is for all: a member of an item and what
    /// it is then, `{ResourceId: "table/$id"}`; with `batch` the member that has the id. A member that is
    /// a list of plain values matches by each of them.
    #[serde(rename = "match")]
    pub matched: Option<Match>,
    /// How many resources one call takes.
    #[schemars(range(min = 2))]
    pub batch: Option<usize>,
    /// At most one item is expected: the field is that, or null.
    #[serde(default)]
    pub one: bool,
    /// The members that are kept; all if this is not set.
    #[serde(default)]
    pub fields: Vec<String>,
    /// The required members: AWS always gives them.
    #[serde(default)]
    pub always: Vec<String>,
    /// Fields with a name chosen here: `vpc_id: VpcConfig.VpcId`. Through lists they are lists. What
    /// `fields` keeps is kept beside them.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// How text becomes what it means.
    #[serde(rename = "as")]
    pub conversions: Option<As>,
    /// Members that may hold secrets.
    #[serde(default)]
    pub secret: Vec<String>,
    /// Why the first page of its answer is enough, where there may be more. Without this all pages have to
    /// be read, by `items`.
    #[schemars(length(min = 1))]
    pub first_page: Option<String>,
    /// The IAM action, where it is not prefix and operation.
    pub action: Option<String>,
    /// Errors that say that there is none: the field is null, or an empty list.
    #[serde(default)]
    pub absent: Vec<ErrorCode>,
    /// Errors that say that the service is not enabled or subscribed here: checks that read the field do
    /// not apply.
    #[serde(default)]
    pub off: Vec<ErrorCode>,
    /// What AWS bills for it.
    pub price: Option<PriceFile>,
    /// A metric of CloudWatch.
    pub metric: Option<MetricFile>,
    /// Several, by the name of the field that each becomes.
    #[serde(default)]
    pub metrics: BTreeMap<String, MetricFile>,
}

/// How often a part is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PerName {
    /// For each resource.
    Resource,
    /// Once for all of them.
    Kind,
}

/// Which item belongs to which resource.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Match {
    /// The member that has the id.
    Member(String),
    /// Members and what they are then.
    Members(BTreeMap<String, String>),
}

/// A call for each item of a list, or one for all items.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThenFile {
    /// The operation, `GetDetector`.
    pub call: String,
    /// The input: `{DetectorId: $item}`, or `$item.Name` of an item with members.
    #[serde(default)]
    pub input: Map<String, Value>,
    /// The path to the value in the answer; the whole answer if this is not set.
    pub take: Option<String>,
    /// The list in the answer to one call for all items. `match` says which of it belongs to an item.
    pub items: Option<String>,
    /// Which of `items` belong to an item of the part: a member and what it is then,
    /// `{deliverySourceName: $item.name}`.
    #[serde(default, rename = "match")]
    pub matched: BTreeMap<String, String>,
    /// The field of the item that becomes the list of what belongs to it.
    pub field: Option<String>,
    /// The members that are kept; all if this is not set.
    #[serde(default)]
    pub fields: Vec<String>,
    /// The required members: AWS always gives them.
    #[serde(default)]
    pub always: Vec<String>,
    /// Fields with a name chosen here: `vpc_id: VpcConfig.VpcId`. Through lists they are lists. What
    /// `fields` keeps is kept beside them.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// How text becomes what it means.
    #[serde(rename = "as")]
    pub conversions: Option<As>,
    /// Members that may hold secrets.
    #[serde(default)]
    pub secret: Vec<String>,
    /// Why the first page of its answer is enough, where there may be more. Without this all pages have to
    /// be read, by `items`.
    #[schemars(length(min = 1))]
    pub first_page: Option<String>,
    /// The IAM action, where it is not prefix and operation.
    pub action: Option<String>,
    /// Errors that say that there is nothing more: what the answer would add is null.
    #[serde(default)]
    pub absent: Vec<ErrorCode>,
    /// Errors that say that the item was deleted meanwhile: it is left out.
    #[serde(default)]
    pub gone: Vec<ErrorCode>,
}
