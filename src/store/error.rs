//! Why a store did not do what it was asked.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

/// How much of what others say is repeated, in characters.
const QUOTED: usize = 300;

/// A file of a store, and what was wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError {
    /// The store and the path in it.
    pub place: String,
    /// What.
    pub fault: Fault,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There is no such file.
    Missing,
    /// Somebody else has written it first.
    Conflict,
    /// It has more bytes than this.
    TooLarge(u64),
    /// The store wants other credentials.
    Denied(String),
    /// It did not come in time.
    Slow(Duration),
    /// The store can be read only.
    ReadOnly,
    /// Everything else: no connection, a disk that is full, an answer that makes no sense.
    Unavailable(String),
}

impl Fault {
    /// The name in logs and metrics; stable from release to release.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Conflict => "conflict",
            Self::TooLarge(_) => "too_large",
            Self::Denied(_) => "denied",
            Self::Slow(_) => "slow",
            Self::ReadOnly => "read_only",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// Of an error with all that caused it, on one line.
    pub(crate) fn unavailable(error: &dyn Error) -> Self {
        Self::Unavailable(chain(error))
    }
}

/// What an error and its causes say, each once, cut to a length that a log can take.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !said.contains(&more) {
            said += &format!(": {more}");
        }
        cause = error.source();
    }
    let line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= QUOTED {
        return line;
    }
    line.chars().take(QUOTED).chain(['…']).collect()
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::PermissionDenied => Self::Denied(error.to_string()),
            _ => Self::unavailable(&error),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such file"),
            Self::Conflict => f.write_str("somebody else has written it meanwhile"),
            Self::TooLarge(limit) => write!(f, "it has more than {limit} bytes"),
            Self::Denied(said) => write!(f, "access is denied: {said}"),
            Self::Slow(patience) => write!(f, "it did not come within {patience:?}"),
            Self::ReadOnly => {
                f.write_str("an http(s):// store can only be read; name what is behind it")
            }
            Self::Unavailable(said) => f.write_str(said),
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.fault)
    }
}

impl Error for StoreError {}
