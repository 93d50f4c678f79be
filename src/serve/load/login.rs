//! The parts of the configuration that say who may do what.

use super::reader::Reader;
use crate::cli::{TokenRole, duration_in_days};
use crate::send::webhook::{Webhook, is_loopback};
use crate::serve::config::Oidc;
use crate::serve::file::{OidcFile, RolesFile, ServiceFile};
use crate::yaml::PathSeg;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::net::SocketAddr;

const SESSION: SignedDuration = SignedDuration::from_hours(8);
const IDLE: SignedDuration = SignedDuration::from_hours(1);
/// A shorter one would end while its page is being read.
const SHORTEST_SESSION: SignedDuration = SignedDuration::from_mins(5);
/// A role that the provider takes away lasts at most this long.
const LONGEST_SESSION: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The longest secret, in bytes.
const LONGEST_SECRET: usize = 4096;

/// Refuses an address that others can reach, unless there is TLS, a login and a `url`.
pub(super) fn check_reach(reader: &mut Reader<'_>, file: &ServiceFile, address: SocketAddr) {
    let own_host = file.url.as_deref().is_none_or(is_this_machine);
    if address.ip().is_loopback() && !file.behind_proxy && own_host {
        return;
    }
    let mut missing = Vec::new();
    let mut help = Vec::new();
    if file.tls.is_none() && !file.behind_proxy {
        missing.push("TLS");
        help.push(
            "for TLS, give a certificate with `tls`, or say `behind_proxy: true` where a proxy \
             does it",
        );
    }
    let login = file.login.as_ref();
    if !login.is_some_and(|login| login.tokens || login.oidc.is_some()) {
        missing.push("login");
        help.push("for login, write `login` with `oidc` for people, `tokens: true` for scripts");
    }
    match &file.url {
        None => {
            missing.push("`url`");
            help.push("as `url`, write the address that people use, https://audits.example.com");
        }
        // A `url` of this machine alone may be plain http, such as the port of a container.
        Some(url) if !url.starts_with("https://") && !is_this_machine(url) => {
            missing.push("an https `url`");
            help.push("as `url`, write the address that people use, https://audits.example.com");
        }
        Some(_) => {}
    }
    if missing.is_empty() {
        return;
    }
    let missing = listed(&missing);
    let at = ["listen".into()];
    let message = format!("{address} can be reached from elsewhere, without {missing}");
    reader.problem(&at, message, Some(help.join("; ")));
}

fn listed(words: &[&str]) -> String {
    match words {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => words.concat(),
    }
}

/// Whether an address is one of this machine alone.
fn is_this_machine(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else {
        // This is reported elsewhere.
        return true;
    };
    uri.host().is_some_and(is_loopback)
}

fn at(field: &[&str]) -> Vec<PathSeg> {
    let path = ["login", "oidc"].iter().chain(field);
    path.map(|segment| PathSeg::from(*segment)).collect()
}

/// The provider that people log in with.
pub(super) fn oidc(
    reader: &mut Reader<'_>,
    file: &OidcFile,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Oidc {
    let issuer = file.issuer.trim_end();
    if let Err(error) = Webhook::parse(issuer) {
        let help = "write it as the provider's tokens name it in `iss`, without \
                    /.well-known/openid-configuration";
        let message = format!("`{issuer}` {error}");
        reader.problem(&at(&["issuer"]), message, Some(help.to_owned()));
    } else if issuer.contains(['?', '#']) || issuer.contains("/.well-known/") {
        let help = "write it as the provider's tokens name it in `iss`, such as \
                    https://login.example.com/realms/main";
        let message = format!("`{issuer}` is not the name of a provider");
        reader.problem(&at(&["issuer"]), message, Some(help.to_owned()));
    }
    let client_secret = secret(reader, file, variable);
    let scopes = file.scopes.clone();
    let scopes = scopes.unwrap_or_else(|| vec!["profile".to_owned(), "email".to_owned()]);
    for (index, scope) in scopes.iter().enumerate() {
        if scope.is_empty() || !scope.bytes().all(|b| b.is_ascii_graphic()) {
            let mut path = at(&["scopes"]);
            path.push(index.into());
            reader.problem(&path, format!("`{scope}` is not a scope"), None);
        }
    }
    let session = time(reader, "session", file.session.as_deref(), SESSION);
    let idle = time(reader, "idle", file.idle.as_deref(), IDLE.min(session));
    if idle > session {
        let help = "a login ends after `session` anyway".to_owned();
        reader.problem(&at(&["idle"]), "is longer than `session`", Some(help));
    }
    Oidc {
        issuer: issuer.to_owned(),
        client_id: file.client_id.clone(),
        client_secret,
        scopes: scopes
            .into_iter()
            .filter(|scope| scope != "openid")
            .collect(),
        name_claims: match &file.name_claim {
            Some(claim) => vec![claim.clone()],
            None => ["name", "preferred_username", "email"]
                .map(ToOwned::to_owned)
                .to_vec(),
        },
        role_claim: file.roles.claim.clone(),
        roles: roles(reader, &file.roles),
        session,
        idle,
    }
}

fn secret(
    reader: &mut Reader<'_>,
    file: &OidcFile,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Option<String> {
    let (path, secret) = match (&file.client_secret, &file.client_secret_file) {
        (None, None) => return None,
        (Some(_), Some(_)) => {
            let help = Some("leave one of them out".to_owned());
            let message = "cannot be combined with `client_secret_file`";
            reader.problem(&at(&["client_secret"]), message, help);
            return None;
        }
        (Some(text), None) => {
            let path = at(&["client_secret"]);
            let filled = reader.filled(&path, text, variable);
            (path, filled)
        }
        (None, Some(name)) => {
            let path = at(&["client_secret_file"]);
            match std::fs::read_to_string(reader.path(name)) {
                // Editors and `echo` end the line.
                Ok(text) => (path, text.trim_end_matches(['\r', '\n']).to_owned()),
                Err(error) => {
                    reader.problem(&path, format!("`{name}` cannot be read: {error}"), None);
                    return None;
                }
            }
        }
    };
    let usable = (1..=LONGEST_SECRET).contains(&secret.len());
    if !usable || secret.chars().any(char::is_control) {
        // The message does not repeat the text, which is a secret.
        let help = "one line of text, as the provider gave it".to_owned();
        reader.problem(&path, "is not a usable secret", Some(help));
    }
    Some(secret)
}

fn roles(reader: &mut Reader<'_>, file: &RolesFile) -> BTreeMap<String, TokenRole> {
    let mut roles: BTreeMap<String, TokenRole> = BTreeMap::new();
    for (role, values) in [
        (TokenRole::Viewer, &file.viewer),
        (TokenRole::Operator, &file.operator),
        (TokenRole::Approver, &file.approver),
        (TokenRole::Admin, &file.admin),
    ] {
        for (index, value) in values.iter().enumerate() {
            let name = role.to_string();
            let mut path = at(&["roles", &name]);
            path.push(index.into());
            if value.is_empty() {
                reader.problem(&path, "is empty", None);
            } else if let Some(other) = roles.insert(value.clone(), role) {
                let message = format!("`{value}` gives the role {other} already");
                let help = "leave one of them out".to_owned();
                reader.problem(&path, message, Some(help));
            }
        }
    }
    if roles.is_empty() {
        let help = "list values of the claim under viewer, operator, approver or admin".to_owned();
        reader.problem(&at(&["roles"]), "gives nobody a role", Some(help));
    }
    roles
}

fn time(
    reader: &mut Reader<'_>,
    field: &str,
    text: Option<&str>,
    default: SignedDuration,
) -> SignedDuration {
    let parsed = text.map(|text| {
        let time = duration_in_days(text)?;
        SignedDuration::try_from(time).map_err(|_| "is too long".to_owned())
    });
    match parsed {
        None => default,
        Some(Ok(time)) if (SHORTEST_SESSION..=LONGEST_SESSION).contains(&time) => time,
        Some(Ok(_)) => {
            let help = Some("write a time from 5m to 7d".to_owned());
            reader.problem(&at(&[field]), "is too short or too long", help);
            default
        }
        Some(Err(why)) => {
            reader.problem(&at(&[field]), why, None);
            default
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::parse_text;
    use super::*;

    const PROVIDER: &str = "    issuer: https://login.example.com\n    client_id: audits\n";

    #[test]
    fn an_address_for_others_takes_tls_login_and_an_https_url() {
        let open = "store: s\ntargets: {shop: {}}\nlisten: 0.0.0.0:7317\n";
        let problems = parse_text(open).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        let said = "service.yaml:3:9: 0.0.0.0:7317 can be reached from elsewhere, without TLS, \
                    login and `url`";
        assert!(problems[0].starts_with(said), "{problems:#?}");
        let safe =
            format!("{open}behind_proxy: true\nlogin: {{tokens: true}}\nurl: https://a.example\n");
        let config = parse_text(&safe).unwrap();
        assert_eq!(
            (config.tokens, config.host.as_deref()),
            (true, Some("a.example"))
        );
        let clear = safe.replace("https://", "http://");
        let problems = parse_text(&clear).unwrap_err();
        assert!(
            problems[0].contains("without an https `url`"),
            "{problems:#?}"
        );
        parse_text(&safe.replace("https://a.example", "http://localhost:7317")).unwrap();
        let empty = safe.replace("tokens: true", "tokens: false");
        assert!(parse_text(&empty).unwrap_err()[0].contains("without login"));
    }

    #[test]
    fn a_proxy_on_this_machine_makes_its_address_one_for_others() {
        let own = "store: s\ntargets: {shop: {}}\n";
        for more in [
            "behind_proxy: true\nurl: https://a.example\n",
            "url: https://a.example\n",
        ] {
            let problems = parse_text(&format!("{own}{more}")).unwrap_err();
            assert!(problems[0].contains("without"), "{problems:#?}");
        }
        for url in [
            "http://localhost:7317",
            "http://127.0.0.1:7317",
            "http://[::1]:1",
        ] {
            parse_text(&format!("{own}url: {url}\n")).unwrap();
        }
    }

    #[test]
    fn a_provider_has_defaults_and_its_secret_comes_from_elsewhere() {
        let text = format!(
            "store: s\ntargets: {{shop: {{}}}}\nlogin:\n  oidc:\n{PROVIDER}    \
             client_secret: ${{PASSWORD}}\n    roles: {{claim: groups, viewer: [all], admin: [ops]}}\n"
        );
        let config = parse_text(&text).unwrap();
        let oidc = config.oidc.unwrap();
        assert_eq!(oidc.client_secret.as_deref(), Some("secret"));
        assert!(!format!("{oidc:?}").contains("secret"), "{oidc:?}");
        assert_eq!((oidc.session, oidc.idle), (SESSION, IDLE));
        assert_eq!(oidc.scopes, ["profile", "email"]);
        assert_eq!(oidc.roles["ops"], TokenRole::Admin);
    }

    #[test]
    fn every_problem_of_a_provider_is_told_at_its_place() {
        let text = "store: s\ntargets: {shop: {}}\nlogin:\n  oidc:\n\
                    \x20   issuer: http://login.example.com\n    client_id: a\n\
                    \x20   client_secret: ${NONE}\n    client_secrets: x\n\
                    \x20   scopes: [a b]\n    session: 1s\n    idle: soon\n\
                    \x20   roles:\n      claim: groups\n      viewer: [a]\n      admin: [a]\n";
        let problems = parse_text(text).unwrap_err();
        let places: Vec<&str> = problems
            .iter()
            .filter_map(|p| p.split(": ").next())
            .collect();
        let lines: Vec<&str> = places.iter().filter_map(|p| p.split(':').nth(1)).collect();
        assert_eq!(
            lines,
            ["5", "7", "7", "8", "9", "10", "11", "15"],
            "{problems:#?}"
        );
        assert!(
            problems
                .iter()
                .any(|p| p.contains("did you mean `client_secret`?"))
        );
        let nobody = format!(
            "store: s\ntargets: {{shop: {{}}}}\nlogin:\n  oidc:\n{PROVIDER}    roles: {{claim: g}}\n"
        );
        let problems = parse_text(&nobody).unwrap_err();
        assert!(problems[0].contains("gives nobody a role"), "{problems:#?}");
    }
}
