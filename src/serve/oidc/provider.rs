//! Checks the metadata of a provider, and makes the client for it.

use super::error::{LoginError, describe};
use crate::serve::config::Oidc as Config;
use openidconnect::core::{CoreClient, CoreClientAuthMethod};
use openidconnect::{
    AuthType, ClientId, ClientSecret, EndSessionUrl, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    ProviderMetadataWithLogout, RedirectUrl, UserInfoUrl,
};

/// A client with the provider's authorization endpoint, and possibly its token and UserInfo endpoints.
pub(super) type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Refuses a provider that would have secrets sent in the clear.
///
/// # Errors
/// When it would.
pub(super) fn check(
    config: &Config,
    provider: &ProviderMetadataWithLogout,
) -> Result<(), LoginError> {
    let token = provider
        .token_endpoint()
        .ok_or_else(|| LoginError::Provider("it has no address to give a code to".to_owned()))?;
    let user = provider.userinfo_endpoint().map(UserInfoUrl::url);
    let end = &provider.additional_metadata().end_session_endpoint;
    let mut addresses = vec![
        provider.authorization_endpoint().url(),
        token.url(),
        provider.jwks_uri().url(),
    ];
    addresses.extend(user);
    addresses.extend(end.as_ref().map(EndSessionUrl::url));
    let scheme = config.issuer.split(':').next();
    if addresses
        .iter()
        .any(|address| address.scheme() != "https" && Some(address.scheme()) != scheme)
    {
        let why = "it has addresses that are not https";
        return Err(LoginError::Provider(why.to_owned()));
    }
    Ok(())
}

/// A client of the provider, for a service at an address.
///
/// # Errors
/// When the service's address is not a URL.
pub(super) fn client(
    config: &Config,
    base: &str,
    provider: &ProviderMetadataWithLogout,
) -> Result<Client, LoginError> {
    let back = RedirectUrl::new(format!("{base}/auth/callback"));
    let back = back.map_err(|error| LoginError::Provider(describe(&error)))?;
    let secret = config.client_secret.clone().map(ClientSecret::new);
    let id = ClientId::new(config.client_id.clone());
    let methods = provider.token_endpoint_auth_methods_supported();
    let takes = |method| methods.is_none_or(|methods| methods.contains(&method));
    let in_body = !takes(CoreClientAuthMethod::ClientSecretBasic)
        && takes(CoreClientAuthMethod::ClientSecretPost);
    let client = CoreClient::from_provider_metadata(provider.clone(), id, secret)
        .set_redirect_uri(back)
        .set_auth_type(if in_body {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        });
    Ok(client)
}
