//! Services and kinds as their files declare them, resolved against the models: what the collector,
//! the planner and the linter of checks work with.

use super::derived::Computed;
use super::file::{ErrorCode, ScalarName};
use super::form::Form;
use super::model::ServiceModel;
use super::service::ServiceFile;
use super::template::Template;
use crate::model::{Call, Kind};
use std::collections::BTreeMap;

/// A service.
#[derive(Debug)]
pub struct Service {
    /// Its folder's name: `dynamodb`.
    pub name: &'static str,
    /// What its file says.
    pub file: ServiceFile,
    /// Its operations.
    pub model: ServiceModel,
    /// Whether that is the program's own model of it.
    pub is_embedded: bool,
}

/// A call and what its answers mean.
#[derive(Debug)]
pub struct Ask {
    /// Who is asked.
    pub service: &'static Service,
    /// Where, if not in the region of the resource.
    pub region: Option<&'static str>,
    /// What is called.
    pub call: &'static Call,
    /// What it is asked with.
    pub input: Template,
    /// Where the answer has what is taken; empty for all of it.
    pub take: Vec<String>,
    /// Whether it is a list that goes on over pages.
    pub pages: bool,
    /// The members of the answer that are read, as dotted paths.
    pub keep: Vec<String>,
    /// Errors that say that there is none.
    pub absent: Vec<ErrorCode>,
    /// Errors that say that the service is not enabled here.
    pub off: Vec<ErrorCode>,
    /// Errors that say that the resource was deleted meanwhile.
    pub gone: Vec<ErrorCode>,
}

/// Where a value of a resource is from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// A member of AWS's answer.
    Path(Vec<String>),
    /// A text with variables.
    Template(Template),
}

/// How resources are found.
#[derive(Debug)]
pub struct List {
    /// The call.
    pub ask: Ask,
    /// Whether items are plain values instead of structures.
    pub plain: bool,
    /// Where an item has its id, where `describe` follows.
    pub id: Vec<String>,
    /// Members of an item that `describe` asks with, as `$item.Name` names them.
    pub item: Vec<String>,
    /// What of an item is kept in the document.
    pub form: Option<Form>,
}

/// What gives the documents.
#[derive(Debug)]
pub struct Describe {
    /// The call.
    pub ask: Ask,
    /// Several at once.
    pub batch: Option<Batch>,
    /// What is kept.
    pub form: Form,
}

/// Several resources in one call.
#[derive(Debug, Clone)]
pub struct Batch {
    /// How many.
    pub size: usize,
    /// Where an item says which resource it is of.
    pub matched: Vec<String>,
    /// Whether that is the ARN; the id otherwise.
    pub by_arn: bool,
    /// Where the answer says of which there is none, and why.
    pub failures: Vec<String>,
}

/// Tags.
#[expect(
    clippy::large_enum_variant,
    reason = "each kind has one, and there are a few hundred kinds"
)]
#[derive(Debug)]
pub enum Tags {
    /// In the document.
    Within(Vec<String>),
    /// By a call; where the answer or, of several, the item has them.
    Asked {
        /// The call.
        ask: Ask,
        /// Several at once.
        batch: Option<Batch>,
        /// Where an item of several has them.
        take: Vec<String>,
    },
}

/// A part.
#[derive(Debug)]
pub struct DeclaredPart {
    /// Its field.
    pub name: &'static str,
    /// How it is read.
    pub read: PartRead,
}

/// How a part is read.
#[expect(
    clippy::large_enum_variant,
    reason = "each part has one, and there are a few hundred parts"
)]
#[derive(Debug)]
pub enum PartRead {
    /// By a call.
    Ask(AskedPart),
    /// One metric.
    Metric(Metric),
    /// Several, by field.
    Metrics(Vec<(&'static str, Metric)>),
    /// Of the document.
    Within(WithinPart),
}

/// A part that the document has already.
#[derive(Debug)]
pub struct WithinPart {
    /// The call that gives the document.
    pub call: &'static Call,
    /// Where the document has it.
    pub path: Vec<String>,
    /// What is kept of it.
    pub form: Form,
    /// Where AWS tells that it cannot show it, and the IAM action that is missing then.
    pub hidden: Option<(Vec<String>, &'static str)>,
}

/// A part that a call gives.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent keys of the file"
)]
#[derive(Debug)]
pub struct AskedPart {
    /// The call.
    pub ask: Ask,
    /// What is kept of the value, or of each item.
    pub form: Form,
    /// Whether items are plain values.
    pub plain: bool,
    /// Whether what is taken are the items of a list.
    pub items: bool,
    /// Where an item has what is kept; empty for all of it.
    pub within: Vec<String>,
    /// A call for each item.
    pub then: Option<Then>,
    /// For which resources one call is.
    pub of: CallOf,
    /// Whether there is at most one item.
    pub one: bool,
    /// Whether it may be null.
    pub nullable: bool,
}

/// For which resources one call is.
#[derive(Debug)]
pub enum CallOf {
    /// For each.
    Resource,
    /// For all; the members of an item and what they are where it belongs to a resource.
    Kind(Vec<(Vec<String>, Template)>),
    /// For so many.
    Batch(Batch),
}

/// A call for each item, or one for all of them.
#[derive(Debug)]
pub struct Then {
    /// The call.
    pub ask: Ask,
    /// What is kept.
    pub form: Form,
    /// The members of an item that it asks with, or is matched by.
    pub item: Vec<String>,
    /// What belongs to which item, where one call is for all.
    pub all: Option<OfAll>,
}

/// What one call for all items of a part gives each of them.
#[derive(Debug)]
pub struct OfAll {
    /// The members of what it gives, and what they are where that belongs to an item.
    pub matched: Vec<(Vec<String>, Template)>,
    /// The field of the item that becomes the list of it.
    pub field: &'static str,
}

/// A metric of CloudWatch.
#[derive(Debug)]
pub struct Metric {
    /// `AWS/DynamoDB`.
    pub namespace: Template,
    /// `ConsumedReadCapacityUnits`.
    pub name: Template,
    /// What its values are of.
    pub dimensions: Dimensions,
    /// The statistic.
    pub stat: super::file::StatName,
    /// How far back.
    pub days: u32,
    /// The period of one value.
    pub each: super::file::PeriodName,
}

/// What a metric's values are of.
#[derive(Debug)]
pub enum Dimensions {
    /// A member of the document that is a map of names and values.
    Member(String),
    /// Names and what they are.
    Each(Vec<(&'static str, Template)>),
}

impl Metric {
    /// Whether a document may say that there is no such metric.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        let variable = |template: &Template| matches!(template, Template::Variable(_));
        variable(&self.namespace)
            || variable(&self.name)
            || matches!(self.dimensions, Dimensions::Member(_))
    }
}

/// A table.
#[derive(Debug)]
pub struct Lookup {
    /// The field it gives.
    pub name: &'static str,
    /// The field that is looked up.
    pub from: Vec<String>,
    /// What it gives, converted.
    pub values: BTreeMap<String, serde_json::Value>,
    /// The type of what it gives.
    pub scalar: ScalarName,
}

/// Fields of another resource.
#[derive(Debug)]
pub struct Join {
    /// The part.
    pub name: &'static str,
    /// The other's kind.
    pub kind: &'static str,
    /// Where the document refers to it.
    pub from: Vec<String>,
    /// The field or part that `from` is in.
    pub root: &'static str,
    /// Whether it refers to several.
    pub many: bool,
    /// What of the other it names.
    pub by: super::file::JoinBy,
    /// Whether what is not there may be another account's.
    pub foreign: bool,
    /// What is wanted of it.
    pub fields: &'static [&'static str],
}

/// All resources of another kind in the same place.
#[derive(Debug)]
pub struct Beside {
    /// The part.
    pub name: &'static str,
    /// The others' kind.
    pub kind: &'static str,
    /// What is wanted of each.
    pub fields: &'static [&'static str],
}

/// What is computed from documents.
#[derive(Debug, Default)]
pub struct Derived {
    /// The field that has the policy.
    pub access: Option<Access>,
    /// What its alarms watch: a namespace, and dimensions.
    pub alarms: Option<Alarms>,
    /// Whether AWS Backup protects it.
    pub backup: bool,
    /// What the program computes of this kind alone.
    pub computed: Vec<&'static Computed>,
}

/// What the alarms of a resource watch.
#[derive(Debug)]
pub struct Alarms {
    /// `AWS/DynamoDB`.
    pub namespace: &'static str,
    /// Dimensions that its metrics have at least.
    pub dimensions: Vec<(&'static str, Template)>,
    /// The region of the alarms, where that is not the one of the resource.
    pub region: Option<&'static str>,
}

/// Who may do what by a resource policy.
#[derive(Debug)]
pub struct Access {
    /// The field or part that the policy is in.
    pub root: &'static str,
    /// Where the policy is.
    pub path: Vec<String>,
    /// The IAM action that reads it.
    pub action: &'static str,
    /// The operation that reads it.
    pub operation: &'static str,
}

/// A kind that a file declares.
#[derive(Debug)]
pub struct DeclaredKind {
    /// What the rest of the program knows of it.
    pub kind: &'static Kind,
    /// Its service.
    pub service: &'static Service,
    /// The kind within each of whose resources these are.
    pub parent: Option<&'static str>,
    /// How they are found; a single document without.
    pub list: Option<List>,
    /// What gives their documents, where the list does not.
    pub describe: Option<Describe>,
    /// Where the id is; what the list gave, without.
    pub id: Option<Origin>,
    /// Where the ARN is.
    pub arn: Option<Origin>,
    /// Where the name is.
    pub name: Option<Origin>,
    /// The tags.
    pub tags: Option<Tags>,
    /// The fields that tables give.
    pub lookup: Vec<Lookup>,
    /// The parts.
    pub parts: Vec<DeclaredPart>,
    /// Parts from other resources.
    pub joins: Vec<Join>,
    /// Parts that are other resources of the same place.
    pub beside: Vec<Beside>,
    /// Parts that are computed.
    pub derived: Derived,
}

impl DeclaredKind {
    /// The form of the document.
    #[must_use]
    pub fn form(&self) -> Option<&Form> {
        let of_list = || self.list.as_ref().and_then(|list| list.form.as_ref());
        self.describe.as_ref().map(|d| &d.form).or_else(of_list)
    }

    /// A part.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&DeclaredPart> {
        self.parts.iter().find(|part| part.name == name)
    }
}

/// All services and kinds.
#[derive(Debug, Default)]
pub struct Declared {
    /// By folder.
    pub services: BTreeMap<&'static str, &'static Service>,
    /// By name.
    pub kinds: BTreeMap<&'static str, &'static DeclaredKind>,
}
