//! A server of PostgreSQL for the time of the measurement, with its settings as they come.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

pub(crate) struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    root: bool,
}

impl Postgres {
    pub(crate) fn start() -> Option<Self> {
        let versions = std::fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten();
        let folders = versions.flatten().map(|version| version.path().join("bin"));
        let Some(programs) = folders.filter(|f| f.join("initdb").exists()).max() else {
            eprintln!("NOT MEASURED: PostgreSQL; install the package postgresql");
            return None;
        };
        let user = Command::new("id").arg("-u").output().ok()?;
        let postgres = Self {
            programs,
            folder: tempfile::Builder::new().prefix("sp").tempdir().unwrap(),
            root: user.stdout == b"0\n",
        };
        if postgres.root {
            // It refuses to run as root.
            let owned = Command::new("chown")
                .arg("postgres")
                .arg(postgres.folder.path())
                .status();
            assert!(owned.unwrap().success());
        }
        let data = postgres.data();
        postgres.run("initdb", &["-D", &data, "-A", "trust", "-U", "postgres"]);
        let socket = postgres.folder.path().display();
        let options = format!("-k {socket} -c listen_addresses=''");
        let log = format!("{data}/log");
        postgres.run(
            "pg_ctl",
            &["-D", &data, "-w", "-o", &options, "-l", &log, "start"],
        );
        Some(postgres)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, words: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if self.root {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
                .arg(&program);
            command
        } else {
            Command::new(&program)
        };
        let status = command
            .args(words)
            .current_dir(Path::new("/"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "{}", program.display());
    }

    pub(crate) fn url(&self) -> String {
        let host = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{host}/postgres")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        self.run("pg_ctl", &["-D", &data, "-m", "fast", "stop"]);
    }
}
