//! Puts out a printed page as far as the page that comes in is shown to be the one it is of.

use std::sync::Arc;

use bytes::Bytes;

use super::printed::Printed;
use super::verify::{Difference, Verifier};

/// A printed page on its way out.
#[derive(Debug)]
pub(in crate::weave) struct Reprint {
    printed: Arc<Printed>,
    /// How many differences and cuts are done with.
    differences: usize,
    cuts: usize,
    sent: Position,
}

/// A place in a row of pieces.
#[derive(Debug, Default)]
struct Position {
    piece: usize,
    /// In that piece,
    within: usize,
    /// and in all of them.
    at: usize,
}

impl Reprint {
    pub(in crate::weave) fn new(printed: Arc<Printed>) -> Self {
        Self { printed, differences: 0, cuts: 0, sent: Position::default() }
    }

    pub(in crate::weave) fn printed(&self) -> &Arc<Printed> {
        &self.printed
    }

    /// Appends to `out` all that is certain by what `verifier` has met; `ended` if that is the page.
    pub(in crate::weave) fn advance(
        &mut self,
        verifier: &Verifier,
        ended: bool,
        out: &mut Vec<Bytes>,
    ) {
        let (verified, whole) = (verifier.verified(ended), verifier.whole(ended));
        let cuts = self.printed.cuts();
        self.cuts += cuts[self.cuts..].partition_point(|cut| cut.needed <= verified);
        let (end, shift) = match self.cuts.checked_sub(1).map(|last| &cuts[last]) {
            Some(last) => (whole.max(last.end), last.shift),
            None => (whole, 0),
        };
        let end = cuts.get(self.cuts).map_or(end, |next| end.min(next.start));
        let differences = &verifier.differences()[self.differences..];
        for difference in differences.iter().take_while(|difference| difference.old.end <= end) {
            self.differences += 1;
            self.differ(difference, out);
        }
        let ahead = verifier.differences().get(self.differences);
        let end = ahead.map_or(end, |difference| end.min(difference.old.start));
        self.send(end.wrapping_add(shift), out);
    }

    /// What is in place of the page's own bytes goes out, unless it is in what was replaced.
    fn differ(&mut self, difference: &Difference, out: &mut Vec<Bytes>) {
        let (old, cuts) = (&difference.old, self.printed.cuts());
        let before = cuts.partition_point(|cut| cut.start < old.end);
        let (behind, shift) = match before.checked_sub(1).map(|last| &cuts[last]) {
            Some(last) => (last.behind, last.shift),
            None => (0, 0),
        };
        if old.start >= behind {
            self.send(old.start.wrapping_add(shift), out);
            out.extend((!difference.new.is_empty()).then(|| difference.new.clone()));
            self.sent.skip(self.printed.pieces(), old.len());
        }
    }

    /// The printed page up to `end`.
    fn send(&mut self, end: usize, out: &mut Vec<Bytes>) {
        let pieces = self.printed.pieces();
        while self.sent.at < end
            && let Some(piece) = self.sent.up_to(end, pieces)
        {
            out.push(piece);
        }
    }
}

impl Position {
    /// What is there, up to `end` of all pieces at most and to the end of the piece.
    fn up_to(&mut self, end: usize, pieces: &[Bytes]) -> Option<Bytes> {
        let piece = pieces.get(self.piece)?;
        let from = self.within;
        let len = (piece.len() - from).min(end - self.at);
        self.skip(pieces, len);
        Some(piece.slice(from..from + len))
    }

    fn skip(&mut self, pieces: &[Bytes], count: usize) {
        self.at += count;
        self.within += count;
        while let Some(piece) = pieces.get(self.piece)
            && self.within >= piece.len()
        {
            self.within -= piece.len();
            self.piece += 1;
        }
    }
}
