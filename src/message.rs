//! ICU MessageFormat behind a small interface: texts with `{arguments}`, plurals and selections.
//!
//! The reference is `intl-messageformat` of FormatJS, with tags as plain text. A message is parsed
//! and compiled for one locale at load; printing it makes nothing but text. The parser is FormatJS's
//! own crate. Its runtime is not used: it makes a formatter for every value, allocates for every
//! part, and cannot say where an argument lands, which is what escaping needs.
//!
//! Knows nothing of entries, markup or requests.

mod argument;
mod calendar;
mod compile;
mod fault;
mod guard;
mod instant;
mod language;
mod number;
mod part;
mod percent;
mod plain;
mod print;
mod skeleton;
mod syntax;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

pub use argument::{Argument, Arguments, Number, Value};
pub use fault::Fault;
pub use part::Step;
pub use print::Unprintable;

use language::Language;
use part::Part;

/// What a source text is.
#[derive(Debug, Clone)]
pub enum Parsed<'s> {
    /// It takes no arguments. Apostrophes that quoted are gone; mostly the source itself.
    Text(Cow<'s, str>),
    /// It takes arguments.
    Message(Message),
}

/// Reads a message for `locale`, a BCP 47 tag in canonical case.
///
/// # Errors
/// [`Fault`] when it is no message, or asks for something that cannot be printed.
pub fn parse<'s>(source: &'s str, locale: &str) -> Result<Parsed<'s>, Fault> {
    if let Some(text) = plain::text(source) {
        return Ok(Parsed::Text(text));
    }
    guard::check(source)?;
    let elements = syntax::parse(source)?;
    if let Some(text) = compile::literal(&elements) {
        return Ok(Parsed::Text(Cow::Owned(text)));
    }
    let language = Language::of(locale).ok_or_else(|| Fault::locale(source, locale))?;
    let parts = compile::parts(source, &language, elements)?;
    Ok(Parsed::Message(Message(parts.into())))
}

/// A message compiled for one locale. A clone is a reference.
#[derive(Clone)]
pub struct Message(Arc<[Part]>);

impl Message {
    /// Appends the message to `out`. Its own text is appended as it is; whatever comes from an
    /// argument goes through `value`, which appends it escaped for where it lands.
    ///
    /// # Errors
    /// [`Unprintable`] when an argument is missing or of the wrong type. `out` is then as it was.
    pub fn format(
        &self,
        arguments: &dyn Arguments,
        out: &mut String,
        value: &mut dyn FnMut(&mut String, Value<'_>),
    ) -> Result<(), Unprintable<'_>> {
        let before = out.len();
        let printed = print::print(&self.0, arguments, out, value);
        if printed.is_err() {
            out.truncate(before);
        }
        printed
    }

    /// The names of the arguments it takes, in any of its arms: sorted, each once.
    pub fn arguments(&self) -> Vec<&str> {
        let mut names = Vec::new();
        part::names(&self.0, &mut names);
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Walks its structure in the order of the source.
    pub fn steps<'m>(&'m self, each: &mut dyn FnMut(Step<'m>)) {
        part::steps(&self.0, each);
    }

    /// About what it takes in memory beside itself, in bytes, formatters that it shares left out.
    pub fn heap_bytes(&self) -> usize {
        part::SHARED + part::heap_bytes(&self.0)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Message").field(&self.arguments()).finish()
    }
}

#[cfg(test)]
mod tests;
