//! Content codings, whole and broken.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{CODINGS, PAGE, PRINTED, assert_serves, document, fetch};
use crate::support::{Client, Coding, Gate, Origin, Proxy, Request, Script};

const ALL: [Coding; 4] = [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd];

#[tokio::test]
async fn a_coded_page_stays_in_its_coding() {
    for coding in ALL {
        let origin = Origin::serve(move |_| Script::html(PAGE).coded(coding)).await;
        let proxy = Proxy::start(&origin).await;
        let response = fetch(&proxy, &document("/")).await;
        assert_eq!(response.text(), PRINTED);
        assert_eq!(response.header("content-encoding"), Some(coding.token()));
    }
}

#[tokio::test]
async fn a_raw_deflate_is_understood_and_sent_as_it_should_be() {
    let origin = Origin::serve(|_| Script::html(PAGE).coded(Coding::RawDeflate)).await;
    let proxy = Proxy::start(&origin).await;
    let response = fetch(&proxy, &document("/")).await;
    assert_eq!(response.text(), PRINTED);
}

#[tokio::test]
async fn stacked_codings_are_undone() {
    let origin = Origin::serve(|_| Script::html(PAGE).gzip().brotli()).await;
    let proxy = Proxy::start(&origin).await;
    let response = fetch(&proxy, &document("/")).await;
    assert_eq!(response.text(), PRINTED);
}

#[tokio::test]
async fn codings_on_several_lines_are_undone() {
    let body = Coding::Brotli.encode(Coding::Gzip.encode(PAGE));
    let origin = Origin::serve(move |_| {
        Script::html(&body).header("content-encoding", "GZIP").header("content-encoding", "br")
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    assert_eq!(fetch(&proxy, &document("/")).await.text(), PRINTED);
}

#[tokio::test]
async fn every_member_of_a_gzip_counts() {
    let (start, end) = PAGE.split_at(45);
    let members = [Coding::Gzip.encode(start), Coding::Gzip.encode(end)].concat();
    let origin = Origin::serve(move |_| gzipped(&members)).await;
    let proxy = Proxy::start(&origin).await;
    assert_eq!(fetch(&proxy, &document("/")).await.text(), PRINTED);
}

/// A page in a gzip made by hand.
fn gzipped(body: &[u8]) -> Script {
    Script::html(body).header("content-encoding", "gzip")
}

#[tokio::test]
async fn a_client_that_takes_no_coding_gets_the_page_plain() {
    for coding in ALL {
        let origin = Origin::serve(move |_| Script::html(PAGE).coded(coding)).await;
        let proxy = Proxy::start(&origin).await;
        for accepted in ["identity", "", "gzip;q=0, br;q=0, deflate;q=0, zstd;q=0"] {
            let request = Request::get("/").header("Accept-Encoding", accepted);
            let response = fetch(&proxy, &request).await;
            assert_eq!(response.header("content-encoding"), None, "{accepted:?}");
            assert_eq!(response.body, PRINTED.as_bytes(), "{coding:?} to {accepted:?}");
        }
    }
}

#[tokio::test]
async fn a_client_that_names_no_codings_gets_readable_bytes() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = Proxy::before(&origin).set("compress = true").start().await;
    let response = proxy.get("/").await;
    assert_eq!(response.body, PRINTED.as_bytes());
    assert_eq!(response.header("content-encoding"), None);
    assert_eq!(origin.request().header("accept-encoding"), None);
}

#[tokio::test]
async fn the_origin_is_offered_only_what_can_be_undone() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = Proxy::start(&origin).await;
    let request = Request::get("/").header("Accept-Encoding", "sdch, br;q=0.8, compress, gzip");
    fetch(&proxy, &request).await;
    assert_eq!(origin.request().header("accept-encoding"), Some("br;q=0.8, gzip"));
}

#[tokio::test]
async fn an_unknown_coding_passes_with_its_head() {
    let origin = Origin::serve(|_| {
        Script::html(PAGE).header("content-encoding", "sdch").header("etag", "\"a\"")
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let response = fetch(&proxy, &document("/")).await;
    assert_eq!(response.body, PAGE.as_bytes());
    assert_eq!(response.header("content-encoding"), Some("sdch"));
    assert_eq!(response.header("etag"), Some("\"a\""));
    assert_eq!(response.header("content-length"), Some(PAGE.len().to_string().as_str()));
}

/// A page of several blocks in any coding, so that its beginning can be read before its end.
fn long_page() -> String {
    let mut rng = fastrand::Rng::with_seed(7);
    let words = (0..16_000).map(|_| format!("<p>{:016x}</p>", rng.u64(..)));
    ["<!doctype html>", &words.collect::<String>()].concat()
}

/// Sends `wire`, framed as complete, to a client that has its beginning before the rest is sent.
/// Answers whether the client took the page for whole.
async fn looks_whole(coding: Coding, wire: Vec<u8>, accepted: &str) -> bool {
    let gate = Gate::new();
    let held = gate.clone();
    let origin = Origin::serve(move |request| {
        let (start, rest) = wire.split_at(wire.len() / 2);
        match request.target.as_str() {
            "/broken" => Script::html(start)
                .header("content-encoding", coding.token())
                .wait(&held)
                .body(rest),
            _ => Script::html(PAGE),
        }
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    let request = Request::get("/broken").header("Accept-Encoding", accepted);
    client.request(request.to_bytes()).await;
    assert_eq!(client.read_head().await.status, 200);
    client.read_until_body_contains("<!doctype html>").await;
    gate.open();
    let response = client.read_rest().await;
    assert_serves(&proxy).await;
    response.complete
}

#[tokio::test]
async fn a_corrupt_page_is_aborted() {
    for coding in [Coding::Gzip, Coding::Deflate] {
        for accepted in [CODINGS, "identity"] {
            let mut wire = coding.encode(long_page());
            let middle = wire.len() * 3 / 4;
            wire[middle..middle + 64].fill(0xff);
            assert!(!looks_whole(coding, wire, accepted).await, "{coding:?} as {accepted}");
        }
    }
}

#[tokio::test]
async fn a_page_that_is_no_gzip_at_all_is_aborted() {
    let origin = Origin::serve(|request| match request.target.as_str() {
        "/broken" => gzipped(b"no gzip at all"),
        _ => Script::html(PAGE),
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    for accepted in [CODINGS, "identity"] {
        let request = Request::get("/broken").header("Accept-Encoding", accepted);
        assert!(!fetch(&proxy, &request).await.complete, "as {accepted}");
        assert_serves(&proxy).await;
    }
}

#[tokio::test]
async fn a_page_that_ends_inside_its_coding_is_aborted() {
    for coding in ALL {
        for accepted in [CODINGS, "identity"] {
            let mut wire = coding.encode(long_page());
            wire.truncate(wire.len() - 9);
            assert!(!looks_whole(coding, wire, accepted).await, "{coding:?} as {accepted}");
        }
    }
}

#[tokio::test]
async fn a_whole_page_looks_whole() {
    for coding in ALL {
        assert!(looks_whole(coding, coding.encode(long_page()), CODINGS).await);
    }
}

/// 256 MiB of zeros.
fn bomb() -> Vec<u8> {
    let zeros = vec![0; 1 << 20];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..256 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_bomb_is_defused_by_whoever_reads_it_slowly() {
    let wire = bomb();
    let origin = Origin::serve(move |request| match request.target.as_str() {
        "/bomb" => gzipped(&wire).chunked(),
        _ => Script::html(PAGE),
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let mut client = Client::connect_narrow(proxy.address()).await;
    let request = Request::get("/bomb").header("Accept-Encoding", "identity");
    client.request(request.to_bytes()).await;
    client.read_exact(64 << 10).await;
    // It is the visitor's reading that drives the expansion, so others are served meanwhile.
    for _ in 0..20 {
        assert_serves(&proxy).await;
    }
    client.read_exact(1 << 20).await;
    client.reset();
    assert_serves(&proxy).await;
    assert!(proxy.stop().await, "nothing goes on when the visitor is gone");
}

#[tokio::test]
async fn pages_are_compressed_where_the_site_says_so() {
    let origin = Origin::serve(|_| Script::html(PAGE).header("vary", "Cookie")).await;
    let proxy = Proxy::before(&origin).set("compress = true").start().await;
    for (accepted, coding) in [
        ("gzip", Some("gzip")),
        ("zstd;q=0.5, gzip", Some("gzip")),
        ("br, gzip", Some("br")),
        ("zstd", Some("zstd")),
        ("deflate", Some("deflate")),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
    ] {
        let request = Request::get("/").header("Accept-Encoding", accepted);
        let response = fetch(&proxy, &request).await;
        assert_eq!(response.header("content-encoding"), coding, "{accepted}");
        assert_eq!(response.text(), PRINTED, "{accepted}");
        let vary = response.headers.all("vary").join(", ").to_ascii_lowercase();
        assert_eq!(vary, "cookie, accept-encoding", "{accepted}");
        assert_eq!(response.header("content-length"), None);
    }
}

#[tokio::test]
async fn compressed_pages_still_stream() {
    let gate = Gate::new();
    let held = gate.clone();
    let script = move |_: &_| Script::html("<p>first half").chunked().wait(&held).body("<p>second");
    let origin = Origin::serve(script).await;
    let proxy = Proxy::before(&origin).set("compress = true").start().await;
    for accepted in ["gzip", "br", "zstd", "deflate"] {
        let mut client = proxy.client().await;
        let request = Request::get("/").header("Accept-Encoding", accepted);
        client.request(request.to_bytes()).await;
        assert_eq!(client.read_head().await.header("content-encoding"), Some(accepted));
        client.read_until_body_contains("first half").await;
    }
    gate.open();
}

#[tokio::test]
async fn what_is_not_a_page_is_never_compressed() {
    let origin = Origin::serve(|_| Script::answer("text/css", "p{}")).await;
    let proxy = Proxy::before(&origin).set("compress = true").start().await;
    let response = fetch(&proxy, &document("/a.css")).await;
    assert_eq!(
        (response.body.as_slice(), response.header("content-encoding")),
        (&b"p{}"[..], None)
    );
    assert_eq!(response.header("vary"), None);
}
