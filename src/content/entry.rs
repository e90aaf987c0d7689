//! One text in one locale, in every form it can be printed in.
//!
//! All forms are made at load, so that printing clones a reference count and nothing else.

use bytes::Bytes;

use super::sanitize::{self, Rejected};
use super::{escape, markup};

/// What an entry may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Plain text; escaped when printed.
    Text,
    /// Markup; sanitised when loaded.
    Html,
}

/// An immutable entry. Every form is UTF-8.
#[derive(Debug, Clone)]
pub struct Entry {
    kind: Kind,
    text: Bytes,
    attr: Bytes,
    html: Option<Bytes>,
    plain: Box<str>,
    elements: Box<[Box<str>]>,
}

impl Entry {
    /// An entry of plain text. Every text is valid; nothing in it is markup.
    pub fn from_text(text: &str) -> Self {
        let text = escape::normalize(text);
        Self::with_forms(Kind::Text, &text, None, Box::default())
    }

    /// An entry of markup, sanitised.
    ///
    /// # Errors
    /// [`Rejected`] when nothing of it is left, or when it cannot be sanitised within bounds.
    pub fn from_html(source: &str) -> Result<Self, Rejected> {
        let html = sanitize::sanitize(&escape::normalize(source))?;
        let plain = markup::text_content(&html);
        let elements = markup::elements(&html);
        Ok(Self::with_forms(Kind::Html, &plain, Some(html.into()), elements))
    }

    fn with_forms(kind: Kind, plain: &str, html: Option<Bytes>, elements: Box<[Box<str>]>) -> Self {
        let text = Bytes::from(escape::for_text(plain));
        let attr = escape::for_attribute(plain);
        // Most texts have no quote in them: then both forms share one allocation.
        let attr = if attr.as_bytes() == text { text.clone() } else { attr.into() };
        Self { kind, text, attr, html, plain: plain.into(), elements }
    }

    /// Whether it was written as text or as markup.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The plain text, escaped for element content.
    pub fn text(&self) -> &Bytes {
        &self.text
    }

    /// The plain text, escaped for an attribute value in double quotes.
    pub fn attr(&self) -> &Bytes {
        &self.attr
    }

    /// The sanitised markup; `None` for a text.
    pub fn html(&self) -> Option<&Bytes> {
        self.html.as_ref()
    }

    /// The text without any escapes; of markup, its words.
    pub fn plain(&self) -> &str {
        &self.plain
    }

    /// The names of the elements in the markup: lower case, sorted, each once.
    pub fn elements(&self) -> &[Box<str>] {
        &self.elements
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        let entry = Entry::from_text("<b>\"A\" & B</b>\r\n");
        assert_eq!(entry.kind(), Kind::Text);
        assert_eq!(entry.text(), "&lt;b&gt;\"A\" &amp; B&lt;/b&gt;\n");
        assert_eq!(entry.attr(), "&lt;b&gt;&quot;A&quot; &amp; B&lt;/b&gt;\n");
        assert_eq!(entry.plain(), "<b>\"A\" & B</b>\n");
        assert_eq!(entry.html(), None);
        assert!(entry.elements().is_empty());
    }

    #[test]
    fn braces_have_no_meaning_yet() {
        assert_eq!(Entry::from_text("Hello {name").text(), "Hello {name");
    }

    #[test]
    fn markup_also_has_its_words() {
        let entry = Entry::from_html("<P>Tom &amp; <b>\"Jerry\"</b></P>\0").unwrap();
        assert_eq!(entry.kind(), Kind::Html);
        assert_eq!(entry.html().unwrap(), "<p>Tom &amp; <b>\"Jerry\"</b></p>\u{FFFD}");
        assert_eq!(entry.plain(), "Tom & \"Jerry\" \u{FFFD}");
        assert_eq!(entry.attr(), "Tom &amp; &quot;Jerry&quot; \u{FFFD}");
        assert_eq!(entry.elements(), ["b".into(), "p".into()]);
    }

    #[test]
    fn brackets_in_attributes_are_no_tags() {
        let entry = Entry::from_html("<b title='<i>\"'>a</b>").unwrap();
        assert_eq!(entry.elements(), ["b".into()]);
        assert_eq!(entry.plain(), "a");
    }

    #[test]
    fn equal_forms_share_memory() {
        let entry = Entry::from_text("a < b");
        assert_eq!(entry.text().as_ptr(), entry.attr().as_ptr());
    }
}
