//! Publishers that meet: one wins, and nothing is lost.

use std::collections::BTreeSet;

use super::*;
use crate::support::{Fault, Gate};

#[tokio::test]
async fn of_two_publishers_one_wins_and_the_other_is_told_how_to_go_on() {
    let s3 = S3::start().await;
    let desk = Desk::at(&s3);
    desk.release("zero").await;
    desk.edit_in("slow", "slow");
    desk.edit_in("quick", "quick");
    let gate = Gate::new();
    s3.on("PUT", "aliases/").times(1).fault(Fault::Held(gate.clone()));
    let slow = desk.begin("publish", &["slow"]);
    gate.reached().await;
    desk.run("publish", &["quick"]).await.well();
    gate.open();
    let slow = ended(slow).await;
    assert_eq!(slow.code, Some(3), "{slow:?}");
    let said = "somebody else has moved production meanwhile; release 2 is uploaded and not live";
    assert!(slow.err.contains(said), "{}", slow.err);
    assert_eq!(s3.within("releases/").len(), 3);
    assert_eq!(s3.json("aliases/production.json")["seq"], 3);
    s3.assert_consistent();
    // What the loser has uploaded is there to be made live.
    desk.run("rollback", &["2"]).await.well();
    assert_eq!(s3.json("aliases/production.json")["seq"], 2);
}

#[tokio::test]
async fn of_two_first_publishers_one_wins() {
    let s3 = S3::start().await;
    let desk = Desk::at(&s3);
    desk.edit_in("slow", "slow");
    desk.edit_in("quick", "quick");
    let gate = Gate::new();
    s3.on("PUT", "aliases/").times(1).fault(Fault::Held(gate.clone()));
    let slow = desk.begin("publish", &["slow"]);
    gate.reached().await;
    desk.run("publish", &["quick"]).await.well();
    gate.open();
    assert_eq!(ended(slow).await.code, Some(3));
    let alias = s3.json("aliases/production.json");
    assert_eq!((&alias["seq"], &alias["move"]), (&2.into(), &1.into()));
}

#[tokio::test]
async fn a_rollback_loses_against_a_publish_that_was_quicker() {
    let s3 = S3::start().await;
    let desk = Desk::at(&s3);
    desk.release("one").await;
    desk.release("two").await;
    let gate = Gate::new();
    s3.on("PUT", "aliases/").times(1).fault(Fault::Held(gate.clone()));
    let rollback = desk.begin("rollback", &[]);
    gate.reached().await;
    desk.release("three").await;
    gate.open();
    let rollback = ended(rollback).await;
    assert_eq!(rollback.code, Some(3), "{rollback:?}");
    assert!(rollback.err.contains("look at `releases`, then try again"), "{}", rollback.err);
    assert_eq!(s3.json("aliases/production.json")["seq"], 3);
}

#[tokio::test]
async fn a_number_that_somebody_else_takes_is_passed_over() {
    let s3 = S3::start().await;
    let desk = Desk::at(&s3);
    desk.edit_in("slow", "slow");
    desk.edit_in("quick", "quick");
    let gate = Gate::new();
    s3.on("PUT", "releases/").times(1).fault(Fault::Held(gate.clone()));
    let slow = desk.begin("publish", &["slow", "--alias", "staging"]);
    gate.reached().await;
    desk.run("publish", &["quick"]).await.well();
    gate.open();
    let slow = ended(slow).await.well();
    assert!(slow.out.contains("staging to release 2"), "{}", slow.out);
    s3.assert_consistent();
}

/// Publishers at once, and a proxy that follows all the while.
#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_have_a_number_each_and_never_a_mixture() {
    const PUBLISHERS: usize = 6;
    let origin = pages().await;
    for (desk, store) in stores().await {
        desk.release("start").await;
        let proxy = desk.proxy(&origin).site("refresh.poll = \"500ms\"").start().await;
        proxy.until_printed("start").await;
        let begun: Vec<_> = (0..PUBLISHERS)
            .map(|nth| {
                let (content, text) = (format!("content-{nth}"), format!("text {nth}"));
                desk.edit_in(&content, &text);
                let begun = desk.begin("publish", &[&content, "--note", &text]);
                (text, begun)
            })
            .collect();
        let mut won = BTreeSet::new();
        for (text, publisher) in begun {
            let publishing = ended(publisher);
            let done = publishing.await;
            proxy.page().await;
            match done.code {
                Some(0) => drop(won.insert(text)),
                Some(3) => assert!(done.err.contains("is uploaded and not live"), "{done:?}"),
                _ => panic!("{done:?}"),
            }
        }
        store.assert_consistent();
        let releases = store.within("releases/");
        let notes: BTreeSet<_> =
            releases.iter().map(|path| store.json(path)["note"].to_string()).collect();
        assert_eq!(releases.len(), 1 + PUBLISHERS, "every publisher has a number of its own");
        assert_eq!(notes.len(), 1 + PUBLISHERS, "{notes:?}");
        // The alias went through exactly those that won.
        let alias = store.json("aliases/production.json");
        let trail = alias["before"].as_array().unwrap().iter().map(|before| &before["seq"]);
        let text = |seq: &Value| store.json(&format!("releases/{seq}.json"))["note"].clone();
        let moved: BTreeSet<_> = trail
            .chain([&alias["seq"]])
            .filter_map(|seq| text(seq).as_str().map(str::to_owned))
            .collect();
        assert_eq!(moved, won);
        assert_eq!(alias["move"], 1 + won.len());
        assert!(!won.is_empty());
        proxy.until_printed(text(&alias["seq"]).as_str().unwrap()).await;
        proxy.stop().await;
    }
}
