//! Manifests: altered, gone, too large, or written by whoever may write to the store.

use super::*;

#[tokio::test]
async fn manifests_that_are_not_what_was_published() {
    let cases: &[Case] = &[
        (|store| store.s3.remove(&store.release()), "missing", "there is no such file"),
        (
            |store| store.s3.corrupt(&store.release(), |bytes| bytes.push(b' ')),
            "invalid_manifest",
            "it was altered: its SHA-256 is",
        ),
        (
            |store| store.manifest(|manifest| manifest["note"] = "n".repeat(2000).into()),
            "too_large",
            "it has more than 1024 bytes",
        ),
        (|store| store.manifest_bytes("no JSON"), "invalid_manifest", "it is not as expected"),
        (|store| store.manifest_bytes(""), "invalid_manifest", "it is not as expected"),
        (
            |store| store.manifest(|manifest| manifest["format"] = 2.into()),
            "invalid_manifest",
            "it is in format 2, and this version of Overprint reads format 1",
        ),
        (
            |store| store.manifest(|manifest| manifest["seq"] = 999.into()),
            "invalid_manifest",
            "it says that it is release 999",
        ),
        (
            |store| store.manifest(|manifest| manifest["locales"] = json!({})),
            "invalid_manifest",
            "it has 0 locales",
        ),
        (
            |store| store.manifest(|manifest| manifest["default_locale"] = "fr".into()),
            "invalid_manifest",
            "its default locale fr has no content",
        ),
        (
            |store| {
                let circle = json!({"de": ["en"], "en": ["de"]});
                store.manifest(|manifest| manifest["fallback"] = circle);
            },
            "invalid_manifest",
            "de",
        ),
        (
            |store| {
                store.manifest(|manifest| manifest["locales"]["de"]["object"] = "../x.json".into());
            },
            "invalid_manifest",
            "it names the object \"../x.json\"",
        ),
        (
            |store| store.manifest(|manifest| manifest["locales"]["../x"] = json!({})),
            "invalid_manifest",
            "it is not as expected",
        ),
        (
            |store| store.manifest(|manifest| manifest["html"] = json!({"allow": ["script"]})),
            "invalid_manifest",
            "its `html` is out of bounds: \"script\" cannot be allowed: it runs code on the page",
        ),
        (
            |store| store.manifest(|manifest| manifest["html"] = json!({"deny": ["newer"]})),
            "invalid_manifest",
            "its `html` is out of bounds: unknown element \"newer\"",
        ),
        (
            |store| {
                store.manifest(|manifest| manifest["locales"]["de"]["bytes"] = 2_000_000.into())
            },
            "release_too_large",
            "and at most 1048576 are taken in",
        ),
    ];
    each(cases, Heals::ByItself).await;
}
