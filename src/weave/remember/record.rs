//! A page that is kept while it goes by, to be remembered.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::wire::Wire;
use crate::weave::budget::{Budget, Share};

/// Larger pages are not remembered: each would take the place of dozens. In bytes, decoded.
const MAX_PAGE: usize = 1 << 20;

/// What keeping a piece costs beside its bytes.
const PER_PIECE: usize = 64;

/// The pieces of a page so far, out of a budget for all that are being kept.
#[derive(Debug)]
pub(in crate::weave) struct Recording {
    decoded: Pieces,
    wire: Pieces,
    /// How much of the one had come when so much of the other had.
    marks: Vec<(usize, usize)>,
    share: Share,
    /// Whether a page without labels is kept, too.
    unlabelled: bool,
}

#[derive(Debug, Default)]
struct Pieces {
    pieces: Vec<Bytes>,
    len: usize,
}

impl Recording {
    /// Of nothing yet; a page without labels is kept as well if `unlabelled`.
    pub(super) fn new(budget: &Arc<Budget>, unlabelled: bool) -> Self {
        let (decoded, wire) = (Pieces::default(), Pieces::default());
        Self { decoded, wire, marks: Vec::new(), share: budget.share(), unlabelled }
    }

    /// Takes what comes next; false if the page is too large now, or there are too many.
    pub(in crate::weave) fn take(&mut self, piece: &Bytes) -> bool {
        self.decoded.take(piece, &mut self.share)
    }

    /// Takes what it came as: with these bytes, `decoded` bytes of the page have come.
    pub(in crate::weave) fn take_wire(&mut self, piece: &Bytes, decoded: usize) -> bool {
        let taken = self.wire.take(piece, &mut self.share);
        self.marks.push((self.wire.len, decoded));
        taken
    }

    pub(in crate::weave) fn keeps_unlabelled(&self) -> bool {
        self.unlabelled
    }

    /// The page in one piece, and what it came as if that is something else.
    pub(in crate::weave) fn into_parts(self) -> (Bytes, Option<Wire>) {
        let wire = (self.wire.len > 0).then(|| Wire::new(self.wire.joined(), &self.marks));
        (self.decoded.joined(), wire)
    }
}

impl Pieces {
    fn take(&mut self, piece: &Bytes, share: &mut Share) -> bool {
        self.len += piece.len();
        self.pieces.push(piece.clone());
        self.len <= MAX_PAGE && share.grow(piece.len() + PER_PIECE)
    }

    fn joined(&self) -> Bytes {
        let mut whole = BytesMut::with_capacity(self.len);
        for piece in &self.pieces {
            whole.extend_from_slice(piece);
        }
        whole.freeze()
    }
}
