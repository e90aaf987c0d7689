//! What operators are told, asked without a socket.

mod json;
mod metrics;
mod page;
mod ready;

use std::time::Duration;

use http_body_util::BodyExt;
use serde_json::Value;

use super::*;
use crate::serve::Trigger;
use crate::status::{Failure, Published, Release, State};

struct Told {
    status: u16,
    headers: HeaderMap,
    text: String,
}

/// An admin over sites of these states.
fn admin(states: &[State]) -> (Admin, Trigger) {
    let named = |at: usize, state: &State| {
        let source = (*state != State::Unset).then(|| format!("file:///srv/site{at}"));
        (format!("site{at}"), source)
    };
    let sites = states.iter().enumerate().map(|(at, state)| named(at, state));
    let board = Board::new(sites);
    for (site, state) in board.sites().iter().zip(states) {
        site.write(|status| status.state = *state);
    }
    let (trigger, drain) = Drain::new();
    let counters = Arc::new(Counters::default());
    (Admin::new(board, Metrics::default(), Shelf::new(1 << 20), None, counters, drain), trigger)
}

fn release(note: &str) -> Release {
    Release {
        name: "0123456789abcdef".to_owned(),
        published: Some(Published {
            alias: "live".to_owned(),
            seq: 42,
            r#move: 57,
            moved_at: "2026-11-24T11:00:00+01:00".to_owned(),
            site: "shop".to_owned(),
            note: Some(note.to_owned()),
        }),
        entries: 120,
        locales: vec!["de".to_owned(), "en".to_owned()],
        bytes: 4096,
        live_since: SystemTime::now() - Duration::from_secs(90),
        from_copy: false,
    }
}

fn failure(message: &str) -> Failure {
    let since = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_521_600);
    Failure { reason: "unreachable", message: message.to_owned(), since, times: 3 }
}

fn change(admin: &Admin, site: usize, change: impl FnOnce(&mut Status)) {
    admin.0.board.sites()[site].write(change);
}

fn ask(admin: &Admin, method: Method, path: &str, accept: Option<&'static str>) -> Told {
    let mut headers = HeaderMap::new();
    if let Some(accept) = accept {
        headers.insert(hyper::header::ACCEPT, HeaderValue::from_static(accept));
    }
    let response = admin.answer(&method, &path.parse().unwrap(), &headers);
    let (head, body) = response.into_parts();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bytes = runtime.block_on(body.collect()).unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    Told { status: head.status.as_u16(), headers: head.headers, text }
}

fn get(admin: &Admin, path: &str) -> Told {
    ask(admin, Method::GET, path, None)
}

fn status(admin: &Admin) -> Value {
    serde_json::from_str(&get(admin, "/status.json").text).unwrap()
}

/// Begins a drain that has nothing to wait for.
fn drain(trigger: Trigger) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(trigger.drain(Duration::ZERO));
}

#[test]
fn what_is_not_there_is_said_and_nothing_is_stored() {
    let (admin, _trigger) = admin(&[State::Live]);
    for (method, path, status) in [
        (Method::GET, "/", 404),
        (Method::GET, "/healthz/", 404),
        (Method::POST, "/readyz", 405),
        (Method::OPTIONS, "*", 405),
        (Method::GET, "/healthz", 200),
        (Method::GET, "/status", 200),
        (Method::GET, "/metrics", 200),
    ] {
        let told = ask(&admin, method, path, None);
        assert_eq!(told.status, status, "{path}");
        assert_eq!(told.headers[CACHE_CONTROL], "no-store");
        assert_eq!(told.headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(told.headers.get(ALLOW).is_some(), status == 405);
        assert_eq!(told.text.contains("/readyz?strict"), status == 404, "{path}");
    }
    assert_eq!(get(&admin, "/healthz").text, "ok\n");
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let (admin, _trigger) = admin(&[State::Stale]);
    for path in ["/healthz", "/readyz", "/readyz?strict", "/nothing"] {
        let (head, get) = (ask(&admin, Method::HEAD, path, None), get(&admin, path));
        assert_eq!((head.status, &head.headers), (get.status, &get.headers), "{path}");
        assert_eq!((head.text.as_str(), get.text.is_empty()), ("", false), "{path}");
    }
}
