//! The labels: what developers write on elements, and what it means.

mod read;

use std::sync::Arc;

use memchr::memmem::Finder;

pub use read::Arguments;
pub(super) use read::{Labels, absolute};

/// The name of the attribute that marks a slot, with its companions `…-attr`, `…-args` and `…-scope`.
/// Cloning shares it.
#[derive(Debug, Clone)]
pub struct LabelName(Arc<Names>);

#[derive(Debug)]
struct Names {
    inner: Box<str>,
    attr: Box<str>,
    args: Box<str>,
    scope: Box<str>,
    finder: Finder<'static>,
}

impl LabelName {
    /// `name` as the label: `data-` and lower-case letters, digits, `-`, `_` or `.`.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn new(name: &str) -> Result<Self, String> {
        let rest = name.strip_prefix("data-").unwrap_or_default();
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
        if rest.is_empty() || !rest.bytes().all(allowed) || name.len() > 64 {
            return Err(format!(
                "`{name}` is not a label name: it has to be `data-` followed by up to 59 lower-case letters, digits, `-`, `_` or `.`"
            ));
        }
        Ok(Self::of(name))
    }

    fn of(name: &str) -> Self {
        Self(Arc::new(Names {
            inner: name.into(),
            attr: format!("{name}-attr").into(),
            args: format!("{name}-args").into(),
            scope: format!("{name}-scope").into(),
            finder: Finder::new(name).into_owned(),
        }))
    }

    /// The attribute's name.
    pub fn as_str(&self) -> &str {
        &self.0.inner
    }

    /// Finds the name in bytes: what a page lacks needs no parser.
    pub(super) fn finder(&self) -> &Finder<'static> {
        &self.0.finder
    }

    /// Whether an attribute of that name, in lower case, may be a label.
    pub(super) fn is_label(&self, attribute: &str) -> bool {
        attribute.starts_with(&*self.0.inner)
    }
}

impl Default for LabelName {
    fn default() -> Self {
        Self::of("data-overprint")
    }
}

impl PartialEq for LabelName {
    fn eq(&self, other: &Self) -> bool {
        self.0.inner == other.0.inner
    }
}

impl Eq for LabelName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_lower_case_data_attribute() {
        for name in ["data-overprint", "data-i18n", "data-x.y_z-1"] {
            assert!(LabelName::new(name).is_ok(), "{name}");
        }
        for name in ["", "data-", "class", "data-X", "data-a b", "data-ä", "Data-a"] {
            assert!(LabelName::new(name).is_err(), "{name}");
        }
    }
}
