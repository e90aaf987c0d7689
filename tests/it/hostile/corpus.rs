//! The hostile words: read from `tests/hostile/`, and made into content.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A file: words of one idea.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    /// What these try.
    #[serde(rename = "idea")]
    _idea: String,
    cases: Vec<Case>,
}

/// Words that mean harm, and where they are tried.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    #[serde(skip)]
    pub(super) group: String,
    #[serde(skip)]
    pub(super) number: usize,
    pub(super) name: String,
    /// The words: content as text, content as HTML, and the argument `x`.
    #[serde(default, rename = "is")]
    pub(super) words: String,
    /// How often they are repeated.
    #[serde(default = "once")]
    pub(super) times: usize,
    /// The arguments as they stand in the page, `%` and two digits being a byte, instead of the words.
    pub(super) arguments: Option<String>,
    /// What the argument `x` amounts to then; nothing where these are no arguments.
    pub(super) amounts: Option<String>,
    /// The charset of the page, if it is not UTF-8; `none` for one that names none.
    pub(super) charset: Option<String>,
    /// Why the words are no HTML entry: part of what is told about them.
    pub(super) refused: Option<String>,
    /// The page is not read by the proxy, and passes as it is.
    #[serde(default)]
    pub(super) untouched: bool,
    /// They are harmless: every place that takes any content takes these.
    #[serde(default)]
    pub(super) harmless: bool,
}

fn once() -> usize {
    1
}

impl Case {
    pub(super) fn key(&self) -> String {
        format!("c{}", self.number)
    }

    /// The words as the argument `x`.
    pub(super) fn json(&self) -> String {
        json!({"x": self.words}).to_string()
    }

    fn entries(&self) -> Value {
        json!({"text": literal(&self.words), "html": {"$html": self.words}})
    }
}

/// Every case, in order.
pub(super) fn all() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/words");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let group: Group = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        for mut case in group.cases {
            case.group.clone_from(&name);
            case.number = cases.len();
            case.words = case.words.repeat(case.times);
            cases.push(case);
        }
    }
    cases
}

/// The content of all of them: what is refused, and has to be, is left out.
pub(super) fn content(cases: &[Case]) -> String {
    let mut content = messages();
    let mut faults = Vec::new();
    for case in cases {
        let mut entries = case.entries();
        match refused(case, &entries) {
            Ok(false) => {}
            Ok(true) => drop(entries.as_object_mut().unwrap().remove("html")),
            Err(fault) => faults.push(format!("{}: {}: {fault}", case.group, case.name)),
        }
        content.insert(case.key(), entries);
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    Value::Object(content).to_string()
}

/// Messages around the argument.
fn messages() -> Map<String, Value> {
    let text = include_str!("../../hostile/messages.json");
    serde_json::from_str(text).unwrap()
}

/// `words` as a message that says them and takes no arguments: the quote that the first brace needs
/// lasts to the end.
fn literal(words: &str) -> String {
    let words = words.replace('\'', "''");
    match words.find(['{', '}']) {
        Some(brace) => format!("{}'{}", &words[..brace], &words[brace..]),
        None => words,
    }
}

/// Whether the words are no HTML entry, as the case says.
fn refused(case: &Case, entries: &Value) -> Result<bool, String> {
    let json = json!({case.key(): entries}).to_string();
    let compiled = overprint::content::compile([("en.json".to_owned(), json.into_bytes())]);
    let told: Vec<String> = match compiled {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.message).collect(),
    };
    match (&case.refused, &told[..]) {
        (None, []) => Ok(false),
        (Some(why), [told]) if told.contains(why.as_str()) => Ok(true),
        (expected, told) => Err(format!("{told:?} is told, and not {expected:?}")),
    }
}
