//! The functions that endpoint rules call. Their meaning is Smithy's:
//! <https://smithy.io/2.0/additional-specs/rules-engine/standard-library.html> and, for those of AWS,
//! <https://smithy.io/2.0/aws/rules-engine/library-functions.html>.

use super::partition::{partition_of_region, partitions};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::net::Ipv4Addr;

/// The characters that `uriEncode` escapes: all but letters, digits and `-_.~`.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Calls a function; `None` if there is no function of that name, or it takes other arguments. The result
/// is null if the function has no answer.
pub(super) fn call(name: &str, arguments: &[Value]) -> Option<Value> {
    match (name, arguments) {
        ("isSet", [value]) => Some((!value.is_null()).into()),
        ("not", [Value::Bool(value)]) => Some((!value).into()),
        // An unset value equals nothing, not even another unset value.
        ("booleanEquals" | "stringEquals", [a, b]) => Some((a == b && !a.is_null()).into()),
        ("getAttr", [value, Value::String(path)]) => Some(attribute(value, path)),
        (
            "substring",
            [
                Value::String(text),
                Value::Number(start),
                Value::Number(stop),
                Value::Bool(reverse),
            ],
        ) => {
            let at = |n: &serde_json::Number| usize::try_from(n.as_u64()?).ok();
            Some(substring(text, at(start)?, at(stop)?, *reverse).into())
        }
        ("uriEncode", [Value::String(text)]) => {
            Some(utf8_percent_encode(text, ESCAPED).to_string().into())
        }
        ("parseURL", [Value::String(url)]) => Some(parse_url(url)),
        ("isValidHostLabel", [Value::String(text), Value::Bool(dots)]) => {
            Some(is_host_label(text, *dots).into())
        }
        ("aws.partition", [Value::String(region)]) => Some(partition(region)),
        ("aws.parseArn", [Value::String(arn)]) => Some(parse_arn(arn)),
        ("aws.isVirtualHostableS3Bucket", [Value::String(name), Value::Bool(dots)]) => {
            Some(is_virtual_hostable(name, *dots).into())
        }
        // These accept an unset first argument.
        (
            "getAttr" | "substring" | "uriEncode" | "parseURL" | "aws.partition" | "aws.parseArn",
            [Value::Null, ..],
        ) => Some(Value::Null),
        ("not" | "isValidHostLabel" | "aws.isVirtualHostableS3Bucket", [Value::Null, ..]) => {
            Some(false.into())
        }
        _ => None,
    }
}

/// A member by its path, `resourceId[0]` or `authority`; null if there is none.
pub(super) fn attribute(value: &Value, path: &str) -> Value {
    let mut value = value;
    for step in path.split('.') {
        let (name, index) = match step.strip_suffix(']').and_then(|s| s.split_once('[')) {
            Some((name, index)) => (name, index.parse::<usize>().ok()),
            None => (step, None),
        };
        let member = if name.is_empty() {
            Some(value)
        } else {
            value.get(name)
        };
        let item = match index {
            Some(index) => member.and_then(|list| list.get(index)),
            None => member,
        };
        match item {
            Some(item) => value = item,
            None => return Value::Null,
        }
    }
    value.clone()
}

fn substring(text: &str, start: usize, stop: usize, reverse: bool) -> Option<String> {
    if !text.is_ascii() || start >= stop || text.len() < stop {
        return None;
    }
    let (start, stop) = if reverse {
        (text.len() - stop, text.len() - start)
    } else {
        (start, stop)
    };
    text.get(start..stop).map(ToOwned::to_owned)
}

/// The parts of a URL; null if the text is no URL, or has a query.
fn parse_url(url: &str) -> Value {
    let Some((scheme @ ("http" | "https"), rest)) = url.split_once("://") else {
        return Value::Null;
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let plain = |text: &str| !text.contains(['?', '#', '@', ' ']);
    if authority.is_empty() || !plain(authority) || !plain(path) {
        return Value::Null;
    }
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    let normal = if path.ends_with('/') {
        path.to_owned()
    } else {
        format!("{path}/")
    };
    json!({
        "scheme": scheme,
        "authority": authority,
        "path": path,
        "normalizedPath": normal,
        "isIp": host.parse::<Ipv4Addr>().is_ok() || host.starts_with('['),
    })
}

/// Whether a text is a label of a host name or, with `dots`, several labels with dots between them.
pub(super) fn is_host_label(text: &str, dots: bool) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if dots {
        text.split('.').all(label)
    } else {
        label(text)
    }
}

/// The partition of a region, or the standard one if the region's name fits none.
fn partition(region: &str) -> Value {
    let found = partition_of_region(region).or_else(|| partitions().first());
    found.map_or(Value::Null, |partition| {
        json!({
            "name": partition.id,
            "dnsSuffix": partition.dns_suffix,
            "dualStackDnsSuffix": partition.dual_stack_dns_suffix,
            "supportsFIPS": partition.fips,
            "supportsDualStack": partition.dual_stack,
            "implicitGlobalRegion": partition.implicit_global_region,
        })
    })
}

/// The parts of an ARN; null if the text is no ARN.
fn parse_arn(arn: &str) -> Value {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, service, region, account, resource]
            if ![partition, service, resource].contains(&"") =>
        {
            json!({
                "partition": partition,
                "service": service,
                "region": region,
                "accountId": account,
                "resourceId": resource.split([':', '/']).collect::<Vec<_>>(),
            })
        }
        _ => Value::Null,
    }
}

/// Whether a bucket's name can be a part of a host name.
fn is_virtual_hostable(name: &str, dots: bool) -> bool {
    name.len() >= 3
        && !name.bytes().any(|b| b.is_ascii_uppercase())
        && name.parse::<Ipv4Addr>().is_err()
        && is_host_label(name, dots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(name: &str, arguments: &Value) -> Value {
        call(name, arguments.as_array().unwrap()).unwrap()
    }

    #[test]
    fn texts() {
        for (arguments, expected) in [
            (json!(["abcdef", 0, 2, false]), json!("ab")),
            (json!(["abcdef", 0, 2, true]), json!("ef")),
            (json!(["abcdef", 4, 9, false]), Value::Null),
            (json!(["abcdef", 2, 2, false]), Value::Null),
            (json!(["äbcdef", 0, 2, false]), Value::Null),
            (json!([null, 0, 2, false]), Value::Null),
        ] {
            assert_eq!(calls("substring", &arguments), expected, "{arguments}");
        }
        assert_eq!(
            calls("uriEncode", &json!(["a b/é~"])),
            json!("a%20b%2F%C3%A9~")
        );
        assert_eq!(calls("stringEquals", &json!([null, null])), json!(false));
        assert_eq!(call("of-tomorrow", &[]), None);
        assert_eq!(call("not", &[json!("text")]), None);
    }

    #[test]
    fn urls() {
        let parsed = calls("parseURL", &json!(["https://192.168.1.1:8443/a"]));
        assert_eq!(
            parsed,
            json!({
                "scheme": "https", "authority": "192.168.1.1:8443", "path": "/a",
                "normalizedPath": "/a/", "isIp": true,
            })
        );
        assert_eq!(
            calls("parseURL", &json!(["http://[::1]"]))["isIp"],
            json!(true)
        );
        assert_eq!(
            calls("parseURL", &json!(["http://a.b"]))["normalizedPath"],
            json!("/")
        );
        for none in [
            "",
            "a.b",
            "ftp://a",
            "https://",
            "https://a?b",
            "https://u@a/",
            "https://a/#b",
        ] {
            assert_eq!(calls("parseURL", &json!([none])), Value::Null, "{none}");
        }
    }

    #[test]
    fn names() {
        for (name, dots, expected) in [
            ("eu-west-1", false, true),
            ("a.b", false, false),
            ("a.b", true, true),
            ("a..b", true, false),
            ("-a", false, false),
            ("", true, false),
            ("a_b", true, false),
        ] {
            let found = calls("isValidHostLabel", &json!([name, dots]));
            assert_eq!(found, json!(expected), "{name}");
        }
        for (name, dots, expected) in [
            ("logs", false, true),
            ("logs.eu", true, true),
            ("logs.eu", false, false),
            ("Logs", false, false),
            ("ab", false, false),
            ("192.168.1.1", true, false),
        ] {
            let found = calls("aws.isVirtualHostableS3Bucket", &json!([name, dots]));
            assert_eq!(found, json!(expected), "{name}");
        }
    }

    #[test]
    fn arns() {
        let arn = calls("aws.parseArn", &json!(["arn:aws:s3:::b/key:1"]));
        assert_eq!(arn["resourceId"], json!(["b", "key", "1"]));
        assert_eq!(attribute(&arn, "resourceId[1]"), json!("key"));
        assert_eq!(attribute(&arn, "resourceId[9]"), Value::Null);
        assert_eq!(attribute(&arn, "nothing.at.all"), Value::Null);
        for none in [
            "arn:aws:s3::",
            "arn::s3:::b",
            "arn:aws:s3:::",
            "urn:aws:s3:::b",
        ] {
            assert_eq!(calls("aws.parseArn", &json!([none])), Value::Null, "{none}");
        }
    }
}
