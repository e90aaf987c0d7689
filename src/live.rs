//! The seam between whoever loads content and whoever prints it.
//!
//! Each site has a [`place`](Shelf::place) on one [`Shelf`]: an atomic cell that a request reads
//! without waiting for anything. All snapshots together are bounded in bytes; the site that was
//! longest without a visitor loses its own and is asleep until the next one comes. Knows nothing
//! of requests, nor of where content comes from.

mod hints;
mod retired;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use arc_swap::ArcSwapOption;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use tokio::sync::watch;

use crate::content::Snapshot;
pub use hints::{Hinter, Hints, Wanted, channel, hints};
use retired::Retired;

/// The snapshots of all sites.
#[derive(Debug, Clone)]
pub struct Shelf {
    snapshots: Cache<usize, Arc<Snapshot>>,
    cells: Cells,
    retired: Retired,
    capacity: u64,
}

type Cells = Arc<Mutex<HashMap<usize, Weak<Cell>>>>;

/// One site's place.
#[derive(Debug)]
struct Cell {
    id: usize,
    live: ArcSwapOption<Snapshot>,
    phase: watch::Sender<Phase>,
    /// Wakes the writer.
    hinter: Hinter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nobody has asked for it yet, or not since it was dropped.
    Asleep,
    /// It is wanted and being looked for.
    Awaited,
    /// It was looked for, whatever came of it.
    Settled,
}

impl Shelf {
    /// Holds snapshots of `capacity` bytes altogether.
    pub fn new(capacity: u64) -> Self {
        let cells = Cells::default();
        let dropped = Arc::clone(&cells);
        let retired = Retired::default();
        let retires = retired.clone();
        let snapshots = Cache::builder()
            .max_capacity(capacity.div_ceil(1024))
            .weigher(|_, snapshot: &Arc<Snapshot>| weight(snapshot))
            // What is asked for now is kept, however rarely it was asked for before.
            .eviction_policy(EvictionPolicy::lru())
            .eviction_listener(move |id: Arc<usize>, snapshot, _| {
                let cell = lock(&dropped).get(&id).and_then(Weak::upgrade);
                if let Some(cell) = cell {
                    cell.forget(&snapshot);
                }
                retires.add(snapshot);
            })
            .build();
        Self { snapshots, cells, retired, capacity }
    }

    /// A place for one site's snapshot, empty and asleep: the end that writes, the end that reads,
    /// and what wakes the writer.
    pub fn place(&self) -> (Publisher, Reader, Hints) {
        let (hinter, hints) = hints();
        let mut cells = lock(&self.cells);
        let phase = watch::Sender::new(Phase::Asleep);
        let live = ArcSwapOption::empty();
        let cell = Arc::new(Cell { id: cells.len(), live, phase, hinter });
        cells.insert(cell.id, Arc::downgrade(&cell));
        let publisher = Publisher { shelf: self.clone(), cell: Arc::clone(&cell) };
        (publisher, Reader(Some(Inner { shelf: self.clone(), cell })), hints)
    }

    /// Frees the snapshots that were replaced or dropped and that no page is printed with any more,
    /// on the thread that calls it: a large one takes longer than a visitor should wait.
    pub fn sweep(&self) {
        self.retired.sweep();
    }

    /// What the snapshots take now, in bytes.
    pub fn bytes(&self) -> u64 {
        self.snapshots.weighted_size() * 1024
    }

    /// What those take that were replaced or dropped while pages are still printed with them.
    pub fn retired_bytes(&self) -> u64 {
        self.retired.bytes()
    }

    /// What they may take.
    pub fn capacity(&self) -> u64 {
        self.capacity
    }
}

/// In KiB, so that four bytes hold it, and every site weighs something.
fn weight(snapshot: &Snapshot) -> u32 {
    u32::try_from(snapshot.weight().div_ceil(1024)).unwrap_or(u32::MAX)
}

/// A poisoned lock guards nothing that could be half-done.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cell {
    /// Under the phase's lock, so that what is published meanwhile is not lost. The writer is told:
    /// it may be waiting for its next look, an hour away, and says that the site is live.
    fn forget(&self, snapshot: &Arc<Snapshot>) {
        let forgotten = self.phase.send_if_modified(|phase| {
            let is_live = self.live.load().as_ref().is_some_and(|live| Arc::ptr_eq(live, snapshot));
            if is_live {
                self.live.store(None);
                *phase = Phase::Asleep;
            }
            is_live
        });
        if forgotten {
            self.hinter.look();
        }
    }
}

/// A snapshot that alone is heavier than all may be together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooHeavy {
    /// What it takes, in bytes.
    pub weight: usize,
    /// What all may take.
    pub capacity: u64,
}

impl fmt::Display for TooHeavy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { weight, capacity } = self;
        write!(
            f,
            "it takes {weight} bytes of memory, and `limits.content` allows {capacity} for all sites"
        )
    }
}

impl std::error::Error for TooHeavy {}

/// Makes a snapshot the live one.
#[derive(Debug)]
pub struct Publisher {
    shelf: Shelf,
    cell: Arc<Cell>,
}

impl Publisher {
    /// Swaps in `snapshot`. Who has read the one before keeps it.
    ///
    /// # Errors
    /// When it alone would not fit; then nothing changes.
    pub fn publish(&self, snapshot: Arc<Snapshot>) -> Result<(), TooHeavy> {
        let (weight, capacity) = (snapshot.weight(), self.shelf.capacity);
        if weight as u64 > capacity {
            return Err(TooHeavy { weight, capacity });
        }
        self.cell.phase.send_modify(|phase| {
            self.cell.live.store(Some(Arc::clone(&snapshot)));
            *phase = Phase::Settled;
        });
        self.shelf.snapshots.insert(self.cell.id, snapshot);
        self.shelf.snapshots.run_pending_tasks();
        Ok(())
    }

    /// Tells those who wait that there is nothing to wait for.
    pub fn settle(&self) {
        self.cell.phase.send_modify(|phase| *phase = Phase::Settled);
    }

    /// Whether nobody wants it at present.
    pub fn is_asleep(&self) -> bool {
        *self.cell.phase.borrow() == Phase::Asleep
    }

    /// Whether somebody wants it for the first time, or again after a sleep.
    pub fn is_awaited(&self) -> bool {
        *self.cell.phase.borrow() == Phase::Awaited
    }

    /// The live snapshot, if there is one.
    pub fn live(&self) -> Option<Arc<Snapshot>> {
        self.cell.live.load_full()
    }
}

impl Cell {
    /// Has it looked for, unless it is. The hint is given under the phase's lock: whoever sees the
    /// phase can take the hint with it.
    fn awaken(&self) {
        self.phase.send_if_modified(|phase| {
            let asleep = *phase == Phase::Asleep;
            if asleep {
                *phase = Phase::Awaited;
                self.hinter.look();
            }
            asleep
        });
    }
}

/// Reads the live snapshot.
#[derive(Debug, Clone)]
pub struct Reader(Option<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    shelf: Shelf,
    cell: Arc<Cell>,
}

impl Reader {
    /// Of a site that never has content.
    pub fn empty() -> Self {
        Self(None)
    }

    /// The snapshot of this moment, if there is one.
    pub fn get(&self) -> Option<Arc<Snapshot>> {
        let Inner { shelf, cell, .. } = self.0.as_ref()?;
        let live = cell.live.load_full()?;
        // Only to be known as used.
        shelf.snapshots.get(&cell.id);
        Some(live)
    }

    /// Where there is none yet but may be soon: has it looked for, and gives what waits for it. Not
    /// where it was looked for in vain, which the next try may change but no visitor waits for.
    pub fn soon(&self) -> Option<Soon> {
        let Inner { cell, .. } = self.0.as_ref()?;
        cell.awaken();
        let phase = cell.phase.subscribe();
        let awaited = *phase.borrow() == Phase::Awaited;
        awaited.then(|| Soon { reader: self.clone(), phase })
    }

    /// Wakes the writer: something may have been published.
    pub fn hint(&self, wanted: Wanted) {
        if let Some(inner) = &self.0 {
            inner.cell.hinter.hint(wanted);
        }
    }
}

/// A snapshot that is being looked for.
#[derive(Debug)]
pub struct Soon {
    reader: Reader,
    phase: watch::Receiver<Phase>,
}

impl Soon {
    /// Waits until it was looked for. Cancel safe.
    pub async fn get(&mut self) -> Option<Arc<Snapshot>> {
        // Fails where the writer is gone: then there is what there is.
        let _ = self.phase.wait_for(|phase| *phase != Phase::Awaited).await;
        self.reader.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::compile;

    fn snapshot(text: &str) -> Arc<Snapshot> {
        let file = ("en.json".to_owned(), format!("{{\"a\": \"{text}\"}}").into_bytes());
        Arc::new(compile([file]).unwrap())
    }

    fn text(reader: &Reader) -> Option<String> {
        let snapshot = reader.get()?;
        let voice = snapshot.voice(snapshot.default_locale())?;
        Some(voice.find("a")?.source().to_owned())
    }

    #[test]
    fn what_is_published_is_read_and_who_read_before_keeps_it() {
        let (publisher, reader, _) = Shelf::new(1 << 20).place();
        assert_eq!(text(&reader), None);
        publisher.publish(snapshot("one")).unwrap();
        let before = reader.get().unwrap();
        publisher.publish(snapshot("two")).unwrap();
        assert_eq!(text(&reader).unwrap(), "two");
        assert_ne!(before.release(), reader.get().unwrap().release());
        assert!(Reader::empty().get().is_none() && Reader::empty().soon().is_none());
    }

    #[tokio::test]
    async fn the_first_visitor_wakes_the_writer_and_all_wait_for_one_load() {
        let (publisher, reader, mut hints) = Shelf::new(1 << 20).place();
        assert!(publisher.is_asleep());
        let (mut first, mut second) = (reader.soon().unwrap(), reader.soon().unwrap());
        assert!(!publisher.is_asleep());
        hints.next().await;
        let loads = async { publisher.publish(snapshot("one")).unwrap() };
        let (one, two, ()) = tokio::join!(first.get(), second.get(), loads);
        assert!(one.is_some() && two.is_some());
    }

    #[tokio::test]
    async fn nobody_waits_for_what_was_looked_for_in_vain() {
        let (publisher, reader, _) = Shelf::new(1 << 20).place();
        let mut soon = reader.soon().unwrap();
        publisher.settle();
        assert!(soon.get().await.is_none());
        assert!(reader.soon().is_none());
    }

    #[test]
    fn the_site_longest_without_a_visitor_is_dropped_and_falls_asleep() {
        let shelf = Shelf::new(3 * 1024 * u64::from(weight(&snapshot(&"x".repeat(1000)))));
        let places: Vec<_> = (0..3).map(|_| shelf.place()).collect();
        for (publisher, ..) in &places {
            publisher.publish(snapshot(&"x".repeat(1000))).unwrap();
        }
        assert!(places[0].1.get().is_some());
        let (fourth, reader, _hints) = shelf.place();
        fourth.publish(snapshot(&"y".repeat(1000))).unwrap();
        assert!(shelf.bytes() <= shelf.capacity());
        let live: Vec<_> = places.iter().map(|(_, reader, _)| reader.get().is_some()).collect();
        assert_eq!((live, reader.get().is_some()), (vec![true, false, true], true));
        assert!(places[1].0.is_asleep() && places[1].1.soon().is_some());
    }

    #[test]
    fn what_fits_in_no_case_changes_nothing() {
        let (publisher, reader, _) = Shelf::new(4000).place();
        publisher.publish(snapshot("one")).unwrap();
        let error = publisher.publish(snapshot(&"x".repeat(9000))).unwrap_err();
        assert_eq!(error.capacity, 4000);
        assert_eq!(text(&reader).unwrap(), "one");
    }
}
