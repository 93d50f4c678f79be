//! Which calls the policy of a resource leaves open to requests without TLS.

use super::caller::{Applies, Caller, CallerScope};
use super::open_actions::Permission;
use super::resource_policy::ResourcePolicy;
use std::collections::BTreeMap;

/// The important calls of the services that also answer plain HTTP, as AWS writes them, and whether
/// they are on the objects of a bucket.
const CALLS: &[(&str, &[(&str, bool)])] = &[
    (
        "s3",
        &[
            ("s3:ListBucket", false),
            ("s3:GetBucketPolicy", false),
            ("s3:PutBucketPolicy", false),
            ("s3:GetObject", true),
            ("s3:PutObject", true),
            ("s3:DeleteObject", true),
        ],
    ),
    // The one call with a message that the policy of a topic can refuse.
    ("sns", &[("sns:Publish", false)]),
    (
        "sqs",
        &[
            ("sqs:SendMessage", false),
            ("sqs:ReceiveMessage", false),
            ("sqs:DeleteMessage", false),
        ],
    ),
];

/// The condition keys of a request without TLS, which has no TLS version.
const WITHOUT_TLS: &[(&str, Option<&str>)] = &[
    ("aws:securetransport", Some("false")),
    ("s3:tlsversion", None),
];

impl<'a> ResourcePolicy<'a> {
    /// The calls that no statement denies to requests without TLS.
    pub(super) fn open_without_tls(&self) -> BTreeMap<&'a str, Applies> {
        let everyone = Caller::stranger(self.owner.account)
            .of(CallerScope::Everyone)
            .knowing(WITHOUT_TLS);
        let own: Vec<String> = self.own_resources().collect();
        let is_open = |action: &str, on_objects: bool| {
            let permission = Permission {
                action: action.to_ascii_lowercase(),
                resource: own.get(usize::from(on_objects)).cloned(),
            };
            self.denied(&everyone, &permission).inverse()
        };
        let service = CALLS.iter().find(|(name, _)| *name == self.owner.service);
        if let Some((_, calls)) = service {
            let calls = calls.iter();
            calls
                .map(|(action, on_objects)| (*action, is_open(action, *on_objects)))
                .collect()
        } else {
            let all = format!("{}:*", self.owner.service);
            BTreeMap::from([("*", is_open(&all, false))])
        }
    }
}
