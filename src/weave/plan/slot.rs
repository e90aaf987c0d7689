//! A place for content, and what is known of it.

use std::ops::Range;

use serde_json::{Map, Value};

use super::Edit;
use crate::weave::label::Arguments;
use crate::weave::labelled::is_spoken;
use crate::weave::reason::Reason;
use crate::weave::tree::Context;

/// A place that content may be printed in.
#[derive(Debug)]
pub struct Slot {
    pub(in crate::weave) key: Box<str>,
    pub(in crate::weave) place: Place,
    pub(in crate::weave) state: State,
    pub(in crate::weave) arguments: Option<Arguments>,
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

    /// Whether people read or hear what is printed here.
    pub(in crate::weave) fn speaks(&self) -> bool {
        self.attribute().is_none_or(is_spoken)
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

    /// About what it takes in memory beside itself, in bytes.
    pub(super) fn weight(&self) -> usize {
        let name = self.attribute().map_or(0, str::len);
        self.key.len() + name + self.arguments.as_ref().map_or(0, |given| weight(given))
    }

    /// Why no content will ever be printed here, if so.
    pub fn left(&self) -> Option<Reason> {
        match self.state {
            State::Left(reason) => Some(reason),
            State::Pending | State::Ready { .. } => None,
        }
    }

    /// Whether it was left alone by its start tag already.
    pub(in crate::weave) fn never_opened(&self) -> bool {
        !matches!(self.place, Place::Inner { context: Some(_), .. })
    }

    /// The first byte that printing it replaces.
    pub(in crate::weave) fn start(&self) -> usize {
        match &self.place {
            Place::Inner { start, .. } => *start,
            Place::Attribute { edit, .. } => edit.replaces().start,
        }
    }
}

/// About what arguments take in memory, in bytes.
fn weight(arguments: &Map<String, Value>) -> usize {
    /// What a member takes beside its name: a place in the table, and one in the order.
    const MEMBER: usize = 2 * size_of::<Value>() + size_of::<String>();
    let of = |(name, value): (&String, &Value)| MEMBER + name.len() + of_value(value);
    arguments.iter().map(of).sum()
}

fn of_value(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(values) => {
            values.iter().map(|value| size_of::<Value>() + of_value(value)).sum()
        }
        Value::Object(members) => weight(members),
    }
}

/// What of the page a slot stands for.
#[derive(Debug)]
pub(in crate::weave) enum Place {
    /// An element's content, from `start` on; no context where none can land.
    Inner { start: usize, context: Option<Context> },
    /// An attribute's value.
    Attribute { name: Box<str>, edit: Edit },
}

/// What is known of a slot's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::weave) enum State {
    /// Its element is still open.
    Pending,
    /// It may be filled; `end` is the first byte behind what is replaced.
    Ready { end: usize },
    /// It keeps the origin's text.
    Left(Reason),
}
