//! Values of the request that messages take, and what caches are told of it.

use super::{document, fetch};
use crate::support::{Origin, Proxy, RawRequest, Request, Response, Script, Setup};

const PAGE: &str = "<!doctype html><h1 data-overprint=\"title\">Default</h1>";

const VARIABLES: &str = "variables = { country = { header = \"CF-IPCountry\" }, \
                         name = { cookie = \"first_name\" }, \
                         campaign = { query = \"utm_campaign\" }, \
                         city = { path = \"/stores/*\" } }";

const SHARED: &str = "variables = { country = { header = \"CF-IPCountry\", shared = true }, \
                      name = { cookie = \"first_name\", shared = true } }";

/// An origin whose pages every cache may keep.
async fn pages() -> Origin {
    Origin::serve(|request: &RawRequest| {
        let known = request.header("if-none-match").is_some_and(|tags| tags.contains("\"v1\""));
        let script = if known { Script::empty(304) } else { Script::html(PAGE) };
        script
            .header("etag", "\"v1\"")
            .header("cache-control", "public, max-age=5, s-maxage=60")
            .header("cdn-cache-control", "max-age=60")
    })
    .await
}

/// A site with one text.
fn saying(origin: &Origin, text: &str) -> Setup {
    Proxy::before(origin).content(&serde_json::json!({ "title": text }).to_string())
}

fn heading(page: &Response) -> String {
    let text = page.text();
    let (_, rest) = text.split_once("\">").expect("a heading");
    rest.strip_suffix("</h1>").expect("its end").to_owned()
}

#[tokio::test]
async fn values_are_printed_wherever_they_are() {
    let origin = pages().await;
    for (text, request, expected) in [
        ("To {country}", document("/").header("CF-IPCountry", "CH"), "To CH"),
        ("Hello {name}", document("/").header("Cookie", "a=b; first_name=Zo%C3%AB"), "Hello Zoë"),
        ("For {campaign}", document("/?utm_campaign=spring+sale&a"), "For spring sale"),
        ("In {city}", document("/stores/z%C3%BCrich/hours"), "In zürich"),
        ("In {city}", document("/de/stores/bern"), "In bern"),
        ("For {campaign}", document("/?utm_campaign=%3Cb%3E%26"), "For &lt;b&gt;&amp;"),
        // Nothing to print is no reason to print half of it.
        ("Hello {name}", document("/"), "Default"),
        ("Hello {name}", document("/").header("Cookie", "first_name="), "Default"),
        ("Hello {name}", document("/").header("Cookie", "first_name=a%0Ab"), "Default"),
        ("For {campaign}", document(&format!("/?utm_campaign={}", "x".repeat(257))), "Default"),
        ("In {city}", document("/shops/bern"), "Default"),
    ] {
        let proxy = saying(&origin, text)
            .set(VARIABLES)
            .set("locale.from = [\"path\"]")
            .set("locale.strip = [\"de\"]")
            .start()
            .await;
        assert_eq!(heading(&fetch(&proxy, &request).await), expected, "{text} {request:?}");
    }
}

#[tokio::test]
async fn what_the_origin_supplies_comes_first() {
    let origin = Origin::serve(|_| {
        Script::html(PAGE.replace("\">", "\" data-overprint-args='{\"name\": \"Ada\"}'>"))
    })
    .await;
    let proxy = saying(&origin, "Hello {name}").set(VARIABLES).start().await;
    let page = fetch(&proxy, &document("/").header("Cookie", "first_name=Eve")).await;
    assert!(page.text().contains("Hello Ada"), "{}", page.text());
}

#[tokio::test]
async fn caches_are_told_what_they_need() {
    let origin = pages().await;
    let open = ("public, max-age=5, s-maxage=60", Some("max-age=60"));
    let private = ("private, max-age=5", None);
    for (text, variables, (cache, targeted), vary) in [
        ("Nobody", VARIABLES, open, None),
        ("For {campaign} in {city}", VARIABLES, open, None),
        ("To {country}", VARIABLES, private, None),
        ("Hello {name}", VARIABLES, private, None),
        ("To {country}", SHARED, open, Some("cf-ipcountry")),
        ("Hello {name}", SHARED, open, Some("cookie")),
        ("{name} in {country}", SHARED, open, Some("cf-ipcountry, cookie")),
    ] {
        let proxy = saying(&origin, text).set(variables).start().await;
        let plain = document("/stores/bern?utm_campaign=x");
        let known = plain.clone().header("CF-IPCountry", "CH").header("Cookie", "first_name=Ada");
        for request in [plain, known] {
            let page = fetch(&proxy, &request).await;
            let tag = page.header("etag").unwrap().to_owned();
            let again = fetch(&proxy, &request.header("If-None-Match", tag)).await;
            assert_eq!((page.status, again.status), (200, 304));
            for answer in [page, again] {
                assert_eq!(answer.header("cache-control"), Some(cache), "{text}");
                assert_eq!(answer.header("cdn-cache-control"), targeted, "{text}");
                assert_eq!(answer.header("vary"), vary, "{text}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_passed_is_not_made_private() {
    let origin = Origin::serve(|_| {
        Script::answer("text/css", "p{}").header("cache-control", "public, s-maxage=60")
    })
    .await;
    let proxy = saying(&origin, "Hello {name}").set(VARIABLES).start().await;
    let asset = fetch(&proxy, &Request::get("/a.css")).await;
    assert_eq!(asset.header("cache-control"), Some("public, s-maxage=60"));
}

#[tokio::test]
async fn a_tag_is_of_the_values_and_does_not_tell_them() {
    let origin = pages().await;
    let proxy = saying(&origin, "Hello {name}").set(VARIABLES).start().await;
    let visitor = |name: &str| document("/").header("Cookie", format!("first_name={name}"));
    let ada = fetch(&proxy, &visitor("Adalbert")).await.header("etag").unwrap().to_owned();
    assert!(!ada.contains("Adalbert"), "{ada}");
    let again = fetch(&proxy, &visitor("Adalbert").header("If-None-Match", &ada)).await;
    assert_eq!((again.status, again.header("etag")), (304, Some(&*ada)));
    for other in [visitor("Eve"), document("/")] {
        let page = fetch(&proxy, &other.header("If-None-Match", &ada)).await;
        assert_eq!(page.status, 200);
        assert_ne!(page.header("etag"), Some(&*ada));
    }
}
