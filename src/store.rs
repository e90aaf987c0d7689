//! Where content lies: a directory, an HTTP base, an object store. Fetches and writes bytes within
//! bounds and knows nothing of what they mean.
//!
//! Paths are relative and made of `/`, letters, digits, dots and hyphens; callers make them out of
//! what they have verified.

mod directory;
mod error;
mod http;
mod location;
mod object;
pub(crate) mod tree;

use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

pub(crate) use error::chain;
pub use error::{Fault, StoreError};
pub use location::{Location, Options};

use directory::Directory;
use http::HttpBase;
use object::ObjectBase;

/// Opens stores. All of a kind share one pool of connections.
#[derive(Debug, Clone)]
pub(crate) struct Stores {
    http: reqwest::Client,
    objects: reqwest::Client,
    patience: Duration,
}

impl Stores {
    /// Every operation of a store ends within `patience`.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub(crate) fn new(patience: Duration) -> Result<Self, String> {
        // Where the program has not chosen a TLS provider, as in an embedder: there is but one.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (http, objects) = (http::client(patience, true)?, http::client(patience, false)?);
        Ok(Self { http, objects, patience })
    }

    /// The store at `location`. Connects to nothing yet.
    ///
    /// # Errors
    /// What about the location or the environment cannot be used.
    pub(crate) fn open(&self, location: &Location) -> Result<Store, String> {
        let Self { http, objects, patience } = self;
        let kind = match location {
            Location::Directory(root) => Kind::Directory(Directory::new(root)),
            Location::Http(base) => Kind::Http(HttpBase::new(base, http.clone())),
            Location::Object(url, options) => {
                Kind::Object(ObjectBase::new(url, options, objects.clone(), *patience)?)
            }
        };
        let name = location.to_string().trim_end_matches('/').to_owned();
        Ok(Store { kind, name, patience: *patience })
    }
}

/// A place that releases are kept in.
#[derive(Debug)]
pub(crate) struct Store {
    kind: Kind,
    /// As it is named in messages, without a slash at its end.
    name: String,
    patience: Duration,
}

#[derive(Debug)]
enum Kind {
    Directory(Directory),
    Http(HttpBase),
    Object(ObjectBase),
}

/// Tells one state of a file from another, as the store names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    /// The entity tag; of an HTTP base without tags, the date.
    tag: String,
    /// What Google's store counts beside it.
    generation: Option<String>,
}

impl Version {
    fn of(tag: impl Into<String>) -> Self {
        Self { tag: tag.into(), generation: None }
    }
}

/// What a file holds.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) bytes: Bytes,
    /// None where the store has no name for it: then it is always fetched anew.
    pub(crate) version: Option<Version>,
}

/// Under which condition a file is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Condition<'v> {
    /// There is no such file yet.
    Absent,
    /// It is still the one that was read.
    Still(&'v Version),
    /// None: nobody else writes it.
    Always,
}

impl Store {
    /// The file at `path`, of at most `limit` bytes; none if it is still `known`.
    ///
    /// # Errors
    /// Why it could not be had, whole.
    pub(crate) async fn get(
        &self,
        path: &str,
        limit: u64,
        known: Option<&Version>,
    ) -> Result<Option<Fetched>, StoreError> {
        self.within(path, async {
            match &self.kind {
                Kind::Directory(directory) => directory.get(path, limit, known).await,
                Kind::Http(base) => base.get(path, limit, known).await,
                Kind::Object(base) => base.get(path, limit, known).await,
            }
        })
        .await
    }

    /// How many bytes the file at `path` has; none if there is none.
    ///
    /// # Errors
    /// Why that could not be found out.
    pub(crate) async fn size(&self, path: &str) -> Result<Option<u64>, StoreError> {
        self.within(path, async {
            match &self.kind {
                Kind::Directory(directory) => directory.size(path).await,
                Kind::Http(_) => Err(Fault::ReadOnly),
                Kind::Object(base) => base.size(path).await,
            }
        })
        .await
    }

    /// Writes a file, whole or not at all: who reads meanwhile gets the old one or the new one.
    ///
    /// # Errors
    /// [`Fault::Conflict`] where the condition does not hold, or why it could not be written.
    pub(crate) async fn put(
        &self,
        path: &str,
        bytes: Bytes,
        condition: Condition<'_>,
    ) -> Result<(), StoreError> {
        self.within(path, async {
            match &self.kind {
                Kind::Directory(directory) => directory.put(path, bytes, condition).await,
                Kind::Http(_) => Err(Fault::ReadOnly),
                Kind::Object(base) => base.put(path, bytes, condition).await,
            }
        })
        .await
    }

    /// The paths of the files in `folder` (which ends with `/`), in no order.
    ///
    /// # Errors
    /// Why they could not be listed.
    pub(crate) async fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        self.within(folder, async {
            match &self.kind {
                Kind::Directory(directory) => directory.list(folder).await,
                Kind::Http(_) => Err(Fault::ReadOnly),
                Kind::Object(base) => base.list(folder).await,
            }
        })
        .await
    }

    /// Whether two states of a file never have the same name. A web server's may: it names them by the
    /// second and the size.
    pub(crate) fn names_exactly(&self) -> bool {
        !matches!(self.kind, Kind::Http(_))
    }

    /// The directory it is in, where it is one.
    pub(crate) fn directory(&self) -> Option<&std::path::Path> {
        match &self.kind {
            Kind::Directory(directory) => Some(directory.root()),
            Kind::Http(_) | Kind::Object(_) => None,
        }
    }

    async fn within<T>(
        &self,
        path: &str,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, StoreError> {
        let done = timeout(self.patience, work).await.unwrap_or(Err(Fault::Slow(self.patience)));
        done.map_err(|fault| StoreError { place: self.place(path), fault })
    }

    /// How `path` is named in messages.
    pub(crate) fn place(&self, path: &str) -> String {
        format!("{}/{path}", self.name)
    }
}
