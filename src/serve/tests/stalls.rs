//! Clients that stop, and services that take their time.

use std::error::Error;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, mpsc};

use super::support::*;
use crate::serve::{Config, Stalled, Upload};

const POST: &str = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n";

/// 200 and the body's length, or 408 if the client stalled.
async fn read(body: Upload) -> Answer {
    match body.collect().await {
        Ok(body) => answer(200, body.to_bytes().len().to_string()),
        Err(error) if is_stalled(&error) => answer(408, ""),
        Err(error) => answer(400, error.to_string()),
    }
}

fn is_stalled(error: &hyper::Error) -> bool {
    let io = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    let stalled = io.and_then(|io| io.get_ref()?.downcast_ref::<Stalled>());
    stalled == Some(&Stalled::Body)
}

#[tokio::test]
async fn a_stalled_head_gets_408_and_silence_gets_silence() {
    let server = Server::start(impatient(), |_, _| async { answer(200, "") }).await;
    for (sent, got) in
        [("", ""), ("G", "HTTP/1.1 408 "), ("GET / HTTP/1.1\r\nhost:", "HTTP/1.1 408 ")]
    {
        let mut client = server.connect().await;
        client.send(sent).await;
        let rest = client.rest().await;
        assert!(rest.starts_with(got) && rest.is_empty() == got.is_empty(), "{sent:?}: {rest:?}");
    }
    assert_eq!(count(&server.counters.stalled), 2);
}

#[tokio::test]
async fn a_head_that_trickles_has_no_longer_than_one_that_stalls() {
    let config = Config { head_bytes: 64 << 20, ..impatient() };
    let server = Server::start(config, |_, _| async { answer(200, "") }).await;
    let (mut reads, mut writes) = server.connect().await.0.into_split();
    let trickle = tokio::spawn(async move {
        while writes.write_all(b"G").await.is_ok() {
            tokio::task::yield_now().await;
        }
    });
    let mut got = String::new();
    within(reads.read_to_string(&mut got)).await.unwrap();
    trickle.abort();
    assert!(got.starts_with("HTTP/1.1 408 "), "{got:?}");
}

#[tokio::test]
async fn an_idle_connection_is_closed_without_a_word() {
    let config = Config { keep_alive: MOMENT, ..patient() };
    let server = Server::start(config, |_, _| async { answer(200, "ok") }).await;
    let mut client = server.connect().await;
    for _ in 0..2 {
        client.send(GET).await;
        client.until("ok").await;
    }
    assert_eq!(client.rest().await, "");
    assert_eq!(count(&server.counters.stalled), 0);
}

#[tokio::test]
async fn a_part_of_a_head_behind_a_request_gets_408() {
    let config = Config { keep_alive: MOMENT, ..patient() };
    let server = Server::start(config, |_, _| async { answer(200, "ok") }).await;
    let mut client = server.connect().await;
    client.send(format!("{GET}GET / HT")).await;
    client.until("ok").await;
    assert!(client.rest().await.starts_with("HTTP/1.1 408 "));
}

#[tokio::test]
async fn a_stalled_body_fails_where_the_service_reads_it() {
    let config = Config { progress: MOMENT, ..patient() };
    let server = Server::start(config, |request, _| read(request.into_body())).await;
    let mut client = server.connect().await;
    client.send(POST).await;
    client.send("12345").await;
    let got = client.rest().await;
    assert!(got.starts_with("HTTP/1.1 408 ") && got.contains("connection: close\r\n"), "{got:?}");
}

#[tokio::test]
async fn a_stalled_body_fails_when_another_task_comes_to_read_it() {
    let ready = Arc::new(Notify::new());
    let origin = ready.clone();
    let server = Server::start(impatient(), move |request, _| {
        let origin = origin.clone();
        let reading = tokio::spawn(async move {
            let mut body = request.into_body();
            body.frame().await.unwrap().unwrap();
            origin.notified().await;
            read(body).await
        });
        async { reading.await.unwrap() }
    });
    let server = server.await;
    let mut client = server.connect().await;
    client.send(POST).await;
    client.send("12345").await;
    server.limits_pass().await;
    ready.notify_one();
    assert!(client.rest().await.starts_with("HTTP/1.1 408 "));
    assert_eq!(count(&server.counters.stalled), 1);
}

#[tokio::test]
async fn a_body_that_the_service_does_not_read_yet_is_not_stalled() {
    let ready = Arc::new(Notify::new());
    let origin = ready.clone();
    let server = Server::start(impatient(), move |request, _| {
        let origin = origin.clone();
        async move {
            let mut body = request.into_body();
            let first = body.frame().await.unwrap().unwrap().into_data().unwrap().len();
            origin.notified().await;
            let rest = body.collect().await.unwrap().to_bytes().len();
            answer(200, format!("{first}+{rest}"))
        }
    });
    let server = server.await;
    let mut client = server.connect().await;
    client.send(POST).await;
    client.send("12345").await;
    server.limits_pass().await;
    client.send("67890").await;
    ready.notify_one();
    client.until("5+5").await;
}

#[tokio::test]
async fn an_answer_that_nobody_reads_ends_its_connection() {
    let config = Config { progress: MOMENT, ..patient() };
    let (ended, mut ends) = mpsc::unbounded_channel();
    let server = Server::start(config, move |_, _| {
        let ended = ended.clone();
        async move {
            let (sender, answer) = streamed();
            tokio::spawn(async move {
                while sender.send(Bytes::from_static(&[b'x'; 65_536])).await.is_ok() {}
                ended.send(()).unwrap();
            });
            answer
        }
    });
    let server = server.await;
    let mut client = server.connect().await;
    client.send(GET).await;
    within(ends.recv()).await.unwrap();
    let counters = server.counters.clone();
    server.drain(LONG).await;
    assert_eq!(count(&counters.stalled), 1);
}

#[tokio::test]
async fn an_answer_read_slowly_is_not_taken_for_an_idle_connection() {
    const LENGTH: usize = 32 << 20;
    let config = Config { progress: LONG, ..impatient() };
    let server = Server::start(config, |_, _| async { answer(200, vec![b'x'; LENGTH]) }).await;
    let mut client = server.connect().await;
    client.send(GET).await;
    client.until("\r\n\r\n").await;
    server.limits_pass().await;
    let mut first = vec![0; LENGTH / 2];
    within(client.0.read_exact(&mut first)).await.unwrap();
    server.limits_pass().await;
    assert_eq!(client.rest().await.len(), LENGTH - first.len());
}

#[tokio::test]
async fn a_service_may_be_silent_before_and_within_its_answer() {
    let (give, answers) = mpsc::unbounded_channel();
    let answers = Arc::new(Mutex::new(Some(answers)));
    let server = Server::start(impatient(), move |_, _| {
        let mut answers = answers.lock().unwrap().take().unwrap();
        async move { answers.recv().await.unwrap() }
    });
    let server = server.await;
    let mut client = server.connect().await;
    client.send(GET).await;
    server.limits_pass().await;
    let (body, answer) = streamed();
    give.send(answer).unwrap();
    for event in ["one", "two", "three"] {
        server.limits_pass().await;
        body.send(Bytes::from_static(event.as_bytes())).await.unwrap();
        client.until(event).await;
    }
    drop(body);
    client.until("\r\n0\r\n\r\n").await;
}

#[tokio::test]
async fn a_body_left_unread_after_its_answer_does_not_hold_the_connection() {
    let config = Config { progress: MOMENT, ..patient() };
    let (keep, _kept) = mpsc::unbounded_channel();
    let server = Server::start(config, move |request, _| {
        keep.send(request.into_body()).unwrap();
        async { answer(200, "early") }
    });
    let server = server.await;
    let mut client = server.connect().await;
    client.send(POST).await;
    client.send("12345").await;
    client.until("early").await;
    assert_eq!(client.rest().await, "");
}
