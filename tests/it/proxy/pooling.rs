//! Connections to the origin: kept, used again, and closed in time.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{PAGE, PRINTED, assert_serves, document, fetch};
use crate::support::{Gate, Origin, Proxy, RawRequest, Request, Script, within};

/// A part of a page, which comes in one piece.
const PART: &str = "HTTP/1.1 206 Partial Content\r\ncontent-type: text/html\r\n\
                    content-range: bytes 0-3/9\r\ncontent-length: 4\r\n\r\npart";

fn serve(request: &RawRequest) -> Script {
    match request.target.as_str() {
        "/plain" => Script::answer("text/plain", vec![b'x'; 100_000]),
        "/chunks" => Script::answer("text/plain", "chunks").chunked().trailer("X-Sum", "1"),
        "/empty" => Script::empty(204),
        "/old" => Script::empty(304),
        "/part" if request.header("range").is_some() => Script::raw(PART),
        "/closing" => Script::html(PAGE).header("connection", "close").close(),
        _ => Script::html(PAGE),
    }
}

#[tokio::test]
async fn every_kind_of_answer_leaves_its_connection_to_the_next() {
    let origin = Origin::serve(serve).await;
    let proxy = Proxy::start(&origin).await;
    for request in [
        document("/"),
        Request::get("/plain"),
        Request::get("/chunks"),
        Request::new("HEAD", "/plain"),
        Request::get("/empty"),
        Request::get("/old"),
        Request::get("/part").header("Range", "bytes=0-3"),
        Request::post("/").body("item=1"),
        Request::post("/plain").chunked(["item=1"]),
        document("/"),
    ] {
        let response = fetch(&proxy, &request).await;
        assert!(response.complete && response.status < 500, "{request:?}");
        assert_eq!(origin.connections(), 1, "after {request:?}");
    }
}

#[tokio::test]
async fn a_connection_that_the_origin_closes_is_not_used_again() {
    let origin = Origin::serve(serve).await;
    let proxy = Proxy::start(&origin).await;
    for connections in 1..4 {
        assert_eq!(proxy.get("/closing").await.text(), PRINTED);
        assert_eq!(origin.connections(), connections);
    }
}

#[tokio::test]
async fn visitors_at_the_same_time_have_connections_of_their_own() {
    let gate = Gate::new();
    let held = gate.clone();
    let slow = move |_: &RawRequest| Script::new().wait(&held).then(Script::html(PAGE));
    let origin = Origin::serve(slow).await;
    let proxy = Proxy::before(&origin).count("pool", 1).start().await;
    let (mut one, mut other) = (proxy.client().await, proxy.client().await);
    one.request(document("/").to_bytes()).await;
    other.request(document("/").to_bytes()).await;
    origin.until("both requests", |log| log.requests.len() == 2).await;
    gate.open();
    assert!(one.read_response().await.complete && other.read_response().await.complete);
    // No more of them are kept than may be.
    origin.until("one of them to be closed", |log| log.ended == 1).await;
    assert_serves(&proxy).await;
    assert_eq!(origin.connections(), 2);
}

#[tokio::test]
async fn an_idle_connection_is_closed_in_time() {
    let origin = Origin::serve(serve).await;
    let proxy = Proxy::before(&origin).timeout("pool_idle", "100ms").start().await;
    for ended in 1..3 {
        assert_serves(&proxy).await;
        origin.until("the connection to be closed", |log| log.ended == ended).await;
    }
    assert_eq!(origin.connections(), 2);
}

/// Who reads an answer drives its connection, and must not be waited for by the upload.
#[tokio::test]
async fn an_upload_goes_on_while_its_answer_is_not_read() {
    const UPLOAD: usize = 32 << 20;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let flood = tokio::spawn(async move {
        let (mut read, mut write) = listener.accept().await.unwrap().0.into_split();
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n";
        let answer = tokio::spawn(async move {
            write.write_all(head).await.unwrap();
            while write.write_all(&[b'x'; 1 << 16]).await.is_ok() {}
        });
        let (mut taken, mut buffer) = (0, vec![0; 1 << 16]);
        while taken < UPLOAD {
            taken += read.read(&mut buffer).await.unwrap();
        }
        // Open until the test has seen it.
        (read, answer)
    });
    let origin = Origin::serve(serve).await;
    let site = Proxy::before(&origin).site(url).set("hosts = \"up.test\"");
    let proxy = site.start().await;
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    let head =
        format!("POST / HTTP/1.1\r\nHost: up.test\r\nContent-Length: {}\r\n\r\n", UPLOAD * 2);
    client.write_all(head.as_bytes()).await.unwrap();
    let upload = async {
        let piece = vec![b'u'; 1 << 16];
        while client.write_all(&piece).await.is_ok() {}
    };
    within("the origin to have the upload", async {
        tokio::select! {
            () = upload => panic!("the upload ended early"),
            done = flood => done.unwrap().1.abort(),
        }
    })
    .await;
}
