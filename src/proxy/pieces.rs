//! A frame of a body in many pieces: one chunk on the wire, one `writev`, and no copy.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::mem;

use bytes::{Buf, Bytes};

/// Bytes in pieces, none of which is empty.
#[derive(Debug)]
pub(crate) enum Pieces {
    /// What most frames are, without an allocation.
    One(Bytes),
    Many {
        pieces: VecDeque<Bytes>,
        len: usize,
    },
}

impl Pieces {
    /// Takes all that is in `pieces`.
    pub(crate) fn gather(pieces: &mut Vec<Bytes>) -> Self {
        pieces.retain(|piece| !piece.is_empty());
        if pieces.len() < 2 {
            return Self::One(pieces.pop().unwrap_or_default());
        }
        let len = pieces.iter().map(Bytes::len).sum();
        Self::Many { pieces: pieces.drain(..).collect(), len }
    }

    /// Puts `more` behind what is there.
    pub(crate) fn append(&mut self, more: Self) {
        if self.is_empty() {
            *self = more;
        } else if !more.is_empty() {
            if let Self::One(first) = self {
                let (len, first) = (first.len(), mem::take(first));
                *self = Self::Many { pieces: VecDeque::from([first]), len };
            }
            if let Self::Many { pieces, len } = self {
                *len += more.remaining();
                match more {
                    Self::One(bytes) => pieces.push_back(bytes),
                    Self::Many { pieces: more, .. } => pieces.extend(more),
                }
            }
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<Bytes> {
        match self {
            Self::One(bytes) => vec![bytes],
            Self::Many { pieces, .. } => pieces.into(),
        }
    }

    /// How many pieces there are.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many { pieces, .. } => pieces.len(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.remaining() == 0
    }
}

impl Default for Pieces {
    fn default() -> Self {
        Self::One(Bytes::new())
    }
}

impl From<Bytes> for Pieces {
    fn from(bytes: Bytes) -> Self {
        Self::One(bytes)
    }
}

impl From<Vec<Bytes>> for Pieces {
    fn from(mut pieces: Vec<Bytes>) -> Self {
        Self::gather(&mut pieces)
    }
}

impl Buf for Pieces {
    fn remaining(&self) -> usize {
        match self {
            Self::One(bytes) => bytes.len(),
            Self::Many { len, .. } => *len,
        }
    }

    fn chunk(&self) -> &[u8] {
        match self {
            Self::One(bytes) => bytes,
            Self::Many { pieces, .. } => pieces.front().map_or(&[], |piece| piece),
        }
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        match self {
            Self::One(bytes) => bytes.chunks_vectored(slices),
            Self::Many { pieces, .. } => {
                let filled = slices.iter_mut().zip(pieces);
                filled.map(|(slice, piece)| *slice = IoSlice::new(piece)).count()
            }
        }
    }

    /// # Panics
    /// Past the end, as `Buf` has it.
    fn advance(&mut self, count: usize) {
        match self {
            Self::One(bytes) => bytes.advance(count),
            Self::Many { pieces, len } => {
                assert!(count <= *len, "advanced past the end");
                *len -= count;
                let mut left = count;
                while let Some(piece) = pieces.front_mut()
                    && left > 0
                {
                    let step = left.min(piece.len());
                    piece.advance(step);
                    left -= step;
                    if piece.is_empty() {
                        pieces.pop_front();
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_read_in_their_order_from_any_place() {
        let pieces = || Pieces::from(["ab", "", "cde", "f"].map(Bytes::from).to_vec());
        for skipped in 0..=6 {
            let mut pieces = pieces();
            pieces.advance(skipped);
            let mut slices = [IoSlice::new(&[]); 8];
            let count = pieces.chunks_vectored(&mut slices);
            let seen: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
            assert_eq!(seen, &b"abcdef"[skipped..]);
            assert_eq!(pieces.remaining(), 6 - skipped);
            assert_eq!(&pieces.copy_to_bytes(6 - skipped)[..], &b"abcdef"[skipped..]);
        }
        assert!(matches!(Pieces::from(vec![Bytes::from("a"), Bytes::new()]), Pieces::One(_)));
        assert!(Pieces::default().is_empty());
    }
}
