//! A proxy that follows an alias, and what that costs the store.

use super::*;
use crate::support::Gate;

#[tokio::test]
async fn a_move_of_the_alias_shows_at_the_next_poll() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("one").await;
    let proxy = desk.proxy(&origin).site("refresh.poll = \"500ms\"").start().await;
    proxy.until_printed("one").await;
    desk.release("two").await;
    proxy.until_printed("two").await;
    desk.run("rollback", &[]).await.well();
    proxy.until_printed("one").await;
    desk.run("rollback", &["2"]).await.well();
    proxy.until_printed("two").await;
}

#[tokio::test]
async fn a_store_in_which_nothing_moves_is_asked_for_the_alias_alone() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("one").await;
    let proxy = desk.proxy(&origin).site("refresh.poll = \"500ms\"").start().await;
    proxy.until_printed("one").await;
    let first = asked(&s3);
    assert!(first.iter().any(|seen| seen == "GET shop/aliases/production.json 200"), "{first:?}");
    s3.forget_requests();
    s3.until("three polls", |seen| {
        seen.len() >= 3 && seen.iter().all(|seen| seen.status.is_some())
    })
    .await;
    for seen in asked(&s3) {
        assert_eq!(seen, "GET shop/aliases/production.json 304");
    }
    assert!(proxy.loads("unchanged").await >= 2);
    assert_eq!(proxy.page().await, printed("one"));
}

#[tokio::test]
async fn only_what_has_changed_is_fetched() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.write("content/site.json", r#"{"default_locale": "de"}"#);
    desk.write("content/de.json", r#"{"title": "one", "intro": "one"}"#);
    desk.write("content/en.json", r#"{"title": "kept"}"#);
    desk.publish(&[]).await.well();
    let proxy = desk.proxy(&origin).start().await;
    proxy.until_printed("one").await;
    let changed = r#"{"intro":"two","title":"two"}"#;
    desk.write("content/de.json", changed);
    desk.publish(&[]).await.well();
    s3.forget_requests();
    proxy.hint().await;
    proxy.until_printed("two").await;
    let object = format!("GET shop/objects/{}.json 200", sha256(changed.as_bytes()));
    let (alias, release) = ("GET shop/aliases/production.json 200", "GET shop/releases/2.json 200");
    assert_eq!(asked(&s3), [alias, release, &object]);

    // The old object is not what is in memory any more.
    desk.run("rollback", &[]).await.well();
    s3.forget_requests();
    proxy.hint().await;
    proxy.until_printed("one").await;
    assert_eq!(asked(&s3).len(), 3, "{:?}", asked(&s3));
}

/// A hint may be quicker than what it tells of is to be seen in every corner of a store.
#[tokio::test]
async fn a_hint_that_names_a_move_is_good_until_the_alias_has_made_it() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("one").await;
    let proxy = desk.proxy(&origin).start().await;
    proxy.until_printed("one").await;
    s3.forget_requests();
    proxy.hint_at(r#"{"type": "alias.moved", "move": 2, "seq": 2}"#).await;
    s3.until("several looks", |seen| seen.len() >= 3).await;
    desk.release("two").await;
    proxy.until_printed("two").await;
    assert_eq!(proxy.until_status("/release/move", 2).await["state"], "live");
}

#[tokio::test]
async fn another_alias_of_the_same_store_is_another_site() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("live").await;
    desk.edit("tried");
    desk.publish(&["--alias", "staging"]).await.well();
    let proxy = desk.proxy(&origin).site("alias = \"staging\"").start().await;
    proxy.until_printed("tried").await;
    desk.release("newer").await;
    proxy.until_looked("unchanged").await;
    assert_eq!(proxy.page().await, printed("tried"));
    desk.run("promote", &["production", "staging"]).await.well();
    proxy.until_healed("newer").await;
}

#[tokio::test]
async fn operators_see_which_release_is_live() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("one").await;
    desk.edit("two");
    desk.publish(&["--note", "Black Friday"]).await.well();
    desk.run("rollback", &[]).await.well();
    desk.run("rollback", &["2"]).await.well();
    let proxy = desk.proxy(&origin).start().await;
    let status = proxy.until_status("/state", "live").await;
    assert_eq!(status["source"], "s3://content/shop/");
    assert_eq!(status["failure"], Value::Null);
    let release = &status["release"];
    let expected = serde_json::json!({
        "alias": "production", "seq": 2, "move": 4, "note": "Black Friday", "from_copy": false,
        "entries": 2, "locales": ["de", "en"],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&release[name], value, "{name}: {status:#}");
    }
    assert_eq!(release["moved_at"], s3.json("aliases/production.json")["moved_at"]);
    let metrics = proxy.0.operator("/metrics").await.text();
    for line in [
        "overprint_release_seq{site=\"shop\"} 2",
        "overprint_release_move{site=\"shop\"} 4",
        "overprint_content_state{site=\"shop\",state=\"live\"} 1",
        "overprint_content_loads_total{site=\"shop\",result=\"loaded\"} 1",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}: {metrics}");
    }
    assert_eq!(proxy.ready().await.text(), "ready\n");
    let check = desk.check().await.well();
    assert!(check.out.contains("number 2 (production, move 4)"), "{}", check.out);
}

#[tokio::test]
async fn a_page_under_way_keeps_the_release_it_began_with() {
    let s3 = S3::start().await;
    let desk = Desk::at(&s3);
    desk.release("one").await;
    let gate = Gate::new();
    let held = gate.clone();
    let origin = Origin::serve(move |request| match request.target.as_str() {
        "/slow" => Script::html(PAGE).chunked().wait(&held).body(PAGE),
        _ => Script::html(PAGE),
    })
    .await;
    let proxy = desk.proxy(&origin).start().await;
    let mut slow = Client::connect(proxy.0.address).await;
    slow.request(Request::get("/slow").to_bytes()).await;
    slow.read_head().await;
    slow.read_until_body_contains("one</p>").await;
    desk.release("two").await;
    proxy.hint().await;
    proxy.until_printed("two").await;
    gate.open();
    let rest = slow.read_rest().await.text();
    assert_eq!(unsaid(&rest), printed("one").repeat(2));
}
