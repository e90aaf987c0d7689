//! What one visitor's page is printed with, beside the site's content.

use std::sync::Arc;

use bytes::Bytes;

/// What a request adds to a page.
#[derive(Debug, Clone, Default)]
pub struct Audience {
    /// Whether the page's locale was chosen for this visitor: `lang` and `dir` of `<html>` then say
    /// which one it is.
    pub chosen: bool,
    /// What goes to the end of `<head>` unless the page names its other languages itself:
    /// `<link rel="alternate" hreflang="…" href="…">`s, ASCII, escaped.
    pub alternates: Option<Bytes>,
    /// Values for messages, by name; what the origin supplies for an element comes first.
    pub variables: Variables,
}

impl Audience {
    /// Whether something is printed on pages without labels, too.
    pub(super) fn marks_document(&self) -> bool {
        self.chosen || self.alternates.is_some()
    }
}

/// Values out of the request, by name. Cloning shares them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(Arc<[(Box<str>, Box<str>)]>);

impl Variables {
    /// The values by name; the first of a name counts.
    pub fn new(values: impl IntoIterator<Item = (Box<str>, Box<str>)>) -> Self {
        Self(values.into_iter().collect())
    }

    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| &**known == name).map(|(_, value)| &**value)
    }
}
