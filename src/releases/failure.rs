//! Why a release could not be had.

use std::fmt;

use crate::content::release::Invalid;
use crate::store::{Fault, StoreError};

/// Why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The store did not give what it was asked for.
    Store(StoreError),
    /// A file of the store is not what it should be.
    Invalid {
        /// The store and the path in it.
        place: String,
        /// Which kind of file, or which check.
        what: What,
        /// What is wrong with it.
        fault: Invalid,
    },
    /// The objects of the release have more bytes together than are taken in.
    TooLarge {
        /// How many they have.
        bytes: u64,
        /// How many are taken in.
        limit: u64,
    },
    /// What an object unfolds to takes more memory than the content of all sites may.
    TooHeavy {
        /// The store and the path in it.
        place: String,
        /// In bytes.
        limit: u64,
    },
    /// Something that should not happen.
    Internal(String),
}

/// What did not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The pointer's form.
    Pointer,
    /// The pointer's signature.
    Signature,
    /// That an alias only moves forward.
    Order,
    /// The manifest.
    Manifest,
    /// An object.
    Object,
}

impl Failure {
    /// A stable name for metrics and the status.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Store(error) => error.fault.name(),
            Self::Invalid { what, .. } => what.name(),
            Self::TooLarge { .. } => "release_too_large",
            Self::TooHeavy { .. } => "too_heavy",
            Self::Internal(_) => "internal",
        }
    }

    /// Whether what was there is not good, rather than not there.
    pub(crate) fn is_judgement(&self) -> bool {
        matches!(self, Self::Invalid { .. } | Self::TooLarge { .. } | Self::TooHeavy { .. })
    }

    /// Whether both are the same trouble at the same place, in whatever words.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Store(one), Self::Store(two)) => {
                (&one.place, one.fault.name()) == (&two.place, two.fault.name())
            }
            _ => self == other,
        }
    }

    /// Whether there is no such file.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Store(StoreError { fault: Fault::Missing, .. }))
    }

    /// At the file `place`.
    pub(crate) fn at(place: String, what: What) -> impl FnOnce(Invalid) -> Self {
        move |fault| Self::Invalid { place, what, fault }
    }
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Pointer => "invalid_pointer",
            Self::Signature => "bad_signature",
            Self::Order => "older_move",
            Self::Manifest => "invalid_manifest",
            Self::Object => "invalid_object",
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Internal(said) => f.write_str(said),
            Self::Invalid { place, fault, .. } => write!(f, "{place}: {fault}"),
            Self::TooHeavy { place, limit } => write!(
                f,
                "{place}: its entries take more memory than `limits.content` allows for all sites, {limit} bytes"
            ),
            Self::TooLarge { bytes, limit } => {
                write!(f, "the release has {bytes} bytes, and at most {limit} are taken in")
            }
        }
    }
}

impl std::error::Error for Failure {}
