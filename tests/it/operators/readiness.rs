//! `/healthz` and `/readyz`, which orchestrators and load balancers ask.

use super::{shop, until};
use crate::hints::{Delivery, PAGE, entries, pages, printed, until_printed};
use crate::support::{Gate, Origin, Proxy, Request, Script, WebStore};

const STRICT: [&str; 3] = ["/readyz?strict", "/readyz?strict=1", "/readyz?a=b&strict"];

/// The status and the text of a page.
async fn asked(proxy: &Proxy, target: &str) -> (u16, String) {
    let page = proxy.operator(target).await;
    (page.status, page.text())
}

/// Has the store asked, by a hook.
async fn look(proxy: &Proxy, id: &str) {
    let hook = Delivery::of(id).request();
    assert_eq!(proxy.client().await.fetch(&hook).await.status, 202);
}

#[tokio::test]
async fn with_its_content_it_is_ready_however_it_is_asked() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let proxy = shop(&origin, &store).start().await;
    for target in STRICT.iter().chain(&["/readyz"]) {
        assert_eq!(asked(&proxy, target).await, (200, "ready\n".to_owned()), "{target}");
    }
    assert_eq!(asked(&proxy, "/healthz").await, (200, "ok\n".to_owned()));
}

#[tokio::test]
async fn a_store_that_hangs_at_the_start_takes_nobody_out() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let gate = store.hold();
    let proxy = shop(&origin, &store).start().await;
    let (status, text) = asked(&proxy, "/readyz").await;
    assert_eq!(status, 200, "{text}");
    let why = "ready\nshop: empty: pages pass untouched: it has not answered yet (slow), since ";
    assert!(text.starts_with(why), "{text}");
    assert_eq!(asked(&proxy, "/readyz?strict").await.0, 503);
    assert_eq!(asked(&proxy, "/healthz").await, (200, "ok\n".to_owned()), "it lives");
    assert_eq!(proxy.get("/").await.text(), PAGE);
    gate.open();
    until(&proxy, "/readyz?strict", "ready", |page| page.text() == "ready\n").await;
    assert_eq!(proxy.get("/").await.text(), printed("First"));
}

#[tokio::test]
async fn a_site_that_is_stale_is_told_of_and_takes_nobody_out() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let proxy = shop(&origin, &store).start().await;
    store.is_down(true);
    look(&proxy, "msg_1").await;
    let told = |page: &crate::support::Response| page.text().contains("stale");
    let ready = until(&proxy, "/readyz", "a stale site", told).await;
    assert_eq!(ready.status, 200);
    let text = ready.text();
    assert!(text.starts_with("ready\nshop: stale: ") && text.contains("503"), "{text}");
    assert!(text.contains("(unavailable), since 20"), "{text}");
    for target in STRICT {
        let (status, text) = asked(&proxy, target).await;
        assert_eq!((status, text.lines().next()), (503, Some("stale")), "{target}");
    }
    assert_eq!(proxy.get("/").await.text(), printed("First"), "the last good content");
    store.is_down(false);
    look(&proxy, "msg_2").await;
    until(&proxy, "/readyz?strict", "ready", |page| page.text() == "ready\n").await;
}

#[tokio::test]
async fn a_site_without_content_is_told_of_and_takes_nobody_out() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    store.is_down(true);
    let proxy = shop(&origin, &store)
        .site(origin.url())
        .named("plain")
        .set("hosts = \"plain.example.com\"")
        .without_content()
        .start()
        .await;
    let (status, text) = asked(&proxy, "/readyz").await;
    assert_eq!(status, 200, "{text}");
    assert!(text.starts_with("ready\nshop: empty: pages pass untouched: "), "{text}");
    assert!(!text.contains("plain"), "it never has content: {text}");
    let (status, text) = asked(&proxy, "/readyz?strict").await;
    assert_eq!((status, text.lines().next()), (503, Some("empty")));
    assert_eq!(proxy.get("/").await.text(), PAGE);
    store.is_down(false);
    look(&proxy, "msg_1").await;
    until(&proxy, "/readyz?strict", "ready", |page| page.text() == "ready\n").await;
    until_printed(&proxy, "First").await;
}

#[tokio::test]
async fn while_it_drains_it_says_so_and_answers_operators() {
    let gate = Gate::new();
    let held = gate.clone();
    let origin = Origin::serve(move |request| match request.target.as_str() {
        "/slow" => Script::new().wait(&held).then(Script::html(PAGE)),
        _ => Script::html(PAGE),
    })
    .await;
    let store = WebStore::with(&entries("First")).await;
    let mut proxy = shop(&origin, &store).start().await;
    let mut visitor = proxy.client().await;
    visitor.request(Request::get("/slow").to_bytes()).await;
    gate.reached().await;
    assert_eq!(asked(&proxy, "/readyz").await.0, 200);
    proxy.drain();
    let draining = until(&proxy, "/readyz", "the drain", |page| page.status == 503).await;
    assert_eq!(draining.text(), "draining\n");
    assert_eq!(asked(&proxy, "/healthz").await.0, 200, "it is not to be killed");
    let status: serde_json::Value =
        serde_json::from_slice(&proxy.operator("/status.json").await.body).unwrap();
    assert_eq!((&status["draining"], &status["connections"]["open"]), (&true.into(), &1.into()));
    assert_eq!(asked(&proxy, "/metrics").await.0, 200);
    gate.open();
    assert_eq!(visitor.read_response().await.text(), printed("First"));
    let admin = proxy.admin();
    assert!(proxy.stop().await, "nothing was cut off");
    assert!(tokio::net::TcpStream::connect(admin).await.is_err(), "it ends with the process");
}
