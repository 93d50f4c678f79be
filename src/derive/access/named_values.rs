//! Whether a value of a condition identifies one customer, or can match any.

use super::pattern::fits;
use ipnet::IpNet;
use std::net::IpAddr;

/// The account of an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// It has a fixed account.
    Fixed,
    /// It has a fixed name but no account, as the ARN of a bucket.
    Nobody,
    /// Any account matches.
    Anyone,
}

pub(super) fn owner_of(arn: &str, wildcards: bool) -> Owner {
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, _, _, account, resource] = fields[..] else {
        // Without wildcards only this text matches, which is the ARN of no stranger.
        return if wildcards {
            Owner::Anyone
        } else {
            Owner::Fixed
        };
    };
    match account {
        "" if names_something(resource, wildcards) => Owner::Nobody,
        _ if names_something(account, wildcards) => Owner::Fixed,
        _ => Owner::Anyone,
    }
}

/// Whether an ARN can belong to a resource of an account.
pub(super) fn can_be_of(arn: &str, wildcards: bool, account: &str) -> bool {
    match arn.split(':').nth(4) {
        Some("") => true,
        Some(pattern) if wildcards => fits(pattern, account),
        Some(fixed) => fixed == account,
        None => wildcards,
    }
}

/// Whether the first segment of a value (up to `/` or `:`) is fixed: `o-1a2b/ou-*` but not `vpc-*`.
pub(super) fn names_something(value: &str, wildcards: bool) -> bool {
    let first = value.split(['/', ':']).next().unwrap_or_default();
    let wild = wildcards && first.contains(['*', '?']);
    !first.is_empty() && !wild
}

/// Whether the target of a subscription is fixed: the domain of an email address, the host of a URL, or
/// the account of an ARN.
pub(super) fn names_endpoint(endpoint: &str, wildcards: bool) -> bool {
    if let Some((_, domain)) = endpoint.rsplit_once('@') {
        return names_something(domain, wildcards);
    }
    match endpoint.split_once("://") {
        Some((_, host)) => names_something(host, wildcards),
        None if endpoint.starts_with("arn:") => owner_of(endpoint, wildcards) == Owner::Fixed,
        None => names_something(endpoint, wildcards),
    }
}

/// Whether a range of addresses is small enough to belong to one customer. S3 draws the line at /8 and,
/// for IPv6, /32 (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>,
/// the meaning of "public").
pub(super) fn is_small_network(range: &str) -> bool {
    let net = range
        .parse::<IpNet>()
        .or_else(|_| range.parse::<IpAddr>().map(IpNet::from));
    match net {
        Ok(IpNet::V4(net)) => net.prefix_len() >= 8,
        Ok(IpNet::V6(net)) => net.prefix_len() >= 32,
        Err(_) => false,
    }
}
