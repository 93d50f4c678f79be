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
    /// Whether `model` is the one embedded in the program.
    pub is_embedded: bool,
}

/// A call and what its answers mean.
#[derive(Debug)]
pub struct DeclaredCall {
    /// The service that is called.
    pub service: &'static Service,
    /// The region to call, if it is not the resource's.
    pub region: Option<&'static str>,
    /// The operation, with its IAM action and price.
    pub call: &'static Call,
    /// The input, with variables.
    pub input: Template,
    /// The path in the answer to the value that is taken; empty for the whole answer.
    pub take: Vec<String>,
    /// Whether to read all pages.
    pub pages: bool,
    /// The members of the answer that are read, as dotted paths; empty for all of them.
    pub keep: Vec<String>,
    /// Errors that mean that there is nothing to read.
    pub absent: Vec<ErrorCode>,
    /// Errors that mean that the service is not enabled here.
    pub off: Vec<ErrorCode>,
    /// Errors that mean that the resource was deleted in the meantime.
    pub gone: Vec<ErrorCode>,
}

/// Where a value of a resource comes from.
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
    pub ask: DeclaredCall,
    /// Whether items are plain values instead of structures.
    pub plain: bool,
    /// The path in an item to its id, if `describe` follows.
    pub id: Vec<String>,
    /// Members of an item that the input of `describe` uses, such as `$item.Name`.
    pub item: Vec<String>,
    /// What the document keeps of an item.
    pub form: Option<Form>,
}

/// How documents are fetched.
#[derive(Debug)]
pub struct Describe {
    /// The call.
    pub ask: DeclaredCall,
    /// How one call fetches several documents.
    pub batch: Option<Batch>,
    /// What is kept of the answer.
    pub form: Form,
}

/// Several resources in one call.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The most resources that one call takes.
    pub size: usize,
    /// The path in an item to the id or ARN of its resource.
    pub matched: Vec<String>,
    /// Whether `matched` leads to an ARN instead of an id.
    pub by_arn: bool,
    /// The path in the answer to the list of resources that it lacks, with the reasons.
    pub failures: Vec<String>,
}

/// How tags are read.
#[expect(
    clippy::large_enum_variant,
    reason = "each kind has one, and there are a few hundred kinds"
)]
#[derive(Debug)]
pub enum Tags {
    /// From this path of the document.
    Within(Vec<String>),
    /// By a call.
    Call {
        /// The call.
        ask: DeclaredCall,
        /// How one call returns the tags of several resources.
        batch: Option<Batch>,
        /// The path in an item of a batch to the tags; empty without a batch.
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
    Call(CalledPart),
    /// One metric.
    Metric(Metric),
    /// Several metrics, by field.
    Metrics(Vec<(&'static str, Metric)>),
    /// A member of the document.
    Within(WithinPart),
}

/// A part that the document has already.
#[derive(Debug)]
pub struct WithinPart {
    /// The call that returns the document.
    pub call: &'static Call,
    /// The path in the document to the part.
    pub path: Vec<String>,
    /// What is kept of it.
    pub form: Form,
    /// The path to the error code that AWS returns if it cannot show the part, and the IAM action that is
    /// missing then.
    pub hidden: Option<(Vec<String>, &'static str)>,
}

/// A part that a call returns.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent keys of the file"
)]
#[derive(Debug)]
pub struct CalledPart {
    /// The call.
    pub ask: DeclaredCall,
    /// What is kept of the value, or of each item.
    pub form: Form,
    /// Whether items are plain values.
    pub plain: bool,
    /// Whether the value that is taken is a list of items.
    pub items: bool,
    /// The path in an item to what is kept; empty for the whole item.
    pub within: Vec<String>,
    /// A further call for each item, or for all of them.
    pub then: Option<FollowUpCall>,
    /// Which resources one call covers.
    pub of: CallOf,
    /// Whether there is at most one item.
    pub one: bool,
    /// Whether it may be null.
    pub nullable: bool,
}

/// Which resources one call covers.
#[derive(Debug)]
pub enum CallOf {
    /// One resource.
    Resource,
    /// All resources of the kind. An item belongs to a resource if each member has the value of its template.
    Kind(Vec<(Vec<String>, Template)>),
    /// A batch of resources.
    Batch(Batch),
}

/// A call for each item, or one for all of them.
#[derive(Debug)]
pub struct FollowUpCall {
    /// The call.
    pub ask: DeclaredCall,
    /// What is kept of the answer.
    pub form: Form,
    /// The members of an item that the input or the match uses.
    pub item: Vec<String>,
    /// How the answer is matched with the items, if one call is for all of them.
    pub all: Option<ItemMatch>,
}

/// How one answer is divided among all items of a part.
#[derive(Debug)]
pub struct ItemMatch {
    /// An entry of the answer belongs to an item if each member has the value of its template.
    pub matched: Vec<(Vec<String>, Template)>,
    /// The field of the item that gets the list of its entries.
    pub field: &'static str,
}

/// A CloudWatch metric.
#[derive(Debug)]
pub struct Metric {
    /// Such as `AWS/DynamoDB`.
    pub namespace: Template,
    /// Such as `ConsumedReadCapacityUnits`.
    pub name: Template,
    /// Its dimensions.
    pub dimensions: Dimensions,
    /// The statistic.
    pub stat: super::file::StatName,
    /// How many days back it is read.
    pub days: u32,
    /// The period of one value.
    pub each: super::file::PeriodName,
}

/// The dimensions of a metric.
#[derive(Debug)]
pub enum Dimensions {
    /// A member of the document that is a map of names and values.
    Member(String),
    /// Names and values.
    Each(Vec<(&'static str, Template)>),
}

impl Metric {
    /// Whether a document may have no such metric: then the member that would name it is null.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        let variable = |template: &Template| matches!(template, Template::Variable(_));
        variable(&self.namespace)
            || variable(&self.name)
            || matches!(self.dimensions, Dimensions::Member(_))
    }
}

/// A field whose value comes from a table.
#[derive(Debug)]
pub struct Lookup {
    /// The field that gets the value.
    pub name: &'static str,
    /// The field that is looked up.
    pub from: Vec<String>,
    /// The table, with converted values.
    pub values: BTreeMap<String, serde_json::Value>,
    /// The type of the values.
    pub scalar: ScalarName,
}

/// Fields of other resources that this one refers to.
#[derive(Debug)]
pub struct Join {
    /// The part.
    pub name: &'static str,
    /// The kind of the other resources.
    pub kind: &'static str,
    /// The path in the document to the reference.
    pub from: Vec<String>,
    /// The field or part that `from` is in.
    pub root: &'static str,
    /// Whether it refers to several.
    pub many: bool,
    /// What the reference names: an id, an ARN or a name.
    pub by: super::file::JoinBy,
    /// Whether a resource that is not found may belong to another account.
    pub foreign: bool,
    /// The fields that are copied.
    pub fields: &'static [&'static str],
}

/// All resources of another kind in the same account and region.
#[derive(Debug)]
pub struct Beside {
    /// The part.
    pub name: &'static str,
    /// The other kind.
    pub kind: &'static str,
    /// The fields that are copied from each.
    pub fields: &'static [&'static str],
}

/// What is computed from documents.
#[derive(Debug, Default)]
pub struct Derived {
    /// The resource policy that decides who may do what.
    pub access: Option<Access>,
    /// The metrics that its alarms watch.
    pub alarms: Option<Alarms>,
    /// Whether AWS Backup protects it.
    pub backup: bool,
    /// Parts that the program computes for this kind only.
    pub computed: Vec<&'static Computed>,
}

/// The metrics that the alarms of a resource watch.
#[derive(Debug)]
pub struct Alarms {
    /// Such as `AWS/DynamoDB`.
    pub namespace: &'static str,
    /// Dimensions that its metrics have at least.
    pub dimensions: Vec<(&'static str, Template)>,
    /// The region of the alarms, if it is not the resource's.
    pub region: Option<&'static str>,
}

/// The resource policy from which access is computed.
#[derive(Debug)]
pub struct Access {
    /// The field or part that has the policy.
    pub root: &'static str,
    /// The path to the policy; it begins with `root`.
    pub path: Vec<String>,
    /// The IAM action that reads it.
    pub action: &'static str,
    /// The operation that reads it.
    pub operation: &'static str,
}

/// A kind that a file declares.
#[derive(Debug)]
pub struct DeclaredKind {
    /// The kind as the rest of the program knows it.
    pub kind: &'static Kind,
    /// Its service.
    pub service: &'static Service,
    /// The parent's kind, if resources are listed within each resource of another kind.
    pub parent: Option<&'static str>,
    /// How resources are found; `None` if the kind is a single document.
    pub list: Option<List>,
    /// The call that returns the documents, if the list does not.
    pub describe: Option<Describe>,
    /// Where the id comes from; `None` if the list returns it.
    pub id: Option<Origin>,
    /// Where the ARN comes from.
    pub arn: Option<Origin>,
    /// Where the name comes from.
    pub name: Option<Origin>,
    /// How tags are read.
    pub tags: Option<Tags>,
    /// Fields whose values come from tables.
    pub lookup: Vec<Lookup>,
    /// The parts.
    pub parts: Vec<DeclaredPart>,
    /// Parts with fields of other resources.
    pub joins: Vec<Join>,
    /// Parts with all resources of another kind.
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

    /// A part by name.
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
