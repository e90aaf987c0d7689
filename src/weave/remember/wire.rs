//! What a page came as, where that is something else than its bytes: compressed.

use bytes::Bytes;

use super::block;

/// The bytes that a page came as, and how they relate to its own.
#[derive(Debug)]
pub struct Wire {
    bytes: Bytes,
    /// With so many of these, so many of the page's have come; both grow.
    marks: Box<[(u32, u32)]>,
}

impl Wire {
    pub(super) fn new(bytes: Bytes, marks: &[(usize, usize)]) -> Self {
        let mark = |&(wire, decoded): &(usize, usize)| {
            Some((u32::try_from(wire).ok()?, u32::try_from(decoded).ok()?))
        };
        Self { bytes, marks: marks.iter().filter_map(mark).collect() }
    }

    /// All of them.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// How many of the page's bytes have come with the first `len` of these.
    pub fn decoded(&self, len: usize) -> usize {
        let behind = self.marks.partition_point(|&(wire, _)| wire as usize <= len);
        behind.checked_sub(1).map_or(0, |last| self.marks[last].1 as usize)
    }

    /// About what it takes in memory, in bytes.
    pub(super) fn weight(&self) -> usize {
        block::weight(self.bytes.len()) + block::in_heap(size_of_val(&*self.marks))
    }
}
