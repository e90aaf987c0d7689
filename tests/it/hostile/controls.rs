//! The traps, tried: attacks in the origin's own page, where nobody stops them, are caught.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::browser::Browser;
use super::tab::{Seen, Tab, Trap};
use super::verdict;
use crate::support::{Origin, Proxy, Script};

/// How often a page is opened before a trap counts as one that does not spring.
const ATTEMPTS: usize = 6;

/// A page of an origin that attacks itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Control {
    name: String,
    page: String,
    /// What is taken for the origin's own page, if that is another one.
    own: Option<String>,
    caught: BTreeSet<Trap>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_trap_catches_what_it_is_for() {
    let Some(browser) = Browser::start() else { return };
    let read = || -> Vec<Control> {
        serde_json::from_str(include_str!("../../hostile/controls.json")).unwrap()
    };
    let (controls, served) = (read(), read());
    let origin = Origin::serve(move |request| {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let Ok(number) = path[1..].parse::<usize>() else { return Script::empty(404) };
        let control = &served[number];
        let own = control.own.as_ref().filter(|_| query == "own");
        Script::html(format!("<!doctype html>{}", own.unwrap_or(&control.page)))
    })
    .await;
    let proxy = Proxy::start(&origin).await;
    let mut tab = Tab::open(browser.wire()).await;
    let mut faults = Vec::new();
    for (nth, control) in controls.iter().enumerate() {
        let url = format!("http://{}/{nth}", proxy.address());
        let mut seen = Seen::default();
        // A browser that is short of time may be looked at before a trap has sprung, or a page is whole.
        for _ in 0..ATTEMPTS {
            let own = tab.visit(&format!("{url}?own")).await;
            seen = tab.visit(&url).await;
            seen.caught.extend(verdict::astray(&own, &seen));
            if seen.traps() == control.caught {
                break;
            }
        }
        if seen.traps() != control.caught {
            faults.push(format!("{}: {:#?}", control.name, seen.caught));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    let tried: BTreeSet<Trap> = controls.iter().flat_map(|c| c.caught.clone()).collect();
    assert_eq!(tried.len(), Trap::COUNT, "only {tried:?} are tried");
}
