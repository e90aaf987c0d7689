//! Reads releases out of a store: fetched, verified, whole or not at all.
//!
//! Shared by those who follow an alias and those who move one. Knows the form of releases
//! ([`crate::content::release`]) and stores; not who asks, nor what becomes of it.

mod failure;
mod near;
mod read;

use std::sync::Arc;

use bytes::Bytes;

use crate::content::Snapshot;
use crate::content::release::manifest::Manifest;
use crate::content::release::pointer::Pointer;
use crate::store::Version;

pub use failure::{Failure, What};
pub(crate) use near::Near;
pub(crate) use read::{manifest, pointer, release, release_of};

/// How much is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A manifest, in bytes.
    pub manifest: u64,
    /// An object, in bytes.
    pub object: u64,
    /// The objects of one release together, in bytes.
    pub release: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { manifest: 4 << 20, object: 64 << 20, release: 1 << 30 }
    }
}

/// A pointer that can be trusted.
#[derive(Debug, Clone)]
pub(crate) struct Followed {
    pub(crate) pointer: Pointer,
    /// As it lies in the store.
    pub(crate) bytes: Bytes,
    pub(crate) version: Option<Version>,
}

/// A release as it lies in its store, without its objects.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) followed: Followed,
    pub(crate) manifest: Manifest,
    /// The manifest's bytes in the store.
    pub(crate) manifest_bytes: Bytes,
}

/// A release as it lies in its store, and as it is printed.
#[derive(Debug)]
pub(crate) struct Release {
    pub(crate) described: Described,
    pub(crate) snapshot: Arc<Snapshot>,
}

/// Where the objects of a release may be found without fetching them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known<'a> {
    /// What was loaded before: what has not changed is used again.
    pub(crate) before: Option<&'a Arc<Snapshot>>,
    /// What is on this machine's disk.
    pub(crate) near: Option<&'a Near>,
}
