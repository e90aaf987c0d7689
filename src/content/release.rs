//! The form of published content, as it lies in a store: objects, manifests and pointers.
//!
//! ARCHITECTURE.md, "The release format", says it for other programs.

pub mod build;
pub mod load;
pub mod manifest;
pub(super) mod name;
pub(super) mod object;
pub mod pointer;
pub mod signature;

use std::fmt;

/// The version of manifests and pointers that is written, and the only one that is read.
pub const FORMAT: u64 = 1;

/// Why something published cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(String);

impl Invalid {
    pub(crate) fn new(fault: impl Into<String>) -> Self {
        Self(fault.into())
    }
}

/// Why an object cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unloadable {
    /// It is not what it should be.
    Invalid(Invalid),
    /// Its entries take more memory than they may.
    TooHeavy,
}

impl From<Invalid> for Unloadable {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}

/// What is looked at before the rest, which another version may write differently.
#[derive(serde::Deserialize)]
struct Version {
    format: u64,
}

/// Reads JSON of version [`FORMAT`].
fn read<'a, T: serde::Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Invalid> {
    let json = |error: serde_json::Error| Invalid::new(format!("it is not as expected: {error}"));
    let version: Version = serde_json::from_slice(bytes).map_err(json)?;
    if version.format != FORMAT {
        return Err(Invalid::new(format!(
            "it is in format {}, and this version of Overprint reads format {FORMAT}",
            version.format
        )));
    }
    serde_json::from_slice(bytes).map_err(json)
}
