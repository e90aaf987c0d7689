//! Every kind of mistake, as the user sees it: `NAME.toml` and its report, `NAME.txt`.
//!
//! A first line `# env NAME=VALUE` sets a variable. `BLESS=1` writes the reports anew.

use std::fs;
use std::path::{Path, PathBuf};

use super::{from_text, load};
use crate::cli::report::render;
use crate::problem::Problem;

const DIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/config");

#[test]
fn every_mistake_is_reported_as_agreed() {
    let mut names = Vec::new();
    for path in files("toml") {
        let text = fs::read_to_string(&path).unwrap();
        let file = path.file_name().unwrap().to_str().unwrap();
        let env = |name: &str| variable(&text, name);
        let problems = from_text(file, &text, Path::new("/etc/overprint"), &env).unwrap_err();
        compare(&path.with_extension("txt"), &report(&problems));
        names.push(path.with_extension("txt"));
    }
    names.push(unreadable());
    names.sort();
    assert_eq!(files("txt"), names, "a report without its config");
}

/// The one mistake that has no text to point into.
fn unreadable() -> PathBuf {
    let problems = load(Path::new("no-such-directory/overprint.toml"), &|_| None).unwrap_err();
    let path = Path::new(DIR).join("unreadable.txt");
    compare(&path, &report(&problems));
    path
}

fn files(extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(DIR).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|e| e == extension)).collect();
    files.sort();
    files
}

fn variable(text: &str, name: &str) -> Option<String> {
    let (key, value) = text.lines().next()?.strip_prefix("# env ")?.split_once('=')?;
    (key == name).then(|| value.to_owned())
}

fn report(problems: &[Problem]) -> String {
    problems.iter().map(|problem| render(problem, false) + "\n").collect::<Vec<_>>().join("\n")
}

fn compare(path: &Path, report: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, report).unwrap();
    }
    let agreed = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(report, agreed, "{} (BLESS=1 accepts the new report)", path.display());
}
