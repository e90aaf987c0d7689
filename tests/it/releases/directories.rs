//! A store in a directory that a running proxy watches: no hint and no poll is needed.

use super::*;

/// Puts the folder `new` where the store is, and what was there to `old`.
fn swap(desk: &Desk, new: &str, old: &str) {
    fs::rename(desk.path("shop"), desk.path(old)).unwrap();
    fs::rename(desk.path(new), desk.path("shop")).unwrap();
}

#[tokio::test]
async fn a_publish_shows_on_the_next_pages() {
    let (desk, origin) = (Desk::beside_a_directory(), pages().await);
    desk.release("one").await;
    let proxy = desk.proxy(&origin).start().await;
    proxy.until_printed("one").await;
    for text in ["two", "three"] {
        desk.release(text).await;
        proxy.until_printed(text).await;
    }
    desk.run("rollback", &["1"]).await.well();
    proxy.until_printed("one").await;
    let status = proxy.until_status("/release/move", 4).await;
    assert_eq!((&status["state"], &status["release"]["seq"]), (&"live".into(), &1.into()));
}

#[tokio::test]
async fn a_store_may_come_after_the_proxy() {
    let (desk, origin) = (Desk::beside_a_directory(), pages().await);
    let proxy = desk.proxy(&origin).start().await;
    assert_eq!(proxy.page().await, PAGE);
    proxy.until_status("/state", "empty").await;
    assert_eq!(proxy.ready().await.status, 200);
    desk.release("one").await;
    proxy.until_printed("one").await;
}

/// What a publisher leaves behind that was cut off in its first publish.
#[tokio::test]
async fn half_a_store_is_neither_content_nor_a_release() {
    let (desk, origin) = (Desk::beside_a_directory(), pages().await);
    desk.release("one").await;
    fs::remove_dir_all(desk.path("shop/aliases")).unwrap();
    let proxy = desk.proxy(&origin).start().await;
    assert_eq!(proxy.page().await, PAGE);
    proxy.until_status("/state", "empty").await;
    let check = desk.check().await;
    assert_eq!(check.code, Some(1), "{check:?}");
    desk.publish(&[]).await.well();
    proxy.until_printed("one").await;
}

#[tokio::test]
async fn content_files_may_turn_into_a_store_and_back() {
    let (desk, origin) = (Desk::beside_a_directory(), pages().await);
    desk.release("published").await;
    fs::rename(desk.path("shop"), desk.path("store")).unwrap();
    desk.edit_in("shop", "files");
    let proxy = desk.proxy(&origin).start().await;
    proxy.until_printed("files").await;
    assert_eq!(proxy.status().await["release"]["seq"], Value::Null);
    for _ in 0..2 {
        swap(&desk, "store", "files");
        proxy.until_printed("published").await;
        proxy.until_status("/release/seq", 1).await;
        swap(&desk, "files", "store");
        proxy.until_printed("files").await;
        proxy.until_status("/release/seq", Value::Null).await;
    }
    // Each is followed again as what it is.
    desk.edit_in("shop", "edited");
    proxy.until_printed("edited").await;
    swap(&desk, "store", "files");
    proxy.until_printed("published").await;
    desk.release("again").await;
    proxy.until_printed("again").await;
    assert_eq!(proxy.until_status("/state", "live").await["failure"], Value::Null);
}

#[tokio::test]
async fn a_store_that_disappears_takes_nothing_off_the_pages() {
    let (desk, origin) = (Desk::beside_a_directory(), pages().await);
    desk.release("one").await;
    let proxy = desk.proxy(&origin).start().await;
    proxy.until_printed("one").await;
    fs::rename(desk.path("shop"), desk.path("elsewhere")).unwrap();
    proxy.hint().await;
    proxy.until_status("/state", "stale").await;
    assert_eq!(proxy.page().await, printed("one"));
    fs::rename(desk.path("elsewhere"), desk.path("shop")).unwrap();
    desk.release("two").await;
    proxy.until_printed("two").await;
}

#[tokio::test]
async fn a_broken_release_keeps_the_last_good_one() {
    let (desk, origin) = (Desk::beside_a_directory(), pages().await);
    desk.release("one").await;
    let proxy = desk.proxy(&origin).start().await;
    proxy.until_printed("one").await;
    let release = desk.path("shop").json("releases/1.json");
    let object = release["locales"]["de"]["object"].as_str().unwrap().to_owned();
    let good = desk.path("shop").file("aliases/production.json").unwrap();
    desk.write(&format!("shop/{object}"), "{}");
    desk.write("shop/aliases/production.json", "{}");
    proxy.until_status("/failure/reason", "invalid_pointer").await;
    proxy.0.logged(&["content refused", "reason=\"invalid_pointer\""]).await;
    assert_eq!(proxy.page().await, printed("one"));
    desk.write("shop/aliases/production.json", good);
    proxy.until_status("/state", "live").await;
    // Published again, the object that was broken is written anew.
    desk.release("two").await;
    proxy.until_printed("two").await;
    desk.edit("one");
    desk.publish(&[]).await.well();
    proxy.until_printed("one").await;
    desk.path("shop").assert_consistent();
}
