//! What one locale's visitors read: its own texts, and where there is none, those that stand in.

use std::sync::Arc;

use crate::locale::Tag;

use super::catalog::Catalog;
use super::entry::Entry;

/// An ordered chain of catalogs. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Voice(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    tag: Tag,
    chain: Box<[Arc<Catalog>]>,
    /// For each of the chain, whether it is in another language than `tag`.
    foreign: Box<[bool]>,
}

/// A language other than the page's.
#[derive(Debug, Clone, Copy)]
pub struct ForeignTongue<'v> {
    /// The locale whose text is printed.
    pub locale: &'v Tag,
    /// Whether it is written in the other direction.
    pub turns: bool,
}

impl Voice {
    pub(super) fn new(tag: Tag, chain: Box<[Arc<Catalog>]>) -> Self {
        let foreign = chain.iter().map(|catalog| !tag.same_language(&catalog.tag)).collect();
        Self(Arc::new(Inner { tag, chain, foreign }))
    }

    /// Whether nobody else has it.
    pub(super) fn is_unshared(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    /// The locale that was asked for.
    pub fn locale(&self) -> &Tag {
        &self.0.tag
    }

    /// The locales that are asked for a text, in this order. Each has content.
    pub fn chain(&self) -> impl Iterator<Item = &Tag> {
        self.0.chain.iter().map(|catalog| &catalog.tag)
    }

    /// The entry for `key` in the first locale that has one.
    pub fn find(&self, key: &str) -> Option<&Entry> {
        self.0.chain.iter().find_map(|catalog| catalog.entries.get(key))
    }

    /// Whether some of it is in another language than the rest.
    pub fn is_mixed(&self) -> bool {
        self.0.foreign.iter().any(|foreign| *foreign)
    }

    /// Which other language the entry for `key` is in; none if it is in the page's, or not there.
    pub fn tongue(&self, key: &str) -> Option<ForeignTongue<'_>> {
        let at = self.0.chain.iter().position(|catalog| catalog.entries.contains_key(key))?;
        let locale = &self.0.chain[at].tag;
        let turns = locale.is_rtl() != self.0.tag.is_rtl();
        self.0.foreign[at].then_some(ForeignTongue { locale, turns })
    }

    /// As [`Voice::find`], with the locale that the entry is in.
    pub fn find_with_locale(&self, key: &str) -> Option<(&Tag, &Entry)> {
        let mut chain = self.0.chain.iter();
        chain.find_map(|catalog| Some((&catalog.tag, catalog.entries.get(key)?)))
    }

    /// Whether any message that may be printed takes an argument of that name.
    pub fn takes(&self, name: &str) -> bool {
        self.0.chain.iter().any(|catalog| catalog.arguments.contains(name))
    }
}
