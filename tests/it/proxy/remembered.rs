//! Pages that came by before: what visitors get is what they would get if none had.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{CODINGS, assert_serves, document, fetch};
use crate::support::{Coding, Cut, Gate, Origin, Proxy, Request, Script, with_seed};

const ENCODINGS: [Option<Coding>; 5] =
    [None, Some(Coding::Gzip), Some(Coding::Deflate), Some(Coding::Brotli), Some(Coding::Zstd)];

fn coded(script: Script, coding: Option<Coding>) -> Script {
    match coding {
        Some(coding) => script.coded(coding),
        None => script,
    }
}

/// A page of some size with a token that differs, and a few slots.
fn page(token: &str) -> String {
    let mut rng = fastrand::Rng::with_seed(3);
    let mut page = format!("<!doctype html><title>t</title><script nonce=\"{token}\">1</script>");
    for at in 0..400 {
        if at % 40 == 7 {
            page.push_str("<h2 data-overprint=title>Default</h2>\n");
        }
        page.push_str(&format!("<p class=\"c{at}\">{:x} and more</p>\n", rng.u64(..)));
    }
    page
}

fn printed(page: &str) -> String {
    page.replace("Default", "Printed")
}

/// How often pages were what, beside the one that was remembered.
async fn met(proxy: &Proxy, what: &str) -> u64 {
    let metrics = proxy.operator("/metrics").await.text();
    let name = format!("met=\"{what}\"");
    let line = metrics
        .lines()
        .find(|line| line.starts_with("overprint_pages_total") && line.contains(&name));
    line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

/// An origin that sends, in its turn, each of `pages`, cut at random.
async fn serving(pages: Vec<String>, coding: Option<Coding>, seed: u64) -> (Origin, Proxy) {
    let (pages, turn) = (Arc::new(pages), AtomicUsize::new(0));
    let script = move |_: &_| {
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        let page = &pages[turn.min(pages.len() - 1)];
        coded(Script::html(page).chunked(), coding).cut(Cut::Random(seed + turn as u64))
    };
    let origin = Origin::serve(script).await;
    let proxy = Proxy::before(&origin).admin().start().await;
    (origin, proxy)
}

#[tokio::test]
async fn a_page_that_comes_again_is_printed_again_in_any_coding() {
    with_seed(async |mut rng| {
        for coding in ENCODINGS {
            let (_origin, proxy) = serving(vec![page("abc")], coding, rng.u64(..1 << 32)).await;
            for _ in 0..5 {
                let response = fetch(&proxy, &document("/")).await;
                assert_eq!(response.text(), printed(&page("abc")), "{coding:?}");
                assert!(response.complete);
            }
            assert_eq!(met(&proxy, "unknown").await, 1, "{coding:?}");
            let again = met(&proxy, "same").await + met(&proxy, "stored").await;
            assert_eq!(again, 4, "{coding:?}");
            assert_eq!(met(&proxy, "stored").await, 3);
        }
    })
    .await;
}

#[tokio::test]
async fn clients_that_take_other_codings_get_the_same_page() {
    let (_origin, proxy) = serving(vec![page("abc")], Some(Coding::Gzip), 5).await;
    for accepted in [CODINGS, "identity", "br", "gzip", "identity", "br", "zstd, br;q=0.1", "gzip"]
    {
        let response = fetch(&proxy, &Request::get("/").header("Accept-Encoding", accepted)).await;
        assert_eq!(response.text(), printed(&page("abc")), "{accepted}");
    }
}

#[tokio::test]
async fn tokens_that_differ_are_the_origins_own_each_time() {
    with_seed(async |mut rng| {
        for coding in ENCODINGS {
            let pages: Vec<_> = ["abc", "xyzxyz", "", "1", "abc"].map(page).into();
            let (_origin, proxy) = serving(pages.clone(), coding, rng.u64(..1 << 32)).await;
            for page in &pages {
                let response = fetch(&proxy, &document("/")).await;
                assert_eq!(response.text(), printed(page), "{coding:?}");
            }
            assert_eq!(met(&proxy, "close").await, 3, "{coding:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_that_changes_in_the_middle_of_a_stored_one_is_the_new_page() {
    with_seed(async |mut rng| {
        for coding in ENCODINGS {
            let old = page("abc");
            let middle = old.len() / 2;
            let middle = middle + old[middle..].find("<p").unwrap();
            let other = [&old[..middle], "<ul><li>new</ul>", &old[middle..]].concat();
            let longer = [&old[..], "<p>more"].concat();
            let shorter = old[..middle].to_owned();
            let pages = vec![
                old.clone(),
                old.clone(),
                old.clone(),
                other,
                old.clone(),
                old.clone(),
                old.clone(),
                longer,
                old.clone(),
                old.clone(),
                old,
                shorter,
            ];
            let (_origin, proxy) = serving(pages.clone(), coding, rng.u64(..1 << 32)).await;
            for (turn, page) in pages.iter().enumerate() {
                let response = fetch(&proxy, &document("/")).await;
                assert_eq!(response.text(), printed(page), "{coding:?}, {turn}");
                assert!(response.complete);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_publish_shows_on_the_next_request_of_a_stored_page() {
    for coding in ENCODINGS {
        let (_origin, proxy) = serving(vec![page("abc")], coding, 9).await;
        for words in ["One", "Two", "Three"] {
            proxy.publish(0, &format!("{{\"title\": \"{words}\"}}"));
            loop {
                if fetch(&proxy, &document("/")).await.text().contains(words) {
                    break;
                }
            }
            for _ in 0..4 {
                let text = fetch(&proxy, &document("/")).await.text();
                assert_eq!(text, page("abc").replace("Default", words), "{coding:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_stored_page_goes_on_when_the_origin_pauses_where_it_never_did() {
    for coding in ENCODINGS {
        let gate = Gate::new();
        let (held, turn) = (gate.clone(), AtomicUsize::new(0));
        let text = page("abc");
        let half = text.len() / 2;
        let script = move |_: &_| {
            let (first, second) = text.split_at(half);
            let script = Script::html(first).chunked();
            let paused = turn.fetch_add(1, Ordering::Relaxed) == 4;
            let script = if paused { script.wait(&held) } else { script };
            coded(script.body(second), coding)
        };
        let origin = Origin::serve(script).await;
        let proxy = Proxy::before(&origin).admin().start().await;
        let expected = printed(&page("abc"));
        for _ in 0..4 {
            assert_eq!(fetch(&proxy, &document("/")).await.text(), expected);
        }
        let mut client = proxy.client().await;
        client.request(document("/").to_bytes()).await;
        client.read_head().await;
        // All but what a slot or a tag holds back is there before the origin goes on.
        client.read_until_body_contains("<p class=\"c190\">").await;
        gate.open();
        assert_eq!(client.read_rest().await.text(), expected, "{coding:?}");
    }
}

#[tokio::test]
async fn an_origin_that_breaks_off_in_a_remembered_page_breaks_off_the_answer() {
    for coding in ENCODINGS {
        let turn = AtomicUsize::new(0);
        let script = move |_: &_| {
            let breaks = turn.fetch_add(1, Ordering::Relaxed) == 3;
            let whole = page("abc");
            if breaks {
                coded(Script::html(&whole[..whole.len() / 2]).chunked().unfinished(), coding)
            } else {
                coded(Script::html(&whole).chunked(), coding)
            }
        };
        let origin = Origin::serve(script).await;
        let proxy = Proxy::before(&origin).admin().start().await;
        for turn in 0..6 {
            let response = fetch(&proxy, &document("/")).await;
            assert_eq!(response.complete, turn != 3, "{coding:?}, {turn}");
            if turn != 3 {
                assert_eq!(response.text(), printed(&page("abc")));
            }
        }
    }
}

#[tokio::test]
async fn pages_of_other_addresses_hosts_and_visitors_are_other_pages() {
    let origin = Origin::serve(|request| {
        let of = |name| request.header(name).unwrap_or_default().to_owned();
        let text = format!("{} {} {}", request.target, of("host"), of("x-kind"));
        Script::html(page("abc").replace("and more", &text)).header("vary", "x-kind")
    })
    .await;
    let proxy = Proxy::before(&origin).admin().start().await;
    for _ in 0..2 {
        for (target, host, kind) in [
            ("/a", "x.example", "1"),
            ("/b", "x.example", "1"),
            ("/a", "y.example", "1"),
            ("/a", "x.example", "2"),
        ] {
            let request = document(target).host(host).header("X-Kind", kind);
            let text = fetch(&proxy, &request).await.text();
            assert!(text.contains(&format!("{target} {host} {kind}")), "{text}");
        }
    }
    assert_eq!((met(&proxy, "unknown").await, met(&proxy, "same").await), (4, 4));
}

#[tokio::test]
async fn without_memory_pages_are_printed_all_the_same() {
    let origin = Origin::serve(|_| Script::html(super::PAGE).gzip()).await;
    let proxy = Proxy::before(&origin).limit("memory", "0").admin().start().await;
    for _ in 0..3 {
        assert_serves(&proxy).await;
    }
    assert_eq!(met(&proxy, "unremembered").await, 3);
}

#[tokio::test]
async fn a_page_that_broke_off_in_a_slot_is_no_start_of_the_whole_one() {
    for coding in ENCODINGS {
        let turn = AtomicUsize::new(0);
        let script = move |_: &_| {
            let (first, second) = (page("abc") + "<p data-overprint=title>Default", "</p><p>end");
            let whole = turn.fetch_add(1, Ordering::Relaxed) >= 4;
            let script = Script::html(first).chunked();
            coded(if whole { script.body(second) } else { script }, coding)
        };
        let origin = Origin::serve(script).await;
        let proxy = Proxy::before(&origin).admin().start().await;
        for turn in 0..7 {
            let response = fetch(&proxy, &document("/")).await;
            assert!(response.complete, "{coding:?}, {turn}");
            let start = printed(&page("abc"));
            let rest = if turn < 4 {
                "<p data-overprint=title>Default"
            } else {
                "<p data-overprint=title>Printed</p><p>end"
            };
            assert_eq!(response.text(), start + rest, "{coding:?}, {turn}");
        }
    }
}

#[tokio::test]
async fn visitors_at_once_of_a_page_whose_wire_differs_get_it_whole() {
    let (gate, turn) = (Gate::new(), AtomicUsize::new(0));
    let held = gate.clone();
    let script = move |_: &_| {
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        let script = Script::html(page("abc")).chunked();
        let script = if turn == 0 { script } else { script.wait(&held) };
        script.body(format!("<p> {turn}{turn} </p><p>end")).gzip()
    };
    let origin = Origin::serve(script).await;
    let proxy = Proxy::start(&origin).await;
    fetch(&proxy, &document("/")).await;
    let mut clients = Vec::new();
    for _ in 0..8 {
        let mut client = proxy.client().await;
        client.request(document("/").to_bytes()).await;
        client.read_head().await;
        client.read_until_body_contains("c300").await;
        clients.push(client);
    }
    gate.open();
    for mut client in clients {
        let response = client.read_rest().await;
        assert!(response.complete && response.text().ends_with("<p>end"), "{}", response.text());
    }
}
