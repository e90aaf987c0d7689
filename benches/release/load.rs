//! The p99 of proxied requests while a large release is loaded, beside the p99 before.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::binary::Binary;
use crate::setup::{PAGE, millis, percentile, publish, write};
use crate::support::{Client, Origin, Script, within};

const LOCALES: [&str; 3] = ["en", "de", "fr"];
const ENTRIES: usize = 100_000;
const VISITORS: usize = 4;
/// Between two requests of a visitor: the machine is busy, not flooded.
const PAUSE: Duration = Duration::from_millis(4);
const BEFORE: Duration = Duration::from_secs(4);
const ROUNDS: usize = 5;
/// No line a request.
const QUIET: &[(&str, &str)] = &[("OVERPRINT_LOG_ACCESS", "false")];

pub(crate) async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let store = folder.path().join("store");
    let alias = store.join("aliases/production.json");
    // All that is to be loaded lies in the store before; a move of the alias costs a rename.
    let mut pointers = Vec::new();
    for round in 0..=ROUNDS {
        write(folder.path(), &LOCALES, ENTRIES, &format!("release {round}"));
        publish(folder.path(), "store", &[]).await;
        pointers.push(fs::read(&alias).unwrap());
    }
    let point = |round: usize| {
        let next = store.join("next.json");
        fs::write(&next, &pointers[round]).unwrap();
        fs::rename(next, &alias).unwrap();
    };
    point(0);
    let proxy = Binary::start(&origin.url(), &store, QUIET).await;
    proxy.logged(&["content is live"]).await;
    let (mut before, mut during) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        before.extend(measure(proxy.address, sleep(BEFORE)).await);
        let address = proxy.address;
        let loading = async {
            point(round);
            let mark = format!("release {round} ");
            let mut client = Client::connect(address).await;
            let seen = async {
                while !client.get("/").await.text().contains(&mark) {
                    sleep(PAUSE).await;
                }
            };
            within("the new release", seen).await;
        };
        during.extend(measure(proxy.address, loading).await);
    }
    proxy.stop().await;
    let counts = (before.len(), during.len());
    println!(
        "== requests while {} x {ENTRIES} entries are loaded, {ROUNDS} rounds ({} before, {} during)",
        LOCALES.len(),
        counts.0,
        counts.1
    );
    for share in [0.5, 0.9, 0.99, 0.999] {
        let (one, two) = (percentile(&mut before, share), percentile(&mut during, share));
        let ratio = two.as_secs_f64() / one.as_secs_f64();
        println!(
            "p{:<4} before {:.2} ms, during {:.2} ms, ratio {ratio:.2} (asked of p99: within 2)",
            share * 100.0,
            millis(one),
            millis(two)
        );
    }
}

/// What requests take while `work` goes on.
async fn measure(proxy: SocketAddr, work: impl Future<Output = ()>) -> Vec<Duration> {
    let over = Arc::new(AtomicBool::new(false));
    let mut visitors = JoinSet::new();
    for _ in 0..VISITORS {
        let over = Arc::clone(&over);
        visitors.spawn(async move {
            let mut client = Client::connect(proxy).await;
            let mut times = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let began = Instant::now();
                assert_eq!(client.get("/").await.status, 200);
                times.push(began.elapsed());
                sleep(PAUSE).await;
            }
            times
        });
    }
    work.await;
    over.store(true, Ordering::Relaxed);
    visitors.join_all().await.into_iter().flatten().collect()
}
