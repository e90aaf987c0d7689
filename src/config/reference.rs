//! `config/overprint.toml` is the reference: it loads, says the defaults and leaves out no key.

use std::path::Path;

use super::environment::Environment;
use super::fault::Problems;
use super::place::Place;
use super::{from_text, syntax, written};

const REFERENCE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/config/overprint.toml"));

/// The least that is a config, with the origin that the reference has.
const LEAST: &str = "[[site]]\norigin = 'http://127.0.0.1:3000'\n";

#[test]
fn every_value_in_it_is_the_default() {
    assert_eq!(resolved(REFERENCE), resolved(LEAST));
}

#[test]
fn its_examples_are_valid() {
    assert_ne!(resolved(&with_examples()), resolved(LEAST));
}

#[test]
fn it_names_every_key() {
    let text = with_examples();
    let start = Place::start("reference", &text);
    let root = syntax::parse(&text, &start).unwrap();
    let env = Environment::new(&|_| None);
    let read = written::Config::read(&root, start, env, &mut Problems::default());
    assert!(!format!("{read:?}").contains("None"), "{read:#?}");
}

/// The reference with the keys that have no default: they stand in it as `#key = …`, and prose as
/// `# …`.
fn with_examples() -> String {
    let bare = |line: &'static str| match line.strip_prefix('#') {
        Some(example) if !example.starts_with(' ') => example,
        _ => line,
    };
    REFERENCE.lines().map(bare).collect::<Vec<_>>().join("\n")
}

fn resolved(text: &str) -> String {
    format!("{:#?}", from_text("reference", text, Path::new("/etc"), &|_| None).unwrap())
}
