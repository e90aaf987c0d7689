//! What is told to caches: `Vary`, and tags that are of one locale.

use super::{ALL, HOSTS, PAGE, document, fetch, language, multilingual, pages};
use crate::support::{Origin, Proxy, Request, Response, Script};

/// All lines of `Vary`.
fn vary(page: &Response) -> String {
    page.headers.all("vary").join(" | ")
}

#[tokio::test]
async fn pages_vary_by_what_was_looked_into_and_no_more() {
    let origin = pages().await;
    let from = [
        ("\"path\", \"query:lang\"", ["", "", "", "", ""]),
        ("\"accept-language\"", ["accept-language"; 5]),
        ("\"cookie:lang\"", ["cookie"; 5]),
        (
            "\"path\", \"query:lang\", \"cookie:lang\", \"accept-language\"",
            ["", "", "cookie", "cookie, accept-language", "cookie, accept-language"],
        ),
        (
            "\"accept-language\", \"cookie:lang\", \"cookie:locale\", \"path\"",
            ["accept-language, cookie"; 5],
        ),
    ];
    for (from, expected) in from {
        let from = format!("locale.from = [{from}]");
        let proxy = multilingual(&origin).set(&from).start().await;
        let requests = [
            document("/de/"),
            document("/?lang=de"),
            document("/").header("Cookie", "lang=de"),
            document("/").header("Accept-Language", "it"),
            document("/"),
        ];
        for (request, expected) in requests.iter().zip(expected) {
            let page = fetch(&proxy, request).await;
            assert_eq!(vary(&page), expected, "{from} {request:?}");
        }
    }
}

#[tokio::test]
async fn what_the_origin_says_already_is_not_repeated() {
    for (said, expected) in [
        ("Accept-Language", "Accept-Language | cookie"),
        ("origin, COOKIE", "origin, COOKIE | accept-language"),
        ("Cookie, Accept-Language", "Cookie, Accept-Language"),
        ("*", "*"),
    ] {
        let origin = Origin::serve(move |_| Script::html(PAGE).header("vary", said)).await;
        let from = "locale.from = [\"cookie:lang\", \"accept-language\"]";
        let proxy = multilingual(&origin).set(from).start().await;
        assert_eq!(vary(&fetch(&proxy, &document("/")).await), expected);
    }
}

#[tokio::test]
async fn the_coding_stands_with_the_rest() {
    let origin = Origin::serve(|_| Script::html(PAGE).gzip()).await;
    let proxy = multilingual(&origin).set("locale.from = [\"cookie:lang\"]").start().await;
    assert_eq!(vary(&fetch(&proxy, &document("/")).await), "cookie, accept-encoding");
}

#[tokio::test]
async fn what_is_passed_says_nothing() {
    let origin = Origin::serve(|request| match request.target.as_str() {
        "/a.css" => Script::answer("text/css", "p{}"),
        "/raw" => Script::html(PAGE).header("cache-control", "no-transform"),
        _ => Script::empty(204),
    })
    .await;
    let proxy = multilingual(&origin).set(ALL).set(HOSTS).start().await;
    for target in ["/a.css", "/raw", "/none"] {
        let request = document(target).header("Accept-Language", "de");
        let answer = fetch(&proxy, &request).await;
        assert_eq!((vary(&answer), answer.header("content-language")), (String::new(), None));
    }
    let own = document("/").header("Cache-Control", "no-transform");
    assert_eq!(fetch(&proxy, &own).await.header("content-language"), None);
}

#[tokio::test]
async fn a_tag_is_of_one_locale() {
    let origin = pages().await;
    let proxy = multilingual(&origin).set(ALL).set(HOSTS).start().await;
    let wish = |tag: &str| document("/").header("Accept-Language", tag);
    let mut tags = Vec::new();
    for locale in ["de", "en", "fr"] {
        let page = fetch(&proxy, &wish(locale)).await;
        assert_eq!(language(&page), locale);
        let tag = page.header("etag").unwrap().to_owned();
        let again = fetch(&proxy, &wish(locale).header("If-None-Match", &tag)).await;
        assert_eq!((again.status, again.header("etag")), (304, Some(&*tag)));
        assert_eq!(again.header("content-language"), Some(locale));
        assert_eq!(vary(&again), "cookie, accept-language");
        tags.push(tag);
    }
    for (locale, tag) in [("en", &tags[0]), ("de", &tags[1]), ("fr", &tags[0])] {
        let page = fetch(&proxy, &wish(locale).header("If-None-Match", tag)).await;
        assert_eq!((page.status, language(&page)), (200, locale), "{tag}");
    }
}

#[tokio::test]
async fn a_head_says_what_its_get_says() {
    let origin = pages().await;
    let proxy = multilingual(&origin).set(ALL).set(HOSTS).start().await;
    for (target, wish) in [("/", "de"), ("/fr/", "de"), ("/", "")] {
        let ask = |request: Request| {
            request.header("Accept", "text/html").header("Accept-Language", wish)
        };
        let get = fetch(&proxy, &ask(Request::get(target))).await;
        let head = fetch(&proxy, &ask(Request::head(target))).await;
        for name in ["content-language", "vary", "etag", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{target} {wish} {name}");
        }
    }
}

#[tokio::test]
async fn error_pages_are_in_the_visitors_locale_too() {
    let origin = Origin::serve(|_| Script::html(PAGE).status(404)).await;
    let proxy: Proxy = multilingual(&origin).set(ALL).set(HOSTS).start().await;
    let page = fetch(&proxy, &document("/de/gone")).await;
    assert_eq!((page.status, language(&page)), (404, "de"));
    assert_eq!(page.header("content-language"), Some("de"));
}
