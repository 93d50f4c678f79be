//! The profiles of the AWS configuration files: which there are, where they were looked for, and what
//! each takes its credentials from.

use super::diagnosis::Diagnosis;
use crate::yaml::suggest;
use aws_config::profile::{Profile, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use std::error::Error;
use std::path::PathBuf;

/// At most so many names in a message.
const MAX_NAMES: usize = 20;

/// What the AWS configuration files say.
#[derive(Debug)]
pub(super) struct Profiles {
    set: ProfileSet,
    files: [ProfileFile; 2],
    /// The profile that the command line names.
    typed: Option<String>,
}

/// One of the two files.
#[derive(Debug)]
struct ProfileFile {
    path: PathBuf,
    /// Why it was not read.
    problem: Option<String>,
}

impl ProfileFile {
    fn find(variable: &str, name: &str) -> Self {
        let named = std::env::var_os(variable).map(PathBuf::from);
        let path = match named {
            Some(path) => in_home(path),
            None => in_home(PathBuf::from("~/.aws").join(name)),
        };
        let problem = match std::fs::read(&path) {
            Ok(bytes) if std::str::from_utf8(&bytes).is_err() => Some("is not text".to_owned()),
            Ok(_) => None,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Some("does not exist".to_owned())
            }
            Err(error) => Some(format!("cannot be read: {error}")),
        };
        Self { path, problem }
    }
}

/// The path with the home folder in place of `~`, as the SDK finds it.
fn in_home(path: PathBuf) -> PathBuf {
    let Ok(rest) = path.strip_prefix("~") else {
        return path;
    };
    match std::env::home_dir() {
        Some(home) => home.join(rest),
        None => path,
    }
}

/// What the first credentials of a profile come from, after the roles that lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// Access keys in the files.
    Keys,
    /// AWS IAM Identity Center; the name of the `sso-session`, where it has one.
    Sso { session: Option<String> },
    /// A program; its first word.
    Process { program: String },
    /// A token in a file, for this role.
    WebIdentity,
    /// `credential_source`.
    Source(String),
    /// A console session, by `aws login`.
    Login,
    /// The profile has no credentials.
    Nothing,
}

/// The profile at the end of a chain of `source_profile`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    /// The profile.
    pub(super) profile: String,
    /// What it takes its credentials from.
    pub(super) origin: Origin,
}

impl Profiles {
    /// Reads the files. `typed` is the profile that the command line names.
    ///
    /// # Errors
    /// A file that cannot be parsed, or a profile that does not exist.
    pub(super) async fn load(typed: Option<&str>) -> Result<Self, Diagnosis> {
        let files = [
            ProfileFile::find("AWS_CONFIG_FILE", "config"),
            ProfileFile::find("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        ];
        let selected = typed.map(|name| name.to_owned().into());
        let (disk, environment) = (Fs::real(), Env::real());
        let places = EnvConfigFiles::default();
        let set = aws_config::profile::load(&disk, &environment, &places, selected).await;
        let set = set.map_err(|error| {
            let why = error
                .source()
                .map_or_else(|| error.to_string(), ToString::to_string);
            Diagnosis::new(format!("the AWS configuration files cannot be used: {why}")).with_help(
                "mend the line, or name another file with AWS_CONFIG_FILE or \
                 AWS_SHARED_CREDENTIALS_FILE",
            )
        })?;
        let profiles = Self {
            set,
            files,
            typed: typed.map(ToOwned::to_owned),
        };
        profiles.all_exist()?;
        Ok(profiles)
    }

    /// The profile in use.
    pub(super) fn selected(&self) -> &str {
        self.set.selected_profile()
    }

    /// Whether the command line names it.
    pub(super) fn is_typed(&self) -> bool {
        self.typed.is_some()
    }

    /// Where the profile was selected, to report it with its name.
    pub(super) fn named_by(&self) -> &'static str {
        match (&self.typed, std::env::var_os("AWS_PROFILE")) {
            (Some(_), _) => "--profile",
            (None, Some(_)) => "AWS_PROFILE",
            (None, None) => "the default",
        }
    }

    /// Whether the profile in use is in the files.
    pub(super) fn has_selected(&self) -> bool {
        self.set.get_profile(self.selected()).is_some()
    }

    /// What was found in the place of each file: `… does not exist`.
    pub(super) fn looked_in(&self) -> String {
        let files = self.files.iter().map(|file| {
            let problem = file.problem.as_deref();
            let problem = problem.unwrap_or("has no such profile");
            format!("{} {problem}", file.path.display())
        });
        files.collect::<Vec<_>>().join(", ")
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.set.profiles().collect();
        names.sort_unstable();
        names
    }

    /// That a profile does not exist, with those that do.
    fn no_such(&self, name: &str, cause: &str) -> Diagnosis {
        let names = self.names();
        let near = suggest(name, names.iter().copied());
        let near = near.map(|near| format!("did you mean `{near}`? "));
        let shown = names.get(..MAX_NAMES).unwrap_or(&names).join(", ");
        let more = match names.len().saturating_sub(MAX_NAMES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let help = if names.is_empty() {
            "there are no profiles; make one with `aws configure sso` or `aws configure`".to_owned()
        } else {
            format!("{}there are: {shown}{more}", near.unwrap_or_default())
        };
        let looked = self.looked_in();
        Diagnosis::new(format!("{cause}: {looked}")).with_help(help)
    }

    /// Whether the profile in use, and all that it takes credentials from, are there.
    fn all_exist(&self) -> Result<(), Diagnosis> {
        let selected = self.selected();
        if !self.has_selected() {
            // The default profile need not exist, and keys in the environment come before AWS_PROFILE.
            let needed = self.is_typed()
                || std::env::var_os("AWS_PROFILE").is_some()
                    && std::env::var_os("AWS_ACCESS_KEY_ID").is_none();
            if !needed {
                return Ok(());
            }
            let by = self.named_by();
            let cause = format!("profile `{selected}` ({by}) does not exist");
            return Err(self.no_such(selected, &cause));
        }
        match self.walk() {
            Ok(_) => Ok(()),
            Err(Broken::Missing { profile, of }) => {
                let cause = format!(
                    "profile `{of}` takes its credentials from source_profile `{profile}`, which does \
                     not exist"
                );
                Err(self.no_such(&profile, &cause))
            }
            Err(Broken::Session { session, of }) => {
                let mut sessions: Vec<&str> = self.set.sso_sessions().collect();
                sessions.sort_unstable();
                let near = suggest(&session, sessions.iter().copied());
                let help = match (near, sessions.is_empty()) {
                    (Some(near), _) => format!("did you mean `{near}`?"),
                    (None, false) => format!("there are: {}", sessions.join(", ")),
                    (None, true) => "make one with `aws configure sso-session`".to_owned(),
                };
                let cause = format!(
                    "profile `{of}` signs in with sso-session `{session}`, which is not in {}",
                    self.files[0].path.display()
                );
                Err(Diagnosis::new(cause).with_help(help))
            }
            Err(Broken::Circle(names)) => Err(Diagnosis::new(format!(
                "the profiles take their credentials from one another in a circle: {}",
                names.join(" → ")
            ))
            .with_help("let the last one name credentials of its own in place of source_profile")),
        }
    }

    /// The profile that the credentials come from in the end; none where the profile in use does not
    /// exist.
    pub(super) fn base(&self) -> Option<Base> {
        self.walk().ok()
    }

    /// The profile in use, if it takes a role for which it names a device of a second factor.
    pub(super) fn needs_mfa(&self) -> Option<&str> {
        let name = self.selected();
        let profile = self.set.get_profile(name)?;
        profile.get("mfa_serial").map(|_| name)
    }

    fn walk(&self) -> Result<Base, Broken> {
        let mut seen: Vec<&str> = Vec::new();
        let mut name = self.selected();
        loop {
            let Some(profile) = self.set.get_profile(name) else {
                return Err(Broken::Missing {
                    profile: name.to_owned(),
                    of: seen.last().copied().unwrap_or_default().to_owned(),
                });
            };
            if seen.contains(&name) {
                seen.push(name);
                let names = seen.into_iter().map(ToOwned::to_owned);
                return Err(Broken::Circle(names.collect()));
            }
            let has_keys = profile.get("aws_access_key_id").is_some();
            let is_role = profile.get("role_arn").is_some()
                && profile.get("web_identity_token_file").is_none();
            // Access keys of a source profile come before its own role.
            let goes_on = is_role && (seen.is_empty() || !has_keys);
            let next = profile.get("source_profile").filter(|next| *next != name);
            match next {
                Some(next) if goes_on => {
                    seen.push(name);
                    name = next;
                }
                _ => {
                    return Ok(Base {
                        profile: name.to_owned(),
                        origin: self.origin(profile)?,
                    });
                }
            }
        }
    }

    /// In the order in which the SDK looks.
    fn origin(&self, profile: &Profile) -> Result<Origin, Broken> {
        let get = |key: &str| profile.get(key).map(ToOwned::to_owned);
        if let Some(source) = get("credential_source") {
            return Ok(Origin::Source(source));
        }
        if get("web_identity_token_file").is_some() {
            return Ok(Origin::WebIdentity);
        }
        if let Some(session) = get("sso_session") {
            if self.set.sso_session(&session).is_none() {
                let of = profile.name().to_owned();
                return Err(Broken::Session { session, of });
            }
            let session = Some(session);
            return Ok(Origin::Sso { session });
        }
        if get("sso_start_url").or(get("sso_account_id")).is_some() {
            return Ok(Origin::Sso { session: None });
        }
        if get("login_session").is_some() {
            return Ok(Origin::Login);
        }
        if let Some(command) = get("credential_process") {
            let program = command.split_whitespace().next().unwrap_or_default();
            // Its arguments may be secrets.
            let program = program.trim_matches(['"', '\'']).to_owned();
            return Ok(Origin::Process { program });
        }
        if get("aws_access_key_id").is_some() {
            return Ok(Origin::Keys);
        }
        Ok(Origin::Nothing)
    }
}

/// What a chain of profiles breaks on.
enum Broken {
    Missing { profile: String, of: String },
    Session { session: String, of: String },
    Circle(Vec<String>),
}
