//! `aliases/<name>.json`: which release an alias stands for. The one file that changes.

use serde::{Deserialize, Serialize};

use super::manifest::Manifest;
use super::{FORMAT, Invalid};
use crate::content::digest::Digest;

/// How many earlier releases an alias remembers, to roll back to.
const MAX_TRAIL: usize = 50;

/// A pointer from an alias to a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// Its name.
    pub alias: String,
    /// Grows by one with every change of this alias, also when it goes back to an older release.
    pub r#move: u64,
    /// The release, and the digest of its manifest.
    pub release: Pinned,
    /// RFC 3339, in UTC.
    pub moved_at: String,
    /// What it pointed at before, the latest first, to roll back to.
    pub before: Vec<Pinned>,
    /// Ed25519 over [`Pointer::signed_bytes`], in base64.
    pub signature: Option<String>,
}

/// A release and the digest of its manifest, which pins all that is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, try_from = "WrittenPinned", into = "WrittenPinned")]
pub struct Pinned {
    /// The release's number.
    pub seq: u64,
    /// Of its manifest's bytes.
    pub sha256: Digest,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPinned {
    seq: u64,
    sha256: String,
}

impl From<Pinned> for WrittenPinned {
    fn from(pinned: Pinned) -> Self {
        Self { seq: pinned.seq, sha256: pinned.sha256.to_string() }
    }
}

impl TryFrom<WrittenPinned> for Pinned {
    type Error = Invalid;

    fn try_from(written: WrittenPinned) -> Result<Self, Invalid> {
        let WrittenPinned { seq, sha256 } = written;
        match Digest::parse(&sha256) {
            Some(sha256) => Ok(Self { seq, sha256 }),
            None => Err(Invalid::new(format!("{sha256:?} is not a SHA-256 digest"))),
        }
    }
}

/// Checks an alias's name: it is part of a path.
///
/// # Errors
/// What is wrong, in one line.
pub fn check_alias(name: &str) -> Result<(), String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if (1..=64).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(());
    }
    Err(format!(
        "{name:?} cannot be an alias: use 1 to 64 letters, digits, hyphens and underscores"
    ))
}

/// The folder of pointers.
pub const FOLDER: &str = "aliases/";

impl Pointer {
    /// Where the pointer of `alias` lies in the store.
    pub fn path(alias: &str) -> String {
        format!("{FOLDER}{alias}.json")
    }

    /// The alias whose pointer lies at `path`.
    pub fn alias_of(path: &str) -> Option<&str> {
        let name = path.strip_prefix(FOLDER)?.strip_suffix(".json")?;
        check_alias(name).ok().map(|()| name)
    }

    /// The first pointer of `alias`, or the one after `before`: at `release` from `moved_at` on.
    pub fn moved(alias: &str, before: Option<&Self>, release: Pinned, moved_at: String) -> Self {
        let trail = before.map_or(Vec::new(), |before| before.trail_to(release));
        let r#move = before.map_or(1, |before| before.r#move.saturating_add(1));
        Self { alias: alias.to_owned(), r#move, release, moved_at, before: trail, signature: None }
    }

    /// What was before once it points at `to`: going back to a release forgets what came after it.
    fn trail_to(&self, to: Pinned) -> Vec<Pinned> {
        match self.before.iter().position(|earlier| *earlier == to) {
            Some(back) => self.before[back + 1..].to_vec(),
            None if self.release == to => self.before.clone(),
            None => {
                [&[self.release][..], &self.before].concat().into_iter().take(MAX_TRAIL).collect()
            }
        }
    }

    /// What is signed: a line that says what it is, then the file without white space and without
    /// its signature.
    ///
    /// # Errors
    /// Never, but for a failure to write to memory.
    pub fn signed_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let unsigned = Self { signature: None, ..self.clone() };
        let json = serde_json::to_vec(&Written::from(&unsigned))?;
        Ok([SIGNED_AS, &json].concat())
    }

    /// Its bytes in the store.
    ///
    /// # Errors
    /// Never, but for a failure to write to memory.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec_pretty(&Written::from(self))
    }

    /// Reads the pointer of `alias`. Unlike a manifest it may have nothing that this version does
    /// not know: all of it is signed.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_json(bytes: &[u8], alias: &str) -> Result<Self, Invalid> {
        let written: Written = super::read(bytes)?;
        if written.alias != alias {
            return Err(Invalid::new(format!("it is the pointer of {:?}", written.alias)));
        }
        let release = Pinned::try_from(WrittenPinned { seq: written.seq, sha256: written.sha256 })?;
        if written.manifest != Manifest::path(release.seq) {
            let (is, should) = (written.manifest, Manifest::path(release.seq));
            return Err(Invalid::new(format!("it names the manifest {is:?}, not {should:?}")));
        }
        Ok(Self {
            alias: written.alias,
            r#move: written.r#move,
            release,
            moved_at: written.moved_at,
            before: written.before,
            signature: written.signature,
        })
    }
}

/// So that a signature over a pointer can never be one over anything else.
const SIGNED_AS: &[u8] = b"overprint alias 1\n";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: u64,
    alias: String,
    r#move: u64,
    seq: u64,
    manifest: String,
    sha256: String,
    moved_at: String,
    #[serde(default)]
    before: Vec<Pinned>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
}

impl From<&Pointer> for Written {
    fn from(pointer: &Pointer) -> Self {
        Self {
            format: FORMAT,
            alias: pointer.alias.clone(),
            r#move: pointer.r#move,
            seq: pointer.release.seq,
            manifest: Manifest::path(pointer.release.seq),
            sha256: pointer.release.sha256.to_string(),
            moved_at: pointer.moved_at.clone(),
            before: pointer.before.clone(),
            signature: pointer.signature.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(seq: u64) -> Pinned {
        Pinned { seq, sha256: Digest::of(&seq.to_be_bytes()) }
    }

    fn moved(before: Option<&Pointer>, seq: u64) -> Pointer {
        Pointer::moved("production", before, release(seq), "2026-11-24T10:00:00Z".into())
    }

    #[test]
    fn what_is_written_is_read() {
        let pointer = Pointer { signature: Some("AA==".into()), ..moved(Some(&moved(None, 1)), 2) };
        let json = pointer.to_json().unwrap();
        assert_eq!(Pointer::from_json(&json, "production").unwrap(), pointer);
    }

    #[test]
    fn every_change_counts_and_going_back_forgets_what_came_after() {
        let mut pointer = moved(None, 1);
        for (seq, expected) in [
            (2, &[1][..]),
            (5, &[2, 1]),
            (5, &[2, 1]),
            (2, &[1]),
            (6, &[2, 1]),
            (1, &[]),
            (9, &[1]),
        ] {
            let next = moved(Some(&pointer), seq);
            assert_eq!(next.r#move, pointer.r#move + 1);
            assert_eq!(next.before.iter().map(|r| r.seq).collect::<Vec<_>>(), expected, "{seq}");
            pointer = next;
        }
        let long = (1..200).fold(moved(None, 0), |before, seq| moved(Some(&before), seq));
        assert_eq!(long.before.len(), MAX_TRAIL);
        assert_eq!(long.before[0].seq, 198);
    }

    #[test]
    fn what_is_signed_is_pinned() {
        // Another program has to come to the same bytes; ARCHITECTURE.md has this example.
        let pointer = Pointer { signature: Some("x".into()), ..moved(Some(&moved(None, 1)), 2) };
        let (one, two) = (release(1).sha256, release(2).sha256);
        let expected = format!(
            "overprint alias 1\n{{\"format\":1,\"alias\":\"production\",\"move\":2,\"seq\":2,\
             \"manifest\":\"releases/2.json\",\"sha256\":\"{two}\",\
             \"moved_at\":\"2026-11-24T10:00:00Z\",\"before\":[{{\"seq\":1,\"sha256\":\"{one}\"}}]}}"
        );
        assert_eq!(String::from_utf8(pointer.signed_bytes().unwrap()).unwrap(), expected);
    }

    #[test]
    fn each_fault_is_named() {
        let json = String::from_utf8(moved(None, 1).to_json().unwrap()).unwrap();
        for (from, to, fault) in [
            ("\"format\": 1", "\"format\": 7", "it is in format 7, and this version"),
            ("\"production\"", "\"staging\"", "it is the pointer of \"staging\""),
            ("releases/1.json", "releases/2.json", "it names the manifest"),
            ("\"sha256\": \"", "\"sha256\": \"x", "is not a SHA-256 digest"),
            ("\"move\": 1,", "", "missing field `move`"),
            ("\"seq\"", "\"extra\": 1, \"seq\"", "unknown field `extra`"),
            ("\"move\": 1,", "\"move\": 1, \"move\": 2,", "duplicate field `move`"),
        ] {
            let broken = json.replacen(from, to, 1);
            assert_ne!(broken, json, "{from}");
            let error =
                Pointer::from_json(broken.as_bytes(), "production").unwrap_err().to_string();
            assert!(error.contains(fault), "{from} → {to}: {error}");
        }
    }

    #[test]
    fn an_alias_is_no_path() {
        assert_eq!(Pointer::alias_of("aliases/pre-prod_2.json"), Some("pre-prod_2"));
        for name in ["", "..", "a/b", "a.b", "ä", &"a".repeat(65)] {
            assert!(check_alias(name).is_err(), "{name}");
            assert_eq!(Pointer::alias_of(&Pointer::path(name)), None);
        }
    }
}
