//! Puts out a printed page as far as the page that comes in is shown to be the one it is of.

use std::sync::Arc;

use bytes::Bytes;

use super::printed::{Cut, Printed};
use super::verify::{Difference, Verifier};

/// A printed page on its way out.
#[derive(Debug)]
pub(in crate::weave) struct Reprint {
    printed: Arc<Printed>,
    /// How many of the remembered page's bytes are done with.
    page: usize,
    /// Differences that start before this one are in what was replaced.
    replaced: usize,
    /// How many differences and cuts are done with.
    differences: usize,
    cuts: usize,
    /// How many of the printed page's bytes may go out, and how many have.
    ready: usize,
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
        Self {
            printed,
            page: 0,
            replaced: 0,
            differences: 0,
            cuts: 0,
            ready: 0,
            sent: Position::default(),
        }
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
        let printed = Arc::clone(&self.printed);
        let (verified, whole) = (verifier.verified(ended), verifier.whole(ended));
        loop {
            let cut = printed.cuts().get(self.cuts);
            let end = cut.map_or(whole, |cut| cut.replaced.start.min(whole));
            self.text_to(end, verifier.differences(), out);
            match cut {
                Some(cut) if cut.needed <= verified => self.cut(cut),
                _ => break,
            }
        }
        self.send(out);
    }

    /// The page's own bytes up to `end`, with what differs in them.
    fn text_to(&mut self, end: usize, differences: &[Difference], out: &mut Vec<Bytes>) {
        while let Some(difference) = differences.get(self.differences)
            && difference.old.end <= end
        {
            if difference.old.start >= self.replaced {
                self.text(difference.old.start);
                self.send(out);
                out.extend((!difference.new.is_empty()).then(|| difference.new.clone()));
                let skipped = difference.old.len();
                self.sent.skip(self.printed.pieces(), skipped);
                self.page += skipped;
                self.ready += skipped;
            }
            self.differences += 1;
        }
        let difference = differences.get(self.differences);
        let clear = difference.map_or(end, |difference| difference.old.start.min(end));
        self.text(clear);
    }

    fn text(&mut self, end: usize) {
        let len = end.saturating_sub(self.page);
        self.page += len;
        self.ready += len;
    }

    fn cut(&mut self, cut: &Cut) {
        self.page = self.page.max(cut.replaced.end);
        self.ready += cut.printed;
        self.cuts += 1;
        // Text that became longer at its very end is in what was replaced as well.
        if !cut.replaced.is_empty() {
            self.replaced = cut.replaced.end + 1;
        }
    }

    fn send(&mut self, out: &mut Vec<Bytes>) {
        let pieces = self.printed.pieces();
        while self.sent.at < self.ready
            && let Some(piece) = self.sent.up_to(self.ready, pieces)
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
