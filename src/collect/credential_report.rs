//! The IAM credential report: when passwords and keys were used, for the root user and every IAM
//! user.

use crate::aws::error::{malformed, required_answer};
use crate::call;
use crate::model::{Call, Cause, Gap};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::ReportStateType;
use jiff::Timestamp;
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::OnceCell;

/// Requests a new report. It changes nothing in the account.
pub const GENERATE: Call = call!("iam", "GenerateCredentialReport").shared();
/// Fetches the report.
pub const GET: Call = call!("iam", "GetCredentialReport").shared();

/// The name in the report's first column for the root user.
pub const ROOT: &str = "<root_account>";

/// How often to poll for the report. AWS takes a few seconds.
const TRIES: u32 = 30;
const PAUSE: Duration = Duration::from_secs(1);

/// One user of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The user's name; [`ROOT`] for the root user.
    pub user: String,
    /// The user's ARN.
    pub arn: String,
    /// When the user was created; for root, when the account was.
    pub created: Option<Timestamp>,
    /// Whether a console password is set. `None` if the report does not say, as for root in most
    /// accounts.
    pub password_enabled: Option<bool>,
    /// When the password was last used; `None` if never.
    pub password_last_used: Option<Timestamp>,
    /// When the password was last set; `None` without a password, and for root.
    pub password_last_changed: Option<Timestamp>,
    /// When the password policy demands a new password; `None` if it demands none.
    pub password_next_rotation: Option<Timestamp>,
    /// Whether a multi-factor device is in use.
    pub mfa_active: bool,
    /// The two slots for access keys. A slot without a key is inactive and has no dates.
    pub access_keys: [Key; 2],
    /// Whether each of the two slots for signing certificates holds an active one.
    pub certificates_active: [bool; 2],
}

/// One of the two access keys a user can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Whether requests signed with it are accepted.
    pub active: bool,
    /// When it was made, or was last set to active or inactive.
    pub last_rotated: Option<Timestamp>,
    /// When it last signed a request; `None` if never.
    pub last_used: Option<Timestamp>,
    /// The region of that request.
    pub last_used_region: Option<String>,
    /// The service of that request, such as `s3`.
    pub last_used_service: Option<String>,
}

impl Row {
    /// Whether this is the root user.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.user == ROOT
    }
}

/// The report of an account, shared by all jobs: the first job reads it, and the others wait.
#[derive(Debug, Default)]
pub struct Shared(OnceCell<Result<Vec<Row>, Gap>>);

impl Shared {
    /// The rows of the report.
    ///
    /// # Errors
    /// The gap that hides it: a refusal, a report that is not ready in half a minute, or one that does
    /// not have the form AWS documents.
    pub async fn rows(&self, iam: &Client) -> Result<&[Row], Gap> {
        let report = self.0.get_or_init(|| fetch(iam)).await;
        report.as_deref().map_err(Clone::clone)
    }
}

/// Has the report written and reads it.
async fn fetch(iam: &Client) -> Result<Vec<Row>, Gap> {
    for attempt in 1.. {
        let answer = required_answer(&GENERATE, iam.generate_credential_report().send()).await?;
        if answer.state == Some(ReportStateType::Complete) {
            break;
        }
        if attempt == TRIES {
            let detail = "the credential report was not ready in time";
            return Err(Gap::new(GENERATE.action, Cause::Failed, detail));
        }
        tokio::time::sleep(PAUSE).await;
    }
    let answer = required_answer(&GET, iam.get_credential_report().send()).await?;
    answer
        .content
        .and_then(|content| parse(content.as_ref()))
        .ok_or_else(|| malformed(&GET, "Content"))
}

/// The rows of a report, or `None` if it does not have the documented form.
fn parse(report: &[u8]) -> Option<Vec<Row>> {
    let mut reader = csv::Reader::from_reader(report);
    // Newer reports have more columns; those are skipped, and the order does not matter.
    let columns: HashMap<String, usize> = reader
        .headers()
        .ok()?
        .iter()
        .enumerate()
        .map(|(at, name)| (name.to_owned(), at))
        .collect();
    reader
        .records()
        .map(|record| {
            let record = record.ok()?;
            row(&|name: &str| record.get(*columns.get(name)?))
        })
        .collect()
}

fn row<'a>(cell: &impl Fn(&str) -> Option<&'a str>) -> Option<Row> {
    Some(Row {
        user: cell("user")?.to_owned(),
        arn: cell("arn")?.to_owned(),
        created: time(cell("user_creation_time")?)?,
        password_enabled: flag(cell("password_enabled")?)?,
        password_last_used: time(cell("password_last_used")?)?,
        password_last_changed: time(cell("password_last_changed")?)?,
        password_next_rotation: time(cell("password_next_rotation")?)?,
        mfa_active: flag(cell("mfa_active")?)??,
        access_keys: [key(1, cell)?, key(2, cell)?],
        certificates_active: [
            flag(cell("cert_1_active")?)??,
            flag(cell("cert_2_active")?)??,
        ],
    })
}

fn key<'a>(slot: u8, cell: &impl Fn(&str) -> Option<&'a str>) -> Option<Key> {
    let cell = |name: &str| cell(&format!("access_key_{slot}_{name}"));
    Some(Key {
        active: flag(cell("active")?)??,
        last_rotated: time(cell("last_rotated")?)?,
        last_used: time(cell("last_used_date")?)?,
        last_used_region: value(cell("last_used_region")?).map(ToOwned::to_owned),
        last_used_service: value(cell("last_used_service")?).map(ToOwned::to_owned),
    })
}

/// A cell, or `None` for the report's values that mean *nothing*.
fn value(cell: &str) -> Option<&str> {
    let nothing = ["N/A", "no_information", "not_supported", ""];
    (!nothing.contains(&cell)).then_some(cell)
}

/// A truth value or nothing. The outer `None` is for a cell that is neither.
#[allow(
    clippy::option_option,
    reason = "malformed and absent are different answers"
)]
fn flag(cell: &str) -> Option<Option<bool>> {
    match value(cell) {
        None => Some(None),
        Some(c) if c.eq_ignore_ascii_case("true") => Some(Some(true)),
        Some(c) if c.eq_ignore_ascii_case("false") => Some(Some(false)),
        Some(_) => None,
    }
}

/// A time or nothing. The outer `None` is for a cell that is neither.
#[allow(
    clippy::option_option,
    reason = "malformed and absent are different answers"
)]
fn time(cell: &str) -> Option<Option<Timestamp>> {
    match value(cell) {
        None => Some(None),
        Some(cell) => cell.parse().ok().map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
        password_last_changed,password_next_rotation,mfa_active,access_key_1_active,\
        access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,\
        access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
        access_key_2_last_used_date,access_key_2_last_used_region,\
        access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,\
        cert_2_last_rotated";

    fn report(rows: &[&str]) -> Option<Vec<Row>> {
        parse(format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes())
    }

    #[test]
    fn root_and_users_are_read() {
        let rows = report(&[
            "<root_account>,arn:aws:iam::111122223333:root,2019-05-01T10:00:00+00:00,\
             not_supported,2026-01-02T03:04:05+00:00,not_supported,not_supported,true,false,N/A,\
             N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
            "ana,arn:aws:iam::111122223333:user/ana,2020-01-01T00:00:00+00:00,true,\
             no_information,2020-01-01T00:00:00+00:00,N/A,false,true,2020-01-02T00:00:00+00:00,\
             2026-02-03T00:00:00+00:00,eu-west-1,s3,false,N/A,N/A,N/A,N/A,true,\
             2020-01-02T00:00:00+00:00,false,N/A",
        ])
        .unwrap();
        let (root, ana) = (&rows[0], &rows[1]);
        assert!(root.is_root() && root.mfa_active && !root.access_keys[0].active);
        assert_eq!(root.password_enabled, None);
        assert_eq!(
            root.password_last_used,
            Some("2026-01-02T03:04:05Z".parse().unwrap())
        );
        assert!(!ana.is_root() && !ana.mfa_active);
        assert_eq!(ana.password_enabled, Some(true));
        assert_eq!(ana.password_last_used, None);
        let key = &ana.access_keys[0];
        assert!(key.active && key.last_used.is_some());
        assert_eq!(key.last_used_service.as_deref(), Some("s3"));
        assert_eq!(ana.certificates_active, [true, false]);
    }

    #[test]
    fn more_columns_are_no_trouble() {
        let text = format!(
            "{HEADER},additional_credentials_info\nana,arn,N/A,false,N/A,N/A,N/A,false,\
             false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A,"
        );
        assert_eq!(parse(text.as_bytes()).unwrap().len(), 1);
    }

    #[test]
    fn a_report_of_another_form_is_refused() {
        assert_eq!(parse(b"user,arn\nana,arn\n"), None);
        let odd = "ana,arn,yesterday,false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,\
                   N/A,N/A,false,N/A,false,N/A";
        assert_eq!(report(&[odd]), None);
        // Whether a second factor is in use is always stated; a missing value must not become
        // `false`.
        let silent = odd
            .replace("yesterday", "N/A")
            .replacen("false,false", "N/A,false", 1);
        assert_eq!(report(&[&silent]), None);
        assert_eq!(report(&["too,short"]), None);
    }

    proptest::proptest! {
        #[test]
        fn no_report_makes_it_panic(text in "(?s).{0,400}") {
            let _ = parse(text.as_bytes());
            let _ = report(&[&text]);
        }
    }
}
