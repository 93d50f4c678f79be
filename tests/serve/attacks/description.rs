//! The API's description, as far as attacks need it.

use hyper::Method;
use serde_json::{Value, json};

/// One operation of the API's description.
pub(super) struct Operation {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) description: Value,
}

impl Operation {
    /// The least role that may do it; `None` if anybody may.
    pub(super) fn role(&self) -> Option<String> {
        let ways = self.description["security"].as_array().unwrap();
        let names: Vec<&Value> = ways
            .iter()
            .flat_map(|way| way.as_object().unwrap().values())
            .collect();
        names
            .first()
            .map(|role| role[0].as_str().unwrap().to_owned())
    }

    /// Its address with a value for each parameter of the path.
    pub(super) fn filled(&self, value: &str) -> String {
        let mut path = String::new();
        let mut rest = self.path.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            path.push_str(before);
            path.push_str(value);
            rest = after.split_once('}').unwrap().1;
        }
        path + rest
    }

    pub(super) fn parameters(&self, place: &str) -> Vec<String> {
        let all = self.description["parameters"].as_array();
        let all = all.into_iter().flatten().filter(|p| p["in"] == place);
        all.map(|p| p["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// All operations.
pub(super) fn operations(description: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, description) in item.as_object().unwrap() {
            operations.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                description: description.clone(),
            });
        }
    }
    operations
}

/// A body for an operation that follows its schema, and the places of its texts.
pub(super) fn example(schema: &Value, all: &Value, at: &str, texts: &mut Vec<String>) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return example(all.pointer(&reference[1..]).unwrap(), all, at, texts);
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(schemas) = schema[several].as_array() {
            let real = schemas.iter().find(|schema| schema["type"] != "null");
            return example(real.unwrap(), all, at, texts);
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| **kind != "null").unwrap(),
        kind => kind,
    };
    match kind.as_str() {
        Some("object") => {
            let fields = schema["properties"].as_object();
            let fields = fields.into_iter().flatten().map(|(name, schema)| {
                let value = example(schema, all, &format!("{at}/{name}"), texts);
                (name.clone(), value)
            });
            Value::Object(fields.collect())
        }
        Some("array") => json!([example(&schema["items"], all, &format!("{at}/0"), texts)]),
        Some("boolean") => json!(true),
        Some("integer" | "number") => json!(1),
        _ => {
            texts.push(at.to_owned());
            let one = schema["enum"].as_array().and_then(|values| values.first());
            one.cloned().unwrap_or_else(|| json!("x"))
        }
    }
}
