//! Interleaves slices of the page with content, copying neither.

use bytes::Bytes;

use super::charset::Charset;
use super::fit::{Print, permit, print};
use super::plan::{Plan, Slot, State};
use super::reason::Reason;
use super::rope::Rope;
use crate::content::Voice;

/// What became of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Content was printed.
    Printed,
    /// It stood in a slot that was filled, and went with its default text.
    Gone,
    /// It keeps the origin's text.
    Left(Reason),
}

/// A page on its way out.
#[derive(Debug)]
pub(super) struct Weaver {
    voice: Voice,
    charset: Charset,
    rope: Rope,
    /// A slot that starts before this stands in one that was filled.
    covered: usize,
    /// One for each slot of the plan that is done with and not forgotten, in the plan's order.
    outcomes: Vec<Outcome>,
    forgotten: usize,
}

enum Verdict {
    /// It may be filled, once its end is known.
    Hold,
    Print(Print, usize),
    Leave(Reason),
}

impl Weaver {
    /// Goes on with `rope`, in whose bytes every slot of the plan is still to come.
    pub(super) fn new(voice: Voice, charset: Charset, rope: Rope) -> Self {
        Self { voice, charset, rope, covered: 0, outcomes: Vec::new(), forgotten: 0 }
    }

    pub(super) fn push(&mut self, piece: Bytes) {
        self.rope.push(piece);
    }

    pub(super) fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Forgets what is done with, and gives it.
    pub(super) fn forget(&mut self) -> std::vec::Drain<'_, Outcome> {
        self.forgotten += self.outcomes.len();
        self.outcomes.drain(..)
    }

    /// Emits all that is certain. Every slot that starts before `settled` is in the plan.
    pub(super) fn advance(&mut self, plan: &Plan, settled: usize, out: &mut Vec<Bytes>) {
        while let Some(slot) = plan.slot(self.forgotten + self.outcomes.len()) {
            let start = slot.start();
            if start < self.covered {
                self.outcomes.push(Outcome::Gone);
                continue;
            }
            match self.judge(slot) {
                Verdict::Hold => return self.rope.emit(start, out),
                Verdict::Leave(reason) => self.outcomes.push(Outcome::Left(reason)),
                Verdict::Print(print, end) => {
                    self.rope.emit(start, out);
                    print.emit(out);
                    self.rope.skip(end);
                    // An empty slot at the very end of a filled one starts where that one ends,
                    // which is in front of a tag: no other slot starts there.
                    if slot.attribute().is_none() {
                        self.covered = end + 1;
                    }
                    self.outcomes.push(Outcome::Printed);
                }
            }
        }
        self.rope.emit(settled, out);
    }

    /// What speaks against it from the start comes first, then what content there is, then how the
    /// element ended: the order in which a stream finds out, so that no cut changes the reason.
    fn judge(&self, slot: &Slot) -> Verdict {
        if let State::Left(reason) = slot.state
            && slot.never_opened()
        {
            return Verdict::Leave(reason);
        }
        let Some(entry) = self.voice.find(&slot.key) else {
            return Verdict::Leave(Reason::MissingKey);
        };
        match (permit(&slot.place, entry), slot.state) {
            (Err(reason), _) | (_, State::Left(reason)) => Verdict::Leave(reason),
            (Ok(()), State::Pending) => Verdict::Hold,
            (Ok(()), State::Ready { end }) => {
                Verdict::Print(print(&slot.place, entry, self.charset), end)
            }
        }
    }
}
