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
use crate::releases::{Failure, Followed, Limits};
use crate::store::{Fault, Store, StoreError, Version};

pub(crate) use alias::{Moved, promote, rollback};
pub(crate) use history::{History, Row, releases};
pub(crate) use telling::{tell_proxies, without_password};
pub(crate) use upload::{Event, How, Plan, plan, publish, upload};

/// Where something is published.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) store: Store,
    pub(crate) alias: String,
    pub(crate) signer: Option<SigningKey>,
    /// Whether a signed alias may be moved without a signature.
    pub(crate) unsigned: bool,
    /// The count that the alias is to go past, whatever it says of itself now.
    pub(crate) past: Option<u64>,
    pub(crate) limits: Limits,
}

/// An alias before it is moved.
#[derive(Debug)]
enum Before {
    /// There is none.
    New,
    /// It stands for a release.
    At(Followed),
    /// Its pointer cannot be read, and is to be replaced.
    Broken(Option<Version>),
}

impl Before {
    fn followed(&self) -> Option<&Followed> {
        match self {
            Self::At(followed) => Some(followed),
            Self::New | Self::Broken(_) => None,
        }
    }

    fn pointer(&self) -> Option<&Pointer> {
        self.followed().map(|followed| &followed.pointer)
    }
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

/// What the alias stands for now. One that cannot be read is replaced only by whoever knows how far
/// it has come.
async fn current(target: &Target) -> Result<Before, Failed> {
    match crate::releases::pointer(&target.store, &target.alias, &[], None).await {
        Ok(followed) => Ok(followed.map_or(Before::New, Before::At)),
        Err(failure) if failure.is_missing() => Ok(Before::New),
        Err(failure) if failure.is_judgement() && target.past.is_some() => {
            let path = Pointer::path(&target.alias);
            let found = target.store.get(&path, u64::MAX, None).await?;
            Ok(Before::Broken(found.and_then(|found| found.version)))
        }
        Err(failure) if failure.is_judgement() => Err(Failed::Refused(format!(
            "{failure}; `--past N` replaces it, where N is the move that proxies have seen (/status)"
        ))),
        Err(failure) => Err(failure.into()),
    }
}

/// The aliases of a store, and why those that cannot be read cannot.
async fn aliases(store: &Store) -> Result<(Vec<Pointer>, Vec<Failure>), StoreError> {
    let (mut pointers, mut broken) = (Vec::new(), Vec::new());
    for path in store.list(crate::content::release::pointer::FOLDER).await? {
        let Some(alias) = Pointer::alias_of(&path) else { continue };
        match crate::releases::pointer(store, alias, &[], None).await {
            Ok(followed) => pointers.extend(followed.map(|followed| followed.pointer)),
            Err(failure) => broken.push(failure),
        }
    }
    Ok((pointers, broken))
}
