//! Sites whose content is not in memory: not yet, or not any more. The first visitor has it loaded,
//! and waits for it beside the origin, but not for long.

mod memory;
mod patience;
mod waking;

use crate::hints::{PAGE, entries, pages, printed};
use crate::support::{Origin, Proxy, Request, Response, Setup, WebStore, within};

/// Longer than any story lasts: what waits so long is found out.
const FOREVER: &str = "60s";

/// A site `shop` that is asleep, and whose first visitor waits for `patience`.
fn asleep(origin: &Origin, store: &WebStore, patience: &str) -> Setup {
    Proxy::before(origin)
        .named("shop")
        .content_at(store.url())
        .set("refresh.poll = \"1h\"")
        .count("preload", 0)
        .timeout("content_wait", patience)
        .admin()
}

/// What `/status.json` says of the `nth` site.
async fn site(proxy: &Proxy, nth: usize) -> serde_json::Value {
    let page = proxy.operator("/status.json").await;
    serde_json::from_slice::<serde_json::Value>(&page.body).unwrap()["sites"][nth].take()
}

/// Waits until the `nth` site's content is in this state.
async fn until_state(proxy: &Proxy, nth: usize, state: &str) -> serde_json::Value {
    let asking = async {
        loop {
            let site = site(proxy, nth).await;
            if site["state"] == state {
                break site;
            }
        }
    };
    within(&format!("site {nth} to be {state}"), asking).await
}

/// Waits until so many requests had this outcome.
async fn until_outcome(proxy: &Proxy, outcome: &str, count: usize) {
    let (label, number) = (format!("outcome=\"{outcome}\""), format!("}} {count}"));
    let counted = async {
        loop {
            let text = proxy.operator("/metrics").await.text();
            let mut lines =
                text.lines().filter(|line| line.starts_with("overprint_requests_total"));
            if lines.any(|line| line.contains(&label) && line.ends_with(&number)) {
                break;
            }
        }
    };
    within(&format!("{count} of {outcome}"), counted).await;
}

/// One page for a host.
async fn visit(proxy: &Proxy, host: &str) -> Response {
    proxy.client().await.fetch(&Request::get("/").host(host)).await
}

#[tokio::test]
async fn what_is_not_loaded_at_the_start_is_loaded_for_its_first_visitor() {
    let (one, two) = (entries("One"), entries("Two"));
    let (first, second) = tokio::join!(WebStore::with(&one), WebStore::with(&two));
    let origin = pages().await;
    let proxy = Proxy::before(&origin)
        .named("one")
        .content_at(first.url())
        .set("hosts = \"one.example.com\"")
        .site(origin.url())
        .named("two")
        .content_at(second.url())
        .set("hosts = \"two.example.com\"")
        .count("preload", 1)
        .timeout("content_wait", FOREVER)
        .admin()
        .start()
        .await;
    assert_eq!((first.looks(), second.looks()), (1, 0));
    let states = [site(&proxy, 0).await["state"].take(), site(&proxy, 1).await["state"].take()];
    assert_eq!(states, ["live", "asleep"]);
    let ready = proxy.operator("/readyz?strict").await;
    assert_eq!((ready.status, ready.text().as_str()), (200, "ready\n"), "asleep is in order");
    assert_eq!(visit(&proxy, "two.example.com").await.text(), printed("Two"));
    assert_eq!(visit(&proxy, "one.example.com").await.text(), printed("One"));
    assert_eq!(visit(&proxy, "two.example.com").await.text(), printed("Two"));
    until_state(&proxy, 1, "live").await;
    assert_eq!((first.looks(), second.looks()), (1, 1));
}

/// Whether it sleeps or not is nobody's business but its own.
#[tokio::test]
async fn a_site_that_wakes_takes_nobody_out_of_the_load_balancer() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let gate = store.hold();
    let proxy = asleep(&origin, &store, FOREVER).start().await;
    let mut visitor = proxy.client().await;
    visitor.request(Request::get("/").to_bytes()).await;
    gate.reached().await;
    for target in ["/readyz", "/readyz?strict"] {
        let ready = proxy.operator(target).await;
        assert_eq!((ready.status, ready.text().as_str()), (200, "ready\n"), "{target}");
    }
    gate.open();
    assert_eq!(visitor.read_response().await.text(), printed("First"));
    assert_eq!(proxy.operator("/readyz?strict").await.status, 200);
    assert_ne!(printed("First"), PAGE);
}
