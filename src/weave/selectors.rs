//! Labels for what nobody can edit: CSS selectors, as lol_html reads them.

use std::sync::Arc;

use lol_html::Selector;

use super::label::{LabelName, Labels, absolute};

/// A site's selectors, and what the elements that they match are labelled with.
#[derive(Debug, Clone, Default)]
pub struct Selectors(pub(super) Arc<[Rule]>);

/// A selector and its labels.
#[derive(Debug, Clone)]
pub struct Rule {
    /// As it was written.
    text: Box<str>,
    pub(super) selector: Selector,
    pub(super) labels: Labels,
}

impl Rule {
    /// A selector whose elements are labelled with a key for their content, or with a list of
    /// `attribute: key; attribute: key`, or both; `label` is the site's.
    ///
    /// # Errors
    /// What is wrong with the selector, the key or the list, in a sentence.
    pub fn new(
        label: &LabelName,
        selector: &str,
        inner: Option<&str>,
        attributes: Option<&str>,
    ) -> Result<Self, Misfit> {
        let parsed = selector.parse::<Selector>().map_err(|error| {
            let error = error.to_string();
            Misfit::Selector(error.trim_end_matches('.').to_owned())
        })?;
        let key = |key: &str| {
            absolute(key, None).map_err(|_| Misfit::Key(format!("`{key}` is not a key")))
        };
        let inner = inner.map(key).transpose()?.map(Ok);
        let attributes = attributes.map_or(Vec::new(), |list| label.read_attributes(list, None));
        if let Some(bad) = attributes.iter().find(|attribute| attribute.left.is_some()) {
            let reason = bad.left.map_or("", |reason| reason.text());
            return Err(Misfit::Attributes(format!("`{}: {}`: {reason}", bad.name, bad.key)));
        }
        let text = selector.to_ascii_lowercase().into();
        Ok(Self {
            text,
            selector: parsed,
            labels: Labels { inner, attributes, ..Labels::default() },
        })
    }
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// The selector is malformed, or beyond what is supported.
    Selector(String),
    /// The key is none.
    Key(String),
    /// An attribute of the list is one that is never set, or its key is none.
    Attributes(String),
}

impl FromIterator<Rule> for Selectors {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> Self {
        Self(rules.into_iter().collect())
    }
}

impl Selectors {
    /// Whether one of them may ask for the value of `attribute`, by its name in lower case. Whatever is
    /// not certain counts: an escape may spell any name.
    pub(super) fn mention(&self, attribute: &str) -> bool {
        self.0.iter().any(|rule| {
            let text = &*rule.text;
            let short = match attribute {
                "class" => text.contains('.'),
                "id" => text.contains('#'),
                _ => false,
            };
            short || text.contains(attribute) || text.contains('\\')
        })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_says_what_is_wrong_with_it() {
        let label = LabelName::default();
        assert!(Rule::new(&label, "main > h1.big[lang|=en]", Some("home.title"), None).is_ok());
        assert!(Rule::new(&label, "img", None, Some("alt: a.b; title: c")).is_ok());
        for (selector, inner, attributes, fault) in [
            ("main >", Some("a"), None, Misfit::Selector("Dangling combinator in selector".into())),
            ("", Some("a"), None, Misfit::Selector("The selector is empty".into())),
            ("h1", Some("a b"), None, Misfit::Key("`a b` is not a key".into())),
            ("h1", Some(".a"), None, Misfit::Key("`.a` is not a key".into())),
        ] {
            assert_eq!(Rule::new(&label, selector, inner, attributes).unwrap_err(), fault);
        }
        let Err(Misfit::Attributes(fault)) = Rule::new(&label, "a", None, Some("onclick: b"))
        else {
            panic!()
        };
        assert!(fault.contains("never set"), "{fault}");
    }
}
