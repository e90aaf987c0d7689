//! `/status` as a page: without scripts and without anything from elsewhere.
//!
//! Owns the frame and the facts of the process. Sites that need somebody come first, and no page
//! has more rows than a browser likes to show.

mod row;

use std::time::SystemTime;

use super::Known;
use super::ready;
use super::report::{Memory, Process};
use super::site::Site;
use super::words::{Escaped, count, size, span, stamp};
use crate::status::{State, Status};

const STYLE: &str = include_str!("page.css");

/// The rows of one page.
const ROWS: usize = 500;

/// The whole page.
pub(super) fn html(known: &Known, now: SystemTime) -> String {
    let process = Process::new(known);
    let mut statuses = known.statuses();
    let word = ready::word(&statuses, process.draining, false);
    let tally = tally(&statuses);
    let left_out = statuses.len().saturating_sub(ROWS);
    statuses.sort_by_key(|status| !is_troubled(status));
    statuses.truncate(ROWS);
    let sites = statuses.into_iter().map(|status| Site::new(status, &known.metrics, now));
    let rows: String = sites.map(|site| row::html(&site)).collect();
    let facts = facts(&process);
    let (version, at, left_out) = (process.version, stamp(now), rest(left_out));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Overprint: {word}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header><h1>Overprint</h1><span class=\"state {word}\">{word}</span>\n\
         <p>{tally}</p></header>\n\
         {facts}<main>\n{table}{rows}</table></div>\n{left_out}</main>\n\
         <footer>Overprint {version}, {at}. The same as <a href=\"/status.json\">JSON</a>, \
         and <a href=\"/metrics\">metrics</a>.</footer>\n</body>\n</html>\n",
        table = row::HEAD,
    )
}

/// Whether somebody should look at it.
fn is_troubled(status: &Status) -> bool {
    status.failure.is_some() || matches!(status.state, State::Stale | State::Empty)
}

/// `12 sites: 10 live, 1 stale, 1 empty`.
fn tally(statuses: &[Status]) -> String {
    let counted = State::ALL.into_iter().filter_map(|state| {
        let sites = statuses.iter().filter(|status| status.state == state).count();
        (sites > 0).then(|| format!("{} {}", count(sites as u64), state.name()))
    });
    let states = counted.collect::<Vec<_>>().join(", ");
    match statuses.len() {
        0 => "no sites".to_owned(),
        1 => format!("1 site: {states}"),
        sites => format!("{} sites: {states}", count(sites as u64)),
    }
}

fn facts(process: &Process) -> String {
    let connections = &process.connections;
    let seen = format!(
        "{} accepted, {} refused, {} stalled",
        count(connections.accepted),
        count(connections.refused),
        count(connections.stalled)
    );
    let up = format!("since {}", process.started_at);
    let open = format!("{} open", count(connections.open));
    let (content, resident) = memory(&process.memory);
    let facts = [
        ("Up", span(process.uptime_seconds), up),
        ("Content in memory", content, resident),
        ("Remembered pages", size(process.memory.remembered_bytes), entries(&process.memory)),
        ("Connections", open, seen),
        ("Panics", count(process.panics), "each cost one connection".to_owned()),
    ];
    let boxes = facts.map(|(name, value, more)| {
        let (value, more) = (Escaped(&value), Escaped(&more));
        format!("<div><dt>{name}</dt><dd>{value}<small>{more}</small></dd></div>\n")
    });
    format!("<dl class=\"facts\">\n{}</dl>\n", boxes.concat())
}

fn memory(memory: &Memory) -> (String, String) {
    let resident =
        memory.resident_bytes.map(|bytes| format!(", the process takes {}", size(bytes)));
    let capacity = format!("of {}", size(memory.capacity_bytes));
    (size(memory.snapshots_bytes), capacity + &resident.unwrap_or_default())
}

fn entries(memory: &Memory) -> String {
    match memory.remembered_entries {
        1 => "1 entry".to_owned(),
        entries => format!("{} entries", count(entries)),
    }
}

fn rest(left_out: usize) -> String {
    let sites = count(left_out as u64);
    match left_out {
        0 => String::new(),
        _ => format!("<p>{sites} more are not shown here; the JSON has all of them.</p>\n"),
    }
}
