//! The first visitors of a site: one load, and a page that is printed.

use super::{FOREVER, asleep, until_outcome, until_state};
use crate::hints::{Delivery, PAGE, SECRET, entries, pages, printed, until_printed};
use crate::support::{Gate, Origin, Request, Script, WebStore, nobody_listens};

#[tokio::test]
async fn the_first_visitor_waits_beside_the_origin_and_is_printed_for() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let gate = store.hold();
    let proxy = asleep(&origin, &store, FOREVER).start().await;
    assert_eq!(store.looks(), 0, "nobody has asked for it");
    let mut visitor = proxy.client().await;
    visitor.request(Request::get("/").to_bytes()).await;
    // Both are asked before either has answered.
    gate.reached().await;
    origin.until("the origin to be asked", |log| log.requests.len() == 1).await;
    gate.open();
    assert_eq!(visitor.read_response().await.text(), printed("First"));
    until_outcome(&proxy, "woven", 1).await;
    assert_eq!(proxy.get("/").await.text(), printed("First"));
    assert_eq!((store.looks(), origin.requests().len()), (1, 2));
}

/// What the origin takes is time for the content, however short its own is.
#[tokio::test]
async fn a_slow_origin_costs_the_content_nothing() {
    let gate = Gate::new();
    let held = gate.clone();
    let origin = Origin::serve(move |_| Script::new().wait(&held).then(Script::html(PAGE))).await;
    let store = WebStore::with(&entries("First")).await;
    let proxy = asleep(&origin, &store, "1ms").start().await;
    let mut visitor = proxy.client().await;
    visitor.request(Request::get("/").to_bytes()).await;
    gate.reached().await;
    until_state(&proxy, 0, "live").await;
    gate.open();
    assert_eq!(visitor.read_response().await.text(), printed("First"));
}

#[tokio::test]
async fn fifty_at_once_are_one_load() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let gate = store.hold();
    let proxy = asleep(&origin, &store, FOREVER).start().await;
    let mut visitors = Vec::new();
    for _ in 0..50 {
        let mut visitor = proxy.client().await;
        visitor.request(Request::get("/").to_bytes()).await;
        visitors.push(visitor);
    }
    origin.until("fifty requests", |log| log.requests.len() == 50).await;
    gate.reached().await;
    gate.open();
    for mut visitor in visitors {
        assert_eq!(visitor.read_response().await.text(), printed("First"));
    }
    assert_eq!(store.looks(), 1);
}

#[tokio::test]
async fn a_visitor_who_leaves_does_not_end_the_load() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let gate = store.hold();
    let proxy = asleep(&origin, &store, FOREVER).start().await;
    let mut visitor = proxy.client().await;
    visitor.request(Request::get("/").to_bytes()).await;
    gate.reached().await;
    visitor.reset();
    origin.until("the origin's connection", |log| log.connections == 1).await;
    gate.open();
    until_state(&proxy, 0, "live").await;
    assert_eq!(proxy.get("/").await.text(), printed("First"));
    assert_eq!(store.looks(), 1);
}

/// What is said of a page is said of the one that is sent: with the stamp of what it waited for.
#[tokio::test]
async fn the_first_page_has_the_headers_of_every_other() {
    let origin = Origin::serve(|_| {
        Script::html(PAGE).header("etag", "\"v1\"").header("accept-ranges", "bytes")
    })
    .await;
    let store = WebStore::with(&entries("First")).await;
    let proxy = asleep(&origin, &store, FOREVER).start().await;
    let mut visitor = proxy.client().await;
    let (first, second) = (visitor.get("/").await, visitor.get("/").await);
    assert_eq!(first.text(), printed("First"));
    assert_eq!(first.headers.names(), second.headers.names());
    assert_eq!(first.header("etag"), second.header("etag"));
    assert!(first.header("etag").unwrap().starts_with("W/\"v1--op-"), "{:?}", first.headers);
    // A tag of ours that was given before the site fell asleep.
    let again = Request::get("/").header("If-None-Match", first.header("etag").unwrap());
    let cold = asleep(&origin, &store, FOREVER).start().await;
    let page = cold.client().await.fetch(&again).await;
    assert_eq!((page.status, page.text()), (200, printed("First")));
    assert_eq!(page.header("etag"), first.header("etag"), "of any process");
    assert_eq!(origin.requests()[2].header("if-none-match"), None, "nothing could be known");
}

/// A part of a page cannot be printed on: it is asked for as a whole once there is content.
#[tokio::test]
async fn a_part_of_a_page_is_the_whole_page_when_the_content_has_come() {
    let origin = Origin::serve(|request| match request.header("range") {
        Some(_) => Script::html(&PAGE[..9])
            .status(206)
            .header("content-range", format!("bytes 0-8/{}", PAGE.len())),
        None => Script::html(PAGE),
    })
    .await;
    let store = WebStore::with(&entries("First")).await;
    let proxy = asleep(&origin, &store, FOREVER).start().await;
    let part = Request::get("/").header("Range", "bytes=0-8");
    let page = proxy.client().await.fetch(&part).await;
    assert_eq!((page.status, page.text()), (200, printed("First")));
    assert_eq!(page.header("content-range"), None);
}

#[tokio::test]
async fn once_awake_it_is_told_of_what_is_new() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let proxy = asleep(&origin, &store, FOREVER).secret(SECRET).start().await;
    assert_eq!(proxy.get("/").await.text(), printed("First"));
    store.publish(&entries("Second")).await;
    let hook = Delivery::of("msg_1").request();
    assert_eq!(proxy.client().await.fetch(&hook).await.status, 202);
    until_printed(&proxy, "Second").await;
    assert_eq!(store.looks(), 2);
}

#[tokio::test]
async fn an_origin_that_is_down_is_a_502_and_the_content_is_loaded_all_the_same() {
    let store = WebStore::with(&entries("First")).await;
    let address = nobody_listens().await;
    let mut origin = pages().await;
    origin.stop().await;
    let gate = store.hold();
    let proxy = asleep(&origin, &store, FOREVER).start().await;
    assert_eq!(proxy.get("/").await.status, 502, "nobody waits for content to say so: {address}");
    gate.reached().await;
    gate.open();
    until_state(&proxy, 0, "live").await;
    let _back = Origin::serve_at(origin.address(), |_| Script::html(PAGE)).await;
    assert_eq!(proxy.get("/").await.text(), printed("First"));
}
