//! A real provider of OpenID Connect, `oidc-provider` of npm, and a browser without scripts that logs
//! in with it.

use crate::server::{Answer, PATIENCE, Server};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/serve/oidc");

/// A provider that ends when it is dropped.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    client: String,
    secret: String,
    _child: Child,
}

impl Provider {
    /// Starts one, with claims in the ID token or only in the answer about the user; `None` if Node.js or
    /// its packages are not available.
    pub(crate) async fn start(in_token: bool) -> Option<Self> {
        let packages = tokio::task::spawn_blocking(packages).await.unwrap();
        let packages = match packages {
            Ok(packages) => packages,
            Err(why) => {
                eprintln!("NOT CHECKED: logging in with a provider of OpenID Connect: {why}");
                return None;
            }
        };
        let mut command = Command::new("node");
        command.arg(Path::new(FOLDER).join("server.mjs"));
        command.arg(packages);
        if in_token {
            command.arg("--in-token");
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let line = line.expect("it begins in time").unwrap();
        let told: Value = serde_json::from_str(&line.expect("it tells where it is")).unwrap();
        let text = |field: &str| told[field].as_str().unwrap().to_owned();
        Some(Self {
            issuer: text("issuer"),
            client: text("client"),
            secret: text("secret"),
            _child: child,
        })
    }

    /// The configuration of a service in a folder that people log in to with it.
    pub(crate) fn configuration(&self, folder: &Path, more: &str) -> String {
        let (issuer, client) = (&self.issuer, &self.client);
        std::fs::write(folder.join("secret"), format!("{}\n", self.secret)).unwrap();
        format!(
            "login:\n  tokens: true\n  oidc:\n    issuer: {issuer}\n    client_id: {client}\n    \
             client_secret_file: secret\n    scopes: [profile, groups]\n    roles:\n      \
             claim: groups\n      viewer: [everybody]\n      operator: [platform]\n      \
             approver: [security]\n      admin: [platform-leads]\n{more}"
        )
    }
}

/// The folder with the provider's packages: they are installed once, outside of the tree.
fn packages() -> Result<PathBuf, String> {
    let quiet = |program: &str, words: &[&str], folder: &Path| {
        let done = std::process::Command::new(program)
            .args(words)
            .current_dir(folder)
            .stdin(Stdio::null())
            .output();
        match done {
            Ok(done) if done.status.success() => Ok(done.stdout),
            Ok(done) => Err(format!(
                "{program} {}: {}",
                words.join(" "),
                String::from_utf8_lossy(&done.stderr)
            )),
            Err(error) => Err(format!("{program}: {error}")),
        }
    };
    let folder = Path::new(FOLDER);
    quiet("node", &["--version"], folder)?;
    let lock = std::fs::read(folder.join("package-lock.json")).map_err(|e| e.to_string())?;
    let digest = u64::from_be_bytes(Sha256::digest(lock)[..8].try_into().unwrap());
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or(home);
    let cache = cache.unwrap_or_else(std::env::temp_dir);
    let cache = cache
        .join("sixpillars-tests")
        .join(format!("oidc-{digest:016x}"));
    std::fs::create_dir_all(&cache).map_err(|e| e.to_string())?;
    // Tests run beside each other in processes of their own.
    let one = File::create(cache.join("lock")).map_err(|e| e.to_string())?;
    one.lock().map_err(|e| e.to_string())?;
    let done = cache.join("done");
    if !done.exists() {
        for name in ["package.json", "package-lock.json"] {
            std::fs::copy(folder.join(name), cache.join(name)).map_err(|e| e.to_string())?;
        }
        let words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        quiet("npm", &words, &cache)?;
        File::create(done).map_err(|e| e.to_string())?;
    }
    Ok(cache)
}

/// A browser: it keeps cookies for each address separately, and runs no scripts.
pub(crate) struct Browser {
    /// Cookies by address and name.
    pub(crate) cookies: BTreeMap<String, BTreeMap<String, String>>,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self {
            cookies: BTreeMap::new(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// Sends one request, without following redirects.
    pub(crate) async fn ask(
        &mut self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookies: Vec<String> = self
            .of(url)
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let response = self.client.request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all("set-cookie") {
            let mut fields = cookie.to_str().unwrap().split(';');
            let (name, value) = fields.next().unwrap().split_once('=').unwrap();
            let own = self.of(url);
            if value.is_empty() {
                own.remove(name);
            } else {
                own.insert(name.to_owned(), value.to_owned());
            }
        }
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }

    pub(crate) async fn get(&mut self, url: &str) -> Answer {
        self.ask(Method::GET, url, &[], String::new()).await
    }

    /// The cookies of an address.
    pub(crate) fn of(&mut self, url: &str) -> &mut BTreeMap<String, String> {
        let authority = url.split('/').nth(2).unwrap().to_owned();
        self.cookies.entry(authority).or_default()
    }

    /// Begins a login, and returns the provider's address.
    pub(crate) async fn begin(&mut self, server: &Server, to: &str) -> String {
        let url = format!("{}/login?to={to}", server.address);
        location(&self.get(&url).await.with(303))
    }

    /// Fills the provider's forms, from its address to the one that it sends the browser back to.
    pub(crate) async fn pass(&mut self, server: &Server, address: &str, user: &str) -> String {
        let mut url = address.to_owned();
        for _ in 0..12 {
            let mut answer = self.get(&url).await;
            while answer.status == 200 {
                let page = String::from_utf8(answer.body).unwrap();
                let action = between(&page, "action=\"", "\"").replace("&amp;", "&");
                let prompt = between(&page, "name=\"prompt\" value=\"", "\"");
                let form = format!("prompt={prompt}&login={user}&password=x");
                let kind = [("content-type", "application/x-www-form-urlencoded")];
                let action = absolute(&url, &action);
                answer = self.ask(Method::POST, &action, &kind, form).await;
            }
            url = absolute(&url, &location(&answer));
            if url.starts_with(&server.address) {
                return url;
            }
        }
        panic!("{address} leads in a circle");
    }

    /// Logs in as a user, up to the service's answer. The provider does not know the browser.
    pub(crate) async fn log_in(&mut self, server: &Server, user: &str) -> Answer {
        self.cookies
            .retain(|authority, _| server.address.ends_with(authority));
        let address = self.begin(server, "/").await;
        let back = self.pass(server, &address, user).await;
        self.get(&back).await
    }

    /// Who this browser's user is for the service.
    pub(crate) async fn me(&mut self, server: &Server) -> Answer {
        self.get(&format!("{}/api/v1/me", server.address)).await
    }

    /// Changes something, as a page of the service does.
    pub(crate) async fn change(
        &mut self,
        server: &Server,
        (method, path): (Method, &str),
        body: &Value,
    ) -> Answer {
        let me = self.me(server).await.with(200).json();
        let headers = [
            ("content-type", "application/json"),
            ("origin", server.address.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("x-csrf-token", me["csrf"].as_str().unwrap()),
        ];
        let url = format!("{}{path}", server.address);
        self.ask(method, &url, &headers, body.to_string()).await
    }
}

/// Where an answer leads.
#[track_caller]
pub(crate) fn location(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    let to = answer.headers.get("location");
    let to = to.unwrap_or_else(|| panic!("{} leads nowhere: {text}", answer.status));
    to.to_str().unwrap().to_owned()
}

fn absolute(base: &str, to: &str) -> String {
    if to.starts_with('/') {
        let origin: Vec<&str> = base.split('/').take(3).collect();
        format!("{}{to}", origin.join("/"))
    } else {
        to.to_owned()
    }
}

/// The text between two texts.
#[track_caller]
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let found = text
        .split_once(before)
        .and_then(|(_, rest)| rest.split_once(after));
    found.unwrap_or_else(|| panic!("no {before} in {text}")).0
}

/// An address with another value of a parameter.
pub(crate) fn with(url: &str, name: &str, value: &str) -> String {
    let own = format!("{name}=");
    let (path, query) = url.split_once('?').unwrap();
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| {
            if pair.starts_with(&own) {
                format!("{own}{value}")
            } else {
                pair.to_owned()
            }
        })
        .collect();
    format!("{path}?{}", pairs.join("&"))
}
