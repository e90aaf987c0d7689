//! A compiled message: parts in a row, and the arms in them.

use std::sync::Arc;

use icu::plurals::{PluralCategory, PluralRules};

use super::calendar::DateFormat;
use super::number::NumberFormat;

/// One part of a message.
pub(super) enum Part {
    /// Printed as it is.
    Literal(Box<str>),
    /// An argument as it comes.
    Text(Box<str>),
    /// An argument as a number.
    Number(Box<str>, Arc<NumberFormat>),
    /// An argument as a date, a time, or both.
    Date(Box<str>, Arc<DateFormat>),
    /// The number of the plural around it.
    Count(Arc<NumberFormat>),
    Plural(Box<Plural>),
    Select(Box<Select>),
}

/// Parts in a row.
pub(super) type Parts = Box<[Part]>;

/// Arms by number, cardinal or ordinal.
pub(super) struct Plural {
    pub(super) name: Box<str>,
    /// Taken off the number before its category is looked up and `#` prints it.
    pub(super) offset: i32,
    pub(super) rules: Arc<PluralRules>,
    /// The arms for one number each, which the offset does not touch.
    pub(super) exact: Box<[(i32, Parts)]>,
    pub(super) arms: Box<[(PluralCategory, Parts)]>,
    pub(super) other: Parts,
}

/// Arms by word.
pub(super) struct Select {
    pub(super) name: Box<str>,
    pub(super) arms: Box<[(Box<str>, Parts)]>,
    pub(super) other: Parts,
}

/// What a walk over a message meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'m> {
    /// Text of the message's own, printed as it is.
    Literal(&'m str),
    /// What an argument becomes is printed here: text, a number, a date.
    Value,
    /// The number of a plural is printed here.
    Count,
    /// A plural or a selection begins.
    Open,
    /// Its next arm begins. Of all its arms one is printed.
    Arm,
    /// It ends.
    Close,
}

/// Calls `each` for every step, in the order of the source but for exact arms first and `other` last.
pub(super) fn steps<'m>(parts: &'m [Part], each: &mut dyn FnMut(Step<'m>)) {
    for part in parts {
        match part {
            Part::Literal(text) => each(Step::Literal(text)),
            Part::Text(_) | Part::Number(..) | Part::Date(..) => each(Step::Value),
            Part::Count(_) => each(Step::Count),
            Part::Plural(_) | Part::Select(_) => {
                each(Step::Open);
                part.arms(&mut |arm| {
                    each(Step::Arm);
                    steps(arm, each);
                });
                each(Step::Close);
            }
        }
    }
}

/// Appends the name of every argument, as often as it occurs.
pub(super) fn names<'m>(parts: &'m [Part], found: &mut Vec<&'m str>) {
    for part in parts {
        found.extend(part.name());
        part.arms(&mut |arm| names(arm, found));
    }
}

/// The count and the length of what is shared.
pub(super) const SHARED: usize = 32;

/// About what parts take in memory, their own place included.
pub(super) fn heap_bytes(parts: &[Part]) -> usize {
    parts.iter().map(Part::heap_bytes).sum::<usize>() + block(size_of_val(parts))
}

impl Part {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Literal(_) | Self::Count(_) => None,
            Self::Text(name) | Self::Number(name, _) | Self::Date(name, _) => Some(name),
            Self::Plural(plural) => Some(&plural.name),
            Self::Select(select) => Some(&select.name),
        }
    }

    fn arms<'m>(&'m self, each: &mut dyn FnMut(&'m Parts)) {
        match self {
            Self::Plural(plural) => {
                plural.exact.iter().for_each(|(_, arm)| each(arm));
                plural.arms.iter().for_each(|(_, arm)| each(arm));
                each(&plural.other);
            }
            Self::Select(select) => {
                select.arms.iter().for_each(|(_, arm)| each(arm));
                each(&select.other);
            }
            _ => {}
        }
    }

    fn heap_bytes(&self) -> usize {
        let mut inside = 0;
        self.arms(&mut |arm| inside += heap_bytes(arm));
        let own = match self {
            Self::Literal(text) => block(text.len()),
            Self::Plural(plural) => {
                let exact = block(size_of_val(&*plural.exact));
                block(size_of::<Plural>()) + exact + block(size_of_val(&*plural.arms))
            }
            Self::Select(select) => {
                let words = select.arms.iter().map(|(word, _)| block(word.len())).sum::<usize>();
                block(size_of::<Select>()) + block(size_of_val(&*select.arms)) + words
            }
            _ => 0,
        };
        own + inside + self.name().map_or(0, |name| block(name.len()))
    }
}

/// What an allocation of `bytes` takes, its bookkeeping included.
fn block(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16).max(32) }
}
