//! The signature of webhooks.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt::Write;

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
}
