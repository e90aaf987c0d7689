//! What bad input gets: it is refused whole, pages keep the last good release, everybody who asks is
//! told why, and the next good publish heals it.

mod aliases;
mod manifests;
mod objects;

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
    proxy.until_printed("start").await;
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
