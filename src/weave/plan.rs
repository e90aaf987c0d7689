//! What a scan finds: the slots of a page, as byte ranges in its decoded body.
//!
//! A plan knows the page and nothing of content, locale or release: one plan serves them all.

use std::ops::Range;

use encoding_rs::Encoding;

use super::charset::Charset;
use super::label::Arguments;
use super::reason::Reason;
use super::tree::Context;

/// The slots of one page, in the order of their first byte.
#[derive(Debug)]
pub struct Plan {
    pub(super) charset: Charset,
    slots: Vec<Slot>,
    /// How many slots in front of these are done with and forgotten.
    forgotten: usize,
    /// Why the page was not followed to its end, if it was not.
    pub(super) stopped: Option<Reason>,
}

impl Plan {
    pub(super) fn new(charset: Charset) -> Self {
        Self { charset, slots: Vec::new(), forgotten: 0, stopped: None }
    }

    /// What the page is decoded with.
    pub fn encoding(&self) -> &'static Encoding {
        self.charset.encoding()
    }

    /// The slots, in the order of their first byte.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The slot of that number, unless it is forgotten.
    pub(super) fn slot(&self, number: usize) -> Option<&Slot> {
        self.slots.get(number.checked_sub(self.forgotten)?)
    }

    pub(super) fn slot_mut(&mut self, number: usize) -> Option<&mut Slot> {
        self.slots.get_mut(number.checked_sub(self.forgotten)?)
    }

    /// The number that the next slot gets.
    pub(super) fn next_number(&self) -> usize {
        self.forgotten + self.slots.len()
    }

    /// Adds the slots of one tag, which come in any order.
    pub(super) fn add(&mut self, mut slots: Vec<Slot>) {
        slots.sort_by_key(Slot::start);
        self.slots.append(&mut slots);
    }

    /// Forgets the first slots: a stream that is not remembered needs them no more.
    pub(super) fn forget(&mut self, count: usize) {
        self.slots.drain(..count);
        self.forgotten += count;
    }

    /// Why labels behind a point of the page are not in the plan, if there is such a point.
    pub fn stopped(&self) -> Option<Reason> {
        self.stopped
    }
}

/// A place that content may be printed in.
#[derive(Debug)]
pub struct Slot {
    pub(super) key: Box<str>,
    pub(super) place: Place,
    pub(super) state: State,
    pub(super) arguments: Option<Arguments>,
}

impl Slot {
    /// The key that its label names, or what stands where a key should.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The attribute it is the value of; none for an element's content.
    pub fn attribute(&self) -> Option<&str> {
        match &self.place {
            Place::Inner { .. } => None,
            Place::Attribute { name, .. } => Some(name),
        }
    }

    /// Where its default text is in the page, if the scan could tell where it ends.
    pub fn default_text(&self) -> Option<Range<usize>> {
        match (&self.place, self.state) {
            (Place::Inner { start, .. }, State::Ready { end }) => Some(*start..end),
            (Place::Attribute { edit: Edit::Value(value) | Edit::Quoted(value), .. }, _) => {
                Some(value.clone())
            }
            _ => None,
        }
    }

    /// The bytes of the page that printing it takes the place of, quotes of an attribute included;
    /// none if nothing can be printed.
    pub fn replaces(&self) -> Option<Range<usize>> {
        match self.state {
            State::Ready { end } => Some(self.start()..end),
            State::Pending | State::Left(_) => None,
        }
    }

    /// Whether spaces and line breaks in its text are shown as they are.
    pub fn keeps_whitespace(&self) -> bool {
        self.context().is_some_and(|context| context.drops_newline)
    }

    /// Whether markup means nothing in it.
    pub fn is_text_only(&self) -> bool {
        self.context().is_some_and(|context| context.text_only)
    }

    fn context(&self) -> Option<&Context> {
        match &self.place {
            Place::Inner { context, .. } => context.as_ref(),
            Place::Attribute { .. } => None,
        }
    }

    /// The arguments that the origin supplies for its message.
    pub fn arguments(&self) -> Option<&Arguments> {
        self.arguments.as_ref()
    }

    /// Why no content will ever be printed here, if so.
    pub fn left(&self) -> Option<Reason> {
        match self.state {
            State::Left(reason) => Some(reason),
            State::Pending | State::Ready { .. } => None,
        }
    }

    /// Whether it was left alone by its start tag already.
    pub(super) fn never_opened(&self) -> bool {
        !matches!(self.place, Place::Inner { context: Some(_), .. })
    }

    /// The first byte that printing it replaces.
    pub(super) fn start(&self) -> usize {
        match &self.place {
            Place::Inner { start, .. } => *start,
            Place::Attribute { edit, .. } => edit.replaces().start,
        }
    }
}

/// What of the page a slot stands for.
#[derive(Debug)]
pub(super) enum Place {
    /// An element's content, from `start` on; no context where none can land.
    Inner { start: usize, context: Option<Context> },
    /// An attribute's value.
    Attribute { name: Box<str>, edit: Edit },
}

/// How an attribute gets its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Edit {
    /// The value's range, written without quotes.
    Value(Range<usize>),
    /// The value's range, with a quote on either side.
    Quoted(Range<usize>),
    /// The attribute is there without a value: one goes behind its name.
    Bare(usize),
    /// The attribute is missing: it goes behind the tag's name.
    Missing(usize),
}

impl Edit {
    /// The bytes that the new ones take the place of, quotes included.
    pub(super) fn replaces(&self) -> Range<usize> {
        match self {
            Self::Value(range) => range.clone(),
            Self::Quoted(range) => range.start - 1..range.end + 1,
            Self::Bare(at) | Self::Missing(at) => *at..*at,
        }
    }
}

/// What is known of a slot's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Its element is still open.
    Pending,
    /// It may be filled; `end` is the first byte behind what is replaced.
    Ready { end: usize },
    /// It keeps the origin's text.
    Left(Reason),
}
