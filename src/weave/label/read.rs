//! What one element's labels ask for.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::LabelName;
use crate::content::key;
use crate::weave::reason::Reason;

/// The arguments that the origin supplies for an element's messages.
pub type Arguments = Arc<Map<String, Value>>;

/// The key of an inner slot, or what stands in its place and why that is none.
type InnerLabel = Result<Box<str>, (Box<str>, Reason)>;

/// Attributes that run code, tell the parser how to read what follows, or say what a frame, a form, a
/// link or a script may do: the site's, not a writer's.
const STEERING: &[&str] = &[
    "allow",
    "attributename",
    "charset",
    "contenteditable",
    "crossorigin",
    "encoding",
    "enctype",
    "form",
    "formenctype",
    "formmethod",
    "formtarget",
    "http-equiv",
    "id",
    "integrity",
    "is",
    "method",
    "name",
    "nonce",
    "popover",
    "referrerpolicy",
    "rel",
    "sandbox",
    "shadowrootmode",
    "slot",
    "srcdoc",
    "style",
    "target",
    "type",
];

/// Attributes that one label may name; what is behind them is no label.
const MAX_PARTS: usize = 64;

/// What one element's labels ask for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::weave) struct Labels {
    /// The key of the inner slot.
    pub(in crate::weave) inner: Option<InnerLabel>,
    /// Attribute and key, in the order written.
    pub(in crate::weave) attributes: Vec<AttributeLabel>,
    pub(in crate::weave) arguments: Option<Result<Arguments, Reason>>,
    /// What keys that begin with a dot stand below, in the element and on it.
    pub(in crate::weave) scope: Option<Box<str>>,
}

/// One `attribute: key` of a label.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::weave) struct AttributeLabel {
    pub(in crate::weave) name: Box<str>,
    pub(in crate::weave) key: Box<str>,
    pub(in crate::weave) left: Option<Reason>,
}

impl Labels {
    /// Whether nothing is to be printed.
    pub(in crate::weave) fn is_empty(&self) -> bool {
        self.inner.is_none() && self.attributes.is_empty()
    }

    /// Adds what selectors ask for; what the element says itself wins.
    pub(in crate::weave) fn add(&mut self, matched: Labels) {
        self.inner = self.inner.take().or(matched.inner);
        let own = self.attributes.len();
        for wanted in matched.attributes {
            if !self.attributes[..own].iter().any(|own| own.name == wanted.name) {
                self.attributes.push(wanted);
            }
        }
    }

    /// Adds what one more selector asks for; the first to ask for an attribute gets it.
    pub(in crate::weave) fn join(&mut self, rule: &Labels) {
        if self.inner.is_none() {
            self.inner.clone_from(&rule.inner);
        }
        for wanted in &rule.attributes {
            let again = self.attributes.iter().any(|earlier| earlier.name == wanted.name);
            let left = wanted.left.or(again.then_some(Reason::DuplicateAttribute));
            self.attributes.push(AttributeLabel { left, ..wanted.clone() });
        }
    }
}

impl LabelName {
    /// Reads the labels among an element's attributes, given as lower-cased name and raw value;
    /// `around` is the scope that it stands in.
    pub(in crate::weave) fn read<'a>(
        &self,
        attributes: impl Iterator<Item = (&'a str, &'a str)> + Clone,
        around: Option<&str>,
    ) -> Labels {
        // Of two attributes with one name, parsers keep the first.
        let value = |wanted: &str| {
            let (_, value) = attributes.clone().find(|(name, _)| *name == wanted)?;
            Some(htmlize::unescape_attribute(value))
        };
        let scope = value(&self.0.scope).map(|scope| absolute(scope.trim(), around));
        let scope = scope.map(|scope| scope.unwrap_or_else(|(scope, _)| scope));
        let within = scope.as_deref().or(around);
        Labels {
            inner: value(&self.0.inner).map(|label| absolute(label.trim(), within)),
            attributes: value(&self.0.attr)
                .map_or(Vec::new(), |label| self.read_attributes(&label, within)),
            // A template with nothing to say writes nothing.
            arguments: value(&self.0.args)
                .filter(|arguments| !arguments.trim().is_empty())
                .map(|arguments| read_arguments(&arguments)),
            scope,
        }
    }

    /// Reads `attribute: key; attribute: key`.
    pub(in crate::weave) fn read_attributes(
        &self,
        label: &str,
        scope: Option<&str>,
    ) -> Vec<AttributeLabel> {
        let mut read: Vec<AttributeLabel> = Vec::new();
        let parts = label.split(';').map(str::trim).filter(|part| !part.is_empty());
        for part in parts.take(MAX_PARTS) {
            let (name, key) = part.split_once(':').unwrap_or((part, ""));
            let name = name.trim().to_ascii_lowercase();
            let (key, bad_key) = match absolute(key.trim(), scope) {
                Ok(key) => (key, None),
                Err((key, reason)) => (key, Some(reason)),
            };
            let again = || read.iter().any(|earlier| *earlier.name == *name);
            let left = self
                .refuses(&name)
                .or(bad_key)
                .or_else(|| again().then_some(Reason::DuplicateAttribute));
            read.push(AttributeLabel { name: name.into(), key, left });
        }
        read
    }

    fn refuses(&self, name: &str) -> Option<Reason> {
        let valid = |b: u8| b.is_ascii_alphanumeric() || b"-_.:".contains(&b);
        if name.is_empty() || !name.bytes().all(valid) {
            return Some(Reason::BadLabel);
        }
        let forbidden = name.starts_with("on") || STEERING.contains(&name) || self.is_label(name);
        forbidden.then_some(Reason::ForbiddenAttribute)
    }
}

/// The key that `written` stands for: one that begins with a dot stands below `scope`.
pub(in crate::weave) fn absolute(written: &str, scope: Option<&str>) -> InnerLabel {
    let refused = |reason| Err((written.chars().take(200).collect(), reason));
    if !written.starts_with('.') {
        return if key::check(written).is_ok() {
            Ok(written.into())
        } else {
            refused(Reason::BadLabel)
        };
    }
    let Some(scope) = scope else { return refused(Reason::NoScope) };
    let whole = format!("{scope}{written}");
    if key::check(&whole).is_ok() { Ok(whole.into()) } else { refused(Reason::BadLabel) }
}

fn read_arguments(value: &str) -> Result<Arguments, Reason> {
    serde_json::from_str(value).map(Arc::new).map_err(|_| Reason::BadArguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_in(scope: Option<&str>, attributes: &[(&str, &str)]) -> Labels {
        LabelName::default().read(attributes.iter().copied(), scope)
    }

    fn read(attributes: &[(&str, &str)]) -> Labels {
        read_in(None, attributes)
    }

    #[test]
    fn a_dot_stands_for_the_scope() {
        let key = |scope, attributes: &[_]| read_in(scope, attributes).inner.unwrap();
        let (label, scope) = ("data-overprint", "data-overprint-scope");
        assert_eq!(key(Some("a.b"), &[(label, ".c")]), Ok("a.b.c".into()));
        assert_eq!(key(Some("a.b"), &[(label, "c")]), Ok("c".into()));
        assert_eq!(key(None, &[(label, ".c"), (scope, "d")]), Ok("d.c".into()));
        assert_eq!(key(Some("a"), &[(label, ".c"), (scope, ".d")]), Ok("a.d.c".into()));
        assert_eq!(key(None, &[(label, ".c")]), Err((".c".into(), Reason::NoScope)));
        assert_eq!(key(Some("a"), &[(label, ".c d")]), Err((".c d".into(), Reason::BadLabel)));
        let long = "k".repeat(199);
        assert_eq!(key(Some(&long), &[(label, ".c")]), Err((".c".into(), Reason::BadLabel)));
        let both = read_in(Some("a"), &[("data-overprint-attr", "alt: .b; title: c.d")]);
        assert_eq!((&*both.attributes[0].key, &*both.attributes[1].key), ("a.b", "c.d"));
    }

    #[test]
    fn a_bad_scope_leaves_what_relies_on_it_alone() {
        let read = read_in(
            Some("a"),
            &[
                ("data-overprint-scope", "b c"),
                ("data-overprint", ".d"),
                ("data-overprint-attr", "alt: e"),
            ],
        );
        assert!(matches!(read.inner, Some(Err((_, Reason::BadLabel)))));
        assert_eq!(read.attributes[0].left, None);
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
        assert_eq!(read(" "), None);
        assert_eq!(read("[1]"), Some(Err(Reason::BadArguments)));
        assert_eq!(read("{"), Some(Err(Reason::BadArguments)));
    }
}
