//! Cookies of people who are logged in, and what keeps other sites from using them.

use super::auth::{Actor, How, Role, hash};
use crate::store::{Session, StoreError};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt::Write;
use std::time::Duration;

/// What a cookie holds: 256 random bits. Its text is a secret.
const LENGTH: usize = 43;

/// The names of the cookies. Where there is TLS, browsers hold them to this one host (`__Host-`:
/// <https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3.2>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cookies {
    secure: bool,
}

impl Cookies {
    /// Of a service that browsers reach by TLS, or not.
    pub(super) fn new(secure: bool) -> Self {
        Self { secure }
    }

    fn session_name(self) -> &'static str {
        if self.secure {
            "__Host-sixpillars-session"
        } else {
            "sixpillars-session"
        }
    }

    fn login_name(self) -> &'static str {
        if self.secure {
            "__Host-sixpillars-login"
        } else {
            "sixpillars-login"
        }
    }

    /// What the cookie of a session holds, if it can be one.
    pub(super) fn session(self, jar: &CookieJar) -> Option<String> {
        held(jar, self.session_name())
    }

    /// What the cookie of a login on its way holds, if it can be one.
    pub(super) fn login(self, jar: &CookieJar) -> Option<String> {
        held(jar, self.login_name())
    }

    /// The cookie of a session. The browser drops it at its end; the service ends it earlier.
    pub(super) fn of_session(self, secret: String) -> Cookie<'static> {
        self.dressed(Cookie::new(self.session_name(), secret))
    }

    /// The cookie of a login on its way.
    pub(super) fn of_login(self, secret: String, lasts: Duration) -> Cookie<'static> {
        let cookie = Cookie::build((self.login_name(), secret));
        let lasts = lasts.try_into().unwrap_or_default();
        self.dressed(cookie.max_age(lasts).build())
    }

    /// Takes the cookie of a session away.
    pub(super) fn without_session(self) -> Cookie<'static> {
        let mut cookie = self.dressed(Cookie::new(self.session_name(), ""));
        cookie.make_removal();
        cookie
    }

    fn dressed(self, mut cookie: Cookie<'static>) -> Cookie<'static> {
        cookie.set_path("/");
        cookie.set_http_only(true);
        cookie.set_secure(self.secure);
        // A link to the service finds its reader logged in; a request of another site does not.
        cookie.set_same_site(SameSite::Lax);
        cookie
    }
}

fn held(jar: &CookieJar, name: &str) -> Option<String> {
    let value = jar.get(name)?.value();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let usable = value.len() == LENGTH && value.bytes().all(plain);
    usable.then(|| value.to_owned())
}

/// What a page of the service sends along with every change: only it can read it.
pub(super) fn csrf(session: &str) -> String {
    let mut text = String::new();
    for byte in keyed(session).finalize().into_bytes() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Whether a request was sent by a page of the service. Takes as long for a near miss as for any.
pub(super) fn is_csrf(session: &str, sent: &str) -> bool {
    let mut bytes = [0_u8; 32];
    let digits = sent.as_bytes().chunks_exact(2);
    if sent.len() != 64 || !sent.is_ascii() {
        return false;
    }
    for (byte, digits) in bytes.iter_mut().zip(digits) {
        let digits = std::str::from_utf8(digits).unwrap_or_default();
        let Ok(value) = u8::from_str_radix(digits, 16) else {
            return false;
        };
        *byte = value;
    }
    keyed(session).verify_slice(&bytes).is_ok()
}

fn keyed(session: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(session.as_bytes())
        .unwrap_or_else(|_| unreachable!("a key of any length is allowed"));
    mac.update(b"sixpillars csrf");
    mac
}

/// Whose session it is.
///
/// # Errors
/// When it names a role that there is not.
pub(super) fn actor(session: &Session) -> Result<Actor, StoreError> {
    Ok(Actor {
        name: format!("{} ({})", session.name, session.subject),
        role: Role::parse(&session.role)?,
        targets: Vec::new(),
        how: How::Session,
        subject: Some(session.subject.clone()),
    })
}

/// What the database has of the secret in a cookie.
pub(super) fn kept(secret: &str) -> String {
    hash(secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::auth::secret;

    #[test]
    fn cookies_are_for_this_host_alone_and_no_script_reads_them() {
        let cookie = Cookies::new(true).of_session("x".to_owned()).to_string();
        assert_eq!(
            cookie,
            "__Host-sixpillars-session=x; HttpOnly; SameSite=Lax; Secure; Path=/"
        );
        let plain = Cookies::new(false)
            .of_login("x".to_owned(), Duration::from_mins(10))
            .to_string();
        assert_eq!(
            plain,
            "sixpillars-login=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=600"
        );
        let none = Cookies::new(true).without_session().to_string();
        assert!(none.contains("Max-Age=0"), "{none}");
    }

    #[test]
    fn a_cookie_of_another_form_is_none() {
        let jar = |value: String| CookieJar::new().add(Cookie::new("sixpillars-session", value));
        let cookies = Cookies::new(false);
        let own = secret().unwrap();
        assert_eq!(cookies.session(&jar(own.clone())), Some(own.clone()));
        for bad in ["", "x", "' OR 1=1 --", &"é".repeat(22), &format!("{own}x")] {
            assert_eq!(cookies.session(&jar(bad.to_owned())), None, "{bad}");
        }
        // The cookie of the clear is none where there is TLS.
        assert_eq!(Cookies::new(true).session(&jar(own)), None);
    }

    #[test]
    fn a_token_against_forged_requests_belongs_to_its_session() {
        let (one, other) = (secret().unwrap(), secret().unwrap());
        assert!(is_csrf(&one, &csrf(&one)));
        assert!(!is_csrf(&one, &csrf(&other)));
        let own = csrf(&one);
        for bad in [
            "",
            "00",
            &own[1..],
            &format!("{own}0"),
            &"é".repeat(32),
            &"+1".repeat(32),
        ] {
            assert!(!is_csrf(&one, bad), "{bad}");
        }
    }
}
