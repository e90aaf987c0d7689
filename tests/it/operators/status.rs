//! `/status` and `/status.json`: what each site's pages are printed with, and what became of them.

use serde_json::{Value, json};

use super::{shop, until};
use crate::hints::{Delivery, entries, pages, until_printed};
use crate::support::{Client, NO_ENV, Origin, Proxy, Request, Script, WebStore, overprint};

/// One slot that is printed, two that have no content, and two that are left alone by rule.
const LABELS: &str = "<!doctype html><h1 data-overprint=title>a</h1>\
    <p data-overprint=nothing>b</p><p data-overprint=none>c</p>\
    <script data-overprint=title>d</script><img data-overprint=title>";

/// Somebody's note, as unpleasant as may be.
const NOTE: &str = "Black Friday <script>alert(1)</script> & \"co\"";

async fn json(proxy: &Proxy) -> Value {
    let page = proxy.operator("/status.json").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("application/json")));
    serde_json::from_slice(&page.body).unwrap()
}

/// A store at its second release, with a note, and a proxy that prints it.
async fn published() -> (WebStore, Origin, Proxy) {
    let store = WebStore::with(&entries("First")).await;
    store.write(r#"{"title": "Second", "alt": "A picture"}"#);
    let args = ["publish", "content", "--to", "shop", "--note", NOTE];
    overprint(store.folder(), &args, NO_ENV).await.well();
    store.show();
    let origin = Origin::serve(|_| Script::html(LABELS)).await;
    let proxy = shop(&origin, &store).start().await;
    (store, origin, proxy)
}

#[tokio::test]
async fn json_tells_what_is_printed_and_what_became_of_the_slots() {
    let (store, _origin, proxy) = published().await;
    for _ in 0..3 {
        assert!(proxy.get("/").await.text().contains(">Second</h1>"));
    }
    // Nor is the store being looked at, when no next look is known.
    let counted = |page: &crate::support::Response| {
        page.text().contains("\"printed\": 3")
            && !page.text().contains("\"next_look_seconds\": null")
    };
    until(&proxy, "/status.json", "three pages", counted).await;
    let status = json(&proxy).await;
    let [site] = status["sites"].as_array().unwrap().as_slice() else { panic!("{status}") };
    assert_eq!((&site["name"], &site["state"]), (&json!("shop"), &json!("live")));
    assert_eq!(site["source"], json!(format!("{}/", store.url())));
    assert_eq!(site["failure"], Value::Null);
    assert_eq!(
        site["slots"],
        json!({"printed": 3, "left_alone":
            {"missing_key": 6, "forbidden_element": 3, "void_element": 3}})
    );
    let release = &site["release"];
    assert_eq!(
        ["alias", "seq", "move", "note", "entries", "locales", "from_copy"]
            .map(|key| release[key].clone()),
        [
            json!("production"),
            json!(2),
            json!(2),
            json!(NOTE),
            json!(2),
            json!(["en"]),
            json!(false)
        ]
    );
    assert_eq!(release["name"].as_str().unwrap().len(), 16);
    assert!(release["bytes"].as_u64().unwrap() > 0);
    let bytes = release["bytes"].as_u64().unwrap().div_ceil(1024) * 1024;
    assert_eq!(status["memory"]["snapshots_bytes"], json!(bytes), "the only one, in KiB");
    assert!(release["moved_seconds_ago"].as_u64().unwrap() < 60, "{release}");
    // An hour, give or take a fifth.
    let next = site["next_look_seconds"].as_u64().unwrap();
    assert!((2800..=4320).contains(&next), "{next}");
    assert!(site["checked_seconds_ago"].as_u64().unwrap() < 60, "{site}");
    let connections = &status["connections"];
    assert_eq!(connections["accepted"], json!(3), "visitors', and not those of operators");
    assert_eq!((&status["panics"], &status["draining"]), (&json!(0), &json!(false)));
    assert_eq!(status["version"], json!(env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn what_remembered_pages_take_is_told() {
    let (_store, _origin, proxy) = published().await;
    let memory = json(&proxy).await["memory"].take();
    assert_eq!(
        (&memory["remembered_bytes"], &memory["remembered_entries"]),
        (&json!(0), &json!(0))
    );
    proxy.get("/").await;
    let one = |page: &crate::support::Response| page.text().contains("\"remembered_entries\": 1");
    until(&proxy, "/status.json", "a page", one).await;
    let memory = json(&proxy).await["memory"].take();
    assert!(memory["remembered_bytes"].as_u64().unwrap() > LABELS.len() as u64, "{memory}");
    let page = proxy.operator("/status").await.text();
    assert!(page.contains("<dt>Remembered pages</dt><dd>"), "{page}");
    assert!(page.contains("<small>1 entry</small>"), "{page}");
}

#[tokio::test]
async fn json_follows_what_happens() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let proxy = shop(&origin, &store).start().await;
    let hook = async |id: &str| {
        assert_eq!(proxy.client().await.fetch(&Delivery::of(id).request()).await.status, 202);
    };
    store.publish(&entries("Second")).await;
    hook("msg_1").await;
    until_printed(&proxy, "Second").await;
    let site = json(&proxy).await["sites"][0].take();
    assert_eq!((&site["release"]["seq"], &site["release"]["move"]), (&json!(2), &json!(2)));
    store.is_down(true);
    hook("msg_2").await;
    until(&proxy, "/status.json", "stale", |page| page.text().contains("stale")).await;
    let site = json(&proxy).await["sites"][0].take();
    assert_eq!(site["release"]["seq"], json!(2), "what is printed still");
    assert_eq!(site["failure"]["reason"], json!("unavailable"));
    assert!(site["failure"]["times"].as_u64().unwrap() >= 1, "{site}");
    let next = site["next_look_seconds"].as_u64().unwrap();
    assert!(next < 60, "after a failure it is looked for soon: {next}");
    store.is_down(false);
    hook("msg_3").await;
    until(&proxy, "/status.json", "live", |page| page.text().contains("\"live\"")).await;
    assert_eq!(json(&proxy).await["sites"][0]["failure"], Value::Null);
}

#[tokio::test]
async fn a_directory_has_a_release_without_a_number_and_no_next_look() {
    let origin = pages().await;
    let proxy = Proxy::before(&origin).named("shop").admin().start().await;
    let site = json(&proxy).await["sites"][0].take();
    assert_eq!((&site["state"], &site["release"]["seq"]), (&json!("live"), &Value::Null));
    assert_eq!(site["next_look_seconds"], Value::Null, "it says itself when it has changed");
}

#[tokio::test]
async fn the_page_is_html_in_which_other_peoples_words_are_only_words() {
    let (store, _origin, proxy) = published().await;
    proxy.get("/").await;
    let counted = |page: &crate::support::Response| page.text().contains("\"printed\": 1");
    until(&proxy, "/status.json", "a page", counted).await;
    let page = proxy.operator("/status").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    let text = page.text();
    assert!(text.starts_with("<!doctype html>"), "{text}");
    assert!(!text.contains("<script"), "{text}");
    for word in ["ready", "shop", "#2", "Black Friday &lt;script&gt;", "missing_key", &store.url()]
    {
        assert!(text.contains(word), "{word} in {text}");
    }
}

#[tokio::test]
async fn whoever_asks_for_json_gets_it_on_either_path() {
    let (_store, _origin, proxy) = published().await;
    for (accept, kind) in [
        ("application/json", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
    ] {
        let request = Request::get("/status").header("Accept", accept);
        let page = Client::connect(proxy.admin()).await.fetch(&request).await;
        assert_eq!((page.status, page.header("content-type")), (200, Some(kind)), "{accept}");
    }
}
