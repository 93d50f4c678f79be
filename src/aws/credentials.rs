//! The credentials of one account, which are renewed once AWS says that they have expired.
//!
//! The SDK caches credentials until the time they name, and takes `ExpiredToken` for a final
//! answer. Here, the answer makes the cache call the provider again, and the request is signed
//! again. If the new credentials do not work either, the account is paused: no more requests are
//! sent for it, and its remaining parts are gaps until the scan is resumed.

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// Credentials are renewed this long before they expire.
const REFRESH_BEFORE: Duration = Duration::from_mins(1);
/// A provider that takes longer has failed. Some start a program or a browser.
const PROVIDER_TIMEOUT: Duration = Duration::from_mins(1);

/// The cached credentials of an account. Shared by the provider and the connector.
#[derive(Debug)]
pub(super) struct CredentialsCache {
    provider: Option<SharedCredentialsProvider>,
    /// Locked while the provider is called, so that it is called once for all waiting requests.
    asking: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    credentials: Option<Credentials>,
    /// AWS accepted them at least once.
    accepted: bool,
    /// AWS said that they have expired.
    expired: bool,
    /// There are no better ones.
    paused: bool,
}

/// What to do with a request that AWS rejected because its credentials had expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnExpired {
    /// Sign it again: there are or will be other credentials.
    SignAgain,
    /// Nothing: there are no others.
    Paused,
}

impl CredentialsCache {
    pub(super) fn new(provider: Option<SharedCredentialsProvider>) -> Arc<Self> {
        Arc::new(Self {
            provider,
            asking: tokio::sync::Mutex::default(),
            state: Mutex::default(),
        })
    }

    /// Whether the account's credentials have expired and cannot be renewed.
    pub(super) fn paused(&self) -> bool {
        self.state().paused
    }

    /// AWS answered a request that was signed with this access key.
    pub(super) fn accepted(&self, access_key: &str) {
        let mut state = self.state();
        if state.is(access_key) {
            state.accepted = true;
        }
    }

    /// AWS says that the credentials with this access key have expired. Credentials that were
    /// accepted before are renewed; credentials that were never accepted are not.
    pub(super) fn expired(&self, access_key: &str) -> OnExpired {
        let mut state = self.state();
        if state.paused {
            return OnExpired::Paused;
        }
        if state.is(access_key) {
            state.paused = !state.accepted;
            state.expired = true;
        }
        if state.paused {
            OnExpired::Paused
        } else {
            OnExpired::SignAgain
        }
    }

    /// The credentials, from the provider if there are none yet or if they have expired.
    pub(super) async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        if let Some(usable) = self.usable() {
            return Ok(usable);
        }
        let _asking = self.asking.lock().await;
        if let Some(usable) = self.usable() {
            return Ok(usable);
        }
        let provider = self.provider.as_ref().ok_or_else(|| {
            CredentialsError::not_loaded("no source of credentials is configured")
        })?;
        let answer = tokio::time::timeout(PROVIDER_TIMEOUT, provider.provide_credentials()).await;
        let answer =
            answer.unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(PROVIDER_TIMEOUT)));
        self.take(answer)
    }

    /// The cached credentials, if they are usable; expired ones if the account is paused.
    fn usable(&self) -> Option<Credentials> {
        let state = self.state();
        let ends_soon = state
            .credentials
            .as_ref()
            .and_then(Credentials::expiry)
            .is_some_and(|end| end < SystemTime::now() + REFRESH_BEFORE);
        let usable = state.paused || !(state.expired || ends_soon);
        state.credentials.clone().filter(|_| usable)
    }

    fn take(
        &self,
        answer: Result<Credentials, CredentialsError>,
    ) -> Result<Credentials, CredentialsError> {
        let mut state = self.state();
        match (answer, state.credentials.clone()) {
            (Ok(new), Some(old)) if same(&new, &old) => {
                state.paused = state.expired;
                Ok(old)
            }
            (Ok(new), _) => {
                *state = State {
                    credentials: Some(new.clone()),
                    ..State::default()
                };
                Ok(new)
            }
            // No new ones, and the old ones may still be valid for a few seconds.
            (Err(_), Some(old)) => {
                state.paused = state.expired;
                Ok(old)
            }
            (Err(error), None) => Err(error),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is(&self, access_key: &str) -> bool {
        self.credentials
            .as_ref()
            .is_some_and(|c| c.access_key_id() == access_key)
    }
}

fn same(a: &Credentials, b: &Credentials) -> bool {
    (a.access_key_id(), a.session_token()) == (b.access_key_id(), b.session_token())
}

/// The cache as the SDK's provider. It is called before every attempt, since the SDK's own cache is
/// disabled.
#[derive(Debug, Clone)]
pub(super) struct CachedCredentials(pub(super) Arc<CredentialsCache>);

impl ProvideCredentials for CachedCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.0.credentials())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Returns the credentials in order, then the last one repeatedly.
    #[derive(Debug)]
    struct Series(Vec<Credentials>, AtomicUsize);

    impl ProvideCredentials for Series {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let call_count = self.1.fetch_add(1, Ordering::Relaxed);
            let given = self.0.get(call_count).or(self.0.last()).cloned();
            future::ProvideCredentials::ready(
                given.ok_or_else(|| CredentialsError::not_loaded("none")),
            )
        }
    }

    fn cache(keys: &[&str]) -> Arc<CredentialsCache> {
        let series = keys
            .iter()
            .map(|key| Credentials::new(*key, "secret", None, None, "test"))
            .collect();
        CredentialsCache::new(Some(SharedCredentialsProvider::new(Series(
            series,
            AtomicUsize::new(0),
        ))))
    }

    async fn key(cache: &CredentialsCache) -> String {
        let credentials = cache.credentials().await.unwrap();
        credentials.access_key_id().to_owned()
    }

    #[tokio::test]
    async fn expired_credentials_are_replaced_once_for_all() {
        let cache = cache(&["A", "B"]);
        assert_eq!(key(&cache).await, "A");
        cache.accepted("A");
        assert_eq!(cache.expired("A"), OnExpired::SignAgain);
        assert_eq!(cache.expired("A"), OnExpired::SignAgain);
        assert_eq!(key(&cache).await, "B");
        // A late answer about the old ones does not concern the new ones.
        assert_eq!(cache.expired("A"), OnExpired::SignAgain);
        assert_eq!(key(&cache).await, "B");
        assert!(!cache.paused());
    }

    #[tokio::test]
    async fn new_credentials_that_are_refused_too_pause_the_account() {
        let cache = cache(&["A", "B", "C"]);
        key(&cache).await;
        cache.accepted("A");
        cache.expired("A");
        assert_eq!(key(&cache).await, "B");
        assert_eq!(cache.expired("B"), OnExpired::Paused);
        assert!(cache.paused());
        assert_eq!(key(&cache).await, "B", "nobody is asked any more");
    }

    #[tokio::test]
    async fn a_provider_that_has_no_others_pauses_the_account() {
        let cache = cache(&["A"]);
        key(&cache).await;
        cache.accepted("A");
        assert_eq!(cache.expired("A"), OnExpired::SignAgain);
        key(&cache).await;
        assert!(cache.paused());
    }

    #[tokio::test]
    async fn credentials_that_end_soon_are_replaced_before() {
        let soon = SystemTime::now() + Duration::from_secs(5);
        let series = vec![
            Credentials::new("A", "secret", None, Some(soon), "test"),
            Credentials::new("B", "secret", None, None, "test"),
        ];
        let cache = CredentialsCache::new(Some(SharedCredentialsProvider::new(Series(
            series,
            AtomicUsize::new(0),
        ))));
        assert_eq!(key(&cache).await, "A");
        assert_eq!(key(&cache).await, "B");
    }
}
