//! What a plan lists: slots, and the places where a page says which language it is in.

use std::ops::Range;

use super::{Edit, Slot};

/// A place in the page where something may be printed.
#[derive(Debug)]
pub(in crate::weave) enum Mark {
    Slot(Slot),
    Tongue(Tongue),
    /// Where the head ends that does not name the page's other languages: links to them go here.
    HeadEnd(usize),
}

/// Attributes that say which language an element is in.
#[derive(Debug)]
pub(in crate::weave) struct Tongue {
    /// How `lang` is set, if it is here.
    pub(in crate::weave) lang: Option<Edit>,
    /// How `dir` is set, if it is here; both are only where neither was written.
    pub(in crate::weave) dir: Option<Edit>,
    /// Whether the tag has a `lang` of its own, which may not be true of what is printed. A `dir` alone
    /// is left as it is: it is there for what reads alike in every language, as a number or a path.
    pub(in crate::weave) written: bool,
    /// Among these numbers are the slots that it speaks for; none for the whole document.
    pub(in crate::weave) of: Option<Range<usize>>,
}

impl Tongue {
    fn start(&self) -> usize {
        let edit = self.lang.as_ref().or(self.dir.as_ref());
        edit.map_or(0, |edit| edit.replaces().start)
    }
}

impl Mark {
    /// The first byte that printing at it replaces.
    pub(in crate::weave) fn start(&self) -> usize {
        match self {
            Self::Slot(slot) => slot.start(),
            Self::Tongue(tongue) => tongue.start(),
            Self::HeadEnd(at) => *at,
        }
    }

    pub(in crate::weave) fn slot(&self) -> Option<&Slot> {
        match self {
            Self::Slot(slot) => Some(slot),
            Self::Tongue(_) | Self::HeadEnd(_) => None,
        }
    }

    pub(super) fn slot_mut(&mut self) -> Option<&mut Slot> {
        match self {
            Self::Slot(slot) => Some(slot),
            Self::Tongue(_) | Self::HeadEnd(_) => None,
        }
    }
}
