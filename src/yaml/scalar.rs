//! What plain text of YAML means.

use serde_json::{Number, Value};

/// What plain text means: the core schema of YAML 1.2, so `yes` and `off` are text. Infinity and
/// not-a-number cannot be JSON and stay text, which no field accepts as a number.
pub(super) fn resolve(raw: &str) -> Value {
    match raw {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    number(raw).map_or_else(|| Value::String(raw.to_owned()), Value::Number)
}

fn number(raw: &str) -> Option<Number> {
    if let Some(digits) = raw.strip_prefix("0x") {
        return i64::from_str_radix(digits, 16).ok().map(Number::from);
    }
    if let Some(digits) = raw.strip_prefix("0o") {
        return i64::from_str_radix(digits, 8).ok().map(Number::from);
    }
    // `inf`, `nan` and `1_000` are numbers to some readers, and not to YAML.
    let numeric = raw
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    if !numeric || !raw.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    if let Ok(whole) = raw.parse::<i64>() {
        return Some(Number::from(whole));
    }
    raw.parse::<f64>().ok().and_then(Number::from_f64)
}
