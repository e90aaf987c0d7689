//! Ed25519 signatures over pointers (RFC 8032). A pointer pins its manifest, and that pins every
//! object, so that one signature vouches for a whole release.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Invalid;
use super::pointer::Pointer;

/// In front of a key that anybody may know.
const PUBLIC: &str = "overprint-public-key:";
/// In front of a key that only publishers may know.
const SECRET: &str = "overprint-secret-key:";

/// Signs pointers.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    seed: [u8; 32],
}

impl SigningKey {
    /// A new one, from the operating system's randomness.
    ///
    /// # Errors
    /// When there is none.
    pub fn generate() -> Result<Self, Invalid> {
        let mut seed = [0; 32];
        aws_lc_rs::rand::fill(&mut seed)
            .map_err(|_| Invalid::new("the operating system gives no randomness"))?;
        Self::from_seed(seed)
    }

    /// Reads `overprint-secret-key:…`.
    ///
    /// # Errors
    /// What it is instead.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.starts_with(PUBLIC) {
            return Err(Invalid::new("this is the public key; signing takes the secret one"));
        }
        let seed = decode(text, SECRET).ok_or_else(|| {
            Invalid::new(format!(
                "this is no secret key: {SECRET}… as `overprint keys new` writes it"
            ))
        })?;
        Self::from_seed(seed)
    }

    fn from_seed(seed: [u8; 32]) -> Result<Self, Invalid> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed)
            .map_err(|_| Invalid::new("this secret key cannot be used"))?;
        Ok(Self { pair, seed })
    }

    /// As it is kept in a file.
    pub fn to_text(&self) -> String {
        format!("{SECRET}{}", STANDARD.encode(self.seed))
    }

    /// What its signatures are verified with.
    pub fn public_key(&self) -> PublicKey {
        let mut bytes = [0; 32];
        for (byte, from) in bytes.iter_mut().zip(self.pair.public_key().as_ref()) {
            *byte = *from;
        }
        PublicKey(bytes)
    }

    /// `pointer`, signed.
    ///
    /// # Errors
    /// Never, but for a failure to write to memory.
    pub fn sign(&self, pointer: Pointer) -> serde_json::Result<Pointer> {
        let signature = STANDARD.encode(self.pair.sign(&pointer.signed_bytes()?));
        Ok(Pointer { signature: Some(signature), ..pointer })
    }
}

/// Without the key.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey for {}", self.public_key())
    }
}

/// Verifies what its secret half has signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Reads `overprint-public-key:…`.
    ///
    /// # Errors
    /// What it is instead, without repeating it: it may be the secret one.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.starts_with(SECRET) {
            return Err(Invalid::new("this is the secret key; it belongs to whoever publishes"));
        }
        decode(text, PUBLIC).map(Self).ok_or_else(|| {
            Invalid::new(format!(
                "this is no public key: {PUBLIC}… as `overprint keys new` prints it"
            ))
        })
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC}{}", STANDARD.encode(self.0))
    }
}

fn decode(text: &str, prefix: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text.strip_prefix(prefix)?).ok()?.try_into().ok()
}

/// Whether one of `keys` has signed `pointer`. Without keys everything is trusted.
///
/// # Errors
/// That it is not signed, or not by any of them.
pub fn verify(pointer: &Pointer, keys: &[PublicKey]) -> Result<(), Invalid> {
    if keys.is_empty() {
        return Ok(());
    }
    let Some(signature) = &pointer.signature else {
        return Err(Invalid::new("it is not signed, and this site has a `public_key`"));
    };
    let wrong = || Invalid::new("its signature is not by this site's `public_key`");
    let signature = STANDARD.decode(signature).map_err(|_| wrong())?;
    let message = pointer.signed_bytes().map_err(|_| wrong())?;
    let trusted = keys.iter().any(|key| key.verifies(&message, &signature));
    if trusted { Ok(()) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::digest::Digest;
    use crate::content::release::pointer::Pinned;

    fn pointer() -> Pointer {
        let release = Pinned { seq: 3, sha256: Digest::of(b"manifest") };
        Pointer::moved("production", None, release, "2026-11-24T10:00:00Z".into())
    }

    #[test]
    fn a_signature_vouches_for_every_member() {
        let (key, other) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let signed = key.sign(pointer()).unwrap();
        let keys = [other.public_key(), key.public_key()];
        assert_eq!(verify(&signed, &keys), Ok(()));
        assert_eq!(verify(&pointer(), &[]), Ok(()));
        let release = Pinned { seq: 4, ..signed.release };
        for tampered in [
            Pointer { alias: "staging".into(), ..signed.clone() },
            Pointer { r#move: 2, ..signed.clone() },
            Pointer { release, ..signed.clone() },
            Pointer { moved_at: "2026-11-24T10:00:01Z".into(), ..signed.clone() },
            Pointer { before: vec![release], ..signed.clone() },
            Pointer { signature: Some("AAAA".into()), ..signed.clone() },
            Pointer { signature: Some("no base64!".into()), ..signed.clone() },
        ] {
            let fault = verify(&tampered, &keys).unwrap_err().to_string();
            assert_eq!(fault, "its signature is not by this site's `public_key`", "{tampered:?}");
        }
        assert!(verify(&pointer(), &keys).unwrap_err().to_string().starts_with("it is not signed"));
        assert!(verify(&signed, &[other.public_key()]).is_err());
    }

    #[test]
    fn keys_are_text_and_are_not_mixed_up() {
        let key = SigningKey::generate().unwrap();
        let (secret, public) = (key.to_text(), key.public_key().to_string());
        assert_eq!(SigningKey::parse(&format!("{secret}\n")).unwrap().to_text(), secret);
        assert_eq!(PublicKey::parse(&public), Ok(key.public_key()));
        assert!(!format!("{key:?}").contains(&secret[SECRET.len()..]));
        let said = PublicKey::parse(&secret).unwrap_err().to_string();
        assert!(said.contains("secret key") && !said.contains(&secret), "{said}");
        assert!(SigningKey::parse(&public).unwrap_err().to_string().contains("public key"));
        for bad in ["", "x", "overprint-public-key:AAAA", "overprint-secret-key:!"] {
            assert!(PublicKey::parse(bad).is_err() && SigningKey::parse(bad).is_err(), "{bad}");
        }
    }

    /// RFC 8032 §7.1, test 1: the seed and the key that belongs to it.
    #[test]
    fn keys_are_those_of_the_standard() {
        let seed = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec,
            0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03,
            0x1c, 0xae, 0x7f, 0x60,
        ];
        let key = SigningKey::from_seed(seed).unwrap();
        assert_eq!(key.public_key().0[..4], [0xd7, 0x5a, 0x98, 0x01]);
    }
}
