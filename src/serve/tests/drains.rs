//! Stopping, with clients at every stage.

use std::future::pending;
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};

use super::support::*;
use crate::serve::Drained;

#[tokio::test]
async fn idle_connections_close_at_once() {
    let server = Server::start(patient(), |_, _| async { answer(200, "ok") }).await;
    let (mut fresh, mut idle) = (server.connect().await, server.connect().await);
    idle.send(GET).await;
    idle.until("ok").await;
    assert_eq!(server.drain(LONG).await, Drained::Clean);
    assert_eq!(idle.rest().await, "");
    assert_eq!(fresh.rest().await, "");
}

#[tokio::test]
async fn an_answer_under_way_is_finished_while_new_clients_are_refused() {
    let ready = Arc::new(Notify::new());
    let origin = ready.clone();
    let (working, mut work) = mpsc::unbounded_channel();
    let server = Server::start(patient(), move |_, _| {
        let (origin, working) = (origin.clone(), working.clone());
        async move {
            working.send(()).unwrap();
            origin.notified().await;
            answer(200, "whole")
        }
    });
    let server = server.await;
    let mut client = server.connect().await;
    client.send(GET).await;
    within(work.recv()).await.unwrap();

    let (addr, drain) = (server.addr, server.drain.clone());
    let drained = tokio::spawn(server.drain(LONG));
    within(drain.signaled()).await;
    while TcpStream::connect(addr).await.is_ok() {
        tokio::task::yield_now().await;
    }
    ready.notify_one();
    let got = client.rest().await;
    assert!(got.contains("connection: close\r\n") && got.ends_with("whole"), "{got}");
    assert_eq!(within(drained).await.unwrap(), Drained::Clean);
}

#[tokio::test]
async fn a_body_under_way_survives() {
    let (sender, answer) = streamed();
    let answer = Arc::new(std::sync::Mutex::new(Some(answer)));
    let server = Server::start(patient(), move |_, _| {
        let answer = answer.lock().unwrap().take().unwrap();
        async { answer }
    });
    let server = server.await;
    let mut client = server.connect().await;
    client.send(GET).await;
    sender.send(Bytes::from_static(b"one")).await.unwrap();
    client.until("one").await;
    let drain = server.drain.clone();
    let drained = tokio::spawn(server.drain(LONG));
    within(drain.signaled()).await;
    sender.send(Bytes::from_static(b"two")).await.unwrap();
    drop(sender);
    assert!(client.rest().await.ends_with("two\r\n0\r\n\r\n"));
    assert_eq!(within(drained).await.unwrap(), Drained::Clean);
}

#[tokio::test]
async fn the_deadline_ends_what_is_left() {
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
    assert_eq!(server.drain(MOMENT).await, Drained::Deadline(1));
    assert!(alive.is_closed());
    assert_eq!(client.rest().await, "");
}
