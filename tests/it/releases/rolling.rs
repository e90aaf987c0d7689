//! Aliases that move among releases that are there: rollbacks, promotions, and what lists them.

use super::*;

/// The number that an alias stands for, and its counter.
fn at(store: &dyn Files, alias: &str) -> (u64, u64) {
    let pointer = store.json(&format!("aliases/{alias}.json"));
    (pointer["seq"].as_u64().unwrap(), pointer["move"].as_u64().unwrap())
}

#[tokio::test]
async fn a_rollback_is_a_move_to_an_older_release() {
    for (desk, store) in stores().await {
        for text in ["one", "two", "three"] {
            desk.release(text).await;
        }
        let releases = store.all();
        for (args, seq, r#move, said) in [
            (&[][..], 2, 4, "production from release 3 to release 2 (move 4)"),
            (&[], 1, 5, "production from release 2 to release 1 (move 5)"),
            (&["3"], 3, 6, "production from release 1 to release 3 (move 6)"),
            (&[], 1, 7, "production from release 3 to release 1 (move 7)"),
        ] {
            let done = desk.run("rollback", args).await.well();
            assert!(done.out.contains(said), "{said}: {}", done.out);
            assert_eq!(at(&*store, "production"), (seq, r#move));
        }
        store.assert_consistent();
        // A rollback writes nothing but the alias, and the next release has the next number.
        let unmoved = |files: Vec<(String, Vec<u8>)>| {
            files.into_iter().filter(|(path, _)| !path.starts_with("aliases/")).collect::<Vec<_>>()
        };
        assert_eq!(unmoved(store.all()), unmoved(releases));
        desk.release("four").await;
        assert_eq!(at(&*store, "production"), (4, 8));
    }
}

#[tokio::test]
async fn a_rollback_that_leads_nowhere_changes_nothing() {
    for (desk, store) in stores().await {
        let done = desk.run("rollback", &[]).await;
        assert_eq!(done.code, Some(1));
        assert!(done.err.contains("there is no alias production"), "{done:?}");
        desk.release("one").await;
        let before = store.all();
        for (args, said) in [
            (&[][..], "production has stood for no other release before; give a number"),
            (&["1"], "production is at release 1 already"),
            (&["7"], "releases/7.json: there is no such file"),
            (&["--alias", "staging"], "there is no alias staging"),
        ] {
            let done = desk.run("rollback", args).await;
            assert_eq!(done.code, Some(1), "{args:?}: {done:?}");
            assert!(done.err.contains(said), "{args:?}: {}", done.err);
            assert_eq!(store.all(), before, "{args:?}");
        }
    }
}

#[tokio::test]
async fn no_alias_is_moved_to_a_release_that_is_broken() {
    let s3 = S3::start().await;
    let desk = Desk::at(&s3);
    desk.release("one").await;
    let object = s3.within("objects/").remove(0);
    desk.release("two").await;
    desk.run("promote", &["production", "staging"]).await.well();
    let whole = s3.file(&object).unwrap();
    s3.corrupt(&format!("shop/{object}"), |bytes| bytes[2] ^= 1);
    let before = s3.all();
    let done = desk.run("rollback", &[]).await;
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.err.contains(&object) && done.err.contains("it was altered"), "{}", done.err);
    assert_eq!(s3.all(), before);
    s3.put(&format!("shop/{object}"), whole);
    s3.corrupt("shop/releases/1.json", |bytes| bytes.push(b'\n'));
    let done = desk.run("rollback", &[]).await;
    assert!(done.err.contains("releases/1.json: it was altered"), "{}", done.err);
    assert_eq!(at(&s3, "production"), (2, 2));
}

/// Nobody knows how far it had counted.
#[tokio::test]
async fn an_alias_that_cannot_be_read_is_not_moved() {
    for (desk, store) in stores().await {
        desk.release("one").await;
        desk.run("promote", &["production", "staging"]).await.well();
        desk.edit("two");
        store.write("aliases/production.json", "no JSON");
        let before = store.all();
        for (command, more) in [
            ("publish", &["content"][..]),
            ("rollback", &["1"]),
            ("promote", &["staging", "production"]),
            ("promote", &["production", "staging"]),
        ] {
            let done = desk.run(command, more).await;
            assert_eq!(done.code, Some(1), "{command}: {done:?}");
            let said = "aliases/production.json: it is not as expected";
            assert!(done.err.contains(said), "{command}: {}", done.err);
            assert_eq!(store.all(), before, "{command}");
        }
    }
}

#[tokio::test]
async fn production_gets_what_staging_has() {
    for (desk, store) in stores().await {
        desk.edit("one");
        desk.publish(&["--alias", "staging"]).await.well();
        let done = desk.run("promote", &["staging", "production"]).await.well();
        assert!(done.out.contains("live      production to release 1 (move 1)"), "{}", done.out);
        desk.edit("two");
        desk.publish(&["--alias", "staging"]).await.well();
        assert_eq!(at(&*store, "production"), (1, 1));
        let done = desk.run("promote", &["staging", "production"]).await.well();
        assert!(done.out.contains("production from release 1 to release 2 (move 2)"));
        assert_eq!((at(&*store, "staging"), at(&*store, "production")), ((2, 2), (2, 2)));
        store.assert_consistent();
        for (args, said) in [
            (["staging", "production"], "production is at release 2 already"),
            (["canary", "production"], "there is no alias canary"),
        ] {
            let done = desk.run("promote", &args).await;
            assert_eq!(done.code, Some(1), "{done:?}");
            assert!(done.err.contains(said), "{}", done.err);
        }
        // Each alias knows its own way back.
        desk.run("rollback", &[]).await.well();
        assert_eq!((at(&*store, "staging"), at(&*store, "production")), ((2, 2), (1, 3)));
    }
}

#[tokio::test]
async fn the_list_has_what_was_published_when_and_what_stands_for_it() {
    for (desk, _) in stores().await {
        let done = desk.run("releases", &[]).await.well();
        assert!(done.out.starts_with("nothing is published in "), "{}", done.out);
        desk.edit("one");
        desk.publish(&["--note", "The first"]).await.well();
        desk.release("two").await;
        desk.write("content/pt.json", r#"{"a": "1", "b": "2"}"#);
        desk.publish(&["--alias", "staging", "--note", "In Portuguese"]).await.well();
        desk.run("rollback", &["1"]).await.well();
        let done = desk.run("releases", &[]).await.well();
        let lines: Vec<Vec<_>> =
            done.out.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[0], ["seq", "published", "entries", "locales", "aliases", "note"]);
        let without_time = |line: &[&str]| [&line[..1], &line[2..]].concat().join(" ");
        let rows: Vec<_> = lines[1..].iter().map(|line| without_time(line)).collect();
        assert_eq!(
            rows,
            [
                "3 4 de en pt staging (move 1) In Portuguese",
                "2 2 de en",
                "1 2 de en production (move 3) The first",
            ]
        );
        for line in &lines[1..] {
            let (time, year) = (line[1], "2026-11-24T09:54:28Z".len());
            assert!(time.len() == year && time.starts_with("20") && time.ends_with('Z'), "{time}");
        }
        // What an alias stands for is always shown.
        let done = desk.run("releases", &["--last", "1"]).await.well();
        let numbers: Vec<_> =
            done.out.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
        assert_eq!(numbers, ["seq", "3", "1", "and"]);
        assert!(done.out.contains("and 1 more; --last 3 shows all"), "{}", done.out);
    }
}

#[tokio::test]
async fn a_release_that_cannot_be_read_is_listed_all_the_same() {
    let s3 = S3::start().await;
    let desk = Desk::at(&s3);
    desk.release("one").await;
    desk.release("two").await;
    s3.put("shop/releases/1.json", "no JSON");
    s3.put("shop/releases/x.json", "no release");
    let done = desk.run("releases", &[]).await.well();
    let lines: Vec<_> = done.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", done.out);
    assert!(lines[1].contains("production (move 2)"), "{}", done.out);
    assert!(lines[2].trim_start().starts_with("1  cannot be read: "), "{}", done.out);
}

/// A store that was restored from a backup knows less than the proxies.
#[tokio::test]
async fn a_store_that_went_back_in_time_goes_on_past_what_proxies_have_seen() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("one").await;
    let alias = "shop/aliases/production.json";
    let backup = s3.object(alias).unwrap();
    let proxy = desk.proxy(&origin).keeping_a_copy().start().await;
    for text in ["two", "three"] {
        desk.release(text).await;
        proxy.until_healed(text).await;
    }
    super::copies::until_copied(&desk, &s3).await;
    s3.put(alias, backup);
    // Whoever checks is told what a start would meet.
    let check = ["check", "--config", "overprint.toml"];
    let check = overprint(desk.folder.path(), &check, &desk.env).await;
    assert_eq!(check.code, Some(1), "{}", check.said());
    assert!(check.said().contains("from move 3 to move 1; "), "{}", check.said());
    proxy.assert_refuses("older_move", "from move 3 to move 1; ", "three").await;
    // Of the same content, too.
    desk.edit("one");
    desk.publish(&["--past", "3"]).await.well();
    proxy.until_healed("one").await;
    // And one that cannot be read any more.
    s3.put(alias, "{");
    proxy.assert_refuses("invalid_pointer", "it is not as expected", "one").await;
    let refused = desk.publish(&[]).await;
    assert_eq!(refused.code, Some(1), "{}", refused.said());
    assert!(refused.err.contains("--past N"), "{}", refused.err);
    desk.edit("four");
    desk.publish(&["--past", "4"]).await.well();
    proxy.until_healed("four").await;
}
