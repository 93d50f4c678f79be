//! Emulators use one host name, but S3 Control puts the account in front of it.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Removes the account from the host name, since `http://123456789012.localhost:4566` does not
/// resolve.
///
/// Only for plain HTTP, which emulators use and AWS does not. The account is also in a header, so
/// nothing is lost.
#[derive(Debug)]
pub(crate) struct RemoveAccountFromHost {
    /// The account's twelve-digit id.
    pub(crate) account: String,
}

impl Intercept for RemoveAccountFromHost {
    fn name(&self) -> &'static str {
        "RemoveAccountFromHost"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        if let Some(uri) = without_account(request.uri(), &self.account) {
            request.set_uri(uri)?;
        }
        Ok(())
    }
}

fn without_account(uri: &str, account: &str) -> Option<String> {
    let rest = uri
        .strip_prefix("http://")?
        .strip_prefix(account)?
        .strip_prefix('.')?;
    Some(format!("http://{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_emulators_lose_the_account() {
        let of = |uri| without_account(uri, "123456789012");
        assert_eq!(
            of("http://123456789012.127.0.0.1:4566/v20180820/x").as_deref(),
            Some("http://127.0.0.1:4566/v20180820/x")
        );
        assert_eq!(of("http://127.0.0.1:4566/123456789012."), None);
        assert_eq!(
            of("https://123456789012.s3-control.eu-west-1.amazonaws.com/x"),
            None
        );
    }
}
