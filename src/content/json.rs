//! Strict JSON with the place of everything.
//!
//! The parser behind it is made for JSON with extensions; what it lets through even with all of
//! them off is refused here.

use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// How deep values may nest.
const MAX_DEPTH: usize = 32;

/// A value and the bytes it stands in.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    Text(String),
    Object(Vec<Member>),
    Array(Vec<Node>),
    Number,
    Boolean,
    Null,
}

/// One member of an object. Names may repeat: [`super::members`] judges that.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) span: Range<usize>,
    pub(super) node: Node,
}

/// Where a text stops being JSON.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: &'static str,
}

/// Reads RFC 8259 JSON of at most [`MAX_DEPTH`] levels.
pub(super) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &strict());
    let value = parsed.map_err(syntax_error)?.value.ok_or_else(|| nothing(text))?;
    refuse_stray_characters(text)?;
    node(value, 0)
}

fn strict() -> ParseOptions {
    ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn node(value: ast::Value<'_>, depth: usize) -> Result<Node, SyntaxError> {
    let span = span(&value);
    if depth > MAX_DEPTH {
        return Err(too_deep(span.start));
    }
    let value = match value {
        ast::Value::StringLit(text) => Value::Text(text.value.into_owned()),
        ast::Value::Object(object) => Value::Object(members(object, depth)?),
        ast::Value::Array(array) => {
            let nodes = array.elements.into_iter().map(|value| node(value, depth + 1));
            Value::Array(nodes.collect::<Result<_, _>>()?)
        }
        ast::Value::NumberLit(_) => Value::Number,
        ast::Value::BooleanLit(_) => Value::Boolean,
        ast::Value::NullKeyword(_) => Value::Null,
    };
    Ok(Node { span, value })
}

fn members(object: ast::Object<'_>, depth: usize) -> Result<Vec<Member>, SyntaxError> {
    let member = |property: ast::ObjectProp<'_>| {
        let span = span(&property.name);
        let node = node(property.value, depth + 1)?;
        Ok(Member { name: property.name.into_string(), span, node })
    };
    object.properties.into_iter().map(member).collect()
}

fn span(ranged: &impl Ranged) -> Range<usize> {
    ranged.start()..ranged.end()
}

/// The parser takes any Unicode space between tokens and raw control characters in strings. The
/// text is known to be well-formed otherwise, so quotes alone tell the two apart.
fn refuse_stray_characters(text: &str) -> Result<(), SyntaxError> {
    let mut in_string = false;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => in_string = !in_string,
            '\\' => drop(chars.next()),
            _ if in_string && c < ' ' => return Err(raw_control(at, c)),
            _ if !in_string && is_foreign_space(c) => return Err(foreign_space(at, c)),
            _ => {}
        }
    }
    Ok(())
}

fn is_foreign_space(c: char) -> bool {
    c.is_whitespace() && !matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn raw_control(at: usize, c: char) -> SyntaxError {
    let message = format!("a string must not contain the raw character {c:?}");
    SyntaxError { span: at..at + 1, message, help: "write a line break as \\n and a tab as \\t" }
}

fn foreign_space(at: usize, c: char) -> SyntaxError {
    let message = format!("the space {c:?} is not allowed in JSON");
    SyntaxError { span: at..at + c.len_utf8(), message, help: "replace it by an ordinary space" }
}

fn too_deep(at: usize) -> SyntaxError {
    let message = format!("values are nested deeper than {MAX_DEPTH} levels");
    SyntaxError {
        span: at..at + 1, message, help: "write the keys out, as in {\"a.b.c\": \"…\"}"
    }
}

fn nothing(text: &str) -> SyntaxError {
    let message = "there is no value".to_owned();
    SyntaxError { span: text.len()..text.len(), message, help: "write {\"key\": \"text\"}" }
}

fn syntax_error(error: ParseError) -> SyntaxError {
    let span = span(&error.range());
    match error.kind() {
        ParseErrorKind::NestingDepthExceeded => too_deep(span.start),
        kind => SyntaxError { message: message(kind), help: help(kind), span: caret(span, kind) },
    }
}

/// What is never closed is pointed at where it opens, not over all that follows.
fn caret(span: Range<usize>, kind: &ParseErrorKind) -> Range<usize> {
    match kind {
        ParseErrorKind::UnterminatedObject | ParseErrorKind::UnterminatedArray => {
            span.start..span.start + 1
        }
        _ => span,
    }
}

fn message(kind: &ParseErrorKind) -> String {
    let text = kind.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

fn help(kind: &ParseErrorKind) -> &'static str {
    match kind {
        ParseErrorKind::CommentsNotAllowed | ParseErrorKind::UnterminatedCommentBlock => {
            "JSON has no comments; a note for the writers goes into \"$note\""
        }
        ParseErrorKind::TrailingCommasNotAllowed => "delete the comma before the closing bracket",
        ParseErrorKind::ExpectedComma => "put a comma here",
        ParseErrorKind::ExpectedStringObjectProperty => "put the name in double quotes",
        ParseErrorKind::SingleQuotedStringsNotAllowed => "use double quotes",
        ParseErrorKind::UnterminatedObject => "close it with }",
        ParseErrorKind::UnterminatedArray => "close it with ]",
        ParseErrorKind::String(_) => {
            "a string ends with \"; in it, \\ starts one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0000"
        }
        _ => "the file must be JSON, such as {\"key\": \"text\"}",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_where_they_stand() {
        let text = "{\n \"a\": [\"x\\u00e9\\\"\", 1, true, null]}";
        let root = parse(text).unwrap();
        let Value::Object(members) = root.value else { panic!() };
        assert_eq!(members[0].name, "a");
        assert_eq!(&text[members[0].span.clone()], "\"a\"");
        let Value::Array(nodes) = &members[0].node.value else { panic!() };
        assert!(matches!(&nodes[0].value, Value::Text(text) if text == "xé\""));
        assert_eq!(&text[nodes[3].span.clone()], "null");
    }

    #[test]
    fn only_json_is_json() {
        for (text, at, message) in [
            ("{\"a\": 1,}", 7, "trailing commas are not allowed"),
            ("{} // x", 3, "comments are not allowed"),
            ("/* x */ {}", 0, "comments are not allowed"),
            ("{a: 1}", 1, "expected string for object property"),
            ("{'a': 1}", 1, "single-quoted strings are not allowed"),
            ("{\"a\": 1 \"b\": 2}", 7, "expected comma"),
            ("{\"a\": +1}", 6, "unary plus on numbers is not allowed"),
            ("{\"a\": .5}", 6, "leading or trailing decimal points on numbers are not allowed"),
            ("{\"a\": 0x1}", 6, "hexadecimal numbers are not allowed"),
            ("{\"a\": \"\\x41\"}", 7, "invalid escape"),
            ("{\"a\": \"b", 6, "unterminated string literal"),
            ("{\"a\": {\n}", 0, "unterminated object"),
            ("{} {}", 3, "text cannot contain more than one JSON value"),
            ("{\"a\": \"x\ny\"}", 8, "a string must not contain the raw character '\\n'"),
            ("{\"\\\"\": \"\t\"}", 8, "a string must not contain the raw character '\\t'"),
            ("{\u{A0}}", 1, "the space '\\u{a0}' is not allowed in JSON"),
            ("\u{B}{}", 0, "the space '\\u{b}' is not allowed in JSON"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.span.start, error.message.as_str()), (at, message), "{text}");
        }
    }

    #[test]
    fn a_lone_surrogate_is_no_text() {
        assert!(parse("\"\\ud800\"").unwrap_err().message.starts_with("invalid unicode escape"));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(&nested(MAX_DEPTH + 1)).is_ok());
        for text in [nested(MAX_DEPTH + 2), nested(600), "[".repeat(100_000)] {
            assert_eq!(
                parse(&text).unwrap_err().message,
                "values are nested deeper than 32 levels"
            );
        }
    }
}
