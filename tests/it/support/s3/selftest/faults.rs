//! Faults and stops, as the client sees them and at the raw socket.

use std::io::ErrorKind;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::support::Gate;

/// A connection on which an unsigned GET was sent.
async fn ask(s3: &S3) -> TcpStream {
    let address = s3.endpoint().strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!("GET /{BUCKET}/{KEY} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// What comes for it, up to its end or an error.
async fn raw(s3: &S3) -> (String, Option<ErrorKind>) {
    let mut stream = ask(s3).await;
    let mut bytes = Vec::new();
    let error = within("the end of an answer", stream.read_to_end(&mut bytes)).await.err();
    (String::from_utf8_lossy(&bytes).into_owned(), error.map(|error| error.kind()))
}

#[tokio::test]
async fn every_fault_is_an_error_or_not_the_object() {
    let (s3, client) = store_with("published").await;
    let elsewhere = format!("{}/{BUCKET}/elsewhere", s3.endpoint());
    let cases = [
        (Fault::Status(503), "503", Some(503)),
        (Fault::Status(403), "AccessDenied", Some(403)),
        (Fault::Reset, "error sending request", None),
        (Fault::Lost, "error sending request", None),
        (Fault::NotHttp, "error sending request", None),
        (Fault::ResetMidBody(4), "", Some(200)),
        (Fault::Truncate(4), "", Some(200)),
        (Fault::Redirect(elsewhere), "", Some(301)),
        (Fault::Endless, "Content-Length", Some(200)),
    ];
    for (fault, says, status) in cases {
        s3.forget_requests();
        s3.on("GET", "aliases/").times(1).fault(fault.clone());
        let error = get(&client).await.unwrap_err().to_string();
        assert!(error.contains(says), "{fault:?}: {error}");
        assert_eq!(s3.requests()[0].status, status, "{fault:?}");
        assert_eq!(get(&client).await.unwrap(), b"published", "{fault:?}");
    }
    s3.on("", "").fault(Fault::Garbage);
    let garbage = client.get(&Path::from(KEY)).await.unwrap();
    s3.heal();
    let object = client.head(&Path::from(KEY)).await.unwrap();
    assert_eq!(garbage.meta.e_tag, object.e_tag);
    assert!(garbage.bytes().await.unwrap().starts_with(b"<!doctype html>"));
}

#[tokio::test]
async fn an_answer_breaks_off_as_ordered() {
    let (s3, _) = store_with("published").await;
    let reset = Some(ErrorKind::ConnectionReset);
    for (fault, expected) in [(Fault::Truncate(5), None), (Fault::ResetMidBody(5), reset)] {
        s3.on("GET", "").times(1).fault(fault);
        let (answer, error) = raw(&s3).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{head}");
        assert_eq!((body, error), ("<?xml", expected));
    }
    s3.on("GET", "").times(1).fault(Fault::Reset);
    assert_eq!(raw(&s3).await, (String::new(), reset));
    s3.on("GET", "").times(1).fault(Fault::NotHttp);
    assert_eq!(raw(&s3).await, ("SSH-2.0-OpenSSH_9.9\r\n".to_owned(), None));
}

#[tokio::test]
async fn an_endless_answer_never_completes() {
    let (s3, _) = store_with("published").await;
    s3.on("GET", "").times(1).fault(Fault::Endless);
    let mut stream = ask(&s3).await;
    let (mut buffer, mut start, mut read) = (vec![0; 1024 * 1024], Vec::new(), 0);
    loop {
        let count = within("more of it", stream.read(&mut buffer)).await.unwrap();
        if count == 0 {
            break;
        }
        assert!(!buffer[..count].ends_with(b"\r\n0\r\n\r\n"));
        read += count;
        if start.is_empty() {
            start = buffer[..count].to_vec();
        }
    }
    assert!(start.starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert!((255 * 1024 * 1024..257 * 1024 * 1024).contains(&read), "{read}");
}

#[tokio::test]
async fn orders_are_met_in_order_by_those_they_are_for() {
    let (s3, client) = store_with("published").await;
    s3.on("PUT", "").fault(Fault::Status(500));
    s3.on("GET", "bundles/").fault(Fault::Status(500));
    s3.on("GET", "aliases/").times(2).fault(Fault::Status(429));
    s3.on("", "production").fault(Fault::Status(418));
    for status in [429, 429, 418, 418] {
        get(&client).await.unwrap_err();
        assert_eq!(s3.requests().last().unwrap().status, Some(status));
    }
    put(&client, "1", PutMode::Overwrite).await.unwrap_err();
    assert_eq!(s3.object(KEY).unwrap(), b"published");
    s3.heal();
    assert_eq!(get(&client).await.unwrap(), b"published");
}

#[tokio::test]
async fn a_client_that_tries_again_outlasts_a_fault() {
    let (s3, _) = store_with("published").await;
    let client = builder(&s3).with_retry(RetryConfig::default()).build().unwrap();
    s3.on("GET", "").times(1).fault(Fault::Status(503));
    s3.on("GET", "").times(1).fault(Fault::Reset);
    assert_eq!(get(&client).await.unwrap(), b"published");
    assert_eq!(lines(&s3), ["503", "-", "200"].map(|status| format!("GET {KEY} {status}")));
}

#[tokio::test]
async fn an_answer_can_be_lost_though_the_store_obeyed() {
    let (s3, client) = store_with("1").await;
    s3.on("PUT", "").times(1).fault(Fault::Lost);
    put(&client, "2", PutMode::Create).await.unwrap_err();
    assert_eq!(s3.object(KEY).unwrap(), b"1");
    s3.on("PUT", "").times(1).fault(Fault::Lost);
    put(&client, "2", PutMode::Overwrite).await.unwrap_err();
    assert_eq!(s3.object(KEY).unwrap(), b"2");
}

#[tokio::test]
async fn a_request_hangs_until_the_store_is_healed() {
    let (s3, client) = store_with("1").await;
    s3.on("PUT", "").fault(Fault::Hang);
    let hanging = tokio::spawn(async move { put(&client, "2", PutMode::Overwrite).await });
    s3.until("the PUT", |seen| seen.iter().any(|seen| seen.method == "PUT")).await;
    assert_eq!(lines(&s3), [format!("PUT {KEY} -")]);
    assert_eq!((s3.object(KEY).unwrap().as_slice(), hanging.is_finished()), (&b"1"[..], false));
    s3.heal();
    hanging.await.unwrap().unwrap();
    assert_eq!(s3.object(KEY).unwrap(), b"2");
}

#[tokio::test]
async fn a_request_is_held_at_a_gate() {
    let (s3, client) = store_with("1").await;
    let gate = Gate::new();
    s3.on("GET", "").times(1).fault(Fault::Held(gate.clone()));
    let held = tokio::spawn(async move { get(&client).await });
    gate.reached().await;
    s3.forget_requests();
    s3.corrupt(KEY, |bytes| bytes.push(b'!'));
    gate.open();
    assert_eq!(held.await.unwrap().unwrap(), b"1!");
    assert!(s3.requests().is_empty(), "the answer to a forgotten request is forgotten");
}

#[tokio::test]
async fn a_store_is_unplugged_and_comes_back() {
    let (mut s3, client) = store_with("1").await;
    assert_eq!(get(&client).await.unwrap(), b"1");
    s3.on("GET", "").times(1).fault(Fault::Hang);
    let same = client.clone();
    let hanging = tokio::spawn(async move { get(&same).await });
    s3.until("the GET that hangs", |seen| seen.len() == 2).await;
    let endpoint = s3.endpoint();
    s3.stop().await;
    hanging.await.unwrap().unwrap_err();
    let refused = TcpStream::connect(endpoint.strip_prefix("http://").unwrap()).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    get(&client).await.unwrap_err();
    s3.put(KEY, "2");
    s3.restart().await;
    assert_eq!(s3.endpoint(), endpoint);
    assert_eq!(get(&client).await.unwrap(), b"2");
}

#[tokio::test]
#[should_panic = "the store failed: its panic is reported above"]
async fn a_panic_in_the_store_ends_the_test() {
    let (s3, client) = store_with("1").await;
    s3.on("GET", "").fault(Fault::Status(1));
    get(&client).await.unwrap_err();
}
