//! Compares a page as it comes in with the one that is remembered.

use std::sync::Arc;

use bytes::Bytes;

use super::known::Remembered;
use super::resync::{Resync, resync};
use super::shifts::Shifts;
use crate::weave::plan::AT_END;
use crate::weave::rope::{Rope, join};
use crate::weave::rules::Rules;

/// More differences than this, and the page is another one.
const MAX_DIFFERENCES: usize = 4096;

/// A page that has been the remembered one so far, but for differences that mean nothing.
#[derive(Debug)]
pub(in crate::weave) struct Verifier {
    page: Arc<Remembered>,
    /// How much of the remembered page has been met.
    old: usize,
    /// How far that is in the page that comes in.
    new: usize,
    shifts: Shifts,
    /// What came in where it is not clear how the page goes on.
    undecided: Bytes,
    /// What came in instead of bytes of the remembered page: where, how long they are, and what.
    instead: Vec<(usize, usize, Bytes)>,
    /// How much longer the page has become, where it has.
    grown: usize,
}

/// The page is not the remembered one, nor close to it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::weave) struct Diverged;

impl Verifier {
    pub(in crate::weave) fn new(page: Arc<Remembered>) -> Self {
        Self {
            page,
            old: 0,
            new: 0,
            shifts: Shifts::default(),
            undecided: Bytes::new(),
            instead: Vec::new(),
            grown: 0,
        }
    }

    pub(in crate::weave) fn page(&self) -> &Arc<Remembered> {
        &self.page
    }

    pub(in crate::weave) fn shifts(&self) -> &Shifts {
        &self.shifts
    }

    /// How much of the remembered page has been met; all there is to it at its end, and nothing before
    /// it is certain how its texts are written.
    pub(in crate::weave) fn verified(&self, ended: bool) -> usize {
        match self.old {
            _ if ended => AT_END,
            old if old < self.page.charset_certain => 0,
            old => old,
        }
    }

    /// How many bytes of the remembered page have been met.
    pub(in crate::weave) fn verified_len(&self) -> usize {
        self.old
    }

    /// What of the page that comes in no tag is cut by.
    pub(in crate::weave) fn whole(&self, ended: bool) -> usize {
        if ended {
            return self.new;
        }
        self.shifts.place(self.page.tags.whole(&self.page.body, self.old))
    }

    /// Whether anything differed so far.
    pub(in crate::weave) fn differs(&self) -> bool {
        self.shifts.len() > 0
    }

    /// What comes in next is known to be the remembered page's, up to `end`.
    pub(in crate::weave) fn skip_to(&mut self, end: usize, rope: &mut Rope) {
        if end > self.old {
            self.accept(end - self.old, rope);
        }
    }

    /// Takes what comes in next; what is verified of it goes to `rope`.
    ///
    /// # Errors
    /// The page goes on as the remembered one does not.
    pub(in crate::weave) fn push(
        &mut self,
        piece: Bytes,
        rules: &Rules,
        rope: &mut Rope,
    ) -> Result<(), Diverged> {
        let mut rest = join(&std::mem::take(&mut self.undecided), &piece);
        while !rest.is_empty() {
            let same = common(&self.page.body[self.old..], &rest);
            self.accept(same, rope);
            if same == rest.len() {
                break;
            }
            rest = rest.slice(same..);
            match self.resync(&rest, rules) {
                Resync::At { old, new } => self.replace(old, rest.split_to(new), rope),
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
        let whole = self.old == self.page.body.len() && self.undecided.is_empty();
        if whole { Ok(()) } else { Err(Diverged) }
    }

    /// All that came in so far, in pieces.
    pub(in crate::weave) fn into_pieces(self) -> Vec<Bytes> {
        let mut pieces = Vec::with_capacity(2 * self.instead.len() + 2);
        let mut at = 0;
        for (start, len, bytes) in self.instead {
            pieces.push(self.page.body.slice(at..start));
            pieces.push(bytes);
            at = start + len;
        }
        pieces.push(self.page.body.slice(at..self.old));
        pieces.push(self.undecided);
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }

    /// The remembered bytes go out rather than those that came in, which are free again at once.
    fn accept(&mut self, len: usize, rope: &mut Rope) {
        rope.push(self.page.body.slice(self.old..self.old + len));
        self.old += len;
        self.new += len;
    }

    fn resync(&self, rest: &Bytes, rules: &Rules) -> Resync {
        let page = &self.page;
        // What decides the charset is the page's first bytes, wherever they stand.
        let unsettled = self.old < page.charset_certain;
        if unsettled || self.shifts.len() >= MAX_DIFFERENCES || self.old == page.body.len() {
            return Resync::Never;
        }
        match resync(&page.body, &page.tags, rules, self.old, rest) {
            Resync::At { old, new } if !self.fits(old - self.old, new) => Resync::Never,
            found => found,
        }
    }

    /// Whether no slot becomes too large, or small enough, by having `new` bytes in place of `old`.
    fn fits(&self, old: usize, new: usize) -> bool {
        old == new || self.page.slack.is_some_and(|slack| self.grown + new <= slack + old)
    }

    /// `bytes` are here in place of what the remembered page has up to `old`.
    fn replace(&mut self, old: usize, bytes: Bytes, rope: &mut Rope) {
        self.grown += bytes.len().saturating_sub(old - self.old);
        self.new += bytes.len();
        self.shifts.add(old, self.new);
        // A copy: the few bytes that it is would keep all that came with them.
        self.instead.push((self.old, old - self.old, Bytes::copy_from_slice(&bytes)));
        rope.push(bytes);
        self.old = old;
    }
}

/// How many first bytes are the same.
fn common(one: &[u8], other: &[u8]) -> usize {
    let len = one.len().min(other.len());
    let (one, other) = (&one[..len], &other[..len]);
    // Large blocks are compared at the speed of memory; the one that differs is looked into.
    let mut same = 0;
    for block in [16 << 10, 1 << 10, 64, 1] {
        let rest = one[same..].chunks(block).zip(other[same..].chunks(block));
        same += rest.take_while(|(one, other)| one == other).count() * block;
        if same >= len {
            return len;
        }
    }
    same
}
