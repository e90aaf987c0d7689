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
    marks: Vec<Planned>,
    /// How many marks in front of these are done with and forgotten.
    forgotten: usize,
    /// Why the page was not followed to its end, if it was not.
    pub(super) stopped: Option<Reason>,
}

/// A mark, and how much of the page tells what becomes of it.
#[derive(Debug)]
struct Planned {
    mark: Mark,
    /// All that is said of it is so for every page that begins with this many of the page's bytes;
    /// no page but this one if it took the page's end to tell.
    certain: usize,
}

/// What only the end of a page tells.
pub(super) const AT_END: usize = usize::MAX;

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
        self.marks.iter().filter_map(|planned| planned.mark.slot())
    }

    /// The slots, and how many bytes of the page it takes to be certain of each.
    pub(super) fn slots_with_certainty(&self) -> impl Iterator<Item = (&Slot, usize)> {
        self.marks.iter().filter_map(|planned| Some((planned.mark.slot()?, planned.certain)))
    }

    /// The mark of that number, unless it is forgotten.
    pub(super) fn mark(&self, number: usize) -> Option<&Mark> {
        self.marks.get(number.checked_sub(self.forgotten)?).map(|planned| &planned.mark)
    }

    /// How many bytes of the page it takes to be certain of the mark of that number.
    pub(super) fn certain(&self, number: usize) -> usize {
        let planned = number.checked_sub(self.forgotten).and_then(|at| self.marks.get(at));
        planned.map_or(AT_END, |planned| planned.certain)
    }

    /// The slot of that number, unless it is forgotten.
    pub(super) fn slot(&self, number: usize) -> Option<&Slot> {
        self.mark(number)?.slot()
    }

    /// Writes down what became of a slot, `certain` after that many bytes of the page.
    pub(super) fn settle(&mut self, number: usize, state: State, certain: usize) {
        let planned = number.checked_sub(self.forgotten).and_then(|at| self.marks.get_mut(at));
        if let Some(planned) = planned
            && let Some(slot) = planned.mark.slot_mut()
        {
            slot.state = state;
            planned.certain = certain;
        }
    }

    /// The number that the next mark gets.
    pub(super) fn next_number(&self) -> usize {
        self.forgotten + self.marks.len()
    }

    /// Adds marks, none of which starts before those that are there; they are `certain` after that
    /// many bytes of the page.
    pub(super) fn add(&mut self, marks: impl IntoIterator<Item = Mark>, certain: usize) {
        self.marks.extend(marks.into_iter().map(|mark| Planned { mark, certain }));
    }

    /// About what it takes in memory, in bytes.
    pub(super) fn weight(&self) -> usize {
        let marks = self.marks.iter().filter_map(|planned| planned.mark.slot());
        self.marks.capacity() * size_of::<Planned>() + marks.map(Slot::weight).sum::<usize>()
    }

    pub(super) fn shrink(&mut self) {
        self.marks.shrink_to_fit();
    }

    /// Forgets the marks up to that number: a stream that is not remembered needs them no more.
    pub(super) fn forget_to(&mut self, number: usize) {
        let count = number.saturating_sub(self.forgotten).min(self.marks.len());
        self.marks.drain(..count);
        self.forgotten += count;
    }

    /// Why labels behind a point of the page are not in the plan, if there is such a point.
    pub fn stopped(&self) -> Option<Reason> {
        self.stopped
    }
}
