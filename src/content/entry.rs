//! One text in one locale, in every form it can be printed in.
//!
//! All forms are made at load, so that printing clones a reference count and nothing else. Most
//! texts have nothing to escape: then all forms are one.

use bytes::Bytes;

use super::policy::Policy;
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
    /// The plain text, escaped for element content.
    text: Bytes,
    /// The forms that differ from it.
    forms: Option<Box<Forms>>,
}

#[derive(Debug, Clone)]
struct Forms {
    attr: Bytes,
    plain: Box<str>,
    html: Option<Html>,
}

#[derive(Debug, Clone)]
struct Html {
    markup: Bytes,
    elements: Box<[Box<str>]>,
}

impl Entry {
    /// An entry of plain text. Every text is valid; nothing in it is markup.
    pub fn from_text(text: &str) -> Self {
        let text = escape::normalize(text);
        if escape::is_plain(&text) {
            return Self { text: compact(text.into_owned()), forms: None };
        }
        Self::with_forms(&text, None)
    }

    /// An entry of markup, sanitised under `policy`.
    ///
    /// # Errors
    /// [`Rejected`] when nothing of it is left, or when it cannot be sanitised within bounds.
    pub fn from_html(source: &str, policy: &Policy) -> Result<Self, Rejected> {
        let html = sanitize::sanitize(&escape::normalize(source), policy)?;
        let plain = markup::text_content(&html);
        let elements = markup::elements(&html);
        Ok(Self::with_forms(&plain, Some(Html { markup: compact(html), elements })))
    }

    fn with_forms(plain: &str, html: Option<Html>) -> Self {
        let text = compact(escape::for_text(plain));
        let attr = escape::for_attribute(plain);
        let attr = if attr.as_bytes() == text { text.clone() } else { compact(attr) };
        Self { text, forms: Some(Box::new(Forms { attr, plain: plain.into(), html })) }
    }

    /// Whether it was written as text or as markup.
    pub fn kind(&self) -> Kind {
        if self.html().is_some() { Kind::Html } else { Kind::Text }
    }

    /// The plain text, escaped for element content.
    pub fn text(&self) -> &Bytes {
        &self.text
    }

    /// The plain text, escaped for an attribute value in double quotes.
    pub fn attr(&self) -> &Bytes {
        self.forms.as_ref().map_or(&self.text, |forms| &forms.attr)
    }

    /// The sanitised markup; `None` for a text.
    pub fn html(&self) -> Option<&Bytes> {
        Some(&self.forms.as_ref()?.html.as_ref()?.markup)
    }

    /// The text without any escapes; of markup, its words.
    pub fn plain(&self) -> &str {
        match &self.forms {
            Some(forms) => &forms.plain,
            // Always UTF-8: it was a text.
            None => str::from_utf8(&self.text).unwrap_or_default(),
        }
    }

    /// The names of the elements in the markup: lower case, sorted, each once.
    pub fn elements(&self) -> &[Box<str>] {
        let html = self.forms.as_ref().and_then(|forms| forms.html.as_ref());
        html.map_or(&[], |html| &html.elements)
    }

    /// Whether both print the same wherever they are printed.
    pub(super) fn prints_as(&self, other: &Self) -> bool {
        self.html() == other.html() && self.plain() == other.plain()
    }

    /// About what it takes in memory beside itself, in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        let forms = self.forms.as_ref().map_or(0, |forms| {
            let html = forms.html.as_ref().map_or(0, |html| block(html.markup.len()) + 48);
            let attr = if forms.attr.as_ptr() == self.text.as_ptr() { 0 } else { forms.attr.len() };
            block(size_of::<Forms>()) + block(forms.plain.len()) + block(attr) + html
        });
        // What is shared once it is printed has a count of its own.
        block(self.text.len()) + SHARED + forms
    }
}

/// `Bytes` beside its text.
const SHARED: usize = 32;

/// What an allocation of `bytes` takes, its bookkeeping included.
pub(super) fn block(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16).max(32) }
}

/// Without spare room.
fn compact(text: String) -> Bytes {
    Bytes::from(text.into_bytes().into_boxed_slice())
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
        let entry =
            Entry::from_html("<P>Tom &amp; <b>\"Jerry\"</b></P>\0", &Policy::default()).unwrap();
        assert_eq!(entry.kind(), Kind::Html);
        assert_eq!(entry.html().unwrap(), "<p>Tom &amp; <b>\"Jerry\"</b></p>\u{FFFD}");
        assert_eq!(entry.plain(), "Tom & \"Jerry\" \u{FFFD}");
        assert_eq!(entry.attr(), "Tom &amp; &quot;Jerry&quot; \u{FFFD}");
        assert_eq!(entry.elements(), [Box::from("b"), Box::from("p")]);
    }

    #[test]
    fn brackets_in_attributes_are_no_tags() {
        let entry = Entry::from_html("<b title='<i>\"'>a</b>", &Policy::default()).unwrap();
        assert_eq!(entry.elements(), [Box::from("b")]);
        assert_eq!(entry.plain(), "a");
    }

    #[test]
    fn equal_forms_share_memory() {
        let entry = Entry::from_text("a < b");
        assert_eq!(entry.text().as_ptr(), entry.attr().as_ptr());
    }
}
