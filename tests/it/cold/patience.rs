//! How long a visitor waits for content: as long as is allowed, for a page alone, and not again for
//! what was looked for in vain.

use super::{FOREVER, asleep, until_outcome, until_state};
use crate::hints::{PAGE, entries, pages, printed, until_printed};
use crate::support::{Gate, Origin, Request, Script, WebStore};

const DATE: &str = "Mon, 01 Jan 2024 00:00:00 GMT";

/// An origin that answers conditions and says when its page was made.
async fn dated() -> Origin {
    Origin::serve(|request| {
        let known = request.header("if-none-match") == Some("\"v1\"");
        let answer = if known { Script::empty(304) } else { Script::html(PAGE) };
        answer.header("etag", "\"v1\"").header("last-modified", DATE).header("date", DATE)
    })
    .await
}

#[tokio::test]
async fn past_the_wait_the_page_passes_as_it_is_and_the_next_is_printed() {
    let (store, origin) = (WebStore::with(&entries("First")).await, dated().await);
    let warm = asleep(&origin, &store, FOREVER).start().await;
    let ours = warm.get("/").await.header("etag").unwrap().to_owned();
    let gate = store.hold();
    let proxy = asleep(&origin, &store, "50ms").start().await;
    let request = Request::get("/")
        .header("If-None-Match", &ours)
        .header("If-Modified-Since", DATE)
        .header("Accept-Encoding", "gzip, sdch");
    let mut visitor = proxy.client().await;
    let late = visitor.fetch(&request).await;
    assert_eq!((late.status, late.text().as_str()), (200, PAGE));
    assert_eq!(late.header("etag"), Some("\"v1\""), "the origin's own page has its own tag");
    let length = PAGE.len().to_string();
    assert_eq!(late.header("content-length"), Some(&*length));
    assert_eq!(late.header("last-modified"), Some(DATE));
    let names =
        ["content-type", "etag", "last-modified", "date", "content-length", "cache-control"];
    assert_eq!(late.headers.names(), names, "nothing else is added, and nothing taken away");
    assert_eq!(late.header("cache-control"), Some("no-store"), "the next one is printed");
    let seen = origin.requests().pop().unwrap();
    assert_eq!(seen.header("if-none-match"), None, "a tag of ours is not for the origin");
    assert_eq!(seen.header("if-modified-since"), None, "a 304 would be of another page");
    assert_eq!(seen.header("accept-encoding"), Some("gzip"));
    until_outcome(&proxy, "content_late", 1).await;
    gate.open();
    until_state(&proxy, 0, "live").await;
    let page = visitor.fetch(&Request::get("/").header("If-None-Match", "\"v1\"")).await;
    assert_eq!((page.status, page.text()), (200, printed("First")), "the late tag is not ours");
    assert_eq!(store.looks(), 2, "one for each proxy");
}

#[tokio::test]
async fn whoever_comes_during_the_load_waits_no_longer() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let gate = store.hold();
    let proxy = asleep(&origin, &store, "50ms").start().await;
    for _ in 0..3 {
        assert_eq!(proxy.get("/").await.text(), PAGE);
    }
    until_outcome(&proxy, "content_late", 3).await;
    assert_eq!(store.looks(), 1, "and it is looked for once");
    gate.open();
    until_printed(&proxy, "First").await;
}

#[tokio::test]
async fn nobody_waits_where_no_wait_is_allowed() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let gate = store.hold();
    let proxy = asleep(&origin, &store, "0s").start().await;
    assert_eq!(proxy.get("/").await.text(), PAGE);
    gate.reached().await;
    gate.open();
    until_printed(&proxy, "First").await;
}

/// The store hangs, and every one of these is answered all the same.
#[tokio::test]
async fn what_is_no_page_never_waits() {
    let origin = Origin::serve(|request| match request.target.as_str() {
        "/picture" => Script::answer("image/png", "pixels").header("etag", "\"p\""),
        "/data" => Script::answer("application/json", "{}"),
        "/moved" => Script::empty(302).header("location", "/"),
        "/none" => Script::empty(204),
        "/known" => Script::empty(304).header("etag", "\"v1\""),
        "/as-is" => Script::html(PAGE).header("cache-control", "no-transform"),
        "/wide" => Script::answer("text/html; charset=utf-16", "p\0a\0g\0e\0"),
        "/packed" => Script::answer("text/html", "?").header("content-encoding", "compress"),
        "/events" => Script::sse().event("one"),
        "/chat" => Script::upgrade("websocket").echo_upgraded(),
        _ => Script::html(PAGE),
    })
    .await;
    let store = WebStore::with(&entries("First")).await;
    let gate = store.hold();
    let proxy = asleep(&origin, &store, FOREVER).start().await;
    for (target, status, body) in [
        ("/picture", 200, "pixels"),
        ("/data", 200, "{}"),
        ("/moved", 302, ""),
        ("/none", 204, ""),
        ("/known", 304, ""),
        ("/as-is", 200, PAGE),
        ("/wide", 200, "p\0a\0g\0e\0"),
        ("/packed", 200, "?"),
        ("/events", 200, "data: one\n\n"),
    ] {
        let answer = proxy.get(target).await;
        let got = String::from_utf8(answer.body.clone()).unwrap();
        assert_eq!((answer.status, &*got), (status, body), "{target}");
    }
    let as_is = Request::get("/").header("Cache-Control", "no-transform");
    assert_eq!(proxy.client().await.fetch(&as_is).await.text(), PAGE, "a visitor's wish");
    let mut chat = proxy.client().await;
    let upgrade = Request::get("/chat")
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .to_bytes();
    chat.request(upgrade).await;
    assert_eq!(chat.read_head().await.status, 101);
    chat.send("hello").await;
    assert_eq!(chat.read_exact(5).await, b"hello");
    gate.reached().await;
    assert_eq!(store.looks(), 1, "they have woken the site");
    gate.open();
    assert_eq!(proxy.get("/").await.text(), printed("First"));
}

#[tokio::test]
async fn a_picture_keeps_what_its_request_and_its_answer_say() {
    let origin =
        Origin::serve(|_| Script::answer("image/png", "pix").header("etag", "\"p\"")).await;
    let store = WebStore::with(&entries("First")).await;
    let gate = store.hold();
    let proxy = asleep(&origin, &store, FOREVER).start().await;
    let request = Request::get("/picture")
        .header("Accept", "image/avif,image/png,*/*;q=0.8")
        .header("Sec-Fetch-Dest", "image")
        .header("If-None-Match", "\"p0\"")
        .header("If-Modified-Since", DATE)
        .header("Range", "bytes=0-1");
    let picture = proxy.client().await.fetch(&request).await;
    assert_eq!((picture.text().as_str(), picture.header("etag")), ("pix", Some("\"p\"")));
    let seen = origin.request();
    assert_eq!(seen.header("if-none-match"), Some("\"p0\""));
    assert_eq!(seen.header("if-modified-since"), Some(DATE));
    assert_eq!(seen.header("range"), Some("bytes=0-1"));
    gate.open();
}

#[tokio::test]
async fn a_store_that_is_down_is_waited_for_once_and_not_asked_by_every_visitor() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    store.is_down(true);
    let proxy = asleep(&origin, &store, FOREVER).start().await;
    let mut visitor = proxy.client().await;
    for nth in 0..200 {
        assert_eq!(visitor.get("/").await.text(), PAGE, "{nth}");
    }
    until_outcome(&proxy, "no_content", 200).await;
    // Its own retries come after one second, two, four.
    assert!(store.looks() < 10, "{} looks", store.looks());
    let empty = until_state(&proxy, 0, "empty").await;
    assert_eq!(empty["failure"]["reason"], "unavailable");
    // Nor does one wait while it is looked for again.
    let gate = store.hold();
    gate.reached().await;
    assert_eq!(visitor.get("/").await.text(), PAGE);
    store.is_down(false);
    gate.open();
    until_printed(&proxy, "First").await;
}

/// A store that hangs is given up when its time is over, and that is the end of the wait, too.
#[tokio::test]
async fn a_store_that_hangs_ends_the_wait_when_it_is_given_up() {
    let hanging = Origin::serve(|_| Script::new().stall()).await;
    let origin = pages().await;
    let store = WebStore::with(&entries("First")).await;
    let proxy = asleep(&origin, &store, FOREVER)
        .content_at(format!("{}/shop", hanging.url()))
        .timeout("store", "200ms")
        .start()
        .await;
    assert_eq!(proxy.get("/").await.text(), PAGE);
    let empty = until_state(&proxy, 0, "empty").await;
    assert!(!empty["failure"]["reason"].is_null(), "{empty}");
}

/// The gate of an origin, the gate of a store: a visitor who waits for both, and leaves.
#[tokio::test]
async fn the_drain_does_not_wait_for_content() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let gate: Gate = store.hold();
    let mut proxy = asleep(&origin, &store, "300ms").start().await;
    let mut visitor = proxy.client().await;
    visitor.request(Request::get("/").to_bytes()).await;
    gate.reached().await;
    proxy.drain();
    assert_eq!(visitor.read_response().await.text(), PAGE);
    assert!(proxy.stop().await, "nothing was cut off");
    gate.open();
}
