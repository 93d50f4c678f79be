//! One resource as checks see it.

use super::part::GAP_KEY;
use super::{Gap, Part};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Resource tags, key to value.
pub type Tags = BTreeMap<String, String>;

/// What every resource has, whatever its kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Resource {
    /// The kind, such as `s3.bucket`.
    pub kind: String,
    /// The identifier AWS uses in its APIs: an instance id, a bucket name.
    pub id: String,
    /// The Amazon Resource Name, where AWS defines one.
    pub arn: Option<String>,
    /// What people call it: the `Name` tag or the name property; else the id.
    pub name: String,
    /// The twelve-digit id of the account that owns it.
    pub account: String,
    /// The region it lives in; `global` where it lives in none.
    pub region: String,
    /// Its tags. A part of its own where tags take an extra call.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub tags: Part<Tags>,
}

impl Resource {
    /// Whether it lives in no region.
    #[must_use]
    pub fn is_global(&self) -> bool {
        self.region == "global"
    }
}

/// The typed document of one kind: a plain struct whose field names are the AWS API's in
/// `snake_case`. Fields of [`Resource`] are not repeated in it.
pub trait TypedDocument: Serialize + DeserializeOwned + JsonSchema {
    /// The kind's name, such as `s3.bucket`.
    const KIND: &'static str;

    /// The JSON schema that checks of the kind are held to: its own fields and the common ones.
    #[must_use]
    fn schema() -> Schema
    where
        Self: Sized,
    {
        #[derive(JsonSchema)]
        #[allow(dead_code, reason = "exists for its schema")]
        struct WithResource<K> {
            #[serde(flatten)]
            resource: Resource,
            #[serde(flatten)]
            own: K,
        }
        let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
        SchemaGenerator::new(settings).into_root_schema_for::<WithResource<Self>>()
    }
}

/// One resource as checks see it, with its kind erased.
///
/// `fields` holds what was read, the common fields of [`Resource`] included; `gaps` what could not
/// be. A field that is in neither was not requested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// What every resource has.
    pub resource: Resource,
    /// The fields that were read, by name.
    pub fields: Map<String, Value>,
    /// The parts that could not be read, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gaps: BTreeMap<String, Gap>,
}

impl Document {
    /// Erases a typed document.
    ///
    /// # Panics
    /// Never for the types of [`super::kinds`]: each is a struct of JSON-representable fields, which
    /// a test over all kinds asserts.
    #[must_use]
    pub fn new<K: TypedDocument>(resource: Resource, own: &K) -> Self {
        let mut fields = object(&resource);
        fields.extend(object(own));
        let mut gaps = BTreeMap::new();
        fields.retain(|name, value| match gap_in(value) {
            Some(gap) => {
                gaps.insert(name.clone(), gap);
                false
            }
            None => true,
        });
        fields.remove("kind");
        Self {
            resource,
            fields,
            gaps,
        }
    }

    /// A document of a kind that a file declares, from its fields without the common ones.
    #[must_use]
    pub fn declared(
        resource: Resource,
        mut fields: Map<String, Value>,
        mut gaps: BTreeMap<String, Gap>,
    ) -> Self {
        fields.extend(object(&resource));
        fields.remove("kind");
        if let Part::Gap(gap) = &resource.tags {
            fields.remove("tags");
            gaps.insert("tags".to_owned(), gap.clone());
        }
        Self {
            resource,
            fields,
            gaps,
        }
    }

    /// The document as its own type again, gaps included.
    ///
    /// # Errors
    /// When a snapshot was written by hand or by another version and does not fit the type.
    pub fn typed<K: TypedDocument>(&self) -> Result<K, serde_json::Error> {
        let mut fields = self.fields.clone();
        for (name, gap) in &self.gaps {
            let mut marker = Map::new();
            marker.insert(GAP_KEY.to_owned(), serde_json::to_value(gap)?);
            fields.insert(name.clone(), Value::Object(marker));
        }
        serde_json::from_value(Value::Object(fields))
    }

    /// Sets a derived part.
    pub fn set(&mut self, part: &str, value: Part<Value>) {
        match value {
            Part::Unread => {}
            Part::Read(value) => {
                self.gaps.remove(part);
                self.fields.insert(part.to_owned(), value);
            }
            Part::Gap(gap) => {
                self.fields.remove(part);
                self.gaps.insert(part.to_owned(), gap);
            }
        }
    }
}

fn object<T: Serialize>(value: &T) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map,
        other => unreachable!("a document serialises to an object, not {other:?}"),
    }
}

/// The gap that a value of a document stands for, if it stands for one.
pub(crate) fn gap_in(value: &Value) -> Option<Gap> {
    let gap = value.as_object()?.get(GAP_KEY)?;
    serde_json::from_value(gap.clone()).ok()
}
