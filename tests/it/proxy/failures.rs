//! Origins that fail, each in its own way: the visitor is told, nobody is deceived, and the next
//! request works.

use super::{PAGE, PRINTED, assert_serves, document, fetch};
use crate::support::nobody_listens;
use crate::support::{Client, Gate, Origin, Proxy, RawRequest, Request, Response, Script};

/// An origin that fails at `/bad` only.
fn failing(script: impl Fn() -> Script + Send + Sync + 'static) -> impl Fn(&RawRequest) -> Script {
    move |request| if request.target == "/bad" { script() } else { Script::html(PAGE) }
}

/// The answer to a `/bad` that never began, and that things go on after it.
async fn bad(script: fn() -> Script) -> Response {
    let origin = Origin::serve(failing(script)).await;
    let proxy = Proxy::before(&origin)
        .timeout("first_byte", "300ms")
        .timeout("connect", "300ms")
        .start()
        .await;
    let mut client = proxy.client().await;
    let response = client.fetch(&document("/bad")).await;
    assert_eq!(client.get("/").await.text(), PRINTED, "on the same connection");
    assert_serves(&proxy).await;
    response
}

#[tokio::test]
async fn an_origin_that_refuses_is_a_502() {
    let proxy = Proxy::before(&Origin::serve(|_| Script::html(PAGE)).await)
        .site(format!("http://{}", nobody_listens().await))
        .set("hosts = \"down.test\"")
        .start()
        .await;
    let response = fetch(&proxy, &document("/").host("down.test")).await;
    assert_eq!(response.status, 502);
}

#[tokio::test]
async fn an_origin_that_comes_back_is_found() {
    let address = nobody_listens().await;
    let mut origin = Origin::serve_at(address, |_| Script::html(PAGE)).await;
    let proxy = Proxy::start(&origin).await;
    assert_serves(&proxy).await;
    origin.stop().await;
    assert_eq!(proxy.get("/").await.status, 502);
    let _back = Origin::serve_at(address, |_| Script::html(PAGE)).await;
    assert_serves(&proxy).await;
}

#[tokio::test]
async fn an_origin_that_ends_before_its_answer_is_a_502() {
    for script in [
        || Script::new().reset(),
        || Script::new().close(),
        || Script::raw("HTTP/1.1 200 OK\r\ncontent-ty").close(),
        || Script::raw("HTTP/1.1 200 OK\r\ncontent-ty").reset(),
        || Script::raw("HTTP/1.1 100 Continue\r\n\r\n").close(),
    ] {
        let response = bad(script).await;
        assert_eq!((response.status, response.complete), (502, true));
    }
}

#[tokio::test]
async fn garbage_is_a_502() {
    for script in [
        || Script::raw("\u{16}\u{3}\u{1} no HTTP at all\r\n\r\n").close(),
        || Script::raw("HTTP/1.1 abc\r\n\r\n").close(),
        || Script::raw("HTTP/1.1 200 OK\r\nno colon\r\n\r\n").close(),
        || {
            Script::raw("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx")
                .close()
        },
        || Script::raw(format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(1 << 20))).close(),
    ] {
        assert_eq!(bad(script).await.status, 502);
    }
}

#[tokio::test]
async fn an_origin_that_never_answers_is_a_504() {
    assert_eq!(bad(|| Script::new().stall()).await.status, 504);
    assert_eq!(bad(|| Script::raw("HTTP/1.1 200 OK\r\n").stall()).await.status, 504);
}

#[tokio::test]
async fn a_slow_upload_is_no_slow_origin() {
    let origin = Origin::serve(|request| Script::answer("text/plain", &request.body)).await;
    let proxy = Proxy::before(&origin).timeout("first_byte", "200ms").start().await;
    let mut client = proxy.client().await;
    client.request(Request::post("/").header("Content-Length", "4").to_bytes()).await;
    client.send("sl").await;
    origin.until("half the upload", |log| log.connections == 1).await;
    // Others wait in vain for their answers meanwhile: more than the limit has passed.
    let stalled = Origin::serve(|_| Script::new().stall()).await;
    let clock = Proxy::before(&stalled).timeout("first_byte", "400ms").start().await;
    assert_eq!(clock.get("/").await.status, 504);
    client.send("ow").await;
    assert_eq!(client.read_response().await.text(), "slow");
}

/// Reads the first half of a body, lets the origin do what it does next, and reads on.
async fn second_half(script: impl Fn(Gate) -> Script + Send + Sync + 'static) -> Response {
    let gate = Gate::new();
    let held = gate.clone();
    let origin = Origin::serve(failing(move || script(held.clone()))).await;
    let proxy = Proxy::before(&origin).timeout("idle", "300ms").start().await;
    let mut client = proxy.client().await;
    client.request(document("/bad").to_bytes()).await;
    client.read_head().await;
    client.read_until_body_contains("half").await;
    gate.open();
    let response = client.read_rest().await;
    assert_serves(&proxy).await;
    response
}

#[tokio::test]
async fn a_body_cut_short_is_never_taken_for_whole() {
    for kind in ["text/html; charset=utf-8", "text/plain"] {
        let length = move |gate| Script::answer(kind, "half").unfinished().wait(&gate);
        assert!(!second_half(length).await.complete, "{kind} by length");
        let chunked = move |gate| Script::answer(kind, "half").chunked().unfinished().wait(&gate);
        assert!(!second_half(chunked).await.complete, "{kind} by chunks");
        let reset =
            move |gate| Script::answer(kind, "half").chunked().unfinished().wait(&gate).reset();
        assert!(!second_half(reset).await.complete, "{kind} by chunks, reset");
        let until = move |gate| Script::answer(kind, "half").until_close().wait(&gate).reset();
        assert!(!second_half(until).await.complete, "{kind} until a reset");
        let garbage = move |gate| {
            Script::answer(kind, "half").chunked().unfinished().wait(&gate).send("no chunk\r\n")
        };
        assert!(!second_half(garbage).await.complete, "{kind} in bad chunks");
    }
}

#[tokio::test]
async fn an_origin_that_stalls_in_a_body_is_given_up() {
    for kind in ["text/html; charset=utf-8", "text/plain"] {
        let stalls =
            move |gate| Script::answer(kind, "half").chunked().unfinished().wait(&gate).stall();
        assert!(!second_half(stalls).await.complete, "{kind}");
    }
}

#[tokio::test]
async fn a_visitor_of_http_1_0_is_not_deceived_either() {
    let gate = Gate::new();
    let held = gate.clone();
    let script = move || Script::html("half").chunked().unfinished().wait(&held).reset();
    let origin = Origin::serve(failing(script)).await;
    let proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    client.request("GET /bad HTTP/1.0\r\nHost: a\r\n\r\n").await;
    client.read_head().await;
    client.read_until_body_contains("half").await;
    gate.open();
    assert!(!client.read_rest().await.complete, "a FIN says that the page is whole");
}

// === Pooled connections ===

/// Ends a connection that has served one request when the next comes on it.
fn forgetful(request: &RawRequest) -> Script {
    match request.target.as_str() {
        "/again" if request.connection == 0 => Script::new().close(),
        _ => Script::html(PAGE),
    }
}

#[tokio::test]
async fn a_stale_connection_is_tried_again_where_that_is_safe() {
    for method in ["GET", "OPTIONS"] {
        let origin = Origin::serve(forgetful).await;
        let proxy = Proxy::start(&origin).await;
        assert_serves(&proxy).await;
        let response = fetch(&proxy, &Request::new(method, "/again")).await;
        assert_eq!((response.status, response.text().as_str()), (200, PRINTED), "{method}");
        assert_eq!((origin.requests().len(), origin.connections()), (3, 2), "{method}");
    }
}

#[tokio::test]
async fn what_may_have_happened_does_not_happen_twice() {
    let post = Request::post("/again");
    for request in [
        post.clone(),
        post.clone().body("item=1"),
        post.chunked(["item=1"]),
        Request::get("/again").body("x"),
        Request::new("DELETE", "/again"),
    ] {
        let origin = Origin::serve(forgetful).await;
        let proxy = Proxy::start(&origin).await;
        assert_serves(&proxy).await;
        assert_eq!(fetch(&proxy, &request).await.status, 502);
        assert_eq!(origin.requests().len(), 2, "it was sent again");
        assert_serves(&proxy).await;
    }
}

/// Only a connection that has served before may just have been closed: a new one says no.
#[tokio::test]
async fn a_new_connection_is_not_tried_twice() {
    let origin = Origin::serve(failing(|| Script::new().close())).await;
    let proxy = Proxy::start(&origin).await;
    assert_eq!(proxy.get("/bad").await.status, 502);
    assert_eq!(origin.requests().len(), 1);
}

#[tokio::test]
async fn an_answer_that_has_begun_is_not_asked_for_again() {
    let origin = Origin::serve(failing(|| Script::raw("HTTP/1.1 200 OK\r\nX: ").close())).await;
    let proxy = Proxy::start(&origin).await;
    assert_serves(&proxy).await;
    let before = origin.requests().len();
    assert_eq!(proxy.get("/bad").await.status, 502);
    assert_eq!(origin.requests().len(), before + 1);
}

// === Visitors who leave ===

async fn leaves_during(script: fn() -> Script, leave: impl AsyncFnOnce(Client)) {
    let origin = Origin::serve(failing(script)).await;
    let proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    client.request(document("/bad").to_bytes()).await;
    origin.until("the request", |log| log.requests.len() == 1).await;
    leave(client).await;
    origin.until("the origin's connection to be closed", |log| log.ended == 1).await;
    assert_serves(&proxy).await;
}

#[tokio::test]
async fn nobody_works_for_a_visitor_who_has_left() {
    leaves_during(|| Script::new().stall(), async |client| client.reset()).await;
    leaves_during(|| Script::new().stall(), async |client| drop(client)).await;
    let half = || Script::html("half").chunked().unfinished().stall();
    leaves_during(half, async |mut client| {
        client.read_head().await;
        client.read_until_body_contains("half").await;
        client.reset();
    })
    .await;
}

// === What the visitor reads ===

#[tokio::test]
async fn the_error_page_says_what_a_visitor_can_use_and_no_more() {
    let address = nobody_listens().await;
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = Proxy::before(&origin)
        .site(format!("http://{address}"))
        .set("hosts = \"down.test\"")
        .start()
        .await;
    let mut ids = Vec::new();
    for (accept, kind) in [("text/html,*/*", "text/html"), ("application/json", "text/plain")] {
        let request = Request::get("/secret").host("down.test").header("Accept", accept);
        let response = fetch(&proxy, &request).await;
        assert!(response.header("content-type").unwrap().starts_with(kind), "{accept}");
        assert_eq!(response.header("cache-control"), Some("no-store"));
        let text = response.text();
        assert!(text.contains("502"), "{text}");
        let port = address.port().to_string();
        for internal in ["127.0.0.1", &port, "down.test", "secret", "refused", "hyper"] {
            assert!(!text.contains(internal), "{internal} in {text}");
        }
        let (_, id) = text.split_once("request ").expect("a request id");
        ids.push(id.chars().take_while(char::is_ascii_hexdigit).collect::<String>());
    }
    assert!(ids.iter().all(|id| id.len() == 16) && ids[0] != ids[1], "{ids:?}");
}

// === Early answers ===

#[tokio::test]
async fn an_early_refusal_reaches_a_visitor_who_still_uploads() {
    let refuse =
        || Script::answer("text/plain", "too large").status(413).header("connection", "close");
    let endings: [fn(Script) -> Script; 2] =
        [|script| script.half_close().stall(), |script| script.read_body(1 << 16).close()];
    for ending in endings {
        let origin = Origin::early(failing(move || ending(refuse()))).await;
        let proxy = Proxy::start(&origin).await;
        let mut client = proxy.client().await;
        let head = Request::post("/bad").header("Content-Length", (8 << 20).to_string());
        client.request(head.to_bytes()).await;
        client.send(vec![b'x'; 1 << 16]).await;
        let response = client.read_response().await;
        assert_eq!((response.status, response.text().as_str()), (413, "too large"));
        assert!(response.complete);
        assert_serves(&proxy).await;
    }
}

#[tokio::test]
async fn an_early_answer_survives_a_client_that_reads_only_after_its_upload() {
    let origin =
        Origin::early(failing(|| Script::answer("text/plain", "thanks").status(200))).await;
    let proxy = Proxy::start(&origin).await;
    let response = fetch(&proxy, &Request::post("/bad").body(vec![b'x'; 1 << 20])).await;
    assert_eq!((response.status, response.text().as_str()), (200, "thanks"));
    assert_serves(&proxy).await;
}
