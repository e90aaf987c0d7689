//! Signs deliveries as other people's libraries do: written from the specification of Standard
//! Webhooks 1.0.0, and not with the product's own code.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::SECRET;
use crate::support::{RawRequest, Request};

/// A delivery to the hook of the site `shop`, signed now and with [`SECRET`] unless it is told
/// otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    id: String,
    timestamp: String,
    body: String,
    secrets: Vec<String>,
}

impl Delivery {
    pub(crate) fn of(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            timestamp: now().to_string(),
            body: "{}".to_owned(),
            secrets: vec![SECRET.to_owned()],
        }
    }

    pub(crate) fn body(mut self, body: &str) -> Self {
        self.body = body.to_owned();
        self
    }

    /// What a publisher says of a move.
    pub(super) fn of_move(self, number: u64) -> Self {
        self.body(&format!("{{\"type\": \"alias.moved\", \"move\": {number}}}"))
    }

    /// Signed with these instead, each in turn.
    pub(super) fn secrets(mut self, secrets: &[&str]) -> Self {
        self.secrets = secrets.iter().map(|&secret| secret.to_owned()).collect();
        self
    }

    /// Signed so many seconds from now.
    pub(crate) fn seconds_from_now(self, seconds: i64) -> Self {
        self.timestamp(&now().saturating_add_signed(seconds).to_string())
    }

    pub(super) fn timestamp(mut self, timestamp: &str) -> Self {
        self.timestamp = timestamp.to_owned();
        self
    }

    /// The value of `webhook-signature`.
    pub(super) fn signature(&self) -> String {
        let message = format!("{}.{}.{}", self.id, self.timestamp, self.body);
        let signatures = self.secrets.iter().map(|secret| {
            let key = match secret.strip_prefix("whsec_") {
                Some(encoded) => STANDARD.decode(encoded).unwrap(),
                None => secret.clone().into_bytes(),
            };
            format!("v1,{}", STANDARD.encode(mac(&key, message.as_bytes())))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }

    /// The request, with what `signature` makes of the right one.
    pub(super) fn signed_by(&self, signature: impl FnOnce(String) -> String) -> Request {
        Request::post("/_overprint/hooks/shop")
            .header("webhook-id", &self.id)
            .header("webhook-timestamp", &self.timestamp)
            .header("webhook-signature", signature(self.signature()))
            .header("content-type", "application/json")
            .body(&self.body)
    }

    pub(crate) fn request(&self) -> Request {
        self.signed_by(|signature| signature)
    }

    /// The same under `name`, whose signature then no longer fits.
    pub(super) fn tampered(&self, name: &str, value: &str) -> Request {
        self.request().without(name).header(name, value)
    }
}

/// A request signed as GitHub does it.
pub(super) fn github(secret: &str, body: &str) -> Request {
    let hex: String =
        mac(secret.as_bytes(), body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    Request::post("/_overprint/hooks/shop")
        .header("x-hub-signature-256", format!("sha256={hex}"))
        .body(body)
}

/// The signatures that `secrets` would have put on a request that came in.
pub(super) fn signature_of(request: &RawRequest, secrets: &[&str]) -> String {
    let header = |name| request.header(name).unwrap_or_else(|| panic!("no {name}")).to_owned();
    Delivery::of(&header("webhook-id"))
        .timestamp(&header("webhook-timestamp"))
        .body(std::str::from_utf8(&request.body).unwrap())
        .secrets(secrets)
        .signature()
}

pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key), message).as_ref().to_vec()
}

/// The specification's own example.
#[test]
fn the_official_vector_is_made() {
    let delivery = Delivery::of("msg_p5jXN8AQM9LWM0D4loKWxJek")
        .timestamp("1614265330")
        .body(r#"{"test": 2432232314}"#);
    assert_eq!(delivery.signature(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}
