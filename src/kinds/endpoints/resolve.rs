//! The endpoint of a service in a region.

use super::data::file;
use super::functions::is_host_label;
use super::rules::{BrokenRules, Outcome, RuleSet};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The rules for the endpoints of a service.
#[derive(Debug, Clone)]
pub struct ServiceEndpoints {
    rules: RuleSet,
    /// The service's value of the parameter `Prefix`, in rules that it shares with others.
    prefix: Option<&'static str>,
}

/// Which of a region's endpoints to use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Variant {
    /// One with FIPS 140 cryptography (`AWS_USE_FIPS_ENDPOINT`).
    pub fips: bool,
    /// One with IPv4 and IPv6 addresses (`AWS_USE_DUALSTACK_ENDPOINT`).
    pub dual_stack: bool,
}

/// Where to send requests, and how to sign them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme, host and, seldom, the beginning of the path: `https://iam.amazonaws.com`.
    pub url: String,
    /// The region to sign for: `us-east-1` for a service that the whole partition has once.
    pub signing_region: String,
    /// The service to sign for, if it is not the one of the service's model.
    pub signing_name: Option<String>,
    /// Headers that each request must have.
    pub headers: BTreeMap<String, Vec<String>>,
}

/// Why there is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The region cannot be part of a host name.
    #[error("`{0}` is not the name of a region")]
    Region(String),
    /// AWS has no such endpoint; the message is AWS's.
    #[error("AWS has no such endpoint: {0}")]
    Refused(String),
    /// The rules need a value that only a request has, such as an account.
    #[error("the endpoint depends on {0}, which was not given")]
    Missing(String),
    /// The endpoint takes a signature other than version 4.
    #[error("the endpoint takes the signature {0}, which is not known")]
    Signature(String),
    /// The rules are broken, or newer than this program.
    #[error("the endpoint rules cannot be read: {0}")]
    Broken(#[from] BrokenRules),
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
struct Rules {
    services: BTreeMap<&'static str, Entry>,
    /// Parsed when a service needs them, because all of them together are large.
    rule_sets: BTreeMap<&'static str, &'static RawValue>,
}

#[derive(Deserialize)]
struct Entry {
    rules: &'static str,
    prefix: Option<&'static str>,
}

impl Entry {
    fn endpoints(&self) -> ServiceEndpoints {
        let rules = RULES.rule_sets[self.rules].get();
        ServiceEndpoints {
            rules: serde_json::from_str(rules).expect("every rule set is tested"),
            prefix: self.prefix,
        }
    }
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let text = file("endpoint-rules.json");
    serde_json::from_str(text).expect("kinds/endpoint-rules.json is generated and tested")
});

/// The parameter that names the service, in rules that many services share.
const PREFIX: &str = "Prefix";

impl ServiceEndpoints {
    /// The endpoints of a service, by botocore's name for it: `stepfunctions`. `None` if botocore has none.
    #[must_use]
    pub fn of(service: &str) -> Option<Self> {
        let entry = RULES.services.get(service)?;
        Some(entry.endpoints())
    }

    /// Reads botocore's own file, `endpoint-rule-set-1.json`.
    ///
    /// # Errors
    /// If the text has another form.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        let rules = serde_json::from_str(text)?;
        Ok(Self {
            rules,
            prefix: None,
        })
    }

    /// The endpoint in a region. `parameters` are the other parameters of the rules, by name: the context
    /// parameters of an operation, such as `AccountId` for S3 Control, or the user's own `Endpoint`. Names
    /// that the rules do not know are ignored.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn resolve(
        &self,
        region: &str,
        variant: Variant,
        parameters: &Map<String, Value>,
    ) -> Result<Endpoint, EndpointError> {
        // The region becomes part of the host name, and not all rules validate it.
        if !is_host_label(region, false) {
            return Err(EndpointError::Region(region.to_owned()));
        }
        let mut given = parameters.clone();
        for (name, parameter) in &self.rules.parameters {
            let value: Value = match parameter.built_in.as_deref() {
                Some("AWS::Region") => region.into(),
                Some("AWS::UseFIPS") => variant.fips.into(),
                Some("AWS::UseDualStack") => variant.dual_stack.into(),
                _ => continue,
            };
            given.insert(name.clone(), value);
        }
        match self.evaluate(&given)? {
            Outcome::Error(message) => Err(EndpointError::Refused(message)),
            Outcome::Endpoint {
                url,
                properties,
                headers,
            } => {
                let scheme = signature(&properties)?;
                let text = |name| scheme.and_then(|s| s.get(name)?.as_str());
                Ok(Endpoint {
                    url,
                    signing_region: text("signingRegion").unwrap_or(region).to_owned(),
                    signing_name: text("signingName").map(ToOwned::to_owned),
                    headers,
                })
            }
        }
    }

    /// The known parameters that the rules require.
    #[must_use]
    pub fn needed(&self, known: &Map<String, Value>) -> Map<String, Value> {
        let is_needed = |name: &str| {
            let parameter = self.rules.parameters.get(name);
            parameter.is_some_and(|p| p.required && p.default.is_none() && p.built_in.is_none())
        };
        let needed = known.iter().filter(|(name, _)| is_needed(name));
        needed
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// Evaluates the rules with these parameters and no others.
    pub(super) fn evaluate(&self, given: &Map<String, Value>) -> Result<Outcome, EndpointError> {
        let mut all = Map::new();
        for (name, parameter) in &self.rules.parameters {
            let value = given.get(name).or(parameter.default.as_ref());
            if value.is_none() && parameter.required {
                return Err(EndpointError::Missing(name.clone()));
            }
            all.insert(name.clone(), value.cloned().unwrap_or_default());
        }
        if let Some(prefix) = self.prefix {
            all.insert(PREFIX.to_owned(), prefix.into());
        }
        Ok(self.rules.evaluate(&all)?)
    }
}

/// The endpoint's first signature scheme of version 4. `None` if the endpoint names no scheme: then the
/// service's own applies.
fn signature(properties: &Value) -> Result<Option<&Value>, EndpointError> {
    let schemes = properties.get("authSchemes").and_then(Value::as_array);
    let Some(schemes) = schemes.filter(|schemes| !schemes.is_empty()) else {
        return Ok(None);
    };
    let name = |scheme: &Value| scheme.get("name").and_then(Value::as_str).map(String::from);
    let known = schemes.iter().find(|s| name(s).as_deref() == Some("sigv4"));
    known.map(Some).ok_or_else(|| {
        let names = schemes.iter().filter_map(name).collect::<Vec<_>>();
        EndpointError::Signature(names.join(", "))
    })
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
