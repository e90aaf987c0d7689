//! What a scan finds: the marks of a page, as byte ranges in its decoded body.
//!
//! A plan knows the page and nothing of content, locale or release: one plan serves them all.

mod edit;
mod mark;
mod slot;

use encoding_rs::Encoding;

use super::charset::Charset;
use super::reason::Reason;

pub(super) use edit::Edit;
pub(super) use mark::{Mark, Tongue};
pub use slot::Slot;
pub(super) use slot::{Place, State};

/// The marks of one page, in the order of their first byte.
#[derive(Debug)]
pub struct Plan {
    pub(super) charset: Charset,
    marks: Vec<Mark>,
    /// How many marks in front of these are done with and forgotten.
    forgotten: usize,
    /// Why the page was not followed to its end, if it was not.
    pub(super) stopped: Option<Reason>,
}

impl Plan {
    pub(super) fn new(charset: Charset) -> Self {
        Self { charset, marks: Vec::new(), forgotten: 0, stopped: None }
    }

    /// What the page is decoded with.
    pub fn encoding(&self) -> &'static Encoding {
        self.charset.encoding()
    }

    /// The places for content, in the order of their first byte.
    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.marks.iter().filter_map(Mark::slot)
    }

    /// All that may be printed at, and is not forgotten.
    pub(super) fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The mark of that number, unless it is forgotten.
    pub(super) fn mark(&self, number: usize) -> Option<&Mark> {
        self.marks.get(number.checked_sub(self.forgotten)?)
    }

    /// The slot of that number, unless it is forgotten.
    pub(super) fn slot(&self, number: usize) -> Option<&Slot> {
        self.mark(number)?.slot()
    }

    pub(super) fn slot_mut(&mut self, number: usize) -> Option<&mut Slot> {
        self.marks.get_mut(number.checked_sub(self.forgotten)?)?.slot_mut()
    }

    /// The number that the next mark gets.
    pub(super) fn next_number(&self) -> usize {
        self.forgotten + self.marks.len()
    }

    /// Adds marks, none of which starts before those that are there.
    pub(super) fn add(&mut self, marks: impl IntoIterator<Item = Mark>) {
        self.marks.extend(marks);
    }

    /// Forgets the first marks: a stream that is not remembered needs them no more.
    pub(super) fn forget(&mut self, count: usize) {
        self.marks.drain(..count);
        self.forgotten += count;
    }

    /// Why labels behind a point of the page are not in the plan, if there is such a point.
    pub fn stopped(&self) -> Option<Reason> {
        self.stopped
    }
}
