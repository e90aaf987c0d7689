//! From what was published to content.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::manifest::{Manifest, Object};
use super::{Invalid, Unloadable, object};
use crate::content::catalog::Catalog;
use crate::content::{Digest, Policy, Snapshot};
use crate::locale::Tag;

/// One locale's entries, read from its object.
#[derive(Debug, Clone)]
pub struct Loaded(Arc<Catalog>);

/// Reads the object of `tag`, whose bytes are as many as `object` says and have its digest, and which
/// takes at most about `limit` bytes of memory. Its HTML is sanitised under `policy`.
///
/// # Errors
/// What is wrong with it.
pub fn load_object(
    tag: &Tag,
    object: &Object,
    bytes: &[u8],
    policy: &Policy,
    limit: u64,
) -> Result<Loaded, Unloadable> {
    if bytes.len() as u64 != object.bytes {
        let (is, should) = (bytes.len(), object.bytes);
        return Err(
            Invalid::new(format!("it has {is} bytes, and the manifest says {should}")).into()
        );
    }
    let digest = Digest::of(bytes);
    if digest != object.sha256 {
        return Err(Invalid::new(format!("it was altered: its SHA-256 is {digest}")).into());
    }
    let entries = object::read(bytes, object.entries, tag, policy, limit)?;
    if entries.len() as u64 != object.entries {
        let (is, should) = (entries.len(), object.entries);
        return Err(
            Invalid::new(format!("it has {is} entries, and the manifest says {should}")).into()
        );
    }
    Ok(Loaded(Arc::new(Catalog::published(tag.clone(), entries, digest, policy.clone()))))
}

impl Snapshot {
    /// The locale of this snapshot that was read from the same object under the same `policy`, to be
    /// used again.
    pub fn loaded(&self, tag: &Tag, object: &Object, policy: &Policy) -> Option<Loaded> {
        let same =
            |catalog: &&Arc<Catalog>| catalog.digest == object.sha256 && catalog.policy == *policy;
        self.catalogs.get(tag).filter(same).map(|catalog| Loaded(Arc::clone(catalog)))
    }

    /// The release that `manifest` describes, out of its locales.
    ///
    /// # Errors
    /// When they are not the manifest's.
    pub fn assemble(manifest: &Manifest, locales: Vec<Loaded>) -> Result<Self, Invalid> {
        let catalogs: Vec<_> = locales.into_iter().map(|Loaded(catalog)| catalog).collect();
        let found: BTreeMap<_, _> = catalogs.iter().map(|c| (&c.tag, c.digest)).collect();
        let wanted: BTreeMap<_, _> = manifest.locales.iter().map(|(t, o)| (t, o.sha256)).collect();
        if found != wanted {
            return Err(Invalid::new("its locales are not those of the manifest"));
        }
        if catalogs.iter().any(|catalog| catalog.policy != manifest.html) {
            return Err(Invalid::new("its locales were not read as the manifest says"));
        }
        if catalogs.iter().all(|catalog| catalog.entries.is_empty()) {
            return Err(Invalid::new("there is no entry in it"));
        }
        let Manifest { default_locale, fallback, html, .. } = manifest.clone();
        Ok(Self::new(default_locale, fallback, html, catalogs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::compile;

    const FILES: &[(&str, &str)] = &[
        ("site.json", r#"{"default_locale": "en", "fallback": {"gsw": ["de"]}}"#),
        ("en.json", r#"{"a": "en a", "b": "en b"}"#),
        ("de.json", r#"{"a": "de a", "b": {"$html": "<b>de</b> b"}}"#),
    ];

    fn snapshot(files: &[(&str, &str)]) -> Snapshot {
        compile(files.iter().map(|(path, text)| ((*path).into(), (*text).into()))).unwrap()
    }

    #[test]
    fn what_is_published_is_loaded_as_it_was() {
        let before = snapshot(FILES);
        let built = before.build().unwrap();
        let load = |(tag, object): (&Tag, &Object)| {
            let bytes = &built.objects[&object.sha256];
            load_object(tag, object, bytes, &built.manifest.html, u64::MAX).unwrap()
        };
        let locales = built.manifest.locales.iter().map(load).collect();
        let after = Snapshot::assemble(&built.manifest, locales).unwrap();
        assert_eq!(after.release(), before.release());
        assert_eq!(Snapshot::changes(Some(&before), &after), BTreeMap::new());
        let missing = Snapshot::assemble(&built.manifest, Vec::new()).unwrap_err();
        assert_eq!(missing.to_string(), "its locales are not those of the manifest");
    }

    #[test]
    fn the_same_object_under_another_policy_is_read_anew() {
        let text = r#"{"a": {"$html": "x<img src=\"y\">"}}"#;
        let before = snapshot(&[("en.json", text)]);
        let built = before.build().unwrap();
        let (tag, object) = built.manifest.locales.first_key_value().unwrap();
        let bytes = &built.objects[&object.sha256];
        let site = ("site.json", r#"{"html": {"deny": ["img"]}}"#);
        let strict = snapshot(&[("en.json", r#"{"a": {"$html": "x"}}"#), site]).build().unwrap();
        let policy = strict.manifest.html.clone();

        assert!(before.loaded(tag, object, &Policy::default()).is_some());
        assert!(before.loaded(tag, object, &policy).is_none());
        let loaded = load_object(tag, object, bytes, &policy, u64::MAX).unwrap();
        let manifest = Manifest { html: policy, ..built.manifest.clone() };
        let after = Snapshot::assemble(&manifest, vec![loaded.clone()]).unwrap();
        assert_eq!(after.voice(tag).unwrap().find("a").unwrap().source(), "x");
        assert_ne!(after.release(), before.release());
        assert_eq!(Snapshot::changes(Some(&before), &after)[tag].changed, ["a"]);
        assert!(!manifest.prints_as(&built.manifest));
        let mixed = Snapshot::assemble(&built.manifest, vec![loaded]).unwrap_err();
        assert_eq!(mixed.to_string(), "its locales were not read as the manifest says");
    }

    #[test]
    fn an_object_must_be_the_one_that_the_manifest_pins() {
        let built = snapshot(&[("en.json", r#"{"a": "x"}"#)]).build().unwrap();
        let (tag, object) = built.manifest.locales.first_key_value().unwrap();
        let bytes = &built.objects[&object.sha256];
        let more = Object { entries: 2, ..*object };
        for (object, bytes, fault) in [
            (object, &bytes[1..], "it has 8 bytes, and the manifest says 9"),
            (object, br#"{"a":"y"}"#, "it was altered: its SHA-256 is "),
            (&more, bytes, "it has 1 entries, and the manifest says 2"),
        ] {
            let loaded = load_object(tag, object, bytes, &Policy::default(), u64::MAX);
            let Err(Unloadable::Invalid(said)) = loaded else { panic!("{fault}") };
            let said = said.to_string();
            assert!(said.starts_with(fault), "{said}");
        }
    }
}
