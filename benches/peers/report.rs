//! What is asked of the bench, and what it leaves behind: JSON and a chart.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

use super::chart::chart;
use super::server::find;

/// The words after `--`.
pub(crate) struct Options {
    words: Vec<String>,
}

const PARTS: [&str; 5] = ["throughput", "figures", "latency", "memory", "growth"];

impl Options {
    /// Refuses what it does not know.
    pub(crate) fn parse(words: Vec<String>) -> Self {
        for word in &words {
            let known = PARTS.contains(&&**word) || word == "save" || word.starts_with("only=");
            assert!(known, "{word} is none of {PARTS:?}, save, only=<part of a name>");
        }
        Self { words }
    }

    /// Whether a part is to run: all but `figures`, which are part of the throughput, if none is named.
    pub(crate) fn part(&self, name: &str) -> bool {
        let named = |part: &&&str| self.words.iter().any(|word| word == **part);
        match PARTS.iter().find(named) {
            None => name != "figures",
            Some(_) => self.words.iter().any(|word| word == name),
        }
    }

    /// Whether a contender is to be measured.
    pub(crate) fn wants(&self, contender: &str) -> bool {
        let mut only = self.words.iter().filter_map(|word| word.strip_prefix("only=")).peekable();
        only.peek().is_none() || only.any(|part| contender.contains(part))
    }

    fn save(&self) -> bool {
        self.words.iter().any(|word| word == "save")
    }
}

/// Writes `peers.json` and, where there is a page of 120 KB, `peers.svg`.
pub(crate) fn write(options: &Options, mut parts: Map<String, Value>) {
    parts.insert("machine".to_owned(), machine());
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target folder").join("bench");
    let mut folders = vec![folder];
    if options.save() {
        folders.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers"));
    }
    let rows = parts.get("throughput").and_then(|part| part["pages"]["120k"].as_array().cloned());
    let title = "Requests a second on one core: a page of 120 KB, 60 texts printed";
    let json = serde_json::to_string_pretty(&Value::Object(parts)).expect("JSON");
    for folder in folders {
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("peers.json"), format!("{json}\n")).expect("a file");
        if let Some(rows) = &rows {
            fs::write(folder.join("peers.svg"), chart(title, rows)).expect("a file");
        }
        println!(
            "\nwritten: peers.json{} in {}",
            if rows.is_some() { " and peers.svg" } else { "" },
            folder.display()
        );
    }
}

/// On what, and beside which versions.
fn machine() -> Value {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let versions = [("nginx", "-v"), ("haproxy", "-v"), ("varnishd", "-V"), ("apache2", "-v")];
    let peers: Map<_, _> = versions
        .into_iter()
        .map(|(name, flag)| (name.to_owned(), version(name, flag).into()))
        .collect();
    json!({ "cpu": model.map(|(_, name)| name), "kernel": kernel.trim(), "peers": peers })
}

/// The first line that a program says of itself; none if it is missing.
fn version(program: &str, flag: &str) -> Option<String> {
    let output = Command::new(find(program)?).arg(flag).output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&said).lines().next().map(str::to_owned)
}
