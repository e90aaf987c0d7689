//! A message that takes arguments: printed anew for each element.

use bytes::Bytes;

use super::landing::{Landing, Unprintable};
use super::values::{self, IntoMarkup};
use super::{Kind, block, compact};
use crate::content::{escape, markup, url};
use crate::message::{Arguments, Message};

#[derive(Debug, Clone)]
pub(super) struct Template {
    message: Message,
    source: Box<str>,
    kind: Kind,
    /// The elements of all its arms; none of a text.
    elements: Box<[Box<str>]>,
    /// Whether something of a URL in its markup depends on arguments.
    makes_urls: bool,
}

impl Template {
    pub(super) fn from_text(message: Message, source: &str) -> Self {
        let (kind, elements, makes_urls) = (Kind::Text, Box::default(), false);
        Self { message, source: source.into(), kind, elements, makes_urls }
    }

    /// `source` is sanitised, and the arms of `message` are balanced.
    pub(super) fn from_html(message: Message, source: &str, makes_urls: bool) -> Self {
        let (kind, elements) = (Kind::Html, markup::elements(source));
        Self { message, source: source.into(), kind, elements, makes_urls }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn elements(&self) -> &[Box<str>] {
        &self.elements
    }

    pub(super) fn arguments(&self) -> Vec<&str> {
        self.message.arguments()
    }

    /// About what it takes in memory beside itself, in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        let elements = self.elements.iter().map(|name| block(name.len()) + size_of::<Box<str>>());
        block(self.source.len()) + self.message.heap_bytes() + elements.sum::<usize>()
    }

    /// What it is in its place, escaped.
    pub(super) fn print(
        &self,
        landing: Landing<'_>,
        arguments: &dyn Arguments,
    ) -> Result<Bytes, Unprintable> {
        match (self.kind, landing) {
            (Kind::Html, Landing::Markup) => self.markup(arguments).map(compact),
            (_, Landing::Attribute(name)) => {
                let plain = self.plain(arguments, Some(name).filter(|name| url::is_url(name)))?;
                if !url::allows(name, &plain) {
                    return Err(Unprintable::UnsafeUrl);
                }
                Ok(compact(escape::into_attribute(plain)))
            }
            (_, Landing::Text | Landing::Markup) => {
                Ok(compact(escape::into_text(self.plain(arguments, None)?)))
            }
        }
    }

    /// Without escapes, for the attribute `url` that is one; of markup, its words.
    pub(super) fn plain(
        &self,
        arguments: &dyn Arguments,
        url: Option<&str>,
    ) -> Result<String, Unprintable> {
        if self.kind == Kind::Html && url.is_some() {
            // Markup says nothing of where in a URL an argument stands.
            return Err(Unprintable::UnsafeUrl);
        }
        if self.kind == Kind::Html {
            return self.markup(arguments).map(|markup| markup::text_content(&markup));
        }
        let mut out = String::with_capacity(self.source.len() + 32);
        let Some(name) = url else {
            self.message.format(arguments, &mut out, &mut values::into_plain)?;
            return Ok(out);
        };
        let (list, mut strays) = (url::is_list(name), false);
        self.message.format(arguments, &mut out, &mut |out, value| {
            strays |= values::into_url(out, value, list);
        })?;
        if strays { Err(Unprintable::UnsafeUrl) } else { Ok(out) }
    }

    fn markup(&self, arguments: &dyn Arguments) -> Result<String, Unprintable> {
        let mut out = String::with_capacity(self.source.len() + 32);
        let mut values = IntoMarkup::default();
        self.message.format(arguments, &mut out, &mut |out, value| values.write(out, value))?;
        if values.strays || self.makes_urls && !markup::urls_are_allowed(&out) {
            return Err(Unprintable::UnsafeUrl);
        }
        Ok(out)
    }
}
