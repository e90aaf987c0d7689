//! A page as it went out, compressed: where nothing of a request enters it, it goes out so again.

use std::sync::Arc;

use bytes::Bytes;

use super::block::{self, Growing};

use crate::weave::budget::{Budget, Share};
use crate::weave::tally::Tally;

/// What an output takes beside its bytes, in bytes.
const FIXED: usize = 256;

/// A page's bytes as a client got them, and what they were made of, step by step.
#[derive(Debug)]
pub struct Output {
    bytes: Bytes,
    steps: Box<[Step]>,
    tally: Tally,
}

/// What was woven at once, and what went out of it. All lengths are from the page's start on.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// How much of the origin's page this took.
    pub page: usize,
    /// How much was woven then,
    pub woven: usize,
    /// and how much had gone out.
    pub coded: usize,
    /// Whether the compressor was made to put out all that it had.
    pub flushed: bool,
}

/// An output that is being noted, out of the budget for all that is.
#[derive(Debug)]
pub struct Tape {
    share: Share,
    coded: Growing,
    steps: Vec<Step>,
    woven: usize,
}

impl Tape {
    pub(super) fn new(budget: &Arc<Budget>) -> Self {
        let (coded, steps) = (Growing::default(), Vec::new());
        Self { share: budget.share(), coded, steps, woven: 0 }
    }

    /// Notes a step that took the first `page` bytes of the page, wove `woven` more, and put out `coded`;
    /// false if too much is being noted.
    pub fn note(&mut self, page: usize, woven: usize, coded: &Bytes, flushed: bool) -> bool {
        self.woven += woven;
        let allocated = self.coded.extend(coded);
        self.steps.push(Step { page, woven: self.woven, coded: self.coded.len(), flushed });
        self.share.grow(allocated + size_of::<Step>())
    }

    /// Notes how it ended.
    pub fn finish(mut self, coded: &Bytes, tally: Tally) -> Output {
        self.coded.extend(coded);
        Output { bytes: self.coded.keep(), steps: self.steps.into(), tally }
    }
}

impl Output {
    /// All of it.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// How it came about.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What became of the page's slots.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// About what it takes in memory, in bytes.
    pub(super) fn weight(&self) -> usize {
        FIXED + block::weight(self.bytes.len()) + block::in_heap(size_of_val(&*self.steps))
    }
}
