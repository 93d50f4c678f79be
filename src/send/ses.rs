//! Sending an e-mail by Amazon SES: the same one as by SMTP, as it stands.

use super::mail::Envelope;
use crate::aws::dynamic::object;
use crate::aws::required_answer;
use crate::aws::session::Session;
use crate::kinds::model::Projection;
use crate::model::{Call, Gap};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use lettre::message::Message;
use serde_json::json;

/// The one operation that this sends.
pub const SEND_EMAIL: Call = crate::call!("sesv2", "SendEmail", action: "ses:SendEmail");

/// Sends an e-mail from a region. Tried again as all calls are, so it may arrive twice.
///
/// # Errors
/// Why AWS did not take it.
pub async fn send(
    session: &Session,
    region: &str,
    envelope: &Envelope,
    message: &Message,
) -> Result<(), Gap> {
    let to: Vec<String> = envelope.to.iter().map(|to| to.email.to_string()).collect();
    let raw = BASE64_STANDARD.encode(message.formatted());
    let input = object([
        ("FromEmailAddress", envelope.from.email.to_string().into()),
        ("Destination", json!({"ToAddresses": to})),
        ("Content", json!({"Raw": {"Data": raw}})),
    ]);
    let request = async {
        let client = session.clients.modelled("sesv2", region)?;
        client
            .call(SEND_EMAIL.operation, input, &Projection::none())
            .await
    };
    required_answer(&SEND_EMAIL, request).await?;
    Ok(())
}
