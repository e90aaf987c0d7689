//! The secrets that sender and receiver share, and how they are written down.
//!
//! They are read from text that somebody else fetched: files and variables are not known here.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac::{HMAC_SHA256, Key};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Whoever has one signed body can try keys against it without asking us. 16 bytes are 128 bits if
/// they are random, out of reach for that; fewer may not be. The specification asks senders for 24.
const MIN_KEY_BYTES: usize = 16;
/// More on one line is another file.
const MAX_LINE_BYTES: usize = 1024;
/// What marks base64 in Standard Webhooks.
const PREFIX: &str = "whsec_";

/// Padding or none, and whatever the last character's spare bits are: secrets come from many
/// generators, and the libraries that senders use do not mind either.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// One secret, as each scheme uses it.
struct Secret {
    /// What `whsec_…` stands for, or the line itself.
    standard: Key,
    /// The line itself: GitHub decodes nothing.
    literal: Key,
}

/// One secret, or several while one replaces another: the first is the current one, and any of them
/// verifies. Cloning is a refcount.
#[derive(Clone)]
pub(crate) struct Secrets(Arc<[Secret]>);

impl Secrets {
    /// Reads one secret a line. Blank lines and lines that start with `#` are not secrets, and
    /// white space around one is not part of it. `whsec_` and base64 are the bytes that the base64
    /// stands for (for GitHub's scheme, the characters themselves); any other line is its own
    /// bytes.
    ///
    /// # Errors
    /// There is no secret, or the first line that is not one.
    pub(crate) fn parse(text: &str) -> Result<Self, SecretFault> {
        // A byte order mark would hide the prefix, and nothing would ever match.
        let text = text.trim_start_matches('\u{feff}');
        let lines = (1..).zip(text.lines().map(str::trim));
        let secrets: Vec<_> = lines
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .map(|(number, line)| Secret::parse(number, line))
            .collect::<Result<_, _>>()?;
        if secrets.is_empty() { Err(SecretFault::Missing) } else { Ok(Self(secrets.into())) }
    }

    /// The keys for Standard Webhooks, the current one first.
    pub(super) fn standard(&self) -> impl Iterator<Item = &Key> {
        self.0.iter().map(|secret| &secret.standard)
    }

    /// The keys for GitHub's scheme, the current one first.
    pub(super) fn literal(&self) -> impl Iterator<Item = &Key> {
        self.0.iter().map(|secret| &secret.literal)
    }
}

/// Says how many there are. What they are must not reach a log.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

impl Secret {
    fn parse(line: usize, text: &str) -> Result<Self, SecretFault> {
        if text.len() > MAX_LINE_BYTES {
            return Err(SecretFault::TooLong { line });
        }
        let decoded = match text.strip_prefix(PREFIX) {
            Some(encoded) => BASE64.decode(encoded).map_err(|_| SecretFault::NotBase64 { line })?,
            None => text.into(),
        };
        if decoded.len() < MIN_KEY_BYTES {
            return Err(SecretFault::TooShort { line, bytes: decoded.len() });
        }
        let key = |bytes: &[u8]| Key::new(HMAC_SHA256, bytes);
        Ok(Self { standard: key(&decoded), literal: key(text.as_bytes()) })
    }
}

/// Why a text holds no secrets. Lines are counted from 1; no part of a line is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretFault {
    /// There are blank lines and comments at most.
    Missing,
    /// What follows `whsec_` is not base64.
    NotBase64 {
        /// The line.
        line: usize,
    },
    /// The key is so short that it can be guessed.
    TooShort {
        /// The line.
        line: usize,
        /// How long the key is.
        bytes: usize,
    },
    /// The line is longer than any secret.
    TooLong {
        /// The line.
        line: usize,
    },
}

impl fmt::Display for SecretFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str(
                "there is no secret: write one on a line of its own, \
                 such as what `openssl rand -hex 32` prints",
            ),
            Self::NotBase64 { line } => write!(
                f,
                "line {line}: what follows `{PREFIX}` is not base64: \
                 copy the whole secret once more",
            ),
            Self::TooShort { line, bytes } => write!(
                f,
                "line {line}: a key of {bytes} bytes can be guessed: \
                 use at least {MIN_KEY_BYTES}, such as what `openssl rand -hex 32` prints",
            ),
            Self::TooLong { line } => write!(
                f,
                "line {line}: it is longer than {MAX_LINE_BYTES} bytes: \
                 write one secret a line, and nothing else",
            ),
        }
    }
}

impl std::error::Error for SecretFault {}

#[cfg(test)]
mod tests {
    use super::super::mac::authenticate;
    use super::*;

    /// Keys cannot be looked at. The same ones sign alike.
    fn signed<'k>(keys: impl Iterator<Item = &'k Key>) -> Vec<Vec<u8>> {
        keys.map(|key| authenticate(key, &[b"x"]).as_ref().to_vec()).collect()
    }

    fn expected(keys: &[&[u8]]) -> Vec<Vec<u8>> {
        signed(keys.iter().map(|key| Key::new(HMAC_SHA256, key)).collect::<Vec<_>>().iter())
    }

    fn fault(text: &str) -> SecretFault {
        Secrets::parse(text).unwrap_err()
    }

    #[test]
    fn each_line_is_a_secret_for_both_schemes() {
        let text = "# the new one\r\n\twhsec_MDEyMzQ1Njc4OWFiY2RlZg== \r\n\r\n\
                    \x20 # the old one\r\nan older secret, in words\r\n";
        let secrets = Secrets::parse(text).unwrap();
        let words = b"an older secret, in words".as_slice();
        assert_eq!(signed(secrets.standard()), expected(&[b"0123456789abcdef", words]));
        let literal = b"whsec_MDEyMzQ1Njc4OWFiY2RlZg==".as_slice();
        assert_eq!(signed(secrets.literal()), expected(&[literal, words]));
    }

    #[test]
    fn a_byte_order_mark_does_not_hide_the_prefix() {
        let secrets = Secrets::parse("\u{feff}whsec_MDEyMzQ1Njc4OWFiY2RlZg").unwrap();
        assert_eq!(signed(secrets.standard()), expected(&[b"0123456789abcdef"]));
    }

    #[test]
    fn base64_is_read_as_other_libraries_read_it() {
        for text in [
            "whsec_MDEyMzQ1Njc4OWFiY2RlZg==",
            "whsec_MDEyMzQ1Njc4OWFiY2RlZg",
            "whsec_MDEyMzQ1Njc4OWFiY2RlZh==",
        ] {
            let secrets = Secrets::parse(text).unwrap();
            assert_eq!(signed(secrets.standard()), expected(&[b"0123456789abcdef"]), "{text}");
        }
    }

    #[test]
    fn the_bounds_are_in_bytes() {
        let longest = "k".repeat(MAX_LINE_BYTES);
        for good in ["0123456789abcdef", "éééééééé", &longest] {
            assert!(Secrets::parse(good).is_ok(), "{good}");
        }
        assert_eq!(fault("0123456789abcde"), SecretFault::TooShort { line: 1, bytes: 15 });
        assert_eq!(fault(&format!("\n{longest}k")), SecretFault::TooLong { line: 2 });
    }

    #[test]
    fn a_text_without_secrets_is_said() {
        for text in ["", " \n\t\n", "# none\n  # yet", "\u{feff}"] {
            assert_eq!(fault(text), SecretFault::Missing, "{text:?}");
        }
    }

    #[test]
    fn what_is_not_a_secret_is_said_by_line_and_not_shown() {
        let good = "0123456789abcdef";
        for (line, expected) in [
            ("whsec_no!base64", SecretFault::NotBase64 { line: 3 }),
            ("whsec_MDEyMzQ1Njc4OWFiY2RlZ", SecretFault::NotBase64 { line: 3 }),
            ("whsec_MDEyMzQ1Njc4OWFiY2Rl-_", SecretFault::NotBase64 { line: 3 }),
            ("whsec_aHVudGVyMg==", SecretFault::TooShort { line: 3, bytes: 7 }),
            ("whsec_", SecretFault::TooShort { line: 3, bytes: 0 }),
            ("hunter2", SecretFault::TooShort { line: 3, bytes: 7 }),
        ] {
            let found = fault(&format!("{good}\n\n{line}\nshort\n"));
            assert_eq!(found, expected, "{line}");
            let said = found.to_string();
            assert!(said.starts_with("line 3: ") && !said.contains("hunter2"), "{said}");
        }
    }

    #[test]
    fn debug_tells_the_number_only() {
        let secrets = Secrets::parse("hunter2 hunter2 hunter2\n0123456789abcdef").unwrap();
        assert_eq!(format!("{secrets:?} {:?}", secrets.clone()), "Secrets(2) Secrets(2)");
    }
}
