//! Whether an entry may be printed in a slot, and what is printed then.

use bytes::Bytes;

use super::arguments::Given;
use super::charset::Charset;
use super::plan::{Edit, Place};
use super::reason::Reason;
use super::tag::{Name, TagSet};
use crate::content::{Entry, Kind, Landing, Unprintable};

/// What takes the place of a slot: up to three pieces.
#[derive(Debug, PartialEq)]
pub(super) struct Print {
    before: Bytes,
    content: Bytes,
    after: Bytes,
}

impl Print {
    pub(super) fn pieces(self) -> impl Iterator<Item = Bytes> {
        [self.before, self.content, self.after].into_iter().filter(|piece| !piece.is_empty())
    }
}

impl From<Bytes> for Print {
    fn from(content: Bytes) -> Self {
        Self { before: Bytes::new(), content, after: Bytes::new() }
    }
}

/// Why `entry` may not be printed in `place`, whatever its arguments are.
pub(super) fn refuses(place: &Place, entry: &Entry) -> Option<Reason> {
    let Place::Inner { context, .. } = place else { return None };
    let Some(context) = context else { return Some(Reason::ForbiddenElement) };
    let markup = entry.kind() == Kind::Html && !context.text_only;
    (markup && elements(entry).meets(context.refuses)).then_some(Reason::BreaksOut)
}

/// What `entry`, which `place` does not refuse, looks like there.
///
/// # Errors
/// Why it cannot be printed with these arguments.
pub(super) fn print(
    place: &Place,
    entry: &Entry,
    charset: Charset,
    arguments: &Given<'_>,
) -> Result<Print, Reason> {
    let content = entry.print(landing(place), arguments)?;
    let content = charset.encode(&content);
    Ok(match place {
        Place::Inner { context, .. } => {
            let drops_newline = context.is_some_and(|context| context.drops_newline);
            let doubled = drops_newline && content.starts_with(b"\n");
            let before = Bytes::from_static(if doubled { b"\n" } else { b"" });
            Print { before, content, after: Bytes::new() }
        }
        Place::Attribute { name, edit } => attribute(edit, name, content),
    })
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

fn landing(place: &Place) -> Landing<'_> {
    match place {
        Place::Inner { context: Some(context), .. } if !context.text_only => Landing::Markup,
        Place::Inner { .. } => Landing::Text,
        Place::Attribute { name, .. } => Landing::Attribute(name),
    }
}

fn elements(entry: &Entry) -> TagSet {
    let mut set = TagSet::EMPTY;
    for name in entry.elements() {
        set.add(Name::parse(name.as_bytes()).tag);
    }
    set
}

impl From<Unprintable> for Reason {
    fn from(unprintable: Unprintable) -> Self {
        match unprintable {
            Unprintable::MissingArgument => Self::MissingArgument,
            Unprintable::WrongArgument => Self::WrongArgument,
            Unprintable::UnsafeUrl => Self::UnsafeUrl,
        }
    }
}
