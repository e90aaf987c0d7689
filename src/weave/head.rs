//! Follows a page's head: which tag is the document's, whether the page names its other languages
//! itself, and where the head ends (WHATWG HTML §13.2.6.4.1–6).

use super::markup::{Attribute, attributes, tag_name};
use super::tag::{Tag, TagSet, sets};

/// A head under way.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// Whether this is a document and no piece of one, which scripts fetch to put into a page.
    document: bool,
    /// Whether anything but a document type has come.
    started: bool,
    names_languages: bool,
    ended: bool,
}

/// What does not end the head.
const IN_HEAD: TagSet = sets::METADATA.or(TagSet::of(&[Tag::Html, Tag::Head, Tag::Noscript]));

impl Head {
    pub(super) fn doctype(&mut self) {
        self.document |= !self.started;
    }

    /// Whether a start tag is the one that the document's element gets its attributes from.
    pub(super) fn is_document_tag(&self, tag: Tag) -> bool {
        tag == Tag::Html && !self.started
    }

    /// Whether links to the page's other languages may stand in it.
    pub(super) fn wants_links(&self) -> bool {
        self.document && !self.names_languages
    }

    /// Whether it ends in front of this start tag.
    pub(super) fn ends_at_start(&mut self, tag: Tag, raw: &[u8], in_template: bool) -> bool {
        self.document |= matches!(tag, Tag::Html | Tag::Head) && !self.started;
        self.started = true;
        if self.ended || in_template {
            return false;
        }
        if tag == Tag::Link {
            self.names_languages |= names_language(raw);
        }
        self.end_if(!IN_HEAD.has(tag))
    }

    /// Whether it ends in front of this end tag.
    pub(super) fn ends_at_end(&mut self, tag: Tag, in_template: bool) -> bool {
        let ends = matches!(tag, Tag::Head | Tag::Body | Tag::Html | Tag::Br);
        self.end_if(ends && !in_template)
    }

    /// Whether it ends in front of visible text.
    pub(super) fn ends_at_text(&mut self, in_template: bool) -> bool {
        self.started = true;
        self.end_if(!in_template)
    }

    fn end_if(&mut self, ends: bool) -> bool {
        ends && !std::mem::replace(&mut self.ended, true)
    }
}

/// Whether a `<link>` leads to the page in another language.
fn names_language(raw: &[u8]) -> bool {
    if !tag_name(raw).eq_ignore_ascii_case(b"link") {
        return false;
    }
    let value = |name: &[u8]| {
        let named = |a: &Attribute| raw[a.name.clone()].eq_ignore_ascii_case(name);
        Some(attributes(raw).find(named)?.value.map_or(&[][..], |value| &raw[value]))
    };
    // A feed is in a language, too, and no other address of the page.
    let is_page = value(b"type").is_none_or(|kind| kind.eq_ignore_ascii_case(b"text/html"));
    let mut rel = value(b"rel").unwrap_or_default().split(u8::is_ascii_whitespace);
    is_page && value(b"hreflang").is_some() && rel.any(|rel| rel.eq_ignore_ascii_case(b"alternate"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_with_a_language_is_one_to_another() {
        assert!(names_language(b"<LINK rel=alternate hrefLang='de' href=/de>"));
        assert!(names_language(b"<link hreflang=de rel='canonical Alternate' type=text/html>"));
        assert!(!names_language(b"<link rel=alternate type='application/rss+xml' href=hreflang>"));
        assert!(!names_language(b"<link rel=alternate type=application/rss+xml hreflang=de>"));
        assert!(!names_language(b"<link rel=help hreflang=de>"));
    }

    #[test]
    fn only_a_document_has_a_head_for_links() {
        let mut piece = Head::default();
        assert!(piece.ends_at_start(Tag::Div, b"<div>", false));
        assert!(!piece.wants_links());
        let mut page = Head::default();
        page.doctype();
        assert!(!page.ends_at_start(Tag::Title, b"<title>", false));
        assert!(!page.ends_at_start(Tag::Div, b"<div>", true));
        assert!(page.ends_at_text(false) && page.wants_links());
        assert!(!page.ends_at_start(Tag::Body, b"<body>", false));
    }
}
