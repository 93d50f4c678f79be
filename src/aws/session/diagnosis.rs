//! Why an account cannot be read, in the words that a person needs: the cause, where the program
//! looked, and what to do.

use super::super::ConnectionError;
use std::fmt;

/// One place that was tried, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The place: `environment`, `SSO`.
    pub place: String,
    /// Why it gave nothing.
    pub result: String,
}

/// Why an account cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The cause, without a full stop. It may hold names that strangers chose.
    pub cause: String,
    /// The places that were tried, in order; empty where there was one alone.
    pub tried: Vec<Attempt>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnosis {
    /// A cause by itself.
    pub(super) fn new(cause: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            tried: Vec::new(),
            help: None,
        }
    }

    /// That AWS could not be reached.
    pub(super) fn unreachable(error: &ConnectionError) -> Self {
        Self::new(error.to_string()).with_help(error.help())
    }

    /// The same with what to do.
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with what to do, where something is known to help.
    pub(super) fn with_maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// All of it in one line, as reports have it.
    #[must_use]
    pub fn one_line(&self) -> String {
        let mut line = self.cause.clone();
        if !self.tried.is_empty() {
            let tried = self.tried.iter();
            let tried: Vec<String> = tried.map(ToString::to_string).collect();
            line = format!("{line}; tried in this order: {}", tried.join("; "));
        }
        match &self.help {
            Some(help) => format!("{line}; {help}"),
            None => line,
        }
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.result)
    }
}

/// One block: the cause, the places tried in a column, and the help.
impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)?;
        if !self.tried.is_empty() {
            f.write_str("\n  tried, in this order:")?;
        }
        let width = self.tried.iter().map(|a| a.place.chars().count()).max();
        for Attempt { place, result } in &self.tried {
            write!(f, "\n    {place:<0$}  {result}", width.unwrap_or_default())?;
        }
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnosis {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_block_or_one_line() {
        let attempt = |place: &str, result: &str| Attempt {
            place: place.to_owned(),
            result: result.to_owned(),
        };
        let mut diagnosis = Diagnosis::new("no credentials").with_help("sign in");
        diagnosis.tried = vec![attempt("environment", "unset"), attempt("SSO", "none")];
        assert_eq!(
            diagnosis.to_string(),
            "no credentials\n  tried, in this order:\n    environment  unset\n    SSO          none\n  \
             help: sign in"
        );
        assert_eq!(
            diagnosis.one_line(),
            "no credentials; tried in this order: environment: unset; SSO: none; sign in"
        );
    }
}
