//! The entries of one locale.

use std::collections::{BTreeSet, HashMap};
use std::mem::size_of;

use foldhash::fast::RandomState;

use crate::locale::Tag;

use super::digest::Digest;
use super::entry::{Entry, block};
use super::policy::Policy;
use super::release::object;

/// Entries by key.
pub(super) type Entries = HashMap<Box<str>, Entry, RandomState>;

/// One locale's content, immutable and named by what is in it.
#[derive(Debug)]
pub(super) struct Catalog {
    pub(super) tag: Tag,
    pub(super) entries: Entries,
    /// Of the object that it is published as.
    pub(super) digest: Digest,
    /// What its HTML was sanitised under.
    pub(super) policy: Policy,
    /// The arguments that any of its messages takes.
    pub(super) arguments: BTreeSet<Box<str>>,
    /// About what it takes in memory.
    pub(super) heap_bytes: usize,
}

impl Catalog {
    /// `entries` under the digest that their object has.
    pub(super) fn new(tag: Tag, entries: Entries, policy: Policy) -> Self {
        let digest = object::digest(&entries);
        Self::published(tag, entries, digest, policy)
    }

    /// `entries` that were read from the object with this digest, under `policy`.
    pub(super) fn published(tag: Tag, entries: Entries, digest: Digest, policy: Policy) -> Self {
        let heap_bytes = entries.iter().map(|(key, entry)| entry_bytes(key, entry)).sum();
        let arguments = entries.values().flat_map(Entry::arguments).map(Box::from).collect();
        Self { tag, entries, digest, policy, arguments, heap_bytes }
    }
}

/// Freeing a large locale takes milliseconds, on a thread that others wait for.
impl Drop for Catalog {
    fn drop(&mut self) {
        for (nth, _) in self.entries.drain().enumerate() {
            give_way(nth);
        }
    }
}

/// After every so many entries that were read or freed: whoever serves a visitor goes first. A thread
/// that is merely of lower priority keeps its processor for milliseconds.
pub(super) fn give_way(nth: usize) {
    if nth % 64 == 63 {
        std::thread::yield_now();
    }
}

/// About what an entry takes in memory, its place in the table included.
pub(super) fn entry_bytes(key: &str, entry: &Entry) -> usize {
    SLOT + block(key.len()) + entry.heap_bytes()
}

/// The table is between seven sixteenths and seven eighths full: on average two thirds.
const SLOT: usize = (size_of::<(Box<str>, Entry)>() + 1) * 3 / 2;
