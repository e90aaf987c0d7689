//! The path of the hooks: what else may come to it, and whose it is.

use super::signing::{Delivery, github};
use super::{PAGE, SECRET, Story, entries, pages, printed, until_printed};
use crate::support::{Origin, Proxy, Request, Script, WebStore};

const HOOK: &str = "/_overprint/hooks/shop";
const KIB: usize = 1 << 10;

#[tokio::test]
async fn a_hook_takes_post_and_says_so() {
    let story = Story::begin().await;
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let refused = story.send(&Request::new(method, HOOK)).await;
        Story::assert_refused(&refused, 405, method);
        assert_eq!(refused.header("allow"), Some("POST"), "{method}");
    }
    let mut client = story.proxy.client().await;
    let head = client.fetch(&Request::head(HOOK)).await;
    assert_eq!((head.status, head.header("allow"), head.body.len()), (405, Some("POST"), 0));
    client.closed_by_peer().await;
    let signed = Delivery::of("msg_1").request().to_bytes();
    let put = [b"PUT".as_slice(), &signed[4..]].concat();
    let mut client = story.proxy.client().await;
    client.request(put).await;
    Story::assert_refused(&client.read_response().await, 405, "a signed PUT");
    story.assert_no_look_so_far().await;
}

#[tokio::test]
async fn an_unknown_site_is_a_404_whatever_is_sent() {
    let story = Story::begin().await;
    let signed = |path: &str| {
        let text = String::from_utf8(Delivery::of("msg_1").request().to_bytes()).unwrap();
        text.replace(HOOK, path)
    };
    for path in ["shops", "Shop", "", "shop/", "shop/x", "sh%6Fp", "../hooks/shop"] {
        let path = format!("/_overprint/hooks/{path}");
        Story::assert_refused(&story.send(&Request::get(&path)).await, 404, &path);
        let mut client = story.proxy.client().await;
        client.request(signed(&path)).await;
        Story::assert_refused(&client.read_response().await, 404, &path);
    }
    story.assert_no_look_so_far().await;
}

#[tokio::test]
async fn a_body_over_64_kib_is_a_413() {
    let story = Story::begin().await;
    let (most, more) = ("x".repeat(64 * KIB), "x".repeat(64 * KIB + 1));
    let over = Delivery::of("msg_1").body(&more);
    Story::assert_refused(&story.send(&over.request()).await, 413, "by its length");
    let chunks = || over.request().without("content-length").chunked(more.as_bytes().chunks(999));
    Story::assert_refused(&story.send(&chunks()).await, 413, "by its chunks");
    let announced = Request::post(HOOK).header("Content-Length", "99999999999");
    Story::assert_refused(&story.send(&announced).await, 413, "before its body");
    let asking = announced.header("Expect", "100-continue");
    let refused = story.send(&asking).await;
    Story::assert_refused(&refused, 413, "before it is asked for");
    assert!(refused.interim.is_empty(), "{:?}", refused.interim);
    story.assert_no_look_so_far().await;
    let fits = Delivery::of("msg_2").body(&most);
    assert_eq!(story.send(&fits.request()).await.status, 202);
    let fits = Delivery::of("msg_3").body(&most);
    let chunks = fits.request().without("content-length").chunked(most.as_bytes().chunks(999));
    assert_eq!(story.send(&chunks).await.status, 202);
}

#[tokio::test]
async fn a_body_that_stalls_is_a_408() {
    let story = Story::begin().await;
    let whole = Delivery::of("msg_1").body("{\"move\": 9}").request();
    let head = |request: Request| {
        let bytes = request.to_bytes();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        bytes[..end].to_vec()
    };
    let chunked = whole.clone().without("content-length").chunked(["{"]);
    for (what, head, begin) in
        [("by its length", head(whole), "{\"mo"), ("by its chunks", head(chunked), "4\r\n{\"mo")]
    {
        let mut client = story.proxy.client().await;
        client.request(head).await;
        client.send(begin).await;
        Story::assert_refused(&client.read_response().await, 408, what);
        client.closed_by_peer().await;
    }
    story.assert_no_look_so_far().await;
}

#[tokio::test]
async fn a_sender_that_leaves_has_said_nothing() {
    let story = Story::begin().await;
    let mut client = story.proxy.client().await;
    let signed = Delivery::of("msg_1").body("{\"move\": 9}").request().to_bytes();
    client.request(&signed[..signed.len() - 1]).await;
    client.reset();
    story.assert_no_look_so_far().await;
}

#[tokio::test]
async fn after_a_202_the_connection_goes_on() {
    let story = Story::begin().await;
    let mut client = story.proxy.client().await;
    for id in ["1", "2"] {
        assert_eq!(client.fetch(&Delivery::of(id).request()).await.status, 202);
        assert_eq!(client.get("/").await.text(), printed("First"));
    }
    // Also when all came at once.
    let both = [Delivery::of("3").request().to_bytes(), Request::get("/").to_bytes()].concat();
    client.request(both).await;
    assert_eq!(client.read_response().await.status, 202);
    assert_eq!(client.read_response().await.text(), printed("First"));
}

/// Whoever sends a hook knows an address, which may be no name of the site's.
#[tokio::test]
async fn a_hook_may_come_under_any_host() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let proxy = Proxy::before(&origin)
        .named("shop")
        .content_at(store.url())
        .set("refresh.poll = \"1h\"")
        .set("hosts = \"www.example.com\"")
        .secret(SECRET)
        .start()
        .await;
    for host in ["10.1.2.3:8080", "proxies.internal", "[::1]", "www.example.com"] {
        let before = store.looks();
        let hook = Delivery::of(host).request().host(host);
        assert_eq!(proxy.client().await.fetch(&hook).await.status, 202, "{host}");
        store.until_looks(before + 1).await;
    }
    let page = proxy.client().await.fetch(&Request::get("/").host("10.1.2.3")).await;
    assert_eq!(page.status, 421, "a page is still the site's alone");
}

#[tokio::test]
async fn http_1_0_is_heard_too() {
    let story = Story::begin().await;
    for (nth, host) in ["Host: www.example.com\r\n", ""].into_iter().enumerate() {
        let request = Delivery::of(&format!("msg_{nth}")).request().to_bytes();
        let request = String::from_utf8(request).unwrap();
        let request = request.replace("HTTP/1.1", "HTTP/1.0");
        let mut client = story.proxy.client().await;
        client.request(request.replace("Host: www.example.com\r\n", host)).await;
        let answer = client.read_response().await;
        assert_eq!((answer.status, answer.text().as_str()), (202, "accepted\n"));
        client.closed_by_peer().await;
        story.store.until_looks(nth + 2).await;
    }
}

#[tokio::test]
async fn nothing_is_switched_on_the_path_of_a_hook() {
    let story = Story::begin().await;
    let websocket =
        |request: Request| request.header("Connection", "Upgrade").header("Upgrade", "websocket");
    let refused = story.send(&websocket(Request::get(HOOK))).await;
    Story::assert_refused(&refused, 405, "a websocket");
    story.assert_no_look_so_far().await;
    let mut client = story.proxy.client().await;
    let accepted = client.fetch(&websocket(Delivery::of("msg_1").request())).await;
    assert_eq!((accepted.status, accepted.header("upgrade")), (202, None));
    story.store.until_looks(3).await;
    assert_eq!(client.get("/").await.text(), printed("First"), "it is HTTP still");
}

#[tokio::test]
async fn without_a_secret_anywhere_the_path_is_the_origins() {
    let origin = Origin::serve(|_| Script::html(PAGE).status(418)).await;
    let proxy = Proxy::before(&origin).named("shop").start().await;
    let request = github(SECRET, "{\"its\": \"own\"}");
    let answer = proxy.client().await.fetch(&request).await;
    assert_eq!((answer.status, answer.text()), (418, printed("Printed")));
    let seen = origin.request();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", HOOK));
    assert_eq!(seen.body, b"{\"its\": \"own\"}");
    assert!(seen.header("x-hub-signature-256").is_some());
}

#[tokio::test]
async fn a_site_without_a_secret_has_no_hook_beside_one_that_has() {
    let origin = pages().await;
    let store = WebStore::with(&entries("First")).await;
    let proxy = Proxy::before(&origin)
        .named("shop")
        .content_at(store.url())
        .set("refresh.poll = \"1h\"")
        .site(origin.url())
        .named("blog")
        .set("hosts = \"blog.example.com\"")
        .secret(SECRET)
        .start()
        .await;
    let mut client = proxy.client().await;
    let refused = client.fetch(&Delivery::of("msg_1").request()).await;
    Story::assert_refused(&refused, 404, "shop");
    let text = String::from_utf8(Delivery::of("msg_1").request().to_bytes()).unwrap();
    let mut client = proxy.client().await;
    client.request(text.replace("/shop", "/blog")).await;
    assert_eq!(client.read_response().await.status, 202);
    until_printed(&proxy, "First").await;
    assert_eq!((store.looks(), origin.requests().len()), (1, 1));
}
