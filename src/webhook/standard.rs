//! The signature scheme of Standard Webhooks 1.0.0, symmetric (`v1`), in both directions.
//!
//! Knows the headers and what is signed. Whether a time is acceptable and an id is new is not asked
//! here.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

use super::mac::{self, Mac};
use super::refused::Refused;
use super::secret::Secrets;

/// The header of a delivery's id, which its retries share.
pub(crate) const ID: HeaderName = HeaderName::from_static("webhook-id");
/// The header of the time of sending, in seconds since 1970.
pub(crate) const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
/// The header of the signatures; see [`sign`].
pub(crate) const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// HMAC-SHA256, the one scheme of a shared secret.
const VERSION: &str = "v1";

/// Ids are remembered, so their size is bounded.
const MAX_ID_BYTES: usize = 256;
/// The digits of the largest time.
const MAX_DIGITS: usize = 20;
/// Some eighty signatures. Each is compared with every secret.
const MAX_SIGNATURES_BYTES: usize = 4096;

/// The value of `webhook-signature` for a delivery: one signature per secret, the current one's
/// first. A receiver that knows only the old secret, or only the new one, accepts it.
///
/// `timestamp` is in seconds since 1970 and, as `id`, sent as it is signed. An `id` is up to 256
/// visible ASCII characters and has no `.`, which ends it in what is signed.
pub(crate) fn sign(secrets: &Secrets, id: &str, timestamp: u64, body: &[u8]) -> String {
    let timestamp = timestamp.to_string();
    let message = message(id, &timestamp, body);
    let signature = |key| STANDARD.encode(mac::authenticate(key, &message));
    let signatures = secrets.standard().map(|key| format!("{VERSION},{}", signature(key)));
    signatures.collect::<Vec<_>>().join(" ")
}

/// What is signed. An id that has a `.` is accepted as other receivers accept it, though its end is
/// then uncertain: to move it, the body would have to start with the time of now and a `.`.
fn message<'m>(id: &'m str, timestamp: &'m str, body: &'m [u8]) -> [&'m [u8]; 5] {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body]
}

/// Whether a request has none of the headers, and so is not of this scheme.
pub(super) fn is_absent(headers: &HeaderMap) -> bool {
    ![ID, TIMESTAMP, SIGNATURE].iter().any(|name| headers.contains_key(name))
}

/// What the headers of a request say. None of it is true before [`Signed::verify`].
#[derive(Debug)]
pub(super) struct Signed<'h> {
    /// What its retries have in common.
    pub(super) id: &'h str,
    /// When it was sent, in seconds since 1970.
    pub(super) sent: u64,
    /// `sent` as it was written, which is what is signed.
    timestamp: &'h str,
    signatures: Vec<Mac>,
}

impl<'h> Signed<'h> {
    /// Reads the headers.
    ///
    /// # Errors
    /// [`Refused::Unsigned`] if one is missing, else [`Refused::Malformed`] if one cannot be read.
    pub(super) fn read(headers: &'h HeaderMap) -> Result<Self, Refused> {
        if ![ID, TIMESTAMP, SIGNATURE].iter().all(|name| headers.contains_key(name)) {
            return Err(Refused::Unsigned);
        }
        Self::parse(headers).ok_or(Refused::Malformed)
    }

    fn parse(headers: &'h HeaderMap) -> Option<Self> {
        let id = text(only(headers, &ID)?, MAX_ID_BYTES)?;
        let timestamp = text(only(headers, &TIMESTAMP)?, MAX_DIGITS)?;
        let list = text(only(headers, &SIGNATURE)?, MAX_SIGNATURES_BYTES)?;
        // A key of the ids' memory, and a word of the log.
        let visible = id.bytes().all(|b| b.is_ascii_graphic());
        let sent = seconds(timestamp).filter(|_| visible)?;
        Some(Self { id, sent, timestamp, signatures: signatures(list) })
    }

    /// Checks the signatures against all that is signed.
    ///
    /// # Errors
    /// [`Refused::BadSignature`] if none matches.
    pub(super) fn verify(&self, secrets: &Secrets, body: &[u8]) -> Result<(), Refused> {
        let message = message(self.id, self.timestamp, body);
        let matched = mac::any_matches(secrets.standard(), &message, &self.signatures);
        matched.then_some(()).ok_or(Refused::BadSignature)
    }
}

/// The value of a header that is there once. Of two, senders and proxies do not agree which counts.
pub(super) fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    lines.next().filter(|_| lines.next().is_none())
}

/// ASCII, not empty and within bounds.
fn text(value: &HeaderValue, max_bytes: usize) -> Option<&str> {
    let text = value.to_str().ok()?;
    (1..=max_bytes).contains(&text.len()).then_some(text)
}

/// A decimal without sign, point or space: `parse` alone would take a `+`.
fn seconds(text: &str) -> Option<u64> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// The signatures of a list that are of this version. Others are another receiver's to read, and
/// one that is no signature at all matches nothing.
fn signatures(list: &str) -> Vec<Mac> {
    let members = list.split(' ').filter_map(|member| member.split_once(','));
    members
        .filter(|(version, _)| *version == VERSION)
        .filter_map(|(_, text)| decode(text))
        .collect()
}

fn decode(signature: &str) -> Option<Mac> {
    STANDARD_NO_PAD.decode(signature.trim_end_matches('=')).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const MSG: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const GOOD: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    /// Right in form, of no secret here.
    const FOREIGN: &str = "v1,tFtCZ5RDCPxzWQRWXWPgrCgE2frDBe9gjpbWQxnVfsQ=";

    fn secrets(text: &str) -> Secrets {
        Secrets::parse(text).unwrap()
    }

    fn headers(id: &str, timestamp: &str, signature: &str) -> HeaderMap {
        let lines = [(ID, id), (TIMESTAMP, timestamp), (SIGNATURE, signature)];
        lines.into_iter().map(|(name, value)| (name, value.parse().unwrap())).collect()
    }

    fn verify(secrets: &Secrets, headers: &HeaderMap, body: &[u8]) -> Result<(), Refused> {
        Signed::read(headers)?.verify(secrets, body)
    }

    fn verify_list(list: &str) -> Result<(), Refused> {
        verify(&secrets(SECRET), &headers(MSG, "1614265330", list), BODY)
    }

    #[test]
    fn the_official_vector_is_made_and_accepted() {
        assert_eq!(sign(&secrets(SECRET), MSG, 1_614_265_330, BODY), GOOD);
        assert_eq!(verify_list(GOOD), Ok(()));
    }

    #[test]
    fn the_vector_of_the_reference_library_is_made() {
        let body = br#"{"email":"test@example.com","username":"test_user"}"#;
        let signature =
            sign(&secrets(OTHER), "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, body);
        assert_eq!(signature, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    }

    #[test]
    fn a_sender_amid_a_rotation_signs_with_each_secret() {
        let both = sign(&secrets(&format!("{OTHER}\n{SECRET}")), MSG, 1_614_265_330, BODY);
        let (new, old) = both.split_once(' ').unwrap();
        assert_eq!((old, new.len(), &new[..3]), (GOOD, GOOD.len(), "v1,"));
        let map = headers(MSG, "1614265330", &both);
        assert_eq!(verify(&secrets(SECRET), &map, BODY), Ok(()), "a receiver with the old one");
        assert_eq!(verify(&secrets(OTHER), &map, BODY), Ok(()), "a receiver with the new one");
    }

    #[test]
    fn a_receiver_amid_a_rotation_accepts_either_secret() {
        let map = headers(MSG, "1614265330", GOOD);
        for text in [format!("{SECRET}\n{OTHER}"), format!("{OTHER}\n{SECRET}")] {
            assert_eq!(verify(&secrets(&text), &map, BODY), Ok(()));
        }
        assert_eq!(verify(&secrets(OTHER), &map, BODY), Err(Refused::BadSignature));
    }

    #[test]
    fn one_good_signature_among_others_is_enough() {
        for list in [
            format!("{FOREIGN} {GOOD}"),
            format!("{GOOD} {FOREIGN}"),
            format!("v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw== {GOOD} v2,anything"),
            format!("  garbage , v1 v1, v1,! {GOOD}  "),
            GOOD.trim_end_matches('=').to_owned(),
        ] {
            assert_eq!(verify_list(&list), Ok(()), "{list}");
        }
    }

    #[test]
    fn a_list_without_a_good_signature_is_refused() {
        let (_, bytes) = GOOD.split_once(',').unwrap();
        for list in [
            FOREIGN.to_owned(),
            format!("v1a,{bytes}"),
            format!("v2,{bytes}"),
            format!("V1,{bytes}"),
            format!("v1={bytes}"),
            format!("v1,v1,{bytes}"),
            format!("v1,{}", &bytes[4..]),
            format!("v1,AAAA{bytes}"),
            bytes.to_owned(),
            "v1,".to_owned(),
            " ".to_owned(),
        ] {
            assert_eq!(verify_list(&list), Err(Refused::BadSignature), "{list}");
        }
    }

    #[test]
    fn everything_that_is_signed_counts() {
        let secrets = secrets(SECRET);
        for (id, timestamp, body) in [
            ("msg_p5jXN8AQM9LWM0D4loKWxJel", "1614265330", BODY),
            (MSG, "1614265331", BODY),
            (MSG, "01614265330", BODY),
            (MSG, "1614265330", br#"{"test": 2432232315}"#),
            (MSG, "1614265330", br#"{"test": 2432232314} "#),
            (MSG, "1614265330", b""),
        ] {
            let map = headers(id, timestamp, GOOD);
            assert_eq!(
                verify(&secrets, &map, body),
                Err(Refused::BadSignature),
                "{id} {timestamp}"
            );
        }
    }

    #[test]
    fn a_missing_header_is_missed_whatever_the_others_are() {
        for name in [ID, TIMESTAMP, SIGNATURE] {
            let mut map = headers(MSG, "1614265330", GOOD);
            map.remove(&name);
            assert_eq!(Signed::read(&map).unwrap_err(), Refused::Unsigned, "{name}");
            assert!(!is_absent(&map));
            for (other, value) in map.clone() {
                map.append(other.unwrap(), value);
            }
            assert_eq!(Signed::read(&map).unwrap_err(), Refused::Unsigned, "{name}");
        }
    }

    #[test]
    fn a_header_that_is_there_twice_is_not_read() {
        for name in [ID, TIMESTAMP, SIGNATURE] {
            let mut map = headers(MSG, "1614265330", GOOD);
            map.append(&name, map[&name].clone());
            assert_eq!(Signed::read(&map).unwrap_err(), Refused::Malformed, "{name}");
        }
    }

    #[test]
    fn ids_are_short_and_visible() {
        let longest = "i".repeat(MAX_ID_BYTES);
        for good in ["1", "evt.1/2:3~", &longest] {
            assert!(Signed::read(&headers(good, "1", GOOD)).is_ok(), "{good}");
        }
        let too_long = "i".repeat(MAX_ID_BYTES + 1);
        for bad in ["", " ", "a b", "a\tb", "é", &too_long] {
            let read = Signed::read(&headers(bad, "1", GOOD)).map(|_| ());
            assert_eq!(read, Err(Refused::Malformed), "{bad:?}");
        }
    }

    #[test]
    fn times_are_plain_decimals() {
        for (good, sent) in [("0", 0), ("007", 7), ("18446744073709551615", u64::MAX)] {
            assert_eq!(Signed::read(&headers(MSG, good, GOOD)).unwrap().sent, sent);
        }
        let zeros = "0".repeat(MAX_DIGITS + 1);
        for bad in
            ["", " 1", "+1", "-1", "1.0", "1e9", "0x1", "1_0", "18446744073709551616", "१", &zeros]
        {
            let read = Signed::read(&headers(MSG, bad, GOOD)).map(|_| ());
            assert_eq!(read, Err(Refused::Malformed), "{bad:?}");
        }
    }

    #[test]
    fn a_list_of_signatures_is_short_text() {
        let longest = [GOOD; MAX_SIGNATURES_BYTES / 48].join(" ");
        assert_eq!(verify_list(&longest), Ok(()));
        let too_long = format!("{GOOD}{}", " ".repeat(MAX_SIGNATURES_BYTES));
        for bad in ["", "é", &too_long] {
            assert_eq!(verify_list(bad), Err(Refused::Malformed), "{bad:?}");
        }
    }
}
