//! Messages print what `intl-messageformat` prints: vectors that Node made (`tests/messages/`).

use std::collections::BTreeMap;

use overprint::message::{Arguments, Parsed, parse};
use serde_json::Value;

const VECTORS: &str = include_str!("../messages/vectors.json");

/// Why we print something else, and how often.
const DIFFERENCES: &[(&str, usize)] = &[
    ("FormatJS passes over it", 1),
    ("ICU4X has separators for the digits of the language only", 1),
    ("newer CLDR", 1),
    ("newer CLDR: Spanish has ordinals", 3),
];

#[test]
fn messages_print_as_in_javascript() {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert!(vectors.len() > 800, "{}", vectors.len());
    let mut wrong = Vec::new();
    for vector in vectors {
        let expected = vector.get("differs").unwrap_or(&vector["prints"]);
        let printed = printed(vector);
        if printed != *expected {
            wrong.push(format!("{vector}\n  prints {printed:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), vectors.len(), wrong.join("\n"));
}

#[test]
fn differences_are_few_and_have_reasons() {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let mut reasons = BTreeMap::new();
    for vector in file["vectors"].as_array().unwrap() {
        if vector.get("differs").is_some() {
            assert_ne!(vector["differs"], vector["prints"], "{vector}");
            *reasons.entry(vector["why"].as_str().unwrap()).or_insert(0) += 1;
        }
    }
    assert_eq!(reasons.into_iter().collect::<Vec<_>>(), DIFFERENCES);
}

fn printed(vector: &Value) -> String {
    let arguments: &dyn Arguments = vector["arguments"].as_object().unwrap();
    let source = vector["message"].as_str().unwrap();
    match parse(source, vector["locale"].as_str().unwrap()) {
        Ok(Parsed::Text(text)) => text.into_owned(),
        Ok(Parsed::Message(message)) => {
            let mut out = String::new();
            let append = &mut |out: &mut String, value: overprint::message::Value<'_>| {
                out.push_str(value.text);
            };
            match message.format(arguments, &mut out, append) {
                Ok(()) => out,
                Err(error) => format!("{error:?}"),
            }
        }
        Err(fault) => format!("{fault:?}"),
    }
}
