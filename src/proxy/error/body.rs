//! What can end an answer that has begun. Its status is out: all that is left is to abort, so that
//! the client sees a broken answer and never a short page that looks whole.

use std::{fmt, io};

use super::super::coding::DecodeError;

/// Why an answer was aborted.
#[derive(Debug)]
pub(crate) enum BodyFault {
    /// The origin's body broke off, or its framing is wrong.
    Origin(hyper::Error),
    /// The origin's body is not in the coding that it says.
    Decode(DecodeError),
    /// The body could not be compressed.
    Encode(io::Error),
    /// The origin sent nothing for too long.
    Idle,
    /// The exchange took too long as a whole.
    Total,
}

impl BodyFault {
    /// The name in logs and metrics; stable from release to release.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Origin(_) => "origin_body_broken",
            Self::Decode(_) => "origin_coding_corrupt",
            Self::Encode(_) => "encoding_failed",
            Self::Idle => "origin_idle",
            Self::Total => "exchange_too_long",
        }
    }
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin(error) => write!(f, "the origin's body broke off: {error}"),
            Self::Decode(error) => write!(f, "the origin's body is not as encoded: {error}"),
            Self::Encode(error) => write!(f, "the page could not be compressed: {error}"),
            Self::Idle => f.write_str("the origin sent nothing for `timeouts.idle`"),
            Self::Total => f.write_str("the exchange took longer than `timeouts.total`"),
        }
    }
}

impl std::error::Error for BodyFault {}

impl From<hyper::Error> for BodyFault {
    fn from(error: hyper::Error) -> Self {
        Self::Origin(error)
    }
}

impl From<DecodeError> for BodyFault {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<io::Error> for BodyFault {
    fn from(error: io::Error) -> Self {
        Self::Encode(error)
    }
}
