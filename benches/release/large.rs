//! A release of 30 MB: how long until it is printed, what it takes, and how fast a key is found.

use std::hint::black_box;
use std::time::{Duration, Instant};

use overprint::content::compile;
use overprint::locale::Tag;
use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::binary::Binary;
use crate::setup::{NO_ENV, json, millis, object_bytes, publish, write};

const LOCALES: [&str; 3] = ["en", "de", "fr"];
const ENTRIES: usize = 100_000;
const ROUNDS: usize = 5;
const LOOKUPS: usize = 2_000_000;

pub(crate) async fn run() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &LOCALES, ENTRIES, "large");
    publish(folder.path(), "store", &[]).await;
    let store = folder.path().join("store");
    let bytes = object_bytes(&store);
    println!(
        "== a release of {ENTRIES} entries in {} locales, {:.1} MB of JSON",
        LOCALES.len(),
        bytes as f64 / 1e6
    );
    let empty = folder.path().join("empty");
    std::fs::create_dir_all(&empty).unwrap();
    std::fs::write(empty.join("en.json"), "{\"a\": \"b\"}").unwrap();

    let (mut starts, mut empties, mut growths) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (time, small) = on_one_core(|| start(&empty)).await;
        empties.push(time);
        let (time, large) = on_one_core(|| start(&store)).await;
        starts.push(time);
        growths.push((large.0.saturating_sub(small.0), large.1.saturating_sub(small.1)));
    }
    starts.sort_unstable();
    empties.sort_unstable();
    let (start, empty) = (starts[ROUNDS / 2], empties[ROUNDS / 2]);
    println!(
        "start to live on one core (asked: at most 1500 ms): median {:.0} ms (an empty start: {:.0} ms), of {starts:.0?}",
        millis(start),
        millis(empty)
    );
    growths.sort_unstable();
    let (resident, peak) = growths[ROUNDS / 2];
    println!(
        "resident growth (asked: at most 3 x): {:.1} MB, {:.2} x the JSON; at its peak {:.1} MB, {:.2} x",
        resident as f64 / 1e3,
        resident as f64 * 1e3 / bytes as f64,
        peak as f64 / 1e3,
        peak as f64 * 1e3 / bytes as f64
    );
    lookup();
}

/// Starts the program and waits until its content is live; then its memory now and at most, in kB.
async fn start(content: &std::path::Path) -> (Duration, (usize, usize)) {
    let began = Instant::now();
    let proxy = Binary::start("http://127.0.0.1:9", content, NO_ENV).await;
    proxy.logged(&["content is live"]).await;
    let took = began.elapsed();
    let memory = (proxy.memory_kb("VmRSS"), proxy.peak_kb());
    proxy.stop().await;
    (took, memory)
}

/// Children inherit the core of the thread that starts them.
async fn on_one_core<T>(work: impl AsyncFnOnce() -> T) -> T {
    let before = sched_getaffinity(None::<Pid>).unwrap();
    let mut one = CpuSet::new();
    one.set(0);
    sched_setaffinity(None::<Pid>, &one).unwrap();
    let done = work().await;
    sched_setaffinity(None::<Pid>, &before).unwrap();
    done
}

fn lookup() {
    let file = ("en.json".to_owned(), json(ENTRIES, "x").into_bytes());
    let snapshot = compile([file]).unwrap();
    let voice = snapshot.voice(&Tag::parse("en").unwrap()).unwrap();
    // In an order that no cache foresees.
    let keys: Vec<String> = (0..ENTRIES).map(|n| format!("k{}", n * 7919 % ENTRIES)).collect();
    let began = Instant::now();
    for key in keys.iter().cycle().take(LOOKUPS) {
        black_box(voice.find(black_box(key)));
    }
    let each = began.elapsed().as_nanos() as f64 / LOOKUPS as f64;
    println!("lookup by key among {ENTRIES}, in no order (asked: under 100 ns): {each:.0} ns");
}
