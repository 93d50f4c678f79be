//! What the condition keys of requests tell, as a table.
//!
//! A key that is not here is unknown: a condition on it makes an answer unknown, wherever it decides
//! it. Meanings are those of
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html> and, for
//! keys of a service, of its page in
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>.

/// What a key tells of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The account of the caller.
    Account,
    /// The caller's ARN.
    PrincipalArn,
    /// The caller's unique id, of which the account cannot be told.
    UserId,
    /// The organization of the caller, and where in it.
    Organization,
    /// The account for which a service acts.
    SourceAccount,
    /// The ARN of the resource for which a service acts.
    SourceArn,
    /// The organization for which a service acts.
    SourceOrganization,
    /// What a service tells of the resource for which it acts; callers themselves tell what they like.
    SourceContext,
    /// Something of the source that no other has, such as a token that was agreed on.
    SourceToken,
    /// The VPC or VPC endpoint through which a request came, or whose that is.
    Network,
    /// The public address from which a request came.
    Address,
    /// Whether the caller is an AWS service.
    ByService,
    /// Which AWS service the caller is.
    ServiceName,
    /// The account of the resource: the owner's.
    OwnAccount,
    /// Where a subscription leads: an address or an ARN.
    Endpoint,
    /// Whether and how a function is called at its own web address, which a call of the API is not.
    FunctionUrl,
    /// How, when and from where a request is made: whoever makes it can make it so.
    Circumstance,
    /// What a request asks for, or what callers say of themselves: theirs to choose.
    Chosen,
    /// The time.
    Clock,
    /// Nobody here knows.
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
    // A key of KMS that its owner has to let the caller use: S3 calls such a policy not public.
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

/// Keys of which only the beginning is fixed.
const FAMILIES: &[(&str, Class)] = &[
    ("aws:principaltag/", Class::Chosen),
    ("aws:requesttag/", Class::Chosen),
    ("kms:encryptioncontext:aws:", Class::SourceContext),
    ("kms:encryptioncontext:", Class::Chosen),
    ("s3:requestobjecttag/", Class::Chosen),
    ("s3:x-amz-", Class::Chosen),
];

/// What a key tells. The key is in lower case, as parsed ones are.
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
