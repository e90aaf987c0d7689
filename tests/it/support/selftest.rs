//! Origin and client against each other: the tests of what tests rely on.

use super::wire::{seed, with_this_seed};
use super::*;

const PAGE: &str = "<!doctype html><title>Prints</title><p>first half<p>second half";

type Tell = fn() -> Script;

/// What a story that must fail says.
async fn panic_of(story: impl Future<Output = ()> + Send + 'static) -> String {
    let panic = tokio::spawn(story).await.unwrap_err().into_panic();
    let text = panic.downcast_ref::<String>().cloned();
    text.unwrap_or_else(|| panic.downcast_ref::<&str>().unwrap().to_string())
}

async fn connect(origin: &Origin) -> Client {
    Client::connect(origin.address()).await
}

fn every_coding() -> [Coding; 4] {
    [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd]
}

#[tokio::test]
async fn a_page_arrives_as_told_and_the_request_as_sent() {
    let origin = Origin::serve(|_| Script::html(PAGE).status(404).header("etag", "\"a\"")).await;
    let request = Request::post("/a?b").host("shop.test").header("X-B", b"\xff").body("x");
    let response = connect(&origin).await.fetch(&request).await;

    assert_eq!((response.status, response.text().as_str()), (404, PAGE));
    assert_eq!(response.header("ETag"), Some("\"a\""));
    let seen = origin.request();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/a?b"));
    assert_eq!([seen.head.clone(), seen.body.clone()].concat(), request.to_bytes());
    assert_eq!(seen.headers.names(), ["Host", "X-B", "Content-Length"]);
    assert_eq!(seen.headers.all_bytes("x-b"), [b"\xff"]);
    assert_eq!(seen.header("host"), Some("shop.test"));
}

#[tokio::test]
async fn chunks_and_trailers_travel_both_ways() {
    with_seed(async |mut rng| {
        let cut = Cut::Random(rng.u64(..));
        let script =
            move |_: &RawRequest| Script::html(PAGE).chunked().cut(cut).trailer("sum", "1");
        let origin = Origin::serve(script).await;
        let pieces = chunks(PAGE.as_bytes(), rng.u64(..));
        let request = Request::post("/").chunked(pieces).trailer("count", "2");
        let response = connect(&origin).await.fetch(&request).await;

        assert_eq!((response.text().as_str(), response.complete), (PAGE, true));
        assert_eq!(response.trailers.get("sum"), Some("1"));
        assert_eq!(origin.request().body, PAGE.as_bytes());
        assert_eq!(origin.request().trailers.get("count"), Some("2"));
    })
    .await;
}

#[tokio::test]
async fn an_answer_can_be_written_by_hand() {
    let head = "HTTP/1.1 103 \r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let script = move |_: &RawRequest| Script::raw(head).chunk("ab").trailer("t", "1").end_chunks();
    let origin = Origin::serve(script).await;
    let response = connect(&origin).await.get("/").await;

    assert_eq!((response.interim.as_slice(), response.text().as_str()), (&[103][..], "ab"));
    assert_eq!(response.trailers.get("t"), Some("1"));
    assert_eq!(response.raw, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
}

#[tokio::test]
async fn half_a_page_arrives_while_the_origin_waits() {
    for coding in every_coding() {
        let gate = Gate::new();
        let pause = gate.clone();
        let script = move |_: &RawRequest| {
            Script::html("first half").coded(coding).chunked().wait(&pause).body("second half")
        };
        let origin = Origin::serve(script).await;
        let mut client = connect(&origin).await;
        client.request(Request::get("/").to_bytes()).await;

        client.read_head().await;
        assert_eq!(client.read_until_body_contains("first half").await, b"first half");
        gate.reached().await;
        gate.open();
        let response = client.read_rest().await;
        assert_eq!(response.text(), "first halfsecond half");
        assert_eq!(response.header("content-encoding"), Some(coding.token()));
    }
}

#[tokio::test]
async fn codings_stack() {
    let origin = Origin::serve(|_| Script::html(PAGE).gzip().brotli().zstd().deflate()).await;
    let response = connect(&origin).await.get("/").await;
    assert_eq!(response.header("content-encoding"), Some("gzip, br, zstd, deflate"));
    assert_eq!(response.text(), PAGE);
}

#[test]
fn a_raw_deflate_has_no_wrapper() {
    let wrapped = Coding::Deflate.encode(PAGE);
    assert_eq!(Coding::RawDeflate.encode(PAGE), wrapped[2..wrapped.len() - 4]);
}

#[tokio::test]
async fn an_event_stream_pauses_between_events() {
    let gate = Gate::new();
    let pause = gate.clone();
    let script = move |_: &RawRequest| Script::sse().event("one").wait(&pause).event("two");
    let origin = Origin::serve(script).await;
    let mut client = connect(&origin).await;
    client.request(Request::get("/").to_bytes()).await;

    client.read_head().await;
    assert_eq!(client.read_some_body().await, b"data: one\n\n");
    gate.open();
    assert_eq!(client.read_some_body().await, b"data: two\n\n");
    assert!(client.read_some_body().await.is_empty());
}

#[tokio::test]
async fn what_is_cut_short_is_not_complete() {
    let scripts: [(&str, Tell); 5] = [
        ("length", || Script::html(PAGE).unfinished()),
        ("chunks", || Script::html(PAGE).chunked().unfinished()),
        ("lie", || Script::html(PAGE).content_length_lie(1000)),
        ("reset in the body", || Script::html(PAGE).unfinished().reset()),
        ("reset before the close", || Script::html(PAGE).until_close().reset()),
    ];
    for (name, script) in scripts {
        let origin = Origin::serve(move |_| script()).await;
        let response = connect(&origin).await.get("/").await;
        assert!(!response.complete, "{name}");
    }
    let origin = Origin::serve(move |_| Script::html(PAGE).until_close()).await;
    assert!(connect(&origin).await.get("/").await.complete, "ended by its close");
}

#[tokio::test]
async fn a_coding_cut_short_is_noticed() {
    for coding in every_coding() {
        let origin = Origin::serve(move |_| Script::html(PAGE).coded(coding).unfinished()).await;
        let response = connect(&origin).await.get("/").await;
        let panic = panic_of(async move { drop(response.text()) }).await;
        assert!(panic.contains("bytes of the body"), "{coding:?}: {panic}");
    }
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let origin = Origin::serve(|request| match request.method.as_str() {
        "HEAD" => Script::html(PAGE),
        _ if request.target == "/none" => Script::empty(204),
        _ => Script::html(&request.target).cut(Cut::Every(1)),
    })
    .await;
    let mut client = connect(&origin).await;

    let head = client.fetch(&Request::head("/")).await;
    assert_eq!((head.header("content-length"), head.body.len()), (Some("63"), 0));
    assert_eq!(client.get("/none").await.header("content-length"), None);
    assert_eq!(client.get("/one").await.text(), "/one");
    client.request([Request::get("/2").to_bytes(), Request::get("/3").to_bytes()].concat()).await;
    assert_eq!(client.read_response().await.text(), "/2");
    assert_eq!(client.read_response().await.text(), "/3");
    assert_eq!(connect(&origin).await.get("/4").await.text(), "/4");
    let connections: Vec<_> = origin.requests().iter().map(|seen| seen.connection).collect();
    assert_eq!((connections.as_slice(), origin.connections()), (&[0, 0, 0, 0, 0, 1][..], 2));
}

#[tokio::test]
async fn a_connection_ends_as_told() {
    for (script, end) in [
        ((|| Script::new().close()) as Tell, End::Closed),
        (|| Script::new().half_close().stall(), End::Closed),
        (|| Script::new().reset(), End::Reset),
    ] {
        let origin = Origin::serve(move |_| script()).await;
        let mut client = connect(&origin).await;
        client.request(Request::get("/").to_bytes()).await;
        assert_eq!(client.closed_by_peer().await, end);
    }
}

#[tokio::test]
async fn an_origin_answers_before_the_body_has_come() {
    let script = |_: &RawRequest| Script::new().read_body(2).then(Script::empty(413));
    let origin = Origin::early(script).await;
    let mut client = connect(&origin).await;
    client.request("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab").await;

    assert_eq!(client.read_response().await.status, 413);
    assert!(!origin.request().complete);
    client.send("cd").await;
    origin.until("the body", |log| log.requests[0].complete).await;
    assert_eq!(origin.request().body, b"abcd");
}

#[tokio::test]
async fn a_connection_becomes_a_tunnel() {
    let origin = Origin::serve(|_| Script::upgrade("websocket").echo_upgraded()).await;
    let mut client = connect(&origin).await;
    assert_eq!(client.get("/").await.header("upgrade"), Some("websocket"));

    client.send("\x01\r\n\r\n").await;
    assert_eq!(client.read_exact(5).await, b"\x01\r\n\r\n");
    client.half_close().await;
    assert_eq!(client.closed_by_peer().await, End::Closed);
}

#[tokio::test]
async fn an_origin_sees_that_the_visitor_left() {
    let origin = Origin::serve(|_| Script::html(PAGE).unfinished().stall()).await;
    let mut client = connect(&origin).await;
    client.request(Request::get("/").to_bytes()).await;
    client.read_head().await;
    client.reset();
    origin.until("the connection to end", |log| log.ended == 1).await;
}

#[tokio::test]
async fn a_visitor_who_does_not_read_stops_the_sender() {
    const LARGE: usize = 32 << 20;
    let origin = Origin::serve(|_| Script::html(vec![b'x'; LARGE])).await;
    let mut client = Client::connect_narrow(origin.address()).await;
    client.request(Request::get("/").to_bytes()).await;
    client.read_exact(1000).await;
    assert!(origin.sent() < LARGE / 2, "{}", origin.sent());
}

#[tokio::test]
async fn an_upload_survives_an_answer_as_large() {
    let body = vec![b'x'; 16 << 20];
    let answer = body.clone();
    let origin = Origin::early(move |_| Script::html(&answer)).await;
    let response = connect(&origin).await.fetch(&Request::post("/").body(&body)).await;
    assert_eq!(response.body.len(), body.len());
    origin.until("the upload", |log| log.requests[0].complete).await;
}

#[tokio::test]
async fn an_origin_goes_and_comes_back() {
    let mut origin = Origin::serve(|_| Script::empty(200)).await;
    let mut client = connect(&origin).await;
    client.get("/").await;
    origin.stop().await;
    client.closed_by_peer().await;
    let back = Origin::serve_at(origin.address(), |_| Script::html("back")).await;
    assert_eq!(back.url(), origin.url());
    assert_eq!(connect(&back).await.get("/").await.text(), "back");
    assert!(tokio::net::TcpStream::connect(nobody_listens().await).await.is_err());
}

#[tokio::test]
async fn what_an_origin_finds_wrong_fails_the_test() {
    let smuggled = "GET / HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n";
    let panic = panic_of(async move {
        let origin = Origin::serve(|_| Script::empty(200)).await;
        connect(&origin).await.request(smuggled).await;
        origin.until("the connection to end", |log| log.ended == 1).await;
    });
    assert!(panic.await.contains("the origin failed"));
}

#[tokio::test]
async fn a_failure_names_its_seed() {
    let panic = panic_of(with_this_seed(7, async |_| panic!("no"))).await;
    assert_eq!(panic, "with OVERPRINT_SEED=7: no");
    assert_eq!(seed(Some("7".to_owned())), 7);
}

#[test]
fn chunks_lose_nothing_and_repeat() {
    let bytes: Vec<u8> = (0..20_000).map(|n| n as u8).collect();
    let pieces = chunks(&bytes, 3);
    assert_eq!(pieces.concat(), bytes);
    assert_eq!(pieces, chunks(&bytes, 3));
    assert_ne!(pieces, chunks(&bytes, 4));
    assert!(pieces.iter().any(|piece| piece.is_empty()));
    assert!(pieces.iter().any(|piece| piece.len() == 1));
}
