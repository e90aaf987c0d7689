//! A text that takes no arguments, in every form it can be printed in.
//!
//! All forms are made at load, so that printing clones a reference count and nothing else. Most
//! texts have nothing to escape: then all forms are one.

use bytes::Bytes;

use super::{block, compact};
use crate::content::{escape, markup};

/// Every form is UTF-8.
#[derive(Debug, Clone)]
pub(super) struct Fixed {
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
    /// What was written, where that is none of these.
    source: Option<Box<str>>,
}

#[derive(Debug, Clone)]
struct Html {
    markup: Bytes,
    elements: Box<[Box<str>]>,
}

impl Fixed {
    /// Plain text that is written as `source`.
    pub(super) fn from_text(text: &str, source: &str) -> Self {
        let source = (text != source).then(|| source.into());
        if escape::is_plain(text) && source.is_none() {
            return Self { text: compact(text.to_owned()), forms: None };
        }
        Self::with_forms(text, None, source)
    }

    /// Markup, sanitised, that is written as `source`.
    pub(super) fn from_html(html: String, source: &str) -> Self {
        let source = (html != source).then(|| source.into());
        let plain = markup::text_content(&html);
        let elements = markup::elements(&html);
        Self::with_forms(&plain, Some(Html { markup: compact(html), elements }), source)
    }

    fn with_forms(plain: &str, html: Option<Html>, source: Option<Box<str>>) -> Self {
        let text = compact(escape::for_text(plain));
        let attr = escape::for_attribute(plain);
        let attr = if attr.as_bytes() == text { text.clone() } else { compact(attr) };
        Self { text, forms: Some(Box::new(Forms { attr, plain: plain.into(), html, source })) }
    }

    /// The plain text, escaped for element content.
    pub(super) fn text(&self) -> &Bytes {
        &self.text
    }

    /// The plain text, escaped for an attribute value in double quotes.
    pub(super) fn attr(&self) -> &Bytes {
        self.forms.as_ref().map_or(&self.text, |forms| &forms.attr)
    }

    /// The sanitised markup; `None` for a text.
    pub(super) fn html(&self) -> Option<&Bytes> {
        Some(&self.html_form()?.markup)
    }

    /// The text without any escapes; of markup, its words.
    pub(super) fn plain(&self) -> &str {
        self.forms.as_ref().map_or_else(|| as_text(&self.text), |forms| &forms.plain)
    }

    /// What was written.
    pub(super) fn source(&self) -> &str {
        let source = self.forms.as_ref().and_then(|forms| forms.source.as_deref());
        source.unwrap_or_else(|| self.html().map_or_else(|| self.plain(), |html| as_text(html)))
    }

    /// The names of the elements in the markup: lower case, sorted, each once.
    pub(super) fn elements(&self) -> &[Box<str>] {
        self.html_form().map_or(&[], |html| &html.elements)
    }

    fn html_form(&self) -> Option<&Html> {
        self.forms.as_ref()?.html.as_ref()
    }

    /// About what it takes in memory beside itself, in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        let forms = self.forms.as_ref().map_or(0, |forms| {
            let html = forms.html.as_ref().map_or(0, |html| block(html.markup.len()) + 48);
            let attr = if forms.attr.as_ptr() == self.text.as_ptr() { 0 } else { forms.attr.len() };
            let source = forms.source.as_ref().map_or(0, |source| block(source.len()));
            block(size_of::<Forms>()) + block(forms.plain.len()) + block(attr) + html + source
        });
        // What is shared once it is printed has a count of its own.
        block(self.text.len()) + SHARED + forms
    }
}

/// `Bytes` beside its text.
const SHARED: usize = 32;

/// Always UTF-8: it was a text.
fn as_text(bytes: &Bytes) -> &str {
    str::from_utf8(bytes).unwrap_or_default()
}
