//! Ten thousand sites: the first use of each, and what all of them take.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::task::JoinSet;

use crate::binary::Binary;
use crate::setup::{millis, percentile, publish, write};
use crate::support::{Client, Origin, Request, S3, Script};

const SITES: usize = 10_000;
const ENTRIES: usize = 200;
const VISITORS: usize = 8;

const PAGE: &str = "<!doctype html><title>t</title><h1 data-overprint=\"k7\">none</h1>";

pub(crate) async fn run() {
    println!("== {SITES} sites of {ENTRIES} entries, each on its first visit");
    for memory in ["1GiB", "64MiB"] {
        measure(memory).await;
    }
}

async fn measure(memory: &str) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &["en"], ENTRIES, "published");
    publish(folder.path(), "store", &[]).await;
    let s3 = S3::start().await;
    for site in 0..SITES {
        for kind in ["aliases", "releases", "objects"] {
            for file in std::fs::read_dir(folder.path().join("store").join(kind)).unwrap() {
                let path = file.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap();
                s3.put(&format!("s{site}/{kind}/{name}"), std::fs::read(&path).unwrap());
            }
        }
    }
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let config = folder.path().join("overprint.toml");
    std::fs::write(&config, text(&origin.url(), memory)).unwrap();
    let began = Instant::now();
    let proxy = Arc::new(Binary::with_config(&config, &s3.env()).await);
    let started = began.elapsed();
    let idle = proxy.memory_kb("VmRSS");
    let mut passes = Vec::new();
    for _ in 0..2 {
        let (times, printed) = visit_all(&proxy).await;
        passes.push((times, printed, proxy.memory_kb("VmRSS")));
    }
    println!(
        "limits.content = {memory}: start {:.0} ms, {:.1} MB with no site in use",
        millis(started),
        idle as f64 / 1e3
    );
    for (nth, (mut times, printed, resident)) in passes.into_iter().enumerate() {
        println!(
            "  pass {}: {printed} of {SITES} printed; p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms; {:.1} MB resident",
            nth + 1,
            millis(percentile(&mut times, 0.5)),
            millis(percentile(&mut times, 0.99)),
            millis(percentile(&mut times, 1.0)),
            resident as f64 / 1e3
        );
    }
    let shelf = proxy.operator("/metrics").await.text();
    for line in shelf.lines().filter(|line| line.starts_with("overprint_shelf")) {
        println!("  {line}");
    }
}

/// Visits every site once, `VISITORS` at a time.
async fn visit_all(proxy: &Arc<Binary>) -> (Vec<std::time::Duration>, usize) {
    let next = Arc::new(AtomicUsize::new(0));
    let mut visitors = JoinSet::new();
    for _ in 0..VISITORS {
        let (next, proxy) = (Arc::clone(&next), Arc::clone(proxy));
        visitors.spawn(async move {
            let mut client = Client::connect(proxy.address).await;
            let (mut times, mut printed) = (Vec::new(), 0);
            loop {
                let site = next.fetch_add(1, Ordering::Relaxed);
                if site >= SITES {
                    return (times, printed);
                }
                let request = Request::get("/").host(&format!("s{site}.example.com"));
                let began = Instant::now();
                let page = client.fetch(&request).await.text();
                times.push(began.elapsed());
                printed += usize::from(page.contains("published"));
            }
        });
    }
    let all = visitors.join_all().await;
    let printed = all.iter().map(|(_, printed)| printed).sum();
    (all.into_iter().flat_map(|(times, _)| times).collect(), printed)
}

fn text(origin: &str, memory: &str) -> String {
    let mut text = format!(
        "listen = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n[log]\naccess = false\n\
         [limits]\npreload = 0\ncontent = \"{memory}\"\n"
    );
    for site in 0..SITES {
        let _ = write!(
            text,
            "[[site]]\nname = \"s{site}\"\nhosts = \"s{site}.example.com\"\norigin = \"{origin}\"\n\
             content = \"s3://content/s{site}\"\n[site.refresh]\npoll = \"1h\"\n"
        );
    }
    text
}
