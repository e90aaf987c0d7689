//! What `overprint publish` writes, says and ends with.

mod refusing;

use super::*;
use crate::support::nobody_listens;

#[tokio::test]
async fn objects_are_written_first_and_the_alias_last() {
    let s3 = S3::start().await;
    let desk = Desk::at(&s3);
    let done = desk.release("one").await;
    let written = written(&s3);
    assert_eq!(written.len(), 4, "{written:?}");
    assert!(written[..2].iter().all(|key| key.starts_with("shop/objects/")), "{written:?}");
    assert_eq!(written[2..], ["shop/releases/1.json", "shop/aliases/production.json"]);
    s3.assert_consistent();
    for said in [
        "content   2 entries in de, en,",
        "compared  with nothing: production is new",
        "de        1 added, 0 changed, 0 removed\n          + title\n",
        "live      production to release 1 (move 1)",
        "uploaded  de, 15 B",
    ] {
        assert!(done.said().contains(said), "{said}: {}", done.said());
    }
}

#[tokio::test]
async fn content_that_is_published_already_makes_no_release() {
    for (desk, store) in stores().await {
        desk.release("one").await;
        let before = store.all();
        let done = desk.publish(&["--note", "again"]).await.well();
        assert!(done.out.contains("nothing to do  the content is published already"), "{done:?}");
        assert_eq!(store.all(), before);
    }
}

#[tokio::test]
async fn nothing_is_uploaded_for_content_that_is_published_already() {
    let s3 = S3::start().await;
    let desk = Desk::at(&s3);
    desk.release("one").await;
    s3.forget_requests();
    desk.publish(&[]).await.well();
    let asked = asked(&s3);
    let read = ["GET shop/aliases/production.json 200", "GET shop/releases/1.json 200"];
    assert_eq!(asked[..2], read);
    // Whether its objects are there.
    assert_eq!(asked.len(), 4);
    assert!(asked[2..].iter().all(|line| line.starts_with("HEAD shop/objects/")), "{asked:?}");
}

#[tokio::test]
async fn an_object_that_was_lost_is_mended_by_publishing_again() {
    for (desk, store) in stores().await {
        desk.release("one").await;
        let (before, lost) = (store.all(), store.within("objects/").remove(0));
        store.lose(&lost);
        let dry = desk.publish(&["--dry-run"]).await.well();
        assert!(dry.err.contains("missing ") && store.file(&lost).is_none(), "{dry:?}");
        let done = desk.publish(&[]).await.well();
        assert!(done.out.contains("mended") && done.out.contains("1 object"), "{}", done.out);
        assert_eq!(store.all(), before);
        let done = desk.publish(&[]).await.well();
        assert!(done.out.contains("nothing to do"), "{}", done.out);
    }
}

#[tokio::test]
async fn a_damaged_object_is_found_by_whoever_verifies_and_proxies_look_at_once() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("start").await;
    let proxy = desk.proxy(&origin).start().await;
    proxy.until_printed("start").await;
    let before = s3.keys();
    desk.release("one").await;
    let is_new = |key: &&String| key.contains("/objects/") && !before.contains(key);
    let damaged: Vec<String> = s3.keys().iter().filter(is_new).cloned().collect();
    damaged.iter().for_each(|key| s3.corrupt(key, |bytes| bytes[4] ^= 1));
    proxy.assert_refuses("invalid_object", "it was altered", "start").await;
    // Of the same size: only who reads it sees.
    let done = desk.publish(&[]).await.well();
    assert!(done.out.contains("nothing to do"), "{}", done.out);
    let proxies = format!("http://{}", proxy.0.address);
    let told = ["--verify", "--notify", &proxies, "--secret-file", "hook.secret", "--site", "shop"];
    let done = desk.publish(&told).await.well();
    assert!(done.out.contains("mended") && done.out.contains("told"), "{}", done.out);
    proxy.until_healed("one").await;
}

#[tokio::test]
async fn only_objects_that_are_missing_are_uploaded() {
    let s3 = S3::start().await;
    let desk = Desk::at(&s3);
    desk.release("one").await;
    s3.forget_requests();
    desk.write("content/de.json", r#"{"title": "two"}"#);
    let done = desk.publish(&[]).await.well();
    let written = written(&s3);
    let object = format!("shop/objects/{}.json", sha256(br#"{"title":"two"}"#));
    let release = "shop/releases/2.json".to_owned();
    assert_eq!(written, [object, release, "shop/aliases/production.json".to_owned()]);
    assert!(done.err.contains("there     en") && done.err.contains("uploaded  de"), "{done:?}");
    s3.assert_consistent();
}

#[tokio::test]
async fn a_dry_run_says_what_would_change_and_writes_nothing() {
    for (desk, store) in stores().await {
        desk.edit("one");
        let done = desk.publish(&["--dry-run"]).await.well();
        assert!(done.out.contains("+ title") && done.out.contains("nothing was published"));
        assert_eq!(store.paths(), Vec::<String>::new());
        desk.release("one").await;
        let before = store.all();
        desk.edit("two");
        let done = desk.publish(&["--dry-run"]).await.well();
        assert!(done.out.contains("~ title") && !done.out.contains("live"), "{}", done.out);
        assert_eq!(store.all(), before);
    }
}

#[tokio::test]
async fn what_was_added_changed_and_removed_is_told_by_key() {
    for (desk, _) in stores().await {
        desk.write("content/en.json", r#"{"kept": "1", "edited": "1", "gone": "1"}"#);
        desk.publish(&[]).await.well();
        desk.write("content/en.json", r#"{"kept": "1", "edited": "2", "new": "1"}"#);
        desk.write("content/pt.json", r#"{"kept": "1"}"#);
        let done = desk.publish(&[]).await.well();
        let told = "compared  with release 1, which production stands for\n\
                    en        1 added, 1 changed, 1 removed\n          \
                    + new\n          ~ edited\n          - gone\n\
                    pt        1 added, 0 changed, 0 removed\n          + kept\n\
                    live      production from release 1 to release 2 (move 2)\n";
        assert!(done.out.ends_with(told), "{}", done.out);
    }
}

#[tokio::test]
async fn a_release_says_its_note_its_site_and_its_number() {
    for (desk, store) in stores().await {
        desk.edit("one");
        let more = ["--note", "Black Friday", "--site", "outlet", "--alias", "staging"];
        desk.publish(&more).await.well();
        let (alias, release) = (store.json("aliases/staging.json"), store.json("releases/1.json"));
        assert_eq!(store.within("aliases/"), ["aliases/staging.json"]);
        assert_eq!((&alias["alias"], &alias["seq"]), (&"staging".into(), &1.into()));
        assert_eq!(release["note"], "Black Friday");
        assert_eq!(release["site"], "outlet");
        // Unless told, it is named by the last part of the store.
        desk.release("two").await;
        assert_eq!(store.json("releases/2.json")["site"], "shop");
        assert!(store.json("releases/2.json").get("note").is_none());
        store.assert_consistent();
    }
}

#[tokio::test]
async fn the_same_content_in_other_files_is_the_same_bytes() {
    for (desk, store) in stores().await {
        desk.write(
            "content/en.json",
            r#"{"a": {"b": "é <3", "c": {"$html": "<b>x</b>"}}, "z": "!"}"#,
        );
        desk.publish(&[]).await.well();
        let before = store.all();
        desk.write("other/en.json", "{\n  \"z\": \"\\u0021\"\n}");
        desk.write("other/en/a.json", "{\"c\": {\"$html\": \"<b>x</b>\"}, \"b\": \"\\u00e9 <3\"}");
        let done = desk.run("publish", &["other"]).await.well();
        assert!(done.out.contains("nothing to do"), "{}", done.out);
        assert_eq!(store.all(), before);
        assert_eq!(store.within("objects/").len(), 1);
    }
}

#[tokio::test]
async fn an_alias_that_is_moved_again_counts_on() {
    for (desk, store) in stores().await {
        for (nth, text) in ["one", "two", "three"].into_iter().enumerate() {
            desk.release(text).await;
            let alias = store.json("aliases/production.json");
            assert_eq!((&alias["move"], &alias["seq"]), (&(nth + 1).into(), &(nth + 1).into()));
        }
        assert_eq!(store.within("releases/").len(), 3);
        store.assert_consistent();
    }
}

#[tokio::test]
async fn a_proxy_that_is_told_prints_it_at_once() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("one").await;
    let proxy = desk.proxy(&origin).start().await;
    proxy.until_printed("one").await;
    let url = format!("http://{}", proxy.0.address);
    desk.edit("two");
    let done = desk.publish(&["--notify", &url, "--secret-file", "hook.secret"]).await.well();
    assert!(done.out.contains("told      127.0.0.1:"), "{}", done.out);
    assert!(done.out.contains("202"), "{}", done.out);
    proxy.until_printed("two").await;
    let done = desk.run("rollback", &["--notify", &url, "--secret-file", "hook.secret"]).await;
    done.well();
    proxy.until_printed("one").await;
}

#[tokio::test]
async fn a_publish_that_nobody_could_be_told_of_is_live_and_ends_with_4() {
    let nobody = format!("http://{}", nobody_listens().await);
    for (desk, store) in stores().await {
        desk.edit("one");
        let done = desk.publish(&["--notify", &nobody, "--secret-file", "hook.secret"]).await;
        assert_eq!(done.code, Some(4), "{done:?}");
        assert!(done.out.contains("live      production to release 1"), "{}", done.out);
        assert!(done.out.contains("not told  127.0.0.1:"), "{}", done.out);
        assert!(done.err.contains("it is done, but 1 address could not be told"), "{}", done.err);
        store.assert_consistent();
        assert_eq!(store.json("aliases/production.json")["seq"], 1);
    }
}
