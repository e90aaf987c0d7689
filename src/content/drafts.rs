//! Entries on their way into a snapshot: gathered from many files, each key once per locale.

use std::collections::btree_map::{BTreeMap, Entry as Slot};
use std::ops::Range;

use crate::locale::Tag;
use crate::problem::Problem;

use super::catalog::Catalog;
use super::entry::{Entry, Kind};
use super::escape;
use super::flatten::Message;
use super::policy::Policy;
use super::removed::Removed;
use super::source::Source;

/// The entries found so far, with where each key stands.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    policy: Policy,
    /// What was left out of entries, for whoever wrote them.
    pub(super) notes: Vec<Problem>,
    locales: BTreeMap<Tag, BTreeMap<String, Draft>>,
}

/// An entry, and where its key is written. `None` for one that has a problem: it is kept so that
/// a second one is still known to be a duplicate.
#[derive(Debug)]
struct Draft {
    entry: Option<Entry>,
    source: Source,
    at: Range<usize>,
}

impl Drafts {
    /// None yet; HTML is to be sanitised under `policy`.
    pub(super) fn under(policy: Policy) -> Self {
        Self { policy, ..Self::default() }
    }

    /// Notes that there is a file for `tag`, whatever is in it.
    pub(super) fn touch(&mut self, tag: &Tag) {
        self.locales.entry(tag.clone()).or_default();
    }

    /// Takes one message, or says why not.
    pub(super) fn add(
        &mut self,
        tag: &Tag,
        message: Message<'_>,
        source: &Source,
        problems: &mut Vec<Problem>,
    ) {
        let entry =
            self.entry(tag, &message, source).map_err(|problem| problems.push(problem)).ok();
        match self.locales.entry(tag.clone()).or_default().entry(message.key) {
            Slot::Occupied(slot) => {
                problems.push(duplicate(slot.key(), slot.get(), source, message.at));
            }
            Slot::Vacant(slot) => {
                slot.insert(Draft { entry, source: source.clone(), at: message.at });
            }
        }
    }

    /// Every locale that has a file.
    pub(super) fn tags(&self) -> impl Iterator<Item = &Tag> {
        self.locales.keys()
    }

    /// Every locale that has a key.
    pub(super) fn filled(&self) -> impl Iterator<Item = &Tag> {
        self.locales.iter().filter(|(_, drafts)| !drafts.is_empty()).map(|(tag, _)| tag)
    }

    /// The catalogs of all locales that have an entry.
    pub(super) fn into_catalogs(self) -> Vec<Catalog> {
        let policy = self.policy;
        let catalog = |(tag, drafts): (Tag, BTreeMap<String, Draft>)| {
            let entries = drafts
                .into_iter()
                .filter_map(|(key, draft)| Some((key.into_boxed_str(), draft.entry?)))
                .collect();
            Catalog::new(tag, entries, policy.clone())
        };
        let catalogs = self.locales.into_iter().map(catalog);
        catalogs.filter(|catalog| !catalog.entries.is_empty()).collect()
    }

    fn entry(
        &mut self,
        locale: &Tag,
        message: &Message<'_>,
        source: &Source,
    ) -> Result<Entry, Problem> {
        let entry = match message.kind {
            Kind::Text => Entry::from_text(message.value, locale),
            Kind::Html => Entry::from_html(message.value, locale, &self.policy),
        };
        let entry = entry.map_err(|refused| {
            let said = format!("{:?}: {refused}", message.key);
            source.problem(message.value_at.clone(), said, refused.help())
        })?;
        if message.kind == Kind::Html {
            self.note(message, &entry, source);
        }
        Ok(entry)
    }

    /// Says what of a message is not in its entry, if anything.
    fn note(&mut self, message: &Message<'_>, entry: &Entry, source: &Source) {
        let written = escape::normalize(message.value);
        if entry.source() == written {
            return;
        }
        let removed = Removed::between(&written, entry.source(), &self.policy);
        if !removed.is_none() {
            let said = format!("{:?} loses {removed}", message.key);
            let at = place(message, source, removed.line());
            self.notes.push(source.problem(at, said, removed.help()));
        }
    }
}

/// Where the value of a message is; of a file that is one message, its `line`.
fn place(message: &Message<'_>, source: &Source, line: usize) -> Range<usize> {
    if !message.value_at.is_empty() {
        return message.value_at.clone();
    }
    let start: usize =
        source.text().split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let text = source.text()[start..].lines().next().unwrap_or_default();
    start..start + text.len()
}

fn duplicate(key: &str, first: &Draft, source: &Source, at: Range<usize>) -> Problem {
    let message =
        format!("duplicate key {key:?}, already at {}", first.source.place(first.at.start));
    source.problem(at, message, "keep one of the two")
}
