//! Finds secrets in plain text, and drops them at once.
//!
//! Only the rule, the line and the length of a match leave this module: no text does, so none can
//! reach a document, a log or an error.

mod filter;
mod rules;

use crate::model::kinds::secret::SecretFinding;
use crate::model::{Part, Resource};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use flate2::read::MultiGzDecoder;
use regex::Regex;
use std::collections::BTreeSet;
use std::io::Read;
use std::ops::Range;
use std::sync::LazyLock;

/// How often text within text is decoded: a MIME part in base64, a file in a cloud-config.
const DEPTH: u32 = 2;
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// With the one method of compression that there is. Two bytes alone begin one random token in 65,536.
const GZIP_DEFLATE: [u8; 3] = [0x1f, 0x8b, 8];
/// How many bytes of compressed user data are unpacked. EC2 takes 16 KiB of it.
const MAX_UNPACKED: u64 = 1 << 20;

/// Why user data could not be searched. Reporting no secrets would be a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("user data is not base64")]
    NotBase64,
    #[error("compressed user data cannot be unpacked")]
    Corrupt,
    #[error("compressed user data is larger than 1 MiB once unpacked")]
    TooLarge,
}

/// Secrets in the user data of an instance, which the EC2 API gives in base64.
///
/// # Errors
/// When it is not base64, or compressed and not to be unpacked.
pub(super) fn in_user_data(encoded: &str) -> Result<Vec<SecretFinding>, Unreadable> {
    let packed: String = encoded.split_whitespace().collect();
    let bytes = STANDARD.decode(packed).map_err(|_| Unreadable::NotBase64)?;
    let bytes = if bytes.starts_with(&GZIP) {
        unpacked(&bytes)?
    } else {
        bytes
    };
    Ok(in_text(&String::from_utf8_lossy(&bytes)))
}

/// Secrets in a member of an answer, which may be plain text or, as user data is, base64 of a text
/// that may be compressed.
///
/// # Errors
/// When it is compressed and not to be unpacked.
pub(super) fn in_member(text: &str) -> Result<Vec<SecretFinding>, Unreadable> {
    let packed: String = text.split_whitespace().collect();
    match STANDARD.decode(packed) {
        Ok(bytes) if bytes.starts_with(&GZIP_DEFLATE) => {
            Ok(in_text(&String::from_utf8_lossy(&unpacked(&bytes)?)))
        }
        // Bytes that are no text are searched as far as they are.
        Ok(bytes) if std::str::from_utf8(&bytes).is_err() => {
            Ok(in_text(&String::from_utf8_lossy(&bytes)))
        }
        _ => Ok(in_text(text)),
    }
}

/// What cloud-init unpacks before it runs it. A few bytes can stand for very many, so there is a limit.
fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let mut text = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(MAX_UNPACKED + 1)
        .read_to_end(&mut text)
        .map_err(|_| Unreadable::Corrupt)?;
    match u64::try_from(text.len()) {
        Ok(length) if length <= MAX_UNPACKED => Ok(text),
        _ => Err(Unreadable::TooLarge),
    }
}

/// Secrets in a text, in order, text in base64 within it included.
pub(super) fn in_text(text: &str) -> Vec<SecretFinding> {
    let mut found = BTreeSet::new();
    search(text, 0, DEPTH, &mut found);
    found
        .into_iter()
        .map(|(line, rule, length)| SecretFinding {
            rule: rule.to_owned(),
            line,
            length,
        })
        .collect()
}

/// Replaces a secret in a tag.
const HIDDEN: &str = "(looks like a secret, not kept)";

/// A resource without the secrets in its tags. Tags are stored and shown, so whatever looks like a
/// secret is replaced first; the tag itself is kept.
pub(super) fn without_secrets(mut resource: Resource) -> Resource {
    let Part::Read(tags) = &mut resource.tags else {
        return resource;
    };
    for (key, value) in tags {
        if in_text(&format!("{key}={value}")).is_empty() {
            continue;
        }
        if resource.name == *value {
            resource.name.clone_from(&resource.id);
        }
        HIDDEN.clone_into(value);
    }
    resource
}

type Found = BTreeSet<(i64, &'static str, i64)>;

/// Adds what is in `text`. The lines of decoded text count as the line it begins in: `outer`,
/// unless that is 0.
fn search(text: &str, outer: i64, depth: u32, found: &mut Found) {
    for (number, line) in (1i64..).zip(text.lines()) {
        in_line(line, if outer == 0 { number } else { outer }, found);
    }
    if depth == 0 {
        return;
    }
    for (number, packed) in encoded(text) {
        if let Some(inner) = decode(&packed) {
            let line = if outer == 0 { number } else { outer };
            search(&inner, line, depth - 1, found);
        }
    }
}

/// Rules are tried in order; text that one has matched is skipped by later, less specific ones.
fn in_line(line: &str, number: i64, found: &mut Found) {
    let mut claimed: Vec<Range<usize>> = Vec::new();
    for rule in rules::matching(line) {
        let found_by = rule.regex().into_iter();
        for captures in found_by.flat_map(|regex| regex.captures_iter(line)) {
            let Some(secret) = rules::Compiled::secret(&captures) else {
                continue;
            };
            let range = secret.range();
            let overlaps = |c: &Range<usize>| c.start < range.end && range.start < c.end;
            if claimed.iter().any(overlaps) || !rule.accepts(secret.as_str()) {
                continue;
            }
            let length = i64::try_from(secret.as_str().chars().count()).unwrap_or(i64::MAX);
            found.insert((number, rule.id(), length));
            claimed.push(range);
        }
    }
}

static ENCODED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/]{24,}={0,2}").ok());

/// Runs of base64 with the line they begin in. Lines that are nothing else belong together, as in
/// a MIME part.
fn encoded(text: &str) -> Vec<(i64, String)> {
    let Some(pattern) = ENCODED.as_ref() else {
        return Vec::new();
    };
    let mut all: Vec<(i64, String)> = Vec::new();
    let mut block = false;
    for (number, line) in (1i64..).zip(text.lines()) {
        let line = line.trim();
        let all_base64 = !line.is_empty() && line.bytes().all(is_base64);
        match all.last_mut() {
            Some((_, run)) if block && all_base64 => run.push_str(line),
            _ if all_base64 => all.push((number, line.to_owned())),
            _ => all.extend(
                pattern
                    .find_iter(line)
                    .map(|m| (number, m.as_str().to_owned())),
            ),
        }
        block = all_base64;
    }
    all
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

/// Decodes base64, and unpacks it, if the result is text: keys and random tokens decode to other bytes.
fn decode(packed: &str) -> Option<String> {
    let bytes = STANDARD
        .decode(packed)
        .or_else(|_| STANDARD_NO_PAD.decode(packed))
        .ok()?;
    let bytes = if bytes.starts_with(&GZIP_DEFLATE) {
        unpacked(&bytes).ok()?
    } else {
        bytes
    };
    let text = String::from_utf8(bytes).ok()?;
    let plain = |c: char| !c.is_control() || c.is_whitespace();
    text.chars().all(plain).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn rules_in(text: &str) -> Vec<(String, i64)> {
        let found = in_text(text).into_iter();
        found.map(|f| (f.rule, f.line)).collect()
    }

    fn encode(text: &str) -> String {
        STANDARD.encode(text)
    }

    fn tagged(tags: &[(&str, &str)]) -> Resource {
        let pairs = tags.iter();
        let tags = pairs.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Resource {
            kind: "ec2.volume".to_owned(),
            id: "vol-1".to_owned(),
            arn: None,
            name: "password=correct-horse".to_owned(),
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            tags: Part::Read(tags.collect()),
        }
    }

    #[test]
    fn a_secret_in_a_tag_is_taken_out_and_the_tag_stays() {
        let clean = [("owner", "shop"), ("password-policy", "strict")];
        assert_eq!(without_secrets(tagged(&clean)), tagged(&clean));
        let found = without_secrets(tagged(&[
            ("Name", "password=correct-horse"),
            ("db-password", "correct-horse"),
            ("owner", "shop"),
        ]));
        let Part::Read(tags) = &found.tags else {
            panic!("tags that were read")
        };
        assert_eq!(found.name, "vol-1");
        assert_eq!(tags["db-password"], HIDDEN);
        assert_eq!(tags["owner"], "shop");
        assert!(!serde_json::to_string(&found).unwrap().contains("horse"));
    }

    #[test]
    fn lines_count_from_one_and_lengths_in_characters() {
        let found = in_text("#!/bin/sh\n\nexport DB_PASSWORD='correct-horse'\n");
        let expected = SecretFinding {
            rule: "password-assignment".to_owned(),
            line: 3,
            length: 13,
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn a_secret_is_claimed_by_the_most_telling_rule_only() {
        let key = format!("AWS_SECRET_ACCESS_KEY={}", "aB3/".repeat(10));
        assert_eq!(rules_in(&key), [("aws-secret-access-key".to_owned(), 1)]);
    }

    #[test]
    fn user_data_is_decoded() {
        let found = in_user_data(&encode("#!/bin/sh\nmysql -u root -phunter22 app\n")).unwrap();
        assert_eq!(
            (found[0].rule.as_str(), found[0].line),
            ("password-argument", 2)
        );
        assert_eq!(
            in_user_data(&encode("#!/bin/sh\nyum -y update\n")),
            Ok(vec![])
        );
    }

    #[test]
    fn what_cannot_be_searched_is_not_called_clean() {
        assert_eq!(in_user_data("!!"), Err(Unreadable::NotBase64));
        let gzip = STANDARD.encode([0x1f, 0x8b, 8, 0]);
        assert_eq!(in_user_data(&gzip), Err(Unreadable::Corrupt));
        let bomb = gzipped(&vec![b' '; 2 << 20]);
        assert!(bomb.len() < 16 << 10, "more than user data may have");
        let bomb = STANDARD.encode(bomb);
        assert_eq!(in_user_data(&bomb), Err(Unreadable::TooLarge));
    }

    fn gzipped(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn compressed_user_data_is_searched() {
        let text = b"#!/bin/sh\nexport DB_PASSWORD=correct-horse\n";
        let found = in_user_data(&STANDARD.encode(gzipped(text))).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
    }

    #[test]
    fn members_in_base64_are_searched_compressed_or_not() {
        let text = "#!/bin/sh\nexport DB_PASSWORD=correct-horse\n";
        let lines = |member: &str| {
            let found = in_member(member).unwrap().into_iter();
            found.map(|f| f.line).collect::<Vec<_>>()
        };
        assert_eq!(lines(text), [2]);
        assert_eq!(lines(&encode(text)), [1]);
        assert_eq!(lines(&STANDARD.encode(gzipped(text.as_bytes()))), [2]);
        let odd = [b"\xff\xfe\n", text.as_bytes()].concat();
        assert_eq!(lines(&STANDARD.encode(odd)), [3]);
        assert!(lines("arn:aws:s3:::bucket").is_empty());
        let corrupt = STANDARD.encode([0x1f, 0x8b, 8, 0]);
        assert_eq!(in_member(&corrupt), Err(Unreadable::Corrupt));
    }

    #[test]
    fn bytes_that_are_no_text_are_searched_as_far_as_they_are() {
        let mut bytes = vec![0xff, 0xfe, b'\n'];
        bytes.extend(b"password=correct-horse");
        assert_eq!(in_user_data(&STANDARD.encode(bytes)).unwrap()[0].line, 2);
    }

    #[test]
    fn mime_parts_in_base64_are_searched() {
        let body = encode(
            "#cloud-config\nwrite_files: []\nchpasswd: root:hunter22\napi_password: correct-horse\n",
        );
        let mut wrapped = String::new();
        for (at, c) in body.chars().enumerate() {
            if at > 0 && at % 40 == 0 {
                wrapped.push('\n');
            }
            wrapped.push(c);
        }
        let mime = format!("Content-Transfer-Encoding: base64\n\n{wrapped}\n--==BOUNDARY==--\n");
        assert_eq!(rules_in(&mime), [("password-assignment".to_owned(), 3)]);
    }

    #[test]
    fn files_in_base64_are_searched() {
        let file = encode("[client]\nuser=app\npassword=correct-horse\n");
        let config = format!("write_files:\n- encoding: b64\n  content: {file}\n");
        assert_eq!(rules_in(&config), [("password-assignment".to_owned(), 3)]);
    }

    #[test]
    fn compressed_files_in_base64_are_searched() {
        let file = STANDARD.encode(gzipped(b"[client]\npassword=correct-horse\n"));
        let config = format!("write_files:\n- encoding: gz+b64\n  content: {file}\n");
        assert_eq!(rules_in(&config), [("password-assignment".to_owned(), 3)]);
    }

    #[test]
    fn a_private_key_is_one_finding() {
        let key = format!(
            "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n",
            STANDARD.encode([7u8; 120])
        );
        assert_eq!(rules_in(&key), [("private-key".to_owned(), 1)]);
    }
}
