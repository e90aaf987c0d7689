//! What bad input gets: it is refused whole, pages keep the last good release, everybody who asks is
//! told why, and the next good publish heals it.

use serde_json::json;

use super::*;

const ALIAS: &str = "shop/aliases/production.json";

/// A store in which a release is live and another was published after it, and what may happen to
/// that before a proxy looks.
struct Victim<'s> {
    s3: &'s S3,
    /// The alias when the live release was the last.
    live: Vec<u8>,
    /// The alias before that.
    older: Vec<u8>,
}

impl Victim<'_> {
    fn pointer(&self) -> Value {
        self.s3.json("aliases/production.json")
    }

    /// Where the last release's manifest is.
    fn release(&self) -> String {
        format!("shop/{}", self.pointer()["manifest"].as_str().unwrap())
    }

    /// Where the last release's German object is.
    fn object(&self) -> String {
        let manifest: Value =
            serde_json::from_slice(&self.s3.object(&self.release()).unwrap()).unwrap();
        format!("shop/{}", manifest["locales"]["de"]["object"].as_str().unwrap())
    }

    /// Writes a member of the alias.
    fn alias(&self, name: &str, value: impl Into<Value>) {
        let mut pointer = self.pointer();
        pointer[name] = value.into();
        self.s3.put(ALIAS, pointer.to_string());
    }

    /// Writes the manifest, as whoever may write to the store can: the alias pins it.
    fn manifest_bytes(&self, bytes: impl Into<Vec<u8>>) {
        let (path, bytes) = (self.release(), bytes.into());
        self.alias("sha256", sha256(&bytes));
        self.s3.put(&path, bytes);
    }

    fn manifest(&self, change: impl FnOnce(&mut Value)) {
        let mut manifest =
            serde_json::from_slice(&self.s3.object(&self.release()).unwrap()).unwrap();
        change(&mut manifest);
        self.manifest_bytes(manifest.to_string());
    }

    /// Writes a German object of so many entries; manifest and alias pin it.
    fn object_bytes(&self, bytes: &str, entries: usize) {
        let sha256 = sha256(bytes.as_bytes());
        let object = format!("objects/{sha256}.json");
        self.s3.put(&format!("shop/{object}"), bytes);
        let named =
            json!({"object": object, "sha256": sha256, "bytes": bytes.len(), "entries": entries});
        self.manifest(|manifest| manifest["locales"]["de"] = named);
    }
}

/// What happens, the reason that is given, and what is said.
type Case = (fn(&Victim<'_>), &'static str, &'static str);

/// What a publish needs to heal it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heals {
    /// Nothing: what is broken behind an alias is replaced.
    ByItself,
    /// An alias to count on from.
    OncePutBack,
}

/// Each in turn, between two good releases.
async fn each(cases: &[Case], heals: Heals) {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("older").await;
    let older = s3.object(ALIAS).unwrap();
    desk.release("start").await;
    let mut live = "start".to_owned();
    let mut victim = Victim { s3: &s3, live: s3.object(ALIAS).unwrap(), older };
    let limits = ["object = \"1KiB\"", "manifest = \"1KiB\"", "content = \"1MiB\""];
    let proxy = limits.iter().fold(desk.proxy(&origin), |proxy, limit| proxy.set("limits", limit));
    let proxy = proxy.start().await;
    assert_eq!(proxy.page().await, printed("start"));
    for (nth, (happens, reason, says)) in cases.iter().enumerate() {
        eprintln!("{reason}: {says}");
        desk.release(&format!("bad {nth}")).await;
        let good = s3.object(ALIAS).unwrap();
        happens(&victim);
        proxy.assert_refuses(reason, says, &live).await;
        let check = ["check", "--config", "overprint.toml"];
        let check = overprint(desk.folder.path(), &check, &desk.env).await;
        // What the proxy has trusted before is not known to who looks for the first time.
        if *reason != "older_move" {
            assert_eq!(check.code, Some(1), "{says}: {check:?}");
            assert!(check.said().contains(says), "{says}: {}", check.said());
        }
        if heals == Heals::OncePutBack {
            s3.put(ALIAS, good);
        }
        victim.older = std::mem::take(&mut victim.live);
        live = format!("good {nth}");
        desk.release(&live).await;
        proxy.until_healed(&live).await;
        victim.live = s3.object(ALIAS).unwrap();
    }
    let status = proxy.status().await;
    assert_eq!(status["failure"], Value::Null);
}

#[tokio::test]
async fn objects_that_are_not_what_was_published() {
    let cases: &[Case] = &[
        (
            |store| store.s3.corrupt(&store.object(), |bytes| drop(bytes.pop())),
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
            "too_large",
            "it has more than 1024 bytes",
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
            |store| {
                store.manifest(|manifest| manifest["locales"]["de"]["bytes"] = 2_000_000.into())
            },
            "release_too_large",
            "and at most 1048576 are taken in",
        ),
    ];
    each(cases, Heals::ByItself).await;
}

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
