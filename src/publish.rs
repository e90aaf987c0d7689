//! Publishes: builds releases out of content, uploads them, moves aliases, tells proxies.
//!
//! Nothing published is ever changed. Objects are written first, then the manifest, and the alias
//! last, under the condition that nobody has moved it meanwhile: whoever is cut off on the way has
//! published nothing, and of two at once one wins.

mod alias;
mod history;
mod telling;
mod upload;

use std::fmt;

use crate::content::release::Invalid;
use crate::content::release::pointer::Pointer;
use crate::content::release::signature::SigningKey;
use crate::releases::{Failure, Limits};
use crate::store::{Fault, Store, StoreError};

pub(crate) use alias::{Moved, promote, rollback};
pub(crate) use history::{Row, releases};
pub(crate) use telling::tell_proxies;
pub(crate) use upload::{Event, Plan, plan, publish, upload_objects};

/// Where something is published.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) store: Store,
    pub(crate) alias: String,
    pub(crate) signer: Option<SigningKey>,
    pub(crate) limits: Limits,
}

/// Why nothing was published.
#[derive(Debug)]
pub(crate) enum Failed {
    /// What is published now could not be read.
    Release(Failure),
    /// Something could not be written.
    Store(StoreError),
    /// Somebody else has moved the alias meanwhile; the release, if it was to be a new one, is
    /// uploaded.
    Conflict {
        /// The alias.
        alias: String,
        /// The uploaded release.
        seq: Option<u64>,
    },
    /// It cannot be done, as things are.
    Refused(String),
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self::Release(failure)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Invalid> for Failed {
    fn from(invalid: Invalid) -> Self {
        Self::Refused(invalid.to_string())
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<serde_json::Error> for Failed {
    fn from(error: serde_json::Error) -> Self {
        Self::Refused(error.to_string())
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release(failure) => write!(f, "cannot read what is published: {failure}"),
            Self::Store(StoreError { place, fault: Fault::Missing }) => {
                write!(f, "{place}: there is no such place to write to")
            }
            Self::Store(error) => write!(f, "cannot publish: {error}"),
            Self::Conflict { alias, seq: None } => {
                write!(
                    f,
                    "somebody else has moved {alias} meanwhile; look at `releases`, then try again"
                )
            }
            Self::Conflict { alias, seq: Some(seq) } => write!(
                f,
                "somebody else has moved {alias} meanwhile; release {seq} is uploaded and not live. \
                 Look at `releases`, then publish again, or `rollback … {seq}` makes it live"
            ),
            Self::Refused(why) => f.write_str(why),
        }
    }
}

/// Now, as it is written down: RFC 3339 in UTC, whole seconds.
fn now() -> String {
    let seconds = jiff::Timestamp::now().as_second();
    jiff::Timestamp::from_second(seconds).map_or_else(|_| String::new(), |now| now.to_string())
}

/// What an alias stands for now; none if it is new.
async fn current(store: &Store, alias: &str) -> Result<Option<crate::releases::Followed>, Failed> {
    match crate::releases::pointer(store, alias, &[], None).await {
        Ok(followed) => Ok(followed),
        Err(failure) if failure.is_missing() => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

/// The aliases of a store. One whose pointer cannot be read is left out.
async fn aliases(store: &Store) -> Result<Vec<Pointer>, StoreError> {
    let mut pointers = Vec::new();
    for path in store.list(crate::content::release::pointer::FOLDER).await? {
        if let Some(alias) = Pointer::alias_of(&path)
            && let Ok(Some(followed)) = crate::releases::pointer(store, alias, &[], None).await
        {
            pointers.push(followed.pointer);
        }
    }
    Ok(pointers)
}
