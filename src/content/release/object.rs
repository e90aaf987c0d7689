//! The object that holds one locale's content: flat JSON, `{"key": "text" | {"$html": "…"}}`.
//!
//! Written canonically: keys in the order of their bytes, no white space, and no escape that JSON
//! does not demand. So the same content is always the same bytes, and the same digest.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Write};

use foldhash::fast::RandomState;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};

use super::{Invalid, Unloadable};
use crate::content::catalog::{self, Entries};
use crate::content::digest::{Digest, Digester};
use crate::content::entry::{Entry, Kind, Refused};
use crate::content::key;
use crate::content::policy::Policy;
use crate::locale::Tag;

const HTML: &str = "$html";

/// The object's digest.
pub(in crate::content) fn digest(entries: &Entries) -> Digest {
    let mut digester = Digester::new();
    // Digesting cannot fail, and a key or a text is always JSON.
    let _ = write(entries, &mut io::BufWriter::with_capacity(1 << 16, &mut digester));
    digester.finish()
}

/// Writes the object.
pub(in crate::content) fn write(entries: &Entries, out: &mut impl Write) -> io::Result<()> {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_unstable_by_key(|(key, _)| *key);
    out.write_all(b"{")?;
    for (nth, (key, entry)) in sorted.into_iter().enumerate() {
        if nth > 0 {
            out.write_all(b",")?;
        }
        serde_json::to_writer(&mut *out, key)?;
        out.write_all(b":")?;
        value(entry, out)?;
    }
    out.write_all(b"}")?;
    out.flush()
}

fn value(entry: &Entry, out: &mut impl Write) -> io::Result<()> {
    match entry.kind() {
        Kind::Text => serde_json::to_writer(out, entry.source())?,
        Kind::Html => {
            write!(out, "{{\"{HTML}\":")?;
            serde_json::to_writer(&mut *out, entry.source())?;
            out.write_all(b"}")?;
        }
    }
    Ok(())
}

/// Reads an object that is said to have so many `entries`, and takes at most about `limit` bytes of
/// memory. Its HTML is sanitised again, under `policy`: who wrote it is not known.
///
/// # Errors
/// What is wrong, with the key it is wrong about.
pub(in crate::content) fn read(
    bytes: &[u8],
    entries: u64,
    locale: &Tag,
    policy: &Policy,
    limit: u64,
) -> Result<Entries, Unloadable> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let left = Cell::new(Some(usize::try_from(limit).unwrap_or(usize::MAX)));
    // The least that an entry has is `"a":"",`.
    let room = usize::try_from(entries).unwrap_or(usize::MAX).min(bytes.len() / 6 + 1);
    let members = Members { locale, policy, left: &left, room };
    let entries = json.deserialize_map(members).and_then(|entries| json.end().map(|()| entries));
    entries.map_err(|error| match left.get() {
        Some(_) => Invalid::new(error.to_string()).into(),
        None => Unloadable::TooHeavy,
    })
}

struct Members<'l> {
    locale: &'l Tag,
    policy: &'l Policy,
    /// What the entries may still take, in bytes; none once they have taken more.
    left: &'l Cell<Option<usize>>,
    /// For how many entries there is to be room at first.
    room: usize,
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts by key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Entries, A::Error> {
        let mut entries = Entries::with_capacity_and_hasher(self.room, RandomState::default());
        while let Some(key) = members.next_key::<String>()? {
            key::check(&key).map_err(|fault| A::Error::custom(format!("key {key:?}: {fault}")))?;
            let message = Message { key: &key, locale: self.locale, policy: self.policy };
            let entry = members.next_value_seed(message)?;
            if entries.contains_key(&*key) {
                return Err(A::Error::custom(format!("key {key:?} occurs twice")));
            }
            // Before the rest is read: little JSON can take much memory.
            let taken = catalog::entry_bytes(&key, &entry);
            self.left.set(self.left.get().and_then(|left| left.checked_sub(taken)));
            if self.left.get().is_none() {
                return Err(A::Error::custom("its entries take too much memory"));
            }
            entries.insert(key.into_boxed_str(), entry);
            catalog::give_way(entries.len());
        }
        Ok(entries)
    }
}

struct Message<'k> {
    key: &'k str,
    locale: &'k Tag,
    policy: &'k Policy,
}

impl<'de> DeserializeSeed<'de> for Message<'_> {
    type Value = Entry;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Entry, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Message<'_> {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a text or {{\"{HTML}\": …}} for key {:?}", self.key)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Entry, E> {
        Entry::from_text(text, self.locale).map_err(|refused| self.refused(&refused))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Entry, A::Error> {
        let about = |fault: String| A::Error::custom(format!("key {:?}: {fault}", self.key));
        match members.next_key::<String>()? {
            Some(name) if name == HTML => {}
            Some(name) => return Err(about(format!("unknown {name:?}"))),
            None => return Err(about(format!("an object without \"{HTML}\""))),
        }
        let source = members.next_value::<String>()?;
        if let Some(name) = members.next_key::<String>()? {
            return Err(about(format!("unknown {name:?} beside \"{HTML}\"")));
        }
        Entry::from_html(&source, self.locale, self.policy)
            .map_err(|refused| self.refused(&refused))
    }
}

impl Message<'_> {
    fn refused<E: serde::de::Error>(&self, refused: &Refused) -> E {
        E::custom(format!("key {:?}: {refused}", self.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], entries: u64, limit: u64) -> Result<Entries, Unloadable> {
        super::read(bytes, entries, &Tag::parse("en").unwrap(), &Policy::default(), limit)
    }

    fn written(json: &str) -> String {
        let mut out = Vec::new();
        write(&read(json.as_bytes(), 3, u64::MAX).unwrap(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_same_content_is_the_same_bytes() {
        let canonical = r#"{"B":"\"ü\u0007\n","a":{"$html":"<b>x</b>"},"a.b":""}"#;
        let loose = "{ \"a\" : {\"$html\": \"<B>x</B>\"}, \"a.b\":\"\",\n \"B\": \"\\u0022\\u00fc\\u0007\\r\\n\" }";
        // Control characters are no text: they are replaced when it is read.
        let canonical = canonical.replace("\\u0007", "\u{FFFD}");
        assert_eq!(written(loose), canonical);
        assert_eq!(written(&canonical), canonical);
        let entries = read(loose.as_bytes(), 0, u64::MAX).unwrap();
        assert_eq!(digest(&entries), Digest::of(canonical.as_bytes()));
        assert_eq!(written("{}"), "{}");
    }

    #[test]
    fn what_is_no_object_says_where() {
        for (json, fault) in [
            ("", "EOF while parsing a value at line 1 column 0"),
            ("[]", "invalid type: sequence, expected an object of texts by key"),
            ("{\"a\": \"x\"", "EOF while parsing an object"),
            ("{\"a\": \"x\"} {}", "trailing characters"),
            ("<html>", "expected value"),
            ("{\"a\": 1}", "expected a text or {\"$html\": …} for key \"a\""),
            ("{\"a\": {\"b\": \"x\"}}", "key \"a\": unknown \"b\""),
            ("{\"a\": {}}", "key \"a\": an object without \"$html\""),
            ("{\"a\": {\"$html\": \"x\", \"b\": 1}}", "key \"a\": unknown \"b\" beside"),
            (
                "{\"a\": {\"$html\": \"<script>x</script>\"}}",
                "key \"a\": sanitising leaves nothing",
            ),
            ("{\"a b\": \"x\"}", "key \"a b\": it contains ' '"),
            ("{\"a\": \"x\", \"a\": \"y\"}", "key \"a\" occurs twice"),
            ("{\"a\": \"\\ud800\"}", "unexpected end of hex escape"),
        ] {
            let Err(Unloadable::Invalid(error)) = read(json.as_bytes(), 1, 1 << 20) else {
                panic!("{json}")
            };
            let error = error.to_string();
            assert!(error.contains(fault), "{json}: {error}");
        }
        assert!(read(b"{\"a\": \"\xff\"}", 1, u64::MAX).is_err());
        let many: String = (0..1000).map(|n| format!("\"{n}\": \"&\",")).collect();
        let many = format!("{{{many}\"a\": \"x\"}}");
        assert!(read(many.as_bytes(), u64::MAX, 1 << 20).is_ok());
        assert_eq!(read(many.as_bytes(), 1001, 1 << 16).unwrap_err(), Unloadable::TooHeavy);
        let deep = format!("{{\"a\": {}", "[".repeat(100_000));
        assert!(read(deep.as_bytes(), 1, u64::MAX).is_err());
    }
}
