//! What a visitor may cost.

use super::{PAGE, PRINTED, assert_serves, plain};
use crate::support::{Client, End, Gate, Origin, Proxy, Request, Script};

async fn status(proxy: &Proxy, request: &Request) -> u16 {
    let response = proxy.client().await.fetch(request).await;
    assert!(response.complete);
    response.status
}

#[tokio::test]
async fn a_head_that_is_too_large_is_a_431() {
    let (origin, proxy) = plain().await;
    let large = Request::get("/").header("Cookie", vec![b'x'; 40 << 10]);
    assert_eq!(status(&proxy, &large).await, 431);
    let many = (0..101).fold(Request::get("/"), |r, nth| r.header(&format!("X-{nth}"), "x"));
    assert_eq!(status(&proxy, &many).await, 431);
    assert_eq!(origin.requests().len(), 0);
    assert_serves(&proxy).await;
}

#[tokio::test]
async fn a_large_head_within_the_limit_arrives() {
    let (origin, proxy) = plain().await;
    let large = Request::get("/").header("Cookie", vec![b'x'; 30 << 10]);
    assert_eq!(status(&proxy, &large).await, 200);
    assert_eq!(origin.request().header("cookie").unwrap().len(), 30 << 10);
}

#[tokio::test]
async fn a_body_over_the_limit_is_a_413() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = Proxy::before(&origin).limit("body", "10KiB").start().await;
    let (within, over) = (vec![b'x'; 10 << 10], vec![b'x'; (10 << 10) + 1]);
    for method in ["POST", "PUT"] {
        let request = || Request::new(method, "/");
        assert_eq!(status(&proxy, &request().body(&within)).await, 200);
        assert_eq!(status(&proxy, &request().chunked(within.chunks(999))).await, 200);
        let whole = origin.requests().len();
        assert_eq!(status(&proxy, &request().body(&over)).await, 413);
        assert_eq!(origin.requests().len(), whole, "what is known to be too large is not sent");
        assert_eq!(status(&proxy, &request().chunked(over.chunks(999))).await, 413);
        assert!(!origin.requests().iter().any(|seen| seen.complete && seen.body.len() > 10 << 10));
    }
    assert_serves(&proxy).await;
}

#[tokio::test]
async fn an_upload_that_stalls_is_a_408() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = Proxy::before(&origin).timeout("progress", "300ms").start().await;
    for head in [
        Request::post("/up").header("Content-Length", "100"),
        Request::post("/up").header("Transfer-Encoding", "chunked"),
    ] {
        let mut client = proxy.client().await;
        client.request(head.to_bytes()).await;
        client.send("5\r\nstart\r\n").await;
        let response = client.read_response().await;
        assert_eq!((response.status, response.complete), (408, true));
        assert_eq!(response.header("connection"), Some("close"));
        client.closed_by_peer().await;
        assert_serves(&proxy).await;
    }
}

#[tokio::test]
async fn an_upload_that_takes_too_long_is_a_408() {
    let gate = Gate::new();
    let held = gate.clone();
    let origin = Origin::early(move |request| match request.target.as_str() {
        "/up" => Script::new().read_body(5).wait(&held),
        _ => Script::html(PAGE),
    })
    .await;
    let proxy = Proxy::before(&origin).timeout("upload", "300ms").start().await;
    let mut client = proxy.client().await;
    client.request(Request::post("/up").header("Content-Length", "100").to_bytes()).await;
    client.send("start").await;
    gate.reached().await;
    assert_eq!(client.read_response().await.status, 408);
    gate.open();
    assert_serves(&proxy).await;
}

#[tokio::test]
async fn a_head_that_stalls_is_a_408() {
    let (_origin, proxy) = limited("head").await;
    let mut client = proxy.client().await;
    client.request("GET / HTTP/1.1\r\nHo").await;
    assert_eq!(client.read_response().await.status, 408);
    client.closed_by_peer().await;
    assert_serves(&proxy).await;
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let (_origin, proxy) = limited("head").await;
    assert_eq!(proxy.client().await.closed_by_peer().await, End::Closed);
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let (_origin, proxy) = limited("keep_alive").await;
    let mut client = proxy.client().await;
    assert_eq!(client.get("/").await.text(), PRINTED);
    assert_eq!(client.closed_by_peer().await, End::Closed);
}

#[tokio::test]
async fn a_visitor_who_does_not_read_is_given_up() {
    let page = "<p>A line of a page.\n".repeat(2 << 20);
    let origin = Origin::serve(move |request| match request.target.as_str() {
        "/large" => Script::html(&page),
        _ => Script::html(PAGE),
    })
    .await;
    let proxy = Proxy::before(&origin).timeout("progress", "300ms").start().await;
    let mut client = Client::connect_narrow(proxy.address()).await;
    client.request(Request::get("/large").to_bytes()).await;
    origin.until("the origin's connection to be closed", |log| log.ended == 1).await;
    assert_serves(&proxy).await;
}

#[tokio::test]
async fn an_exchange_has_an_end() {
    let gate = Gate::new();
    let held = gate.clone();
    let origin = Origin::serve(move |request| match request.target.as_str() {
        "/late" => Script::html("half").chunked().unfinished().wait(&held),
        _ => Script::html(PAGE),
    })
    .await;
    let proxy = Proxy::before(&origin).timeout("total", "400ms").start().await;
    let mut client = proxy.client().await;
    client.request(Request::get("/late").to_bytes()).await;
    client.read_head().await;
    assert!(!client.read_rest().await.complete);
    gate.open();
    assert_serves(&proxy).await;
}

#[tokio::test]
async fn a_slot_that_is_too_large_stays() {
    let large = "x".repeat(2 << 10);
    let page = format!("<p data-overprint=title>{large}</p><p data-overprint=title>y</p>");
    let sent = page.clone();
    let origin = Origin::serve(move |_| Script::html(&sent)).await;
    let proxy = Proxy::before(&origin).limit("max_slot", "1KiB").start().await;
    assert_eq!(proxy.get("/").await.text(), page.replace(">y<", ">Printed<"));
}

/// A site with one limit of 200 ms.
async fn limited(timeout: &str) -> (Origin, Proxy) {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = Proxy::before(&origin).timeout(timeout, "200ms").start().await;
    (origin, proxy)
}

/// What hyper refuses by itself, before there is a request, reads no worse.
#[tokio::test]
async fn a_head_that_is_no_request_gets_a_page_too() {
    let (origin, proxy) = plain().await;
    for (bytes, status) in [
        (b"GET / HTTP/1.1\r\nhost a\r\n\r\n".to_vec(), 400),
        (b"GET /a#b HTTP/1.1\r\nhost: a\r\n\r\n".to_vec(), 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n".to_vec(), 400),
        ([b"GET / HTTP/1.1\r\nhost: a\r\nx: ", &vec![b'x'; 200 << 10][..]].concat(), 431),
        ([b"GET / HTTP/1.1\r\nhost: a\r\n", &b"x: y\r\n".repeat(900)[..], b"\r\n"].concat(), 431),
    ] {
        let mut client = proxy.client().await;
        client.request(&bytes).await;
        let response = client.read_response().await;
        assert_eq!(response.status, status);
        assert!(response.complete);
        let text = response.text();
        assert!(text.contains("<h1>") && text.contains("request "), "{status}: {text}");
        assert_eq!(response.header("connection"), Some("close"));
    }
    assert_eq!(origin.requests().len(), 0);
    assert_serves(&proxy).await;
}
