//! Overprint beside its peers: `cargo bench --bench peers`.
//!
//! One worker of each proxy is pinned to a core; origin and visitors are one loop on another. nginx,
//! HAProxy, Varnish and Apache are taken as the machine has them, and named where it has not; what an
//! afternoon with hyper and lol_html gives is in `peers/naive.rs`.
//!
//! | after `--` | what runs |
//! |---|---|
//! | nothing | throughput, latency, memory and growth: about 12 minutes |
//! | `throughput` | requests/s, p50, p99 and CPU of everybody, on a page of 120 KB and one of 700 KB; the figures |
//! | `figures` | the figures that Overprint is held to, and no more than they need |
//! | `latency` | what a proxy adds to the time to first byte, from 1, 32 and 256 connections |
//! | `memory` | 10,000 idle connections, and 1,000 stalled ones |
//! | `growth` | by slots and by bytes |
//! | `only=<part of a name>` | of these, the contenders whose name has it; may be repeated |
//! | `save` | the results as `benches/peers/peers.json` and `peers.svg`, too; else in `target/bench` alone |
//!
//! Before the first round, every answer is compared with the origin's: where texts are printed,
//! all of them must be there, and nothing else may differ. Later rounds are by new processes of the
//! same. A proxy that takes fewer texts than a page has prints the first of them, and its row says so.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench prints, and fails loudly"
)]

mod peers {
    pub(crate) mod answers;
    pub(crate) mod apache;
    pub(crate) mod bed;
    pub(crate) mod chart;
    pub(crate) mod check;
    pub(crate) mod contender;
    pub(crate) mod crowd;
    pub(crate) mod figures;
    pub(crate) mod framing;
    pub(crate) mod growth;
    pub(crate) mod haproxy;
    pub(crate) mod lab;
    pub(crate) mod latency;
    pub(crate) mod load;
    pub(crate) mod memory;
    pub(crate) mod naive;
    pub(crate) mod nginx;
    pub(crate) mod origin;
    pub(crate) mod ours;
    pub(crate) mod page;
    pub(crate) mod procfs;
    pub(crate) mod prose;
    pub(crate) mod report;
    pub(crate) mod rounds;
    pub(crate) mod server;
    pub(crate) mod throughput;
    pub(crate) mod varnish;
}

use std::path::Path;

use peers::answers::Answers;
use peers::bed::Bed;
use peers::lab::Lab;
use peers::origin::Origin;
use peers::report::{self, Options};
use peers::{growth, latency, memory, naive, throughput};
use serde_json::{Map, Value};

type Part = fn(&mut Lab, &Bed, &Options) -> Value;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [first, listen, origin, content] = &args[..]
        && first == naive::ARGUMENT
    {
        let address = |text: &str| text.parse().expect("an address");
        return naive::run(address(listen), address(origin), Path::new(content));
    }
    let options = Options::parse(args);
    let origin = Origin::bind(answers(&options));
    let bed = Bed::make(origin.address);
    let mut lab = Lab::new(origin);
    let parts: [(&str, &str, Part); 5] = [
        ("throughput", "throughput", throughput::run),
        ("figures", "throughput", throughput::run_figures),
        ("latency", "latency", latency::run),
        ("memory", "memory", memory::run),
        ("growth", "growth", growth::run),
    ];
    let mut results = Map::new();
    for (part, name, run) in parts {
        if options.part(part) {
            results.insert(name.to_owned(), run(&mut lab, &bed, &options));
        }
    }
    report::write(&options, results);
}

/// What the origin has for the parts that run.
fn answers(options: &Options) -> Answers {
    let mut answers = Answers::default();
    for (name, size) in throughput::PAGES {
        answers.page(name, size);
        answers.fragments(size.labels);
    }
    answers.plain(memory::SMALL.0, memory::SMALL.1);
    if options.part("growth") {
        growth::PAGES.into_iter().for_each(|(name, size)| answers.plain(name, size));
    }
    answers
}
