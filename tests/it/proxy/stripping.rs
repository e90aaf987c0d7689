//! First path segments that the origin does not know: it never sees them, and visitors never miss them.

use super::{PAGE, PRINTED, document, fetch};
use crate::support::{Origin, Proxy, RawRequest, Request, Script, Setup};

fn site(origin: &Origin) -> Setup {
    Proxy::before(origin)
        .file("de.json", r#"{"title": "Gedruckt"}"#)
        .set("locale.from = [\"path\"]")
        .set("locale.strip = [\"en\", \"de\", \"pt-br\"]")
}

fn seen(origin: &Origin) -> RawRequest {
    origin.requests().pop().expect("a request")
}

#[tokio::test]
async fn the_origin_never_sees_the_segment() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = site(&origin).start().await;
    for (target, asked, prefix) in [
        ("/de/a?b", "/a?b", Some("/de")),
        ("/de/", "/", Some("/de")),
        ("/de/?x", "/?x", Some("/de")),
        ("/DE/a", "/a", Some("/de")),
        ("/pt-BR/a%2Fb/../c//d", "/a%2Fb/../c//d", Some("/pt-br")),
        ("/en/de/a", "/de/a", Some("/en")),
        ("/a", "/a", None),
        ("/dex/a", "/dex/a", None),
        ("/%64e/a", "/%64e/a", None),
        ("//de/a", "//de/a", None),
        ("/de//evil.example/", "/de//evil.example/", None),
        ("/?/de/", "/?/de/", None),
    ] {
        fetch(&proxy, &Request::get(target)).await;
        assert_eq!(seen(&origin).target, asked, "{target}");
        assert_eq!(seen(&origin).header("x-forwarded-prefix"), prefix, "{target}");
    }
    assert!(proxy.get("/de/a").await.text().contains("Gedruckt"));
    assert_eq!(proxy.get("/en/a").await.text(), PRINTED);
}

/// A page at `/de` would have its relative links lead to `/`, and out of the language.
#[tokio::test]
async fn a_segment_by_itself_is_a_folder() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = site(&origin).start().await;
    for (request, location) in [
        (Request::get("/de"), "de/"),
        (Request::get("/DE?a=//b"), "de/?a=//b"),
        (Request::head("/pt-BR"), "pt-br/"),
    ] {
        let answer = fetch(&proxy, &request).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (307, Some(location)),
            "{request:?}"
        );
    }
    assert_eq!(origin.requests().len(), 0);
    fetch(&proxy, &Request::post("/de").body("x")).await;
    assert_eq!(seen(&origin).target, "/", "what changes something is not sent elsewhere");
}

#[tokio::test]
async fn so_it_is_for_every_request() {
    let origin = Origin::serve(|_| Script::answer("text/css", "p{}")).await;
    let proxy = site(&origin).start().await;
    for request in [
        Request::get("/de/a").header("Sec-Fetch-Dest", "style"),
        Request::head("/de/a"),
        Request::post("/de/a").body("x"),
        Request::new("DELETE", "/de/a"),
        Request::get("http://www.example.com/de/a"),
        Request::get("/de/a").header("Cache-Control", "no-transform"),
    ] {
        fetch(&proxy, &request).await;
        assert_eq!(seen(&origin).target, "/a", "{request:?}");
    }
}

#[tokio::test]
async fn content_makes_no_difference() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    for setup in [site(&origin).without_content(), site(&origin).content_missing()] {
        let proxy = setup.start().await;
        let page = fetch(&proxy, &document("/de/a")).await;
        assert_eq!((page.status, page.text().as_str()), (200, PAGE));
        assert_eq!(seen(&origin).target, "/a");
        assert_eq!(seen(&origin).header("x-forwarded-prefix"), Some("/de"));
    }
}

#[tokio::test]
async fn nobody_else_says_what_was_taken_off() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let spoofed = |target: &str| Request::get(target).header("X-Forwarded-Prefix", "/shop");
    let proxy = site(&origin).start().await;
    for (target, expected) in [("/de/a", Some("/de")), ("/a", None)] {
        fetch(&proxy, &spoofed(target)).await;
        assert_eq!(seen(&origin).header("x-forwarded-prefix"), expected, "{target}");
    }
    let proxy = site(&origin).top("trusted_proxies = [\"127.0.0.1\"]").start().await;
    for (target, expected) in [("/de/a", Some("/shop/de")), ("/a", Some("/shop"))] {
        fetch(&proxy, &spoofed(target)).await;
        assert_eq!(seen(&origin).header("x-forwarded-prefix"), expected, "{target}");
    }
}

#[tokio::test]
async fn addresses_of_the_site_get_it_back() {
    let origin = Origin::serve(|request| {
        let to = request.header("x-to").unwrap();
        let own = format!("http://{}", request.header("x-own").unwrap_or_default());
        let to = to.replace("http://origin", &own);
        Script::empty(302)
            .header("location", &to)
            .header("content-location", &to)
            .header("refresh", format!("0; url={to}"))
            .header("set-cookie", "a=b; Path=/shop")
    })
    .await;
    let address = origin.address().to_string();
    let proxy = site(&origin).start().await;
    for (to, expected) in [
        ("/login?x", "/de/login?x"),
        ("/", "/de/"),
        ("/de/login", "/de/login"),
        ("/en/login", "/en/login"),
        ("login", "login"),
        ("http://origin/login", "http://www.example.com/de/login"),
        ("http://origin/en/", "http://www.example.com/en/"),
        ("http://www.example.com/login", "http://www.example.com/de/login"),
        ("https://www.example.com/login", "https://www.example.com/de/login"),
        ("https://other.example/login", "https://other.example/login"),
        ("//other.example/login", "//other.example/login"),
    ] {
        let request = Request::get("/de/a").header("X-To", to).header("X-Own", &address);
        let answer = fetch(&proxy, &request).await;
        assert_eq!(answer.header("location"), Some(expected), "{to}");
        assert_eq!(answer.header("content-location"), Some(expected), "{to}");
        assert_eq!(answer.header("refresh"), Some(&*format!("0; url={expected}")), "{to}");
        assert_eq!(
            answer.header("set-cookie"),
            Some("a=b; Path=/shop"),
            "cookies have their own paths"
        );
    }
    let request = Request::get("/a").header("X-To", "/login").header("X-Own", &address);
    assert_eq!(fetch(&proxy, &request).await.header("location"), Some("/login"));
}

#[tokio::test]
async fn a_websocket_is_opened_without_it() {
    let origin = Origin::serve(|_| Script::upgrade("websocket").echo_upgraded()).await;
    let proxy = site(&origin).start().await;
    let mut client = proxy.client().await;
    let request = Request::get("/de/socket")
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("Sec-WebSocket-Version", "13");
    client.request(request.to_bytes()).await;
    assert_eq!(client.read_head().await.status, 101);
    assert_eq!(seen(&origin).target, "/socket");
    client.send("hello").await;
    assert_eq!(client.read_exact(5).await, b"hello");
}

#[tokio::test]
async fn a_part_of_a_page_is_asked_for_again_without_it() {
    let origin = Origin::serve(|request| match request.header("range") {
        Some(_) => Script::html(&PAGE[..4])
            .status(206)
            .header("content-range", format!("bytes 0-3/{}", PAGE.len())),
        None => Script::html(PAGE),
    })
    .await;
    let proxy = site(&origin).start().await;
    let page = fetch(&proxy, &Request::get("/en/a").header("Range", "bytes=0-3")).await;
    assert_eq!((page.status, page.text().as_str()), (200, PRINTED));
    let targets: Vec<_> = origin.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["/a", "/a"]);
}
