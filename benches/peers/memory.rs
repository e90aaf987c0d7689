//! Memory of a proxy that holds ten thousand idle connections, and of one that holds a thousand readers
//! who have stopped in the middle of a page. The system's own buffers are in neither.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::bed::{Bed, files};
use super::contender::{
    Contender, Expect, FIRST, HAPROXY, NGINX, NGINX_DEFAULT, PASS, REMEMBERED, Servers, contender,
};
use super::crowd::Crowd;
use super::lab::Lab;
use super::page::Size;
use super::procfs::{Memory, memory};
use super::report::Options;
use super::throughput::PAGES;
use super::{nginx, ours};

/// What idle visitors have asked for.
pub(crate) const SMALL: (&str, Size) = ("small", Size { bytes: 4000, labels: 3 });

const IDLE: usize = 10_000;
const BUSY: usize = 1000;
/// How many of the idle come at once.
const GROUP: usize = 100;
const SETTLE: Duration = Duration::from_secs(2);
/// A segment on an Ethernet.
const MSS: u32 = 1460;

pub(crate) fn run(lab: &mut Lab, bed: &Bed, options: &Options) -> Value {
    // Some are left for the origin's connections, and the proxy's to it.
    let idle = IDLE.min(files().saturating_sub(2000));
    println!(
        "\n== memory: {} files may be open; RSS and PSS in MB, and KB for each connection\n",
        files()
    );
    println!(
        "{:<23} {:>6} {:>12} {:>10} {:>10} {:>10} {:>12} {:>12}",
        "", "state", "connections", "RSS before", "RSS", "PSS", "RSS/conn KB", "PSS/conn KB"
    );
    let mut rows = Vec::new();
    for (state, page, count) in [("idle", SMALL.0, idle), ("busy", PAGES[1].0, BUSY)] {
        for contender in contenders(page).into_iter().filter(|one| options.wants(one.name)) {
            // Of those who wait, it does not matter for what.
            if state == "busy" || ![REMEMBERED, FIRST, NGINX_DEFAULT].contains(&contender.name) {
                rows.extend(measure(lab, bed, &contender, state, count));
            }
        }
    }
    println!(
        "\nnginx writes what it cannot send to a file, as is its default; the others stop reading."
    );
    rows.into()
}

fn contenders(page: &str) -> Vec<Contender> {
    let labels = PAGES[1].1.labels;
    let ours =
        |name, server, host, expect| contender(name, server, host, page, "plain", false, expect);
    vec![
        ours(PASS, "overprint", ours::PASSES, Expect::Same),
        ours(REMEMBERED, "overprint", ours::PRINTS, Expect::Printed(labels)),
        ours(FIRST, "forgetful", ours::PRINTS, Expect::Printed(labels)),
        ours(NGINX, "nginx", nginx::PASSES, Expect::Same),
        ours(NGINX_DEFAULT, "nginx", nginx::DEFAULT_BUFFERS, Expect::Same),
        ours(HAPROXY, "haproxy", "pass.test", Expect::Same),
    ]
}

/// On a proxy that has just started, and answered once or twice.
fn measure(
    lab: &mut Lab,
    bed: &Bed,
    contender: &Contender,
    state: &str,
    count: usize,
) -> Option<Value> {
    let servers = Servers::start(bed, &[contender.server], &[PAGES[1].1.labels]);
    if !servers.has(contender) {
        return None;
    }
    let server = servers.of(contender);
    for _ in 0..4 {
        lab.fetch(server.address, &contender.host, &contender.path, contender.gzip);
    }
    let before = memory(&server.processes());
    let mut crowd = Crowd::new(server.address, &contender.host, &contender.path, contender.gzip);
    if state == "idle" {
        fill(lab, &mut crowd, count);
    } else {
        stall(lab, &mut crowd, count);
    }
    let settled = Instant::now();
    while settled.elapsed() < SETTLE {
        lab.turn(&mut crowd, Duration::from_millis(100));
    }
    Some(row(contender.name, state, count, before, memory(&server.processes())))
}

/// Visitors who ask once and stay.
fn fill(lab: &mut Lab, crowd: &mut Crowd, count: usize) {
    while crowd.visitors.len() < count {
        let first = crowd.visitors.len();
        lab.join(crowd, GROUP.min(count - first), None);
        for visitor in first..crowd.visitors.len() {
            crowd.ask(visitor, Instant::now());
        }
        lab.finish(crowd);
        crowd.done.clear();
    }
}

/// Visitors who stop reading at once.
fn stall(lab: &mut Lab, crowd: &mut Crowd, count: usize) {
    crowd.sip = true;
    lab.join(crowd, count, Some(MSS));
    for visitor in 0..count {
        crowd.ask(visitor, Instant::now());
    }
    let mut stalled = 0;
    while stalled < count {
        lab.until(crowd, |crowd| !crowd.done.is_empty());
        for done in std::mem::take(&mut crowd.done) {
            lab.ignore(crowd, done.visitor);
            stalled += 1;
        }
    }
}

fn row(name: &str, state: &str, count: usize, before: Memory, after: Memory) -> Value {
    let each = |after: u64, before: u64| after.saturating_sub(before) as f64 / 1e3 / count as f64;
    let (rss, pss) = (each(after.rss, before.rss), each(after.pss, before.pss));
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    println!(
        "{name:<23} {state:>6} {count:>12} {:>10.1} {:>10.1} {:>10.1} {rss:>12.1} {pss:>12.1}",
        megabytes(before.rss),
        megabytes(after.rss),
        megabytes(after.pss)
    );
    json!({
        "name": name, "state": state, "connections": count,
        "rss_before": before.rss, "rss": after.rss, "pss_before": before.pss, "pss": after.pss,
        "rss_kb_per_connection": (rss * 10.0).round() / 10.0,
        "pss_kb_per_connection": (pss * 10.0).round() / 10.0,
    })
}
