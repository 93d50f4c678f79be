//! Why somebody could not log in, without anything that an answer contained.

use crate::report::sanitize::clean_short;
use openidconnect::core::CoreErrorResponseType;
use openidconnect::{RequestTokenError, StandardErrorResponse};
use std::error::Error;

/// The longest word of a provider that is repeated, and the longest text of an error, in characters.
const LONGEST_WORD: usize = 100;
const LONGEST_TEXT: usize = 300;

/// Why somebody could not log in.
#[derive(Debug, thiserror::Error)]
pub(in crate::serve) enum LoginError {
    /// The provider cannot be asked, or does not answer as OpenID Connect requires.
    #[error("the provider: {0}")]
    Provider(String),
    /// The provider does not take the code.
    #[error("the provider refuses the code: {0}")]
    Code(String),
    /// The token is not one for this login.
    #[error("the ID token: {0}")]
    Token(String),
}

/// Why the provider could not be asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// There was no answer.
    #[error("{0}")]
    Failed(String),
    /// The answer took too long.
    #[error("no answer in time")]
    Late,
}

type ExchangeError = RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>;

/// Why a code was not exchanged.
pub(super) fn exchange_error(error: &ExchangeError) -> LoginError {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            LoginError::Code(clean_short(answer.error().as_ref(), LONGEST_WORD))
        }
        // The answer itself may contain tokens.
        RequestTokenError::Parse(..) => {
            LoginError::Provider("its answer to the code cannot be understood".to_owned())
        }
        other => LoginError::Provider(describe(other)),
    }
}

/// An error and its innermost cause, without anything that an answer contained.
pub(super) fn describe(error: &dyn Error) -> String {
    let mut inner: &dyn Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    let (outer, inner) = (error.to_string(), inner.to_string());
    let text = if outer == inner {
        outer
    } else {
        format!("{outer}: {inner}")
    };
    clean_short(&text, LONGEST_TEXT)
}
