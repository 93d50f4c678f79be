//! A person at a terminal: a home folder, an environment with nothing else in it, and a command.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;

/// Variables that keep the program from leaving this machine, whatever a test leaves out.
const ISOLATED: [(&str, &str); 2] = [
    ("AWS_EC2_METADATA_DISABLED", "true"),
    // Nothing listens there.
    ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
];

/// Somebody who has just installed the program.
pub(crate) struct Person {
    home: TempDir,
    environment: Vec<(String, String)>,
}

/// How the program ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Person {
    /// A person without credentials, without AWS configuration files, and without a metadata service.
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().to_str().expect("UTF-8").to_owned();
        let isolated = ISOLATED.map(|(name, value)| (name.to_owned(), value.to_owned()));
        // `credential_process` starts a shell.
        let path_of_programs = std::env::var("PATH").unwrap_or_default();
        let mut environment = Vec::from(isolated);
        environment.extend([
            ("HOME".to_owned(), path),
            ("PATH".to_owned(), path_of_programs),
        ]);
        Self { home, environment }
    }

    /// Sets a variable of the environment, or another value of one.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Removes a variable of the environment.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.environment.retain(|(n, _)| n != name);
        self
    }

    /// Access keys in the environment, as one sets them by hand. Stand-ins take an access key that
    /// begins with twelve digits for one of that account.
    pub(crate) fn access_key(self, id: &str) -> Self {
        self.variable("AWS_ACCESS_KEY_ID", id)
            .variable("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")
    }

    /// Sends the calls of every service to this address.
    pub(crate) fn endpoint(self, url: &str) -> Self {
        self.variable("AWS_ENDPOINT_URL", url)
    }

    /// Writes `~/.aws/config`.
    pub(crate) fn config(self, text: &str) -> Self {
        self.file(".aws/config", text)
    }

    /// Writes `~/.aws/credentials`.
    pub(crate) fn credentials(self, text: &str) -> Self {
        self.file(".aws/credentials", text)
    }

    /// Writes a file below the home folder.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Writes a program below the home folder.
    pub(crate) fn program(self, name: &str, script: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let person = self.file(name, &format!("#!/bin/sh\n{script}\n"));
        let executable = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(person.path(name), executable).unwrap();
        person
    }

    /// A path below the home folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The home folder.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Types a command: `types("scan --regions eu-west-1")`. No argument may have a space in it.
    pub(crate) async fn types(&self, command: &str) -> Ended {
        let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_sixpillars"))
            .args(command.split_whitespace())
            .env_clear()
            .envs(self.environment.iter().map(|(n, v)| (n, v)))
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .expect("the program starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Ended {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Ended {
    /// The same, if it ended with this exit code.
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout: {}\nstderr: {}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Asserts that standard error says each of these, in this order.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        let mut rest = self.stderr.as_str();
        for part in parts {
            let Some(at) = rest.find(part) else {
                panic!(
                    "`{part}` is missing, or not in its place, in:\n{}",
                    self.stderr
                );
            };
            rest = &rest[at + part.len()..];
        }
        self
    }

    /// Asserts that nothing that was printed holds this.
    #[track_caller]
    pub(crate) fn never_says(self, part: &str) -> Self {
        for text in [&self.stdout, &self.stderr] {
            assert!(!text.contains(part), "`{part}` is in:\n{text}");
        }
        self
    }
}
