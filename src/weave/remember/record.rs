//! A page that is kept while it goes by, to be remembered.

use std::sync::Arc;

use bytes::Bytes;

use super::block::Growing;
use super::wire::Wire;
use crate::weave::budget::{Budget, Share};

/// Larger pages are not remembered: each would take the place of dozens. In bytes, decoded.
const MAX_PAGE: usize = 1 << 20;

/// What has come of a page, out of a budget for all that are being kept.
///
/// Copied: its own bytes are all that it takes, and what they came in is free again.
#[derive(Debug)]
pub(in crate::weave) struct Recording {
    decoded: Growing,
    wire: Growing,
    /// How much of the one had come when so much of the other had.
    marks: Vec<(usize, usize)>,
    share: Share,
    /// Whether a page without labels is kept, too.
    unlabelled: bool,
}

impl Recording {
    /// Of nothing yet; a page without labels is kept as well if `unlabelled`.
    pub(super) fn new(budget: &Arc<Budget>, unlabelled: bool) -> Self {
        let (decoded, wire, marks) = (Growing::default(), Growing::default(), Vec::new());
        Self { decoded, wire, marks, share: budget.share(), unlabelled }
    }

    /// Takes what comes next; false if the page is too large now, or there are too many.
    pub(in crate::weave) fn take(&mut self, piece: &[u8]) -> bool {
        append(&mut self.decoded, piece, &mut self.share)
    }

    /// Takes what it came as: with these bytes, `decoded` bytes of the page have come.
    pub(in crate::weave) fn take_wire(&mut self, piece: &[u8], decoded: usize) -> bool {
        let taken = append(&mut self.wire, piece, &mut self.share);
        self.marks.push((self.wire.len(), decoded));
        taken && self.share.grow(size_of::<(usize, usize)>())
    }

    /// Counts what else is kept for this visit; false if that is too much.
    pub(in crate::weave) fn reserve(&mut self, bytes: usize) -> bool {
        self.share.grow(bytes)
    }

    pub(in crate::weave) fn keeps_unlabelled(&self) -> bool {
        self.unlabelled
    }

    /// The page, and what it came as if that is something else.
    pub(in crate::weave) fn into_parts(self) -> (Bytes, Option<Wire>) {
        let (wire, marks) = (self.wire, self.marks);
        let wire = (wire.len() > 0).then(|| Wire::new(wire.keep(), &marks));
        (self.decoded.keep(), wire)
    }
}

/// Appends `piece`, if there is room: what is taken from the budget is what is allocated.
fn append(to: &mut Growing, piece: &[u8], share: &mut Share) -> bool {
    to.len() + piece.len() <= MAX_PAGE && share.grow(to.extend(piece))
}
