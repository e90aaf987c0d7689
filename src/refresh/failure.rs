//! Why a look at a site's content came to nothing.

use std::fmt;

use crate::live::TooHeavy;
use crate::problem::Problem;
use crate::releases;

/// Why. Nothing that is live was changed by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// Mistakes in the files of a content directory; at least one.
    Problems(Vec<Problem>),
    /// No good release could be had from the store.
    Release(releases::Failure),
    /// There is no room for it.
    TooHeavy(TooHeavy),
    /// Something that should not happen.
    Internal(String),
}

impl Failure {
    /// A stable name for metrics and the status.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Problems(_) => "invalid_content",
            Self::Release(failure) => failure.name(),
            Self::TooHeavy(_) => "too_heavy",
            Self::Internal(_) => "internal",
        }
    }
}

impl Failure {
    /// Whether what was there is not good, rather than not there.
    pub(super) fn is_judgement(&self) -> bool {
        match self {
            Self::Release(failure) => failure.is_judgement(),
            Self::Problems(_) | Self::TooHeavy(_) => true,
            Self::Internal(_) => false,
        }
    }

    /// Whether it is nothing new beside `other`: a store words the same trouble differently each time.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Release(one), Self::Release(two)) => one.is_like(two),
            _ => self == other,
        }
    }
}

impl From<releases::Failure> for Failure {
    fn from(failure: releases::Failure) -> Self {
        Self::Release(failure)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problems(problems) => match problems.as_slice() {
                [] => f.write_str("the content has problems"),
                [first, rest @ ..] => {
                    write!(f, "{}:{}: {}", first.file, first.line(), first.message)?;
                    if rest.is_empty() { Ok(()) } else { write!(f, " (and {} more)", rest.len()) }
                }
            },
            Self::Release(failure) => failure.fmt(f),
            Self::Internal(said) => f.write_str(said),
            Self::TooHeavy(heavy) => write!(f, "the release is too large: {heavy}"),
        }
    }
}

impl std::error::Error for Failure {}
