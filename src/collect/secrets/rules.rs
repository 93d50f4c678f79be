//! What secrets look like, as a table.

use super::filter::Filter;
use regex::{Captures, Match, Regex, RegexSet};
use std::sync::{LazyLock, OnceLock};

/// One kind of secret. The secret is what the pattern's group `s` matches.
struct Rule {
    id: &'static str,
    pattern: &'static str,
    filter: Filter,
}

/// A rule, ready for use.
pub(super) struct Compiled {
    rule: &'static Rule,
    regex: OnceLock<Option<Regex>>,
}

/// What follows a name that a value is assigned to, and the value: quoted, or up to the next space.
macro_rules! assigned {
    ($name:literal) => {
        concat!(
            r#"(?i)(?:^|[^a-z0-9])"#,
            $name,
            r#"["']?\s*(?:=>|:=|[:=])\s*(?:'(?<s1>[^']+)'|"(?<s2>[^"]+)"|(?<s3>[^\s'",;]+))"#
        )
    };
}

/// The table. The order matters: see [`super::in_line`].
const RULES: &[Rule] = &[
    Rule {
        id: "private-key",
        pattern: r"(?<s>-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-[0-9])",
        filter: Filter::Always,
    },
    Rule {
        id: "aws-access-key-id",
        pattern: r"\b(?<s>(?:AKIA|ASIA)[A-Z2-7]{16})\b",
        filter: Filter::Always,
    },
    Rule {
        id: "aws-secret-access-key",
        pattern: r#"(?i)aws_?secret(?:_?access)?_?key["']?\s*(?:=>|[:=,]|\s)\s*["']?(?<s>[a-z0-9/+]{40})(?:[^a-z0-9/+=]|$)"#,
        filter: Filter::Always,
    },
    Rule {
        id: "github-token",
        pattern: r"\b(?<s>gh[opusr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})",
        filter: Filter::Always,
    },
    Rule {
        id: "gitlab-token",
        pattern: r"\b(?<s>gl(?:pat|rt|dt|ptt|soat|cbt)-[A-Za-z0-9_-]{20,})",
        filter: Filter::Always,
    },
    Rule {
        id: "slack-token",
        pattern: r"\b(?<s>xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,})",
        filter: Filter::Always,
    },
    Rule {
        id: "slack-webhook",
        pattern: r"https://hooks\.slack\.com/(?:services|workflows|triggers)/(?<s>[A-Za-z0-9/_-]{20,})",
        filter: Filter::Always,
    },
    Rule {
        id: "stripe-key",
        pattern: r"\b(?<s>(?:sk|rk)_live_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9]{24,})",
        filter: Filter::Always,
    },
    Rule {
        id: "google-api-key",
        pattern: r"\b(?<s>AIza[A-Za-z0-9_-]{35})",
        filter: Filter::Always,
    },
    Rule {
        id: "package-registry-token",
        pattern: r"\b(?<s>npm_[A-Za-z0-9]{36}|pypi-AgE[A-Za-z0-9_-]{50,}|dckr_pat_[A-Za-z0-9_-]{20,})",
        filter: Filter::Always,
    },
    Rule {
        id: "vault-token",
        pattern: r"\b(?<s>hv[sb]\.[A-Za-z0-9_-]{24,})",
        filter: Filter::Always,
    },
    Rule {
        id: "sendgrid-key",
        pattern: r"\b(?<s>SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})",
        filter: Filter::Always,
    },
    Rule {
        id: "azure-storage-key",
        pattern: r"AccountKey=(?<s>[A-Za-z0-9+/]{86}==)",
        filter: Filter::Always,
    },
    Rule {
        id: "json-web-token",
        pattern: r"\b(?<s>eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})",
        filter: Filter::Always,
    },
    Rule {
        id: "authorization-header",
        pattern: r#"(?i)authorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+(?<s>[a-z0-9+/=._~-]{12,})"#,
        filter: Filter::Password,
    },
    Rule {
        id: "url-credentials",
        pattern: r#"(?i)\b[a-z][a-z0-9+.-]*://[^\s:/@'"]*:(?<s>[^\s/@'"]{3,})@"#,
        filter: Filter::Password,
    },
    Rule {
        id: "password-argument",
        pattern: r#"(?i)(?:^|\s)--?[a-z-]*(?:password|passwd|passphrase)(?:\s+|=)["']?(?<s>[^\s"'-][^\s"']*)"#,
        filter: Filter::Password,
    },
    Rule {
        id: "password-argument",
        pattern: r#"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b.*\s-p["']?(?<s>[^\s"'-][^\s"']*)"#,
        filter: Filter::Password,
    },
    Rule {
        id: "password-argument",
        pattern: r#"\b(?:sshpass\s+-p\s*|curl\b.*\s-u\s*[^\s:"']+:)["']?(?<s>[^\s"']+)"#,
        filter: Filter::Password,
    },
    Rule {
        id: "password-argument",
        pattern: r"(?i)\bnet\s+user\s+\S+\s+(?<s>[^\s/*]\S*)",
        filter: Filter::Password,
    },
    Rule {
        id: "password-piped",
        pattern: r#"["']?[A-Za-z0-9_.-]+:(?<s>[^\s"']+)["']?\s*\|\s*(?:sudo\s+)?chpasswd"#,
        filter: Filter::Password,
    },
    Rule {
        id: "password-piped",
        pattern: r#"(?i)convertto-securestring\s+(?:-string\s+)?["'](?<s>[^"']+)["']"#,
        filter: Filter::Password,
    },
    Rule {
        id: "password-assignment",
        pattern: assigned!(r"[a-z0-9_.-]*(?:password|passwd|passphrase|pwd)[0-9]*"),
        filter: Filter::Password,
    },
    Rule {
        id: "token-assignment",
        pattern: assigned!(
            r"[a-z0-9_.-]*(?:secret|token|credential|(?:api|access|auth|private|encryption|signing|account|license)[_.-]?key)[0-9]*"
        ),
        filter: Filter::Token,
    },
];

static COMPILED: LazyLock<Vec<Compiled>> = LazyLock::new(|| {
    let rules = RULES.iter().map(|rule| Compiled {
        rule,
        regex: OnceLock::new(),
    });
    rules.collect()
});

static ANY: LazyLock<Option<RegexSet>> =
    LazyLock::new(|| RegexSet::new(RULES.iter().map(|rule| rule.pattern)).ok());

/// The rules that match a line, in order. Most lines match nothing, which one pass finds out.
pub(super) fn matching(line: &str) -> impl Iterator<Item = &'static Compiled> {
    let hits = ANY.as_ref().map(|all| all.matches(line));
    let rules = COMPILED.iter().enumerate();
    rules
        .filter(move |(index, _)| hits.as_ref().is_none_or(|hits| hits.matched(*index)))
        .map(|(_, compiled)| compiled)
}

impl Compiled {
    /// The part of a match that is the secret.
    pub(super) fn secret<'t>(captures: &Captures<'t>) -> Option<Match<'t>> {
        ["s", "s1", "s2", "s3"]
            .iter()
            .find_map(|group| captures.name(group))
    }

    pub(super) fn id(&self) -> &'static str {
        self.rule.id
    }

    /// Compiled when first needed, since compiling all of them takes longer than a short scan.
    pub(super) fn regex(&self) -> Option<&Regex> {
        let regex = self
            .regex
            .get_or_init(|| Regex::new(self.rule.pattern).ok());
        // A test asserts that every pattern compiles.
        regex.as_ref()
    }

    pub(super) fn accepts(&self, secret: &str) -> bool {
        self.rule.filter.accepts(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::super::in_text;
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert!(COMPILED.iter().all(|rule| rule.regex().is_some()));
        assert!(ANY.is_some());
    }

    fn rule(text: &str) -> Option<String> {
        in_text(text).into_iter().next().map(|f| f.rule)
    }

    /// Test tokens are put together here so that no scanner takes this file for a leak.
    fn joined(parts: &[&str]) -> String {
        parts.concat()
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn secrets_are_found() {
        let cases = [
            (
                joined(&["key AKIA", "QYLPMN5HHHFPZAM2"]),
                "aws-access-key-id",
            ),
            (
                joined(&["aws_secret_access_key = ", &"wJalr/UtnF".repeat(4)]),
                "aws-secret-access-key",
            ),
            (
                joined(&[
                    "aws configure set aws_secret_access_key ",
                    &"wJalr+UtnF".repeat(4),
                ]),
                "aws-secret-access-key",
            ),
            (
                joined(&["-----BEGIN OPENSSH ", "PRIVATE KEY-----"]),
                "private-key",
            ),
            (
                joined(&[
                    "git clone https://gh",
                    "p_",
                    &"a1B2c3D4e5F6".repeat(3),
                    "@github.com",
                ]),
                "github-token",
            ),
            (joined(&["T=gl", "pat-", &"a1B2".repeat(5)]), "gitlab-token"),
            (joined(&["x", "oxb-123456789012-abcdefghij"]), "slack-token"),
            (
                joined(&[
                    "https://hooks.slack.com/",
                    "services/T000/B000/",
                    &"aZ9".repeat(8),
                ]),
                "slack-webhook",
            ),
            (joined(&["sk", "_live_", &"a1B2".repeat(6)]), "stripe-key"),
            (
                joined(&[
                    "eyJhbGciOiJIUzI1",
                    ".eyJzdWIiOiIxMjM0",
                    ".SflKxwRJSMeKKF2QT4",
                ]),
                "json-web-token",
            ),
            (
                joined(&["curl -H 'Authorization: Bearer ", "abcDEF123456ghi'"]),
                "authorization-header",
            ),
            (
                joined(&["DB=postgres://app:", "s3cretpw@db.internal/app"]),
                "url-credentials",
            ),
            (
                "createuser --password hunter22".to_owned(),
                "password-argument",
            ),
            (
                "mysqladmin -u root -phunter22 status".to_owned(),
                "password-argument",
            ),
            (
                "sshpass -p hunter22 ssh host".to_owned(),
                "password-argument",
            ),
            (
                "curl -u admin:hunter22 https://x".to_owned(),
                "password-argument",
            ),
            (
                "net user Administrator P@ssw0rd! /add".to_owned(),
                "password-argument",
            ),
            (
                "echo \"root:hunter22\" | sudo chpasswd".to_owned(),
                "password-piped",
            ),
            (
                "ConvertTo-SecureString \"P@ssw0rd!\" -AsPlainText".to_owned(),
                "password-piped",
            ),
            (
                "export PGPASSWORD=hunter22".to_owned(),
                "password-assignment",
            ),
            ("  password: changeme".to_owned(), "password-assignment"),
            (
                "\"dbPassword\": \"correct horse battery\"".to_owned(),
                "password-assignment",
            ),
            (
                "<Pwd>x</Pwd> Server=db;Uid=sa;Pwd=hunter22;".to_owned(),
                "password-assignment",
            ),
            (
                "API_KEY=9f8e7d6c5b4a39281706f5e4d3c2b1a0".to_owned(),
                "token-assignment",
            ),
            (
                "client_secret: \"Zx8Q~k3vYp1LmN0aBcDeFgHi\"".to_owned(),
                "token-assignment",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(rule(&text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn references_and_plain_settings_are_not() {
        let clean = [
            "export DB_PASSWORD=${PASSWORD}",
            "DB_PASSWORD=$DB_PASSWORD",
            "PASSWORD=$(aws secretsmanager get-secret-value --secret-id app)",
            "PASSWORD=`cat /run/secrets/db`",
            "password: !Ref DatabasePassword",
            "password: {{ db_password }}",
            "password: \"{{ lookup('env', 'PW') }}\"",
            "password: '<your password>'",
            "password=********",
            "set PASSWORD=%DB_PASSWORD%",
            "POSTGRES_PASSWORD_FILE=/run/secrets/db",
            "password: /run/secrets/db",
            "PasswordAuthentication no",
            "ssh_pwauth: false",
            "lock_passwd: true",
            "token_url = https://login.internal/oauth/token",
            "SECRET_ARN=arn:aws:secretsmanager:eu-west-1:111122223333:secret:app-AbCdEf",
            "SECRET_NAME=production/application/database",
            "api_key = os.environ['API_KEY_FOR_SERVICE']",
            "TOKEN=$(curl -X PUT http://169.254.169.254/latest/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600')",
            "curl -H \"X-aws-ec2-metadata-token: $TOKEN\" http://169.254.169.254/latest/meta-data/",
            "curl -u $USER:$PASS https://x",
            "mysql -u root -p app < dump.sql",
            "mysql -p\"$DB_PASS\" app",
            "psql postgres://app:${DB_PASS}@db/app",
            "postgres://app:$DB_PASS@db/app",
            "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "-----BEGIN PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE-----",
            "access_key_rotation: ninety-days",
            "secret_rotation_enabled: true",
            "git clone https://github.com/org/repo.git",
            "http://proxy.internal:3128/",
            "PWD=/home/app",
            "net user Administrator * /add",
            "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ];
        for text in clean {
            assert_eq!(rule(text), None, "{text}");
        }
    }
}
