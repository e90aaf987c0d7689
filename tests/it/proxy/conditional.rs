//! Conditions and ranges: what a visitor holds may be confirmed only if it would be printed again.

use super::{PAGE, PRINTED, document, fetch};
use crate::support::{Origin, Proxy, RawRequest, Request, Response, Script, within};

const OWN: &str = "\"v1\"";
const WHEN: &str = "Mon, 01 Jan 2024 00:00:00 GMT";

/// An origin that knows its tag.
fn tagged(request: &RawRequest) -> Script {
    let known = request.header("if-none-match").is_some_and(|tags| tags.contains(OWN));
    let script = if known { Script::empty(304) } else { Script::html(PAGE) };
    script.header("etag", OWN).header("cache-control", "max-age=5")
}

async fn tagged_site() -> (Origin, Proxy) {
    let origin = Origin::serve(tagged).await;
    let proxy = Proxy::start(&origin).await;
    (origin, proxy)
}

fn last(origin: &Origin) -> RawRequest {
    origin.requests().pop().expect("a request")
}

fn etag(response: &Response) -> String {
    response.header("etag").expect("a tag").to_owned()
}

#[tokio::test]
async fn a_printed_page_has_a_weak_tag_of_its_own() {
    let (_origin, proxy) = tagged_site().await;
    let tag = etag(&fetch(&proxy, &document("/")).await);
    assert!(tag.starts_with("W/\"v1") && tag.ends_with('"') && tag.len() > 12, "{tag}");
    assert_eq!(etag(&fetch(&proxy, &document("/")).await), tag, "the same page, another tag");
}

#[tokio::test]
async fn a_current_tag_is_confirmed_by_the_origin() {
    let (origin, proxy) = tagged_site().await;
    let tag = etag(&fetch(&proxy, &document("/")).await);
    let again = fetch(&proxy, &document("/").header("If-None-Match", &tag)).await;
    assert_eq!((again.status, etag(&again)), (304, tag));
    assert_eq!(again.header("cache-control"), Some("max-age=5"));
    assert_eq!(again.body, b"");
    assert_eq!(last(&origin).header("if-none-match"), Some(OWN));
}

#[tokio::test]
async fn a_current_tag_among_others_is_found() {
    let (origin, proxy) = tagged_site().await;
    let tag = etag(&fetch(&proxy, &document("/")).await);
    let request = document("/")
        .header("If-None-Match", "\"other, one\", W/\"x\"")
        .header("If-None-Match", format!("\"y\", {tag}"));
    let again = fetch(&proxy, &request).await;
    assert_eq!((again.status, etag(&again)), (304, tag));
    assert_eq!(last(&origin).header("if-none-match"), Some(OWN));
}

#[tokio::test]
async fn a_weak_tag_comes_back_weak() {
    let origin = Origin::serve(|request| match request.header("if-none-match") {
        Some("W/\"v1\"") => Script::empty(304).header("etag", "W/\"v1\""),
        Some(other) => panic!("another tag: {other}"),
        None => Script::html(PAGE).header("etag", "W/\"v1\""),
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let tag = etag(&fetch(&proxy, &document("/")).await);
    let again = fetch(&proxy, &document("/").header("If-None-Match", &tag)).await;
    assert_eq!((again.status, etag(&again)), (304, tag));
}

#[tokio::test]
async fn a_page_the_origin_has_changed_is_sent_whole() {
    let origin = Origin::serve(|request| match request.target.as_str() {
        "/old" => Script::html(PAGE).header("etag", "\"v0\""),
        _ => tagged(request),
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let tag = etag(&fetch(&proxy, &document("/old")).await);
    let page = fetch(&proxy, &document("/").header("If-None-Match", tag)).await;
    assert_eq!((page.status, page.text().as_str()), (200, PRINTED));
}

#[tokio::test]
async fn new_content_makes_old_tags_stale() {
    let (origin, proxy) = tagged_site().await;
    let tag = etag(&fetch(&proxy, &document("/")).await);
    proxy.publish(0, r#"{"title": "Edited"}"#);
    let live = async { while etag(&fetch(&proxy, &document("/")).await) == tag {} };
    within("another tag", live).await;

    for request in [document("/"), Request::get("/")] {
        let request = request.header("If-None-Match", &tag).header("If-Modified-Since", WHEN);
        let page = fetch(&proxy, &request).await;
        assert_eq!((page.status, page.text()), (200, PRINTED.replace("Printed", "Edited")));
        assert_eq!(last(&origin).header("if-none-match"), None);
        assert_eq!(last(&origin).header("if-modified-since"), None);
    }
}

#[tokio::test]
async fn what_a_visitor_knows_from_the_origin_is_not_asked_about() {
    let (origin, proxy) = tagged_site().await;
    let by_accept = Request::get("/").header("Accept", "text/html, */*");
    let by_destination = Request::get("/").header("Sec-Fetch-Dest", "iframe");
    for request in [document("/"), by_accept, by_destination] {
        let request = request.header("If-None-Match", OWN).header("If-Modified-Since", WHEN);
        let page = fetch(&proxy, &request).await;
        assert_eq!((page.status, page.text().as_str()), (200, PRINTED));
        assert_eq!(last(&origin).header("if-none-match"), None);
        assert_eq!(last(&origin).header("if-modified-since"), None);
    }
}

#[tokio::test]
async fn conditions_on_assets_pass() {
    let (origin, proxy) = tagged_site().await;
    let request = Request::get("/a.png")
        .header("Accept", "image/avif,*/*;q=0.8")
        .header("Sec-Fetch-Dest", "image")
        .header("If-None-Match", OWN)
        .header("If-Modified-Since", WHEN);
    let answer = fetch(&proxy, &request).await;
    assert_eq!((answer.status, etag(&answer).as_str()), (304, OWN));
    assert_eq!(last(&origin).header("if-none-match"), Some(OWN));
    assert_eq!(last(&origin).header("if-modified-since"), Some(WHEN));
}

#[tokio::test]
async fn a_head_has_the_head_of_its_get() {
    for coded in [false, true] {
        let origin = Origin::serve(move |_| {
            let script = Script::html(PAGE).header("etag", OWN).header("last-modified", WHEN);
            let script = script.header("date", WHEN);
            if coded { script.gzip() } else { script }
        })
        .await;
        let proxy = Proxy::start(&origin).await;
        let mut client = proxy.client().await;
        let get = client.fetch(&document("/")).await;
        let head = Request::head("/")
            .header("Accept", "text/html")
            .header("Accept-Encoding", super::CODINGS);
        let head = client.fetch(&head).await;
        assert_eq!((head.status, head.body.as_slice()), (200, &b""[..]));
        for name in ["etag", "content-type", "content-encoding", "last-modified", "date", "vary"] {
            assert_eq!(head.header(name), get.header(name), "{name}");
        }
        assert_eq!(head.header("content-length"), None, "the page will have another length");
        // The connection is where it should be.
        assert_eq!(client.get("/").await.text(), PRINTED);
    }
}

#[tokio::test]
async fn a_head_of_an_asset_keeps_its_length() {
    let origin = Origin::serve(|_| Script::answer("text/css", "p{color:red}")).await;
    let proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    let head = client.fetch(&Request::head("/a.css")).await;
    assert_eq!((head.header("content-length"), head.body.as_slice()), (Some("12"), &b""[..]));
    assert_eq!(client.get("/a.css").await.text(), "p{color:red}");
}

#[tokio::test]
async fn a_range_of_a_document_is_not_asked_for() {
    let (origin, proxy) = tagged_site().await;
    let request = document("/").header("Range", "bytes=5-").header("If-Range", OWN);
    let page = fetch(&proxy, &request).await;
    assert_eq!((page.status, page.text().as_str()), (200, PRINTED));
    assert_eq!(origin.request().header("range"), None);
    assert_eq!(origin.request().header("if-range"), None);
}

/// Answers ranges of anything.
fn ranged(kind: &'static str) -> impl Fn(&RawRequest) -> Script + Send + Sync {
    move |request| match request.header("range") {
        Some(_) => Script::answer(kind, &PAGE[2..6])
            .status(206)
            .header("content-range", format!("bytes 2-5/{}", PAGE.len())),
        None => Script::answer(kind, PAGE),
    }
}

#[tokio::test]
async fn a_range_of_an_asset_passes() {
    let origin = Origin::serve(ranged("video/mp4")).await;
    let proxy = Proxy::start(&origin).await;
    let request = Request::get("/a.mp4").header("Range", "bytes=2-5").header("If-Range", OWN);
    let part = fetch(&proxy, &request).await;
    assert_eq!((part.status, part.body.as_slice()), (206, &PAGE.as_bytes()[2..6]));
    assert_eq!(part.header("content-range"), Some(&*format!("bytes 2-5/{}", PAGE.len())));
    assert_eq!(part.header("content-length"), Some("4"));
    assert_eq!(origin.request().header("range"), Some("bytes=2-5"));
    assert_eq!(origin.request().header("if-range"), Some(OWN));
}

#[tokio::test]
async fn a_part_of_a_page_is_fetched_again_whole() {
    let origin = Origin::serve(ranged("text/html; charset=utf-8")).await;
    let proxy = Proxy::start(&origin).await;
    let page = fetch(&proxy, &Request::get("/").header("Range", "bytes=2-5")).await;
    assert_eq!((page.status, page.text().as_str()), (200, PRINTED));
    assert_eq!(page.header("content-range"), None);
    let ranges: Vec<_> =
        origin.requests().iter().map(|seen| seen.header("range").map(str::to_owned)).collect();
    assert_eq!(ranges, [Some("bytes=2-5".to_owned()), None]);
}

#[tokio::test]
async fn what_speaks_of_the_origins_bytes_goes_from_printed_pages_only() {
    const TOLD: [&str; 6] = [
        "accept-ranges",
        "last-modified",
        "content-md5",
        "digest",
        "content-digest",
        "repr-digest",
    ];
    for (kind, stay) in [("text/html", false), ("text/css", true)] {
        let origin = Origin::serve(move |_| {
            let script = Script::answer(kind, PAGE).header("x-other", "stays");
            TOLD.iter().fold(script, |script, name| script.header(name, "told"))
        })
        .await;
        let proxy = Proxy::start(&origin).await;
        let response = fetch(&proxy, &document("/")).await;
        for name in TOLD {
            assert_eq!(response.header(name), stay.then_some("told"), "{name} of {kind}");
        }
        assert_eq!(response.header("content-length").is_some(), stay, "{kind}");
        assert_eq!(response.header("x-other"), Some("stays"));
    }
}

#[tokio::test]
async fn digests_go_from_trailers_too() {
    let origin = Origin::serve(|_| {
        Script::html(PAGE)
            .chunked()
            .header("trailer", "digest, x-sum")
            .trailer("digest", "sha-256=abc")
            .trailer("x-sum", "1")
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let page = fetch(&proxy, &document("/").header("TE", "trailers")).await;
    assert_eq!(page.text(), PRINTED);
    assert_eq!(page.header("trailer"), Some("x-sum"));
    assert_eq!((page.trailers.get("digest"), page.trailers.get("x-sum")), (None, Some("1")));
}
