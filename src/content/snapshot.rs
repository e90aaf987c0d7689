//! One site's content at one moment, whole and immutable.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::locale::{Fallback, Tag};

use super::catalog::Catalog;
use super::policy::Policy;
use super::release::name;
use super::voice::Voice;

/// Everything that can be printed on a site's pages.
#[derive(Debug)]
pub struct Snapshot {
    release: Arc<str>,
    pub(super) default_locale: Tag,
    pub(super) fallback: Fallback,
    pub(super) policy: Policy,
    pub(super) catalogs: BTreeMap<Tag, Arc<Catalog>>,
    voices: BTreeMap<Tag, Voice>,
    locales: Arc<[Tag]>,
}

impl Snapshot {
    pub(super) fn new(
        default_locale: Tag,
        fallback: Fallback,
        policy: Policy,
        catalogs: Vec<Arc<Catalog>>,
    ) -> Self {
        let catalogs: BTreeMap<_, _> =
            catalogs.into_iter().map(|catalog| (catalog.tag.clone(), catalog)).collect();
        let voice = |tag: &Tag| {
            let chain = fallback.chain(tag, &default_locale);
            let chain = chain.iter().filter_map(|tag| catalogs.get(tag).cloned()).collect();
            (tag.clone(), Voice::new(tag.clone(), chain))
        };
        let voices: BTreeMap<_, _> = catalogs.keys().chain(fallback.tags()).map(voice).collect();
        let release = name::name(&default_locale, &policy, &catalogs, &voices);
        let locales = catalogs.keys().cloned().collect();
        Self {
            release: release.into(),
            default_locale,
            fallback,
            policy,
            catalogs,
            voices,
            locales,
        }
    }

    /// The name of this content, 16 hex digits: the same whenever all that can reach a page is
    /// the same, whichever files it was written in.
    pub fn release(&self) -> &Arc<str> {
        &self.release
    }

    /// The locale for visitors who ask for none that there is.
    pub fn default_locale(&self) -> &Tag {
        &self.default_locale
    }

    /// The locales that have content of their own, sorted.
    pub fn locales(&self) -> impl Iterator<Item = &Tag> {
        self.catalogs.keys()
    }

    /// The same, for whoever needs them longer than the snapshot.
    pub fn locale_list(&self) -> &Arc<[Tag]> {
        &self.locales
    }

    /// The number of entries in all locales together.
    pub fn len(&self) -> usize {
        self.catalogs.values().map(|catalog| catalog.entries.len()).sum()
    }

    /// Never true of a compiled snapshot: a directory without an entry does not compile.
    pub fn is_empty(&self) -> bool {
        self.catalogs.is_empty()
    }

    /// Every key that any locale has, sorted, each once.
    pub fn keys(&self) -> BTreeSet<&str> {
        let keys = self.catalogs.values().flat_map(|catalog| catalog.entries.keys());
        keys.map(|key| &**key).collect()
    }

    /// About what it takes in memory, in bytes.
    pub fn weight(&self) -> usize {
        let catalogs = self.catalogs.values().map(|catalog| catalog.heap_bytes + FIXED);
        let policy = if self.policy.differences().is_none() { 0 } else { POLICY };
        catalogs.sum::<usize>() + self.voices.len() * FIXED + FIXED + policy
    }

    /// Whether no page is being printed with it.
    pub fn is_unread(&self) -> bool {
        self.voices.values().all(Voice::is_unshared)
    }

    /// What visitors of `tag` read; `None` for a locale that has neither content of its own nor a
    /// fallback set for it.
    pub fn voice(&self, tag: &Tag) -> Option<Voice> {
        self.voices.get(tag).cloned()
    }
}

/// What a catalog, a voice or a snapshot takes beside its entries, in bytes.
const FIXED: usize = 256;
/// What a policy takes that a site has of its own: a few hundred names in tables.
const POLICY: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{Entry, compile};

    const FILES: &[(&str, &str)] = &[
        ("site.json", r#"{"default_locale": "en", "fallback": {"gsw": ["de"]}}"#),
        ("en.json", r#"{"a": "en a", "b": "en b", "c": "en c"}"#),
        ("de.json", r#"{"a": "de a", "b": {"$html": "<b>de</b> b"}}"#),
        ("de-AT.json", r#"{"a": "de-AT a"}"#),
    ];

    fn snapshot(files: &[(&str, &str)]) -> Snapshot {
        compile(files.iter().map(|(path, text)| ((*path).into(), (*text).into()))).unwrap()
    }

    fn release(files: &[(&str, &str)]) -> String {
        snapshot(files).release().to_string()
    }

    fn tag(text: &str) -> Tag {
        Tag::parse(text).unwrap()
    }

    #[test]
    fn a_snapshot_knows_what_it_holds() {
        let snapshot = snapshot(FILES);
        assert_eq!(snapshot.default_locale(), &tag("en"));
        assert_eq!(snapshot.locales().map(Tag::as_str).collect::<Vec<_>>(), ["de", "de-AT", "en"]);
        assert_eq!(snapshot.len(), 6);
        assert_eq!(snapshot.keys().into_iter().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(!snapshot.is_empty());
    }

    #[test]
    fn texts_are_found_along_the_chain() {
        let snapshot = snapshot(FILES);
        for (locale, key, found) in [
            ("de-AT", "a", Some(("de-AT", "de-AT a"))),
            ("de-AT", "b", Some(("de", "<b>de</b> b"))),
            ("de-AT", "c", Some(("en", "en c"))),
            ("gsw", "a", Some(("de", "de a"))),
            ("en", "a", Some(("en", "en a"))),
            ("en", "d", None),
        ] {
            let voice = snapshot.voice(&tag(locale)).unwrap();
            assert_eq!(voice.locale().as_str(), locale);
            let entry = voice.find_with_locale(key);
            assert_eq!(entry.map(|(tag, entry)| (tag.as_str(), entry.source())), found);
            assert_eq!(voice.find(key).map(Entry::source), found.map(|(_, plain)| plain));
        }
        assert!(snapshot.voice(&tag("fr")).is_none());
    }

    #[test]
    fn the_release_is_pinned() {
        // Changing this renames every site's content: caches and ETags start over.
        assert_eq!(release(&[("en.json", r#"{"a": "x"}"#)]), "ebc98dd9f0e19a87");
    }

    #[test]
    fn its_weight_grows_with_its_content() {
        let long = format!("{{\"a\": \"{}\"}}", "x".repeat(10_000));
        let (short, long) =
            (snapshot(&[("en.json", r#"{"a": "x"}"#)]), snapshot(&[("en.json", &long)]));
        assert!(short.weight() < 2000 && (10_000..12_000).contains(&long.weight()));
    }

    #[test]
    fn the_release_depends_on_content_not_on_files() {
        let release_of_files = release(FILES);
        let mut reversed = FILES.to_vec();
        reversed.reverse();
        assert_eq!(release(&reversed), release_of_files);
        let split =
            release(&[("en/a.json", r#"{"b": "x"}"#), ("en/c.html", "<b>y</b><!-- z -->\n")]);
        let whole = r#"{"c": {"$html": "<B>y</B>"}, "a.b": {"$text": "x", "$note": "n"}}"#;
        assert_eq!(split, release(&[("en.json", whole)]));
    }

    #[test]
    fn the_release_tells_contents_apart() {
        let variants: &[&[(&str, &str)]] = &[
            &[("en.json", r#"{"a": "x"}"#)],
            &[("en.json", r#"{"a": "y"}"#)],
            &[("en.json", r#"{"b": "x"}"#)],
            &[("de.json", r#"{"a": "x"}"#)],
            &[("en.json", r#"{"a": {"$html": "x"}}"#)],
            &[("en.json", r#"{"a": "x", "b": ""}"#)],
            &[("en.json", r#"{"a": "x"}"#), ("de.json", r#"{"a": "x"}"#)],
            &[
                ("en.json", r#"{"a": "x"}"#),
                ("de.json", r#"{"a": "x"}"#),
                ("site.json", r#"{"default_locale": "de"}"#),
            ],
            &[
                ("en.json", r#"{"a": "x"}"#),
                ("de.json", r#"{"a": "x"}"#),
                ("site.json", r#"{"fallback": {"gsw": ["de"]}}"#),
            ],
            &[("en.json", r#"{"a": "x"}"#), ("site.json", r#"{"html": {"allow": ["video"]}}"#)],
            &[("en.json", r#"{"a": "x"}"#), ("site.json", r#"{"html": {"deny": ["img"]}}"#)],
        ];
        let releases: BTreeSet<String> = variants.iter().map(|files| release(files)).collect();
        assert_eq!(releases.len(), variants.len());
        assert!(releases.iter().all(|r| r.len() == 16 && r.bytes().all(|b| b.is_ascii_hexdigit())));
    }
}
