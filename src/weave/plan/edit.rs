//! How an attribute of a tag in the page gets another value.

use std::ops::Range;

/// How an attribute gets its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::weave) enum Edit {
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
    pub(in crate::weave) fn replaces(&self) -> Range<usize> {
        match self {
            Self::Value(range) => range.clone(),
            Self::Quoted(range) => range.start - 1..range.end + 1,
            Self::Bare(at) | Self::Missing(at) => *at..*at,
        }
    }
}
