//! Tables whose keys are the user's own.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::DeValue;

use super::super::heading::{Heading, Shape};
use super::super::place::Written;
use super::super::values::Value;
use super::Reader;

/// A key of the user's own and what stands behind it.
#[derive(Debug)]
pub(in crate::config) struct Entry<T> {
    pub(in crate::config) name: Written<String>,
    pub(in crate::config) value: T,
}

/// The same, not read yet.
type Found<'a> = Entry<&'a Spanned<DeValue<'a>>>;

impl<'a> Reader<'a> {
    /// A sub-table of values, in the order of the file. None means that the table is missing; values
    /// that could not be read are left out.
    pub(in crate::config) fn entries<T: Value>(
        &mut self,
        key: &'static str,
    ) -> Option<Vec<Entry<Written<T>>>> {
        let (found, _) = self.own_keys(key)?;
        let read =
            |Entry { name, value }: Found<'_>| Some(Entry { name, value: self.value(value)? });
        Some(found.into_iter().filter_map(read).collect())
    }

    /// [`Reader::entries`] where each value is a table itself: `name = { … }` or `[key.name]`.
    pub(in crate::config) fn named_tables<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Reader<'_>) -> T,
    ) -> Option<Vec<Entry<T>>> {
        let (found, heading) = self.own_keys(key)?;
        let read = |Entry { name, value }: Found<'_>| {
            let heading = heading.child(&name.value, Shape::Table);
            Some(Entry { value: self.element(value, &heading, &mut read)?, name })
        };
        Some(found.into_iter().filter_map(read).collect())
    }

    /// What stands in a sub-table, and the sub-table's heading.
    fn own_keys(&mut self, key: &'static str) -> Option<(Vec<Found<'a>>, Heading)> {
        let heading = self.heading.child(key, Shape::Table);
        let found = self.find(key, Shape::Table)?;
        let table = self.as_table(found, &heading);
        let named = |(name, value): (&Spanned<Cow<'_, str>>, &'a Spanned<DeValue<'a>>)| {
            let at = self.at.at(name.span());
            Entry { name: Written { value: name.get_ref().to_string(), at }, value }
        };
        let mut keys: Vec<_> = table.into_iter().flatten().map(named).collect();
        keys.sort_by_key(|entry| entry.name.at.offset());
        Some((keys, heading))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::environment::Environment;
    use super::super::super::place::Place;
    use super::super::super::syntax;
    use super::*;

    /// What `read` makes of a document, and what was wrong.
    fn read<T>(text: &str, read: impl FnOnce(&mut Reader<'_>) -> T) -> (T, Vec<String>) {
        let start = Place::start("test", text);
        let root = syntax::parse(text, &start).unwrap();
        let mut reader = Reader::new(&root, start, Environment::new(&|_| None));
        let value = read(&mut reader);
        let problems = reader.finish().or(()).err().unwrap_or_default();
        let said = problems.iter().map(|problem| {
            format!("{}: {}", &problem.source[problem.span.clone()], problem.message)
        });
        (value, said.collect())
    }

    #[test]
    fn keys_come_in_the_order_of_the_file() {
        let text = "[own]\nz = 'one'\n\"main > h1\" = 'two'\na = 3\nb = 'three'\n";
        let (entries, problems) = read(text, |top| top.entries::<String>("own").unwrap());
        let pairs = entries.iter().map(|entry| (&*entry.name.value, &*entry.value.value));
        let expected = [("z", "one"), ("main > h1", "two"), ("b", "three")];
        assert_eq!(pairs.collect::<Vec<_>>(), expected);
        assert_eq!(entries[1].name.at.offset(), text.find("\"main").unwrap());
        assert_eq!(problems, ["3: expected a string, found a whole number"]);
        assert!(read("", |top| top.entries::<String>("own")).0.is_none());
        let (none, problems) = read("own = 1", |top| top.entries::<String>("own").unwrap().len());
        assert_eq!((none, problems), (0, vec!["1: expected [own], found a whole number".into()]));
    }

    #[test]
    fn tables_come_under_their_names() {
        let text = "[own.b]\nk = 'one'\n[own]\na = { k = 'two', x = 1 }\nc = 1\n";
        let (entries, problems) =
            read(text, |top| top.named_tables("own", |table| table.scalar::<String>("k")).unwrap());
        let pairs = entries.iter().map(|entry| (&*entry.name.value, &entry.value));
        let pairs: Vec<_> = pairs.map(|(name, k)| (name, &*k.as_ref().unwrap().value)).collect();
        assert_eq!(pairs, [("b", "one"), ("a", "two")]);
        let expected =
            ["x: unknown key `x` in [own.a]", "1: expected [own.c], found a whole number"];
        assert_eq!(problems, expected);
    }
}
