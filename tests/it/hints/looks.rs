//! What a hook that is believed does: one look, however many come, and another until what was
//! promised is there.

use std::path::Path;

use super::signing::Delivery;
use super::{SECRET, Story, entries, pages, printed, until_printed};
use crate::binary::Binary;
use crate::support::{Client, NO_ENV, Proxy, WebStore, overprint, within};

#[tokio::test]
async fn a_flood_is_one_look_under_way_and_one_that_waits() {
    let story = Story::begin().await;
    let gate = story.store.hold();
    assert_eq!(story.hook("first").await.status, 202);
    gate.reached().await;
    let mut client = story.proxy.client().await;
    for nth in 0..500 {
        let hook = Delivery::of(&format!("msg_{nth}")).of_move(1).request();
        assert_eq!(client.fetch(&hook).await.status, 202, "hook {nth}");
        assert_eq!(story.store.looks(), 2, "beside the one under way");
    }
    assert_eq!(client.get("/").await.text(), printed("First"), "pages do not wait");
    gate.open();
    story.store.until_looks(3).await;
    // Time for another program to run, and for whatever else would have been waiting.
    story.store.publish(&entries("Second")).await;
    assert_eq!(story.store.looks(), 3, "the start, the one under way, the one that waited");
    assert_eq!(story.hook("last").await.status, 202);
    until_printed(&story.proxy, "Second").await;
    assert_eq!(story.store.looks(), 4);
}

/// What was said of it is not lost when it comes while the store is slow.
#[tokio::test]
async fn a_hook_during_a_look_has_another_one_follow() {
    let story = Story::begin().await;
    let gate = story.store.hold();
    assert_eq!(story.hook("before").await.status, 202);
    gate.reached().await;
    // The look under way has been answered with the release before.
    story.store.publish(&entries("Second")).await;
    assert_eq!(story.hook("after").await.status, 202);
    gate.open();
    until_printed(&story.proxy, "Second").await;
    assert_eq!(story.store.looks(), 3);
}

/// A store may take its time to show everywhere what was written to it.
#[tokio::test]
async fn a_move_that_the_store_does_not_show_yet_is_looked_for_until_it_does() {
    let story = Story::begin().await;
    story.store.publish_hidden(&entries("Second")).await;
    assert_eq!(story.send(&Delivery::of("msg_1").of_move(2).request()).await.status, 202);
    story.store.until_looks(4).await;
    assert_eq!(story.proxy.get("/").await.text(), printed("First"));
    story.store.show();
    until_printed(&story.proxy, "Second").await;
    let found = story.store.looks();
    // It has come, and is not looked for any more: the next look is the next hook's.
    story.store.publish(&entries("Third")).await;
    assert_eq!(story.store.looks(), found);
    assert_eq!(story.hook("msg_2").await.status, 202);
    until_printed(&story.proxy, "Third").await;
}

#[tokio::test]
async fn a_release_that_is_not_there_yet_is_looked_for_too() {
    let story = Story::begin().await;
    story.store.publish_hidden(&entries("Second")).await;
    let hook = Delivery::of("msg_1").body("{\"seq\": 2}");
    assert_eq!(story.send(&hook.request()).await.status, 202);
    story.store.until_looks(4).await;
    story.store.show();
    until_printed(&story.proxy, "Second").await;
}

/// A store that fails just then keeps a promise from being forgotten as little as one that lags.
#[tokio::test]
async fn a_move_is_looked_for_while_the_store_fails() {
    let story = Story::begin().await;
    story.store.publish(&entries("Second")).await;
    story.store.is_down(true);
    assert_eq!(story.send(&Delivery::of("msg_1").of_move(2).request()).await.status, 202);
    story.store.until_looks(4).await;
    assert_eq!(story.proxy.get("/").await.text(), printed("First"));
    story.store.is_down(false);
    until_printed(&story.proxy, "Second").await;
}

/// Bodies are anybody's: CI systems send what they like.
#[tokio::test]
async fn a_body_without_sense_is_a_hint_without_words() {
    let story = Story::begin().await;
    for (nth, body) in [
        "",
        "not json",
        "[]",
        "null",
        "{\"move\": -1}",
        "{\"move\": \"2\"}",
        "{\"move\": 1e300}",
        "{\"move\": {\"seq\": 2}}",
        &"[".repeat(60_000),
    ]
    .into_iter()
    .enumerate()
    {
        let hook = Delivery::of(&format!("msg_{nth}")).body(body);
        assert_eq!(story.send(&hook.request()).await.status, 202, "{nth}");
        story.store.until_looks(nth + 2).await;
        assert_eq!(story.proxy.get("/").await.text(), printed("First"));
        assert_eq!(story.store.looks(), nth + 2, "one look, and none that is eager");
    }
}

#[tokio::test]
async fn a_hook_reads_a_content_directory_again() {
    let origin = pages().await;
    let proxy = Proxy::before(&origin).named("shop").secret(SECRET).start().await;
    until_printed(&proxy, "Printed").await;
    let mut client = proxy.client().await;
    assert_eq!(client.fetch(&Delivery::of("msg_1").request()).await.status, 202);
    proxy.publish(0, &entries("Edited"));
    until_printed(&proxy, "Edited").await;
}

#[tokio::test]
async fn a_hook_for_a_site_that_nobody_visits_wakes_nothing() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let proxy = Proxy::before(&origin)
        .named("shop")
        .content_at(store.url())
        .set("refresh.poll = \"1h\"")
        .secret(SECRET)
        .count("preload", 0)
        .start()
        .await;
    let mut client = proxy.client().await;
    for nth in 0..20 {
        let hook = Delivery::of(&format!("msg_{nth}")).of_move(9).request();
        assert_eq!(client.fetch(&hook).await.status, 202);
    }
    assert_eq!(store.looks(), 0);
    until_printed(&proxy, "First").await;
}

// === What nobody is told ===

/// A config with one site, whose webhook's secrets are in `secret`.
fn write(folder: &Path, origin: &str, secret: &str) -> std::path::PathBuf {
    std::fs::create_dir_all(folder.join("content")).unwrap();
    std::fs::write(folder.join("content/en.json"), entries("First")).unwrap();
    std::fs::write(folder.join("secret"), secret).unwrap();
    let config = folder.join("overprint.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\n[[site]]\nname = \"shop\"\norigin = \"{origin}\"\n\
         content = \"content\"\nwebhook.secret_file = \"secret\"\n"
    );
    std::fs::write(&config, text).unwrap();
    config
}

#[tokio::test]
async fn a_file_that_holds_no_secret_is_refused_without_a_word_of_it() {
    let folder = tempfile::tempdir().unwrap();
    for (text, said) in [
        ("whsec_hunter2!hunter2", "base64"),
        ("hunter2", "7 bytes"),
        ("0123456789abcdef hunter2\nwhsec_aHVudGVyMg==", "line 2"),
        ("\n# hunter2\n", "no secret"),
    ] {
        write(folder.path(), "http://127.0.0.1:9", text);
        for args in
            [["serve", "--config", "overprint.toml"], ["check", "--config", "overprint.toml"]]
        {
            let done = overprint(folder.path(), &args, NO_ENV).await;
            assert_eq!(done.code, Some(1), "{text}: {}", done.said());
            let all = done.said();
            assert!(all.contains(said) && all.contains("shop"), "{text}: {all}");
            assert!(!all.contains("hunter2") && !all.contains("aHVudGVyMg"), "{all}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_logged_of_hooks_names_no_secret_and_no_signature() {
    let (folder, origin) = (tempfile::tempdir().unwrap(), pages().await);
    let config = write(folder.path(), &origin.url(), SECRET);
    let proxy = Binary::with_config(&config, &[("OVERPRINT_LOG", "trace")]).await;
    let (good, bad) = (Delivery::of("msg_1"), Delivery::of("msg_2").secrets(&["0123456789abcdef"]));
    for (delivery, status, outcome) in
        [(&good, 202, "outcome=\"hook_accepted\""), (&bad, 401, "outcome=\"hook_refused\"")]
    {
        let mut client = Client::connect(proxy.address).await;
        assert_eq!(client.fetch(&delivery.request()).await.status, status);
        proxy.logged(&[outcome, &format!("status={status}")]).await;
    }
    let log = proxy.log().join("\n");
    let signature = good.signature();
    for word in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec", "0123456789abcdef", &signature[3..]] {
        assert!(!log.contains(word), "{word} in {log}");
    }
    within("the proxy to end", proxy.stop()).await;
}
