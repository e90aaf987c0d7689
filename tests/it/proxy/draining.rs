//! Stopping without anybody noticing.

use super::{PAGE, PRINTED, plain};
use crate::support::{Client, End, Gate, Origin, Proxy, Request, Script, within};

/// A visitor in the middle of a page, whose other half comes when the gate opens.
async fn half_way(drain: &str) -> (Origin, Proxy, Client, Gate) {
    let gate = Gate::new();
    let held = gate.clone();
    let script = move |_: &_| Script::html(PAGE).chunked().wait(&held).body(PAGE);
    let origin = Origin::serve(script).await;
    let proxy = Proxy::before(&origin).timeout("drain", drain).start().await;
    let mut client = proxy.client().await;
    client.request(Request::get("/").to_bytes()).await;
    client.read_head().await;
    client.read_until_body_contains("tail").await;
    (origin, proxy, client, gate)
}

async fn until_refused(proxy: &Proxy) {
    within("new connections to be refused", async { while proxy.is_listening().await {} }).await;
}

#[tokio::test]
async fn nothing_under_way_is_no_wait() {
    let (_origin, proxy) = plain().await;
    assert_eq!(proxy.get("/").await.text(), PRINTED);
    assert!(proxy.stop().await);
}

#[tokio::test]
async fn a_page_under_way_comes_to_its_end() {
    let (_origin, mut proxy, mut client, gate) = half_way("10s").await;
    proxy.drain();
    until_refused(&proxy).await;
    gate.open();
    let page = client.read_rest().await;
    assert_eq!((page.text(), page.complete), ([PRINTED, PRINTED].concat(), true));
    assert_eq!(client.closed_by_peer().await, End::Closed);
    assert!(proxy.stop().await);
}

#[tokio::test]
async fn a_request_the_origin_still_thinks_about_is_answered() {
    let gate = Gate::new();
    let held = gate.clone();
    let origin = Origin::serve(move |_| Script::new().wait(&held).then(Script::html(PAGE))).await;
    let mut proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    client.request(Request::get("/").to_bytes()).await;
    gate.reached().await;
    proxy.drain();
    until_refused(&proxy).await;
    gate.open();
    let page = client.read_response().await;
    assert_eq!(page.text(), PRINTED);
    assert_eq!(page.header("connection"), Some("close"));
    assert!(proxy.stop().await);
}

#[tokio::test]
async fn idle_connections_are_closed() {
    let (_origin, mut proxy) = plain().await;
    let mut kept = proxy.client().await;
    kept.get("/").await;
    let mut silent = proxy.client().await;
    // The silent connection has been accepted when a later one is served.
    proxy.get("/").await;
    proxy.drain();
    assert_eq!(kept.closed_by_peer().await, End::Closed);
    assert_eq!(silent.closed_by_peer().await, End::Closed);
    assert!(proxy.stop().await);
}

#[tokio::test]
async fn the_deadline_aborts_what_is_left() {
    let (_origin, proxy, mut client, gate) = half_way("200ms").await;
    assert!(!proxy.stop().await, "half a page is no clean end");
    assert!(!client.read_rest().await.complete);
    gate.open();
}

#[tokio::test]
async fn a_tunnel_ends_at_the_deadline() {
    let origin = Origin::serve(|_| Script::upgrade("websocket").echo_upgraded()).await;
    let proxy = Proxy::before(&origin).timeout("drain", "200ms").start().await;
    let mut client = proxy.client().await;
    let request = Request::get("/").header("Connection", "upgrade").header("Upgrade", "websocket");
    client.request(request.to_bytes()).await;
    assert_eq!(client.read_head().await.status, 101);
    client.send("x").await;
    client.read_exact(1).await;
    assert!(!proxy.stop().await);
    client.closed_by_peer().await;
    origin.until("the tunnel's connection to end", |log| log.ended == 1).await;
}

/// An answer to HTTP/1.0 may end with its connection; cut, it must not look as if it had ended.
#[tokio::test]
async fn the_deadline_deceives_no_visitor_of_http_1_0() {
    let gate = Gate::new();
    let held = gate.clone();
    let origin =
        Origin::serve(move |_| Script::html("half").chunked().unfinished().wait(&held)).await;
    let proxy = Proxy::before(&origin).timeout("drain", "200ms").start().await;
    let mut client = proxy.client().await;
    client.request("GET / HTTP/1.0\r\nHost: a\r\n\r\n").await;
    client.read_head().await;
    client.read_until_body_contains("half").await;
    assert!(!proxy.stop().await);
    assert!(!client.read_rest().await.complete, "a FIN says that the page is whole");
    gate.open();
}
