//! `releases/<seq>.json`: what one release consists of. Immutable.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{FORMAT, Invalid};
use crate::content::digest::Digest;
use crate::content::policy::{Differences, Policy, Refused};
use crate::locale::{Fallback, Tag};

/// More locales than there are languages are a mistake or an attack.
const MAX_LOCALES: usize = 1000;
/// The longest note, in bytes.
pub const MAX_NOTE: usize = 1000;

/// A release: which objects, and how its locales stand in for each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The site that it was published for; for people.
    pub site: String,
    /// Its number in the store; grows.
    pub seq: u64,
    /// RFC 3339, in UTC.
    pub created_at: String,
    /// What the publisher said of it.
    pub note: Option<String>,
    /// The locale for visitors who ask for none that there is.
    pub default_locale: Tag,
    /// What stands in for what.
    pub fallback: Fallback,
    /// What HTML entries may have; also what its objects are sanitised under when they are read.
    pub html: Policy,
    /// The object of each locale; at least one.
    pub locales: BTreeMap<Tag, Object>,
}

/// One locale's object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object {
    /// Of its bytes; also its name.
    pub sha256: Digest,
    /// Its size.
    pub bytes: u64,
    /// How many keys it has.
    pub entries: u64,
}

impl Object {
    /// Where it lies in the store.
    pub fn path(&self) -> String {
        format!("objects/{}.json", self.sha256)
    }
}

impl Manifest {
    /// Where the manifest of release `seq` lies in the store.
    pub fn path(seq: u64) -> String {
        format!("{FOLDER}{seq}.json")
    }

    /// The number of the release whose manifest lies at `path`.
    pub fn seq_of(path: &str) -> Option<u64> {
        let digits = path.strip_prefix(FOLDER)?.strip_suffix(".json")?;
        // Only as it is written: no sign, no zero in front.
        digits.parse().ok().filter(|seq: &u64| seq.to_string() == digits)
    }

    /// How many entries all locales have together.
    pub fn entries(&self) -> u64 {
        self.locales.values().fold(0, |sum, object| sum.saturating_add(object.entries))
    }

    /// How many bytes all objects have together.
    pub fn bytes(&self) -> u64 {
        self.locales.values().fold(0, |sum, object| sum.saturating_add(object.bytes))
    }

    /// Whether both print the same: they differ at most in number, time, site and note.
    pub fn prints_as(&self, other: &Self) -> bool {
        (&self.default_locale, &self.fallback, &self.html, &self.locales)
            == (&other.default_locale, &other.fallback, &other.html, &other.locales)
    }

    /// Its bytes in the store.
    ///
    /// # Errors
    /// Never, but for a failure to write to memory.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let tags = |tags: &[Tag]| tags.iter().map(Tag::to_string).collect();
        let written = Written {
            format: FORMAT,
            site: self.site.clone(),
            seq: self.seq,
            created_at: self.created_at.clone(),
            note: self.note.clone(),
            default_locale: self.default_locale.to_string(),
            fallback: self.fallback.listed().map(|(t, list)| (t.to_string(), tags(list))).collect(),
            html: WrittenPolicy::of(self.html.differences()),
            locales: self.locales.iter().map(|(tag, o)| (tag.to_string(), o.into())).collect(),
        };
        serde_json::to_vec_pretty(&written)
    }

    /// Reads a manifest. Members that this version does not know are passed over.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Invalid> {
        let written: Written = super::read(bytes)?;
        if written.locales.is_empty() || written.locales.len() > MAX_LOCALES {
            let count = written.locales.len();
            return Err(Invalid::new(format!("it has {count} locales, not 1 to {MAX_LOCALES}")));
        }
        let default_locale = tag(&written.default_locale)?;
        let mut locales = BTreeMap::new();
        for (name, object) in &written.locales {
            locales.insert(tag(name)?, Object::read(object)?);
        }
        if locales.len() < written.locales.len() {
            return Err(Invalid::new("it names a locale twice"));
        }
        if !locales.contains_key(&default_locale) {
            let fault = format!("its default locale {default_locale} has no content");
            return Err(Invalid::new(fault));
        }
        Ok(Self {
            fallback: fallback(&written.fallback)?,
            html: written.html.as_ref().map_or(Ok(Policy::default()), WrittenPolicy::read)?,
            site: written.site,
            seq: written.seq,
            created_at: written.created_at,
            note: written.note,
            default_locale,
            locales,
        })
    }

    /// The objects, each once: two locales may have the same content.
    pub fn objects(&self) -> BTreeSet<String> {
        self.locales.values().map(Object::path).collect()
    }
}

/// The folder of manifests.
pub const FOLDER: &str = "releases/";

#[derive(Serialize, Deserialize)]
struct Written {
    format: u64,
    site: String,
    seq: u64,
    created_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    default_locale: String,
    #[serde(default)]
    fallback: BTreeMap<String, Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    html: Option<WrittenPolicy>,
    locales: BTreeMap<String, WrittenObject>,
}

#[derive(Serialize, Deserialize)]
struct WrittenPolicy {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    allow: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    deny: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct WrittenObject {
    object: String,
    sha256: String,
    bytes: u64,
    entries: u64,
}

impl Object {
    fn read(written: &WrittenObject) -> Result<Self, Invalid> {
        let sha256 = Digest::parse(&written.sha256)
            .ok_or_else(|| Invalid::new(format!("{:?} is not a SHA-256 digest", written.sha256)))?;
        let object = Self { sha256, bytes: written.bytes, entries: written.entries };
        // The name follows from the digest. Another would lead out of what was verified.
        if written.object != object.path() {
            let (is, should) = (&written.object, object.path());
            return Err(Invalid::new(format!("it names the object {is:?}, not {should:?}")));
        }
        Ok(object)
    }
}

impl From<&Object> for WrittenObject {
    fn from(object: &Object) -> Self {
        Self {
            object: object.path(),
            sha256: object.sha256.to_string(),
            bytes: object.bytes,
            entries: object.entries,
        }
    }
}

impl WrittenPolicy {
    fn of(differences: &Differences) -> Option<Self> {
        let owned = |name: &str| name.to_owned();
        (!differences.is_none()).then(|| Self {
            allow: differences.allowed().map(owned).collect(),
            deny: differences.denied().map(owned).collect(),
        })
    }

    /// Within the same bounds as a site's own file: who wrote the manifest is not known.
    fn read(&self) -> Result<Policy, Invalid> {
        let invalid = |refused: Refused| {
            let Refused { message, help } = refused;
            Invalid::new(format!("its `html` is out of bounds: {message}: {help}"))
        };
        let mut differences = Differences::default();
        self.allow.iter().try_for_each(|name| differences.allow(name)).map_err(invalid)?;
        self.deny.iter().try_for_each(|name| differences.deny(name)).map_err(invalid)?;
        Ok(differences.into())
    }
}

fn tag(name: &str) -> Result<Tag, Invalid> {
    Tag::parse(name).map_err(Invalid::new)
}

fn fallback(written: &BTreeMap<String, Vec<String>>) -> Result<Fallback, Invalid> {
    let listed = written.values().map(Vec::len).sum::<usize>();
    if written.len() > MAX_LOCALES || listed > MAX_LOCALES {
        return Err(Invalid::new(format!("its fallback names more than {MAX_LOCALES} locales")));
    }
    let mut explicit = BTreeMap::new();
    for (name, list) in written {
        let list = list.iter().map(|name| tag(name)).collect::<Result<_, _>>()?;
        if explicit.insert(tag(name)?, list).is_some() {
            return Err(Invalid::new(format!("its fallback names {name} twice")));
        }
    }
    Fallback::new(explicit).map_err(|cycle| Invalid::new(cycle.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let tag = |name| Tag::parse(name).unwrap();
        let object = |text: &[u8]| Object { sha256: Digest::of(text), bytes: 7, entries: 1 };
        let fallback = BTreeMap::from([(tag("pt-BR"), vec![tag("pt")])]);
        Manifest {
            site: "shop".into(),
            seq: 12,
            created_at: "2026-11-24T10:00:00Z".into(),
            note: Some("Black Friday".into()),
            default_locale: tag("en"),
            fallback: Fallback::new(fallback).unwrap(),
            html: Policy::default(),
            locales: BTreeMap::from([(tag("en"), object(b"a")), (tag("pt"), object(b"b"))]),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let json = manifest().to_json().unwrap();
        assert_eq!(Manifest::from_json(&json).unwrap(), manifest());
        let text = String::from_utf8(json).unwrap();
        let newer = text.replacen('{', "{\"a\": [1],", 1);
        assert_eq!(Manifest::from_json(newer.as_bytes()).unwrap(), manifest());
    }

    #[test]
    fn paths_and_numbers_belong_together() {
        assert_eq!(Manifest::seq_of(&Manifest::path(12)), Some(12));
        for path in
            ["releases/012.json", "releases/+1.json", "releases/x.json", "12.json", "releases/1"]
        {
            assert_eq!(Manifest::seq_of(path), None, "{path}");
        }
    }

    #[test]
    fn each_fault_is_named() {
        let json = String::from_utf8(manifest().to_json().unwrap()).unwrap();
        let digest = Digest::of(b"a").to_string();
        for (from, to, fault) in [
            ("\"format\": 1", "\"format\": 2", "it is in format 2, and this version"),
            ("\"format\": 1,", "", "missing field `format`"),
            ("\"en\": {", "\"e_n\": {", "\"e_n\" is not a language tag"),
            ("\"en\": {", "\"fr\": {", "its default locale en has no content"),
            ("\"en\": {", "\"PT\": {", "it names a locale twice"),
            (&format!("objects/{digest}"), "objects/../x", "it names the object"),
            (&*digest, "abc", "\"abc\" is not a SHA-256 digest"),
            ("\"bytes\": 7", "\"bytes\": -7", "invalid value"),
            ("\"pt-BR\": [", "\"pt\": [", "the fallbacks go in a circle: pt → pt"),
            ("\"seq\": 12,", "", "missing field `seq`"),
            (
                "[\n      \"pt\"\n    ]",
                &format!("[\"pt\"{}]", ",\"pt\"".repeat(1000)),
                "more than 1000 locales",
            ),
        ] {
            let broken = json.replacen(from, to, if from == digest { 9 } else { 1 });
            assert_ne!(broken, json, "{from}");
            let error = Manifest::from_json(broken.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(fault), "{from} → {to}: {error}");
        }
        for broken in ["", "{", "[]", "<html>"] {
            assert!(Manifest::from_json(broken.as_bytes()).is_err());
        }
    }
}
