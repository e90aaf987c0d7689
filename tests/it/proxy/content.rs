//! Content that changes while pages are served.

use super::{PAGE, PRINTED, document, fetch};
use crate::support::{Gate, Origin, Proxy, Request, Script, within};

const NEW: &str = r#"{"title": "Edited"}"#;

/// Asks for pages until one contains `text`; every one before is as `before`.
async fn until_printed(proxy: &Proxy, request: &Request, before: &str, text: &str) {
    let printed = async {
        loop {
            let page = fetch(proxy, request).await.text();
            if page.contains(text) {
                break;
            }
            assert_eq!(page, before);
        }
    };
    within("the new content on a page", printed).await;
}

#[tokio::test]
async fn an_edit_shows_on_the_next_page() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    assert_eq!(client.get("/").await.text(), PRINTED);
    proxy.publish(0, NEW);
    until_printed(&proxy, &Request::get("/"), PRINTED, "Edited").await;
    // Also on a connection that was open before.
    assert_eq!(client.get("/").await.text(), PRINTED.replace("Printed", "Edited"));
}

#[tokio::test]
async fn a_page_under_way_keeps_the_content_it_began_with() {
    let gate = Gate::new();
    let held = gate.clone();
    let origin = Origin::serve(move |request| match request.target.as_str() {
        "/slow" => Script::html(PAGE).chunked().wait(&held).body(PAGE),
        _ => Script::html(PAGE),
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let mut slow = proxy.client().await;
    slow.request(document("/slow").to_bytes()).await;
    slow.read_head().await;
    slow.read_until_body_contains("tail").await;
    proxy.publish(0, NEW);
    until_printed(&proxy, &document("/"), PRINTED, "Edited").await;
    gate.open();
    assert_eq!(slow.read_rest().await.text(), [PRINTED, PRINTED].concat());
}

#[tokio::test]
async fn a_request_that_waits_for_the_origin_keeps_its_content() {
    let gate = Gate::new();
    let held = gate.clone();
    let origin = Origin::serve(move |request| match request.target.as_str() {
        "/slow" => Script::new().wait(&held).then(Script::html(PAGE).header("etag", "\"v\"")),
        _ => Script::html(PAGE).header("etag", "\"v\""),
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let before = proxy.get("/").await;
    let mut slow = proxy.client().await;
    slow.request(document("/slow").to_bytes()).await;
    gate.reached().await;
    proxy.publish(0, NEW);
    until_printed(&proxy, &document("/"), PRINTED, "Edited").await;
    gate.open();
    let page = slow.read_response().await;
    assert_eq!(page.text(), PRINTED);
    assert_eq!(page.header("etag"), before.header("etag"), "the tag names what was printed");
}

#[tokio::test]
async fn a_broken_edit_keeps_the_last_good_content() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = Proxy::before(&origin)
        .set("hosts = \"www.example.com\"")
        .site(origin.url())
        .set("hosts = \"canary.test\"")
        .start()
        .await;
    for broken in ["{\"title\": ", "{\"title\": 7}", "", "\u{0}"] {
        proxy.publish(0, broken);
        // A later edit that is live shows that the earlier one has been looked at.
        let text = format!("Canary {}", broken.len());
        proxy.publish(1, &format!("{{\"title\": \"{text}\"}}"));
        let canary = document("/").host("canary.test");
        let live = async { while !fetch(&proxy, &canary).await.text().contains(&text) {} };
        within("the canary's edit", live).await;
        assert_eq!(proxy.get("/").await.text(), PRINTED, "after {broken:?}");
    }
    proxy.publish(0, NEW);
    until_printed(&proxy, &document("/"), PRINTED, "Edited").await;
}

#[tokio::test]
async fn a_content_directory_may_come_later() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = Proxy::before(&origin).content_missing().start().await;
    assert_eq!(proxy.get("/").await.text(), PAGE);
    proxy.publish(0, r#"{"title": "Printed"}"#);
    until_printed(&proxy, &document("/"), PAGE, "Printed").await;
}

#[tokio::test]
async fn broken_content_at_the_start_passes_pages() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = Proxy::before(&origin).content("{").start().await;
    assert_eq!(proxy.get("/").await.text(), PAGE);
    proxy.publish(0, r#"{"title": "Printed"}"#);
    until_printed(&proxy, &document("/"), PAGE, "Printed").await;
}

#[tokio::test]
async fn a_site_without_content_is_passed_untouched_both_ways() {
    let origin = Origin::serve(|_| {
        Script::html(PAGE)
            .header("etag", "\"v1\"")
            .header("last-modified", "Mon, 01 Jan 2024 00:00:00 GMT")
            .header("accept-ranges", "bytes")
            .header("content-md5", "abc")
            .header("date", "Mon, 01 Jan 2024 00:00:00 GMT")
    })
    .await;
    let proxy = Proxy::before(&origin).without_content().start().await;
    let request = document("/")
        .header("If-None-Match", "\"v0\"")
        .header("If-Modified-Since", "Mon, 01 Jan 2024 00:00:00 GMT")
        .header("Range", "bytes=0-1")
        .without("Accept-Encoding")
        .header("Accept-Encoding", "gzip, sdch");
    let response = fetch(&proxy, &request).await;

    assert_eq!(response.text(), PAGE);
    let names = ["content-type", "etag", "last-modified", "accept-ranges", "content-md5", "date"];
    let all = [&names[..], &["content-length"]].concat();
    assert_eq!(response.headers.names(), all);
    let seen = origin.request();
    assert_eq!(seen.header("if-none-match"), Some("\"v0\""));
    assert_eq!(seen.header("if-modified-since"), Some("Mon, 01 Jan 2024 00:00:00 GMT"));
    assert_eq!(seen.header("range"), Some("bytes=0-1"));
    assert_eq!(seen.header("accept-encoding"), Some("gzip, sdch"));
}

/// A deploy puts another directory in its place, and the next edit is seen there, too.
#[tokio::test]
async fn a_content_directory_may_be_swapped() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = Proxy::start(&origin).await;
    until_printed(&proxy, &document("/"), PRINTED, PRINTED).await;
    proxy.swap(0, r#"{"title": "Swapped"}"#);
    let swapped = async { while !proxy.get("/").await.text().contains("Swapped") {} };
    within("the content of the new directory", swapped).await;
    proxy.publish(0, r#"{"title": "Edited"}"#);
    let edited = async { while !proxy.get("/").await.text().contains("Edited") {} };
    within("an edit in the new directory", edited).await;
}
