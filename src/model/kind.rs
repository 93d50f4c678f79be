//! What a kind of resource is: where it lives, how it is listed, and what its parts cost.

use super::Call;
use super::shape::Shape;
use schemars::Schema;

/// Whether a kind is read once per account or once per account and region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Once per account, such as IAM users and S3 buckets.
    Account,
    /// Once per account and region.
    Region,
}

/// How often a part's calls are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Once for each resource.
    Resource,
    /// Once for so many resources.
    Batch(u32),
    /// Once for the whole kind in its account or region (every page of it).
    Kind,
    /// Never by itself: the list has it, but may have it unreadable. Its calls are the list's.
    List,
    /// Batched CloudWatch metrics: this many queries for each resource, 500 to a call.
    Metrics(u32),
    /// Never: computed from other documents (see `derive`). Such a part has no calls of its own.
    Derived,
}

/// A group of fields that costs its own API call. The name is the document's field.
#[derive(Debug, PartialEq, Eq)]
pub struct PartSpec {
    /// The field of the document that the part fills.
    pub name: &'static str,
    /// The operations it takes.
    pub calls: &'static [&'static Call],
    /// How often.
    pub per: Per,
}

/// A kind of resource, such as `s3.bucket`.
#[derive(Debug)]
pub struct Kind {
    /// `service.noun`; `account` and `region` stand for themselves.
    pub name: &'static str,
    /// Once per account, or per account and region.
    pub scope: Scope,
    /// The operations that find the resources; made whenever any check reads the kind.
    pub list: &'static [&'static Call],
    /// Everything that costs extra.
    pub parts: &'static [PartSpec],
    /// What its documents are.
    pub definition: Definition,
}

/// What the documents of a kind are.
#[derive(Debug)]
pub enum Definition {
    /// A Rust type, of which this is the JSON schema.
    Typed(fn() -> Schema),
    /// What a file declares.
    Declared(&'static Declaration),
}

/// What a file declares of a kind, beside what every kind has.
#[derive(Debug)]
pub struct Declaration {
    /// The JSON schema of its document, as text, since a tree takes ten times the memory.
    pub schema: Box<str>,
    /// The fields of its document, as the schema says.
    pub fields: Shape,
    /// The calls that give the document of what the list found, made whatever is read of it.
    pub describe: Option<PartSpec>,
    /// The fields that those calls give.
    pub described: Vec<&'static str>,
    /// The kind within each of whose resources these are listed.
    pub parent: Option<&'static str>,
    /// The service's name in the data of AWS's endpoints, by which it is in a region or not.
    pub endpoint_prefix: &'static str,
    /// The only region that is called, where the service answers for the whole account in one.
    pub region: Option<&'static str>,
    /// The operations that are called, with links to AWS's reference of each.
    pub references: Vec<(&'static Call, String)>,
}

impl Kind {
    /// The service part of the name: `s3` for `s3.bucket`, and the name itself for `account`.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }

    /// The JSON schema of its document.
    ///
    /// # Panics
    /// If the text of a declared kind's schema is none. It was written from a schema.
    #[must_use]
    pub fn schema(&self) -> Schema {
        match &self.definition {
            Definition::Typed(schema) => schema(),
            Definition::Declared(declaration) => serde_json::from_str(&declaration.schema)
                .unwrap_or_else(|error| unreachable!("the schema of {}: {error}", self.name)),
        }
    }

    /// The fields of its document, which checks may read.
    #[must_use]
    pub fn fields(&self) -> Shape {
        match &self.definition {
            Definition::Typed(schema) => Shape::from_schema(schema().as_value()),
            Definition::Declared(declaration) => declaration.fields.clone(),
        }
    }

    /// What a file declares of it, where one does.
    #[must_use]
    pub fn declaration(&self) -> Option<&'static Declaration> {
        match &self.definition {
            Definition::Typed(_) => None,
            Definition::Declared(declaration) => Some(declaration),
        }
    }

    /// Every operation that reading all of it takes.
    pub fn calls(&self) -> impl Iterator<Item = &'static Call> {
        let describe = self.declaration().and_then(|d| d.describe.as_ref());
        let of_parts = self
            .parts
            .iter()
            .chain(describe)
            .flat_map(|part| part.calls);
        self.list.iter().chain(of_parts).copied()
    }

    /// A part by name.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&'static PartSpec> {
        self.parts.iter().find(|p| p.name == name)
    }
}
