//! Publishers that do not come to their end: what they leave behind harms nobody.

use super::*;
use crate::support::{Fault, Gate};

/// What a publisher writes, step by step.
const STEPS: [&str; 3] = ["objects/", "releases/", "aliases/"];

#[tokio::test]
async fn a_publisher_that_is_killed_has_published_nothing() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("start").await;
    let proxy = desk.proxy(&origin).start().await;
    proxy.until_printed("start").await;
    let mut live = "start".to_owned();
    for step in STEPS {
        let gate = Gate::new();
        s3.on("PUT", step).times(1).fault(Fault::Held(gate.clone()));
        desk.edit(&format!("killed at {step}"));
        let mut publisher = desk.begin("publish", &["content"]);
        gate.reached().await;
        publisher.kill().await.unwrap();
        s3.assert_consistent();
        proxy.until_looked("unchanged").await;
        assert_eq!(proxy.page().await, printed(&live), "{step}");

        // The same content again, and other content.
        for text in [format!("killed at {step}"), format!("after {step}")] {
            desk.release(&text).await;
            s3.assert_consistent();
            proxy.hint().await;
            proxy.until_printed(&text).await;
            live = text;
        }
    }
}

#[tokio::test]
async fn the_first_publisher_may_be_killed_too() {
    let origin = pages().await;
    for step in STEPS {
        let s3 = S3::start().await;
        let desk = Desk::at(&s3);
        desk.edit("first");
        let proxy = desk.proxy(&origin).start().await;
        let gate = Gate::new();
        s3.on("PUT", step).times(1).fault(Fault::Held(gate.clone()));
        let mut publisher = desk.begin("publish", &["content"]);
        gate.reached().await;
        publisher.kill().await.unwrap();
        proxy.until_looked("missing").await;
        assert_eq!(proxy.page().await, PAGE, "{step}");
        assert_eq!(s3.within("aliases/"), Vec::<String>::new());
        desk.publish(&[]).await.well();
        s3.assert_consistent();
        proxy.until_healed("first").await;
    }
}

#[tokio::test]
async fn an_upload_whose_answer_is_lost_can_be_done_again() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("start").await;
    let proxy = desk.proxy(&origin).start().await;
    proxy.until_printed("start").await;
    for (step, releases) in [("objects/", 2), ("releases/", 4)] {
        s3.on("PUT", step).times(1).fault(Fault::Lost);
        desk.edit(step);
        let lost = desk.publish(&[]).await;
        assert_eq!(lost.code, Some(1), "{lost:?}");
        assert!(lost.err.contains(step), "{}", lost.err);
        s3.assert_consistent();
        proxy.until_looked("unchanged").await;
        desk.publish(&[]).await.well();
        assert_eq!(s3.within("releases/").len(), releases);
        s3.assert_consistent();
        proxy.hint().await;
        proxy.until_printed(step).await;
    }
}

/// Exit code 1 says that nothing is live that was not.
#[tokio::test]
async fn a_move_whose_answer_is_lost_was_a_move() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    for text in ["one", "two"] {
        s3.on("PUT", "aliases/").times(1).fault(Fault::Lost);
        let done = desk.release(text).await;
        assert!(done.out.contains("live      production "), "{}", done.out);
        s3.assert_consistent();
    }
    let proxy = desk.proxy(&origin).start().await;
    proxy.until_printed("two").await;
    s3.on("PUT", "aliases/").times(1).fault(Fault::Lost);
    desk.run("rollback", &[]).await.well();
    proxy.until_healed("one").await;
    // A move that was not made is an error.
    s3.on("PUT", "aliases/").times(1).fault(Fault::Reset);
    let done = desk.run("rollback", &["2"]).await;
    assert_eq!(done.code, Some(1), "{done:?}");
    assert_eq!(s3.json("aliases/production.json")["seq"], 1);
}

#[tokio::test]
async fn a_store_that_fails_for_a_moment_fails_no_publish() {
    let s3 = S3::start().await;
    let desk = Desk::at(&s3);
    for (method, key) in
        [("PUT", "objects/"), ("PUT", "releases/"), ("PUT", "aliases/"), ("GET", ""), ("HEAD", "")]
    {
        s3.on(method, key).times(1).fault(Fault::Status(503));
        desk.release(&format!("{method} {key}")).await;
        s3.assert_consistent();
    }
}

#[tokio::test]
async fn a_store_that_stops_in_the_middle_fails_the_publish() {
    let mut s3 = S3::start().await;
    let desk = Desk::at(&s3);
    desk.edit("one");
    let gate = Gate::new();
    s3.on("PUT", "releases/").times(1).fault(Fault::Held(gate.clone()));
    let publisher = desk.begin("publish", &["content"]);
    gate.reached().await;
    s3.stop().await;
    let done = ended(publisher).await;
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.err.contains("releases/1.json"), "{}", done.err);
    s3.restart().await;
    s3.heal();
    desk.publish(&[]).await.well();
    s3.assert_consistent();
}
