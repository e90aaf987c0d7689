//! Stores that fail in every way that stores fail: pages keep printing, and a store that is well
//! again is followed again.

use super::*;
use crate::support::Fault;

/// Every fault that ends at once, with the reason that is given of it.
fn faults(s3: &S3) -> Vec<(Fault, &'static str)> {
    let elsewhere = format!("{}/content/elsewhere", s3.endpoint());
    vec![
        (Fault::Status(403), "denied"),
        (Fault::Status(404), "missing"),
        (Fault::Status(400), "unavailable"),
        (Fault::Status(500), "unavailable"),
        (Fault::Redirect("ftp://127.0.0.1/shop".to_owned()), "unavailable"),
        (Fault::Redirect("https://127.0.0.1:1/shop".to_owned()), "unavailable"),
        (Fault::Redirect("file:///etc/passwd".to_owned()), "unavailable"),
        // What was signed for one place is refused at another.
        (Fault::Redirect(elsewhere), "denied"),
        (Fault::NotHttp, "unavailable"),
        (Fault::Endless, "unavailable"),
        (Fault::Reset, "unavailable"),
        (Fault::ResetMidBody(9), "unavailable"),
        (Fault::Truncate(9), "unavailable"),
    ]
}

/// What a proxy that runs does while every GET of `key` meets each fault.
async fn run_through(key: &str, garbage: &'static str) {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("start").await;
    let proxy = desk.proxy(&origin).start().await;
    proxy.until_printed("start").await;
    let mut live = "start".to_owned();
    let faults = faults(&s3).into_iter().chain([(Fault::Garbage, garbage)]);
    for (nth, (fault, reason)) in faults.enumerate() {
        let next = format!("release {nth}");
        desk.release(&next).await;
        s3.on("GET", key).fault(fault.clone());
        eprintln!("{fault:?} at {key}");
        proxy.assert_refuses(reason, "s3://content/shop/", &live).await;
        let status = proxy.status().await;
        assert!(status["failure"]["message"].as_str().unwrap().contains(key), "{status:#}");
        s3.heal();
        proxy.until_healed(&next).await;
        live = next;
    }
}

#[tokio::test]
async fn pages_are_printed_while_the_alias_cannot_be_had() {
    run_through("aliases/", "invalid_pointer").await;
}

#[tokio::test]
async fn pages_are_printed_while_the_manifest_cannot_be_had() {
    run_through("releases/", "invalid_manifest").await;
}

#[tokio::test]
async fn pages_are_printed_while_an_object_cannot_be_had() {
    run_through("objects/", "invalid_object").await;
}

#[tokio::test]
async fn a_store_that_hangs_delays_nothing_but_the_next_release() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("start").await;
    let proxy = desk.proxy(&origin).set("timeouts", "store = \"1s\"").start().await;
    proxy.until_healed("start").await;
    let mut live = "start";
    for (key, next) in [("aliases/", "one"), ("releases/", "two"), ("objects/", "three")] {
        desk.release(next).await;
        s3.on("GET", key).fault(Fault::Hang);
        proxy.assert_refuses("slow", "it did not come within 1s", live).await;
        s3.heal();
        proxy.until_healed(next).await;
        live = next;
    }
}

#[tokio::test]
async fn a_store_that_is_gone_costs_no_page() {
    let (mut s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("start").await;
    let proxy = desk.proxy(&origin).start().await;
    proxy.until_printed("start").await;
    s3.stop().await;
    proxy.assert_refuses("unavailable", "aliases/production.json", "start").await;
    s3.restart().await;
    proxy.until_healed("start").await;
    desk.release("next").await;
    proxy.until_healed("next").await;
}

#[tokio::test]
async fn a_start_waits_for_no_store() {
    let (s3, origin) = (S3::start().await, pages().await);
    let desk = Desk::at(&s3);
    desk.release("one").await;
    let faults = faults(&s3).into_iter();
    let faults = faults.chain([(Fault::Garbage, "invalid_pointer"), (Fault::Hang, "slow")]);
    for (fault, reason) in faults {
        eprintln!("{fault:?} at the start");
        s3.on("GET", "aliases/").fault(fault.clone());
        let proxy = desk.proxy(&origin).set("timeouts", "store = \"1s\"").start().await;
        assert_eq!(proxy.page().await, PAGE);
        let status = proxy.until_status("/failure/reason", reason).await;
        assert_eq!((&status["state"], &status["release"]), (&"empty".into(), &Value::Null));
        let ready = proxy.ready().await;
        assert_eq!(ready.status, 200);
        let said = ready.text();
        assert!(said.starts_with("ready\nshop: empty: pages pass untouched: s3://"), "{said}");
        assert!(said.contains(reason), "{said}");
        s3.heal();
        proxy.until_healed("one").await;
        proxy.stop().await;
    }
}
