//! One site at a moment, as `/status` tells of it: what is known of its content, with the spans
//! worked out, and what became of its slots.

use std::sync::Arc;
use std::time::SystemTime;

use serde::{Serialize, Serializer};

use super::words::{epoch, epoch_of, seconds, stamp, utc};
use crate::metrics::Metrics;
use crate::status::{self, State, Status};
use crate::weave::Reason;

/// What `/status` says of a site.
#[derive(Debug, Serialize)]
pub(super) struct Site {
    pub(super) name: String,
    pub(super) source: Option<String>,
    #[serde(serialize_with = "by_name")]
    pub(super) state: State,
    pub(super) release: Option<Release>,
    pub(super) failure: Option<Failure>,
    pub(super) checked: Option<String>,
    pub(super) checked_seconds_ago: Option<u64>,
    pub(super) next_look_seconds: Option<u64>,
    pub(super) slots: Slots,
}

/// What its pages are printed with. A content directory has no alias, number or move.
#[derive(Debug, Serialize)]
pub(super) struct Release {
    pub(super) name: String,
    pub(super) alias: Option<String>,
    pub(super) seq: Option<u64>,
    pub(super) r#move: Option<u64>,
    pub(super) moved_at: Option<String>,
    pub(super) moved_seconds_ago: Option<u64>,
    pub(super) note: Option<String>,
    pub(super) live_since: String,
    pub(super) live_seconds: u64,
    pub(super) entries: usize,
    pub(super) locales: Vec<String>,
    pub(super) bytes: usize,
    pub(super) from_copy: bool,
}

/// Why its content is not what its source says.
#[derive(Debug, Serialize)]
pub(super) struct Failure {
    pub(super) reason: &'static str,
    pub(super) message: String,
    pub(super) since: String,
    pub(super) since_seconds: u64,
    pub(super) times: u64,
}

/// What became of the slots of its pages, since the start.
#[derive(Debug, Serialize)]
pub(super) struct Slots {
    pub(super) printed: u64,
    /// Without reasons that never were, in the order of all.
    #[serde(serialize_with = "by_reason")]
    pub(super) left_alone: Vec<(Reason, u64)>,
}

impl Site {
    pub(super) fn new(status: Status, metrics: &Metrics, now: SystemTime) -> Self {
        Self {
            slots: Slots::new(&Arc::from(status.name.as_str()), metrics),
            name: status.name,
            source: status.source,
            state: status.state,
            release: status.release.map(|release| Release::new(release, now)),
            failure: status.failure.map(|failure| Failure::new(failure, now)),
            checked: status.checked.map(stamp),
            checked_seconds_ago: status.checked.map(|at| seconds(at, now)),
            next_look_seconds: status.next_look.map(|at| seconds(now, at)),
        }
    }
}

impl Release {
    fn new(release: status::Release, now: SystemTime) -> Self {
        let published = release.published.as_ref();
        let moved = published.and_then(|published| epoch_of(&published.moved_at));
        // Clocks differ: what was moved in the future was moved now.
        let ago = |moved: i64| u64::try_from(epoch(now).saturating_sub(moved)).unwrap_or(0);
        Self {
            name: release.name,
            alias: published.map(|published| published.alias.clone()),
            seq: published.map(|published| published.seq),
            r#move: published.map(|published| published.r#move),
            moved_at: published.map(|published| utc(&published.moved_at)),
            moved_seconds_ago: moved.map(ago),
            note: published.and_then(|published| published.note.clone()),
            live_since: stamp(release.live_since),
            live_seconds: seconds(release.live_since, now),
            entries: release.entries,
            locales: release.locales,
            bytes: release.bytes,
            from_copy: release.from_copy,
        }
    }
}

impl Failure {
    fn new(failure: status::Failure, now: SystemTime) -> Self {
        Self {
            reason: failure.reason,
            message: failure.message,
            since: stamp(failure.since),
            since_seconds: seconds(failure.since, now),
            times: failure.times,
        }
    }
}

impl Slots {
    fn new(site: &Arc<str>, metrics: &Metrics) -> Self {
        let counted = |reason: &Reason| (*reason, metrics.slots_of(site, reason.name()));
        let left_alone = Reason::ALL.iter().map(counted).filter(|(_, count)| *count > 0);
        Self { printed: metrics.slots_of(site, "printed"), left_alone: left_alone.collect() }
    }
}

fn by_name<S: Serializer>(state: &State, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(state.name())
}

fn by_reason<S: Serializer>(slots: &[(Reason, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(slots.iter().map(|(reason, count)| (reason.name(), count)))
}
