//! What is not published, and what is said of it.

use super::*;

#[tokio::test]
async fn who_may_not_write_is_told_so() {
    let s3 = S3::start().await;
    let desk = Desk::at(&s3);
    desk.edit("one");
    for (name, value, said) in [
        ("AWS_SECRET_ACCESS_KEY", "wrong", "SignatureDoesNotMatch"),
        ("AWS_ACCESS_KEY_ID", "AKIANOBODY", "InvalidAccessKeyId"),
    ] {
        let desk = Desk { env: with(&desk.env, name, value), ..Desk::at(&s3) };
        desk.edit("one");
        for (done, refused) in [
            (desk.publish(&[]).await, "aliases/production.json: access is denied"),
            (desk.check().await, "aliases/production.json: access is denied"),
            (desk.run("releases", &[]).await, "s3://content/shop/releases/: "),
        ] {
            assert_eq!(done.code, Some(1), "{done:?}");
            assert!(done.err.contains(refused) && done.err.contains(said), "{done:?}");
        }
    }
    assert!(s3.keys().is_empty());
}

#[tokio::test]
async fn what_cannot_be_published_writes_nothing_and_says_why() {
    let key = "overprint-secret-key:nonsense";
    for (desk, store) in stores().await {
        desk.edit("one");
        desk.write("broken/en.json", "{\"title\": ");
        desk.write("bad.key", key);
        desk.write("store/aliases/production.json", "{}");
        for (args, said) in [
            (&["broken"][..], "broken/en.json:1"),
            (&["nowhere"], "cannot be read"),
            (&["store"], "store is a store, not a content directory"),
            (&["content", "--alias", "../up"], "cannot be an alias"),
            (&["content", "--note", &"n".repeat(1001)], "--note: at most 1000 bytes"),
            (&["content", "--sign", "bad.key"], "bad.key: this is no secret key"),
            (&["content", "--sign", "no.key"], "no.key: "),
            (&["content", "--notify", "http://127.0.0.1:1"], "takes the webhook's secret"),
            (&["content", "--secret-file", "no.secret"], "no.secret"),
        ] {
            let done = desk.run("publish", args).await;
            assert_eq!(done.code, Some(1), "{args:?}: {done:?}");
            assert!(done.err.contains(said), "{args:?}: {}", done.err);
            assert!(!done.said().contains(key));
            assert_eq!(store.paths(), Vec::<String>::new(), "{args:?}");
        }
    }
}

#[tokio::test]
async fn content_and_its_store_are_not_mixed() {
    for store in ["content", "content/store", "./content/../content"] {
        let desk = Desk { store: store.to_owned(), ..Desk::beside_a_directory() };
        desk.edit("one");
        let done = desk.publish(&[]).await;
        assert_eq!(done.code, Some(1), "{store}: {done:?}");
        assert!(done.err.contains("keep it beside"), "{}", done.err);
        assert_eq!(fs::read_dir(desk.path("content")).unwrap().count(), 3, "{store}");
    }
    let desk = Desk { store: "content-store".to_owned(), ..Desk::beside_a_directory() };
    desk.release("one").await;
}

#[tokio::test]
async fn a_store_behind_http_is_not_written_to() {
    let desk = Desk { store: "http://127.0.0.1:1/shop".to_owned(), ..Desk::beside_a_directory() };
    desk.edit("one");
    let done = desk.run("releases", &[]).await;
    assert_eq!(done.code, Some(1));
    assert!(done.err.contains("an http(s):// store can only be read"), "{done:?}");
}
