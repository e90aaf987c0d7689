//! From content to what is published.

use std::collections::BTreeMap;
use std::io;

use super::manifest::{Manifest, Object};
use super::object;
use crate::content::{Digest, Snapshot};

/// What a release is made of: its objects, and the manifest that names them.
#[derive(Debug)]
pub struct Built {
    /// With number 0 and no time: those are the publisher's to choose.
    pub manifest: Manifest,
    /// The bytes of each object, by its digest.
    pub objects: BTreeMap<Digest, Vec<u8>>,
}

impl Snapshot {
    /// The release that this content is published as.
    ///
    /// # Errors
    /// Never, but for a failure to write to memory.
    pub fn build(&self) -> io::Result<Built> {
        let (mut objects, mut locales) = (BTreeMap::new(), BTreeMap::new());
        for (tag, catalog) in &self.catalogs {
            let mut bytes = Vec::new();
            object::write(&catalog.entries, &mut bytes)?;
            let entries = catalog.entries.len() as u64;
            let object = Object { sha256: catalog.digest, bytes: bytes.len() as u64, entries };
            locales.insert(tag.clone(), object);
            objects.insert(catalog.digest, bytes);
        }
        let manifest = Manifest {
            site: String::new(),
            seq: 0,
            created_at: String::new(),
            note: None,
            default_locale: self.default_locale.clone(),
            fallback: self.fallback.clone(),
            html: self.policy.clone(),
            locales,
        };
        Ok(Built { manifest, objects })
    }
}
