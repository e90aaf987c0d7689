//! The attributes of a tag that something may be printed in.

use std::ops::Range;

use encoding_rs::Encoding;

use super::markup::{Attribute, attributes, tag_name};
use super::plan::Edit;

/// A tag's attributes, decoded.
pub(super) struct WrittenTag {
    pub(super) attributes: Vec<Written>,
    /// Where its name ends in the document: an attribute that is missing goes there.
    behind_name: usize,
}

/// An attribute: what it says, and how it would be given another value.
pub(super) struct Written {
    /// Lower-cased.
    pub(super) name: String,
    /// Whether it is written so.
    pub(super) in_lower_case: bool,
    /// Character references and all.
    pub(super) value: String,
    edit: Edit,
}

impl WrittenTag {
    /// Reads `tag`, which is at `at` of the document.
    pub(super) fn read(tag: &[u8], at: usize, encoding: &'static Encoding) -> Self {
        let text = |range: Range<usize>| encoding.decode_without_bom_handling(&tag[range]).0;
        let written = |attribute: Attribute| Written {
            name: text(attribute.name.clone()).to_ascii_lowercase(),
            in_lower_case: !tag[attribute.name.clone()].iter().any(u8::is_ascii_uppercase),
            value: attribute.value.clone().map_or(String::new(), |value| text(value).into_owned()),
            edit: edit(tag, at, attribute),
        };
        let attributes = attributes(tag).map(written).collect();
        Self { attributes, behind_name: at + 1 + tag_name(tag).len() }
    }

    /// The value of an attribute, character references and all.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|a| a.name == name).map(|a| &*a.value)
    }

    /// How the attribute `name` is given another value.
    pub(super) fn edit(&self, name: &str) -> Edit {
        let there = self.attributes.iter().find(|attribute| attribute.name == name);
        there.map_or(Edit::Missing(self.behind_name), |there| there.edit.clone())
    }
}

fn edit(tag: &[u8], at: usize, attribute: Attribute) -> Edit {
    let Some(value) = attribute.value else { return Edit::Bare(at + attribute.name.end) };
    let place = at + value.start..at + value.end;
    // An unquoted value starts with no quote, and an empty one has none in front.
    let quoted =
        matches!(tag[value.start - 1], b'"' | b'\'') && tag[value.end] == tag[value.start - 1];
    if quoted { Edit::Quoted(place) } else { Edit::Value(place) }
}
