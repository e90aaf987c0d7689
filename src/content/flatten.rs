//! A file's JSON, flattened into messages: nested names joined with dots.

use std::ops::Range;

use crate::problem::Problem;

use super::entry::Kind;
use super::form::KEY_HELP;
use super::json::{Member, Node, Value};
use super::key::{self, KeyError};
use super::members;
use super::source::{Source, nearest};

const TEXT: &str = "$text";
const HTML: &str = "$html";
const NOTE: &str = "$note";
const RESERVED: &[&str] = &[TEXT, HTML, NOTE];

/// What the author wrote for one key.
#[derive(Debug)]
pub(super) struct Message<'a> {
    pub(super) key: String,
    pub(super) kind: Kind,
    pub(super) value: &'a str,
    /// Where the key stands, for problems with the key.
    pub(super) at: Range<usize>,
    /// Where the value stands, for problems with the value.
    pub(super) value_at: Range<usize>,
}

/// All messages in `root`, their keys below `prefix` (empty for none); what is no message becomes
/// a problem.
pub(super) fn messages<'a>(
    root: &'a Node,
    prefix: &str,
    source: &Source,
    problems: &mut Vec<Problem>,
) -> Vec<Message<'a>> {
    let mut flattener = Flattener { source, problems, messages: Vec::new() };
    match &root.value {
        Value::Object(members) => {
            // The file's own key is its path: the opening brace stands for it.
            let brace = root.span.start..root.span.start + 1;
            flattener.object(members, prefix, &brace);
        }
        _ => flattener.report(&root.span, "a content file must be an object", OBJECT_HELP),
    }
    flattener.messages
}

const OBJECT_HELP: &str = "write {\"key\": \"text\"}";

struct Flattener<'s, 'a> {
    source: &'s Source,
    problems: &'s mut Vec<Problem>,
    messages: Vec<Message<'a>>,
}

impl<'a> Flattener<'_, 'a> {
    fn object(&mut self, members: &'a [Member], key: &str, at: &Range<usize>) {
        let members = members::unique(members, self.source, self.problems);
        if members.iter().any(|member| RESERVED.contains(&member.name.as_str())) {
            return self.entry(&members, key, at);
        }
        for member in members {
            if member.name.starts_with('$') {
                self.unknown_reserved(member);
            } else {
                self.member(member, key);
            }
        }
    }

    fn member(&mut self, member: &'a Member, prefix: &str) {
        let key = join(prefix, &member.name);
        // Here and not at the leaves: one bad name is one problem, however much is below it.
        if let Err(error) = check(&member.name, &key) {
            return self.bad_key(&key, error, &member.span);
        }
        match &member.node.value {
            Value::Object(members) => self.object(members, &key, &member.span),
            Value::Text(text) => self.messages.push(Message {
                key,
                kind: Kind::Text,
                value: text,
                at: member.span.clone(),
                value_at: member.node.span.clone(),
            }),
            _ => self.not_text(&member.node),
        }
    }

    /// An object with `$` members is one message.
    fn entry(&mut self, members: &[&'a Member], key: &str, at: &Range<usize>) {
        for member in members {
            self.entry_member(member);
        }
        let named = |name| members.iter().find(|member| member.name == name);
        match (named(TEXT), named(HTML)) {
            _ if key.is_empty() => self.bad_key(key, KeyError::Empty, at),
            (Some(text), None) => self.entry_value(text, Kind::Text, key, at),
            (None, Some(html)) => self.entry_value(html, Kind::Html, key, at),
            (Some(_), Some(html)) => {
                let message = format!("{key:?} has both $text and $html");
                self.report(&html.span, message, "keep one of the two");
            }
            (None, None) => {
                let message = format!("{key:?} has neither $text nor $html");
                self.report(at, message, "add \"$text\": \"…\"");
            }
        }
    }

    fn entry_member(&mut self, member: &Member) {
        if RESERVED.contains(&member.name.as_str()) {
            if !matches!(member.node.value, Value::Text(_)) {
                self.not_text(&member.node);
            }
        } else if member.name.starts_with('$') {
            self.unknown_reserved(member);
        } else {
            let message = format!("{:?} cannot stand beside $text, $html or $note", member.name);
            self.report(&member.span, message, "move it out of the entry");
        }
    }

    fn entry_value(&mut self, member: &'a Member, kind: Kind, key: &str, at: &Range<usize>) {
        if let Value::Text(value) = &member.node.value {
            self.messages.push(Message {
                key: key.to_owned(),
                kind,
                value,
                at: at.clone(),
                value_at: member.node.span.clone(),
            });
        }
    }

    fn unknown_reserved(&mut self, member: &Member) {
        let message = format!("unknown {:?}", member.name);
        self.report(&member.span, message, nearest(&member.name, RESERVED));
    }

    fn bad_key(&mut self, key: &str, error: KeyError, at: &Range<usize>) {
        self.report(at, format!("bad key {key:?}: {error}"), KEY_HELP);
    }

    fn not_text(&mut self, node: &Node) {
        let written = &self.source.text()[node.span.clone()];
        let (message, help) = match node.value {
            Value::Number => ("a number is not text", as_text(written)),
            Value::Boolean => ("true and false are not text", as_text(written)),
            Value::Null => ("null is not text", NULL_HELP.to_owned()),
            Value::Array(_) => ("a list is not text", LIST_HELP.to_owned()),
            Value::Object(_) | Value::Text(_) => ("an object is not text", as_text("…")),
        };
        self.report(&node.span, message, help);
    }

    fn report(&mut self, at: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(self.source.problem(at.clone(), message, help));
    }
}

const NULL_HELP: &str =
    "leave the key out to keep the page's own text, or write \"\" to print nothing";
const LIST_HELP: &str = "give each item a key of its own: {\"first\": \"…\", \"second\": \"…\"}";

fn as_text(written: &str) -> String {
    format!("write it as text: \"{written}\"")
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// An empty name is refused at any depth, though `a.` would be a key.
fn check(name: &str, key: &str) -> Result<(), KeyError> {
    if name.is_empty() { Err(KeyError::Empty) } else { key::check(key) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::json;

    fn flatten(text: &str, prefix: &str) -> (Vec<String>, Vec<(usize, String, String)>) {
        let source = Source::decode("en.json", text.as_bytes()).unwrap();
        let root = json::parse(text).unwrap();
        let mut problems = Vec::new();
        let messages = messages(&root, prefix, &source, &mut problems);
        let shown = messages.iter().map(|m| format!("{} {:?} {}", m.key, m.kind, m.value));
        let told = problems.into_iter().map(|p| (p.line(), p.message, p.help.unwrap()));
        (shown.collect(), told.collect())
    }

    #[test]
    fn nested_names_join_with_dots() {
        let text = r#"{"nav.cta": "Buy", "home": {"title": "Hi {name}", "more": {"x": ""}}}"#;
        let (messages, problems) = flatten(text, "");
        assert_eq!(
            messages,
            ["nav.cta Text Buy", "home.title Text Hi {name}", "home.more.x Text "]
        );
        assert_eq!(problems, []);
        assert_eq!(flatten(r#"{"pay": "Pay"}"#, "checkout").0, ["checkout.pay Text Pay"]);
    }

    #[test]
    fn objects_with_reserved_names_are_entries() {
        let text = r#"{"a": {"$html": "<b>x</b>", "$note": "bold"}, "b": {"$text": "y"}}"#;
        let (messages, problems) = flatten(text, "");
        assert_eq!(messages, ["a Html <b>x</b>", "b Text y"]);
        assert_eq!(problems, []);
        assert_eq!(flatten(r#"{"$text": "y"}"#, "terms").0, ["terms Text y"]);
    }

    #[test]
    fn values_that_are_no_text_are_problems() {
        for (value, message, help) in [
            ("3", "a number is not text", "write it as text: \"3\""),
            ("-1.5e3", "a number is not text", "write it as text: \"-1.5e3\""),
            ("true", "true and false are not text", "write it as text: \"true\""),
            ("null", "null is not text", NULL_HELP),
            ("[\"x\"]", "a list is not text", LIST_HELP),
            ("{\"$text\": 3}", "a number is not text", "write it as text: \"3\""),
            ("{\"$text\": {}}", "an object is not text", "write it as text: \"…\""),
            ("{\"$text\": \"\", \"$note\": 3}", "a number is not text", "write it as text: \"3\""),
        ] {
            let (_, problems) = flatten(&format!("{{\n\"a\": {value}}}"), "");
            assert_eq!(problems, [(2, message.into(), help.into())], "{value}");
        }
    }

    #[test]
    fn malformed_entries_are_problems() {
        for (entry, message) in [
            (r#"{"$text": "", "$html": ""}"#, "\"a\" has both $text and $html"),
            (r#"{"$note": ""}"#, "\"a\" has neither $text nor $html"),
            (r#"{"$htm": ""}"#, "unknown \"$htm\""),
            (r#"{"$text": "", "$notes": ""}"#, "unknown \"$notes\""),
            (r#"{"$text": "", "b": ""}"#, "\"b\" cannot stand beside $text, $html or $note"),
            (r#"{"$text": "", "$text": ""}"#, "duplicate \"$text\", already at en.json:2"),
        ] {
            let (_, problems) = flatten(&format!("{{\n\"a\": {entry}}}"), "");
            let [(line, told, _)] = &problems[..] else { panic!("{problems:?}") };
            assert_eq!((*line, told.as_str()), (2, message));
        }
        let (_, problems) = flatten(r#"{"a": {"$htm": ""}}"#, "");
        assert_eq!(problems[0].2, "did you mean \"$html\"?");
    }

    #[test]
    fn bad_keys_are_told_once() {
        let long = "k".repeat(201);
        for (text, message) in [
            (r#"{"a b": {"c": "", "d": ""}}"#, "bad key \"a b\": it contains ' '".to_owned()),
            (r#"{"": ""}"#, "bad key \"\": it is empty".to_owned()),
            (r#"{"a": {"": ""}}"#, "bad key \"a.\": it is empty".to_owned()),
            (r#"{".a": ""}"#, "bad key \".a\": it starts with '.'".to_owned()),
            (r#"{"$text": ""}"#, "bad key \"\": it is empty".to_owned()),
            (
                &format!("{{\"{long}\": \"\"}}"),
                format!("bad key \"{long}\": it is longer than 200 bytes"),
            ),
        ] {
            let (messages, problems) = flatten(text, "");
            assert!(messages.is_empty());
            assert_eq!(problems, [(1, message, KEY_HELP.to_owned())]);
        }
    }

    #[test]
    fn repeated_members_name_both_places() {
        let (messages, problems) = flatten("{\"a\": \"1\",\n\"a\": {\"b\": \"2\"}}", "");
        assert_eq!(messages, ["a Text 1"]);
        let message = "duplicate \"a\", already at en.json:1".to_owned();
        assert_eq!(problems, [(2, message, "keep one of the two".to_owned())]);
    }

    #[test]
    fn a_file_must_be_an_object() {
        let (_, problems) = flatten("[\"x\"]", "");
        assert_eq!(problems[0].1, "a content file must be an object");
    }
}
