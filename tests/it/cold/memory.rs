//! The content of all sites in a bounded memory: who falls asleep, and what never fits.

use super::{FOREVER, asleep, site, until_state, visit};
use crate::hints::{Delivery, PAGE, SECRET, entries, pages, printed};
use crate::support::{Origin, Proxy, Setup, WebStore};

const HOSTS: [&str; 3] = ["a.example.com", "b.example.com", "c.example.com"];

/// What is printed of this content, and some 400 KB beside it.
fn heavy(text: &str) -> String {
    format!("{{\"title\": \"{text}\", \"long\": \"{}\"}}", "x".repeat(400_000))
}

/// Three sites in a memory that has room for two.
async fn crowded() -> (Vec<WebStore>, Origin, Proxy) {
    crowded_with(|setup| setup).await
}

async fn crowded_with(more: fn(Setup) -> Setup) -> (Vec<WebStore>, Origin, Proxy) {
    let origin = pages().await;
    let mut stores = Vec::new();
    for host in HOSTS {
        stores.push(WebStore::with(&heavy(host)).await);
    }
    let mut setup = asleep(&origin, &stores[0], FOREVER).set("hosts = \"a.example.com\"");
    for (store, host) in stores.iter().zip(HOSTS).skip(1) {
        setup = setup
            .site(origin.url())
            .content_at(store.url())
            .set("refresh.poll = \"1h\"")
            .secret(SECRET)
            .set(&format!("hosts = \"{host}\""));
    }
    let proxy = more(setup).limit("content", "1MiB").start().await;
    (stores, origin, proxy)
}

/// Visits each of these sites in turn, once the one before is in its place in memory.
async fn visit_in_turn(proxy: &Proxy, sites: &[usize]) {
    for &nth in sites {
        assert_eq!(visit(proxy, HOSTS[nth]).await.text(), printed(HOSTS[nth]));
        until_state(proxy, nth, "live").await;
    }
}

fn looks(stores: &[WebStore]) -> Vec<usize> {
    stores.iter().map(WebStore::looks).collect()
}

async fn states(proxy: &Proxy) -> Vec<String> {
    let mut states = Vec::new();
    for nth in 0..HOSTS.len() {
        states.push(site(proxy, nth).await["state"].as_str().unwrap().to_owned());
    }
    states
}

#[tokio::test]
async fn the_site_longest_without_a_visitor_is_dropped_and_loaded_again() {
    let (stores, _origin, proxy) = crowded().await;
    visit_in_turn(&proxy, &[0, 1, 2]).await;
    until_state(&proxy, 0, "asleep").await;
    assert_eq!(states(&proxy).await, ["asleep", "live", "live"]);
    assert!(site(&proxy, 0).await["release"].is_null(), "it is printed with nothing");
    assert_eq!(looks(&stores), [1, 1, 1]);
    assert_eq!(visit(&proxy, HOSTS[0]).await.text(), printed(HOSTS[0]));
    until_state(&proxy, 1, "asleep").await;
    assert_eq!(states(&proxy).await, ["live", "asleep", "live"]);
    assert_eq!(looks(&stores), [2, 1, 1]);
    let page = proxy.operator("/status.json").await;
    let status: serde_json::Value = serde_json::from_slice(&page.body).unwrap();
    assert!(status["memory"]["snapshots_bytes"].as_u64().unwrap() <= 1 << 20, "{status}");
    assert_eq!(proxy.operator("/readyz?strict").await.text(), "ready\n");
}

#[tokio::test]
async fn visitors_keep_a_site_awake() {
    let (stores, _origin, proxy) = crowded().await;
    visit_in_turn(&proxy, &[0, 1, 0, 2, 0]).await;
    until_state(&proxy, 1, "asleep").await;
    assert_eq!(states(&proxy).await, ["live", "asleep", "live"]);
    assert_eq!(looks(&stores), [1, 1, 1]);
}

/// What was published while it slept is what it wakes with, and what it knew is not forgotten.
#[tokio::test]
async fn a_site_wakes_with_what_is_new() {
    let (stores, _origin, proxy) = crowded().await;
    visit_in_turn(&proxy, &[0, 1, 2]).await;
    until_state(&proxy, 0, "asleep").await;
    stores[0].publish(&heavy("New")).await;
    assert_eq!(visit(&proxy, HOSTS[0]).await.text(), printed("New"));
    assert_eq!(until_state(&proxy, 0, "live").await["release"]["seq"], 2);
}

/// Of a site that sleeps and a store that is down nobody can print anything; of the others they do.
#[tokio::test]
async fn a_site_that_was_dropped_and_cannot_be_loaded_passes() {
    let (stores, _origin, proxy) = crowded().await;
    visit_in_turn(&proxy, &[0, 1, 2]).await;
    until_state(&proxy, 0, "asleep").await;
    stores[0].is_down(true);
    assert_eq!(visit(&proxy, HOSTS[0]).await.text(), PAGE);
    until_state(&proxy, 0, "empty").await;
    assert_eq!(visit(&proxy, HOSTS[1]).await.text(), printed(HOSTS[1]));
}

#[tokio::test]
async fn a_site_that_was_dropped_has_its_disk_copy_while_the_store_is_down() {
    let (stores, _origin, proxy) = crowded_with(|setup| setup.top("state_dir = \"state\"")).await;
    visit_in_turn(&proxy, &[0, 1, 2]).await;
    until_state(&proxy, 0, "asleep").await;
    stores[0].is_down(true);
    assert_eq!(visit(&proxy, HOSTS[0]).await.text(), printed(HOSTS[0]));
    let stale = until_state(&proxy, 0, "stale").await;
    assert_eq!(stale["release"]["from_copy"], true, "{stale}");
}

/// A content that alone is more than all may be.
async fn assert_refused(json: &str, reason: &str) {
    let (store, origin) = (WebStore::with(json).await, pages().await);
    let proxy = asleep(&origin, &store, FOREVER).limit("content", "1MiB").start().await;
    for _ in 0..50 {
        assert_eq!(proxy.get("/").await.text(), PAGE);
    }
    let empty = until_state(&proxy, 0, "empty").await;
    assert_eq!(empty["failure"]["reason"], reason, "{empty}");
    assert!(store.looks() < 10, "it is not looked for by every visitor: {}", store.looks());
}

#[tokio::test]
async fn a_release_with_more_bytes_than_all_may_have_is_refused() {
    let long = "x".repeat(1_100_000);
    assert_refused(&entries(&long), "release_too_large").await;
}

/// A thousand texts take more in memory than in a file.
#[tokio::test]
async fn a_release_that_takes_more_memory_than_all_may_is_refused() {
    let many: Vec<_> = (0..15_000).map(|nth| format!("\"key.{nth}\": \"text {nth}\"")).collect();
    let json = format!("{{{}}}", many.join(","));
    assert!(json.len() < 1 << 20, "{}", json.len());
    assert_refused(&json, "too_heavy").await;
}

#[tokio::test]
async fn a_release_that_grows_too_heavy_leaves_the_last_good_one() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let proxy =
        asleep(&origin, &store, FOREVER).secret(SECRET).limit("content", "1MiB").start().await;
    assert_eq!(proxy.get("/").await.text(), printed("First"));
    store.publish(&entries(&"x".repeat(1_100_000))).await;
    let hook = Delivery::of("msg_1").request();
    assert_eq!(proxy.client().await.fetch(&hook).await.status, 202);
    let stale = until_state(&proxy, 0, "stale").await;
    assert_eq!(stale["failure"]["reason"], "release_too_large", "{stale}");
    assert!(stale["failure"]["message"].as_str().unwrap().contains("1048576"), "{stale}");
    assert_eq!(stale["release"]["seq"], 1);
    assert_eq!(proxy.get("/").await.text(), printed("First"));
}

#[tokio::test]
async fn a_directory_that_is_too_heavy_is_refused_too() {
    let origin = pages().await;
    let proxy = Proxy::before(&origin)
        .content(&entries(&"x".repeat(1_100_000)))
        .limit("content", "1MiB")
        .admin()
        .start()
        .await;
    assert_eq!(proxy.get("/").await.text(), PAGE);
    let empty = until_state(&proxy, 0, "empty").await;
    assert_eq!(empty["failure"]["reason"], "too_heavy", "{empty}");
    proxy.publish(0, &entries("First"));
    crate::hints::until_printed(&proxy, "First").await;
}
