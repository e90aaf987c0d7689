//! Aliases: what leads nowhere, elsewhere, or back.

use super::*;

#[tokio::test]
async fn aliases_that_lead_nowhere_or_back() {
    let cases: &[Case] = &[
        (|store| store.s3.put(ALIAS, "no JSON"), "invalid_pointer", "it is not as expected"),
        (|store| store.s3.put(ALIAS, ""), "invalid_pointer", "it is not as expected"),
        (|store| store.s3.put(ALIAS, vec![b' '; 70_000]), "too_large", "it has more than 65536"),
        (|store| store.alias("format", 2), "invalid_pointer", "it is in format 2"),
        (|store| store.alias("alias", "staging"), "invalid_pointer", "the pointer of \"staging\""),
        (|store| store.alias("extra", 1), "invalid_pointer", "unknown field `extra`"),
        (|store| store.alias("sha256", "x"), "invalid_pointer", "\"x\" is not a SHA-256 digest"),
        (
            |store| store.alias("manifest", "../releases/1.json"),
            "invalid_pointer",
            "it names the manifest \"../releases/1.json\"",
        ),
        (
            |store| {
                store.alias("seq", 999);
                store.alias("manifest", "releases/999.json");
            },
            "missing",
            "releases/999.json: there is no such file",
        ),
        (|store| store.alias("sha256", sha256(b"")), "invalid_manifest", "it was altered"),
        (
            |store| store.s3.put(ALIAS, store.older.clone()),
            "older_move",
            "the alias went back from move",
        ),
        (
            |store| {
                let live: Value = serde_json::from_slice(&store.live).unwrap();
                store.alias("move", live["move"].clone());
            },
            "older_move",
            "or its manifest was another",
        ),
        (
            |store| {
                let live: Value = serde_json::from_slice(&store.live).unwrap();
                store.s3.put(ALIAS, store.live.clone());
                let path = format!("shop/{}", live["manifest"].as_str().unwrap());
                store.s3.corrupt(&path, |bytes| bytes.push(b'\n'));
                store.alias("sha256", sha256(&store.s3.object(&path).unwrap()));
            },
            "older_move",
            "or its manifest was another",
        ),
    ];
    each(cases, Heals::OncePutBack).await;
}

#[tokio::test]
async fn an_alias_that_is_removed_takes_nothing_off_the_pages() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("one").await;
    let proxy = desk.proxy(&origin).start().await;
    let alias = s3.object(ALIAS).unwrap();
    s3.remove(ALIAS);
    proxy.assert_refuses("missing", "there is no such file", "one").await;
    let check = desk.check().await;
    assert_eq!(check.code, Some(1));
    assert!(check.err.contains("aliases/production.json: there is no such file"), "{}", check.err);
    s3.put(ALIAS, alias);
    proxy.until_healed("one").await;
}
