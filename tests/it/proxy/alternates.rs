//! Links from a page to itself in other locales, as they stand in it.

use super::{document, fetch};
use crate::support::{Origin, Proxy, Request, Script, Setup};

const PAGE: &str = "<!doctype html><html><head><title>x</title></head>\
                    <body><h1 data-overprint=\"title\">Default</h1></body></html>";

async fn pages() -> Origin {
    Origin::serve(|request| match request.target.as_str() {
        "/own" => {
            Script::html(PAGE.replace("<title>", "<link rel=alternate hreflang=de href=/d><title>"))
        }
        "/told" => Script::html(PAGE).header("link", "</d>; rel=alternate; hrefLang=\"de\""),
        "/gone" => Script::html(PAGE).status(404),
        _ => Script::html(PAGE).header("etag", "\"v1\""),
    })
    .await
}

fn site(origin: &Origin, from: &str) -> Setup {
    Proxy::before(origin)
        .file("de.json", r#"{"title": "Gedruckt"}"#)
        .file("ar.json", r#"{"title": "مطبوع"}"#)
        .set(&format!("locale.from = [{from}]"))
}

/// The links of a page, `hreflang address` each.
async fn links(proxy: &Proxy, request: &Request) -> Vec<String> {
    let text = fetch(proxy, request).await.text();
    let parts = text.split("<link rel=\"alternate\" hreflang=\"").skip(1);
    let link = |part: &str| part.split("\">").next().unwrap().replace("\" href=\"", " ");
    parts.map(link).collect()
}

#[tokio::test]
async fn every_variant_of_a_page_has_the_same_links() {
    let origin = pages().await;
    let proxy = site(&origin, "\"path\", \"accept-language\"")
        .set("locale.strip = [\"en\", \"de\", \"ar\"]")
        .set("locale.alternates = {}")
        .start()
        .await;
    let expected = [
        "ar http://www.example.com/ar/a?b&amp;c",
        "de http://www.example.com/de/a?b&amp;c",
        "en http://www.example.com/en/a?b&amp;c",
        "x-default http://www.example.com/a?b&amp;c",
    ];
    for target in ["/a?b&c", "/de/a?b&c", "/AR/a?b&c", "/en/a?b&c"] {
        assert_eq!(links(&proxy, &document(target)).await, expected, "{target}");
    }
    let german = document("/a?b&c").header("Accept-Language", "de").host("WWW.example.com:80");
    assert_eq!(links(&proxy, &german).await, expected);
}

#[tokio::test]
async fn they_stand_at_the_end_of_the_head_of_the_page_in_its_language() {
    let origin = pages().await;
    let proxy = site(&origin, "\"query:lang\"")
        .set("locale.alternates = { base = \"https://shop.example\" }")
        .start()
        .await;
    let page = fetch(&proxy, &document("/?lang=ar")).await;
    let link = |tag: &str, query: &str| {
        format!("<link rel=\"alternate\" hreflang=\"{tag}\" href=\"https://shop.example/{query}\">")
    };
    let links = [
        link("ar", "?lang=ar"),
        link("de", "?lang=de"),
        link("en", "?lang=en"),
        link("x-default", ""),
    ];
    let expected = PAGE
        .replace("<html>", "<html lang=\"ar\" dir=\"rtl\">")
        .replace("</head>", &format!("{}</head>", links.concat()))
        .replace("Default", "مطبوع");
    assert_eq!(page.text(), expected);
    assert_eq!(page.header("content-language"), Some("ar"));
}

#[tokio::test]
async fn only_a_page_that_is_there_has_them() {
    let origin = pages().await;
    let proxy = site(&origin, "\"path\"").set("locale.alternates = {}").start().await;
    for request in
        [document("/gone"), document("/own"), document("/told"), Request::post("/a").body("x")]
    {
        assert_eq!(links(&proxy, &request).await, [""; 0], "{request:?}");
    }
    assert_eq!(links(&proxy, &document("/a")).await.len(), 4);
}

#[tokio::test]
async fn without_the_table_there_are_none() {
    let origin = pages().await;
    let proxy = site(&origin, "\"path\"").start().await;
    assert_eq!(links(&proxy, &document("/de/a")).await, [""; 0]);
}

#[tokio::test]
async fn https_is_what_a_trusted_proxy_says() {
    let origin = pages().await;
    let proxy = site(&origin, "\"host\"")
        .set("locale.hosts = { \"de.example.com\" = \"de\", \"www.example.com\" = \"en\" }")
        .set("locale.alternates = {}")
        .top("trusted_proxies = [\"127.0.0.1\"]")
        .start()
        .await;
    let request = document("/a").header("X-Forwarded-Proto", "https");
    let expected = [
        "de https://de.example.com/a",
        "en https://www.example.com/a",
        "x-default https://www.example.com/a",
    ];
    for host in ["www.example.com", "de.example.com"] {
        assert_eq!(links(&proxy, &request.clone().host(host)).await, expected, "{host}");
    }
}
