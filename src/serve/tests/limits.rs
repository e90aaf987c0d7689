//! Requests that are too much, services that panic, clients that leave.

use std::future::pending;

use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

use super::support::*;
use crate::serve::Config;

#[tokio::test]
async fn heads_have_a_size_and_a_number_of_lines() {
    let config = Config { head_bytes: 16 * 1024, headers: 50, ..patient() };
    let server = Server::start(config, |_, _| async { answer(200, "ok") }).await;
    let cases = [
        ("x".repeat(15 * 1024), "200 OK"),
        ("x".repeat(17 * 1024), "431 Request Header Fields Too Large"),
        ("x".repeat(200 * 1024), "431 Request Header Fields Too Large"),
        ("\r\nx: y".repeat(47), "200 OK"),
        ("\r\nx: y".repeat(60), "431 Request Header Fields Too Large"),
    ];
    for (x, status) in cases {
        let mut client = server.connect().await;
        client
            .send(format!("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx: {x}\r\n\r\n"))
            .await;
        let got = client.rest().await;
        assert!(got.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{} bytes: {got}", x.len());
    }
}

#[tokio::test]
async fn what_is_not_http_gets_400() {
    let server = Server::start(patient(), |_, _| async { answer(200, "ok") }).await;
    let mut client = server.connect().await;
    client.send("hello there\r\n\r\n").await;
    assert!(client.rest().await.starts_with("HTTP/1.1 400 "));
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = Server::start(patient(), |request, _| async move {
        answer(200, request.uri().path().to_owned())
    });
    let server = server.await;
    let mut client = server.connect().await;
    client.send(["/1", "/2", "/3"].map(|path| GET.replacen('/', path, 1)).concat()).await;
    for path in ["/1", "/2", "/3"] {
        client.until(path).await;
    }
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let server = Server::start(patient(), |request, _| async move {
        drop(request);
        answer(413, "too much")
    });
    let server = server.await;
    let mut client = server.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10000000\r\n\r\n").await;
    within(client.0.readable()).await.unwrap();
    for _ in 0..10 {
        client.send([b'x'; 65_536]).await;
    }
    let got = client.rest().await;
    assert!(got.starts_with("HTTP/1.1 413 ") && got.ends_with("too much"), "{got}");
    assert!(got.contains("connection: close\r\n"), "{got}");
}

#[tokio::test]
async fn a_panic_costs_its_connection_and_is_counted() {
    let server = Server::start(patient(), |request, _| async move {
        assert_ne!(request.uri().path(), "/service");
        let ok = answer(200, "ok");
        match request.uri().path() {
            "/body" => ok.map(|body| body.map_frame(|_| panic!("in a body")).boxed_unsync()),
            _ => ok,
        }
    });
    let server = server.await;
    let mut witness = server.connect().await;
    witness.send(GET).await;
    witness.until("ok").await;
    let mut client = server.connect().await;
    client.send(GET.replacen('/', "/service", 1)).await;
    assert_eq!(client.rest().await, "");
    let mut client = server.connect().await;
    client.send(GET.replacen('/', "/body", 1)).await;
    assert!(!client.rest().await.ends_with("0\r\n\r\n"), "a body that panics has no end");
    witness.send(GET).await;
    witness.until("ok").await;
    let counters = server.counters.clone();
    server.drain(LONG).await;
    assert_eq!(count(&counters.panics), 2);
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_work_for_it() {
    let (working, mut work) = mpsc::unbounded_channel::<mpsc::Sender<()>>();
    let server = Server::start(patient(), move |_, _| {
        let working = working.clone();
        async move {
            let (alive, closed) = mpsc::channel(1);
            let _closed = closed;
            working.send(alive).unwrap();
            pending().await
        }
    });
    let server = server.await;
    let mut client = server.connect().await;
    client.send(GET).await;
    let alive = within(work.recv()).await.unwrap();
    drop(client);
    within(alive.closed()).await;
}

#[tokio::test]
async fn a_tunnel_has_no_limits_but_its_owners() {
    let server = Server::start(impatient(), |request, drain| async move {
        let upgrade = hyper::upgrade::on(request);
        drain.spawn(async move {
            let mut io = TokioIo::new(upgrade.await.unwrap());
            let byte = io.read_u8().await.unwrap();
            io.write_u8(byte).await.unwrap();
            io.shutdown().await.unwrap();
        });
        let mut answer = answer(200, "");
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        answer.headers_mut().insert("connection", "upgrade".parse().unwrap());
        answer.headers_mut().insert("upgrade", "echo".parse().unwrap());
        answer
    });
    let server = server.await;
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n").await;
    client.until("\r\n\r\n").await;
    server.limits_pass().await;
    client.send("!").await;
    assert_eq!(client.rest().await, "!");
}
