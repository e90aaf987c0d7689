//! What is measured when somebody asks, beside what is counted all the time.
//!
//! Owns the names of the moment's gauges. The counts of the listeners are here, too: they are kept
//! as plain numbers by a module that knows no registry.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::SystemTime;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::Known;
use super::process::resident;
use super::words::{epoch, epoch_of, seconds};
use crate::serve::Counters;
use crate::status::{Published, Release, State, Status};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Site {
    site: Arc<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Content {
    site: Arc<str>,
    state: &'static str,
}

/// The sites that have content, with their labels.
type Sites = [(Site, Status)];

/// Registers everything as it is now.
pub(super) fn register(registry: &mut Registry, known: &Known, now: SystemTime) {
    let set = known.statuses().into_iter().filter(|status| status.state != State::Unset);
    let labeled = set.map(|status| (Site { site: Arc::from(status.name.as_str()) }, status));
    let sites: Vec<_> = labeled.collect();
    contents(registry, &sites);
    releases(registry, &sites);
    moments(registry, &sites, now);
    memory(registry, known);
    connections(registry, &known.counters);
    process(registry, known);
}

fn contents(registry: &mut Registry, sites: &Sites) {
    let states = sites.iter().map(|(Site { site }, status)| {
        (Content { site: Arc::clone(site), state: status.state.name() }, 1)
    });
    let states = family(states);
    registry.register("content_state", "1 for how things stand with a site's content now", states);
    let checked = each(sites, |status| status.checked.map(epoch));
    registry.register_with_unit(
        "content_last_success_timestamp",
        "When a site's source was last asked with success",
        Unit::Seconds,
        checked,
    );
}

fn releases(registry: &mut Registry, sites: &Sites) {
    let seq = each(sites, |status| Some(whole(published(status)?.seq)));
    registry.register("release_seq", "The number of the release that pages are printed with", seq);
    let moves = each(sites, |status| Some(whole(published(status)?.r#move)));
    registry.register("release_move", "The counter of the alias that is followed", moves);
    let bytes = each(sites, |status| Some(whole(release(status)?.bytes as u64)));
    let help = "What the release that pages are printed with takes in memory";
    registry.register_with_unit("snapshot", help, Unit::Bytes, bytes);
}

fn moments(registry: &mut Registry, sites: &Sites, now: SystemTime) {
    let live = each(sites, |status| Some(whole(seconds(release(status)?.live_since, now))));
    let help = "For how long pages have been printed with their release";
    registry.register_with_unit("release_live", help, Unit::Seconds, live);
    let moved = each(sites, |status| epoch_of(&published(status)?.moved_at));
    let help = "When the alias was moved to the release, as its publisher says";
    registry.register_with_unit("release_moved_timestamp", help, Unit::Seconds, moved);
}

fn memory(registry: &mut Registry, known: &Known) {
    let bytes = gauge(whole(known.shelf.bytes()));
    let help = "What the content of all sites takes in memory";
    registry.register_with_unit("shelf", help, Unit::Bytes, bytes);
    let retired = gauge(whole(known.shelf.retired_bytes()));
    let help = "Snapshots that were replaced or dropped while pages are still printed with them";
    registry.register_with_unit("shelf_retired", help, Unit::Bytes, retired);
    let capacity = gauge(whole(known.shelf.capacity()));
    let help = "What the content of all sites may take in memory";
    registry.register_with_unit("shelf_capacity", help, Unit::Bytes, capacity);
    let (bytes, entries) = known.remembered();
    let help = "What remembered pages, and what they went out as, take in memory";
    registry.register_with_unit("remembered", help, Unit::Bytes, gauge(whole(bytes)));
    let help = "Remembered pages, what they went out as, and notes on pages that are not kept";
    registry.register("remembered_entries", help, gauge(whole(entries)));
}

fn connections(registry: &mut Registry, counters: &Counters) {
    let open = gauge(whole(counters.open.load(Relaxed)));
    registry.register("connections_open", "Visitors' connections being served", open);
    let mut count = |name: &str, help: &str, number: &AtomicU64| {
        let counter = Counter::<u64>::default();
        counter.inc_by(number.load(Relaxed));
        registry.register(name, help, counter);
    };
    count("connections_accepted", "Visitors' connections accepted", &counters.accepted);
    let help = "Accepts that failed, by lack of file descriptors for instance";
    count("connections_refused", help, &counters.refused);
    let help = "Connections ended because the visitor stopped sending or reading";
    count("connections_stalled", help, &counters.stalled);
    count("panics", "Connections ended by a panic", &counters.panics);
}

fn process(registry: &mut Registry, known: &Known) {
    let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("build", "The version that runs", version);
    let started = gauge(epoch(known.started));
    let help = "When the process started";
    registry.register_with_unit("process_start_time", help, Unit::Seconds, started);
    if let Some(bytes) = resident() {
        let help = "The resident set of the process";
        registry.register_with_unit(
            "process_resident_memory",
            help,
            Unit::Bytes,
            gauge(whole(bytes)),
        );
    }
}

fn release(status: &Status) -> Option<&Release> {
    status.release.as_ref()
}

fn published(status: &Status) -> Option<&Published> {
    release(status)?.published.as_ref()
}

/// A gauge for each site that has the value. A family of none is left out of the text.
fn each(sites: &Sites, value: impl Fn(&Status) -> Option<i64>) -> Family<Site, Gauge> {
    family(sites.iter().filter_map(|(site, status)| Some((site.clone(), value(status)?))))
}

fn family<L>(values: impl Iterator<Item = (L, i64)>) -> Family<L, Gauge>
where
    L: EncodeLabelSet + Clone + Eq + Hash + Debug,
{
    let family = Family::<L, Gauge>::default();
    for (labels, value) in values {
        family.get_or_create_owned(&labels).set(value);
    }
    family
}

fn gauge(value: i64) -> Gauge {
    let gauge = Gauge::default();
    gauge.set(value);
    gauge
}

/// Gauges are signed.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
