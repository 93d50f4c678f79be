//! The table of keys in `docs/running.md` is made of the schema of the configuration.

use crate::{assert_current, text, with_part};
use serde_json::Value;
use std::fmt::Write;

const PAGE: &str = "docs/running.md";
const BEGIN: &str = "<!-- Written by the test `deploy` from schemas/serve.schema.json. -->";
const END: &str = "<!-- End of what is written. -->";

/// The part of a schema that a reference names, with the description beside the reference.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.strip_prefix('#').expect("a reference into the file");
        return resolved(root, root.pointer(pointer).expect("it is there"));
    }
    // Something or null.
    if let Some(any) = schema["anyOf"].as_array()
        && let Some(some) = any.iter().find(|any| any["type"] != "null")
        && any.len() == 2
    {
        return resolved(root, some);
    }
    schema
}

/// A description as a cell of a table.
fn cell(schema: &Value, required: bool) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    let text: Vec<&str> = text.split_whitespace().collect();
    let need = if required { " Required." } else { "" };
    text.join(" ").replace('|', "\\|") + need
}

/// The keys of an object and of all objects below it.
fn rows(root: &Value, schema: &Value, path: &str, table: &mut String) {
    let schema = resolved(root, schema);
    if let Some(variants) = schema["oneOf"].as_array() {
        for variant in variants {
            rows(root, variant, path, table);
        }
    }
    let required = |name: &str| {
        let names = schema["required"].as_array();
        names.is_some_and(|names| names.iter().any(|other| other == name))
    };
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        writeln!(table, "| `{path}` | {} |", cell(property, required(name))).unwrap();
        let inner = resolved(root, property);
        if inner["additionalProperties"].is_object() {
            rows(
                root,
                &inner["additionalProperties"],
                &format!("{path}.NAME"),
                table,
            );
        } else if inner["items"].is_object() {
            rows(root, &inner["items"], &format!("{path}[]"), table);
        } else {
            rows(root, inner, &path, table);
        }
    }
}

#[test]
fn the_table_of_keys_is_current() {
    let schema: Value = serde_json::from_str(&text("schemas/serve.schema.json")).unwrap();
    let mut table = "\n| key | what it says |\n| --- | --- |\n".to_owned();
    rows(&schema, &schema, "", &mut table);
    assert!(table.contains("| `targets.NAME.role` |"), "{table}");
    table.push('\n');
    assert_current(PAGE, &with_part(&text(PAGE), BEGIN, END, &table));
}
