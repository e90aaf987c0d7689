//! Whether the process should get visitors, by states, strictness and drain.

use super::*;

#[test]
fn a_site_without_content_takes_no_proxy_out_unless_that_is_asked_for() {
    use State::{Asleep, Empty, Live, Stale, Starting, Unset};
    for (states, relaxed, strict) in [
        ([].as_slice(), "ready", "ready"),
        (&[Unset, Asleep, Live], "ready", "ready"),
        (&[Live, Stale], "ready", "stale"),
        (&[Stale, Empty], "ready", "empty"),
        (&[Live, Starting], "starting", "starting"),
        (&[Empty, Starting, Stale], "starting", "starting"),
    ] {
        let (admin, trigger) = admin(states);
        for (path, word) in [("/readyz", relaxed), ("/readyz?a=b&strict=1", strict)] {
            let told = get(&admin, path);
            let expected = if word == "ready" { 200 } else { 503 };
            assert_eq!(told.text.lines().next(), Some(word), "{states:?} {path}");
            assert_eq!(told.status, expected, "{states:?} {path}");
        }
        assert_eq!(get(&admin, "/readyz?strictly").status, get(&admin, "/readyz").status);
        drain(trigger);
        for path in ["/readyz", "/readyz?strict"] {
            let told = get(&admin, path);
            assert_eq!((told.status, told.text.lines().next()), (503, Some("draining")));
        }
        assert_eq!(get(&admin, "/healthz").status, 200);
    }
}

#[test]
fn each_site_that_is_not_in_order_has_one_line() {
    let (admin, _trigger) = admin(&State::ALL);
    for site in [4, 5] {
        change(&admin, site, |status| status.failure = Some(failure("no route\nto host")));
    }
    let why = "no route to host (unreachable), since 2026-11-24T12:00:00Z";
    let expected = format!(
        "starting\nsite1: starting\nsite4: stale: {why}\n\
         site5: empty: pages pass untouched: {why}\n"
    );
    assert_eq!(get(&admin, "/readyz").text, expected);
}
