//! Resolves host names.

use super::public::Reach;
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// How long to wait for a name server. One that works answers at once; the system itself would wait
/// for longer than a connection may take.
const DNS: Duration = Duration::from_millis(1_800);
/// Why a name has no address.
#[derive(Debug, thiserror::Error)]
#[error("{name} has no address: {why:?}")]
pub(super) struct LookupError {
    pub(super) name: String,
    pub(super) why: Lookup,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lookup {
    /// There is no such name.
    Unknown,
    /// It may be known later.
    Passing,
    /// Nobody says in time.
    TimedOut,
}

/// The system's resolver, except that every name below `localhost` is this machine (RFC 6761,
/// section 6.3). Not every system's resolver knows, and S3 Control puts the account's id before
/// the host name: `111122223333.localhost`.
///
/// A connection is made to the addresses that it gives, so what may not be reached is refused here:
/// there is no second look-up that could say something else.
#[derive(Debug, Clone)]
pub(super) struct Resolver(pub(super) Reach);

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = resolve(name).await.map_err(ResolveDnsError::new)?;
            let checked = self.0.check(name, &found);
            checked.map_err(ResolveDnsError::new)?;
            Ok(found)
        })
    }
}

/// The addresses of a name.
pub(super) async fn resolve(name: &str) -> Result<Vec<IpAddr>, LookupError> {
    if name == "localhost" || name.ends_with(".localhost") {
        return Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
    }
    let error = |why| {
        let name = name.to_owned();
        LookupError { name, why }
    };
    let found = tokio::time::timeout(DNS, tokio::net::lookup_host((name, 0))).await;
    let found = found.map_err(|_| error(Lookup::TimedOut))?;
    let found = found.map_err(|e| error(lookup(&e)))?;
    let found: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    if found.is_empty() {
        return Err(error(Lookup::Unknown));
    }
    Ok(found)
}

/// The system says what it means only in words: those of `EAI_AGAIN`, in several C libraries.
fn lookup(error: &std::io::Error) -> Lookup {
    let words = error.to_string().to_lowercase();
    if words.contains("temporary failure") || words.contains("try again") {
        Lookup::Passing
    } else {
        Lookup::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_says_in_words_what_may_pass() {
        let of = |words: &str| lookup(&std::io::Error::other(words.to_owned()));
        let prefix = "failed to lookup address information: ";
        let passing = format!("{prefix}Temporary failure in name resolution");
        assert_eq!(of(&passing), Lookup::Passing);
        assert_eq!(of(&format!("{prefix}Try again")), Lookup::Passing);
        let unknown = format!("{prefix}Name or service not known");
        assert_eq!(of(&unknown), Lookup::Unknown);
    }
}
