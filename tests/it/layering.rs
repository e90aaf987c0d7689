//! The arrows between modules point down (ARCHITECTURE.md, "The modules"), checked from the paths
//! in the source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each top-level module may import. A service imports no other service.
const ALLOWED: &[(&str, &[&str])] = &[
    ("main", &[]),
    (
        "cli",
        &[
            "app", "config", "content", "locale", "message", "problem", "proxy", "publish",
            "refresh", "releases", "store", "weave", "webhook",
        ],
    ),
    ("app", &["admin", "config", "live", "metrics", "proxy", "refresh", "serve", "webhook"]),
    ("config", &["locale", "problem", "proxy", "refresh", "weave"]),
    ("proxy", &["content", "live", "locale", "metrics", "serve", "weave", "webhook"]),
    (
        "refresh",
        &["content", "live", "locale", "metrics", "problem", "releases", "status", "store"],
    ),
    ("publish", &["content", "live", "locale", "releases", "store", "webhook"]),
    ("admin", &["live", "metrics", "serve", "status", "weave"]),
    ("releases", &["content", "locale", "store"]),
    ("weave", &["content", "message"]),
    ("live", &["content"]),
    ("status", &[]),
    ("content", &["locale", "message", "problem"]),
    ("message", &[]),
    ("locale", &[]),
    ("problem", &[]),
    ("store", &[]),
    ("serve", &[]),
    ("webhook", &[]),
    ("metrics", &[]),
];

/// Crates that only some modules may name.
const CRATES: &[(&str, &[&str])] = &[
    ("lol_html", &["weave"]),
    ("hyper", &["admin", "proxy", "serve", "cli", "config", "webhook"]),
    (
        "tokio",
        &[
            "admin", "app", "cli", "live", "proxy", "publish", "refresh", "releases", "serve",
            "store",
        ],
    ),
    ("notify", &["refresh"]),
    ("object_store", &["store"]),
    ("memmap2", &["weave"]),
    ("moka", &["live", "weave", "webhook"]),
    ("redis", &["publish", "refresh"]),
    ("prometheus_client", &["admin", "metrics"]),
    ("clap", &["cli"]),
    ("toml", &["config"]),
    ("ammonia", &["content"]),
    ("formatjs_icu_messageformat_parser", &["message"]),
    ("fixed_decimal", &["message"]),
    ("icu", &["locale", "message"]),
    ("html5ever", &["content"]),
];

#[test]
fn arrows_point_down() {
    let mut wrong = Vec::new();
    for (file, module, text) in sources() {
        let allowed = ALLOWED.iter().find(|(name, _)| *name == module);
        let Some((_, allowed)) = allowed else {
            wrong.push(format!("{}: say in ALLOWED what {module} may import", file.display()));
            continue;
        };
        for target in targets(&text, "crate::") {
            if target != module && !allowed.contains(&&*target) && !is_test_only(&file, &target) {
                wrong.push(format!("{}: {module} may not import {target}", file.display()));
            }
        }
        for (library, users) in CRATES {
            if names(&text, library) && !users.contains(&&*module) {
                wrong.push(format!("{}: {module} may not name {library}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn modules_are_files_beside_their_folders() {
    let misplaced: Vec<_> =
        sources().into_iter().filter(|(file, ..)| file.ends_with("mod.rs")).collect();
    assert!(misplaced.is_empty(), "x.rs + x/, no mod.rs: {misplaced:?}");
}

/// The golden tests of the config draw its problems as the command line does.
fn is_test_only(file: &Path, target: &str) -> bool {
    file.ends_with("config/golden.rs") && target == "cli"
}

/// Every source file: its path, its top-level module, its text without comments.
fn sources() -> Vec<(PathBuf, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    let described = found.into_iter().map(|file| {
        let first = file.strip_prefix(&root).unwrap().components().next().unwrap();
        let module = first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let code: Vec<_> =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        (file, module, code.join("\n"))
    });
    described.filter(|(_, module, _)| module != "lib").collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The names behind each `prefix`, those in braces too.
fn targets(text: &str, prefix: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices(prefix) {
        let rest = &text[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(list) => {
                let list = list.split('}').next().unwrap_or_default();
                found.extend(list.split(',').map(|item| word(item.trim())));
            }
            None => drop(found.insert(word(rest))),
        }
    }
    found.remove("");
    found
}

fn names(text: &str, library: &str) -> bool {
    text.match_indices(library).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let behind = &text[at + library.len()..];
        behind.starts_with("::")
            && !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    })
}
