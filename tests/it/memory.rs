//! What many slow clients cost, measured at the process.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

use crate::binary::Binary;

const NO_ENV: &[(&str, &str)] = &[];
const CLIENTS: usize = 1000;
/// What is recorded and remembered of pages is in it, too.
const LIMIT_KB: usize = 110 * 1000;

/// 700 KB of markup, labelled all over.
fn page() -> Vec<u8> {
    let mut page = String::from("<!doctype html><title>t</title><main>");
    for n in 0..600 {
        page += &format!("<section><h2 data-overprint=\"k{n}\">Title</h2>");
        page += &format!(
            "<p class=\"text\">{}</p></section>",
            "Some words of the site's own. ".repeat(36)
        );
    }
    page.into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_slow_downloads_stay_under_110_megabytes() {
    let page = page();
    assert!(page.len() > 650_000, "{}", page.len());
    let content = tempfile::tempdir().unwrap();
    let entries: Vec<_> = (0..600).map(|n| format!("\"k{n}\": \"Printed {n}\"")).collect();
    std::fs::write(content.path().join("en.json"), format!("{{{}}}", entries.join(","))).unwrap();
    let origin = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", origin.local_addr().unwrap());
    let proxy = Binary::start(&url, content.path(), NO_ENV).await;
    let address = proxy.address;
    let bytes = page.clone();
    let served = tokio::spawn(async move { serve(origin, bytes).await });

    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(begin(address));
    }
    let started = tokio::time::timeout(Duration::from_secs(60), clients.join_all()).await.unwrap();
    let peak = proxy.peak_kb();
    eprintln!(
        "{CLIENTS} downloads of {} KB at once: {peak} kB resident at most",
        page.len() / 1000
    );
    assert!(peak < LIMIT_KB, "{peak} kB resident at most");

    // Slow is not stuck: each of these still gets its page, whole.
    for client in started.into_iter().take(3) {
        let rest = tokio::time::timeout(Duration::from_secs(30), finish(client)).await.unwrap();
        assert!(rest > page.len() / 2, "{rest} bytes");
    }
    served.abort();
    proxy.stop().await;
}

async fn serve(origin: TcpListener, page: Vec<u8>) {
    serve_as("identity", origin, page).await;
}

async fn serve_as(coding: &'static str, origin: TcpListener, page: Vec<u8>) {
    let page = std::sync::Arc::new(page);
    while let Ok((mut stream, _)) = origin.accept().await {
        let page = std::sync::Arc::clone(&page);
        tokio::spawn(async move {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let length = page.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-encoding: {coding}\r\n\
                 content-length: {length}\r\n\r\n"
            );
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&page).await;
        });
    }
}

/// A tag of 50 MB, and a gzip stream that unfolds to 256 MB.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_pages_stay_under_fifty_megabytes() {
    use std::io::Write;
    let content = tempfile::tempdir().unwrap();
    std::fs::write(content.path().join("en.json"), r#"{"k0": "Printed"}"#).unwrap();
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(b"<p data-overprint=k0>x</p><div title='").unwrap();
    for _ in 0..256 {
        bomb.write_all(&[b'x'; 1 << 20]).unwrap();
    }
    let tag = [b"<p data-overprint=k0>x</p><div title='", &[b'x'; 50 << 20][..]].concat();
    let bomb = bomb.finish().unwrap();
    for (coding, page, least) in [("identity", tag, 40 << 20), ("gzip", bomb, 200 << 10)] {
        let origin = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", origin.local_addr().unwrap());
        let proxy = Binary::start(&url, content.path(), NO_ENV).await;
        let served = tokio::spawn(serve_as(coding, origin, page));
        let mut client = begin(proxy.address).await;
        let mut sink = tokio::io::sink();
        let read = tokio::io::copy(&mut client, &mut sink);
        let read = tokio::time::timeout(Duration::from_secs(60), read).await.unwrap().unwrap();
        // What came in gzip goes out in gzip.
        assert!(read > least, "{coding}: {read} bytes");
        let peak = proxy.peak_kb();
        assert!(peak < 50_000, "{coding}: {peak} kB resident at most");
        served.abort();
        proxy.stop().await;
    }
}

/// Asks for the page, reads its start, and leaves the rest.
async fn begin(address: std::net::SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut start = [0; 2048];
    stream.read_exact(&mut start).await.unwrap();
    stream
}

async fn finish(mut client: TcpStream) -> usize {
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    assert!(rest.ends_with(b"0\r\n\r\n"), "the page was cut");
    rest.len()
}

/// Pages that are remembered, in bytes; a crawl brings many times as much.
const REMEMBERED: usize = 16 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_of_thousands_of_addresses_stays_within_what_may_be_remembered() {
    let origin = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("content")).unwrap();
    std::fs::write(dir.path().join("content/en.json"), "{\"k0\": \"Printed\"}").unwrap();
    let config = dir.path().join("overprint.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\n[limits]\nmemory = {REMEMBERED}\n\
         [[site]]\norigin = \"http://{}\"\ncontent = \"content\"\n",
        origin.local_addr().unwrap()
    );
    std::fs::write(&config, text).unwrap();
    let proxy = Binary::with_config(&config, NO_ENV).await;
    let page = String::from_utf8(page()[..60 << 10].to_vec()).unwrap().into_bytes();
    let served = tokio::spawn(async move { serve(origin, page).await });

    // What a process has before it remembers anything: its code, its threads, its connections.
    crawl(proxy.address, 0..8).await;
    let before = proxy.peak_kb();
    crawl(proxy.address, 8..1500).await;
    let grown = (proxy.peak_kb() - before) << 10;
    eprintln!("{grown} bytes more than before");
    // What is under way beside it: a few pages, and what an allocator leaves between them.
    assert!(grown < REMEMBERED + REMEMBERED / 10 + (6 << 20), "{grown} bytes more than before");
    served.abort();
    proxy.stop().await;
}

/// Visits that many addresses, on a few connections at a time.
async fn crawl(address: std::net::SocketAddr, addresses: std::ops::Range<usize>) {
    for start in addresses.clone().step_by(8) {
        let mut visits = JoinSet::new();
        for at in start..(start + 8).min(addresses.end) {
            visits.spawn(async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                let head = format!("GET /{at} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                stream.write_all(head.as_bytes()).await.unwrap();
                let mut answer = Vec::new();
                stream.read_to_end(&mut answer).await.unwrap();
                assert!(answer.len() > 50 << 10);
            });
        }
        visits.join_all().await;
    }
}
