//! Bytes that are kept for long, in memory of their own.
//!
//! An allocator that is given large blocks of every length, each for a while, keeps half as much again in
//! the gaps between them: a bound on what is remembered would not be one.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bytes::Bytes;
use memmap2::MmapMut;

/// What is smaller than this is the allocator's. In bytes.
const LARGE: usize = 32 << 10;

/// What the system gives at a time. It may be more, nowhere less.
const PAGE: usize = 4 << 10;

/// What grows does so in pieces of this length, once it is this long. In bytes.
const STEP: usize = 16 << 10;
/// The first of them.
const FIRST: usize = 4 << 10;

/// How many blocks there may be: a process has some 65,000 maps, and its threads need some of them.
const MAX_BLOCKS: usize = 16_000;

static BLOCKS: AtomicUsize = AtomicUsize::new(0);

/// A map of its own, counted.
struct Block(MmapMut);

impl Block {
    fn new(len: usize) -> Option<Self> {
        if BLOCKS.fetch_add(1, Relaxed) < MAX_BLOCKS
            && let Ok(map) = MmapMut::map_anon(len)
        {
            return Some(Self(map));
        }
        BLOCKS.fetch_sub(1, Relaxed);
        None
    }
}

impl AsRef<[u8]> for Block {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        BLOCKS.fetch_sub(1, Relaxed);
    }
}

/// Copies `pieces`, which takes the [`weight`] of what they are together. The allocator's all the same,
/// where the system has no more to give.
pub(super) fn keep<P: AsRef<[u8]>>(pieces: &[P]) -> Bytes {
    let len = pieces.iter().map(|piece| piece.as_ref().len()).sum();
    if len >= LARGE
        && let Some(mut block) = Block::new(len)
    {
        let mut rest = &mut block.0[..];
        for piece in pieces {
            let (part, behind) = rest.split_at_mut(piece.as_ref().len());
            part.copy_from_slice(piece.as_ref());
            rest = behind;
        }
        return Bytes::from_owner(block);
    }
    let mut all = Vec::with_capacity(len);
    pieces.iter().for_each(|piece| all.extend_from_slice(piece.as_ref()));
    all.into()
}

/// Bytes that come one after the other, in pieces of equal length: what is free again fits the next.
#[derive(Debug, Default)]
pub(super) struct Growing {
    pieces: Vec<Vec<u8>>,
    len: usize,
}

impl Growing {
    /// Appends `bytes`; says how much more was allocated for that.
    pub(super) fn extend(&mut self, mut bytes: &[u8]) -> usize {
        let mut allocated = 0;
        self.len += bytes.len();
        while !bytes.is_empty() {
            let room = self.pieces.last().map_or(0, |last| last.capacity() - last.len());
            if room == 0 {
                let step = if self.pieces.is_empty() { FIRST } else { STEP };
                self.pieces.push(Vec::with_capacity(step));
                allocated += step;
            } else if let Some(last) = self.pieces.last_mut() {
                let (now, later) = bytes.split_at(room.min(bytes.len()));
                last.extend_from_slice(now);
                bytes = later;
            }
        }
        allocated
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// All of them, kept.
    pub(super) fn keep(self) -> Bytes {
        keep(&self.pieces)
    }
}

/// What so many bytes take when they are kept.
pub(super) fn weight(len: usize) -> usize {
    if len >= LARGE { len.next_multiple_of(PAGE) } else { in_heap(len) }
}

/// What so many bytes take in the allocator's memory, gaps included: measured in a crawl.
pub(super) fn in_heap(len: usize) -> usize {
    len + len / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_the_same_whatever_its_length() {
        for (len, expected) in [(0, 0), (100, 150), (LARGE + 1, LARGE + PAGE)] {
            let bytes: Vec<u8> = (0..len).map(|at| at as u8).collect();
            assert_eq!(keep(&[&bytes[..len / 2], &bytes[len / 2..]]), bytes);
            let mut growing = Growing::default();
            let allocated: usize = bytes.chunks(1000).map(|piece| growing.extend(piece)).sum();
            assert!((len..=len + STEP).contains(&allocated), "{allocated}");
            assert_eq!((growing.len(), growing.keep()), (len, bytes.into()));
            assert_eq!(weight(len), expected);
        }
    }
}
