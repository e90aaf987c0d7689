//! What content costs: `cargo bench --bench release`.
//!
//! 1. A release of 100,000 entries in each of 3 locales: from the start of the program to live, on one
//!    core, and what it takes in memory; then a lookup by key.
//! 2. From a webhook to the first page with the new text: 1,000 entries on a local S3 server.
//! 3. The p99 of proxied requests before such a large release is loaded, and while it is.
//! 4. 10,000 sites of 200 entries: the first use of each, and the memory with all of them in use.
//!
//! The program under test is the release build, as a process of its own; origin, store and visitors
//! share the machine with it.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench prints, and fails loudly"
)]

#[path = "release/cold.rs"]
mod cold;
#[path = "release/hook.rs"]
mod hook;
#[path = "release/large.rs"]
mod large;
#[path = "release/load.rs"]
mod load;
#[path = "release/setup.rs"]
mod setup;

/// The tests' own store, origin and visitors, and the program as they start it.
#[allow(dead_code, unused_imports, reason = "the benches use a part of it")]
#[path = "../tests/it"]
mod it {
    pub(crate) mod binary;
    pub(crate) mod support;
}

use it::{binary, support};

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let runs = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if runs("large") {
        runtime.block_on(large::run());
    }
    if runs("hook") {
        runtime.block_on(hook::run());
    }
    if runs("load") {
        runtime.block_on(load::run());
    }
    if runs("cold") {
        runtime.block_on(cold::run());
    }
}
