//! `/metrics`: what is counted.

use super::{metrics, shop, until_counted};
use crate::hints::{Delivery, entries, pages, printed, until_printed};
use crate::support::{Origin, Proxy, Request, Script, WebStore};

const SHOP: (&str, &str) = ("site", "shop");

/// One slot that is printed, one that has no content, one that never has.
const LABELS: &str = "<!doctype html><h1 data-overprint=title>a</h1>\
    <p data-overprint=nothing>b</p><script data-overprint=title>c</script>";

#[tokio::test]
async fn requests_are_counted_by_site_outcome_and_class() {
    let origin = Origin::serve(|request| match request.target.as_str() {
        "/picture" => Script::answer("image/png", "not a page"),
        "/gone" => Script::html(LABELS).status(404),
        "/cut" => Script::new().close(),
        _ => Script::html(LABELS),
    })
    .await;
    let store = WebStore::with(&entries("First")).await;
    let proxy = shop(&origin, &store).set("hosts = \"www.example.com\"").start().await;
    let mut bytes = 0;
    for target in ["/", "/", "/picture", "/gone", "/cut"] {
        bytes += proxy.get(target).await.body.len();
    }
    let strange = Request::get("/").host("elsewhere.example.com");
    assert_eq!(proxy.client().await.fetch(&strange).await.status, 421);
    let read =
        until_counted(&proxy, "six requests", |read| read.sum("overprint_requests_total") == 6.0)
            .await;
    let requests = |site, outcome, status| {
        let labels = [("site", site), ("outcome", outcome), ("status", status)];
        read.get("overprint_requests_total", &labels)
    };
    assert_eq!(requests("shop", "woven", "2xx"), Some(2.0));
    assert_eq!(requests("shop", "not_html", "2xx"), Some(1.0));
    assert_eq!(requests("shop", "woven", "4xx"), Some(1.0));
    assert_eq!(requests("shop", "origin_closed", "5xx"), Some(1.0));
    assert_eq!(requests("", "misdirected", "4xx"), Some(1.0));
    assert_eq!(read.get("overprint_response_bytes_total", &[SHOP]), Some(bytes as f64));
    let seconds = |woven| {
        let count = read.get("overprint_request_duration_seconds_count", &[("woven", woven)]);
        let all = [("woven", woven), ("le", "+Inf")];
        assert_eq!(read.get("overprint_request_duration_seconds_bucket", &all), count);
        count
    };
    assert_eq!((seconds("true"), seconds("false")), (Some(3.0), Some(3.0)));
    assert_eq!(read.kind("overprint_request_duration_seconds"), Some("histogram"));
}

#[tokio::test]
async fn slots_are_counted_by_what_became_of_them() {
    let origin = Origin::serve(|_| Script::html(LABELS)).await;
    let store = WebStore::with(&entries("First")).await;
    let proxy = shop(&origin, &store).start().await;
    for _ in 0..4 {
        assert!(proxy.get("/").await.text().contains("First"));
    }
    let slots = |read: &super::Metrics, outcome| {
        read.get("overprint_slots_total", &[SHOP, ("outcome", outcome)])
    };
    let read =
        until_counted(&proxy, "four pages", |read| slots(read, "printed") == Some(4.0)).await;
    assert_eq!(slots(&read, "missing_key"), Some(4.0));
    assert_eq!(slots(&read, "forbidden_element"), Some(4.0));
    assert_eq!(read.sum("overprint_slots_total"), 12.0, "and no others");
}

#[tokio::test]
async fn looks_are_counted_by_result_and_the_release_is_told() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let proxy = shop(&origin, &store).start().await;
    let loads = |read: &super::Metrics, result| {
        read.get("overprint_content_loads_total", &[SHOP, ("result", result)])
    };
    let hook = async |id: &str| {
        assert_eq!(proxy.client().await.fetch(&Delivery::of(id).request()).await.status, 202);
    };
    let read =
        until_counted(&proxy, "the first load", |read| loads(read, "loaded") == Some(1.0)).await;
    assert_eq!(read.get("overprint_release_seq", &[SHOP]), Some(1.0));
    let first = read.get("overprint_snapshot_bytes", &[SHOP]).unwrap();
    hook("msg_1").await;
    until_counted(&proxy, "a look in vain", |read| loads(read, "unchanged") == Some(1.0)).await;
    let (long, earlier) = ("x".repeat(5000), Some(first));
    store.publish(&entries(&long)).await;
    hook("msg_2").await;
    until_printed(&proxy, &long).await;
    let read =
        until_counted(&proxy, "the second release", |read| loads(read, "loaded") == Some(2.0))
            .await;
    assert_eq!(read.get("overprint_release_seq", &[SHOP]), Some(2.0));
    assert_eq!(read.get("overprint_release_move", &[SHOP]), Some(2.0));
    let bytes = read.get("overprint_snapshot_bytes", &[SHOP]);
    assert!(bytes > earlier.map(|first| first + 4000.0), "{bytes:?} after {earlier:?}");
    let shelf = read.get("overprint_shelf_bytes", &[]);
    assert_eq!(shelf, bytes.map(|bytes| (bytes / 1024.0).ceil() * 1024.0), "one site, in KiB");
    let state = |read: &super::Metrics, state| {
        read.get("overprint_content_state", &[SHOP, ("state", state)])
    };
    assert_eq!((state(&read, "live"), state(&read, "stale")), (Some(1.0), None));
    store.is_down(true);
    hook("msg_3").await;
    let failed = |read: &super::Metrics| loads(read, "unavailable").is_some();
    let read = until_counted(&proxy, "a look that failed", failed).await;
    assert_eq!((state(&read, "live"), state(&read, "stale")), (None, Some(1.0)));
    assert_eq!(proxy.get("/").await.text(), printed(&long));
}

#[tokio::test]
async fn webhooks_are_counted_by_result() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let proxy = shop(&origin, &store).start().await;
    let good = Delivery::of("msg_1");
    for (request, status) in [
        (good.request(), 202),
        (good.request(), 202),
        (Delivery::of("msg_2").request(), 202),
        (good.request().without("webhook-signature"), 401),
        (good.request().without("webhook-id").header("webhook-id", "msg_3"), 401),
        (good.request().header("webhook-id", "msg_1"), 400),
        (Delivery::of("msg_4").seconds_from_now(-900).request(), 400),
        (Delivery::of("msg_5").seconds_from_now(900).request(), 400),
        (Delivery::of("msg_6").body(&"x".repeat(70_000)).request(), 413),
        (Request::get("/_overprint/hooks/shop"), 405),
        (Request::get("/_overprint/hooks/elsewhere"), 404),
    ] {
        assert_eq!(proxy.client().await.fetch(&request).await.status, status);
    }
    let read = metrics(&proxy).await;
    for (result, count) in [
        ("accepted", 2.0),
        ("repeated", 1.0),
        ("unsigned", 1.0),
        ("bad_signature", 1.0),
        ("malformed", 1.0),
        ("too_old", 1.0),
        ("too_new", 1.0),
        ("too_large", 1.0),
        ("method", 1.0),
    ] {
        let found = read.get("overprint_webhooks_total", &[SHOP, ("result", result)]);
        assert_eq!(found, Some(count), "{result}");
    }
    // Names that anybody may make up would fill the memory.
    assert_eq!(read.sum("overprint_webhooks_total"), 10.0);
}

/// What remembered pages take, in bytes, and how many entries that is.
fn remembered(read: &super::Metrics) -> (f64, f64) {
    let gauge = |name| {
        assert_eq!(read.kind(name), Some("gauge"), "{name}");
        read.get(name, &[]).unwrap()
    };
    (gauge("overprint_remembered_bytes"), gauge("overprint_remembered_entries"))
}

#[tokio::test]
async fn what_remembered_pages_take_is_told() {
    let page = format!("{LABELS}<p>{}</p>", "word ".repeat(10_000));
    let length = page.len() as f64;
    let origin = Origin::serve(move |_| Script::html(&page)).await;
    let proxy = Proxy::before(&origin).admin().start().await;
    proxy.get("/").await;
    let first = until_counted(&proxy, "a page", |read| remembered(read).1 == 1.0).await;
    let (bytes, _) = remembered(&first);
    assert!(bytes > length && bytes < 2.0 * length, "{bytes} for a page of {length}");
    proxy.get("/another").await;
    let second = until_counted(&proxy, "another page", |read| remembered(read).1 == 2.0).await;
    assert!(remembered(&second).0 > bytes + length, "{:?} after {bytes}", remembered(&second));

    let forgetful = Proxy::before(&origin).limit("memory", "0").admin().start().await;
    forgetful.get("/").await;
    let counted = |read: &super::Metrics| read.sum("overprint_pages_total") == 1.0;
    let read = until_counted(&forgetful, "a page that is not remembered", counted).await;
    assert_eq!(remembered(&read), (0.0, 0.0));
}

#[tokio::test]
async fn the_process_tells_of_itself() {
    let origin = pages().await;
    let proxy = Proxy::before(&origin).named("shop").admin().start().await;
    let mut visitor = proxy.client().await;
    visitor.get("/").await;
    let read = metrics(&proxy).await;
    assert_eq!(read.get("overprint_connections_open", &[]), Some(1.0));
    assert_eq!(read.get("overprint_connections_accepted_total", &[]), Some(1.0));
    assert_eq!(read.get("overprint_panics_total", &[]), Some(0.0));
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(read.get("overprint_build_info", &version), Some(1.0));
    assert!(read.get("overprint_process_resident_memory_bytes", &[]) > Some(1e6));
    assert!(read.get("overprint_process_start_time_seconds", &[]) > Some(1.7e9));
    // Every name is the product's own.
    let strange: Vec<_> = read.families().filter(|name| !name.starts_with("overprint_")).collect();
    assert!(strange.is_empty(), "{strange:?}");
}
