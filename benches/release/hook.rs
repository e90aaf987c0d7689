//! From a webhook to the first page with the new text.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::binary::Binary;
use crate::setup::{PAGE, SECRET, millis, percentile, publish, write};
use crate::support::{Client, Origin, Request, S3, Script};

const ENTRIES: usize = 1000;
const ROUNDS: usize = 30;

pub(crate) async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let s3 = S3::start().await;
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    std::fs::write(folder.path().join("secret"), SECRET).unwrap();
    write(folder.path(), &["en"], ENTRIES, "release 0");
    publish(folder.path(), "s3://content/shop", &s3.env()).await;
    let config = folder.path().join("overprint.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\nstate_dir = \"state\"\n[log]\naccess = false\n[[site]]\nname = \"shop\"\n\
         origin = \"{}\"\ncontent = \"s3://content/shop\"\n[site.refresh]\npoll = \"1h\"\n\
         [site.webhook]\nsecret_file = \"secret\"\n",
        origin.url()
    );
    std::fs::write(&config, text).unwrap();
    let proxy = Binary::with_config(&config, &s3.env()).await;
    let mut times = Vec::new();
    for round in 1..=ROUNDS {
        write(folder.path(), &["en"], ENTRIES, &format!("release {round}"));
        publish(folder.path(), "s3://content/shop", &s3.env()).await;
        times.push(see(&proxy, &format!("release {round} ")).await);
    }
    let median = percentile(&mut times, 0.5);
    let most = percentile(&mut times, 1.0);
    println!(
        "== webhook to the first page with the new text, {ENTRIES} entries, {ROUNDS} rounds (asked: under 100 ms): median {:.1} ms, most {:.1} ms",
        millis(median),
        millis(most)
    );
    proxy.stop().await;
}

/// Rings, then asks for the page until it has the text.
async fn see(proxy: &Binary, text: &str) -> Duration {
    let mut visitor = Client::connect(proxy.address).await;
    let mut publisher = Client::connect(proxy.address).await;
    let request = signed();
    let began = Instant::now();
    let answer = publisher.fetch(&request).await;
    assert_eq!(answer.status, 202);
    while !visitor.get("/").await.text().contains(text) {}
    began.elapsed()
}

fn signed() -> Request {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let (id, time, body) = (format!("msg_{}", now.as_nanos()), now.as_secs(), "{}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = STANDARD.encode(hmac::sign(&key, format!("{id}.{time}.{body}").as_bytes()));
    Request::new("POST", "/_overprint/hooks/shop")
        .header("webhook-id", &id)
        .header("webhook-timestamp", time.to_string())
        .header("webhook-signature", format!("v1,{signature}"))
        .body(body)
}
