//! The labels: what developers write on elements, and what it means.

use std::sync::Arc;

use memchr::memmem::Finder;
use serde_json::{Map, Value};

use super::reason::Reason;
use crate::content::key;

/// The name of the attribute that marks a slot, with its companions `…-attr` and `…-args`.
#[derive(Debug, Clone)]
pub struct LabelName {
    inner: Arc<str>,
    attr: Arc<str>,
    args: Arc<str>,
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
        Ok(Self {
            inner: name.into(),
            attr: format!("{name}-attr").into(),
            args: format!("{name}-args").into(),
            finder: Finder::new(name).into_owned(),
        })
    }

    /// The attribute's name.
    pub fn as_str(&self) -> &str {
        &self.inner
    }

    /// Finds the name in bytes: what a page lacks needs no parser.
    pub(super) fn finder(&self) -> &Finder<'static> {
        &self.finder
    }

    fn is_label(&self, attribute: &str) -> bool {
        attribute.starts_with(&*self.inner)
    }
}

impl Default for LabelName {
    fn default() -> Self {
        let name = "data-overprint";
        Self {
            inner: name.into(),
            attr: "data-overprint-attr".into(),
            args: "data-overprint-args".into(),
            finder: Finder::new(name).into_owned(),
        }
    }
}

impl PartialEq for LabelName {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl Eq for LabelName {}

/// The arguments that the origin supplies for an element's messages.
pub type Arguments = Arc<Map<String, Value>>;

/// The key of an inner slot, or what stands in its place and why that is none.
type InnerLabel = Result<Box<str>, (Box<str>, Reason)>;

/// Attributes that run code, or tell the parser how to read what follows.
const STEERING: &[&str] = &[
    "attributename",
    "charset",
    "encoding",
    "http-equiv",
    "is",
    "nonce",
    "shadowrootmode",
    "srcdoc",
    "style",
    "type",
];

/// Attributes that one label may name; what is behind them is no label.
const MAX_PARTS: usize = 64;

/// What one element's labels ask for.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Labels {
    /// The key of the inner slot.
    pub(super) inner: Option<InnerLabel>,
    /// Attribute and key, in the order written.
    pub(super) attributes: Vec<AttributeLabel>,
    pub(super) arguments: Option<Result<Arguments, Reason>>,
}

/// One `attribute: key` of a label.
#[derive(Debug, PartialEq)]
pub(super) struct AttributeLabel {
    pub(super) name: Box<str>,
    pub(super) key: Box<str>,
    pub(super) left: Option<Reason>,
}

impl LabelName {
    /// Reads the labels among an element's attributes, given as lower-cased name and raw value.
    pub(super) fn read<'a>(&self, attributes: impl Iterator<Item = (&'a str, &'a str)>) -> Labels {
        let mut labels = Labels::default();
        for (name, value) in attributes {
            let value = || htmlize::unescape_attribute(value);
            if name == &*self.inner && labels.inner.is_none() {
                labels.inner = Some(read_key(value().trim()));
            } else if name == &*self.attr && labels.attributes.is_empty() {
                labels.attributes = self.read_attributes(&value());
            } else if name == &*self.args && labels.arguments.is_none() {
                labels.arguments = Some(read_arguments(&value()));
            }
        }
        labels
    }

    fn read_attributes(&self, value: &str) -> Vec<AttributeLabel> {
        let mut read: Vec<AttributeLabel> = Vec::new();
        let parts = value.split(';').map(str::trim).filter(|part| !part.is_empty());
        for part in parts.take(MAX_PARTS) {
            let (name, key) = part.split_once(':').unwrap_or((part, ""));
            let (name, key) = (name.trim().to_ascii_lowercase(), key.trim());
            let left = self.refuses(&name, key).or_else(|| {
                let again = read.iter().any(|earlier| *earlier.name == *name);
                again.then_some(Reason::DuplicateAttribute)
            });
            read.push(AttributeLabel { name: name.into(), key: key.into(), left });
        }
        read
    }

    fn refuses(&self, name: &str, key: &str) -> Option<Reason> {
        let valid = |b: u8| b.is_ascii_alphanumeric() || b"-_.:".contains(&b);
        if key::check(key).is_err() || name.is_empty() || !name.bytes().all(valid) {
            return Some(Reason::BadLabel);
        }
        let forbidden = name.starts_with("on") || STEERING.contains(&name) || self.is_label(name);
        forbidden.then_some(Reason::ForbiddenAttribute)
    }
}

fn read_key(value: &str) -> InnerLabel {
    match key::check(value) {
        Ok(()) => Ok(value.into()),
        Err(_) => Err((value.chars().take(200).collect(), Reason::BadLabel)),
    }
}

fn read_arguments(value: &str) -> Result<Arguments, Reason> {
    serde_json::from_str(value).map(Arc::new).map_err(|_| Reason::BadArguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(attributes: &[(&str, &str)]) -> Labels {
        LabelName::default().read(attributes.iter().copied())
    }

    #[test]
    fn a_name_is_a_lower_case_data_attribute() {
        for name in ["data-overprint", "data-i18n", "data-x.y_z-1"] {
            assert!(LabelName::new(name).is_ok(), "{name}");
        }
        for name in ["", "data-", "class", "data-X", "data-a b", "data-ä", "Data-a"] {
            assert!(LabelName::new(name).is_err(), "{name}");
        }
    }

    #[test]
    fn keys_are_decoded_and_checked() {
        assert_eq!(
            read(&[("data-overprint", " home.title ")]).inner,
            Some(Ok("home.title".into()))
        );
        assert_eq!(
            read(&[("data-overprint", "home&#46;title")]).inner,
            Some(Ok("home.title".into()))
        );
        assert!(matches!(read(&[("data-overprint", "")]).inner, Some(Err((_, Reason::BadLabel)))));
        assert!(matches!(read(&[("data-overprint", "a b")]).inner, Some(Err(_))));
        assert_eq!(read(&[("class", "x")]), Labels::default());
    }

    #[test]
    fn attribute_labels_name_an_attribute_and_a_key_each() {
        let read = read(&[(
            "data-overprint-attr",
            "ALT: a.b; title:c ;;onclick: d; style: e; data-overprint: f; broken; alt: g; x y: h",
        )]);
        let seen: Vec<_> = read.attributes.iter().map(|a| (&*a.name, &*a.key, a.left)).collect();
        assert_eq!(
            seen,
            [
                ("alt", "a.b", None),
                ("title", "c", None),
                ("onclick", "d", Some(Reason::ForbiddenAttribute)),
                ("style", "e", Some(Reason::ForbiddenAttribute)),
                ("data-overprint", "f", Some(Reason::ForbiddenAttribute)),
                ("broken", "", Some(Reason::BadLabel)),
                ("alt", "g", Some(Reason::DuplicateAttribute)),
                ("x y", "h", Some(Reason::BadLabel)),
            ]
        );
    }

    #[test]
    fn arguments_are_an_object() {
        let read = |value| self::read(&[("data-overprint-args", value)]).arguments;
        let arguments = read("{&quot;count&quot;:3}").unwrap().unwrap();
        assert_eq!(arguments["count"], 3);
        assert_eq!(read("[1]"), Some(Err(Reason::BadArguments)));
        assert_eq!(read("{"), Some(Err(Reason::BadArguments)));
    }
}
