//! The disk copy: what a proxy prints that starts while its store is down.

mod damaged;

use super::*;
use crate::support::{Fault, nobody_listens};

/// The only copy in the state folder of a desk, in the form of a store.
pub(super) fn copy(desk: &Desk) -> PathBuf {
    begun(desk).expect("a copy")
}

/// The only copy, once there is one: its folder is made before what is in it.
pub(super) fn begun(desk: &Desk) -> Option<PathBuf> {
    let copies = fs::read_dir(desk.path("state/content")).into_iter().flatten();
    let copies: Vec<_> = copies.map(|entry| entry.unwrap().path()).collect();
    assert!(copies.len() <= 1, "{copies:?}");
    copies.into_iter().next()
}

/// Waits until the copy has exactly what the alias of the store leads to: it is written once the
/// release is live.
pub(super) async fn until_copied(desk: &Desk, s3: &S3) {
    let pointer = s3.json("aliases/production.json");
    let release = pointer["manifest"].as_str().unwrap();
    let objects = s3.json(release)["locales"].as_object().unwrap().clone();
    let mut wanted = vec!["aliases/production.json".to_owned(), release.to_owned()];
    wanted.extend(objects.values().map(|named| named["object"].as_str().unwrap().to_owned()));
    wanted.sort();
    let same = || {
        begun(desk).is_some_and(|copy| {
            copy.paths() == wanted && wanted.iter().all(|path| copy.file(path) == s3.file(path))
        })
    };
    let copied = async {
        while !same() {
            tokio::task::yield_now().await;
        }
    };
    within("the copy to be what is live", copied).await;
}

/// A store with a release that a proxy has copied before it was stopped.
async fn copied(text: &str, origin: &Origin) -> (S3, Desk) {
    let s3 = S3::start().await;
    let desk = Desk::at(&s3);
    desk.release(text).await;
    let proxy = desk.proxy(origin).keeping_a_copy().start().await;
    proxy.until_printed(text).await;
    until_copied(&desk, &s3).await;
    proxy.stop().await;
    (s3, desk)
}

#[tokio::test]
async fn a_start_without_the_store_prints_the_copy() {
    let origin = pages().await;
    let (mut s3, desk) = copied("one", &origin).await;
    s3.stop().await;
    let proxy = desk.proxy(&origin).keeping_a_copy().start().await;
    proxy.until_printed("one").await;
    let status = proxy.until_status("/failure/reason", "unavailable").await;
    assert_eq!(
        (&status["state"], &status["release"]["from_copy"]),
        (&"stale".into(), &true.into())
    );
    assert_eq!((&status["release"]["seq"], &status["release"]["move"]), (&1.into(), &1.into()));
    let ready = proxy.ready().await;
    assert_eq!(ready.status, 200);
    assert!(ready.text().starts_with("ready\nshop: stale: s3://"), "{}", ready.text());

    // The store is back, first with the same release, then with another.
    s3.restart().await;
    proxy.until_healed("one").await;
    assert_eq!(proxy.status().await["release"]["from_copy"], false);
    desk.release("two").await;
    proxy.until_healed("two").await;
    until_copied(&desk, &s3).await;
}

#[tokio::test]
async fn a_release_that_was_published_meanwhile_goes_live() {
    let origin = pages().await;
    let (mut s3, desk) = copied("one", &origin).await;
    s3.stop().await;
    let proxy = desk.proxy(&origin).keeping_a_copy().start().await;
    proxy.until_status("/state", "stale").await;
    s3.restart().await;
    desk.release("two").await;
    proxy.until_healed("two").await;
    assert_eq!(proxy.status().await["release"]["from_copy"], false);
}

/// The store confirms the copy, and is asked for nothing more than changes from then on.
#[tokio::test]
async fn a_copy_that_the_store_confirms_is_polled_for_like_a_release() {
    let origin = pages().await;
    let (mut s3, desk) = copied("one", &origin).await;
    s3.stop().await;
    let proxy = desk.proxy(&origin).keeping_a_copy().start().await;
    proxy.until_status("/state", "stale").await;
    s3.restart().await;
    proxy.until_healed("one").await;
    s3.forget_requests();
    proxy.hint().await;
    s3.until("a look", |seen| seen.last().is_some_and(|seen| seen.status.is_some())).await;
    assert_eq!(asked(&s3).last().unwrap(), "GET shop/aliases/production.json 304");
}

#[tokio::test]
async fn without_a_copy_pages_pass_until_the_store_is_back() {
    let (mut s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("one").await;
    let proxy = desk.proxy(&origin).start().await;
    proxy.until_printed("one").await;
    proxy.stop().await;
    s3.stop().await;
    let proxy = desk.proxy(&origin).start().await;
    assert_eq!(proxy.page().await, PAGE);
    proxy.until_status("/state", "empty").await;
    let ready = proxy.ready().await;
    assert_eq!(ready.status, 200);
    let said = ready.text();
    assert!(said.starts_with("ready\nshop: empty: pages pass untouched: s3://"), "{said}");
    assert!(said.contains("(unavailable)"), "{said}");
    proxy.0.logged(&["no content: pages pass unchanged", "reason=\"unavailable\""]).await;
    s3.restart().await;
    proxy.until_healed("one").await;
}

#[tokio::test]
async fn while_the_store_hangs_the_copy_is_printed_and_visitors_are_taken() {
    let origin = pages().await;
    let (s3, desk) = copied("one", &origin).await;
    s3.on("", "").fault(Fault::Hang);
    let proxy = desk.proxy(&origin).keeping_a_copy().start().await;
    proxy.until_printed("one").await;
    let status = proxy.until_status("/state", "stale").await;
    assert_eq!(status["release"]["from_copy"], true);
    let ready = proxy.ready().await;
    assert_eq!((ready.status, ready.text().as_str()), (200, "ready\nshop: stale\n"));
    s3.heal();
    proxy.until_healed("one").await;
    assert_eq!(proxy.status().await["release"]["from_copy"], false);
}

#[tokio::test]
async fn a_start_with_a_copy_fetches_only_what_has_changed() {
    let origin = pages().await;
    let (s3, desk) = copied("one", &origin).await;
    for (published, objects) in [(false, 0), (true, 1)] {
        if published {
            desk.write("content/de.json", r#"{"title": "two"}"#);
            desk.write("content/en.json", r#"{"intro": {"$html": "one"}}"#);
            desk.publish(&[]).await.well();
        }
        s3.forget_requests();
        let proxy = desk.proxy(&origin).keeping_a_copy().start().await;
        let status = proxy.until_status("/state", "live").await;
        assert_eq!(status["release"]["seq"], 1 + objects);
        let asked = asked(&s3);
        let fetched = asked.iter().filter(|line| line.starts_with("GET shop/objects/")).count();
        assert_eq!(fetched, objects, "{asked:?}");
        proxy.stop().await;
    }
}

#[tokio::test]
async fn a_site_that_is_loaded_on_its_first_visit_has_its_copy_too() {
    let origin = pages().await;
    let (mut s3, desk) = copied("one", &origin).await;
    s3.stop().await;
    let proxy = desk.proxy(&origin).keeping_a_copy().set("limits", "preload = 0").start().await;
    assert_eq!(proxy.status().await["state"], "asleep");
    assert_eq!(proxy.ready().await.text(), "ready\n");
    proxy.until_printed("one").await;
    let status = proxy.until_status("/state", "stale").await;
    assert_eq!(status["release"]["from_copy"], true);
    s3.restart().await;
    desk.release("two").await;
    proxy.until_healed("two").await;
}

#[tokio::test]
async fn a_copy_has_only_what_is_live() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("one").await;
    let proxy = desk.proxy(&origin).keeping_a_copy().start().await;
    for text in ["two", "three", "four"] {
        desk.release(text).await;
        proxy.until_healed(text).await;
        until_copied(&desk, &s3).await;
    }
    desk.run("rollback", &["2"]).await.well();
    proxy.until_healed("two").await;
    until_copied(&desk, &s3).await;
    assert_eq!(copy(&desk).paths().len(), 4);
}

#[tokio::test]
async fn what_was_trusted_before_a_restart_is_not_taken_back_after_it() {
    let origin = pages().await;
    let (s3, desk) = copied("one", &origin).await;
    let alias = "shop/aliases/production.json";
    let old = s3.object(alias).unwrap();
    desk.release("two").await;
    let proxy = desk.proxy(&origin).keeping_a_copy().start().await;
    proxy.until_healed("two").await;
    until_copied(&desk, &s3).await;
    proxy.stop().await;

    s3.put(alias, old);
    let proxy = desk.proxy(&origin).keeping_a_copy().start().await;
    proxy.until_printed("two").await;
    let refused = ["content refused", "reason=\"older_move\"", "from move 2 to move 1"];
    proxy.0.logged(&refused).await;
    let status = proxy.until_status("/failure/reason", "older_move").await;
    assert_eq!(
        (&status["state"], &status["release"]["from_copy"]),
        (&"stale".into(), &true.into())
    );
    assert_eq!(proxy.ready().await.status, 200);
    // Counted on from the old alias: first to where the proxy is already, then beyond.
    desk.release("three").await;
    proxy.assert_refuses("older_move", "move 2 is release 3, and was release 2", "two").await;
    desk.release("four").await;
    proxy.until_healed("four").await;
}

#[tokio::test]
async fn each_alias_and_each_store_has_a_copy_of_its_own() {
    let origin = pages().await;
    let (mut s3, desk) = copied("one", &origin).await;
    s3.stop().await;
    let staging = desk.proxy(&origin).keeping_a_copy().site("alias = \"staging\"");
    let proxy = staging.start().await;
    proxy.until_status("/state", "empty").await;
    assert_eq!(proxy.page().await, PAGE);
    proxy.stop().await;
    let elsewhere = desk.proxy(&origin).keeping_a_copy().content("s3://content/outlet");
    let proxy = elsewhere.start().await;
    proxy.until_status("/state", "empty").await;
    assert_eq!(proxy.page().await, PAGE);
    proxy.stop().await;
    let nobody = format!("store.endpoint = \"http://{}\"", nobody_listens().await);
    let proxy = desk.proxy(&origin).keeping_a_copy().site(&nobody).start().await;
    // The same place by another way.
    proxy.until_printed("one").await;
}
