//! What becomes of a request on its way to the origin.

use super::{PAGE, PRINTED, document, fetch, plain};
use crate::support::{Gate, Origin, Proxy, RawRequest, Request, Script, chunks, with_seed, within};

/// The status of an answer to a request written by hand.
async fn status(proxy: &Proxy, head: &str) -> u16 {
    let mut client = proxy.client().await;
    client.request(head.replace('|', "\r\n") + "\r\n\r\n").await;
    client.read_response().await.status
}

// === Whom it is for ===

#[tokio::test]
async fn a_request_names_one_host() {
    let (origin, proxy) = plain().await;
    for (head, expected) in [
        ("GET / HTTP/1.1", 400),
        ("GET / HTTP/1.1|Host: a|Host: a", 400),
        ("GET / HTTP/1.1|Host: a|Host: b", 400),
        ("GET / HTTP/1.1|Host:", 400),
        ("GET / HTTP/1.1|Host: a b", 400),
        ("GET / HTTP/1.1|Host: user@a", 400),
        ("GET / HTTP/1.1|Host: a/b", 400),
        ("GET http://a/ HTTP/1.1", 400),
        ("GET / HTTP/1.1|Host: a", 200),
        ("GET / HTTP/1.1|Host: a:8080", 200),
        ("GET / HTTP/1.1|Host: [::1]:80", 200),
    ] {
        assert_eq!(status(&proxy, head).await, expected, "{head}");
    }
    assert_eq!(origin.requests().len(), 3, "a refused request got through");
}

#[tokio::test]
async fn a_host_chooses_its_site() {
    let name = |name: &'static str| Origin::serve(move |_| Script::answer("text/plain", name));
    let (exact, wild) = (name("exact").await, name("wild").await);
    let proxy = Proxy::before(&exact)
        .set("hosts = [\"shop.test\", \"www.wild.test\"]")
        .site(wild.url())
        .set("hosts = \"*.wild.test\"")
        .start()
        .await;
    for (host, site) in [
        ("shop.test", "exact"),
        ("SHOP.test:8080", "exact"),
        ("shop.test.", "exact"),
        ("www.wild.test", "exact"),
        ("a.wild.test", "wild"),
        ("a.b.wild.test", "wild"),
    ] {
        let response = fetch(&proxy, &Request::get("/").host(host)).await;
        assert_eq!((response.status, response.text().as_str()), (200, site), "{host}");
    }
    for host in ["wild.test", "notwild.test", "shop.test.evil.test", "a.shop.test"] {
        assert_eq!(fetch(&proxy, &Request::get("/").host(host)).await.status, 421, "{host}");
    }
}

#[tokio::test]
async fn an_absolute_target_overrides_the_host() {
    let (shop, other) = (
        Origin::serve(|_| Script::answer("text/plain", "shop")).await,
        Origin::serve(|_| Script::answer("text/plain", "other")).await,
    );
    let proxy = Proxy::before(&shop)
        .set("hosts = \"shop.test\"")
        .site(other.url())
        .set("hosts = \"other.test\"")
        .start()
        .await;
    let request = Request::get("http://shop.test/a?b=c").host("other.test");
    assert_eq!(fetch(&proxy, &request).await.text(), "shop");
    let seen = shop.request();
    assert_eq!((seen.target.as_str(), seen.header("host")), ("/a?b=c", Some("shop.test")));
}

#[tokio::test]
async fn targets_arrive_as_they_were_written() {
    let (origin, proxy) = plain().await;
    for target in ["/a%2Fb/../c?d=%20&e", "/", "/?", "//a//b", "/%e9", "/a;b=c,d"] {
        assert_eq!(proxy.get(target).await.status, 200, "{target}");
        assert_eq!(origin.requests().last().unwrap().target, target);
    }
}

#[tokio::test]
async fn odd_requests_are_refused() {
    let (origin, proxy) = plain().await;
    for (head, expected) in [
        ("CONNECT a:443 HTTP/1.1|Host: a:443", 405),
        ("GET / HTTP/1.1|Host: a|Expect: 200-ok", 417),
        ("GET * HTTP/1.1|Host: a", 400),
        ("POST / HTTP/1.1|Host: a|Content-Length: 1|Content-Length: 2", 400),
        ("POST / HTTP/1.1|Host: a|Content-Length: x", 400),
        ("POST / HTTP/1.1|Host: a|Transfer-Encoding: gzip", 400),
        ("NONSENSE", 400),
    ] {
        assert_eq!(status(&proxy, head).await, expected, "{head}");
    }
    assert_eq!(origin.requests().len(), 0, "a refused request got through");
    assert_eq!(proxy.get("/").await.text(), PRINTED);
}

// === What the origin is told ===

#[tokio::test]
async fn what_belongs_to_the_visitors_connection_ends_here() {
    let (origin, proxy) = plain().await;
    let request = Request::get("/")
        .header("Connection", "close, X-Private, keep-alive")
        .header("Connection", "x-other,Host, Content-Length, Authorization, Cookie")
        .header("X-Private", "secret")
        .header("X-Other", "secret")
        .header("Keep-Alive", "timeout=5")
        .header("Proxy-Authorization", "Basic c2VjcmV0")
        .header("Proxy-Connection", "keep-alive")
        .header("TE", "gzip")
        .header("Upgrade", "h2c")
        .header("HTTP2-Settings", "AAMAAABkAAQAAP__")
        .header("Authorization", "Bearer stays")
        .header("Cookie", "stay=1")
        .header("X-Stays", "stays")
        .header("Trailer", "stays");
    fetch(&proxy, &request).await;
    let seen = origin.request();
    assert_eq!(seen.header("host"), Some("www.example.com"));
    assert_eq!(seen.header("authorization"), Some("Bearer stays"));
    assert_eq!(seen.header("cookie"), Some("stay=1"));
    assert_eq!(seen.header("x-stays"), Some("stays"));
    let head = String::from_utf8(seen.head).unwrap().to_ascii_lowercase();
    for gone in ["secret", "connection", "keep-alive", "proxy-", "\r\nte:", "upgrade", "http2"] {
        assert!(!head.contains(gone), "{gone} in {head}");
    }
}

#[tokio::test]
async fn a_message_has_one_framing() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = Proxy::start(&origin).await;
    let post = Request::post("/");
    for (request, length, coding) in [
        (post.clone().body("four"), Some("4"), None),
        (post.clone().body("four").header("Content-Length", "4"), Some("4"), None),
        (post.clone().chunked(["fo", "ur"]), None, Some("chunked")),
        (Request::get("/").chunked(["fo", "ur"]), None, Some("chunked")),
        (Request::new("DELETE", "/").body("four"), Some("4"), None),
    ] {
        assert_eq!(fetch(&proxy, &request).await.status, 200);
        let seen = origin.requests().pop().unwrap();
        assert_eq!(seen.headers.all("content-length"), Vec::from_iter(length));
        assert_eq!(seen.headers.all("transfer-encoding"), Vec::from_iter(coding));
        assert_eq!((seen.body.as_slice(), seen.complete), (&b"four"[..], true));
    }
    for method in ["GET", "HEAD", "DELETE", "OPTIONS"] {
        fetch(&proxy, &Request::new(method, "/")).await;
        let head = String::from_utf8(origin.requests().pop().unwrap().head).unwrap();
        let head = head.to_ascii_lowercase();
        assert!(!head.contains("content-length") && !head.contains("transfer-"), "{head}");
    }
}

#[tokio::test]
async fn both_framings_at_once_never_reach_the_origin() {
    let (origin, proxy) = plain().await;
    let smuggled = "POST / HTTP/1.1|Host: a|Content-Length: 5|Transfer-Encoding: chunked||0||GET /x \
                    HTTP/1.1|Host: a";
    let mut client = proxy.client().await;
    client.request(smuggled.replace('|', "\r\n") + "\r\n\r\n").await;
    client.read_response().await;
    client.closed_by_peer().await;
    assert!(origin.requests().iter().all(|seen| seen.target == "/"));
    for seen in origin.requests() {
        assert!(
            seen.header("content-length").is_none() || seen.header("transfer-encoding").is_none()
        );
    }
}

#[tokio::test]
async fn the_origin_learns_who_asked_and_from_nobody_else() {
    let (origin, proxy) = plain().await;
    let request = Request::get("/")
        .header("X-Forwarded-For", "6.6.6.6")
        .header("X-Forwarded-Host", "evil.test")
        .header("X-Forwarded-Proto", "https")
        .header("X-Forwarded-Prefix", "/evil")
        .header("X_Forwarded_For", "6.6.6.6")
        .header("X-Real-IP", "6.6.6.6")
        .header("Forwarded", "for=6.6.6.6");
    fetch(&proxy, &request).await;
    let seen = origin.request();
    assert_eq!(seen.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(seen.header("x-forwarded-host"), Some("www.example.com"));
    assert_eq!(seen.header("x-forwarded-proto"), Some("http"));
    let head = String::from_utf8(seen.head).unwrap().to_ascii_lowercase();
    assert!(!head.contains("6.6.6.6") && !head.contains("evil"), "{head}");
}

#[tokio::test]
async fn a_trusted_proxy_is_believed_and_added_to() {
    let origin = Origin::serve(|_| {
        Script::html(PAGE).header("location", "http://www.example.com/x").status(302)
    })
    .await;
    let proxy = Proxy::before(&origin).top("trusted_proxies = \"127.0.0.0/8\"").start().await;
    let request = Request::get("/")
        .header("X-Forwarded-For", "1.2.3.4")
        .header("X-Forwarded-For", "5.6.7.8")
        .header("X-Forwarded-Host", "public.test")
        .header("X-Forwarded-Proto", "https")
        .header("Forwarded", "for=1.2.3.4");
    fetch(&proxy, &request).await;
    let seen = origin.request();
    assert_eq!(seen.header("x-forwarded-for"), Some("1.2.3.4, 5.6.7.8, 127.0.0.1"));
    assert_eq!(seen.header("x-forwarded-host"), Some("public.test"));
    assert_eq!(seen.header("x-forwarded-proto"), Some("https"));
    let forwarded = seen.header("forwarded").unwrap();
    assert!(forwarded.starts_with("for=1.2.3.4, for=127.0.0.1"), "{forwarded}");
}

#[tokio::test]
async fn a_header_of_any_bytes_reaches_the_origin() {
    let (origin, proxy) = plain().await;
    let request = Request::get("/").header("X-Name", b"caf\xe9 \xff").header("Cookie", b"a=\xfc");
    assert_eq!(fetch(&proxy, &request).await.status, 200);
    assert_eq!(origin.request().headers.all_bytes("x-name"), [b"caf\xe9 \xff"]);
    assert_eq!(origin.request().headers.all_bytes("cookie"), [b"a=\xfc"]);
}

// === The origin's own host ===

#[tokio::test]
async fn a_site_may_ask_for_the_origins_own_host() {
    let origin = Origin::serve(|request| {
        let host = request.header("host").unwrap();
        Script::html(PAGE)
            .status(302)
            .header("location", format!("http://{host}/a?b#c"))
            .header("content-location", format!("//{host}/d"))
            .header("refresh", format!("5; url=http://{host}/e"))
            .header("link", format!("<http://{host}/f>; rel=a"))
            .header("set-cookie", "a=1; Domain=127.0.0.1; Path=/")
            .header("set-cookie", "b=2; Domain=other.test")
    })
    .await;
    let proxy = Proxy::before(&origin).set("host = \"origin\"").start().await;
    let response = fetch(&proxy, &Request::get("/").host("shop.test:8080")).await;

    let seen = origin.request();
    assert_eq!(seen.header("host"), Some(&*origin.address().to_string()));
    assert_eq!(seen.header("x-forwarded-host"), Some("shop.test:8080"));
    assert_eq!(response.header("location"), Some("http://shop.test:8080/a?b#c"));
    assert_eq!(response.header("content-location"), Some("//shop.test:8080/d"));
    assert_eq!(response.header("refresh"), Some("5; url=http://shop.test:8080/e"));
    assert!(response.header("link").unwrap().contains("127.0.0.1"), "links are the page's own");
    let cookies = response.headers.all("set-cookie");
    assert_eq!(cookies, ["a=1; Domain=shop.test; Path=/", "b=2; Domain=other.test"]);
}

#[tokio::test]
async fn other_addresses_in_an_answer_stay() {
    let origin = Origin::serve(|_| {
        Script::html(PAGE)
            .status(301)
            .header("location", "https://other.test:3000/a")
            .header("content-location", "/b")
            .header("set-cookie", "a=1; Path=/; HttpOnly")
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let response = proxy.get("/").await;
    assert_eq!(response.header("location"), Some("https://other.test:3000/a"));
    assert_eq!(response.header("content-location"), Some("/b"));
    assert_eq!(response.headers.all("set-cookie"), ["a=1; Path=/; HttpOnly"]);
}

// === Bodies ===

/// Sends back what it was sent.
fn echo(request: &RawRequest) -> Script {
    Script::answer("application/octet-stream", &request.body)
}

#[tokio::test]
async fn an_upload_arrives_intact_and_so_does_its_answer() {
    with_seed(async |mut rng| {
        let origin = Origin::serve(echo).await;
        let proxy = Proxy::start(&origin).await;
        let mut client = proxy.client().await;
        let body: Vec<u8> = (0..3_000_000).map(|_| rng.u8(..)).collect();
        let pieces = chunks(&body, rng.u64(..));
        for request in [Request::post("/").body(&body), Request::new("PUT", "/").chunked(pieces)] {
            let response = client.fetch(&request).await;
            assert!(response.complete && response.body == body, "another body came back");
            let seen = origin.requests().pop().unwrap();
            assert!(seen.complete && seen.body == body, "another body arrived");
        }
    })
    .await;
}

#[tokio::test]
async fn trailers_of_an_upload_arrive() {
    let origin = Origin::serve(echo).await;
    let proxy = Proxy::start(&origin).await;
    let request = Request::post("/")
        .header("Trailer", "X-Sum, X-Forwarded-For")
        .chunked(["body"])
        .trailer("X-Sum", "1")
        .trailer("X-Forwarded-For", "6.6.6.6");
    assert_eq!(fetch(&proxy, &request).await.text(), "body");
    assert_eq!(origin.request().trailers.get("x-sum"), Some("1"));
    assert_eq!(origin.request().trailers.get("x-forwarded-for"), None);
}

#[tokio::test]
async fn an_origin_that_does_not_read_stops_the_upload() {
    const LARGE: usize = 64 << 20;
    let gate = Gate::new();
    let held = gate.clone();
    let origin = Origin::early(move |request| match request.target.as_str() {
        "/upload" => Script::new().wait(&held).read_body(LARGE).then(Script::html(PAGE)),
        _ => Script::html(PAGE),
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    let uploading = tokio::spawn(async move {
        let head = Request::post("/upload").header("Content-Length", LARGE.to_string());
        client.request(head.to_bytes()).await;
        let sent = client.send(vec![b'x'; LARGE]).await;
        (sent, client.read_response().await)
    });
    gate.reached().await;
    for _ in 0..300 {
        assert_eq!(proxy.get("/").await.text(), PRINTED);
    }
    assert!(!uploading.is_finished(), "64 MB went into a proxy whose origin reads nothing");
    let arrived = origin.requests()[0].body.len();
    assert!(arrived < 1 << 20, "{arrived} bytes read by an origin that waits");
    gate.open();
    let (sent, response) = within("the upload", uploading).await.unwrap();
    assert!(sent);
    assert_eq!(response.text(), PRINTED);
    let upload = origin.requests().swap_remove(0);
    assert_eq!((upload.body.len(), upload.complete), (LARGE, true));
}

#[tokio::test]
async fn a_client_may_wait_for_a_100() {
    let origin = Origin::serve(echo).await;
    let proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    let request = Request::post("/").header("Expect", "100-continue");
    client.request(request.header("Content-Length", "4").to_bytes()).await;
    assert_eq!(client.read_head().await.status, 100);
    client.send("body").await;
    assert_eq!(client.read_response().await.text(), "body");
    assert_eq!(origin.request().header("expect"), None);
}

#[tokio::test]
async fn a_refused_upload_is_not_asked_for() {
    let origin = Origin::serve(echo).await;
    let proxy = Proxy::before(&origin).limit("body", "1KiB").start().await;
    let mut client = proxy.client().await;
    let request = Request::post("/").header("Expect", "100-continue");
    client.request(request.header("Content-Length", "4096").to_bytes()).await;
    let response = client.read_response().await;
    assert_eq!((response.status, response.interim), (413, Vec::new()));
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let origin = Origin::serve(|request| Script::answer("text/plain", &request.target)).await;
    let proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    let targets = ["/1", "/2", "/3"];
    client.request(Request::get("/1").to_bytes()).await;
    client.request(Request::post("/2").body("x").to_bytes()).await;
    client.request(document("/3").to_bytes()).await;
    for target in targets {
        assert_eq!(client.read_response().await.text(), target);
    }
}

#[tokio::test]
async fn a_loop_ends() {
    let (origin, proxy) = plain().await;
    let request = (0..8).fold(Request::get("/"), |r, _| r.header("CDN-Loop", "overprint"));
    assert_eq!(fetch(&proxy, &request).await.status, 508);
    assert_eq!(origin.requests().len(), 0);
    let once = Request::get("/").header("CDN-Loop", "other, overprint");
    assert_eq!(fetch(&proxy, &once).await.status, 200);
}
