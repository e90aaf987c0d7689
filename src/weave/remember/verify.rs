//! Compares a page as it comes in with the one that is remembered.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};

use super::known::Remembered;
use super::resync::{Resync, resync};
use crate::weave::plan::AT_END;
use crate::weave::rope::join;
use crate::weave::rules::Rules;

/// Pages that differ at all have about as many.
const USUAL_DIFFERENCES: usize = 16;

/// More differences than this, and the page is another one.
const MAX_DIFFERENCES: usize = 4096;

/// What is compared by one call, and where a difference is looked for then.
const BLOCK: usize = 2 << 10;
const SMALL_BLOCK: usize = 256;

/// What is compared by one instruction, or a few.
const VECTOR: usize = 16;

/// What is copied of differences is allocated in steps of so many bytes.
const COPIES: usize = 1 << 10;

/// A page that has been the remembered one so far, but for differences that mean nothing.
#[derive(Debug)]
pub(in crate::weave) struct Verifier {
    page: Arc<Remembered>,
    /// How much of the remembered page has been met.
    met: usize,
    differences: Vec<Difference>,
    /// What came in where it is not clear how the page goes on.
    undecided: Bytes,
    /// How much longer the page has become, where it has.
    grown: usize,
    /// What came in instead is copied here: a few bytes would keep all that came with them.
    copies: BytesMut,
}

/// What came in instead of bytes of the remembered page.
#[derive(Debug)]
pub(super) struct Difference {
    /// Where those are.
    pub(super) old: Range<usize>,
    pub(super) new: Bytes,
}

/// The page is not the remembered one, nor close to it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::weave) struct Diverged;

impl Verifier {
    pub(in crate::weave) fn new(page: Arc<Remembered>) -> Self {
        Self {
            page,
            met: 0,
            differences: Vec::new(),
            undecided: Bytes::new(),
            grown: 0,
            copies: BytesMut::new(),
        }
    }

    pub(in crate::weave) fn page(&self) -> &Arc<Remembered> {
        &self.page
    }

    /// What was passed over, in its order.
    pub(super) fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// How much of the remembered page has been met; all there is to it at its end, and nothing before
    /// it is certain how its texts are written.
    pub(super) fn verified(&self, ended: bool) -> usize {
        match self.met {
            _ if ended => AT_END,
            met if met < self.page.charset_certain => 0,
            met => met,
        }
    }

    /// How many bytes of the remembered page have been met.
    pub(in crate::weave) fn verified_len(&self) -> usize {
        self.met
    }

    /// How many of those no tag is cut by; none before the charset is certain, which may decide what a label
    /// says.
    pub(super) fn whole(&self, ended: bool) -> usize {
        match self.met {
            met if ended => met,
            met if met < self.page.charset_certain => 0,
            met => self.page.tags.whole(&self.page.body, met),
        }
    }

    /// Whether anything differed so far.
    pub(in crate::weave) fn differs(&self) -> bool {
        !self.differences.is_empty()
    }

    /// What comes in next is known to be the remembered page's, up to `end`.
    pub(in crate::weave) fn skip_to(&mut self, end: usize) {
        self.met = self.met.max(end);
    }

    /// Takes what comes in next.
    ///
    /// # Errors
    /// The page goes on as the remembered one does not.
    pub(in crate::weave) fn push(&mut self, piece: Bytes, rules: &Rules) -> Result<(), Diverged> {
        let mut rest = join(&std::mem::take(&mut self.undecided), &piece);
        while !rest.is_empty() {
            let same = common(&self.page.body[self.met..], &rest);
            self.met += same;
            if same == rest.len() {
                break;
            }
            rest.advance(same);
            match self.resync(&rest, rules) {
                Resync::At { old, new } => {
                    self.replace(old, &rest[..new]);
                    rest.advance(new);
                }
                Resync::Wait => {
                    self.undecided = rest;
                    break;
                }
                Resync::Never => {
                    self.undecided = rest;
                    return Err(Diverged);
                }
            }
        }
        Ok(())
    }

    /// The page is over.
    ///
    /// # Errors
    /// It ended where the remembered one goes on.
    pub(in crate::weave) fn finish(&self) -> Result<(), Diverged> {
        let whole = self.met == self.page.body.len() && self.undecided.is_empty();
        if whole { Ok(()) } else { Err(Diverged) }
    }

    /// All that came in so far, in pieces.
    pub(in crate::weave) fn into_pieces(self) -> Vec<Bytes> {
        let mut pieces = Vec::with_capacity(2 * self.differences.len() + 2);
        let mut at = 0;
        for Difference { old, new } in self.differences {
            pieces.push(self.page.body.slice(at..old.start));
            pieces.push(new);
            at = old.end;
        }
        pieces.push(self.page.body.slice(at..self.met));
        pieces.push(self.undecided);
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }

    fn resync(&self, rest: &Bytes, rules: &Rules) -> Resync {
        let page = &self.page;
        // What decides the charset is the page's first bytes, wherever they stand.
        let unsettled = self.met < page.charset_certain;
        if unsettled || self.differences.len() >= MAX_DIFFERENCES || self.met == page.body.len() {
            return Resync::Never;
        }
        match resync(&page.body, &page.tags, rules, self.met, rest) {
            Resync::At { old, new } if !self.fits(old - self.met, new) => Resync::Never,
            found => found,
        }
    }

    /// Whether no slot becomes too large, or small enough, by having `new` bytes in place of `old`.
    fn fits(&self, old: usize, new: usize) -> bool {
        old == new || self.page.slack.is_some_and(|slack| self.grown + new <= slack + old)
    }

    /// `new` is here in place of what the remembered page has up to `old`.
    fn replace(&mut self, old: usize, new: &[u8]) {
        let old = std::mem::replace(&mut self.met, old)..old;
        self.grown += new.len().saturating_sub(old.len());
        if self.copies.capacity() < new.len() {
            self.copies.reserve(new.len().max(COPIES));
        }
        self.copies.extend_from_slice(new);
        if self.differences.is_empty() {
            self.differences.reserve(USUAL_DIFFERENCES);
        }
        self.differences.push(Difference { old, new: self.copies.split().freeze() });
    }
}

/// How many first bytes are the same.
fn common(one: &[u8], other: &[u8]) -> usize {
    let len = one.len().min(other.len());
    let (one, other) = (&one[..len], &other[..len]);
    // Large blocks are compared at the speed of memory; the one that differs is looked into.
    let mut same = common_blocks::<BLOCK>(one, other);
    if one[same..] == other[same..] {
        return len;
    }
    same += common_blocks::<SMALL_BLOCK>(&one[same..], &other[same..]);
    same += common_blocks::<VECTOR>(&one[same..], &other[same..]);
    let rest = one[same..].iter().zip(&other[same..]);
    same + rest.take_while(|(one, other)| one == other).count()
}

/// How many first bytes are in blocks of so many that are the same.
fn common_blocks<const LEN: usize>(one: &[u8], other: &[u8]) -> usize {
    let (one, other) = (one.as_chunks::<LEN>().0, other.as_chunks::<LEN>().0);
    LEN * one.iter().zip(other).take_while(|(one, other)| one == other).count()
}
