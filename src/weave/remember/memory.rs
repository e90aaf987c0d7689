//! The pages that are remembered, all sites' together, within a bound in bytes.

use std::hash::{BuildHasher, Hash};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use encoding_rs::Encoding;
use foldhash::quality::RandomState;
use moka::sync::Cache;

use super::known::Remembered;
use super::output::{Output, Tape};
use super::printed::Printed;
use super::record::Recording;
use super::wire::Wire;
use crate::weave::budget::Budget;
use crate::weave::page::{Met, Page};

/// Of the bound, this part is for pages that are being recorded.
const RECORDING_PART: usize = 32;

/// A page that was another one this many times in a row is not remembered for a while.
const MAX_STRIKES: u32 = 3;

/// The shortest while; each time that it is no better, the next is twice as long.
const REST: Duration = Duration::from_secs(30);

/// The longest while.
const MAX_REST: Duration = Duration::from_secs(3600);

/// Bytes that came in another form this often, though the page was the same, are decoded at once.
const MAX_WIRE_MISSES: u32 = 3;

/// What an entry takes beside what is in it, in bytes: its place in the tables, and counters.
const PER_ENTRY: usize = 256;

/// The pages that are remembered. Cloning shares them.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    entries: Cache<u64, Entry, RandomState>,
    hasher: RandomState,
    /// Another, with seeds of its own.
    checker: RandomState,
    recordings: Arc<Budget>,
    last_id: AtomicU64,
}

#[derive(Debug, Clone)]
enum Entry {
    Page(Arc<Kept>),
    Printed(OutputKey, Arc<Printed>),
    Coded(OutputKey, Arc<Output>),
    /// A page without labels that has been here once: the next time it is worth keeping.
    Seen,
    /// A page that is another one each time; not looked at again before then.
    Resting {
        until: Instant,
        strikes: u32,
    },
}

/// A remembered page, and how it fared.
#[derive(Debug)]
pub struct Kept {
    /// Tells it from other versions of the page.
    id: u64,
    page: Arc<Remembered>,
    wire: Option<Wire>,
    /// How often in a row it was another one.
    strikes: AtomicU32,
    wire_misses: AtomicU32,
}

/// Names what goes out of one version of a page, by two hashes: that is not compared with anything, so no
/// two may be taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputKey {
    place: u64,
    check: u64,
}

/// One visit to a page that may be remembered.
#[derive(Debug)]
pub struct Recollection {
    memory: Memory,
    key: u64,
    /// Whether the page has been here before.
    seen: bool,
    kept: Option<Arc<Kept>>,
    strikes: u32,
}

/// Where what is printed on a page is, or goes, for all who get the same.
#[derive(Debug)]
pub(in crate::weave) struct Shelf {
    memory: Memory,
    key: OutputKey,
    /// Whether what is printed anew goes there.
    keeps: bool,
}

impl Shelf {
    pub(in crate::weave) fn find(&self) -> Option<Arc<Printed>> {
        match self.memory.0.entries.get(&self.key.place)? {
            Entry::Printed(known, printed) => (known == self.key).then_some(printed),
            _ => None,
        }
    }

    /// What is kept of `printed` for all, if anything is.
    pub(in crate::weave) fn keep(&self, printed: &Printed) -> Option<Arc<Printed>> {
        if !self.keeps || !printed.is_printed() {
            return None;
        }
        let kept = Arc::new(printed.in_one_piece());
        self.memory.put(self.key.place, Entry::Printed(self.key, Arc::clone(&kept)));
        Some(kept)
    }
}

impl Memory {
    /// One of `bytes`; none at all if that is zero.
    pub fn new(bytes: usize) -> Option<Self> {
        let recordings = bytes / RECORDING_PART;
        let entries = Cache::builder()
            .max_capacity((bytes - recordings) as u64)
            .weigher(|_, entry: &Entry| u32::try_from(entry.weight()).unwrap_or(u32::MAX))
            .build_with_hasher(RandomState::default());
        let inner = Inner {
            entries,
            hasher: RandomState::default(),
            checker: RandomState::default(),
            recordings: Budget::new(recordings),
            last_id: AtomicU64::new(0),
        };
        (bytes > 0).then(|| Self(Arc::new(inner)))
    }

    /// Begins a visit to the page that `identity` tells from all others; none if it is not worth it.
    /// `header` is the charset by its head.
    ///
    /// An identity is hashed, and two may be taken for one: each is then read as a version of the other.
    pub fn visit(
        &self,
        identity: &impl Hash,
        header: Option<&'static Encoding>,
    ) -> Option<Recollection> {
        let key = self.0.hasher.hash_one((identity, header.map(Encoding::name)));
        let entry = self.0.entries.get(&key);
        let seen = entry.is_some();
        let (kept, strikes) = match entry {
            Some(Entry::Resting { until, .. }) if Instant::now() < until => return None,
            Some(Entry::Resting { strikes, .. }) => (None, strikes),
            Some(Entry::Page(kept)) => {
                let strikes = kept.strikes.load(Relaxed);
                (Some(kept).filter(|kept| kept.page.is_in(header)), strikes)
            }
            Some(Entry::Seen | Entry::Printed(..) | Entry::Coded(..)) | None => (None, 0),
        };
        Some(Recollection { memory: self.clone(), key, seen, kept, strikes })
    }

    /// How many bytes all that is remembered takes, about.
    pub fn weight(&self) -> u64 {
        self.0.entries.weighted_size()
    }

    /// How many entries that is: pages, what they went out as, and notes on pages that are not kept.
    pub fn len(&self) -> u64 {
        self.0.entries.entry_count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn put(&self, key: u64, entry: Entry) {
        self.0.entries.insert(key, entry);
        // What has to go for it goes now: a bound that is kept later is none.
        self.0.entries.run_pending_tasks();
    }
}

impl Entry {
    fn weight(&self) -> usize {
        PER_ENTRY
            + match self {
                Self::Page(kept) => kept.page.weight() + kept.wire.as_ref().map_or(0, Wire::weight),
                Self::Printed(_, printed) => printed.weight(),
                Self::Coded(_, output) => output.weight(),
                Self::Seen | Self::Resting { .. } => 0,
            }
    }
}

impl Kept {
    /// What the page came as, where that is something else than its bytes.
    pub fn wire(&self) -> Option<&Wire> {
        self.wire.as_ref()
    }

    /// Whether what it comes as is worth comparing with that.
    pub fn is_wire_steady(&self) -> bool {
        self.wire.is_some() && self.wire_misses.load(Relaxed) < MAX_WIRE_MISSES
    }

    /// It came as something else this time.
    pub fn wire_differs(&self) {
        self.wire_misses.fetch_add(1, Relaxed);
    }

    /// Whether content is printed on it.
    pub fn has_slots(&self) -> bool {
        self.page.plan.slots().next().is_some()
    }

    /// How long the page is, decoded, in bytes.
    pub fn page_len(&self) -> usize {
        self.page.len()
    }
}

impl Recollection {
    /// The page as it was last time.
    pub fn kept(&self) -> Option<&Arc<Kept>> {
        self.kept.as_ref()
    }

    /// `page`, to be compared with what it was last time, and recorded unless it is the same. To keep one
    /// without labels it has to be read first, which is only worth it if it comes again. `key` names what
    /// it is printed with, if others get the same; what is printed for them is then looked up, and kept at
    /// once if `keeps`.
    pub fn prepare(&self, page: Page, key: Option<OutputKey>, keeps: bool) -> Page {
        let page = page.recording(Recording::new(&self.memory.0.recordings, self.seen));
        match &self.kept {
            Some(kept) => {
                let key = key.filter(|_| kept.has_slots());
                let shelf = key.map(|key| Shelf { memory: self.memory.clone(), key, keeps });
                page.expecting(Arc::clone(&kept.page), shelf)
            }
            None => page,
        }
    }

    /// Names what `identity` tells from all else that this version of the page is printed with.
    pub fn output_key(&self, identity: &impl Hash) -> Option<OutputKey> {
        let kept = self.kept.as_ref()?;
        let (memory, named) = (&self.memory.0, (kept.id, identity));
        let (place, check) = (memory.hasher.hash_one(named), memory.checker.hash_one(named));
        Some(OutputKey { place, check })
    }

    /// Names what `key` names in another form, as the coding that it goes out in.
    pub fn form_key(&self, key: OutputKey, form: &impl Hash) -> OutputKey {
        let memory = &self.memory.0;
        let (place, check) = (memory.hasher.hash_one((key.place, form)), (key.check, form));
        OutputKey { place, check: memory.checker.hash_one(check) }
    }

    /// As what the page went out, compressed.
    pub fn output(&self, key: OutputKey) -> Option<Arc<Output>> {
        match self.memory.0.entries.get(&key.place)? {
            Entry::Coded(known, output) => (known == key).then_some(output),
            _ => None,
        }
    }

    /// What `page`, which was close to the one that is remembered, was printed as is kept for others.
    pub fn keep_printed(&self, key: OutputKey, page: &Page) {
        let shelf = Shelf { memory: self.memory.clone(), key, keeps: true };
        if let Some(printed) = page.printed_anew()
            && shelf.find().is_none()
        {
            shelf.keep(printed);
        }
    }

    /// What notes as what the page goes out.
    pub fn tape(&self) -> Tape {
        Tape::new(&self.memory.0.recordings)
    }

    /// The page, which was the one that is remembered, went out as `output`.
    pub fn keep_output(&self, key: OutputKey, output: Output) {
        self.memory.put(key.place, Entry::Coded(key, Arc::new(output)));
    }

    /// Whether another visit has put something in the page's place since this one began.
    fn is_overtaken(&self) -> bool {
        match (self.memory.0.entries.get(&self.key), &self.kept) {
            (Some(Entry::Page(now)), Some(then)) => now.id != then.id,
            (Some(Entry::Page(_)), None) => true,
            _ => false,
        }
    }

    /// The visit is over, and `page` whole.
    pub fn end(self, page: &mut Page) {
        let strikes = match page.met() {
            Met::Same | Met::Close => {
                self.kept.iter().for_each(|kept| kept.strikes.store(0, Relaxed));
                return;
            }
            Met::Diverged => self.strikes + 1,
            Met::Unknown => self.strikes,
        };
        if strikes >= MAX_STRIKES && page.met() == Met::Diverged {
            let rest = REST.saturating_mul(1 << (strikes - MAX_STRIKES).min(16)).min(MAX_REST);
            let until = Instant::now() + rest;
            return self.memory.put(self.key, Entry::Resting { until, strikes });
        }
        // Of many who come at once, one is remembered: no page is put together twice.
        if self.is_overtaken() {
            return;
        }
        if let Some((page, wire)) = page.take_remembered() {
            let (strikes, wire_misses) = (AtomicU32::new(strikes), AtomicU32::new(0));
            let id = self.memory.0.last_id.fetch_add(1, Relaxed);
            let kept = Kept { id, page: Arc::new(page), wire, strikes, wire_misses };
            self.memory.put(self.key, Entry::Page(Arc::new(kept)));
        } else if !self.seen {
            self.memory.put(self.key, Entry::Seen);
        } else if let Some(kept) = &self.kept {
            // It cannot be kept as it is now, and is to rest all the same if it goes on so.
            kept.strikes.store(strikes, Relaxed);
        }
    }
}
