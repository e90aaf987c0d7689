//! The process at a moment, as `/status` tells of it.

use std::sync::atomic::Ordering::Relaxed;
use std::time::SystemTime;

use serde::Serialize;

use super::Known;
use super::process::resident;
use super::site::Site;
use super::words::stamp;

/// Everything, in the order of the config.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    #[serde(flatten)]
    process: Process,
    sites: Vec<Site>,
}

/// The process itself.
#[derive(Debug, Serialize)]
pub(super) struct Process {
    pub(super) version: &'static str,
    pub(super) started_at: String,
    pub(super) uptime_seconds: u64,
    pub(super) draining: bool,
    pub(super) memory: Memory,
    pub(super) connections: Connections,
    pub(super) panics: u64,
}

/// What takes how much of it.
#[derive(Debug, Serialize)]
pub(super) struct Memory {
    pub(super) snapshots_bytes: u64,
    pub(super) capacity_bytes: u64,
    pub(super) remembered_bytes: u64,
    pub(super) remembered_entries: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resident_bytes: Option<u64>,
}

/// Of the visitors' ports.
#[derive(Debug, Serialize)]
pub(super) struct Connections {
    pub(super) accepted: u64,
    pub(super) open: u64,
    pub(super) refused: u64,
    pub(super) stalled: u64,
}

impl Report {
    pub(super) fn new(known: &Known, now: SystemTime) -> Self {
        let statuses = known.statuses().into_iter();
        let sites = statuses.map(|status| Site::new(status, &known.metrics, now)).collect();
        Self { process: Process::new(known), sites }
    }
}

impl Process {
    pub(super) fn new(known: &Known) -> Self {
        let (counters, shelf) = (&known.counters, &known.shelf);
        let (remembered_bytes, remembered_entries) = known.remembered();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            started_at: stamp(known.started),
            uptime_seconds: known.up.elapsed().as_secs(),
            draining: known.drain.is_signaled(),
            memory: Memory {
                snapshots_bytes: shelf.bytes(),
                capacity_bytes: shelf.capacity(),
                remembered_bytes,
                remembered_entries,
                resident_bytes: resident(),
            },
            connections: Connections {
                accepted: counters.accepted.load(Relaxed),
                open: counters.open.load(Relaxed),
                refused: counters.refused.load(Relaxed),
                stalled: counters.stalled.load(Relaxed),
            },
            panics: counters.panics.load(Relaxed),
        }
    }
}
