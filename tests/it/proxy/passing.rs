//! What is passed on as it is, and in which bytes content is printed.

use super::{PAGE, PRINTED, assert_serves, document, fetch};
use crate::support::{Coding, Gate, Origin, Proxy, Request, Response, Script};

/// What the origin of this story answers, through the proxy.
async fn through(request: &Request, script: fn() -> Script) -> Response {
    let origin = Origin::serve(move |_| script()).await;
    let proxy = Proxy::start(&origin).await;
    fetch(&proxy, request).await
}

#[tokio::test]
async fn no_transform_in_a_request_is_heeded() {
    let origin = Origin::serve(|_| Script::html(PAGE).header("etag", "\"a\"")).await;
    let proxy = Proxy::start(&origin).await;
    let request = document("/")
        .header("Cache-Control", "no-cache")
        .header("Cache-Control", "max-age=0, No-Transform")
        .header("Range", "bytes=0-");
    let response = fetch(&proxy, &request).await;
    assert_eq!(response.text(), PAGE);
    assert_eq!(response.header("etag"), Some("\"a\""));
    assert!(response.header("content-length").is_some());
    assert_eq!(origin.request().header("range"), Some("bytes=0-"));
}

#[tokio::test]
async fn no_transform_in_an_answer_is_heeded() {
    let script = || {
        Script::html(PAGE)
            .header("cache-control", "public, max-age=60")
            .header("cache-control", "private,no-transform")
            .header("etag", "\"a\"")
    };
    let response = through(&document("/"), script).await;
    assert_eq!((response.text().as_str(), response.header("etag")), (PAGE, Some("\"a\"")));
    let lines = response.headers.all("cache-control");
    assert_eq!(lines, ["public, max-age=60", "private,no-transform"]);
}

#[tokio::test]
async fn what_is_not_html_passes_with_its_head() {
    for kind in [
        "text/plain",
        "application/xhtml+xml",
        "text/x-component",
        "application/json",
        "text/htmlx",
        "application/grpc",
        "image/svg+xml",
    ] {
        let origin = Origin::serve(move |_| {
            Script::answer(kind, PAGE)
                .header("etag", "\"a\"")
                .header("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT")
                .header("Accept-Ranges", "bytes")
                .header("date", "Mon, 01 Jan 2024 00:00:00 GMT")
        })
        .await;
        let proxy = Proxy::start(&origin).await;
        let response = fetch(&proxy, &document("/")).await;
        assert_eq!(response.body, PAGE.as_bytes(), "{kind}");
        let names = ["content-type", "etag", "last-modified", "accept-ranges", "date"];
        assert_eq!(response.headers.names(), [&names[..], &["content-length"]].concat(), "{kind}");
        assert_eq!(response.header("etag"), Some("\"a\""), "{kind}");
    }
}

#[tokio::test]
async fn a_compressed_asset_passes_in_its_own_bytes() {
    let script = || {
        let body = Coding::Gzip.encode(PAGE);
        Script::answer("text/css", body).header("content-encoding", "gzip")
    };
    let response = through(&document("/"), script).await;
    assert_eq!(response.body, Coding::Gzip.encode(PAGE));
    assert_eq!(response.header("content-encoding"), Some("gzip"));
    assert_eq!(response.header("content-length"), Some(&*response.body.len().to_string()));
}

#[tokio::test]
async fn html_is_recognised_as_browsers_do() {
    for kind in ["TEXT/HTML;charset=UTF-8", "text/html ; a=b; Charset=\"utf-8\"", "text/html"] {
        let origin = Origin::serve(move |_| Script::answer(kind, PAGE)).await;
        let proxy = Proxy::start(&origin).await;
        let response = fetch(&proxy, &document("/")).await;
        assert_eq!(response.text(), PRINTED, "{kind}");
        assert_eq!(response.header("content-type"), Some(kind));
    }
}

#[tokio::test]
async fn a_page_in_utf_16_passes() {
    let page: Vec<u8> = PAGE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let sent = page.clone();
    let script = move |_: &_| Script::answer("text/html; charset=utf-16le", &sent);
    let origin = Origin::serve(script).await;
    let proxy = Proxy::start(&origin).await;
    let response = fetch(&proxy, &document("/")).await;
    assert_eq!(response.body, page);
    assert_eq!(response.header("content-length"), Some(&*page.len().to_string()));
}

/// A page with a byte that is no UTF-8.
const LATIN: &[u8] = b"<p>caf\xe9</p><p data-overprint=\"greeting\">x</p>";

#[tokio::test]
async fn content_is_printed_in_the_pages_charset() {
    let script = || Script::answer("text/html; charset=ISO-8859-1", LATIN);
    let response = through(&document("/"), script).await;
    let printed = b"<p>caf\xe9</p><p data-overprint=\"greeting\">Gr\xfc\xdfe \x96 &#9731;</p>";
    assert_eq!(response.body.escape_ascii().to_string(), printed.escape_ascii().to_string());
}

#[tokio::test]
async fn content_is_printed_in_ascii_where_nobody_says_which_charset() {
    let script = || Script::answer("text/html", LATIN);
    let response = through(&document("/"), script).await;
    let printed =
        b"<p>caf\xe9</p><p data-overprint=\"greeting\">Gr&#252;&#223;e &#8211; &#9731;</p>";
    assert_eq!(response.body.escape_ascii().to_string(), printed.escape_ascii().to_string());
}

#[tokio::test]
async fn a_site_may_say_which_charset() {
    let origin = Origin::serve(|_| Script::answer("text/html", LATIN)).await;
    let proxy = Proxy::before(&origin).set("charset = \"windows-1252\"").start().await;
    let response = fetch(&proxy, &document("/")).await;
    assert!(response.body.ends_with(b">Gr\xfc\xdfe \x96 &#9731;</p>"));
}

#[tokio::test]
async fn a_body_ends_where_its_length_says() {
    for kind in ["text/html; charset=utf-8", "text/css"] {
        let origin =
            Origin::serve(move |_| Script::answer(kind, PAGE).content_length_lie(20)).await;
        let proxy = Proxy::start(&origin).await;
        let response = proxy.get("/").await;
        assert!(response.complete);
        assert_eq!(response.body, &PAGE.as_bytes()[..20], "{kind}");
    }
}

#[tokio::test]
async fn a_body_that_ends_before_its_length_is_aborted() {
    for kind in ["text/html; charset=utf-8", "text/css"] {
        let gate = Gate::new();
        let held = gate.clone();
        let origin = Origin::serve(move |request| match request.target.as_str() {
            "/" => Script::html(PAGE),
            _ => Script::answer(kind, PAGE).content_length_lie(1000).wait(&held),
        })
        .await;
        let proxy = Proxy::start(&origin).await;
        let mut client = proxy.client().await;
        client.request(document("/short").to_bytes()).await;
        client.read_head().await;
        client.read_until_body_contains("<p>The tail").await;
        gate.open();
        assert!(!client.read_rest().await.complete, "{kind}");
        assert_serves(&proxy).await;
    }
}

#[tokio::test]
async fn a_page_that_ends_with_its_connection_is_whole() {
    let response = through(&document("/"), || Script::html(PAGE).until_close()).await;
    assert_eq!((response.text().as_str(), response.complete), (PRINTED, true));
}

#[tokio::test]
async fn answers_without_a_body_stay_without() {
    for status in [204, 304] {
        let origin = Origin::serve(move |_| {
            Script::empty(status).header("etag", "\"a\"").header("content-type", "text/html")
        })
        .await;
        let proxy = Proxy::start(&origin).await;
        let mut client = proxy.client().await;
        for _ in 0..2 {
            let response = client.get("/").await;
            assert_eq!((response.status, response.body.as_slice()), (status, &b""[..]));
            assert_eq!(response.header("etag"), Some("\"a\""));
            assert_eq!(response.header("content-length"), None, "{status}");
            assert_eq!(response.header("transfer-encoding"), None, "{status}");
        }
    }
}

#[tokio::test]
async fn interim_answers_end_at_the_proxy() {
    let script = || {
        Script::raw("HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n")
            .send("HTTP/1.1 102 Processing\r\n\r\n")
            .then(Script::html(PAGE))
    };
    let response = through(&document("/"), script).await;
    assert_eq!((response.status, response.text().as_str()), (200, PRINTED));
    assert_eq!(response.interim, [] as [u16; 0]);
    assert_eq!(response.header("link"), None);
}

#[tokio::test]
async fn trailers_pass_to_those_who_take_them() {
    for kind in ["text/html; charset=utf-8", "text/plain"] {
        let origin = Origin::serve(move |_| {
            Script::answer(kind, PAGE)
                .chunked()
                .header("trailer", "x-sum, location")
                .trailer("x-sum", "1")
                .trailer("location", "/evil")
        })
        .await;
        let proxy = Proxy::start(&origin).await;
        let request = document("/").header("TE", "trailers").header("Connection", "TE");
        let response = fetch(&proxy, &request).await;
        assert!(response.complete);
        assert_eq!(response.trailers.get("x-sum"), Some("1"), "{kind}");
        assert_eq!(response.trailers.get("location"), None, "{kind}");
        assert_eq!(origin.request().header("te"), Some("trailers"));
        let without = fetch(&proxy, &document("/")).await;
        assert!(without.complete);
        assert_eq!(without.trailers.get("x-sum"), None, "{kind}");
    }
}

#[tokio::test]
async fn a_header_of_any_bytes_survives() {
    let script = || Script::html(PAGE).header("x-name", b"caf\xe9 \xff").header("x-empty", "");
    let response = through(&document("/"), script).await;
    assert_eq!(response.headers.all_bytes("x-name"), [b"caf\xe9 \xff"]);
    assert_eq!(response.header("x-empty"), Some(""));
}

#[tokio::test]
async fn repeated_headers_stay_apart_and_in_order() {
    let script = || {
        Script::html(PAGE)
            .header("set-cookie", "a=1")
            .header("set-cookie", "b=2; Path=/")
            .header("link", "</a>; rel=a")
    };
    let response = through(&document("/"), script).await;
    assert_eq!(response.headers.all("set-cookie"), ["a=1", "b=2; Path=/"]);
    assert_eq!(response.header("content-security-policy"), None);
}

/// Chunks overrule a length (RFC 9112 §6.3): believed, it would cut the body or end it never.
#[tokio::test]
async fn a_length_beside_chunks_is_not_believed() {
    for length in [3, 5, 10] {
        let origin = Origin::serve(move |_| {
            Script::raw(format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\
                 Content-Length: {length}\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
            ))
        })
        .await;
        let proxy = Proxy::start(&origin).await;
        let response = proxy.get("/").await;
        assert!(response.complete, "{length}");
        assert_eq!(response.text(), "hello", "{length}");
    }
}

/// A body in a transfer coding would arrive without the field that says so.
#[tokio::test]
async fn a_transfer_coding_that_is_no_framing_is_a_502() {
    let origin = Origin::serve(|_| {
        Script::raw(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: gzip, chunked\r\n\r\n\
             1\r\nx\r\n0\r\n\r\n",
        )
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    assert_eq!(proxy.get("/").await.status, 502);
}
