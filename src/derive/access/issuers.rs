//! Identity providers that roles can trust, and which of them serve more than one customer.

use crate::kinds::endpoints::ServicePrincipal;

/// Issuers that are the same for every customer: built into AWS, or recognized as shared by IAM
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html>).
const SHARED: &[&str] = &[
    "accounts.google.com",
    "agent.buildkite.com",
    "api.pulumi.com",
    "api.pulumi.com/oidc",
    "app.terraform.io",
    "gitlab.com",
    "graph.facebook.com",
    "oidc-configuration.audit-log.githubusercontent.com",
    "oidc.codefresh.io",
    "oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu",
    "oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb",
    "oidc.vercel.com",
    "proidc.upbound.io",
    "rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7",
    "rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr",
    "rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg",
    "rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26",
    "sandboxes.cloud",
    "scalr.io",
    "studio.datachain.ai/api",
    "token.actions.githubusercontent.com",
    "tokens.cloud.shisho.dev",
    "vstoken.actions.githubusercontent.com",
    "www.amazon.com",
];

/// Shared issuers with a separate audience for each application or customer, so that the audience
/// identifies the customer.
const AUDIENCE_IDENTIFIES: &[&str] = &[
    "accounts.google.com",
    "api.pulumi.com",
    "api.pulumi.com/oidc",
    "graph.facebook.com",
    "oidc.vercel.com",
    "www.amazon.com",
];

/// Amazon Cognito, which is such a shared issuer too. The names have no region and no DNS suffix; that
/// of GovCloud is in <https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-cog.html>.
const COGNITO: &[&str] = &["cognito-identity", "cognito-identity-us-gov"];

/// Issuers with a separate name for each customer: its prefix and its suffix. An empty prefix means a
/// subdomain.
const OF_ONE_CUSTOMER: &[(&str, &str)] = &[
    // A cluster.
    ("oidc.eks.", ""),
    ("container.googleapis.com/", ""),
    ("oidc.op1.openshiftapps.com/", ""),
    ("rh-oidc.s3.us-east-1.amazonaws.com/", ""),
    // A directory of users.
    ("cognito-idp.", ""),
    ("login.microsoftonline.com/", ""),
    ("sts.windows.net/", ""),
    ("", ".auth0.com"),
    ("", ".okta.com"),
    ("", ".oktapreview.com"),
    // An organization or workspace.
    ("api.bitbucket.org/2.0/workspaces/", ""),
    ("oidc.circleci.com/org/", ""),
    ("oidc.fly.io/", ""),
    ("oidc.vercel.com/", ""),
    ("token.actions.githubusercontent.com/", ""),
    ("", ".app.spacelift.io"),
    ("", ".semaphoreci.com"),
];

/// Names of this form that all customers share.
const OF_EVERYONE: &[&str] = &[
    "login.microsoftonline.com/common",
    "login.microsoftonline.com/consumers",
    "login.microsoftonline.com/organizations",
];

/// How many customers an issuer serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tenancy {
    /// Its name is one customer's.
    One,
    /// Many, under one name.
    Many,
    /// Not known.
    Unknown,
}

/// How many customers an issuer serves. Its name has no scheme and is in lower case.
pub(super) fn tenancy(issuer: &str) -> Tenancy {
    let issuer = issuer.trim_end_matches('/');
    if SHARED.contains(&issuer)
        || is_cognito(issuer)
        || OF_EVERYONE.iter().any(|name| issuer.starts_with(name))
    {
        return Tenancy::Many;
    }
    let host = issuer.split('/').next().unwrap_or_default();
    let own = OF_ONE_CUSTOMER.iter().any(|(start, end)| {
        let (name, least) = if end.is_empty() {
            (issuer, start.len())
        } else {
            (host, end.len())
        };
        name.len() > least && name.starts_with(start) && name.ends_with(end)
    });
    if own { Tenancy::One } else { Tenancy::Unknown }
}

/// Whether the audience of a shared issuer identifies the customer.
pub(super) fn audience_identifies(issuer: &str) -> bool {
    AUDIENCE_IDENTIFIES.contains(&issuer.trim_end_matches('/')) || is_cognito(issuer)
}

fn is_cognito(issuer: &str) -> bool {
    ServicePrincipal::parse(issuer).is_some_and(|name| COGNITO.contains(&name.service))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_they_are() {
        for (issuer, expected) in [
            ("token.actions.githubusercontent.com", Tenancy::Many),
            ("token.actions.githubusercontent.com/acme", Tenancy::One),
            ("oidc.eks.eu-west-1.amazonaws.com/id/ab12", Tenancy::One),
            ("oidc.eks.cn-north-1.amazonaws.com.cn/id/ab12", Tenancy::One),
            (
                "sts.windows.net/6ab48c90-4c7f-4ada-8b0e-e23df0a1b2c3",
                Tenancy::One,
            ),
            ("login.microsoftonline.com/common/v2.0", Tenancy::Many),
            ("acme.okta.com", Tenancy::One),
            ("acme.eu.auth0.com", Tenancy::One),
            (".okta.com", Tenancy::Unknown),
            ("gitlab.com", Tenancy::Many),
            ("gitlab.acme.example", Tenancy::Unknown),
            ("app.terraform.io", Tenancy::Many),
            ("oidc.circleci.com/org/", Tenancy::Unknown),
        ] {
            assert_eq!(tenancy(issuer), expected, "{issuer}");
        }
    }
}
