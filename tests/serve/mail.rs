//! E-mail to a real mail server, `aiosmtpd` from PyPI. Where it cannot be installed, these tests say so
//! and pass.

use crate::endpoint::Endpoint;
use crate::server::{Place, audit, small};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

const USER: &str = "audits";
const PASSWORD: &str = "correct horse";
/// Installing takes a while, the first time.
const PATIENCE: Duration = Duration::from_mins(2);

/// A mail server; it ends when it is dropped.
struct MailServer {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: String,
}

impl MailServer {
    /// Starts it with a certificate for `localhost`, which it writes into the folder as `ca.pem`.
    async fn start(folder: &Path) -> Option<Self> {
        let Some(python) = python().await else {
            eprintln!(
                "NOT CHECKED: e-mail by SMTP; it needs Python with venv, and PyPI the first time"
            );
            return None;
        };
        let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (certificate, key) = (folder.join("ca.pem"), folder.join("key.pem"));
        std::fs::write(&certificate, signed.cert.pem()).unwrap();
        std::fs::write(&key, signed.signing_key.serialize_pem()).unwrap();
        let mut child = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/smtp_server.py"))
            .args([&certificate, &key])
            .args([USER, PASSWORD])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let port = port.unwrap().unwrap().expect("a port");
        Some(Self {
            _child: child,
            lines,
            port,
        })
    }

    /// The next e-mail.
    async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.expect("an e-mail in time").unwrap().unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// A channel that sends to it.
    fn channel(&self, more: &str) -> String {
        format!(
            "notify:\n  mail:\n    burst: 0s\n    allow_private: true\n    email:\n      \
             from: Six Pillars <audits@example.com>\n      to: [a@example.com, b@example.com]\n      \
             smtp:\n        host: localhost\n        port: {}\n        user: {USER}\n        {more}\n",
            self.port
        )
    }
}

/// The Python that has `aiosmtpd`, in an environment under the cache that the emulators use too.
async fn python() -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("localstack");
    let find = "import sys; sys.path.insert(0, sys.argv[1]); import emulators; \
                print(emulators.environment('smtp'))";
    let output = Command::new("python3")
        .args(["-B", "-c", find])
        .arg(folder)
        .stdin(Stdio::null())
        .output();
    let output = tokio::time::timeout(PATIENCE, output).await.ok()?.ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_comes_by_email_over_tls_and_with_login() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let folder = place.folder.path().to_owned();
    let Some(mut mails) = MailServer::start(&folder).await else {
        return;
    };
    std::fs::write(folder.join("password"), format!("{PASSWORD}\n")).unwrap();
    let channel = mails.channel("ca: ca.pem\n        password_file: password");
    place.configure(&channel);
    let (code, printed) = place
        .run(&endpoint, &["serve", "test-channel", "mail"])
        .await;
    assert_eq!(code, Some(0), "{printed}");
    let id = printed.trim().strip_prefix("Sent, message ").unwrap();
    let tried = mails.next().await;
    assert_eq!(tried["tls"], true);
    assert_eq!(
        tried["to"],
        serde_json::json!(["a@example.com", "b@example.com"])
    );
    assert_eq!(tried["subject"], "Six Pillars: a test message");
    assert_eq!(tried["id"], format!("<{id}@example.com>"));

    let server = place.serve(&endpoint).await;
    let run = server.start(&audit()).await;
    let done = server.over(&run).await;
    let mail = mails.next().await;
    let fails = &done["result"]["fails"];
    let subject = format!("Six Pillars: shop: {fails} new failures, 0 fixed");
    assert_eq!(mail["subject"], subject);
    let text = mail["text"].as_str().unwrap().replace("\r\n", "\n");
    assert!(text.contains("\nNew\n- "), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_cannot_be_trusted_gets_nothing() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let Some(mails) = MailServer::start(place.folder.path()).await else {
        return;
    };
    let try_out = async |more: &str| {
        place.configure(&mails.channel(more));
        place
            .run(&endpoint, &["serve", "test-channel", "mail"])
            .await
    };
    // No authority vouches for its certificate.
    let (code, printed) = try_out("password: x").await;
    assert!(code != Some(0) && printed.contains("not sent"), "{printed}");
    assert!(printed.to_lowercase().contains("certificate"), "{printed}");
    let (code, printed) = try_out("ca: ca.pem\n        password: wrong").await;
    assert!(code != Some(0) && printed.contains("535"), "{printed}");
    assert!(!printed.contains("wrong"), "{printed}");
}
