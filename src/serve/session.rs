//! Cookies of people who are logged in, and what keeps other sites from using them.

use super::auth::{Actor, How, Role, hash};
use crate::store::{Session, StoreError};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt::Write;
use std::time::Duration;

/// The length of the secret in a cookie: 256 random bits, as text.
const LENGTH: usize = 43;

/// The names of the cookies. With TLS, browsers restrict them to this one host (`__Host-`:
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

    /// The secret in the cookie of a session, if it has the right form.
    pub(super) fn session(self, jar: &CookieJar) -> Option<String> {
        held(jar, self.session_name())
    }

    /// The secret in the cookie of a login in progress, if it has the right form.
    pub(super) fn login(self, jar: &CookieJar) -> Option<String> {
        held(jar, self.login_name())
    }

    /// The cookie of a session. The browser drops it when it closes; the service ends the session earlier.
    pub(super) fn of_session(self, secret: String) -> Cookie<'static> {
        self.with_attributes(Cookie::new(self.session_name(), secret))
    }

    /// The cookie of a login in progress.
    pub(super) fn of_login(self, secret: String, lasts: Duration) -> Cookie<'static> {
        let cookie = Cookie::build((self.login_name(), secret));
        let lasts = lasts.try_into().unwrap_or_default();
        self.with_attributes(cookie.max_age(lasts).build())
    }

    /// Removes the cookie of a session.
    pub(super) fn without_session(self) -> Cookie<'static> {
        let mut cookie = self.with_attributes(Cookie::new(self.session_name(), ""));
        cookie.make_removal();
        cookie
    }

    fn with_attributes(self, mut cookie: Cookie<'static>) -> Cookie<'static> {
        cookie.set_path("/");
        cookie.set_http_only(true);
        cookie.set_secure(self.secure);
        // Whoever follows a link to the service is logged in; other requests of another site are not.
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

/// The CSRF token, which a page of the service sends along with every change. Only such a page can read it.
pub(super) fn csrf(session: &str) -> String {
    let mut text = String::new();
    for byte in keyed(session).finalize().into_bytes() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Whether a CSRF token is that of the session. It is compared in constant time.
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

/// The caller with this session.
///
/// # Errors
/// When it names an unknown role.
pub(super) fn actor(session: &Session) -> Result<Actor, StoreError> {
    Ok(Actor {
        name: format!("{} ({})", session.name, session.subject),
        role: Role::parse(&session.role)?,
        targets: Vec::new(),
        how: How::Session,
        subject: Some(session.subject.clone()),
    })
}

/// What the database stores of the secret in a cookie.
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
        // With TLS, the cookie for plain HTTP does not count.
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
