//! Language tags, the order in which locales stand in for each other, and which of those that there
//! are suits a visitor best.
//!
//! Knows nothing of content, requests or files.

mod accept;
mod fallback;
mod lookup;
mod tag;

pub use self::accept::{Preferences, Range};
pub use self::fallback::{Cycle, Fallback};
pub use self::tag::Tag;

#[cfg(test)]
mod testing {
    use super::Tag;

    pub(super) fn tag(text: &str) -> Tag {
        Tag::parse(text).unwrap()
    }
}
