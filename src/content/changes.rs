//! How two snapshots differ, for whoever publishes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::locale::Tag;

use super::Snapshot;
use super::catalog::Catalog;

/// How a locale differs between two releases; keys sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// In the newer only.
    pub added: Vec<String>,
    /// In both, with another text.
    pub changed: Vec<String>,
    /// In the older only.
    pub removed: Vec<String>,
}

impl Snapshot {
    /// The keys whose entry is another in `newer`, or is in one of the two only: added, changed
    /// and removed, by locale.
    pub fn changes(older: Option<&Self>, newer: &Self) -> BTreeMap<Tag, Changes> {
        let none = BTreeMap::new();
        let before = older.map_or(&none, |older| &older.catalogs);
        let tags: BTreeSet<&Tag> = before.keys().chain(newer.catalogs.keys()).collect();
        let compare = |tag: &Tag| Changes::between(before.get(tag), newer.catalogs.get(tag));
        let changed = tags.into_iter().map(|tag| (tag.clone(), compare(tag)));
        changed.filter(|(_, changes)| !changes.is_none()).collect()
    }
}

impl Changes {
    fn between(older: Option<&Arc<Catalog>>, newer: Option<&Arc<Catalog>>) -> Self {
        let mut changes = Self::default();
        // Under another policy the same object has other entries.
        let read = |catalog: &Arc<Catalog>| (catalog.digest, catalog.policy.clone());
        if older.map(read) == newer.map(read) {
            return changes;
        }
        let before = |key: &str| older.and_then(|catalog| catalog.entries.get(key));
        let after = |key: &str| newer.and_then(|catalog| catalog.entries.get(key));
        for (key, entry) in newer.iter().flat_map(|catalog| &catalog.entries) {
            match before(key) {
                None => changes.added.push(key.to_string()),
                Some(known) if !known.prints_as(entry) => changes.changed.push(key.to_string()),
                Some(_) => {}
            }
        }
        for key in older.iter().flat_map(|catalog| catalog.entries.keys()) {
            if after(key).is_none() {
                changes.removed.push(key.to_string());
            }
        }
        for keys in [&mut changes.added, &mut changes.changed, &mut changes.removed] {
            keys.sort_unstable();
        }
        changes
    }

    fn is_none(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::compile;

    fn snapshot(files: &[(&str, &str)]) -> Snapshot {
        compile(files.iter().map(|(path, text)| ((*path).into(), (*text).into()))).unwrap()
    }

    #[test]
    fn changes_are_told_by_locale() {
        let before = snapshot(&[("en.json", r#"{"a": "x", "b": "y", "c": "z"}"#)]);
        let after = snapshot(&[
            ("en.json", r#"{"a": "x", "b": {"$html": "y"}, "d": "z"}"#),
            ("de.json", r#"{"a": "x"}"#),
        ]);
        let changes = Snapshot::changes(Some(&before), &after);
        let list = |keys: &[&str]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
        let en = Changes { added: list(&["d"]), changed: list(&["b"]), removed: list(&["c"]) };
        assert_eq!(changes[&Tag::parse("en").unwrap()], en);
        assert_eq!(changes[&Tag::parse("de").unwrap()].added, ["a"]);
        assert_eq!(
            Snapshot::changes(None, &before)[&Tag::parse("en").unwrap()].added,
            ["a", "b", "c"]
        );
    }
}
