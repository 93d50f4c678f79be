//! Documents for the tests of derivations.

use crate::model::{Document, Part, Resource, TypedDocument};
use serde_json::Value;
use std::collections::BTreeMap;

/// The account of all documents.
pub(crate) const ACCOUNT: &str = "111122223333";

/// A resource without an ARN, named by its id.
pub(crate) fn resource(kind: &str, region: &str, id: &str) -> Resource {
    Resource {
        kind: kind.to_owned(),
        id: id.to_owned(),
        arn: None,
        name: id.to_owned(),
        account: ACCOUNT.to_owned(),
        region: region.to_owned(),
        tags: Part::Unread,
    }
}

/// A document with only these fields.
pub(crate) fn document(kind: &str, region: &str, id: &str, fields: Value) -> Document {
    let Value::Object(fields) = fields else {
        panic!("fields are an object")
    };
    Document {
        resource: resource(kind, region, id),
        fields,
        gaps: BTreeMap::new(),
    }
}

/// A document of a typed kind, which checks the fields.
pub(crate) fn typed<K: TypedDocument>(region: &str, id: &str, fields: Value) -> Document {
    let own: K = serde_json::from_value(fields).unwrap();
    Document::new(resource(K::KIND, region, id), &own)
}
