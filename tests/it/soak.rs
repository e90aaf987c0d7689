//! A publish every 100 ms, under load: every page is wholly of one release, releases only move
//! forward, and no request fails.
//!
//! `OVERPRINT_SOAK=SECONDS` makes it longer or shorter.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::binary::Binary;
use crate::support::{Client, Origin, S3, Script, overprint};

const SLOTS: usize = 20;
const VISITORS: usize = 8;
const SECONDS: u64 = 30;
const SECRET: &str = "a secret of the soak test's own";

fn page() -> String {
    let slots = (0..SLOTS).map(|n| format!("<p data-overprint=\"k{n}\">none</p>"));
    format!("<!doctype html><title>t</title>{}", slots.collect::<String>())
}

/// Writes content in which every text is the number of its release.
fn write(folder: &Path, release: usize) {
    let entries: Vec<_> = (0..SLOTS).map(|n| format!("\"k{n}\": \"[{release}]\"")).collect();
    let json = format!("{{{}}}", entries.join(","));
    std::fs::create_dir_all(folder.join("content")).unwrap();
    std::fs::write(folder.join("content/en.json"), json).unwrap();
}

/// The release that a page is of: the same in all its slots.
fn release_of(page: &str) -> usize {
    let numbers: Vec<&str> =
        page.split('[').skip(1).map(|rest| rest.split(']').next().unwrap()).collect();
    assert_eq!(numbers.len(), SLOTS, "a slot was not printed: {page}");
    assert!(numbers.iter().all(|n| *n == numbers[0]), "a page of two releases: {page}");
    numbers[0].parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_of_one_release_and_releases_only_move_forward() {
    let seconds = std::env::var("OVERPRINT_SOAK").ok().and_then(|text| text.parse().ok());
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(SECONDS));
    let folder = tempfile::tempdir().unwrap();
    let s3 = S3::start().await;
    let html = page();
    let origin = Origin::serve(move |_| Script::html(&html)).await;
    std::fs::write(folder.path().join("secret"), SECRET).unwrap();
    write(folder.path(), 1);
    publish(folder.path(), &s3, None).await;

    let config = folder.path().join("overprint.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\nstate_dir = \"state\"\n[log]\naccess = false\n[[site]]\n\
         name = \"shop\"\norigin = \"{}\"\ncontent = \"s3://content/shop\"\n\
         [site.webhook]\nsecret_file = \"secret\"\n",
        origin.url()
    );
    std::fs::write(&config, text).unwrap();
    let proxy = Binary::with_config(&config, &s3.env()).await;

    let over = Arc::new(AtomicBool::new(false));
    let pages = Arc::new(AtomicUsize::new(0));
    let mut visitors = JoinSet::new();
    for _ in 0..VISITORS {
        visitors.spawn(visit(proxy.address, Arc::clone(&over), Arc::clone(&pages)));
    }
    let mut ticks = interval(Duration::from_millis(100));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut release = 1;
    while Instant::now() < end {
        ticks.tick().await;
        release += 1;
        write(folder.path(), release);
        publish(folder.path(), &s3, Some(proxy.address)).await;
    }
    // The last one reaches pages, too.
    let last = async { while release_of(&proxy.get("/").await.text()) < release {} };
    timeout(Duration::from_secs(10), last).await.expect("the last release is not printed");
    over.store(true, Ordering::Relaxed);
    let seen = visitors.join_all().await;
    let pages = pages.load(Ordering::Relaxed);
    let most = seen.iter().max().unwrap();
    eprintln!(
        "{pages} pages while {release} releases were published; a visitor saw {most} of them"
    );
    assert!(pages > 100 && *most > 5, "{pages} pages, {most} releases: nothing was tried");
    proxy.stop().await;
}

/// Asks for one page after the other; gives how many releases it has seen.
async fn visit(proxy: SocketAddr, over: Arc<AtomicBool>, pages: Arc<AtomicUsize>) -> usize {
    let mut client = Client::connect(proxy).await;
    let (mut before, mut seen) = (0, 0);
    while !over.load(Ordering::Relaxed) {
        let response = client.get("/").await;
        assert_eq!(response.status, 200);
        assert!(response.complete, "a page was cut");
        let release = release_of(&response.text());
        assert!(release >= before, "release {release} after {before}");
        seen += usize::from(release > before);
        before = release;
        pages.fetch_add(1, Ordering::Relaxed);
    }
    seen
}

async fn publish(folder: &Path, s3: &S3, proxy: Option<SocketAddr>) {
    let url = proxy.map(|address| format!("http://{address}"));
    let mut args = vec!["publish", "content", "--to", "s3://content/shop"];
    if let Some(url) = &url {
        args.extend(["--notify", url, "--secret-file", "secret"]);
    }
    overprint(folder, &args, &s3.env()).await.well();
}
