//! Settings of the AWS CLI that the SDK does not read, or whose errors it ignores.
//!
//! The SDK ignores an invalid endpoint URL and calls AWS, and panics if the number of attempts is not a
//! number. Here each is an error, and all errors are reported at once.

use aws_config::profile::{self, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use http::Uri;
use std::path::PathBuf;

/// A setting that cannot be used. Does not repeat its value, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} {why}\n  help: {help}")]
pub struct BadSetting {
    place: String,
    why: String,
    help: String,
}

impl BadSetting {
    pub(super) fn new(
        place: impl Into<String>,
        why: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            place: place.into(),
            why: why.into(),
            help: help.into(),
        }
    }
}

/// All that is wrong with the settings, one below the other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct BadSettings(pub Vec<BadSetting>);

/// A file of CA certificates, and the setting that names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct CaBundle {
    pub(super) path: PathBuf,
    /// `AWS_CA_BUNDLE`, or `ca_bundle of profile audit`.
    pub(super) place: String,
}

/// What the environment and a profile say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// The certificates to trust instead of the system's.
    pub(super) ca_bundle: Option<CaBundle>,
    /// The most attempts of one call.
    pub(super) max_attempts: Option<u32>,
}

impl Settings {
    /// Reads the environment, and the profile that is named or that the environment names.
    ///
    /// # Errors
    /// Every setting that cannot be used.
    pub(super) async fn load(profile: Option<&str>) -> Result<Self, BadSettings> {
        let env = Env::real();
        let files = EnvConfigFiles::default();
        let selected = profile.map(|name| name.to_owned().into());
        // Problems with the files themselves are reported when credentials are read from them.
        let profile = profile::load(&Fs::real(), &env, &files, selected).await;
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        Source {
            env: &env,
            profile: &profile.unwrap_or_default(),
        }
        .read(names)
    }
}

/// Where settings are read from.
struct Source<'s> {
    env: &'s Env,
    profile: &'s ProfileSet,
}

impl Source<'_> {
    /// `names` are the variables that are set.
    fn read(&self, names: impl Iterator<Item = String>) -> Result<Settings, BadSettings> {
        let mut bad = Vec::new();
        let mut switch = |variable, key| match self.value(variable, key) {
            None => false,
            Some((_, value)) if value.eq_ignore_ascii_case("true") => true,
            Some((_, value)) if value.eq_ignore_ascii_case("false") => false,
            Some((place, _)) => {
                let help = "write true or false";
                bad.push(BadSetting::new(place, "is neither true nor false", help));
                false
            }
        };
        switch("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
        switch("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
        let ignores_endpoints = switch(
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "ignore_configured_endpoint_urls",
        );
        if !ignores_endpoints {
            bad.extend(self.bad_endpoints(names));
        }
        let max_attempts = self.value("AWS_MAX_ATTEMPTS", "max_attempts");
        let max_attempts = max_attempts.and_then(|(place, value)| match value.parse() {
            Ok(attempts) if attempts > 0 => Some(attempts),
            _ => {
                let help = "write how often a call may be tried, 1 or more";
                bad.push(BadSetting::new(place, "is no number of attempts", help));
                None
            }
        });
        let ca_bundle = self
            .value("AWS_CA_BUNDLE", "ca_bundle")
            // The CLI is made of a library that reads this one.
            .or_else(|| self.variable("REQUESTS_CA_BUNDLE"))
            .map(|(place, path)| CaBundle {
                path: path.into(),
                place,
            });
        if bad.is_empty() {
            Ok(Settings {
                ca_bundle,
                max_attempts,
            })
        } else {
            Err(BadSettings(bad))
        }
    }

    fn bad_endpoints(&self, names: impl Iterator<Item = String>) -> Vec<BadSetting> {
        let mut names: Vec<String> = names
            .filter(|name| name.starts_with("AWS_ENDPOINT_URL"))
            .collect();
        names.sort();
        let set = names.iter().filter_map(|name| self.variable(name));
        let set = set.chain(self.key("endpoint_url"));
        set.filter(|(_, value)| !is_endpoint(value))
            .map(|(place, _)| {
                let help = "write http://HOST:PORT or https://HOST";
                BadSetting::new(place, "is not the address of an endpoint", help)
            })
            .collect()
    }

    /// A setting and where it is made: the environment wins over the profile.
    fn value(&self, variable: &str, key: &str) -> Option<(String, String)> {
        self.variable(variable).or_else(|| self.key(key))
    }

    fn variable(&self, name: &str) -> Option<(String, String)> {
        let value = self.env.get(name).ok()?;
        let value = value.trim();
        (!value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
    }

    fn key(&self, key: &str) -> Option<(String, String)> {
        let value = self.profile.get(key)?.trim();
        let place = format!("{key} of profile {}", self.profile.selected_profile());
        (!value.is_empty()).then(|| (place, value.to_owned()))
    }
}

fn is_endpoint(value: &str) -> bool {
    let Ok(address) = value.parse::<Uri>() else {
        return false;
    };
    let is_http = matches!(address.scheme_str(), Some("http" | "https"));
    is_http && address.host().is_some_and(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, BadSettings> {
        let profile = ProfileSet::default();
        let names = variables.iter().map(|(name, _)| (*name).to_owned());
        let env = &Env::from_slice(variables);
        let profile = &profile;
        Source { env, profile }.read(names)
    }

    #[test]
    fn settings_are_read() {
        let settings = read(&[
            ("AWS_CA_BUNDLE", "/etc/company.pem"),
            ("REQUESTS_CA_BUNDLE", "/etc/other.pem"),
            ("AWS_MAX_ATTEMPTS", "5"),
            ("AWS_USE_FIPS_ENDPOINT", "True"),
            ("AWS_ENDPOINT_URL_S3_CONTROL", "http://localhost:4566"),
        ]);
        let settings = settings.expect("settings");
        assert_eq!(settings.max_attempts, Some(5));
        let bundle = settings.ca_bundle.expect("a bundle");
        assert_eq!(bundle.path, PathBuf::from("/etc/company.pem"));
        assert_eq!(bundle.place, "AWS_CA_BUNDLE");
        assert_eq!(
            read(&[("AWS_CA_BUNDLE", "")]).expect("nothing"),
            Settings::default()
        );
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let bad = read(&[
            ("AWS_ENDPOINT_URL_S3", "localhost:4566"),
            ("AWS_ENDPOINT_URL", "https://user:passw@"),
            ("AWS_MAX_ATTEMPTS", "0"),
            ("AWS_USE_DUALSTACK_ENDPOINT", "yes"),
        ]);
        let error = bad.expect_err("four mistakes").to_string();
        for place in [
            "AWS_ENDPOINT_URL ",
            "AWS_ENDPOINT_URL_S3 ",
            "AWS_MAX_ATTEMPTS ",
            "AWS_USE_DUALSTACK_ENDPOINT ",
        ] {
            assert!(error.contains(place), "{error}");
        }
        assert!(!error.contains("passw"), "{error}");
    }

    #[test]
    fn endpoints_that_are_ignored_may_be_anything() {
        let ignored = [
            ("AWS_ENDPOINT_URL", "nowhere"),
            ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
        ];
        assert!(read(&ignored).is_ok());
    }
}
