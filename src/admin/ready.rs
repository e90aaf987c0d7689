//! Whether this process should get visitors.
//!
//! Delivery depends on the origin alone: a site whose content is stale or missing is told of and
//! takes nothing out of the load balancer, unless whoever asks is `strict`.

use hyper::StatusCode;

use super::Answer;
use super::words::{one_line, stamp};
use crate::status::{State, Status};

/// 200 exactly where the first line is `ready`.
pub(super) fn answer(sites: &[Status], draining: bool, strict: bool) -> Answer {
    let word = word(sites, draining, strict);
    let ready = word == READY;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let lines = sites.iter().filter_map(line);
    let text = std::iter::once(word.to_owned()).chain(lines).map(|line| line + "\n").collect();
    Answer { status, kind: super::TEXT, text }
}

const READY: &str = "ready";

/// `ready`, or what is in the way.
pub(super) fn word(sites: &[Status], draining: bool, strict: bool) -> &'static str {
    let any = |state| sites.iter().any(|site| site.state == state);
    if draining {
        return "draining";
    }
    let strictly = if strict { [State::Empty, State::Stale].as_slice() } else { &[] };
    let mut obstacles = std::iter::once(&State::Starting).chain(strictly);
    obstacles.find(|state| any(**state)).map_or(READY, |state| state.name())
}

/// What is to tell of a site whose content is not in order.
fn line(site: &Status) -> Option<String> {
    let name = one_line(&site.name);
    let why = why(site);
    match site.state {
        State::Starting => Some(format!("{name}: starting")),
        State::Stale => Some(format!("{name}: stale{why}")),
        State::Empty => Some(format!("{name}: empty: pages pass untouched{why}")),
        State::Unset | State::Asleep | State::Live => None,
    }
}

fn why(site: &Status) -> String {
    site.failure.as_ref().map_or_else(String::new, |failure| {
        let (message, reason) = (one_line(&failure.message), failure.reason);
        format!(": {message} ({reason}), since {}", stamp(failure.since))
    })
}
