//! The name of a snapshot: a digest of everything in it that can reach a page.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::locale::Tag;

use super::entry::Entry;
use super::snapshot::Catalog;
use super::voice::Voice;

/// Changes whenever the same content must get another name.
const SCHEME: &str = "overprint release 1";
/// Of the digest; 64 bits tell the releases of one site apart.
const NAME_BYTES: usize = 8;

/// 16 hex digits.
pub(super) fn name(
    default_locale: &Tag,
    catalogs: &BTreeMap<Tag, Arc<Catalog>>,
    voices: &BTreeMap<Tag, Voice>,
) -> String {
    let mut digest = Canonical(Sha256::new());
    digest.field(SCHEME);
    digest.field(default_locale.as_str());
    digest.list(catalogs.values(), |digest, catalog| digest.catalog(catalog));
    digest.list(voices.values(), Canonical::voice);
    digest.finish()
}

/// Every field is preceded by its length and every list by an item mark, so that no two contents
/// are written alike.
struct Canonical(Sha256);

impl Canonical {
    fn catalog(&mut self, catalog: &Catalog) {
        self.field(catalog.tag.as_str());
        let mut entries: Vec<_> = catalog.entries.iter().collect();
        entries.sort_by_key(|(key, _)| *key);
        self.list(entries.into_iter(), |digest, (key, entry)| digest.entry(key, entry));
    }

    /// The other forms of an entry follow from these.
    fn entry(&mut self, key: &str, entry: &Entry) {
        self.field(key);
        self.field(entry.plain());
        self.list(entry.html().into_iter(), |digest, html| digest.field(html));
    }

    fn voice(&mut self, voice: &Voice) {
        self.field(voice.locale().as_str());
        self.list(voice.chain(), |digest, tag| digest.field(tag.as_str()));
    }

    fn field(&mut self, field: impl AsRef<[u8]>) {
        let bytes = field.as_ref();
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    fn list<T>(&mut self, items: impl Iterator<Item = T>, write: impl Fn(&mut Self, T)) {
        for item in items {
            self.0.update([1]);
            write(self, item);
        }
        self.0.update([0]);
    }

    fn finish(self) -> String {
        let digest = self.0.finalize();
        digest.iter().take(NAME_BYTES).fold(String::new(), |mut name, byte| {
            // Writing to a string cannot fail.
            let _ = write!(name, "{byte:02x}");
            name
        })
    }
}
