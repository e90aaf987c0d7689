//! What is printed, and what stays as the origin wrote it.

use super::{PAGE, PRINTED, fetch, plain};
use crate::support::{Origin, Proxy, Request, Script};

#[tokio::test]
async fn a_labelled_page_is_printed() {
    let (origin, proxy) = plain().await;
    let response = proxy.get("/a?b=c").await;
    assert_eq!((response.status, response.text().as_str()), (200, PRINTED));
    assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(origin.request().target, "/a?b=c");
}

#[tokio::test]
async fn markup_is_printed_where_it_may_stand() {
    let page = "<p data-overprint=\"intro\">x</p><title data-overprint=\"intro\">x</title>";
    let origin = Origin::serve(move |_| Script::html(page)).await;
    let proxy = Proxy::start(&origin).await;
    let printed = "<p data-overprint=\"intro\">some <b>bold</b> words</p>\
                   <title data-overprint=\"intro\">some bold words</title>";
    assert_eq!(proxy.get("/").await.text(), printed);
}

#[tokio::test]
async fn attributes_are_printed_and_added() {
    let page = "<img data-overprint-attr=\"alt: alt; title: title\" alt='old' src=/a.png><p>.";
    let origin = Origin::serve(move |_| Script::html(page)).await;
    let proxy = Proxy::start(&origin).await;
    let printed = proxy.get("/").await.text();
    assert!(printed.contains("alt=\"A picture\"") || printed.contains("alt='A picture'"));
    assert!(printed.contains("title=\"Printed\""), "{printed}");
    assert!(!printed.contains("old"), "{printed}");
    assert!(printed.contains(" src=/a.png") && printed.ends_with("<p>."), "{printed}");
}

#[tokio::test]
async fn error_pages_are_printed_too() {
    for status in [404, 500, 503] {
        let origin = Origin::serve(move |_| Script::html(PAGE).status(status)).await;
        let proxy = Proxy::start(&origin).await;
        let response = proxy.get("/").await;
        assert_eq!((response.status, response.text().as_str()), (status, PRINTED));
    }
}

#[tokio::test]
async fn an_answer_to_a_post_is_printed() {
    let (origin, proxy) = plain().await;
    let response = fetch(&proxy, &Request::post("/cart").body("item=1")).await;
    assert_eq!(response.text(), PRINTED);
    assert_eq!((origin.request().body, origin.request().method), (b"item=1".into(), "POST".into()));
}

#[tokio::test]
async fn a_page_without_labels_keeps_every_byte() {
    let page =
        "<!DOCTYPE html>\r\n<p CLASS=a  b='c'>&amp;&nbsp;<br/>\u{0}\n<div></p></span>é</html>\n";
    let origin = Origin::serve(move |_| Script::html(page)).await;
    let proxy = Proxy::start(&origin).await;
    assert_eq!(proxy.get("/").await.decoded(), page.as_bytes());
}

#[tokio::test]
async fn a_key_without_content_leaves_the_page_as_it_is() {
    let page = PAGE.replace("\"title\"", "\"unknown\"");
    let sent = page.clone();
    let origin = Origin::serve(move |_| Script::html(&sent)).await;
    let proxy = Proxy::start(&origin).await;
    assert_eq!(proxy.get("/").await.text(), page);
}

#[tokio::test]
async fn a_site_may_choose_its_label() {
    let page = "<p data-i18n=\"title\">x</p><p data-overprint=\"title\">x</p>";
    let origin = Origin::serve(move |_| Script::html(page)).await;
    let proxy = Proxy::before(&origin).set("label = \"data-i18n\"").start().await;
    let printed = "<p data-i18n=\"title\">Printed</p><p data-overprint=\"title\">x</p>";
    assert_eq!(proxy.get("/").await.text(), printed);
}

#[tokio::test]
async fn a_connection_serves_page_after_page() {
    let (origin, proxy) = plain().await;
    let mut client = proxy.client().await;
    for _ in 0..5 {
        assert_eq!(client.get("/").await.text(), PRINTED);
    }
    assert_eq!((origin.requests().len(), origin.connections()), (5, 1));
}

#[tokio::test]
async fn an_empty_page_is_an_empty_page() {
    for script in [|| Script::html(""), || Script::html("").chunked(), || Script::html("").gzip()] {
        let origin = Origin::serve(move |_| script()).await;
        let proxy = Proxy::start(&origin).await;
        let response = proxy.get("/").await;
        assert_eq!((response.text().as_str(), response.complete), ("", true));
    }
}

#[tokio::test]
async fn a_visitor_of_http_1_0_gets_the_page_until_the_close() {
    let (_origin, proxy) = plain().await;
    for host in ["", "Host: www.example.com\r\n"] {
        let mut client = proxy.client().await;
        client.request(format!("GET / HTTP/1.0\r\n{host}\r\n")).await;
        let page = client.read_response().await;
        assert_eq!((page.text().as_str(), page.complete), (PRINTED, true));
        assert_eq!(page.header("transfer-encoding"), None);
    }
}
