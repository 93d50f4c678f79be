//! How to sign in to an account, and which of its regions to read.

use crate::aws::session_policy::SessionPolicy;

/// What calls go by before the account is known; with the name of the profile, if there is one.
const UNIDENTIFIED: &str = "unidentified";

/// How to get credentials for one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Login {
    /// A profile of the AWS configuration files.
    pub profile: Option<String>,
    /// A role to assume with those credentials.
    pub role_arn: Option<String>,
    /// The external id that the role's trust policy requires.
    pub external_id: Option<String>,
    /// The session policy for the role: what it may do at most, whatever its own policies allow.
    pub session_policy: Option<SessionPolicy>,
    /// Whether to ask what the account is called, for people who read a report.
    pub naming: bool,
}

impl Login {
    /// The name that the user gave: the role or the profile; none for the default credentials.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        match (&self.role_arn, &self.profile) {
            (Some(role), _) => Some(role.clone()),
            (None, Some(profile)) => Some(format!("profile `{profile}`")),
            (None, None) => None,
        }
    }

    /// The account, as far as it is known without a call: that of a role is in its ARN.
    #[must_use]
    pub fn expected_account(&self) -> String {
        let of_role = self.role_arn.as_ref().and_then(|arn| arn.split(':').nth(4));
        match (of_role, &self.profile) {
            (Some(account), _) => account.to_owned(),
            (None, Some(profile)) => format!("profile {profile}"),
            (None, None) => "the account of the credentials".to_owned(),
        }
    }

    /// The name under which its first calls are limited and counted, until AWS has returned the account
    /// id. It is unique, so that an account that does not answer is not confused with another.
    pub(super) fn provisional(&self) -> String {
        let of_role = self.role_arn.as_ref().and_then(|arn| arn.split(':').nth(4));
        match (of_role, &self.profile) {
            (Some(account), _) => account.to_owned(),
            (None, Some(profile)) => format!("{UNIDENTIFIED} {profile}"),
            (None, None) => UNIDENTIFIED.to_owned(),
        }
    }
}

/// Which regions to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Regions {
    /// All that the account has enabled.
    Enabled,
    /// These.
    Named(Vec<String>),
}
