//! How messages name tables and keys, and what they say of one that nobody knows.

use toml::de::DeValue;

use super::fault::Fault;
use super::suggest;

/// What stands behind a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `key = …`
    Key,
    /// `[key]`
    Table,
    /// `[[key]]`
    Tables,
}

impl Shape {
    /// The shape that `value` has in a file.
    pub(super) fn of(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::Table(_) => Self::Table,
            DeValue::Array(items) if items.iter().any(|item| item.get_ref().is_table()) => {
                Self::Tables
            }
            _ => Self::Key,
        }
    }
}

/// A table or a key by its full name.
#[derive(Debug, Clone)]
pub(super) struct Heading {
    /// Dotted; empty at the top level.
    path: String,
    shape: Shape,
}

impl Heading {
    /// The table that everything is in.
    pub(super) fn top() -> Self {
        Self { path: String::new(), shape: Shape::Table }
    }

    /// What is called `key` in this table. A key goes by its own name: the caret shows the rest.
    pub(super) fn child(&self, key: &str, shape: Shape) -> Self {
        let nested = !self.path.is_empty() && shape != Shape::Key;
        let path = if nested { format!("{}.{key}", self.path) } else { key.to_owned() };
        Self { path, shape }
    }

    /// The same name in another shape.
    pub(super) fn reshaped(&self, shape: Shape) -> Self {
        Self { shape, ..self.clone() }
    }

    /// As it is written in a file.
    pub(super) fn spell(&self) -> String {
        match self.shape {
            Shape::Key => format!("`{}`", self.path),
            Shape::Table => format!("[{}]", self.path),
            Shape::Tables => format!("[[{}]]", self.path),
        }
    }

    /// What is wrong with `key`, which is none of the `known`.
    pub(super) fn unknown(
        &self,
        key: &str,
        value: &DeValue<'_>,
        known: &[(&'static str, Shape)],
    ) -> Fault {
        let message = match Shape::of(value) {
            Shape::Key => format!("unknown key `{key}` {}", self.within()),
            shape => format!("unknown table {}", self.child(key, shape).spell()),
        };
        let near = suggest::nearest(key, known.iter().map(|(name, _)| *name));
        let spelled = |&(name, shape): &(&str, Shape)| self.child(name, shape).spell();
        let help = match known.iter().find(|(name, _)| near == Some(name)) {
            Some(meant) => format!("did you mean {}?", spelled(meant)),
            None => {
                let all: Vec<_> = known.iter().map(spelled).collect();
                format!("known {}: {}", self.within(), all.join(", "))
            }
        };
        Fault::new(message, help)
    }

    fn within(&self) -> String {
        match self.path.is_empty() {
            true => "at the top level".to_owned(),
            false => format!("in {}", self.spell()),
        }
    }
}
