//! GitHub's signature scheme, `X-Hub-Signature-256`, which Gitea, Forgejo and many systems speak.
//!
//! It signs the body alone. Whoever once saw a signed body can send it again for ever, under any
//! time and id, and nothing here can tell: the id that GitHub sends (`X-GitHub-Delivery`) is not
//! signed. So this scheme is only for a hook that is a hint, where one too many costs a look.

use hyper::HeaderMap;
use hyper::header::HeaderName;

use super::mac::{self, Mac};
use super::refused::Refused;
use super::secret::Secrets;
use super::standard::only;

const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature-256");
/// What stands before the signature.
const ALGORITHM: &[u8] = b"sha256=";

/// Verifies a request by this scheme.
///
/// # Errors
/// [`Refused::Unsigned`] without the header, [`Refused::Malformed`] if it is there twice or is not
/// `sha256=` and 64 hexadecimal digits, [`Refused::BadSignature`] if none of the secrets made it.
pub(super) fn verify(secrets: &Secrets, headers: &HeaderMap, body: &[u8]) -> Result<(), Refused> {
    if !headers.contains_key(SIGNATURE) {
        return Err(Refused::Unsigned);
    }
    let value = only(headers, &SIGNATURE).ok_or(Refused::Malformed)?;
    let signature = parse(value.as_bytes()).ok_or(Refused::Malformed)?;
    let matched = mac::any_matches(secrets.literal(), &[body], &[signature]);
    matched.then_some(()).ok_or(Refused::BadSignature)
}

fn parse(value: &[u8]) -> Option<Mac> {
    let (pairs, rest) = value.strip_prefix(ALGORITHM)?.as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
    bytes.filter(|_| rest.is_empty())?.try_into().ok()
}

/// The byte that two hexadecimal digits stand for.
fn byte(&[high, low]: &[u8; 2]) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::super::standard;
    use super::*;

    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const HEX: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|value| (SIGNATURE, value.parse().unwrap())).collect()
    }

    fn judge(secrets: &str, lines: &[&str], body: &[u8]) -> Result<(), Refused> {
        verify(&Secrets::parse(secrets).unwrap(), &headers(lines), body)
    }

    #[test]
    fn githubs_vector_is_accepted() {
        let good = format!("sha256={HEX}");
        assert_eq!(judge(SECRET, &[&good], BODY), Ok(()));
        let upper = format!("sha256={}", HEX.to_uppercase());
        assert_eq!(judge(SECRET, &[&upper], BODY), Ok(()));
    }

    #[test]
    fn a_receiver_amid_a_rotation_accepts_either_secret() {
        let good = format!("sha256={HEX}");
        for secrets in
            [format!("{SECRET}\nanother secret here"), format!("0123456789abcdef\n{SECRET}")]
        {
            assert_eq!(judge(&secrets, &[&good], BODY), Ok(()));
        }
    }

    #[test]
    fn another_body_or_secret_is_refused() {
        let good = format!("sha256={HEX}");
        assert_eq!(judge(SECRET, &[&good], b"Hello, World?"), Err(Refused::BadSignature));
        assert_eq!(judge("another secret here", &[&good], BODY), Err(Refused::BadSignature));
        let zeros = format!("sha256={}", "0".repeat(64));
        assert_eq!(judge(SECRET, &[&zeros], BODY), Err(Refused::BadSignature));
    }

    #[test]
    fn the_secret_is_the_configured_text_even_if_it_looks_like_base64() {
        let line = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let secrets = Secrets::parse(line).unwrap();
        let made = |key: &_| {
            let tag = mac::authenticate(key, &[BODY]);
            let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            format!("sha256={hex}")
        };
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, line.as_bytes());
        assert_eq!(judge(line, &[&made(&key)], BODY), Ok(()));
        let decoded = made(secrets.standard().next().unwrap());
        assert_eq!(judge(line, &[&decoded], BODY), Err(Refused::BadSignature));
    }

    #[test]
    fn what_is_not_one_signature_is_malformed() {
        let good = format!("sha256={HEX}");
        for bad in [
            "",
            "sha256=",
            HEX,
            &format!("sha1={HEX}"),
            &format!("SHA256={HEX}"),
            &format!("sha256={}", &HEX[1..]),
            &format!("sha256={}", &HEX[2..]),
            &format!("{good}0"),
            &format!("{good}00"),
            &format!("sha256=+{}", &HEX[1..]),
            &format!("sha256=é{}", &HEX[2..]),
            &format!("{good} {good}"),
        ] {
            assert_eq!(judge(SECRET, &[bad], BODY), Err(Refused::Malformed), "{bad}");
        }
        assert_eq!(judge(SECRET, &[&good, &good], BODY), Err(Refused::Malformed));
    }

    #[test]
    fn without_the_header_it_is_unsigned() {
        assert_eq!(judge(SECRET, &[], BODY), Err(Refused::Unsigned));
        let secrets = Secrets::parse(SECRET).unwrap();
        let old: HeaderMap = [("x-hub-signature", "sha1=00")]
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .into_iter()
            .collect();
        assert!(standard::is_absent(&old));
        assert_eq!(verify(&secrets, &old, BODY), Err(Refused::Unsigned));
    }
}
