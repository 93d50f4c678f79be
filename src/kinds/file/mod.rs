//! `kinds/<service>/<noun>.yaml`: one kind of resource, as its author writes it.
//!
//! The types here only describe the file's form; `schemas/kind.schema.json` is generated from them.
//! [`super::declared`] has what a file means, [`super::lint`] finds what is wrong with one.
//!
//! Each call's struct repeats the keys that calls have in common: with serde's `flatten`, misspelt keys
//! would pass.

mod call;
mod conversion;
mod derived;
mod metric;
mod part;

pub use call::{CodeAndMessage, ErrorCode, PriceFile};
pub use conversion::{
    As, AsMembers, AttributesFile, Conversion, FieldConversion, JsonFile, LookupFile, ScalarName,
};
pub use derived::{
    AccessFile, AlarmsFile, BesideFile, CoverageFile, CoverageName, DerivedFile, JoinBy, JoinFile,
};
pub use metric::{DimensionsFile, MetricFile, PeriodName, StatName};
pub use part::{HiddenFile, Match, PartFile, PerName, ThenFile};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A kind of resource: how it is found, what is read of it, and what each call means.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "A kind of resource")]
pub struct KindFile {
    /// What it is, in a sentence.
    #[schemars(length(min = 1))]
    pub about: String,
    /// The kind's noun, if the file name cannot be it: `service`, since `service.yaml` is the file of the
    /// service. Otherwise the noun is the file's name.
    pub noun: Option<String>,
    /// Where there are some, and how often they are listed. `region` unless the service is global.
    pub scope: Option<ScopeName>,
    /// The parent kind; this kind is listed within each of its resources: `ecs.cluster`. `$parent.arn` is
    /// the parent's ARN.
    pub each: Option<String>,
    /// The call that finds them. A kind without one is a single document.
    pub list: Option<ListFile>,
    /// The call that gives the document of what the list found, where the list gives no more than ids.
    pub describe: Option<DescribeFile>,
    /// The path to the identifier in the document, such as `TableName`. Not needed where the list gives
    /// plain values: they are the identifiers.
    pub id: Option<String>,
    /// The path to its ARN, or how that is made: `arn:$partition:s3:::$id`.
    pub arn: Option<String>,
    /// The path to the name that people call it by. Without it that is the tag `Name`, else the end of
    /// the identifier.
    pub name: Option<String>,
    /// Its tags: a call, or the path to them in the document.
    pub tags: Option<TagsFile>,
    /// The members of the document that are kept, by AWS's names: `SSEDescription` whole,
    /// `BillingModeSummary.BillingMode` alone. Through lists too: `Listeners.Port`.
    #[serde(default)]
    pub fields: Vec<String>,
    /// The required members: AWS always gives them, and an answer without one is malformed.
    #[serde(default)]
    pub always: Vec<String>,
    /// Fields with a name chosen here: `vpc_id: VpcConfig.VpcId`. Through lists they are lists. What
    /// `fields` keeps is kept beside them.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// How text becomes what it means.
    #[serde(rename = "as")]
    pub conversions: Option<As>,
    /// Members that may hold secrets, such as environment variables. They are searched, and not kept:
    /// what looks like a secret is reported in `secrets` beside them. Through lists too: with
    /// `containerDefinitions.environment` each of these has its own `secrets`.
    #[serde(default)]
    pub secret: Vec<String>,
    /// Fields whose value a table gives for that of another.
    #[serde(default)]
    pub lookup: BTreeMap<String, LookupFile>,
    /// What costs calls of its own, by the name of its field. Only what checks read is called.
    #[serde(default)]
    pub parts: BTreeMap<String, PartFile>,
    /// What is computed from documents.
    #[serde(default)]
    pub derived: DerivedFile,
    /// Fields of other resources that this one refers to.
    #[serde(default)]
    pub join: BTreeMap<String, JoinFile>,
    /// All resources of other kinds in the same place, for a single document: a list that the other kind
    /// has read already.
    #[serde(default)]
    pub beside: BTreeMap<String, BesideFile>,
}

/// Where resources of a kind are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeName {
    /// In each region.
    Region,
    /// Once for the account.
    Account,
    /// One document in each region (for a global service: one for the account), always there.
    Single,
    /// One document for the account, although the service is in each region.
    SingleAccount,
}

/// The call that finds resources. It is paginated by the model.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListFile {
    /// The operation, `ListTables`.
    pub call: String,
    /// The input. Its variables are `$account`, `$region`, `$partition`, `$parent.arn`, and days in UTC by
    /// the scan's beginning, `$today` and `$days_ago_30` (`2026-01-31`).
    #[serde(default)]
    pub input: Map<String, Value>,
    /// The path to the resources in the answer.
    pub items: String,
    /// The path to the identifier in an item, if `describe` follows and items are no plain values.
    pub id: Option<String>,
    /// Members of an item that are kept beside what `describe` gives.
    #[serde(default)]
    pub fields: Vec<String>,
    /// The IAM action, where it is not prefix and operation.
    pub action: Option<String>,
    /// Errors that say that there are none.
    #[serde(default)]
    pub absent: Vec<ErrorCode>,
    /// Errors that say that the service is not enabled or subscribed here.
    #[serde(default)]
    pub off: Vec<ErrorCode>,
    /// What AWS bills for it.
    pub price: Option<PriceFile>,
}

/// The call that gives documents.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DescribeFile {
    /// The operation, `DescribeTable`.
    pub call: String,
    /// The input: `{TableName: $id}`, or `{services: $ids}` for several; `$last` is what follows the last
    /// `/` or `:` of the id.
    #[serde(default)]
    pub input: Map<String, Value>,
    /// The path to the document in the answer; the whole answer if this is not set.
    pub take: Option<String>,
    /// How many ids one call takes.
    #[schemars(range(min = 2))]
    pub batch: Option<usize>,
    /// The path to the documents of several ids in the answer.
    pub items: Option<String>,
    /// The path to the id in a document.
    #[serde(rename = "match")]
    pub matched: Option<String>,
    /// The path to a list of what has no document in the answer. An entry is about the id that one of its
    /// texts is, whatever that text's name. Its reason is `reason`, `code` or `errorCode`, or one of these
    /// with a capital: a code of letters, digits and `_`, else just `failed`. If `gone` has the code, the
    /// resource was deleted since it was listed.
    pub failures: Option<String>,
    /// Why the first page of its answer is enough, where there may be more. Without this all pages have to
    /// be read, by `items`.
    #[schemars(length(min = 1))]
    pub first_page: Option<String>,
    /// The IAM action, where it is not prefix and operation.
    pub action: Option<String>,
    /// Errors that say that it was deleted since it was listed.
    #[serde(default)]
    pub gone: Vec<ErrorCode>,
    /// What AWS bills for it.
    pub price: Option<PriceFile>,
}

/// Tags: in the document already, or by a call.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TagsFile {
    /// The operation, `ListTagsOfResource`. Without one the document has the tags.
    pub call: Option<String>,
    /// The input.
    #[serde(default)]
    pub input: Map<String, Value>,
    /// The path to the tags in the answer, the document or the matched item: a map, or a list of keys and
    /// values.
    pub take: Option<String>,
    /// How many resources one call takes.
    #[schemars(range(min = 2))]
    pub batch: Option<usize>,
    /// The path to the resources' tags in the answer, one item for each; without a call the same as
    /// `take`.
    pub items: Option<String>,
    /// The path to the identifier or ARN of the resource in an item.
    #[serde(rename = "match")]
    pub matched: Option<String>,
    /// The IAM action, where it is not prefix and operation.
    pub action: Option<String>,
    /// Errors that say that there are none.
    #[serde(default)]
    pub absent: Vec<ErrorCode>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_for_editors_is_current() {
        crate::yaml::assert_schema_is_current("kind", &schemars::schema_for!(KindFile));
    }
}
