//! A page that goes out as it went out before, as far as the page under it is verified.

use std::sync::Arc;

use bytes::Bytes;

use super::super::coding::Coding;
use super::replay::Replay;
use super::sink::Live;
use crate::weave::{Output, Tally};

/// An output on its way out.
pub(super) struct Stored {
    output: Arc<Output>,
    coding: Coding,
    /// How many of its steps are out.
    steps: usize,
    /// How many of its bytes are.
    sent: usize,
}

impl Stored {
    pub(super) fn new(output: Arc<Output>, coding: Coding) -> Self {
        Self { output, coding, steps: 0, sent: 0 }
    }

    /// What `verified` bytes of the page allow to go out.
    pub(super) fn advance(&mut self, verified: usize) -> Bytes {
        let steps = &self.output.steps()[self.steps..];
        let taken = steps.iter().take_while(|step| step.page <= verified).count();
        let Some(last) = taken.checked_sub(1) else { return Bytes::new() };
        let coded = steps[last].coded;
        self.steps += taken;
        self.send(coded)
    }

    /// The page is verified to its end.
    pub(super) fn finish(&mut self) -> Bytes {
        self.steps = self.output.steps().len();
        self.send(self.output.bytes().len())
    }

    /// Whether `verified` bytes of the page allow for more than could be read of what is out.
    pub(super) fn holds_back(&self, verified: usize) -> bool {
        let last = self.steps.checked_sub(1).map(|last| self.output.steps()[last]);
        last.map_or(verified > 0, |last| last.page < verified || !last.flushed)
    }

    pub(super) fn tally(&self) -> &Tally {
        self.output.tally()
    }

    /// A compressor that does what is out again, and goes on from there.
    pub(super) fn replay(&self) -> Live {
        Live::behind(self.coding, Replay::new(Arc::clone(&self.output), self.steps))
    }

    fn send(&mut self, end: usize) -> Bytes {
        let start = std::mem::replace(&mut self.sent, end);
        self.output.bytes().slice(start..end)
    }
}
