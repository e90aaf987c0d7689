//! `--notify`: whoever publishes tells the proxies.

use std::fs;
use std::net::{SocketAddr, ToSocketAddrs};

use super::signing::{now, signature_of};
use super::{SECRET, Story, entries, printed, until_printed};
use crate::support::{
    Done, NO_ENV, Origin, RawRequest, Script, WebStore, nobody_listens, overprint,
};

const OLD: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/// A store with a release, and another that waits to be published.
async fn publisher() -> WebStore {
    let store = WebStore::with(&entries("First")).await;
    store.write(&entries("Second"));
    fs::write(store.folder().join("secret"), SECRET).unwrap();
    store
}

/// Publishes what was written last, and tells each of `urls`.
async fn publish(store: &WebStore, urls: &[&str]) -> Done {
    let notify = urls.iter().flat_map(|url| ["--notify", *url]);
    let args = ["publish", "content", "--to", "shop", "--secret-file", "secret"];
    overprint(store.folder(), &args.into_iter().chain(notify).collect::<Vec<_>>(), NO_ENV).await
}

/// Which move of the alias is live in the store.
fn live(store: &WebStore) -> u64 {
    let pointer = fs::read(store.folder().join("shop/aliases/production.json")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&pointer).unwrap()["move"].as_u64().unwrap()
}

/// A proxy that says 202 to all.
async fn receiver() -> Origin {
    Origin::serve(|_| Script::empty(202)).await
}

/// The only request, which is a good hook of move 2.
fn assert_told(request: &RawRequest, target: &str) {
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", target));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let signature = request.header("webhook-signature").unwrap();
    assert_eq!(signature, signature_of(request, &[SECRET]));
    let sent: u64 = request.header("webhook-timestamp").unwrap().parse().unwrap();
    assert!(now().abs_diff(sent) < 60, "{sent}");
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    let said = ["type", "site", "alias"].map(|key| body[key].as_str().unwrap());
    assert_eq!(said, ["alias.moved", "shop", "production"]);
    assert_eq!((body["move"].as_u64(), body["seq"].as_u64()), (Some(2), Some(2)));
}

#[tokio::test]
async fn what_is_published_with_notify_is_on_the_next_pages() {
    let story = Story::begin().await;
    fs::write(story.store.folder().join("secret"), SECRET).unwrap();
    let url = format!("http://{}", story.proxy.address());
    let (mut page, mut looks) = ("First", story.store.looks());
    for text in ["Second", "Third"] {
        story.store.write(&entries(text));
        let done = publish(&story.store, &[&url]).await.well();
        let told = format!("told      {} ({url}/_overprint/hooks/shop): 202 Accepted", &url[7..]);
        assert!(done.out.contains(&told), "{}", done.out);
        // It was told of the move before the web server has it, and does not let go of it.
        story.store.until_looks(looks + 1).await;
        assert_eq!(story.proxy.get("/").await.text(), printed(page));
        story.store.show();
        until_printed(&story.proxy, text).await;
        (page, looks) = (text, story.store.looks());
    }
}

#[tokio::test]
async fn a_rollback_and_a_promotion_are_told_too() {
    let story = Story::begin().await;
    let folder = story.store.folder();
    fs::write(folder.join("secret"), SECRET).unwrap();
    let url = format!("http://{}", story.proxy.address());
    story.store.write(&entries("Second"));
    publish(&story.store, &[&url]).await.well();
    story.store.show();
    until_printed(&story.proxy, "Second").await;
    let tell = ["--to", "shop", "--secret-file", "secret", "--notify", &url];
    let run = async |args: &[&str]| {
        overprint(folder, &[args, &tell[..]].concat(), NO_ENV).await.well();
        story.store.show();
    };
    run(&["rollback"]).await;
    until_printed(&story.proxy, "First").await;
    story.store.write(&entries("Staged"));
    let staged = ["publish", "content", "--to", "shop", "--alias", "staging"];
    overprint(folder, &staged, NO_ENV).await.well();
    run(&["promote", "staging", "production"]).await;
    until_printed(&story.proxy, "Staged").await;
}

/// Ten addresses behind a name are ten proxies.
#[tokio::test]
async fn every_address_of_a_name_is_told() {
    let store = publisher().await;
    let first = receiver().await;
    let port = first.address().port();
    let addresses: Vec<SocketAddr> = ("localhost", port).to_socket_addrs().unwrap().collect();
    let mut receivers = vec![first];
    for address in addresses.iter().filter(|address| address.is_ipv6()) {
        receivers.push(Origin::serve_at(*address, |_| Script::empty(202)).await);
    }
    if receivers.len() == 1 {
        println!("localhost has one address on this machine: {addresses:?}");
    }
    let done = publish(&store, &[&format!("http://localhost:{port}")]).await.well();
    let mut ids = Vec::new();
    for receiver in &receivers {
        let request = receiver.request();
        assert_told(&request, "/_overprint/hooks/shop");
        assert_eq!(request.header("host"), Some(&*format!("localhost:{port}")), "by its name");
        ids.push(request.header("webhook-id").unwrap().to_owned());
        let line = format!("told      {} (http://localhost:{port}/", receiver.address());
        assert!(done.out.contains(&line), "{}", done.out);
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "it is one message");
}

#[tokio::test]
async fn several_urls_are_several_proxies() {
    let store = publisher().await;
    let loopback: SocketAddr = "[::1]:0".parse().unwrap();
    let mut receivers = vec![receiver().await, receiver().await];
    if tokio::net::TcpListener::bind(loopback).await.is_ok() {
        receivers.push(Origin::serve_at(loopback, |_| Script::empty(202)).await);
    } else {
        println!("no IPv6 on this machine");
    }
    let urls: Vec<_> = receivers.iter().map(Origin::url).collect();
    let done = publish(&store, &urls.iter().map(String::as_str).collect::<Vec<_>>()).await.well();
    for receiver in &receivers {
        assert_told(&receiver.request(), "/_overprint/hooks/shop");
    }
    assert_eq!(done.out.matches("told  ").count(), receivers.len(), "{}", done.out);
}

#[tokio::test]
async fn a_url_with_a_path_is_taken_as_it_is() {
    let (store, receiver) = (publisher().await, receiver().await);
    publish(&store, &[&format!("{}/ci/hook?of=shop", receiver.url())]).await.well();
    assert_told(&receiver.request(), "/ci/hook?of=shop");
}

#[tokio::test]
async fn a_server_that_fails_twice_is_told_at_the_third_attempt() {
    let store = publisher().await;
    let attempts = std::sync::atomic::AtomicUsize::new(0);
    let receiver =
        Origin::serve(move |_| match attempts.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => Script::empty(500),
            1 => Script::new().reset(),
            _ => Script::empty(202),
        })
        .await;
    let done = publish(&store, &[&receiver.url()]).await.well();
    assert!(done.out.contains("told      ") && !done.out.contains("not told"), "{}", done.out);
    let requests = receiver.requests();
    assert_eq!(requests.len(), 3);
    for request in &requests {
        assert_told(request, "/_overprint/hooks/shop");
        assert_eq!(request.header("webhook-id"), requests[0].header("webhook-id"));
    }
}

#[tokio::test]
async fn who_is_not_told_is_named_and_the_release_is_live_all_the_same() {
    let store = publisher().await;
    let good = receiver().await;
    let broken = Origin::serve(|_| Script::empty(503)).await;
    let strict = Origin::serve(|_| Script::empty(401)).await;
    let beyond = receiver().await;
    let target = beyond.url();
    let elsewhere =
        Origin::serve(move |_| Script::empty(307).header("location", format!("{target}/x"))).await;
    let nobody = format!("http://{}", nobody_listens().await);
    let urls = [good.url(), broken.url(), strict.url(), elsewhere.url(), nobody.clone()];
    let done = publish(&store, &urls.each_ref().map(String::as_str)).await;
    assert_eq!(done.code, Some(4), "{}", done.said());
    assert!(done.err.contains("4 addresses could not be told"), "{}", done.err);
    let line = |url: &str| {
        let found = done.out.lines().find(|line| line.contains(url)).unwrap_or_default();
        found.split_once("shop): ").map(|(_, said)| said).unwrap_or_default()
    };
    assert_eq!(line(&good.url()), "202 Accepted");
    assert!(line(&broken.url()).contains("503"), "{}", done.out);
    assert!(line(&strict.url()).contains("401"), "{}", done.out);
    assert!(line(&elsewhere.url()).contains("307"), "{}", done.out);
    assert!(line(&nobody).contains("refused"), "{}", done.out);
    assert_eq!(done.out.matches("not told").count(), 4, "{}", done.out);
    // A refusal is an answer: asking again would change nothing.
    let asked = [&good, &broken, &strict, &elsewhere, &beyond].map(|r| r.requests().len());
    assert_eq!(asked, [1, 3, 1, 1, 0]);
    assert!(done.out.contains("live ") && live(&store) == 2, "{}", done.out);
}

/// Both sides may exchange the secret whenever it suits them.
#[tokio::test]
async fn a_publisher_with_two_secrets_signs_with_both() {
    let (store, receiver) = (publisher().await, receiver().await);
    fs::write(store.folder().join("secret"), format!("{SECRET}\n{OLD}\n")).unwrap();
    publish(&store, &[&receiver.url()]).await.well();
    let request = receiver.request();
    let signature = request.header("webhook-signature").unwrap();
    assert_eq!(signature, signature_of(&request, &[SECRET, OLD]));
    assert!(signature.contains(&signature_of(&request, &[OLD])));
}

#[tokio::test]
async fn the_secret_may_be_in_the_environment() {
    let (store, receiver) = (publisher().await, receiver().await);
    let args = ["publish", "content", "--to", "shop", "--notify", &receiver.url()];
    let env = [("OVERPRINT_HOOK_SECRET", SECRET)];
    let done = overprint(store.folder(), &args, &env).await.well();
    assert_told(&receiver.request(), "/_overprint/hooks/shop");
    assert!(!done.said().contains("whsec"), "{}", done.said());
}

#[tokio::test]
async fn without_a_secret_nothing_is_written() {
    let (store, receiver) = (publisher().await, receiver().await);
    fs::write(store.folder().join("short"), "hunter2").unwrap();
    let url = receiver.url();
    for (more, said) in [
        (vec![], "--secret-file"),
        (vec!["--secret-file", "missing"], "missing"),
        (vec!["--secret-file", "short"], "7 bytes"),
    ] {
        let args = ["publish", "content", "--to", "new/shop", "--notify", &url];
        let done = overprint(store.folder(), &[&args[..], &more].concat(), NO_ENV).await;
        assert_eq!(done.code, Some(1), "{}", done.said());
        assert!(done.err.contains(said) && !done.said().contains("hunter2"), "{}", done.err);
        assert!(!store.folder().join("new").exists(), "{more:?}");
    }
    assert_eq!(receiver.requests().len(), 0);
}

#[tokio::test]
async fn where_nothing_has_moved_nobody_is_told() {
    let (store, receiver) = (publisher().await, receiver().await);
    let args = ["publish", "content", "--to", "shop", "--secret-file", "secret", "--dry-run"];
    let url = receiver.url();
    let args = [&args[..], &["--notify", &url]].concat();
    overprint(store.folder(), &args, NO_ENV).await.well();
    assert_eq!(live(&store), 1);
    store.write(&entries("First"));
    publish(&store, &[&url]).await.well();
    assert_eq!((live(&store), receiver.requests().len()), (1, 0));
}
