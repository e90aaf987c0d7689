//! From a page's bytes to its plan, as they come in.

use bytes::Bytes;

use super::charset::Charset;
use super::follow::Follower;
use super::label::LabelName;
use super::plan::Plan;
use super::reason::Reason;
use super::rope::{detach, join};
use super::tokenizer::Tokenizer;

/// An unfinished token longer than this ends the scan: a tag is kept whole until its end is there.
const MAX_TOKEN: usize = 1 << 20;

/// A scan under way.
pub(super) struct Scanner {
    tokenizer: Tokenizer,
    follower: Follower,
    /// Bytes that are not scanned yet, in one piece; the first is at `scanned`.
    window: Bytes,
    scanned: usize,
    stopped: bool,
}

impl Scanner {
    /// Starts at a document's first byte.
    pub(super) fn new(label: LabelName, charset: Charset, max_slot: usize) -> Self {
        Self {
            tokenizer: Tokenizer::default(),
            follower: Follower::new(label, charset, max_slot),
            window: Bytes::new(),
            scanned: 0,
            stopped: false,
        }
    }

    /// What was found so far.
    pub(super) fn plan(&self) -> &Plan {
        self.follower.plan()
    }

    /// Forgets the plan's first slots.
    pub(super) fn forget(&mut self, count: usize) {
        self.follower.forget(count);
    }

    pub(super) fn into_plan(self) -> Plan {
        self.follower.into_plan()
    }

    /// No slot that is not in the plan yet starts before this byte.
    pub(super) fn settled(&self) -> usize {
        // What is unfinished and no tag holds no slot either.
        let tag = self.tokenizer.expects_tag();
        if tag && !self.stopped { self.scanned } else { self.scanned + self.window.len() }
    }

    /// Scans on.
    pub(super) fn feed(&mut self, chunk: &Bytes) {
        if self.stopped {
            self.scanned += chunk.len();
            return;
        }
        self.window = join(&self.window, chunk);
        self.read(false);
        if self.window.len() > MAX_TOKEN {
            self.stop(Reason::TokenTooLong);
        }
    }

    /// Scans to the end: what is open now is never closed.
    pub(super) fn finish(&mut self) {
        if !self.stopped {
            self.read(true);
            self.follower.leave_open(Reason::UnclosedElement, self.scanned);
            self.stopped = true;
        }
    }

    fn read(&mut self, last: bool) {
        self.follower.look_for_labels(&self.window, self.scanned);
        let read = self.tokenizer.read(&self.window, self.scanned, last, &mut self.follower);
        self.scanned += read;
        let buffer = self.window.len();
        self.window = detach(self.window.split_off(read), buffer);
        match self.follower.lost() {
            Some(reason) => self.stop(reason),
            None => self.follower.leave_too_large(self.scanned),
        }
    }

    /// Keeps what was planned and lets the rest of the page pass.
    fn stop(&mut self, reason: Reason) {
        self.follower.stop(reason, self.scanned);
        self.scanned += self.window.len();
        self.window = Bytes::new();
        self.stopped = true;
    }
}
