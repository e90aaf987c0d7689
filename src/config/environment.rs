//! `OVERPRINT_…` variables, which override keys of the file.
//!
//! A variable is named after its key: `OVERPRINT_LISTEN`, `OVERPRINT_TIMEOUTS_HEAD`. Keys of a site
//! have none, since nothing says which site is meant.

use super::place::{Place, Written};

/// How a problem names a variable in place of a file.
pub(super) const FILE_PREFIX: &str = "environment variable ";

/// The variables that belong to one table.
#[derive(Clone)]
pub(super) struct Environment<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    prefix: String,
}

impl<'a> Environment<'a> {
    /// The variables of the top level.
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, prefix: "OVERPRINT".to_owned() }
    }

    /// The variables of the table `key`.
    pub(super) fn table(&self, key: &str) -> Self {
        Self { lookup: self.lookup, prefix: self.name(key) }
    }

    /// What the variable of `key` says. An empty one says nothing: that is how deployment files
    /// spell a variable that was left out.
    pub(super) fn get(&self, key: &str) -> Option<Written<String>> {
        let name = self.name(key);
        let value = (self.lookup)(&name).filter(|value| !value.trim().is_empty())?;
        let at = Place::whole(&format!("{FILE_PREFIX}{name}"), &value);
        Some(Written { value, at })
    }

    fn name(&self, key: &str) -> String {
        format!("{}_{}", self.prefix, key.to_ascii_uppercase())
    }
}

/// The comma-separated parts of a variable, each with its own place.
pub(super) fn split(list: &Written<String>) -> Vec<Written<&str>> {
    let mut start = 0;
    let mut parts = Vec::new();
    for part in list.value.split(',') {
        let from = start + part.len() - part.trim_start().len();
        let value = part.trim();
        parts.push(Written { value, at: list.at.at(from..from + value.len()) });
        start += part.len() + 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_list_know_their_place() {
        let value = "a:1, b:2 ,c".to_owned();
        let list = Written { at: Place::whole("x", &value), value };
        let blank = || super::super::Fault::new("", "");
        let spans: Vec<_> = split(&list)
            .into_iter()
            .map(|part| (part.value, part.at.problem(blank()).span))
            .collect();
        assert_eq!(spans, [("a:1", 0..3), ("b:2", 5..8), ("c", 10..11)]);
    }
}
