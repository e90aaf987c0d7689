//! The page's bytes that are not out yet, as they came: slices, never copies.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use super::weaver::Outlet;

/// Bytes from `start` of the document on.
#[derive(Debug, Default)]
pub(super) struct Rope {
    pieces: VecDeque<Bytes>,
    start: usize,
    len: usize,
}

impl Rope {
    pub(super) fn push(&mut self, piece: Bytes) {
        self.len += piece.len();
        if !piece.is_empty() {
            self.pieces.push_back(piece);
        }
    }

    /// The document position behind the last byte held.
    pub(super) fn end(&self) -> usize {
        self.start + self.len
    }

    /// Hands out everything before `end` of the document.
    pub(super) fn emit(&mut self, end: usize, out: &mut impl Outlet) {
        self.take(end, |piece| out.text(piece));
    }

    /// Drops everything before `end` of the document.
    pub(super) fn skip(&mut self, end: usize) {
        self.take(end, drop);
    }

    fn take(&mut self, end: usize, mut each: impl FnMut(Bytes)) {
        let mut wanted = end.min(self.end()).saturating_sub(self.start);
        self.start += wanted;
        self.len -= wanted;
        while wanted > 0
            && let Some(piece) = self.pieces.front_mut()
        {
            if piece.len() > wanted {
                each(piece.split_to(wanted));
                return;
            }
            wanted -= piece.len();
            if let Some(piece) = self.pieces.pop_front() {
                each(piece);
            }
        }
    }
}

/// Two neighbouring pieces as one; copies only if there are two.
pub(super) fn join(first: &Bytes, second: &Bytes) -> Bytes {
    if first.is_empty() {
        return second.clone();
    }
    let mut joined = BytesMut::with_capacity(first.len() + second.len());
    joined.extend_from_slice(first);
    joined.extend_from_slice(second);
    joined.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_split_where_asked() {
        let mut rope = Rope::default();
        for piece in ["abc", "", "de", "fgh"] {
            rope.push(Bytes::from(piece));
        }
        let mut out = Vec::new();
        rope.emit(2, &mut out);
        rope.skip(6);
        rope.emit(99, &mut out);
        assert_eq!(out.concat(), b"abgh");
        assert_eq!((rope.start, rope.end()), (8, 8));
    }
}
