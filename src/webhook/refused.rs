//! Why a delivery is not believed. One vocabulary for answers, logs and metrics.

use std::fmt;

/// How far the sender's clock and the network may put a delivery from now, in seconds, either way.
pub(super) const TOLERANCE: u64 = 5 * 60;

/// Why a delivery was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Refused {
    /// A header that its scheme needs is missing.
    Unsigned,
    /// A header is there and cannot be read, is too long, or is there twice.
    Malformed,
    /// No signature in it was made with one of the secrets over what arrived.
    BadSignature,
    /// It is well signed, and was sent more than [`TOLERANCE`] ago.
    TooOld,
    /// It is well signed, and was sent more than [`TOLERANCE`] ahead.
    TooNew,
}

impl Refused {
    /// A stable name for logs and metrics: `snake_case`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Malformed => "malformed",
            Self::BadSignature => "bad_signature",
            Self::TooOld => "too_old",
            Self::TooNew => "too_new",
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = TOLERANCE / 60;
        match self {
            Self::Unsigned => f.write_str("a header of the signature is missing"),
            Self::Malformed => f.write_str("a header of the signature cannot be read"),
            Self::BadSignature => {
                f.write_str("no signature matches: another secret, or what was signed has changed")
            }
            Self::TooOld => write!(f, "it was signed more than {minutes} minutes ago"),
            Self::TooNew => {
                write!(f, "it was signed more than {minutes} minutes ahead of our clock")
            }
        }
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stable() {
        let all = [
            Refused::Unsigned,
            Refused::Malformed,
            Refused::BadSignature,
            Refused::TooOld,
            Refused::TooNew,
        ];
        let names = ["unsigned", "malformed", "bad_signature", "too_old", "too_new"];
        assert_eq!(all.map(Refused::name), names);
        assert_eq!(Refused::TooOld.to_string(), "it was signed more than 5 minutes ago");
    }
}
