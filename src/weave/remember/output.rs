//! A page as it went out, compressed or not: where nothing of a request enters it, it goes out so again.

use std::sync::Arc;

use bytes::Bytes;

use super::block;

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
    pieces: Vec<Bytes>,
    steps: Vec<Step>,
    woven: usize,
    coded: usize,
}

impl Tape {
    pub(super) fn new(budget: &Arc<Budget>) -> Self {
        let (pieces, steps) = (Vec::new(), Vec::new());
        Self { share: budget.share(), pieces, steps, woven: 0, coded: 0 }
    }

    /// Notes a step that took the first `page` bytes of the page, wove `woven` more, and put out `coded`;
    /// false if too much is being noted.
    pub fn note(&mut self, page: usize, woven: usize, coded: &Bytes, flushed: bool) -> bool {
        self.woven += woven;
        self.put_out(coded);
        self.steps.push(Step { page, woven: self.woven, coded: self.coded, flushed });
        self.share.grow(coded.len() + size_of::<Step>() + size_of::<Bytes>())
    }

    /// Notes how it ended.
    pub fn finish(mut self, coded: &Bytes, tally: Tally) -> Output {
        self.put_out(coded);
        let bytes = block::keep(&self.pieces);
        Output { bytes, steps: self.steps.into(), tally }
    }

    fn put_out(&mut self, coded: &Bytes) {
        self.coded += coded.len();
        self.pieces.push(coded.clone());
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
