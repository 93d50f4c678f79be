//! E-mail: its form, and sending it by SMTP.

use crate::aws::http::{Reach, addresses};
use crate::report::sanitize::clean_short;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// How long a mail server may take for one answer.
const ANSWER: Duration = Duration::from_secs(20);
/// Characters of an error that are shown.
const MAX_SHOWN: usize = 300;

/// Who sends an e-mail, and who gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Who sends it.
    pub from: Mailbox,
    /// Who gets it.
    pub to: Vec<Mailbox>,
}

/// An address with or without a name, `Six Pillars <audits@example.com>`.
///
/// # Errors
/// What is wrong with it.
pub fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.trim()
        .parse::<Mailbox>()
        .map_err(|_| format!("`{text}` is not an address, such as audits@example.com"))
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// By STARTTLS, without which nothing is sent.
    StartTls,
    /// From the first byte on.
    Tls,
    /// Not at all. Only for a mail server on this machine.
    None,
}

impl Protection {
    /// The usual port.
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// A mail server.
#[derive(Clone)]
pub struct Smtp {
    /// Its name, which its certificate has to have, or its IP address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub protection: Protection,
    /// Certificates of authorities to trust beside those of the system, in PEM.
    pub ca: Option<Vec<u8>>,
    /// User and password.
    pub login: Option<(String, String)>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        write!(f, "Smtp({host}:{port})")
    }
}

/// An e-mail in its final form.
///
/// # Errors
/// When it has no form, which a subject or a text cannot cause.
pub fn message(
    envelope: &Envelope,
    id: &str,
    subject: &str,
    text: &str,
) -> Result<Message, String> {
    let domain = envelope.from.email.domain();
    let mut message = Message::builder().from(envelope.from.clone());
    for to in &envelope.to {
        message = message.to(to.clone());
    }
    let header = |name: &str, value: &str| {
        let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|e| e.to_string());
        name.map(|name| HeaderValue::new(name, value.to_owned()))
    };
    message
        // Names come from strangers: no control character reaches a header, and the rest is encoded.
        .subject(clean_short(subject, 200))
        // The same for every attempt, so that mailboxes can tell a repetition.
        .message_id(Some(format!("<{id}@{domain}>")))
        // No holiday notices, please (RFC 3834).
        .raw_header(header("Auto-Submitted", "auto-generated")?)
        .raw_header(header("X-Sixpillars-Delivery", id)?)
        .singlepart(SinglePart::plain(text.to_owned()))
        .map_err(|error| error.to_string())
}

impl Smtp {
    /// Sends an email. Tried once; if the server does not confirm it, a retry can deliver it twice.
    ///
    /// # Errors
    /// Why the server did not take it for everybody it is for.
    pub async fn send(&self, message: &Message, reach: Reach) -> Result<(), String> {
        // Resolved once: a name that leads elsewhere a moment later changes nothing.
        let found = addresses(&self.host, reach).await?;
        let mut failure = format!("{} has no address", self.host);
        for ip in found {
            match self.transport(ip)?.send(message.clone()).await {
                Ok(_) => return Ok(()),
                Err(error) => {
                    failure = self.words(&error);
                    // Others of its addresses would say the same.
                    if error.is_response() || error.status().is_some() {
                        break;
                    }
                }
            }
        }
        Err(failure)
    }

    fn transport(&self, ip: IpAddr) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
        let tls = match self.protection {
            Protection::None if ip.is_loopback() => Tls::None,
            Protection::None => {
                return Err(format!(
                    "{} is not this machine ({ip}), and nothing is sent to others without TLS",
                    self.host
                ));
            }
            Protection::StartTls => Tls::Required(self.tls()?),
            Protection::Tls => Tls::Wrapper(self.tls()?),
        };
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(ip.to_string())
            .port(self.port)
            .timeout(Some(ANSWER))
            .tls(tls);
        let transport = match &self.login {
            Some((user, password)) => {
                transport.credentials(Credentials::new(user.clone(), password.clone()))
            }
            None => transport,
        };
        Ok(transport.build())
    }

    fn tls(&self) -> Result<TlsParameters, String> {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let mut parameters = TlsParameters::builder(host.to_owned());
        if let Some(pem) = &self.ca {
            let certificate = Certificate::from_pem(pem).map_err(|e| self.words(&e))?;
            parameters = parameters.add_root_certificate(certificate);
        }
        parameters.build().map_err(|e| self.words(&e))
    }

    /// An error and what led to it.
    fn words(&self, error: &(dyn Error + 'static)) -> String {
        let mut words = format!("{}: {error}", self.host);
        let mut cause = error.source();
        while let Some(error) = cause {
            let why = error.to_string();
            if !words.contains(&why) {
                words.push_str(": ");
                words.push_str(&why);
            }
            cause = error.source();
        }
        clean_short(&words, MAX_SHOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope() -> Envelope {
        Envelope {
            from: mailbox("Six Pillars <audits@example.com>").unwrap(),
            to: vec![
                mailbox("a@example.com").unwrap(),
                mailbox("b@example.com").unwrap(),
            ],
        }
    }

    #[test]
    fn an_email_has_an_id_that_stays() {
        let one = || message(&envelope(), "0123", "Hello", "One\nTwo\n").unwrap();
        let text = String::from_utf8(one().formatted()).unwrap();
        assert!(
            text.contains("Message-ID: <0123@example.com>\r\n"),
            "{text}"
        );
        assert!(text.contains("X-Sixpillars-Delivery: 0123\r\n"), "{text}");
        assert!(
            text.contains("To: a@example.com, b@example.com\r\n"),
            "{text}"
        );
        assert!(text.contains("\r\n\r\nOne\r\nTwo\r\n"), "{text}");
    }

    #[test]
    fn hostile_names_add_no_header() {
        let hostile = "x\r\nBcc: evil@example.com\r\n\r\nbody \u{202e}\u{1b}[31m Grüße";
        let mail = message(&envelope(), "0123", hostile, hostile).unwrap();
        assert_eq!(mail.envelope().to().len(), 2);
        let text = String::from_utf8(mail.formatted()).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert!(head.is_ascii() && !head.contains('\u{1b}'), "{head}");
        let mut names: Vec<&str> = head
            .lines()
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(|line| line.split_once(':'))
            .map(|(name, _)| name)
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "Auto-Submitted",
                "Content-Transfer-Encoding",
                "Content-Type",
                "Date",
                "From",
                "MIME-Version",
                "Message-ID",
                "Subject",
                "To",
                "X-Sixpillars-Delivery",
            ]
        );
    }

    #[test]
    fn an_address_is_one_address() {
        for wrong in [
            "",
            "audits",
            "a@b@c",
            "a@example.com, b@example.com",
            "a@example.com\r\nBcc: x@y.z",
        ] {
            assert!(mailbox(wrong).is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn nothing_is_sent_to_other_machines_in_the_clear() {
        let server = Smtp {
            host: "192.0.2.1".to_owned(),
            port: 25,
            protection: Protection::None,
            ca: None,
            login: None,
        };
        let mail = message(&envelope(), "0123", "s", "t").unwrap();
        let why = server.send(&mail, Reach::Anywhere).await.unwrap_err();
        assert!(why.contains("without TLS"), "{why}");
        let why = server.send(&mail, Reach::Public).await.unwrap_err();
        assert!(why.contains("allow_private"), "{why}");
    }
}
