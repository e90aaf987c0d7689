//! Whether an entry may be printed in a slot, and what is printed then.

use bytes::Bytes;

use super::charset::Charset;
use super::plan::{Edit, Place};
use super::reason::Reason;
use super::tag::{Name, TagSet};
use crate::content::{Entry, url};

/// What takes the place of a slot: up to three pieces.
#[derive(Debug, PartialEq)]
pub(super) struct Print {
    before: Bytes,
    content: Bytes,
    after: Bytes,
}

impl Print {
    pub(super) fn emit(self, out: &mut Vec<Bytes>) {
        let pieces = [self.before, self.content, self.after];
        out.extend(pieces.into_iter().filter(|piece| !piece.is_empty()));
    }
}

/// Whether `entry` may be printed in `place`.
///
/// # Errors
/// Why not.
pub(super) fn permit(place: &Place, entry: &Entry) -> Result<(), Reason> {
    match place {
        Place::Inner { context: None, .. } => Err(Reason::ForbiddenElement),
        Place::Inner { context: Some(context), .. } => {
            let markup = entry.html().is_some() && !context.text_only;
            let breaks_out = markup && elements(entry).meets(context.refuses);
            if breaks_out { Err(Reason::BreaksOut) } else { Ok(()) }
        }
        Place::Attribute { name, .. } => {
            if url::allows(name, entry.plain()) {
                Ok(())
            } else {
                Err(Reason::UnsafeUrl)
            }
        }
    }
}

/// What `entry`, which is permitted there, looks like in `place`.
pub(super) fn print(place: &Place, entry: &Entry, charset: Charset) -> Print {
    let fixed = Bytes::from_static;
    match place {
        Place::Inner { context, .. } => {
            let text_only = context.is_none_or(|context| context.text_only);
            let content = entry.html().filter(|_| !text_only).unwrap_or(entry.text());
            let drops_newline = context.is_some_and(|context| context.drops_newline);
            let doubled = drops_newline && content.starts_with(b"\n");
            let before = fixed(if doubled { b"\n" } else { b"" });
            Print { before, content: charset.encode(content), after: Bytes::new() }
        }
        Place::Attribute { name, edit } => attribute(edit, name, charset.encode(entry.attr())),
    }
}

/// An attribute with another value, which is escaped and encoded.
pub(super) fn attribute(edit: &Edit, name: &str, value: Bytes) -> Print {
    let before = match edit {
        Edit::Value(_) | Edit::Quoted(_) => Bytes::from_static(b"\""),
        Edit::Bare(_) => Bytes::from_static(b"=\""),
        Edit::Missing(_) => Bytes::from(format!(" {name}=\"")),
    };
    Print { before, content: value, after: Bytes::from_static(b"\"") }
}

fn elements(entry: &Entry) -> TagSet {
    let mut set = TagSet::EMPTY;
    for name in entry.elements() {
        set.add(Name::parse(name.as_bytes()).tag);
    }
    set
}
