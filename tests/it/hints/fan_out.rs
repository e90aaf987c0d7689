//! Hints by Redis: one message reaches every proxy that listens.

use std::fs;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::{entries, pages, printed, until_printed};
use crate::binary::Binary;
use crate::support::{Done, NO_ENV, Origin, Proxy, Redis, Setup, WebStore, overprint, within};

const CHANNEL: &str = "overprint:shop";
const PASSWORD: &str = "hunter2hunter2";

/// A store, an origin, and a proxy that looks again only when it is told to.
struct Story {
    store: WebStore,
    _origin: Origin,
    proxy: Proxy,
}

impl Story {
    /// The proxy hears of Redis by what `tell` adds.
    async fn begin(tell: impl FnOnce(Setup) -> Setup) -> Self {
        let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
        let setup = Proxy::before(&origin)
            .named("shop")
            .content_at(store.url())
            .set("refresh.poll = \"1h\"");
        let proxy = tell(setup).start().await;
        assert_eq!(proxy.get("/").await.text(), printed("First"));
        Self { store, _origin: origin, proxy }
    }

    async fn hearing(redis: &Redis) -> Self {
        let story = Self::begin(|setup| setup.top(&line(redis))).await;
        redis.until_listening(CHANNEL, 1).await;
        story
    }

    /// Publishes `text`, and tells Redis.
    async fn publish(&self, text: &str, url: &str) -> Done {
        self.store.write(&entries(text));
        let args = ["publish", "content", "--to", "shop", "--notify", url];
        let done = overprint(self.store.folder(), &args, NO_ENV).await;
        self.store.show();
        done
    }
}

/// The line of the config.
fn line(redis: &Redis) -> String {
    format!("redis = \"{}\"", redis.url())
}

/// It is there before Redis is, too.
#[tokio::test]
async fn a_message_on_the_sites_channel_is_one_look() {
    let Some(mut redis) = Redis::planned().await else { return };
    let story = Story::begin(|setup| setup.top(&line(&redis))).await;
    assert_eq!(story.store.looks(), 1, "at the start");
    redis.start().await;
    redis.until_listening(CHANNEL, 1).await;
    story.store.until_looks(2).await;
    for nth in 3..6 {
        assert_eq!(redis.publish("overprint:blog", "{\"move\": 9}").await, 0);
        assert_eq!(story.store.looks(), nth - 1);
        assert_eq!(redis.publish(CHANNEL, "").await, 1);
        story.store.until_looks(nth).await;
    }
    story.store.publish(&entries("Second")).await;
    assert_eq!(story.store.looks(), 5, "nothing looks but for a message");
    redis.publish(CHANNEL, "{}").await;
    until_printed(&story.proxy, "Second").await;
}

#[tokio::test]
async fn what_is_published_with_notify_by_redis_is_on_the_next_pages() {
    let Some(redis) = Redis::running().await else { return };
    let story = Story::hearing(&redis).await;
    for text in ["Second", "Third"] {
        let done = story.publish(text, &redis.url()).await.well();
        let told = format!("told      {}: heard by 1", redis.url());
        assert!(done.out.contains(&told), "{}", done.out);
        until_printed(&story.proxy, text).await;
    }
}

#[tokio::test]
async fn every_proxy_hears_one_message() {
    let Some(redis) = Redis::running().await else { return };
    let origin = pages().await;
    let story = Story::hearing(&redis).await;
    let second = Proxy::before(&origin)
        .named("shop")
        .content_at(story.store.url())
        .set("refresh.poll = \"1h\"")
        .top(&line(&redis).replace("redis://", "valkey://"))
        .start()
        .await;
    redis.until_listening(CHANNEL, 2).await;
    let done = story.publish("Second", &redis.url()).await.well();
    assert!(done.out.contains("heard by 2"), "{}", done.out);
    until_printed(&story.proxy, "Second").await;
    until_printed(&second, "Second").await;
}

#[tokio::test]
async fn a_server_that_comes_back_is_heard_again_and_nothing_was_missed() {
    let Some(mut redis) = Redis::running().await else { return };
    let story = Story::hearing(&redis).await;
    story.publish("Second", &redis.url()).await.well();
    until_printed(&story.proxy, "Second").await;
    redis.kill().await;
    let done = story.publish("Third", &redis.url()).await;
    assert_eq!(done.code, Some(4), "{}", done.said());
    assert!(done.out.contains("not told"), "{}", done.out);
    assert_eq!(story.proxy.get("/").await.text(), printed("Second"), "nobody could say so");
    redis.start().await;
    until_printed(&story.proxy, "Third").await;
    redis.until_listening(CHANNEL, 1).await;
    story.publish("Fourth", &redis.url()).await.well();
    until_printed(&story.proxy, "Fourth").await;
}

#[tokio::test]
async fn a_message_without_sense_is_a_hint_without_words() {
    let Some(redis) = Redis::running().await else { return };
    let story = Story::hearing(&redis).await;
    let large = vec![b'['; 1 << 20];
    for message in [
        b"\xff\xfe\0".as_slice(),
        b"",
        b"not json",
        b"{\"move\": -1}",
        b"{\"move\": 1e300, \"seq\": []}",
        b"{\"move\": 1}",
        &large,
    ] {
        assert_eq!(redis.publish(CHANNEL, message).await, 1);
    }
    story.publish("Second", &redis.url()).await.well();
    until_printed(&story.proxy, "Second").await;
    assert_eq!(redis.publish(CHANNEL, "").await, 1, "it still listens");
}

/// Whatever answers at the address, pages are printed.
#[tokio::test]
async fn a_server_that_is_none_keeps_nothing_from_starting() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = tokio::spawn(async move {
        let (mut first, _) = listener.accept().await.unwrap();
        first.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        drop(first);
        // And asks again, where it is kept waiting.
        listener.accept().await.unwrap()
    });
    let story = Story::begin(|setup| setup.top(&format!("redis = \"redis://{address}\""))).await;
    let _silent = within("a second attempt", asked).await.unwrap();
    assert_eq!(story.proxy.get("/").await.text(), printed("First"));
    assert!(story.proxy.stop().await);
}

#[tokio::test]
async fn a_password_is_taken_from_the_environment_and_shown_to_nobody() {
    let Some(redis) = Redis::locked(PASSWORD).await else { return };
    let url = redis.url().replace("redis://", &format!("redis://:{PASSWORD}@"));
    let story = Story::begin(|setup| setup.variable("OVERPRINT_REDIS", &url)).await;
    redis.until_listening(CHANNEL, 1).await;
    let done = story.publish("Second", &url).await.well();
    assert!(done.out.contains("heard by 1"), "{}", done.out);
    assert!(!done.said().contains(PASSWORD), "{}", done.said());
    until_printed(&story.proxy, "Second").await;
    let wrong = url.replace(PASSWORD, "hunter3hunter3");
    let done = story.publish("Third", &wrong).await;
    assert_eq!(done.code, Some(4), "{}", done.said());
    assert!(!done.said().contains("hunter3"), "{}", done.said());
}

#[tokio::test]
async fn a_password_in_the_config_is_refused_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "redis = \"redis://:{PASSWORD}@127.0.0.1\"\n[[site]]\norigin = \"http://127.0.0.1:9\"\n"
    );
    fs::write(folder.path().join("overprint.toml"), text).unwrap();
    for command in ["check", "serve"] {
        let args = [command, "--config", "overprint.toml"];
        let done = overprint(folder.path(), &args, NO_ENV).await;
        assert_eq!(done.code, Some(1), "{}", done.said());
        assert!(done.said().contains("OVERPRINT_REDIS"), "{}", done.said());
        assert!(!done.said().contains(PASSWORD), "{}", done.said());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_logged_without_it() {
    let Some(redis) = Redis::locked(PASSWORD).await else { return };
    let (folder, origin) = (tempfile::tempdir().unwrap(), pages().await);
    fs::write(folder.path().join("en.json"), entries("First")).unwrap();
    let wrong = redis.url().replace("redis://", "redis://:hunter3hunter3@");
    let env = [("OVERPRINT_REDIS", wrong.as_str()), ("OVERPRINT_LOG", "trace")];
    let proxy = Binary::start(&origin.url(), folder.path(), &env).await;
    proxy.logged(&["no hints by Redis"]).await;
    assert_eq!(proxy.get("/").await.text(), printed("First"));
    assert!(!proxy.log().join("\n").contains("hunter3"), "{:#?}", proxy.log());
    proxy.stop().await;
}
