//! What a kind's file says of any call: what errors mean, and what it costs.

use schemars::JsonSchema;
use serde::Deserialize;

/// An error of AWS.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ErrorCode {
    /// Its code.
    Code(String),
    /// Its code and a fragment of its message, where AWS uses the code for several things.
    Fragment(CodeAndMessage),
}

/// An error of AWS by code and message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeAndMessage {
    /// The code.
    pub code: String,
    /// A fragment of the message.
    #[schemars(length(min = 1))]
    pub message: String,
}

impl ErrorCode {
    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Code(code) | Self::Fragment(CodeAndMessage { code, .. }) => code,
        }
    }

    /// The fragment that the message must have, if any.
    #[must_use]
    pub fn fragment(&self) -> Option<&str> {
        match self {
            Self::Code(_) => None,
            Self::Fragment(CodeAndMessage { message, .. }) => Some(message),
        }
    }
}

/// What a call costs.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceFile {
    /// US dollars for one call, each page being one.
    #[schemars(range(min = 0.0))]
    pub usd: f64,
    /// AWS's page of prices.
    #[schemars(length(min = 1))]
    pub source: String,
}
