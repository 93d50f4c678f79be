//! Schemas in the repository, for editors: generated from the types, and tested to be current.

use schemars::Schema;
use std::path::Path;

/// Asserts that `schemas/<name>.schema.json` is the schema; writes it where the environment has
/// `UPDATE_SCHEMAS=1`.
pub(crate) fn assert_schema_is_current(name: &str, schema: &Schema) {
    let mut text = serde_json::to_string_pretty(schema).unwrap();
    text.push('\n');
    let file = format!("schemas/{name}.schema.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
    if std::env::var_os("UPDATE_SCHEMAS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &text).unwrap();
    }
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        current == text,
        "{file} is not current: run the tests with UPDATE_SCHEMAS=1"
    );
}
