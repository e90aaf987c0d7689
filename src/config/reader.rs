//! Takes typed fields out of one TOML table and reports whatever nobody asked for.
//!
//! Knows TOML and the environment, but no key of Overprint's: those are [`written`]'s.
//!
//! [`written`]: super::written

mod entries;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::environment::{self, Environment};
use super::fault::{Fault, Problems};
use super::heading::{Heading, Shape};
use super::place::{Place, Written};
use super::values::{Value, kind};

pub(super) use self::entries::Entry;

/// One table being read. Every field asked for becomes a known key.
pub(super) struct Reader<'a> {
    heading: Heading,
    at: Place,
    table: &'a DeTable<'a>,
    /// None inside `[[site]]`.
    env: Option<Environment<'a>>,
    known: Vec<(&'static str, Shape)>,
    problems: Problems,
}

impl<'a> Reader<'a> {
    /// The top level of a document.
    pub(super) fn new(table: &'a DeTable<'a>, start: Place, env: Environment<'a>) -> Self {
        Self::of(Heading::top(), start, table, Some(env))
    }

    /// A value, or none: the key is missing, or the problem is noted.
    pub(super) fn scalar<T: Value>(&mut self, key: &'static str) -> Option<Written<T>> {
        let in_file = self.find(key, Shape::Key).and_then(|found| self.value(found));
        match self.variable(key) {
            Some(variable) => {
                let value = T::from_text(variable.value.trim());
                self.keep(variable.at, value)
            }
            None => in_file,
        }
    }

    /// A value that must be there; `help` says what to write if it is not.
    pub(super) fn required<T: Value>(
        &mut self,
        key: &'static str,
        help: &str,
    ) -> Option<Written<T>> {
        if !self.table.contains_key(key) {
            let message = format!("{} has no `{key}`", self.heading.spell());
            self.problems.push(&self.at, Fault::new(message, help));
        }
        self.scalar(key)
    }

    /// A list, or a single value as a list of one. None means that the key is missing; values that
    /// could not be read are left out.
    pub(super) fn list<T: Value>(&mut self, key: &'static str) -> Option<Vec<Written<T>>> {
        let in_file = self.find(key, Shape::Key).map(|found| self.items(found));
        match self.variable(key) {
            Some(variable) => Some(self.parts(&variable)),
            None => in_file,
        }
    }

    /// A list that cannot be empty; `help` says what to write if it is.
    pub(super) fn filled_list<T: Value>(
        &mut self,
        key: &'static str,
        help: &str,
    ) -> Option<Vec<Written<T>>> {
        let found = self.table.get(key).filter(|found| is_empty(found.get_ref()));
        if let Some(empty) = found {
            let at = self.at.at(empty.span());
            self.problems.push(&at, Fault::new(format!("`{key}` is empty"), help));
        }
        self.list(key)
    }

    /// A sub-table; a missing one reads as empty.
    pub(super) fn table<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Reader<'_>) -> T,
    ) -> T {
        let empty = DeTable::new();
        let heading = self.heading.child(key, Shape::Table);
        let env = self.env.as_ref().map(|env| env.table(key));
        let found = self.find(key, Shape::Table);
        let at = found.map_or_else(|| self.at.clone(), |found| self.at.at(found.span()));
        let table = found.and_then(|found| self.as_table(found, &heading)).unwrap_or(&empty);
        self.nested(Reader::of(heading, at, table, env), read)
    }

    /// [`Reader::table`] where it matters whether there is one: its heading means something alone.
    pub(super) fn optional_table<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Reader<'_>) -> T,
    ) -> Option<Written<T>> {
        let at = self.table.get(key).map(|found| self.at.at(found.span()));
        let value = self.table(key, read);
        Some(Written { value, at: at? })
    }

    /// One or more tables `[[key]]`; none at all is a problem, and `help` says what to write.
    pub(super) fn tables<T>(
        &mut self,
        key: &'static str,
        help: &str,
        mut read: impl FnMut(&mut Reader<'_>) -> T,
    ) -> Vec<T> {
        let heading = self.heading.child(key, Shape::Tables);
        let found = self.find(key, Shape::Tables).filter(|found| !is_empty(found.get_ref()));
        let Some(found) = found else {
            let fault = Fault::new(format!("there is no {}", heading.spell()), help);
            self.problems.push(&self.at, fault);
            return Vec::new();
        };
        let DeValue::Array(items) = found.get_ref() else {
            self.not_a_table(found, &heading);
            return Vec::new();
        };
        items.iter().filter_map(|item| self.element(item, &heading, &mut read)).collect()
    }

    /// Where this table begins.
    pub(super) fn place(&self) -> Place {
        self.at.clone()
    }

    /// Everything that was wrong, unknown keys included.
    pub(super) fn finish(mut self) -> Problems {
        for (key, value) in self.table.iter() {
            if self.known.iter().all(|(known, _)| known != key.get_ref()) {
                let fault = self.heading.unknown(key.get_ref(), value.get_ref(), &self.known);
                self.problems.push(&self.at.at(key.span()), fault);
            }
        }
        self.problems
    }

    fn of(
        heading: Heading,
        at: Place,
        table: &'a DeTable<'a>,
        env: Option<Environment<'a>>,
    ) -> Self {
        Self { heading, at, table, env, known: Vec::new(), problems: Problems::default() }
    }

    fn find(&mut self, key: &'static str, shape: Shape) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.push((key, shape));
        self.table.get(key)
    }

    fn variable(&self, key: &str) -> Option<Written<String>> {
        self.env.as_ref()?.get(key)
    }

    fn value<T: Value>(&mut self, found: &Spanned<DeValue<'_>>) -> Option<Written<T>> {
        self.keep(self.at.at(found.span()), T::from_toml(found.get_ref()))
    }

    fn keep<T>(&mut self, at: Place, value: Result<T, Fault>) -> Option<Written<T>> {
        let value = self.problems.keep(&at, value)?;
        Some(Written { value, at })
    }

    fn items<T: Value>(&mut self, found: &Spanned<DeValue<'_>>) -> Vec<Written<T>> {
        match found.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.value(item)).collect(),
            _ => self.value(found).into_iter().collect(),
        }
    }

    fn parts<T: Value>(&mut self, variable: &Written<String>) -> Vec<Written<T>> {
        let parts = environment::split(variable).into_iter();
        parts.filter_map(|part| self.keep(part.at, T::from_text(part.value))).collect()
    }

    fn element<T>(
        &mut self,
        item: &Spanned<DeValue<'_>>,
        heading: &Heading,
        read: &mut impl FnMut(&mut Reader<'_>) -> T,
    ) -> Option<T> {
        let table = self.as_table(item, heading)?;
        let at = self.at.at(item.span());
        Some(self.nested(Reader::of(heading.clone(), at, table, None), read))
    }

    fn nested<T>(&mut self, mut part: Reader<'_>, read: impl FnOnce(&mut Reader<'_>) -> T) -> T {
        let value = read(&mut part);
        self.problems.absorb(part.finish());
        value
    }

    fn as_table<'v>(
        &mut self,
        found: &'v Spanned<DeValue<'v>>,
        heading: &Heading,
    ) -> Option<&'v DeTable<'v>> {
        let table = found.get_ref().as_table();
        if table.is_none() {
            self.not_a_table(found, heading);
        }
        table
    }

    fn not_a_table(&mut self, found: &Spanned<DeValue<'_>>, heading: &Heading) {
        let wanted = heading.spell();
        let value = found.get_ref();
        let actual = match Shape::of(value) {
            Shape::Key => kind(value).to_owned(),
            shape => heading.reshaped(shape).spell(),
        };
        let message = format!("expected {wanted}, found {actual}");
        let help = format!("write {wanted} on a line of its own, then its keys");
        self.problems.push(&self.at.at(found.span()), Fault::new(message, help));
    }
}

fn is_empty(value: &DeValue<'_>) -> bool {
    value.as_array().is_some_and(|items| items.is_empty())
}
