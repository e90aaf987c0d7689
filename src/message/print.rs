//! Prints a compiled message.

use super::argument::{Argument, Arguments, Number, Value};
use super::instant::Instant;
use super::part::{Part, Plural, Select};

/// Why a message cannot be printed with the arguments there are, and which argument it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unprintable<'m> {
    /// It was not given.
    Missing(&'m str),
    /// It is something that cannot be printed there: a word where a number belongs, a list.
    WrongType(&'m str),
}

/// Appends `parts` to `out`, whatever comes from arguments by way of `value`.
///
/// # Errors
/// [`Unprintable`] for the first argument that cannot be printed; what came before it is there.
pub(super) fn print<'m>(
    parts: &'m [Part],
    arguments: &dyn Arguments,
    out: &mut String,
    value: &mut dyn FnMut(&mut String, Value<'_>),
) -> Result<(), Unprintable<'m>> {
    Printer { arguments, out, value, scratch: String::new() }.parts(parts, Number::Integer(0))
}

struct Printer<'p> {
    arguments: &'p dyn Arguments,
    out: &'p mut String,
    value: &'p mut dyn FnMut(&mut String, Value<'_>),
    /// A value before it is escaped.
    scratch: String,
}

impl<'p> Printer<'p> {
    /// `count` is the number of the plural around the parts, where there is one.
    fn parts<'m>(&mut self, parts: &'m [Part], count: Number) -> Result<(), Unprintable<'m>> {
        for part in parts {
            match part {
                Part::Literal(text) => self.out.push_str(text),
                Part::Text(name) => self.text(name)?,
                Part::Number(name, format) => {
                    let number = self.number(name)?;
                    self.made(|scratch| format.write(number, scratch));
                }
                Part::Date(name, format) => {
                    let instant = Instant::read(self.argument(name)?);
                    let instant = instant.ok_or(Unprintable::WrongType(name))?;
                    self.made(|scratch| format.write(&instant, scratch));
                }
                Part::Count(format) => self.made(|scratch| format.write(count, scratch)),
                Part::Plural(plural) => self.plural(plural)?,
                Part::Select(select) => self.select(select, count)?,
            }
        }
        Ok(())
    }

    /// An argument as it comes.
    fn text<'m>(&mut self, name: &'m str) -> Result<(), Unprintable<'m>> {
        let argument = self.argument(name)?;
        let visitors = matches!(argument, Argument::Visitors(_));
        let text = word(argument, &mut self.scratch).ok_or(Unprintable::WrongType(name))?;
        (self.value)(self.out, Value { text, visitors });
        Ok(())
    }

    fn plural<'m>(&mut self, plural: &'m Plural) -> Result<(), Unprintable<'m>> {
        let number = self.number(&plural.name)?;
        let count = number.less(plural.offset);
        let exact = plural.exact.iter().find(|(exact, _)| number.equals(*exact));
        let arm = exact.map(|(_, arm)| arm).or_else(|| {
            let category = count.category(&plural.rules);
            plural.arms.iter().find(|(arm, _)| *arm == category).map(|(_, arm)| arm)
        });
        self.parts(arm.unwrap_or(&plural.other), count)
    }

    fn select<'m>(&mut self, select: &'m Select, count: Number) -> Result<(), Unprintable<'m>> {
        let word = word(self.argument(&select.name)?, &mut self.scratch);
        let word = word.ok_or(Unprintable::WrongType(&select.name))?;
        let arm = select.arms.iter().find(|(arm, _)| **arm == *word).map(|(_, arm)| arm);
        self.parts(arm.unwrap_or(&select.other), count)
    }

    /// Passes on what `make` writes.
    fn made(&mut self, make: impl FnOnce(&mut String)) {
        self.scratch.clear();
        make(&mut self.scratch);
        (self.value)(self.out, Value { text: &self.scratch, visitors: false });
    }

    fn number<'m>(&self, name: &'m str) -> Result<Number, Unprintable<'m>> {
        Number::read(self.argument(name)?).ok_or(Unprintable::WrongType(name))
    }

    fn argument<'m>(&self, name: &'m str) -> Result<Argument<'p>, Unprintable<'m>> {
        self.arguments.get(name).ok_or(Unprintable::Missing(name))
    }
}

/// An argument as JavaScript's `String` writes it. `None` for what no message prints.
fn word<'s>(argument: Argument<'s>, scratch: &'s mut String) -> Option<&'s str> {
    match argument {
        Argument::Text(text) | Argument::Visitors(text) => Some(text),
        Argument::Bool(true) => Some("true"),
        Argument::Bool(false) => Some("false"),
        Argument::Number(_) => {
            scratch.clear();
            Number::read(argument)?.write(scratch);
            Some(scratch)
        }
        Argument::Other => None,
    }
}
