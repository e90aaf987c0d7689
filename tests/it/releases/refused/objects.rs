//! Objects: altered, gone, too large, or written by whoever may write to the store.

use super::*;

#[tokio::test]
async fn objects_that_are_not_what_was_published() {
    let cases: &[Case] = &[
        (
            |store| store.s3.corrupt(&store.object(), |bytes| bytes.truncate(9)),
            "invalid_object",
            "bytes, and the manifest says",
        ),
        (
            |store| store.s3.corrupt(&store.object(), |bytes| bytes[4] ^= 1),
            "invalid_object",
            "it was altered: its SHA-256 is",
        ),
        (|store| store.s3.remove(&store.object()), "missing", "there is no such file"),
        (|store| store.s3.put(&store.object(), ""), "invalid_object", "it has 0 bytes"),
        (
            |store| store.s3.put(&store.object(), vec![b' '; 2000]),
            "invalid_object",
            "it has more bytes, and the manifest says",
        ),
        (
            |store| store.object_bytes(&format!("{{\"title\":\"{}\"}}", "x".repeat(2000)), 1),
            "too_large",
            "it has more than 1024 bytes",
        ),
        (|store| store.object_bytes("<!doctype html>", 1), "invalid_object", "expected value"),
        (|store| store.object_bytes("[]", 0), "invalid_object", "an object of texts by key"),
        (|store| store.object_bytes("{\"title\":\"x\"} x", 1), "invalid_object", "trailing"),
        (|store| store.object_bytes("{\"title\":7}", 1), "invalid_object", "for key \"title\""),
        (|store| store.object_bytes("{\"title\":\"x\"}", 9), "invalid_object", "entries, and the"),
        (|store| store.object_bytes("{\"a b\":\"x\"}", 1), "invalid_object", "it contains ' '"),
        (|store| store.object_bytes("{\"\":\"x\"}", 1), "invalid_object", "it is empty"),
        (
            |store| store.object_bytes("{\"a\":\"x\",\"a\":\"y\"}", 2),
            "invalid_object",
            "key \"a\" occurs twice",
        ),
        (
            |store| store.object_bytes("{\"a\":{\"$html\":\"<script>x</script>\"}}", 1),
            "invalid_object",
            "key \"a\": ",
        ),
        (
            |store| store.object_bytes("{\"a\":{\"$html\":\"x\",\"$text\":\"y\"}}", 1),
            "invalid_object",
            "unknown \"$text\"",
        ),
    ];
    each(cases, Heals::ByItself).await;
}
