//! The meaning of condition keys, as a table.
//!
//! A key that is not in the table is unknown: if a condition on it decides an answer, the answer is
//! unknown. Meanings are those of
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html> and, for
//! keys of a service, of its page in
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>.

/// What a condition key describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The account of the caller.
    Account,
    /// The caller's ARN.
    PrincipalArn,
    /// The caller's unique id, which does not reveal the account.
    UserId,
    /// The organization of the caller, or its path in the organization.
    Organization,
    /// The account on whose behalf a service calls.
    SourceAccount,
    /// The ARN of the resource on whose behalf a service calls.
    SourceArn,
    /// The organization on whose behalf a service calls.
    SourceOrganization,
    /// The resource on whose behalf a service calls, as the service says. Other callers choose the value.
    SourceContext,
    /// A value that only one source has, such as an agreed token.
    SourceToken,
    /// The VPC or VPC endpoint of the request, or the owner of it.
    Network,
    /// The public address of the request.
    Address,
    /// Whether the caller is an AWS service.
    ByService,
    /// Which AWS service the caller is.
    ServiceName,
    /// The account that owns the resource.
    OwnAccount,
    /// The target of a subscription: an address or an ARN.
    Endpoint,
    /// Whether and how a Lambda function is called at its function URL. Calls of the API are not.
    FunctionUrl,
    /// How, when and from where a request is made. Every caller can meet it.
    Circumstance,
    /// A parameter of the request, or a value that callers set themselves.
    Chosen,
    /// The time.
    Clock,
    /// Not known.
    Unknown,
}

/// Keys in lower case, sorted.
const KEYS: &[(&str, Class)] = &[
    ("aws:calledvia", Class::Chosen),
    ("aws:calledviafirst", Class::Chosen),
    ("aws:calledvialast", Class::Chosen),
    ("aws:currenttime", Class::Clock),
    ("aws:epochtime", Class::Clock),
    ("aws:multifactorauthage", Class::Circumstance),
    ("aws:multifactorauthpresent", Class::Circumstance),
    ("aws:principalaccount", Class::Account),
    ("aws:principalarn", Class::PrincipalArn),
    ("aws:principalisawsservice", Class::ByService),
    ("aws:principalorgid", Class::Organization),
    ("aws:principalorgpaths", Class::Organization),
    ("aws:principalservicename", Class::ServiceName),
    ("aws:principalservicenameslist", Class::ServiceName),
    ("aws:principaltype", Class::Chosen),
    ("aws:referer", Class::Circumstance),
    ("aws:requestedregion", Class::Circumstance),
    ("aws:resourceaccount", Class::OwnAccount),
    ("aws:securetransport", Class::Circumstance),
    ("aws:sourceaccount", Class::SourceAccount),
    ("aws:sourcearn", Class::SourceArn),
    ("aws:sourceidentity", Class::Chosen),
    ("aws:sourceip", Class::Address),
    ("aws:sourceorgid", Class::SourceOrganization),
    ("aws:sourceorgpaths", Class::SourceOrganization),
    ("aws:sourceowner", Class::SourceAccount),
    ("aws:sourcevpc", Class::Network),
    ("aws:sourcevpcarn", Class::Network),
    ("aws:sourcevpce", Class::Network),
    ("aws:tagkeys", Class::Chosen),
    ("aws:tokenissuetime", Class::Circumstance),
    ("aws:useragent", Class::Circumstance),
    ("aws:userid", Class::UserId),
    ("aws:username", Class::Chosen),
    ("aws:viaawsservice", Class::Chosen),
    ("aws:vpceaccount", Class::Network),
    ("aws:vpceorgid", Class::Network),
    ("aws:vpceorgpaths", Class::Network),
    // Any VPC can have the same addresses.
    ("aws:vpcsourceip", Class::Circumstance),
    ("elasticfilesystem:accessedviamounttarget", Class::Network),
    ("elasticfilesystem:accesspointarn", Class::Network),
    ("kms:calleraccount", Class::Account),
    ("kms:encryptioncontextkeys", Class::Chosen),
    ("kms:grantisforawsresource", Class::Chosen),
    ("kms:viaservice", Class::Chosen),
    ("lambda:eventsourcetoken", Class::SourceToken),
    ("lambda:functionarn", Class::Chosen),
    ("lambda:functionurlauthtype", Class::FunctionUrl),
    ("lambda:invokedviafunctionurl", Class::FunctionUrl),
    ("lambda:sourcefunctionarn", Class::SourceArn),
    ("s3:authtype", Class::Circumstance),
    ("s3:dataaccesspointaccount", Class::Network),
    ("s3:dataaccesspointarn", Class::Network),
    ("s3:delimiter", Class::Chosen),
    ("s3:max-keys", Class::Chosen),
    ("s3:prefix", Class::Chosen),
    ("s3:resourceaccount", Class::OwnAccount),
    ("s3:signatureage", Class::Circumstance),
    ("s3:signatureversion", Class::Circumstance),
    ("s3:tlsversion", Class::Circumstance),
    ("s3:versionid", Class::Chosen),
    // The caller needs the permission of the KMS key's owner. S3 does not call such a policy public.
    (
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        Class::SourceToken,
    ),
    ("sns:endpoint", Class::Endpoint),
    ("sns:protocol", Class::Chosen),
    ("sts:externalid", Class::Chosen),
    ("sts:rolesessionname", Class::Chosen),
    ("sts:sourceidentity", Class::Chosen),
];

/// Prefixes of keys.
const FAMILIES: &[(&str, Class)] = &[
    ("aws:principaltag/", Class::Chosen),
    ("aws:requesttag/", Class::Chosen),
    ("kms:encryptioncontext:aws:", Class::SourceContext),
    ("kms:encryptioncontext:", Class::Chosen),
    ("s3:requestobjecttag/", Class::Chosen),
    ("s3:x-amz-", Class::Chosen),
];

/// The class of a key, which is in lower case, as in parsed conditions.
#[must_use]
pub fn class(key: &str) -> Class {
    if let Ok(at) = KEYS.binary_search_by_key(&key, |(name, _)| name) {
        return KEYS[at].1;
    }
    let family = FAMILIES.iter().find(|(start, _)| key.starts_with(start));
    family.map_or(Class::Unknown, |(_, class)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_in_lower_case() {
        assert!(KEYS.is_sorted_by(|a, b| a.0 < b.0));
        let names = KEYS.iter().chain(FAMILIES).map(|(name, _)| name);
        assert!(names.into_iter().all(|name| *name == name.to_lowercase()));
    }

    #[test]
    fn keys_and_families() {
        assert_eq!(class("aws:principalorgid"), Class::Organization);
        assert_eq!(class("s3:x-amz-acl"), Class::Chosen);
        assert_eq!(class("aws:principaltag/team"), Class::Chosen);
        assert_eq!(class("aws:keyoftomorrow"), Class::Unknown);
        assert_eq!(class("aws:resourcetag/team"), Class::Unknown);
    }
}
