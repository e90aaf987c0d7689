//! Visitors of `/` who are sent to the locale that their browser asks for.

use super::{HOSTS, PAGE, document, fetch, language, multilingual};
use crate::support::{Origin, Proxy, Request, Response, Script};

async fn site(from: &str) -> (Origin, Proxy) {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let from = format!("locale.from = [{from}]");
    let mut setup = multilingual(&origin).set(&from).set("locale.redirect = true").admin();
    if from.contains("\"host\"") {
        setup = setup.set(HOSTS);
    }
    let proxy = setup.start().await;
    (origin, proxy)
}

fn german(target: &str) -> Request {
    document(target).header("Accept-Language", "de-AT,de;q=0.9,en;q=0.5")
}

fn location(answer: &Response) -> Option<&str> {
    answer.header("location")
}

#[tokio::test]
async fn whoever_asks_for_a_language_is_sent_to_its_address() {
    let (origin, proxy) = site("\"path\", \"accept-language\"").await;
    for (target, to) in [("/", "/de/"), ("/?a=1&b", "/de/?a=1&b")] {
        let answer = fetch(&proxy, &german(target)).await;
        assert_eq!((answer.status, location(&answer)), (302, Some(to)));
        assert_eq!(answer.header("vary"), Some("accept-language"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("content-language"), None);
        assert!(answer.body.is_empty() && answer.complete);
    }
    assert!(origin.requests().is_empty(), "the origin has nothing to say to it");
    let metrics = proxy.operator("/metrics").await.text();
    assert!(metrics.contains("outcome=\"redirected\",status=\"3xx\"} 2"), "{metrics}");
    let page = fetch(&proxy, &german("/de/")).await;
    assert_eq!((page.status, language(&page)), (200, "de"), "and stays there");
}

#[tokio::test]
async fn a_head_is_sent_on_and_nothing_else_that_changes_something() {
    let (_origin, proxy) = site("\"path\", \"accept-language\"").await;
    let ask = |method| Request::new(method, "/").header("Accept-Language", "de");
    let head = fetch(&proxy, &ask("HEAD")).await;
    assert_eq!((head.status, location(&head)), (302, Some("/de/")));
    for request in
        [ask("POST").body("x"), ask("PUT").body("x"), ask("OPTIONS"), ask("GET").body("x")]
    {
        assert_eq!(fetch(&proxy, &request).await.status, 200, "{request:?}");
    }
}

#[tokio::test]
async fn nobody_else_is_sent_anywhere() {
    let (_origin, proxy) =
        site("\"path\", \"query:lang\", \"cookie:lang\", \"accept-language\"").await;
    for request in [
        document("/"),
        document("/").header("Accept-Language", "en"),
        document("/").header("Accept-Language", "it"),
        document("/").header("Accept-Language", "*"),
        german("/a"),
        german("/de/"),
        german("/fr"),
        german("//"),
        german("/?lang=fr"),
        german("/").header("Cookie", "lang=en"),
        german("/").header("Cookie", "lang=fr"),
        german("/").header("Cache-Control", "no-transform"),
    ] {
        let page = fetch(&proxy, &request).await;
        assert_eq!((page.status, location(&page)), (200, None), "{request:?}");
    }
    let answer = fetch(&proxy, &german("/")).await;
    assert_eq!(
        answer.header("vary"),
        Some("cookie, accept-language"),
        "a cookie would have kept them"
    );
}

#[tokio::test]
async fn a_cookie_keeps_its_owner_even_where_the_browser_comes_first() {
    let (_origin, proxy) = site("\"accept-language\", \"cookie:lang\", \"path\"").await;
    let kept = fetch(&proxy, &german("/").header("Cookie", "lang=fr")).await;
    assert_eq!((kept.status, language(&kept)), (200, "de"));
    for answer in [kept, fetch(&proxy, &german("/")).await] {
        assert_eq!(answer.header("vary"), Some("accept-language, cookie"), "{}", answer.status);
    }
}

#[tokio::test]
async fn a_locale_may_have_a_host() {
    let (_origin, proxy) = site("\"host\", \"accept-language\"").await;
    let answer = fetch(&proxy, &german("/?x").host("www.example.com:8080")).await;
    assert_eq!((answer.status, location(&answer)), (302, Some("http://de.example.com:8080/?x")));
    assert_eq!(fetch(&proxy, &german("/").host("de.example.com")).await.status, 200);
    let french = document("/").header("Accept-Language", "fr");
    assert_eq!(fetch(&proxy, &french).await.status, 200, "French has no host");
}

#[tokio::test]
async fn without_content_nobody_is_sent_away() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let from = "locale.from = [\"path\", \"accept-language\"]";
    for setup in [Proxy::before(&origin).without_content(), Proxy::before(&origin).content("{")] {
        let proxy = setup.set(from).set("locale.redirect = true").start().await;
        let page = fetch(&proxy, &german("/")).await;
        assert_eq!((page.status, page.text().as_str()), (200, PAGE));
        assert_eq!((page.header("vary"), page.header("content-language")), (None, None));
    }
}
