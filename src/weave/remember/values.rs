//! Which attributes a scan reads the value of: a difference in one of these may mean anything.

use crate::weave::rules::Rules;
use crate::weave::tag::{Name, Tag, sets};

impl Rules {
    /// Whether the value of `attribute` on `element` may decide what is planned, or how tags are read.
    /// On formatting elements any may, where more than three of them are alike (`formatting`).
    pub(super) fn reads(&self, element: &[u8], attribute: &[u8], formatting: bool) -> bool {
        let name = String::from_utf8_lossy(attribute).to_ascii_lowercase();
        let tag = Name::parse(element).tag;
        self.label.is_label(&name)
            || is_read(tag, &name)
            || formatting && sets::FORMATTING.has(tag)
            || self.selectors.mention(&name)
    }
}

fn is_read(element: Tag, attribute: &str) -> bool {
    match element {
        // The charset, and whether markup inside is HTML.
        Tag::Meta | Tag::AnnotationXml => true,
        // Which of them lead to the page in another language.
        Tag::Link => matches!(attribute, "rel" | "hreflang" | "type"),
        // Whether it is in the way of a frameset, or of a table.
        Tag::Input => attribute == "type",
        Tag::Template => attribute.starts_with("shadowroot"),
        _ => false,
    }
}
