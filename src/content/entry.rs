//! One message in one locale: a text that never changes, or one that takes arguments.

mod fixed;
mod landing;
mod quotes;
mod shape;
mod template;
mod values;

use std::fmt;

use bytes::Bytes;

use super::policy::Policy;
use super::sanitize::{self, Rejected};
use super::{bidi, escape, markup, url};
use crate::locale::Tag;
use crate::message::{self, Arguments, Fault, Parsed};
use fixed::Fixed;
pub use landing::{Landing, Unprintable};
use shape::Misshapen;
use template::Template;

/// What an entry may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Plain text; escaped when printed.
    Text,
    /// Markup; sanitised when loaded.
    Html,
}

/// An immutable entry.
#[derive(Debug, Clone)]
pub struct Entry(Form);

#[derive(Debug, Clone)]
enum Form {
    Fixed(Fixed),
    Template(Box<Template>),
}

/// Why something is no entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is no message.
    Message(Fault),
    /// It is no markup that can be printed.
    Markup(Rejected),
    /// It is no markup for some arguments.
    Shape(Misshapen),
}

impl Entry {
    /// An entry of text, a message in `locale`. Nothing in it is markup.
    ///
    /// # Errors
    /// [`Refused::Message`] when it is none.
    pub fn from_text(text: &str, locale: &Tag) -> Result<Self, Refused> {
        let source = escape::normalize(text);
        let shown = bidi::contained(&source);
        if shown != source {
            // What is wrong is told of what was written, not of what became of it.
            message::parse(&source, locale.as_str())?;
        }
        Ok(Self(match message::parse(&shown, locale.as_str())? {
            Parsed::Text(text) => Form::Fixed(Fixed::from_text(&text, &source)),
            Parsed::Message(message) => {
                Form::Template(Box::new(Template::from_text(message, &source)))
            }
        }))
    }

    /// An entry of markup, a message in `locale`, sanitised under `policy`.
    ///
    /// # Errors
    /// [`Refused`] when it is no message, when nothing of it is left, when it cannot be sanitised
    /// within bounds, or when it would be something else for some arguments.
    pub fn from_html(source: &str, locale: &Tag, policy: &Policy) -> Result<Self, Refused> {
        let source = escape::normalize(source);
        let source = quotes::literal(&source);
        let html = sanitize::sanitize(&source, policy);
        // What is wrong is told of what was written, not of what became of it. What is published is
        // both, and is read once.
        if !html.as_ref().is_ok_and(|html| *html == source)
            && let Ok(written) = quotes::checked(&source)
        {
            message::parse(&written, locale.as_str())?;
        }
        let html = html.map_err(Refused::Markup)?;
        let shown = markup::contained(&html);
        Ok(Self(match message::parse(&quotes::checked(&shown)?, locale.as_str())? {
            Parsed::Text(text) => {
                // Quotes that are gone must not have made anything of what was between them.
                if text != shown && policy.clean(&text) != text {
                    return Err(Refused::Markup(Rejected::Unstable));
                }
                Form::Fixed(Fixed::from_html(text.into_owned(), &html))
            }
            Parsed::Message(message) => {
                // Where quotes are gone, too, URLs are not those that were sanitised.
                let makes_urls = shape::check(&message)? | shown.contains('\'');
                Form::Template(Box::new(Template::from_html(message, &html, makes_urls)))
            }
        }))
    }

    /// Whether it was written as text or as markup.
    pub fn kind(&self) -> Kind {
        match &self.0 {
            Form::Fixed(fixed) if fixed.html().is_none() => Kind::Text,
            Form::Fixed(_) => Kind::Html,
            Form::Template(template) => template.kind(),
        }
    }

    /// The message as it is published: of markup, what sanitising left of it.
    pub fn source(&self) -> &str {
        match &self.0 {
            Form::Fixed(fixed) => fixed.source(),
            Form::Template(template) => template.source(),
        }
    }

    /// The names of the elements in the markup: lower case, sorted, each once.
    pub fn elements(&self) -> &[Box<str>] {
        match &self.0 {
            Form::Fixed(fixed) => fixed.elements(),
            Form::Template(template) => template.elements(),
        }
    }

    /// The names of the arguments that it takes: sorted, each once.
    pub fn arguments(&self) -> Vec<&str> {
        match &self.0 {
            Form::Fixed(_) => Vec::new(),
            Form::Template(template) => template.arguments(),
        }
    }

    /// What it is where it lands, as UTF-8, escaped.
    ///
    /// # Errors
    /// [`Unprintable`] when the arguments do not fit, or when it would be a URL that is never printed.
    pub fn print(
        &self,
        landing: Landing<'_>,
        arguments: &dyn Arguments,
    ) -> Result<Bytes, Unprintable> {
        let fixed = match &self.0 {
            Form::Fixed(fixed) => fixed,
            Form::Template(template) => return template.print(landing, arguments),
        };
        match landing {
            Landing::Markup => Ok(fixed.html().unwrap_or(fixed.text()).clone()),
            Landing::Text => Ok(fixed.text().clone()),
            Landing::Attribute(name) if url::allows(name, fixed.plain()) => {
                Ok(fixed.attr().clone())
            }
            Landing::Attribute(_) => Err(Unprintable::UnsafeUrl),
        }
    }

    /// Its words without any escapes, for people to read.
    ///
    /// # Errors
    /// [`Unprintable`] when the arguments do not fit.
    pub fn words(&self, arguments: &dyn Arguments) -> Result<String, Unprintable> {
        match &self.0 {
            Form::Fixed(fixed) => Ok(fixed.plain().to_owned()),
            Form::Template(template) => template.plain(arguments, None),
        }
    }

    /// Whether both print the same wherever they are printed.
    pub(super) fn prints_as(&self, other: &Self) -> bool {
        (self.kind(), self.source()) == (other.kind(), other.source())
    }

    /// About what it takes in memory beside itself, in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        match &self.0 {
            Form::Fixed(fixed) => fixed.heap_bytes(),
            Form::Template(template) => block(size_of::<Template>()) + template.heap_bytes(),
        }
    }
}

/// What an allocation of `bytes` takes, its bookkeeping included.
pub(super) fn block(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16).max(32) }
}

/// Without spare room.
fn compact(text: String) -> Bytes {
    Bytes::from(text.into_bytes().into_boxed_slice())
}

// === impl Refused ===

impl Refused {
    /// What to do about it.
    pub fn help(&self) -> &str {
        match self {
            Self::Message(fault) => &fault.help,
            Self::Markup(rejected) => rejected.help(),
            Self::Shape(Misshapen::InTag) => {
                "put the argument between tags, or into the value of an attribute: title=\"{name}\""
            }
            Self::Shape(Misshapen::Unbalanced) => {
                "write whole elements in each arm, with their start and end tags"
            }
            Self::Shape(Misshapen::Quote) => {
                "close the quote in front of the tag or the end of the value; write '{' for a brace"
            }
            Self::Shape(Misshapen::Count) => "write '#' for the sign itself",
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(fault) => f.write_str(&fault.message),
            Self::Markup(rejected) => rejected.fmt(f),
            Self::Shape(Misshapen::InTag) => f.write_str("an argument stands inside a tag"),
            Self::Shape(Misshapen::Unbalanced) => {
                f.write_str("an arm of a plural or select opens or closes what is outside it")
            }
            Self::Shape(Misshapen::Quote) => {
                f.write_str("a quote that an apostrophe begins goes on past a tag or a value")
            }
            Self::Shape(Misshapen::Count) => {
                f.write_str("# stands in a URL, where it would be the number of the plural")
            }
        }
    }
}

impl std::error::Error for Refused {}

impl From<Misshapen> for Refused {
    fn from(misshapen: Misshapen) -> Self {
        Self::Shape(misshapen)
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Message(fault)
    }
}

#[cfg(test)]
mod tests;
