//! Nothing is held back that could go, and nothing is taken that cannot.

use super::{CODINGS, assert_serves, document, fetch};
use crate::support::{
    Client, Coding, Cut, Gate, Origin, Proxy, Request, Script, with_seed, within,
};

/// A large body, in bytes.
const LARGE: usize = 64 << 20;

/// What may be under way of it. Nearly all of that are the buffers of the kernel, which lets loopback
/// connections have several MB each.
const UNDER_WAY: usize = 16 << 20;

const ENCODINGS: [Option<Coding>; 6] = [
    None,
    Some(Coding::Gzip),
    Some(Coding::Deflate),
    Some(Coding::RawDeflate),
    Some(Coding::Brotli),
    Some(Coding::Zstd),
];

fn coded(script: Script, coding: Option<Coding>) -> Script {
    match coding {
        Some(coding) => script.coded(coding),
        None => script,
    }
}

/// Half a page, a pause that lasts until the gate opens, the other half.
async fn halves(
    first: &'static str,
    second: &'static str,
    coding: Option<Coding>,
) -> (Origin, Gate) {
    let gate = Gate::new();
    let held = gate.clone();
    let script = move |_: &_| coded(Script::html(first).chunked().wait(&held).body(second), coding);
    (Origin::serve(script).await, gate)
}

#[tokio::test]
async fn half_a_page_is_there_while_the_origin_waits() {
    for coding in ENCODINGS {
        let first = "<!doctype html><h1 data-overprint=\"title\">Default</h1><p>first half";
        let (origin, gate) = halves(first, "<p>second half", coding).await;
        let proxy = Proxy::start(&origin).await;
        let mut client = proxy.client().await;
        client.request(document("/").to_bytes()).await;
        client.read_head().await;
        let half = client.read_until_body_contains("first half").await;
        let printed = "<!doctype html><h1 data-overprint=\"title\">Printed</h1><p>first half";
        assert_eq!(String::from_utf8(half).unwrap(), printed, "{coding:?}");
        gate.open();
        let page = client.read_rest().await;
        assert_eq!(page.text(), [printed, "<p>second half"].concat(), "{coding:?}");
        assert!(page.complete, "{coding:?}");
    }
}

#[tokio::test]
async fn half_a_page_is_there_for_a_client_that_takes_no_coding() {
    for coding in ENCODINGS {
        let (origin, gate) = halves("<!doctype html><p>first half", "<p>second", coding).await;
        let proxy = Proxy::start(&origin).await;
        let mut client = proxy.client().await;
        let request = Request::get("/").header("Accept-Encoding", "identity");
        client.request(request.to_bytes()).await;
        assert_eq!(client.read_head().await.header("content-encoding"), None);
        client.read_until_body_contains("first half").await;
        gate.open();
        assert_eq!(client.read_rest().await.body, b"<!doctype html><p>first half<p>second");
    }
}

#[tokio::test]
async fn a_label_cut_in_two_holds_back_only_itself() {
    for coding in ENCODINGS {
        let (first, second) =
            ("<!doctype html><p>start<h1 data-over", "print=\"title\">x</h1><p>end");
        let (origin, gate) = halves(first, second, coding).await;
        let proxy = Proxy::start(&origin).await;
        let mut client = proxy.client().await;
        client.request(document("/").to_bytes()).await;
        client.read_head().await;
        client.read_until_body_contains("<p>start").await;
        gate.open();
        let printed = "<!doctype html><p>start<h1 data-overprint=\"title\">Printed</h1><p>end";
        assert_eq!(client.read_rest().await.text(), printed, "{coding:?}");
    }
}

#[tokio::test]
async fn a_printed_slot_goes_out_when_its_end_has_come() {
    let (first, second) = ("<!doctype html><h1 data-overprint=title>x</h1>", "<p>end");
    let (origin, gate) = halves(first, second, None).await;
    let proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    client.request(document("/").to_bytes()).await;
    client.read_head().await;
    client.read_until_body_contains("Printed</h1>").await;
    gate.open();
    assert!(client.read_rest().await.complete);
}

#[tokio::test]
async fn wherever_a_page_is_cut_it_is_the_same_page() {
    let item =
        "<li data-overprint='title' class=\"é\">Default <b>text</b></li>\n<p>between<!-- x -->";
    let page = ["<!doctype html>", &item.repeat(120), "</html>"].concat();
    let printed = page.replace("Default <b>text</b>", "Printed");
    with_seed(async |mut rng| {
        for coding in ENCODINGS {
            let (page, seed) = (page.clone(), rng.u64(..));
            let cut =
                move |_: &_| coded(Script::html(&page).chunked(), coding).cut(Cut::Random(seed));
            let origin = Origin::serve(cut).await;
            let proxy = Proxy::start(&origin).await;
            for codings in [CODINGS, "identity", "gzip;q=0.5"] {
                let request = Request::get("/").header("Accept-Encoding", codings);
                let response = fetch(&proxy, &request).await;
                assert!(response.complete);
                assert_eq!(response.text(), printed, "{coding:?} to {codings}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn events_arrive_one_by_one_and_unchanged() {
    let gates = [Gate::new(), Gate::new()];
    let held = gates.clone();
    let label = "<p data-overprint=\"title\">x</p>";
    let origin = Origin::serve(move |_| {
        Script::sse().event("one").wait(&held[0]).event(label).wait(&held[1]).event("three")
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let mut client = proxy.client().await;
    client.request(document("/events").header("Accept", "text/event-stream").to_bytes()).await;
    assert_eq!(client.read_head().await.header("content-encoding"), None);
    assert_eq!(client.read_until_body_contains("\n\n").await, b"data: one\n\n");
    gates[0].open();
    client.read_until_body_contains(format!("data: {label}\n\n")).await;
    gates[1].open();
    let all = format!("data: one\n\ndata: {label}\n\ndata: three\n\n");
    assert_eq!(client.read_rest().await.text(), all);
}

/// Waits until the origin can send no more; says how much it had sent.
async fn stopped(origin: &Origin, proxy: &Proxy) -> usize {
    let stalled = async {
        loop {
            let before = origin.sent();
            for _ in 0..50 {
                // Each round trip lets every task of the proxy and the origin have its turn.
                proxy.get("/tick").await;
            }
            if origin.sent() < before + 50 * 1024 {
                return origin.sent();
            }
        }
    };
    within("the origin to be stopped", stalled).await
}

async fn a_large_answer(script: fn(&[u8]) -> Script) {
    let line = b"<p>A line of a page that goes on and on, as far as anyone knows.\n";
    let body: Vec<u8> = line.iter().copied().cycle().take(LARGE).collect();
    let origin = Origin::serve(move |request| match request.target.as_str() {
        "/large" => script(&body).cut(Cut::Every(64 << 10)),
        "/" => Script::html(super::PAGE),
        _ => Script::answer("text/plain", "tick"),
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let mut client = Client::connect_narrow(proxy.address()).await;
    client.request(Request::get("/large").to_bytes()).await;
    origin.until("some of the body to be sent", |log| log.sent > 128 << 10).await;
    let sent = stopped(&origin, &proxy).await;
    assert!(sent < UNDER_WAY, "{sent} bytes were taken from the origin and nobody reads them");
    // Reading lets it go on.
    client.read_exact(1 << 20).await;
    drop(client);
    assert_serves(&proxy).await;
}

#[tokio::test]
async fn a_visitor_who_does_not_read_stops_a_woven_page() {
    a_large_answer(|body| Script::html(body)).await;
}

#[tokio::test]
async fn a_visitor_who_does_not_read_stops_a_passed_body() {
    a_large_answer(|body| Script::answer("application/octet-stream", body)).await;
}
