//! Sends what is in the outbox: to webhooks, signed, and to Slack.

use super::config::{Channel, Kind};
use super::state::Service;
use crate::aws::http::Network;
use crate::send::webhook::Webhook;
use crate::store::Message;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

/// So often the outbox is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Sends messages until the service stops.
pub(super) async fn deliver(service: Arc<Service>) {
    let network = match Network::from_env() {
        Ok(network) => network,
        Err(error) => {
            tracing::warn!(%error, "no message can be sent");
            return;
        }
    };
    loop {
        tokio::select! {
            biased;
            () = service.stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        loop {
            let message = match service.database.next_message(Timestamp::now()).await {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "the outbox cannot be read");
                    break;
                }
            };
            one(&service, &network, &message).await;
            if service.stop.is_cancelled() {
                return;
            }
        }
    }
}

async fn one(service: &Service, network: &Network, message: &Message) {
    let result = match service.config.channels.get(&message.channel) {
        Some(channel) => send(channel, network, message).await,
        None => Err("the configuration has no such channel any more".to_owned()),
    };
    let (id, channel) = (message.id.as_str(), message.channel.as_str());
    let noted = match result {
        Ok(()) => {
            tracing::info!(id, channel, "message sent");
            service
                .database
                .sent(message, Timestamp::now())
                .await
                .map(|()| true)
        }
        Err(why) => {
            tracing::warn!(
                id,
                channel,
                why,
                attempt = message.attempt,
                "message not sent"
            );
            service
                .database
                .not_sent(message, &why, Timestamp::now())
                .await
        }
    };
    match noted {
        Ok(true) => {}
        Ok(false) => tracing::error!(id, channel, "message given up"),
        // It is sent again under the same id.
        Err(error) => tracing::warn!(id, %error, "what became of the message cannot be noted"),
    }
}

async fn send(channel: &Channel, network: &Network, message: &Message) -> Result<(), String> {
    let (address, secret) = match &channel.kind {
        Kind::Webhook { address, secret } => (address, Some(secret)),
        Kind::Slack { address } => (address, None),
    };
    let webhook = Webhook::parse(address).map_err(|error| format!("the address {error}"))?;
    if !channel.allow_private {
        public(&webhook).await?;
    }
    let mut headers = vec![("sixpillars-delivery", message.id.clone())];
    if let Some(secret) = secret {
        let now = Timestamp::now().as_second();
        headers.push((
            "sixpillars-signature",
            signature(secret, now, &message.payload),
        ));
    }
    let posted = webhook.post_once(network, &message.payload, &headers).await;
    posted.map_err(|error| error.to_string())
}

/// HMAC-SHA256 over the time and the body: `t=1800000000,v1=…`. A receiver refuses times that are
/// more than five minutes away, and ids that it has seen.
pub(super) fn signature(secret: &str, now: i64, body: &str) -> String {
    let mut text = format!("t={now},v1=");
    // A key of any length is allowed.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return text;
    };
    mac.update(format!("{now}.{body}").as_bytes());
    for byte in mac.finalize().into_bytes() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Refuses addresses that are not in public networks: of metadata services, for example.
async fn public(webhook: &Webhook) -> Result<(), String> {
    let host = webhook
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let found = tokio::net::lookup_host((host.as_str(), webhook.port())).await;
    let found = found.map_err(|error| format!("{host} cannot be resolved: {error}"))?;
    for address in found {
        if !is_public(address.ip()) {
            return Err(format!(
                "{host} is not in a public network; `allow_private: true` allows that"
            ));
        }
    }
    Ok(())
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => is_public_v4(ip),
            None => is_public_v6(ip),
        },
    }
}

/// <https://www.iana.org/assignments/iana-ipv4-special-registry/>
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19)))
}

/// <https://www.iana.org/assignments/iana-ipv6-special-registry/>: only 2000::/3 is given out.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let documentation = first == 0x2001 && second == 0x0db8;
    // Teredo and 6to4 carry IPv4 addresses of any kind.
    let carries = (first == 0x2001 && second == 0) || first == 0x2002;
    (0x2000..0x4000).contains(&first) && !documentation && !carries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_covers_time_and_body() {
        // echo -n '1800000000.{}' | openssl dgst -sha256 -hmac key
        let signed = signature("key", 1_800_000_000, "{}");
        let expected = "7321475872b03ff21bdc2dfd86ea2d99ec29c479fbe4a77aa6acf4509505493f";
        assert_eq!(signed, format!("t=1800000000,v1={expected}"));
    }

    #[test]
    fn private_networks_and_metadata_services_are_not_public() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "fd00:ec2::254",
            "fe80::1",
            "::ffff:169.254.169.254",
            "2002:7f00:1::",
            "64:ff9b::a9fe:a9fe",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["1.1.1.1", "52.94.236.248", "2606:4700::1111"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
