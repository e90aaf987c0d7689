//! Who is believed: the cases of the Standard Webhooks specification at the socket, and GitHub's.

use super::signing::{Delivery, github};
use super::{SECRET, Story, entries, until_printed};
use crate::support::Request;

const OLD: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const STRANGE: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

/// Sends each request; each is answered with 202 and has the store asked once.
async fn assert_each_is_one_look(story: &Story, requests: &[(&str, Request)]) {
    for (what, request) in requests {
        let before = story.store.looks();
        let answer = story.send(request).await;
        assert_eq!((answer.status, answer.text().as_str()), (202, "accepted\n"), "{what}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        story.store.until_looks(before + 1).await;
        assert_eq!(story.store.looks(), before + 1, "{what}");
    }
}

#[tokio::test]
async fn a_signed_hook_is_a_202_and_one_look() {
    let story = Story::begin().await;
    story.store.publish(&entries("Second")).await;
    assert_each_is_one_look(&story, &[("good", Delivery::of("msg_1").request())]).await;
    until_printed(&story.proxy, "Second").await;
    assert_eq!(story.store.looks(), 2);
    let asked: Vec<_> = story.origin.requests().into_iter().map(|seen| seen.target).collect();
    assert!(asked.iter().all(|target| target == "/"), "the origin heard of it: {asked:?}");
}

#[tokio::test]
async fn one_good_signature_among_several_is_enough() {
    let story = Story::begin().await;
    let foreign = Delivery::of("foreign").secrets(&[STRANGE]).signature();
    let list = |id: &str, write: fn(&str, &str) -> String| {
        Delivery::of(id).signed_by(|good| write(&good, &foreign))
    };
    let requests = [
        ("last", list("1", |good, foreign| format!("{foreign} {good}"))),
        ("first", list("2", |good, foreign| format!("{good} {foreign}"))),
        ("amid other schemes", list("3", |good, _| format!("v1a,hnO3f9T8Ytu9 {good} v2,any"))),
        ("amid garbage", list("4", |good, _| format!("  , v1 v1, garbage  {good} "))),
        ("without padding", list("5", |good, _| good.trim_end_matches('=').to_owned())),
    ];
    assert_each_is_one_look(&story, &requests).await;
}

/// Either side may begin, and nobody has to do anything at the same moment.
#[tokio::test]
async fn secrets_are_exchanged_while_hooks_come_in() {
    let both = format!("# the new one\n{SECRET}\n\n# until everybody has it\n{OLD}\n");
    let story = Story::with_secrets(&both).await;
    let signed = |id: &str, secrets: &[&str]| Delivery::of(id).secrets(secrets).request();
    let requests = [
        ("a sender that has the old one", signed("1", &[OLD])),
        ("a sender that has the new one", signed("2", &[SECRET])),
        ("a sender amid its own exchange", signed("3", &[STRANGE, OLD])),
        ("a sender that has both", signed("4", &[SECRET, OLD])),
        ("GitHub with the old one", github(OLD, "{\"ref\": \"main\"}")),
    ];
    assert_each_is_one_look(&story, &requests).await;
    let strange = story.send(&signed("5", &[STRANGE])).await;
    Story::assert_refused(&strange, 401, "neither");
}

#[tokio::test]
async fn clocks_may_differ_by_five_minutes() {
    let story = Story::begin().await;
    let sent = |id: &str, seconds| Delivery::of(id).seconds_from_now(seconds).request();
    let requests = [("behind", sent("1", -280)), ("ahead", sent("2", 280))];
    assert_each_is_one_look(&story, &requests).await;
}

#[tokio::test]
async fn what_is_not_signed_by_the_secret_over_what_arrived_is_a_401_and_no_look() {
    let story = Story::begin().await;
    let good = Delivery::of("msg_1");
    let elsewhere = |id: &str| Delivery::of(id).signature();
    for (what, request) in [
        ("another secret", good.clone().secrets(&[STRANGE]).request()),
        ("another id", good.tampered("webhook-id", "msg_2")),
        ("the signature of another id", good.signed_by(|_| elsewhere("msg_2"))),
        (
            "another time",
            good.tampered(
                "webhook-timestamp",
                &super::signing::now().saturating_sub(7).to_string(),
            ),
        ),
        (
            "the same time otherwise",
            good.tampered("webhook-timestamp", &format!("0{}", super::signing::now())),
        ),
        ("another body", good.request().without("content-length").body("{\"move\": 9}")),
        ("no body", good.request().without("content-length").body("")),
        ("more body", good.request().without("content-length").body("{} ")),
        ("the asymmetric scheme alone", good.signed_by(|list| list.replace("v1,", "v1a,"))),
        ("a scheme of the future", good.signed_by(|list| list.replace("v1,", "v2,"))),
        ("a scheme in capitals", good.signed_by(|list| list.replace("v1,", "V1,"))),
        ("no scheme", good.signed_by(|list| list.replace("v1,", ""))),
        ("half a signature", good.signed_by(|list| list[..20].to_owned())),
        ("an empty signature", good.signed_by(|_| "v1,".to_owned())),
        ("garbage for a list", good.signed_by(|_| "!!!".to_owned())),
        (
            "stale and of another secret",
            good.clone().secrets(&[STRANGE]).seconds_from_now(-900).request(),
        ),
        ("no id", good.request().without("webhook-id")),
        ("no time", good.request().without("webhook-timestamp")),
        ("no signature", good.request().without("webhook-signature")),
        ("nothing", Request::post("/_overprint/hooks/shop").body("{}")),
        ("GitHub's, of another secret", github(STRANGE, "{}")),
        ("GitHub's, of another body", github(SECRET, "{}").without("content-length").body("{ }")),
        ("GitHub's, decoded", github("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "{}")),
        ("GitHub's beside half of ours", github(SECRET, "{}").header("webhook-id", "msg_1")),
        (
            "GitHub's old one",
            Request::post("/_overprint/hooks/shop").header("x-hub-signature", "sha1=00").body("{}"),
        ),
    ] {
        Story::assert_refused(&story.send(&request).await, 401, what);
    }
    story.assert_no_look_so_far().await;
}

#[tokio::test]
async fn what_is_too_old_too_new_or_unreadable_is_a_400_and_no_look() {
    let story = Story::begin().await;
    let good = Delivery::of("msg_1");
    let github_twice = github(SECRET, "{}").header("x-hub-signature-256", "sha256=00");
    for (what, request) in [
        ("stale", good.clone().seconds_from_now(-320).request()),
        ("of 1970", good.clone().timestamp("0").request()),
        ("of the future", good.clone().seconds_from_now(320).request()),
        ("of the end of time", good.clone().timestamp("18446744073709551615").request()),
        ("a time that overflows", good.clone().timestamp("18446744073709551616").request()),
        ("a time with a sign", good.clone().timestamp("+1614265330").request()),
        ("a time with a fraction", good.clone().timestamp("1614265330.5").request()),
        ("a time that is none", good.clone().timestamp("now").request()),
        ("an empty time", good.clone().timestamp("").request()),
        ("an empty id", Delivery::of("").request()),
        ("an id with a space", Delivery::of("msg 1").request()),
        ("an id of 300 bytes", Delivery::of(&"i".repeat(300)).request()),
        ("an id that is no ASCII", Delivery::of("é").request()),
        ("two ids", good.request().header("webhook-id", "msg_1")),
        ("two times", good.request().header("webhook-timestamp", "1")),
        ("two lists", good.request().header("webhook-signature", good.signature())),
        ("a list of 5000 bytes", good.signed_by(|list| format!("{list}{}", " v9,x".repeat(1000)))),
        ("an empty list", good.signed_by(|_| String::new())),
        (
            "GitHub's, not in hex",
            github(SECRET, "{}")
                .without("x-hub-signature-256")
                .header("x-hub-signature-256", "sha256=zz"),
        ),
        ("GitHub's, twice", github_twice),
    ] {
        Story::assert_refused(&story.send(&request).await, 400, what);
    }
    story.assert_no_look_so_far().await;
}

#[tokio::test]
async fn a_replay_is_answered_alike_and_is_no_look() {
    let story = Story::begin().await;
    let first = Delivery::of("msg_1");
    assert_each_is_one_look(&story, &[("the first", first.request())]).await;
    let later = Delivery::of("msg_1").seconds_from_now(5).body("{\"move\": 3}");
    for (what, replay) in [("a replay", first.request()), ("a retry", later.request())] {
        for _ in 0..3 {
            let answer = story.send(&replay).await;
            assert_eq!((answer.status, answer.text().as_str()), (202, "accepted\n"), "{what}");
        }
    }
    assert_each_is_one_look(&story, &[("another", Delivery::of("msg_2").request())]).await;
    assert_eq!(story.store.looks(), 3, "the start, the first, another");
}

#[tokio::test]
async fn what_was_refused_spends_no_id() {
    let story = Story::begin().await;
    let good = Delivery::of("msg_1");
    let tampered = good.request().without("content-length").body("tampered");
    Story::assert_refused(&story.send(&tampered).await, 401, "tampered");
    let stale = Delivery::of("msg_1").seconds_from_now(-900).request();
    Story::assert_refused(&story.send(&stale).await, 400, "stale");
    assert_each_is_one_look(&story, &[("the true one", good.request())]).await;
}

#[tokio::test]
async fn githubs_signature_is_a_202_and_a_look_each_time() {
    let story = Story::begin().await;
    let push = github(SECRET, "{\"ref\": \"refs/heads/main\"}");
    let requests = [("a push", push.clone()), ("the same again: it has no id", push)];
    assert_each_is_one_look(&story, &requests).await;
}
