//! Connections that become something else.

use super::{PAGE, PRINTED, assert_serves, fetch};
use crate::support::{Client, End, Origin, Proxy, RawRequest, Request, Script};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

fn websocket() -> Request {
    Request::get("/socket")
        .header("Connection", "keep-alive, Upgrade")
        .header("Upgrade", "WebSocket")
        .header("Sec-WebSocket-Key", KEY)
        .header("Sec-WebSocket-Version", "13")
}

/// Becomes an echo where it is asked to, and else a page.
fn echoing(request: &RawRequest) -> Script {
    match request.header("upgrade") {
        Some("websocket") => Script::upgrade("websocket")
            .header("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            .echo_upgraded(),
        _ => Script::html(PAGE),
    }
}

async fn tunnel(proxy: &Proxy) -> Client {
    let mut client = proxy.client().await;
    client.request(websocket().to_bytes()).await;
    let head = client.read_head().await;
    assert_eq!((head.status, head.header("upgrade")), (101, Some("websocket")));
    assert_eq!(head.header("connection").map(str::to_ascii_lowercase), Some("upgrade".into()));
    assert_eq!(head.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    client
}

#[tokio::test]
async fn a_websocket_carries_bytes_both_ways() {
    let origin = Origin::serve(echoing).await;
    let proxy = Proxy::start(&origin).await;
    let mut client = tunnel(&proxy).await;
    let seen = origin.request();
    assert_eq!(seen.header("connection"), Some("upgrade"));
    assert_eq!(seen.header("sec-websocket-key"), Some(KEY));
    for bytes in [&b"\x81\x05hello"[..], b"<p data-overprint=\"title\">x</p>", b"\0\xff\r\n\r\n"] {
        client.send(bytes).await;
        assert_eq!(client.read_exact(bytes.len()).await, bytes);
    }
    assert_serves(&proxy).await;
}

#[tokio::test]
async fn bytes_behind_the_request_are_not_lost() {
    let origin = Origin::serve(echoing).await;
    let proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    client.request([websocket().to_bytes(), b"early".to_vec()].concat()).await;
    assert_eq!(client.read_head().await.status, 101);
    assert_eq!(client.read_exact(5).await, b"early");
}

#[tokio::test]
async fn bytes_behind_the_answer_are_not_lost() {
    let origin = Origin::serve(|_| {
        let head = "HTTP/1.1 101 .\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nfirst";
        Script::raw(head).echo_upgraded()
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    client.request(websocket().to_bytes()).await;
    assert_eq!(client.read_head().await.status, 101);
    assert_eq!(client.read_exact(5).await, b"first");
}

#[tokio::test]
async fn a_direction_may_end_before_the_other() {
    let origin = Origin::serve(echoing).await;
    let proxy = Proxy::start(&origin).await;
    let mut client = tunnel(&proxy).await;
    client.send("last words").await;
    client.half_close().await;
    assert_eq!(client.read_exact(10).await, b"last words");
    assert_eq!(client.closed_by_peer().await, End::Closed);
    origin.until("the tunnel's connection to end", |log| log.ended == 1).await;
}

#[tokio::test]
async fn a_visitor_who_leaves_ends_the_tunnel() {
    let origin = Origin::serve(echoing).await;
    let proxy = Proxy::start(&origin).await;
    tunnel(&proxy).await.reset();
    origin.until("the tunnel's connection to end", |log| log.ended == 1).await;
}

#[tokio::test]
async fn a_silent_tunnel_ends() {
    let origin = Origin::serve(echoing).await;
    let proxy = Proxy::before(&origin).timeout("tunnel_idle", "200ms").start().await;
    let mut client = tunnel(&proxy).await;
    client.closed_by_peer().await;
    origin.until("the tunnel's connection to end", |log| log.ended == 1).await;
}

#[tokio::test]
async fn a_refused_upgrade_is_answered() {
    let origin = Origin::serve(|request| match request.target.as_str() {
        "/socket" => Script::answer("text/plain", "no sockets").status(403),
        _ => Script::html(PAGE),
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    let response = client.fetch(&websocket()).await;
    assert_eq!((response.status, response.text().as_str()), (403, "no sockets"));
    assert_eq!(client.get("/").await.text(), PRINTED);
}

#[tokio::test]
async fn an_upgrade_nobody_asked_for_is_a_502() {
    let origin = Origin::serve(|request| match request.target.as_str() {
        "/odd" => Script::upgrade("websocket").stall(),
        _ => Script::html(PAGE),
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    let response = client.fetch(&Request::get("/odd")).await;
    assert_eq!(response.status, 502);
    assert_eq!(client.get("/").await.text(), PRINTED);
    origin.until("the odd connection to be closed", |log| log.ended == 1).await;
}

#[tokio::test]
async fn other_upgrades_are_ordinary_requests() {
    for (protocol, connection) in
        [("h2c", "Upgrade, HTTP2-Settings"), ("TLS/1.3", "upgrade"), ("websocket", "keep-alive")]
    {
        let origin = Origin::serve(echoing).await;
        let proxy = Proxy::start(&origin).await;
        let request = Request::get("/")
            .header("Connection", connection)
            .header("Upgrade", protocol)
            .header("HTTP2-Settings", "AAMAAABkAAQAAP__");
        let response = fetch(&proxy, &request).await;
        assert_eq!((response.status, response.text().as_str()), (200, PRINTED), "{protocol}");
        let head = String::from_utf8(origin.request().head).unwrap().to_ascii_lowercase();
        assert!(!head.contains("upgrade") && !head.contains("http2-settings"), "{head}");
    }
}

#[tokio::test]
async fn a_request_with_a_body_is_never_upgraded() {
    let origin = Origin::serve(echoing).await;
    let proxy = Proxy::start(&origin).await;
    let request =
        Request::post("/").header("Connection", "upgrade").header("Upgrade", "websocket").body("x");
    assert_eq!(fetch(&proxy, &request).await.text(), PRINTED);
    assert_eq!(origin.request().header("upgrade"), None);
}
