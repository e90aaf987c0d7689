//! The commands that look at content before a visitor does: `check`, `scan` and `explain`, over
//! stores of releases as the proxy follows them.

use std::fs;
use std::path::PathBuf;

use crate::support::{Done, NO_ENV, Origin, Script, WebStore, overprint};

const PAGE: &str = "<!doctype html><title>t</title><h1 data-overprint=\"title\">Default</h1>\
    <p data-overprint=\"intro\">Words</p><script data-overprint=\"title\">x</script>";

/// A store whose production says "First" and whose staging says "Staged", and a page beside it.
async fn published() -> WebStore {
    let store = WebStore::with(r#"{"title": "First", "old": "Unused"}"#).await;
    store.write(r#"{"title": "Staged", "intro": "New words"}"#);
    let staged = ["publish", "content", "--to", "shop", "--alias", "staging"];
    overprint(store.folder(), &staged, NO_ENV).await.well();
    store.show();
    fs::write(store.folder().join("page.html"), PAGE).unwrap();
    store
}

async fn run(store: &WebStore, args: &[&str]) -> Done {
    overprint(store.folder(), args, NO_ENV).await
}

/// A config of these sites, each with its lines.
fn config(store: &WebStore, sites: &[(&str, &str)]) {
    let site = |(name, lines): &(&str, &str)| {
        format!(
            "[[site]]\nname = \"{name}\"\nhosts = \"{name}.example.com\"\n\
             origin = \"http://127.0.0.1:9\"\n{lines}\n"
        )
    };
    let text: String = sites.iter().map(site).collect();
    fs::write(store.folder().join("overprint.toml"), text).unwrap();
}

/// The line that has `word`.
#[track_caller]
fn line<'d>(done: &'d Done, word: &str) -> &'d str {
    let mut lines = done.out.lines().chain(done.err.lines());
    lines.find(|line| line.contains(word)).unwrap_or_else(|| panic!("{word}: {}", done.said()))
}

// === check ===

#[tokio::test]
async fn check_verifies_a_store_and_says_which_release_it_is() {
    let store = published().await;
    for place in ["shop", &store.url()] {
        let done = run(&store, &["check", "--content", place]).await.well();
        let ok = line(&done, "ok  ");
        assert!(ok.contains("2 entries in en, release "), "{ok}");
        assert!(ok.ends_with("number 1 (production, move 1)"), "{ok}");
    }
    let done = run(&store, &["check", "--content", "content"]).await.well();
    assert!(!line(&done, "ok  ").contains("number"), "a directory has none: {}", done.out);
}

#[tokio::test]
async fn check_verifies_every_site_of_a_config() {
    let store = published().await;
    let staging = format!("content = \"{}\"\nalias = \"staging\"", store.url());
    config(
        &store,
        &[
            ("live", "content = \"shop\""),
            ("next", &staging),
            ("files", "content = \"content\""),
            ("plain", ""),
        ],
    );
    let done = run(&store, &["check"]).await.well();
    assert!(line(&done, "overprint.toml").contains("4 sites"), "{}", done.out);
    assert!(line(&done, " live: ").ends_with("number 1 (production, move 1)"), "{}", done.out);
    assert!(line(&done, " next: ").ends_with("number 2 (staging, move 1)"), "{}", done.out);
    assert!(line(&done, " files: ").contains("2 entries in en"), "{}", done.out);
    assert!(line(&done, " plain: ").contains("no content"), "{}", done.out);
}

#[tokio::test]
async fn check_finds_what_would_never_reach_a_page() {
    let store = published().await;
    let key = "overprint-public-key:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let broken = WebStore::with(r#"{"title": "First"}"#).await;
    let object = first_file(broken.folder().join("shop/objects"));
    fs::write(&object, r#"{"title": "Forged"}"#).unwrap();
    let forged = broken.folder().join("shop");
    let forged = format!("content = \"{}\"", forged.display());
    config(
        &store,
        &[
            ("good", "content = \"shop\""),
            ("unknown", "content = \"shop\"\nalias = \"canary\""),
            ("unsigned", &format!("content = \"shop\"\npublic_key = \"{key}\"")),
            ("forged", &forged),
            ("elsewhere", "content = \"shop\"\nlocale.default = \"de\""),
            ("missing", "content = \"nowhere\""),
        ],
    );
    let done = run(&store, &["check"]).await;
    assert_eq!(done.code, Some(1), "{}", done.said());
    assert!(line(&done, " good: ").contains("ok"), "{}", done.said());
    for (name, words) in [
        ("unknown", &["aliases/canary.json"][..]),
        ("unsigned", &["aliases/production.json", "sign"]),
        ("forged", &["objects/", "the manifest says 17"]),
        ("elsewhere", &["locale.default", "de"]),
        ("missing", &["nowhere"]),
    ] {
        assert!(done.out.contains(&format!("bad {name}:")), "{name}: {}", done.said());
        let told = |word: &&&str| !done.said().contains(**word);
        assert_eq!(words.iter().find(told), None, "{name}: {}", done.said());
    }
    assert!(done.err.contains("5 sites with a problem"), "{}", done.err);
}

fn first_file(folder: PathBuf) -> PathBuf {
    fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
}

#[tokio::test]
async fn check_reports_a_secret_that_cannot_be_had() {
    let store = published().await;
    fs::write(store.folder().join("good"), "0123456789abcdef").unwrap();
    fs::write(store.folder().join("short"), "hunter2").unwrap();
    config(
        &store,
        &[
            ("fine", "content = \"shop\"\nwebhook.secret_file = \"good\""),
            ("unread", "content = \"shop\"\nwebhook.secret_file = \"missing-secret\""),
            ("unset", "content = \"shop\"\nwebhook.secret_env = \"SHOP_SECRET\""),
            ("weak", "webhook.secret_file = \"short\""),
        ],
    );
    let done = run(&store, &["check"]).await;
    assert_eq!(done.code, Some(1), "{}", done.said());
    assert!(line(&done, "missing-secret").contains("unread: no secret"), "{}", done.said());
    assert!(line(&done, "SHOP_SECRET").contains("unset: no secret"), "{}", done.said());
    assert!(line(&done, "short").contains("weak: no secret"), "{}", done.said());
    assert!(!done.said().contains("hunter2") && !done.said().contains("fine: no secret"));
    assert!(done.err.contains("3 sites with a problem"), "{}", done.err);
    let env = [("SHOP_SECRET", "0123456789abcdef")];
    let set = overprint(store.folder(), &["check"], &env).await;
    assert!(set.err.contains("2 sites with a problem"), "{}", set.err);
}

#[tokio::test]
async fn a_site_with_two_problems_is_one_site_with_a_problem() {
    let store = published().await;
    config(&store, &[("both", "content = \"nowhere\"\nwebhook.secret_file = \"missing\"")]);
    let done = run(&store, &["check"]).await;
    assert_eq!(done.code, Some(1), "{}", done.said());
    assert!(done.err.contains("1 site with a problem"), "{}", done.err);
    assert!(done.said().contains("no secret") && done.said().contains("nowhere"));
}

// === scan and explain ===

#[tokio::test]
async fn scan_holds_pages_against_what_is_published() {
    let store = published().await;
    for place in ["shop", &store.url()] {
        let done = run(&store, &["scan", "page.html", "--content", place]).await.well();
        assert!(line(&done, "page.html").contains("3 labels"), "{}", done.out);
        let told =
            ["  content  title", "  missing  intro  Words", "  never    title", "unused   old"];
        assert!(told.iter().all(|line| done.out.contains(line)), "{}", done.out);
    }
}

#[tokio::test]
async fn scan_takes_the_site_that_is_named_with_its_alias() {
    let store = published().await;
    let staging = "content = \"shop\"\nalias = \"staging\"";
    config(&store, &[("live", "content = \"shop\""), ("next", staging)]);
    let scan = ["scan", "page.html", "--config", "overprint.toml"];
    let done = run(&store, &scan).await.well();
    assert!(done.out.contains("missing  intro"), "the first: {}", done.out);
    let done = run(&store, &[&scan[..], &["--site", "next"]].concat()).await.well();
    assert!(done.out.contains("content  intro") && !done.out.contains("unused"), "{}", done.out);
    let done = run(&store, &[&scan[..], &["--site", "nobody"]].concat()).await;
    assert_eq!(done.code, Some(1), "{}", done.said());
    assert!(done.err.contains("live, next"), "it says which there are: {}", done.err);
}

#[tokio::test]
async fn explain_says_what_would_be_printed_and_why_not() {
    let store = published().await;
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let staging = format!("content = \"{}\"\nalias = \"staging\"", store.url());
    config(&store, &[("live", "content = \"shop\""), ("next", &staging)]);
    let page = format!("{}/shop/page", origin.url());
    for (place, page, title, printed) in [
        (&["--content", "shop"][..], "page.html", "First", "1 slot printed, 2 left alone"),
        (&["--content", &store.url()], &page, "First", "1 slot printed, 2 left alone"),
        (&["--config", "overprint.toml"], &page, "First", "1 slot printed, 2 left alone"),
        (
            &["--config", "overprint.toml", "--site", "next"],
            &page,
            "Staged",
            "2 slots printed, 1 left alone",
        ),
    ] {
        let done = run(&store, &[&["explain", page], place].concat()).await.well();
        assert!(line(&done, "printed   title").contains(title), "{place:?}: {}", done.out);
        assert!(done.out.contains(printed), "{place:?}: {}", done.out);
        assert!(done.out.contains("forbidden_element: "), "{place:?}: {}", done.out);
        assert!(line(&done, ", locale en").contains("release "), "{place:?}: {}", done.out);
    }
}

#[tokio::test]
async fn scan_and_explain_measure_slots_by_the_limit_of_the_config() {
    let store = published().await;
    let page =
        format!("<!doctype html><title>t</title><p data-overprint=title>{}</p>", "x".repeat(2000));
    fs::write(store.folder().join("large.html"), page).unwrap();
    config(&store, &[("shop", "content = \"shop\"")]);
    let sites = fs::read_to_string(store.folder().join("overprint.toml")).unwrap();
    for (max_slot, scanned, explained) in [
        ("1KiB", "  never    title  ", "left      title  too_large: "),
        ("4KiB", "  content  title  ", "printed   title  "),
    ] {
        let limited = format!("limits.max_slot = \"{max_slot}\"\n{sites}");
        fs::write(store.folder().join("overprint.toml"), limited).unwrap();
        for (command, told) in [("scan", scanned), ("explain", explained)] {
            let args = [command, "large.html", "--config", "overprint.toml"];
            let done = run(&store, &args).await.well();
            assert!(done.out.contains(told), "{max_slot}: {}", done.said());
        }
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_said_and_not_taken_for_none() {
    let store = published().await;
    store.is_down(true);
    for command in [&["scan", "page.html"][..], &["explain", "page.html"], &["check"]] {
        let done = run(&store, &[command, &["--content", &store.url()]].concat()).await;
        assert_eq!(done.code, Some(1), "{}", done.said());
        assert!(done.err.contains("503"), "{}", done.said());
    }
}
