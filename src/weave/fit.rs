//! Whether an entry may be printed in a slot, and what is printed then.

use bytes::Bytes;

use super::charset::Charset;
use super::plan::{Edit, Place};
use super::reason::Reason;
use super::tag::{Name, TagSet};
use super::url;
use crate::content::Entry;

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

/// What `entry` looks like in `place`.
///
/// # Errors
/// Why it may not be printed there.
pub(super) fn fit(place: &Place, entry: &Entry, charset: Charset) -> Result<Print, Reason> {
    match place {
        Place::Inner { context: None, .. } => Err(Reason::ForbiddenElement),
        Place::Inner { context: Some(context), .. } => {
            let content = match entry.html() {
                Some(_) if !context.text_only && elements(entry).meets(context.refuses) => {
                    return Err(Reason::BreaksOut);
                }
                Some(html) if !context.text_only => html,
                _ => entry.text(),
            };
            let doubled = context.drops_newline && content.starts_with(b"\n");
            let before = Bytes::from_static(if doubled { b"\n" } else { b"" });
            Ok(Print { before, content: charset.encode(content), after: Bytes::new() })
        }
        Place::Attribute { name, edit } => {
            if !url::allows(name, entry.plain()) {
                return Err(Reason::UnsafeUrl);
            }
            let before = match edit {
                Edit::Value(_) | Edit::Quoted(_) => Bytes::from_static(b"\""),
                Edit::Bare(_) => Bytes::from_static(b"=\""),
                Edit::Missing(_) => Bytes::from(format!(" {name}=\"")),
            };
            let after = Bytes::from_static(b"\"");
            Ok(Print { before, content: charset.encode(entry.attr()), after })
        }
    }
}

fn elements(entry: &Entry) -> TagSet {
    let mut set = TagSet::EMPTY;
    for name in entry.elements() {
        set.add(Name::parse(name.as_bytes()).tag);
    }
    set
}
