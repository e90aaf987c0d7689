//! Overprint itself: one worker, no line a request, one site that passes pages and one that prints.

use std::collections::BTreeMap;

use super::bed::{Bed, write};
use super::page::{key, published_text};
use super::server::{Server, free_address};

pub(crate) const PASSES: &str = "pass.test";
pub(crate) const PRINTS: &str = "print.test";

/// How many threads serve: the only place that says so.
const ONE_WORKER: [(&str, &str); 1] = [("TOKIO_WORKER_THREADS", "1")];

/// `memory` is what it may remember pages in; "0" has it see every page for the first time.
pub(crate) fn start(bed: &Bed, memory: &str, texts: usize) -> Server {
    let folder = bed.folder(&format!("overprint-{memory}"));
    let content: BTreeMap<_, _> = (0..texts).map(|nth| (key(nth), published_text(nth))).collect();
    let content = serde_json::to_string(&content).expect("texts");
    std::fs::create_dir_all(folder.join("content")).expect("a folder");
    write(&folder.join("content"), "en.json", &content);
    let (address, origin) = (free_address(), bed.origin);
    let config = format!(
        "listen = \"{address}\"\n[log]\naccess = false\n[limits]\nmemory = \"{memory}\"\n\
         [[site]]\nname = \"pass\"\nhosts = \"{PASSES}\"\norigin = \"http://{origin}\"\n\
         [[site]]\nname = \"print\"\nhosts = \"{PRINTS}\"\norigin = \"http://{origin}\"\ncontent = \"content\"\n"
    );
    let config = write(&folder, "overprint.toml", &config);
    let program = env!("CARGO_BIN_EXE_overprint").as_ref();
    let args = ["serve".as_ref(), "--config".as_ref(), config.as_os_str()];
    Server::start(program, &args, &ONE_WORKER, bed.proxy_core, address, &folder)
}
