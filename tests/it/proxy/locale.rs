//! Which locale a visitor reads, and what caches and crawlers are told of it.

mod caches;
mod redirects;

use super::{PAGE, document, fetch};
use crate::support::{
    Origin, Proxy, RawRequest, Request, Response, Script, Setup, WebStore, within,
};

/// A site with content in German, English and French.
fn multilingual(origin: &Origin) -> Setup {
    Proxy::before(origin)
        .file("de.json", r#"{"title": "Gedruckt"}"#)
        .file("fr.json", r#"{"title": "Imprimé"}"#)
}

/// An origin that gives [`PAGE`] for every target, with a tag that it knows again.
async fn pages() -> Origin {
    Origin::serve(|request: &RawRequest| {
        let known = request.header("if-none-match").is_some_and(|tags| tags.contains("\"v1\""));
        let script = if known { Script::empty(304) } else { Script::html(PAGE) };
        script.header("etag", "\"v1\"")
    })
    .await
}

const ALL: &str =
    "locale.from = [\"path\", \"host\", \"query:lang\", \"cookie:lang\", \"accept-language\"]";
const HOSTS: &str = "locale.hosts = { \"de.example.com\" = \"de\" }";

/// The locale that a page is printed in, read off its words.
fn language(page: &Response) -> &'static str {
    let text = page.text();
    let words = [("Printed", "en"), ("Gedruckt", "de"), ("Imprimé", "fr"), ("Default", "none")];
    words.iter().find(|(word, _)| text.contains(&format!(">{word}<"))).expect("known words").1
}

#[tokio::test]
async fn every_source_can_choose() {
    let origin = pages().await;
    let proxy = multilingual(&origin).set(ALL).set(HOSTS).start().await;
    for (target, host, name, value, expected) in [
        ("/", "www.example.com", "X", "", "en"),
        ("/de/a", "www.example.com", "X", "", "de"),
        ("/DE", "www.example.com", "X", "", "de"),
        ("/it/a", "www.example.com", "X", "", "en"),
        ("/", "de.example.com", "X", "", "de"),
        ("/fr/", "de.example.com", "X", "", "fr"),
        ("/?lang=de", "www.example.com", "X", "", "de"),
        ("/?lang=de-CH", "www.example.com", "X", "", "de"),
        ("/?lang=it", "www.example.com", "X", "", "en"),
        ("/", "www.example.com", "Cookie", "a=b; lang=\"fr\"", "fr"),
        ("/", "www.example.com", "Accept-Language", "it, fr-CH;q=0.8", "fr"),
        ("/", "www.example.com", "Accept-Language", "%%%, ,de;q=7", "en"),
        ("/de/", "www.example.com", "Accept-Language", "fr", "de"),
        ("/?lang=de", "www.example.com", "Cookie", "lang=fr", "de"),
    ] {
        let request = document(target).host(host).header(name, value);
        let page = fetch(&proxy, &request).await;
        assert_eq!(language(&page), expected, "{target} {host} {value}");
        assert_eq!(page.header("content-language"), Some(expected), "{target} {host} {value}");
    }
}

#[tokio::test]
async fn without_sources_nothing_is_chosen_and_nothing_said() {
    let origin = Origin::serve(|_| Script::html(PAGE).header("content-language", "tlh")).await;
    let proxy = multilingual(&origin).start().await;
    let request =
        document("/de/?lang=de").header("Accept-Language", "de").header("Cookie", "lang=de");
    let page = fetch(&proxy, &request).await;
    assert_eq!(language(&page), "en");
    assert_eq!(page.header("content-language"), Some("tlh"), "the origin's own word");
    assert_eq!(page.header("vary"), None);
}

#[tokio::test]
async fn the_default_is_the_configs_if_it_has_content() {
    let origin = pages().await;
    for (default, expected) in [("de", "de"), ("de-AT", "en"), ("it", "en")] {
        let default = format!("locale.default = \"{default}\"");
        let proxy =
            multilingual(&origin).set("locale.from = [\"path\"]").set(&default).start().await;
        assert_eq!(language(&proxy.get("/").await), expected, "{default}");
    }
}

#[tokio::test]
async fn crawlers_read_the_default_and_are_sent_nowhere() {
    let origin = pages().await;
    let proxy =
        multilingual(&origin).set(ALL).set(HOSTS).set("locale.redirect = true").start().await;
    let robot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
    for target in ["/", "/a", "/?q"] {
        let request = Request::get(target).header("User-Agent", robot).header("Accept", "*/*");
        let page = fetch(&proxy, &request).await;
        assert_eq!((page.status, language(&page)), (200, "en"), "{target}");
    }
    let request = Request::get("/de/a").header("User-Agent", robot);
    assert_eq!(language(&fetch(&proxy, &request).await), "de");
}

#[tokio::test]
async fn a_locale_can_be_chosen_from_when_it_is_published() {
    let origin = pages().await;
    let proxy = multilingual(&origin).set(ALL).set(HOSTS).start().await;
    let italian = document("/").header("Accept-Language", "it-IT");
    assert_eq!(language(&fetch(&proxy, &italian).await), "en");
    proxy.publish_file(0, "it.json", r#"{"title": "Stampato"}"#);
    let live = async { while !fetch(&proxy, &italian).await.text().contains("Stampato") {} };
    within("a page in Italian", live).await;
    let page = proxy.get("/it/").await;
    assert_eq!(page.header("content-language"), Some("it"));
}

/// Nobody knows which locales there are while the origin is asked.
#[tokio::test]
async fn content_that_comes_late_is_chosen_from_as_well() {
    let (store, origin) = (WebStore::with(r#"{"title": "Printed"}"#).await, pages().await);
    let german = store.folder().join("content/de.json");
    std::fs::write(german, r#"{"title": "Gedruckt"}"#).unwrap();
    store.publish(r#"{"title": "Printed"}"#).await;
    let gate = store.hold();
    let proxy = Proxy::before(&origin)
        .named("shop")
        .content_at(store.url())
        .count("preload", 0)
        .timeout("content_wait", "60s")
        .set("locale.from = [\"path\", \"accept-language\"]")
        .set("locale.redirect = true")
        .start()
        .await;
    let mut visitor = proxy.client().await;
    let request = document("/").header("Accept-Language", "de");
    visitor.request(request.to_bytes()).await;
    gate.reached().await;
    gate.open();
    let page = visitor.read_response().await;
    assert_eq!((page.status, language(&page)), (200, "de"), "printed, and not sent on");
    assert_eq!(page.header("content-language"), Some("de"));
    assert_eq!(page.header("vary"), Some("accept-language"));
    assert_eq!(visitor.fetch(&request).await.status, 302, "now it is known");
}
