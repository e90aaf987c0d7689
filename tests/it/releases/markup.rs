//! Which elements HTML entries may have, from a site's own file to its pages; and what whoever wrote
//! others is told.

use super::*;

const SITE: &str = r#"{"default_locale": "en", "html": {"allow": ["video"], "deny": ["i"]}}"#;
const INTRO: &str = "<video src=\"/v.mp4\"></video>";

fn entry(html: &str) -> String {
    serde_json::json!({"title": {"$html": html}, "intro": {"$html": html}}).to_string()
}

#[tokio::test]
async fn what_is_left_out_is_told_with_its_place_and_its_key() {
    for (desk, store) in stores().await {
        let text = "{\"title\": \"x\",\n \"home\": {\"intro\": {\"$html\": \"x<script>y</script><a onclick=z>a</a>\"}}}";
        desk.write("content/en.json", text);
        desk.write("content/en/terms.html", "<p>fine</p>\n<p>x<a href=javascript:y>z</a></p>\n");
        let check = ["check", "--content", "content"];
        let check = overprint(desk.folder.path(), &check, &desk.env).await.well();
        let dry = desk.publish(&["--dry-run"]).await.well();
        assert_eq!(store.paths(), [""; 0], "{dry:?}");
        let publish = desk.publish(&[]).await.well();
        for done in [check, dry, publish] {
            for said in [
                "warning: \"home.intro\" loses <script> and onclick of <a>\n",
                "en.json:2:30\n",
                "2 |  \"home\": {\"intro\": {\"$html\": \"x<script>y</script><a onclick=z>a</a>\"}}}\n",
                "warning: \"terms\" loses href of <a>: \"javascript:y\"\n",
                "terms.html:2:1\n",
                "= help: take it out of the entry: it is never printed\n",
            ] {
                assert!(done.err.contains(said), "{said}: {}", done.said());
            }
            assert!(!done.said().contains("error"), "{}", done.said());
        }
        let again = desk.publish(&[]).await.well();
        assert!(again.err.contains("warning: \"terms\""), "as long as it is there: {again:?}");
    }
}

#[tokio::test]
async fn what_a_site_allows_travels_with_its_content() {
    for (desk, store) in stores().await {
        let origin = pages().await;
        desk.write("content/site.json", SITE);
        desk.write("content/en.json", entry(INTRO));
        let proxy = desk.proxy(&origin).start().await;
        let done = desk.publish(&[]).await.well();
        assert!(
            done.out.contains("others now: +video -i\n") && !done.err.contains("warning"),
            "{done:?}"
        );
        assert_eq!(
            store.json("releases/1.json")["html"],
            serde_json::json!({"allow": ["video"], "deny": ["i"]})
        );
        proxy.hint().await;
        proxy.until_printed(INTRO).await;
        desk.check().await.well();

        // The same objects, read otherwise: another release.
        desk.write("content/site.json", r#"{"html": {"allow": ["video"]}}"#);
        let done = desk.publish(&[]).await.well();
        assert!(done.out.contains("others now: +video\n"), "{done:?}");
        assert!(done.out.contains("release 2"), "{done:?}");
        assert_eq!(store.within("objects/").len(), 1);
        proxy.hint().await;
        proxy.until_status("/release/seq", 2).await;
        assert_eq!(proxy.page().await, printed(INTRO));

        // What is not allowed any more is not printed any more.
        desk.write("content/site.json", "{}");
        desk.write("content/en.json", entry(&format!("x{INTRO}")));
        let done = desk.publish(&[]).await.well();
        let help = "to print it, write \"html\": {\"allow\": [\"video\"]} in site.json";
        assert!(
            done.err.contains("\"intro\" loses <video>") && done.err.contains(help),
            "{done:?}"
        );
        assert!(done.out.contains("others now: as usual\n"), "{done:?}");
        assert_eq!(store.json("releases/3.json").get("html"), None);
        proxy.hint().await;
        proxy.until_printed("x").await;
    }
}

#[tokio::test]
async fn a_start_without_the_store_reads_its_copy_as_the_manifest_says() {
    let (mut s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.write("content/site.json", SITE);
    desk.write("content/en.json", entry(INTRO));
    desk.publish(&[]).await.well();
    let proxy = desk.proxy(&origin).keeping_a_copy().start().await;
    proxy.until_printed(INTRO).await;
    super::copies::until_copied(&desk, &s3).await;
    proxy.stop().await;
    s3.stop().await;
    let proxy = desk.proxy(&origin).keeping_a_copy().start().await;
    proxy.until_printed(INTRO).await;
    assert_eq!(proxy.status().await["release"]["from_copy"], true);
}

#[tokio::test]
async fn whoever_edits_beside_a_proxy_finds_in_its_log_what_is_left_out() {
    let (desk, origin) = (Desk::beside_a_directory(), pages().await);
    desk.write("files/en.json", entry("one<script>x</script>"));
    let proxy = desk.proxy(&origin).content("files").start().await;
    proxy.until_printed("one").await;
    let told = ["WARN", "not all is printed", "en.json:1: \"title\" loses <script>", "site=shop"];
    proxy.0.logged(&told).await;
    // Also where nothing but what is left out has changed; and what stays is not said again.
    desk.write("files/en.json", entry("one<b onclick=y></b>"));
    proxy.0.logged(&["en.json:1: \"intro\" loses onclick of <b>"]).await;
    desk.write("files/de.json", r#"{"other": "x"}"#);
    desk.write("files/site.json", r#"{"default_locale": "en"}"#);
    proxy.until_status("/release/locales", vec!["de", "en"]).await;
    let log = proxy.0.log();
    let said = log.iter().filter(|line| line.contains("\"intro\" loses onclick")).count();
    assert_eq!(said, 1, "{log:#?}");
}

#[tokio::test]
async fn what_no_site_may_allow_is_a_problem_with_its_place() {
    let desk = Desk::beside_a_directory();
    desk.write("content/en.json", entry("x"));
    desk.write(
        "content/site.json",
        "{\"html\": {\n  \"allow\": [\"iframe\", \"vidoe\"],\n  \"deny\": [\"tr\"]}}",
    );
    let check = ["check", "--content", "content"];
    let check = overprint(desk.folder.path(), &check, &desk.env).await;
    let publish = desk.publish(&[]).await;
    for done in [check, publish] {
        assert_eq!(done.code, Some(1), "{}", done.said());
        for said in [
            "error: \"iframe\" cannot be allowed\n",
            "site.json:2:13\n",
            "it puts another document into the page",
            "error: unknown element \"vidoe\"\n",
            "did you mean \"video\"?",
            "error: \"tr\" cannot be denied by itself\n",
            "3 problems",
        ] {
            assert!(done.err.contains(said), "{said}: {}", done.said());
        }
    }
}
