//! Which attributes a scan reads the value of: a difference in one of these may mean anything.

use std::borrow::Cow;

use crate::weave::markup::{attributes, tag_name};
use crate::weave::rules::Rules;
use crate::weave::tag::{Name, Tag, sets};

impl Rules {
    /// Whether the value of the attribute `name` of `tag` may decide what is planned, or how tags are read.
    /// On formatting elements any may, on a page where these are compared (`formatting`).
    pub(super) fn reads(&self, tag: &[u8], name: &[u8], formatting: bool) -> bool {
        let element = Name::parse(tag_name(tag)).tag;
        // In the page's own charset it may be any.
        let Some(name) = ascii(name) else { return !self.selectors.is_empty() };
        self.label.is_label(&name)
            || is_read(element, tag, &name)
            || formatting && sets::FORMATTING.has(element)
            || self.selectors.mention(&name)
    }
}

/// A name in lower case, if it is one of ASCII.
fn ascii(name: &[u8]) -> Option<Cow<'_, str>> {
    let name = std::str::from_utf8(name).ok().filter(|name| name.is_ascii())?;
    let has_upper = name.bytes().any(|b| b.is_ascii_uppercase());
    Some(if has_upper { name.to_ascii_lowercase().into() } else { name.into() })
}

fn is_read(element: Tag, tag: &[u8], attribute: &str) -> bool {
    match element {
        // It may name the charset; tokens against forgery are in the other kind.
        Tag::Meta => {
            attribute != "content" || ["http-equiv", "charset"].iter().any(|n| has(tag, n))
        }
        // Whether markup inside is HTML.
        Tag::AnnotationXml => true,
        // Which of them lead to the page in another language.
        Tag::Link => matches!(attribute, "rel" | "hreflang" | "type"),
        _ => false,
    }
}

fn has(tag: &[u8], name: &str) -> bool {
    attributes(tag).any(|a| tag[a.name].eq_ignore_ascii_case(name.as_bytes()))
}
