//! Hostile words, from writers and from visitors, in a real browser: nothing of them runs, loads, leads
//! astray or reaches out of its slot.
//!
//! `tests/hostile/` holds them, grouped by idea, and the page that each is printed on, in every place
//! and in every way at once. That page is compared with the origin's own, which the proxy passes when
//! it is told `no-transform`. The traps are tried first: see `controls`.

mod browser;
mod controls;
mod corpus;
mod page;
mod tab;
mod trapper;
mod verdict;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use self::browser::Browser;
use self::corpus::Case;
use self::tab::{Seen, Tab};
use crate::support::{Origin, Proxy, RawRequest, Script};

/// The origin's own pages, by charset and by arguments that are not the case's words.
type Known = HashMap<(Option<String>, Option<String>), Seen>;

/// Pages that are open at once.
const TABS: usize = 3;

/// How long all of the content may take to be loaded, on a machine that does much else.
const LOADED: Duration = Duration::from_secs(120);

/// What the specification of this asks for, at least.
const ENOUGH: usize = 250;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_words_end_inert() {
    let Some(browser) = Browser::start() else { return };
    let cases = Arc::new(corpus::all());
    assert!(cases.len() >= ENOUGH, "only {} cases", cases.len());
    let served = Arc::clone(&cases);
    let origin = Origin::serve(move |request| answer(&served, request)).await;
    let proxy = Proxy::before(&origin).content(&corpus::content(&cases)).start().await;
    // So much content takes a while to be sanitised, and until then pages pass.
    let printed =
        async { while proxy.get("/0").await.text() == proxy.get("/0?own").await.text() {} };
    tokio::time::timeout(LOADED, printed).await.expect("the content is live");
    let (next, base) = (Arc::new(AtomicUsize::new(0)), format!("http://{}", proxy.address()));
    let workers = (0..TABS).map(|_| {
        let (next, cases, base) = (Arc::clone(&next), Arc::clone(&cases), base.clone());
        let wire = browser.wire().clone();
        tokio::spawn(async move {
            let mut tab = Tab::open(&wire).await;
            let (mut faults, mut known) = (Vec::new(), Known::new());
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                faults.extend(attempt(&mut tab, &mut known, &base, case).await);
            }
            faults
        })
    });
    let mut faults = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        faults.extend(worker.await.unwrap());
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Content is UTF-8 and nothing that only looks like it: such a file is refused whole, whatever else is in it.
#[test]
fn content_that_is_no_utf_8_is_refused() {
    for bytes in [
        &b"\xC0\xBCscript\xC0\xBE"[..],
        b"\xE0\x80\xBCscript>",
        b"\xF0\x80\x80\xBC",
        b"\xED\xA0\x80",
        b"\xF4\x90\x80\x80",
        b"\xE2\x82",
        b"\x80",
        b"\xFF\xFE<\0",
        b"\xF5",
    ] {
        let json = [b"{\"a\": \"fine\", \"b\": \"", bytes, b"\"}"].concat();
        for (path, bytes) in [("en.json", json), ("en/c.html", [b"<b>", bytes].concat())] {
            let problems = overprint::content::compile([(path.to_owned(), bytes)]).unwrap_err();
            let told = problems.iter().any(|problem| problem.message.contains("not valid UTF-8"));
            assert!(told, "{path}: {problems:?}");
        }
    }
}

/// Opens the origin's own page and the printed one; gives what is wrong with the second. The first is the
/// same for all cases of a charset whose arguments are well-formed.
async fn attempt(tab: &mut Tab, known: &mut Known, base: &str, case: &Case) -> Vec<String> {
    let url = format!("{base}/{}", case.number);
    let alike = (case.charset.clone(), case.arguments.clone());
    let own = match known.entry(alike) {
        Entry::Occupied(own) => own.into_mut(),
        Entry::Vacant(own) => own.insert(tab.visit(&format!("{url}?own")).await),
    };
    let mut faults = Vec::new();
    // What is wrong with a page is wrong each time; a browser that is short of time is not.
    for _ in 0..2 {
        let printed = tab.visit(&url).await;
        faults = verdict::faults(case, own, &printed);
        if faults.is_empty() {
            break;
        }
    }
    let faults = faults.into_iter();
    faults.map(|fault| format!("{}: {}: {fault}", case.group, case.name)).collect()
}

/// The page of the case that the path names.
fn answer(cases: &[Case], request: &RawRequest) -> Script {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let number: usize = path[1..].parse().unwrap_or_else(|_| panic!("asked for {path}"));
    let script = page::of(&cases[number]);
    if query == "own" { script.header("cache-control", "no-transform") } else { script }
}
