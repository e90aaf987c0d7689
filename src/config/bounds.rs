//! Timeouts and limits within reason, or their defaults.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::fault::{Fault, Problems};
use super::place::Written;
use super::quantity::{show_duration, show_size};
use super::values::{Count, Size};
use super::written;
use crate::proxy::{Limits, Timeouts};
use crate::refresh;

/// Longer is as good as forever, and would only overflow a clock somewhere.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

/// `[timeouts]`. Only `drain` and `content_wait` may be zero: to stop at once and not to wait for
/// content are wishes, to wait no time elsewhere is a slip.
pub(super) fn timeouts(written: &written::Timeouts, problems: &mut Problems) -> Timeouts {
    let default = Timeouts::default();
    let mut time = |key, written: &Option<Written<Duration>>, default, shortest| {
        duration(key, written.as_ref(), default, shortest, problems)
    };
    let some = Duration::from_millis(1);
    Timeouts {
        head: time("head", &written.head, default.head, some),
        keep_alive: time("keep_alive", &written.keep_alive, default.keep_alive, some),
        progress: time("progress", &written.progress, default.progress, some),
        connect: time("connect", &written.connect, default.connect, some),
        first_byte: time("first_byte", &written.first_byte, default.first_byte, some),
        idle: time("idle", &written.idle, default.idle, some),
        upload: time("upload", &written.upload, default.upload, some),
        total: time("total", &written.total, default.total, some),
        tunnel_idle: time("tunnel_idle", &written.tunnel_idle, default.tunnel_idle, some),
        pool_idle: time("pool_idle", &written.pool_idle, default.pool_idle, some),
        content_wait: time(
            "content_wait",
            &written.content_wait,
            default.content_wait,
            Duration::ZERO,
        ),
        drain: time("drain", &written.drain, default.drain, Duration::ZERO),
    }
}

/// `[limits]`. Each range starts where ordinary pages would break and ends where a slip (a unit
/// too large) would cost the machine its memory.
pub(super) fn limits(written: &written::Limits, problems: &mut Problems) -> Limits {
    let default = Limits::default();
    Limits {
        head: bytes("head", &written.head, 8 * KIB..=MIB, problems).unwrap_or(default.head),
        headers: count("headers", &written.headers, 16..=4096, problems).unwrap_or(default.headers),
        body: body(&written.body, problems).or(default.body),
        max_slot: bytes("max_slot", &written.max_slot, KIB..=16 * MIB, problems)
            .unwrap_or(default.max_slot),
        pool: count("pool", &written.pool, 0..=10_000, problems).unwrap_or(default.pool),
        lookback: bytes("lookback", &written.lookback, MIB..=GIB, problems)
            .unwrap_or(default.lookback),
        memory: bytes("memory", &written.memory, 0..=TIB, problems).unwrap_or(default.memory),
    }
}

/// What the content of all sites may take.
pub(super) fn content(
    limits: &written::Limits,
    timeouts: &written::Timeouts,
    problems: &mut Problems,
) -> refresh::Limits {
    let default = refresh::Limits::default();
    let size = |key, written: &Option<Written<Size>>, range, default, problems: &mut Problems| {
        bytes(key, written, range, problems).map_or(default, |bytes| bytes as u64)
    };
    let some = Duration::from_millis(1);
    refresh::Limits {
        content: size("content", &limits.content, MIB..=TIB, default.content, problems),
        manifest: size("manifest", &limits.manifest, KIB..=64 * MIB, default.manifest, problems),
        object: size("object", &limits.object, KIB..=GIB, default.object, problems),
        preload: count("preload", &limits.preload, 0..=1_000_000, problems)
            .unwrap_or(default.preload),
        store: duration("store", timeouts.store.as_ref(), default.store, some, problems),
    }
}

/// How often a store is asked. Twice a second is as often as the webhook needs help.
pub(super) fn poll(written: &Option<Written<Duration>>, problems: &mut Problems) -> Duration {
    let shortest = Duration::from_millis(500);
    let Some(written) = written else { return refresh::POLL };
    if written.value >= Duration::from_millis(1) && written.value < shortest {
        let help = "write at least \"500ms\"; a webhook is faster than any poll";
        problems.push(&written.at, Fault::new("`poll` is too short", help));
        return refresh::POLL;
    }
    duration("poll", Some(written), refresh::POLL, shortest, problems)
}

fn duration(
    key: &str,
    written: Option<&Written<Duration>>,
    default: Duration,
    shortest: Duration,
    problems: &mut Problems,
) -> Duration {
    let Some(written) = written else {
        return default;
    };
    let fault = if written.value < shortest {
        let help = format!("leave it out for the default, {}", show_duration(default));
        Fault::new(format!("`{key}` cannot be zero"), help)
    } else if written.value > LONGEST {
        let help = format!("write at most \"{}\", which is a year", show_duration(LONGEST));
        Fault::new(format!("`{key}` is too long"), help)
    } else {
        return written.value;
    };
    problems.push(&written.at, fault);
    default
}

fn bytes(
    key: &str,
    written: &Option<Written<Size>>,
    range: RangeInclusive<u64>,
    problems: &mut Problems,
) -> Option<usize> {
    let written = written.as_ref()?;
    problems.keep(&written.at, within(key, written.value.0, &range, show_size))
}

fn count(
    key: &str,
    written: &Option<Written<Count>>,
    range: RangeInclusive<u64>,
    problems: &mut Problems,
) -> Option<usize> {
    let written = written.as_ref()?;
    problems.keep(&written.at, within(key, written.value.0, &range, |n| n.to_string()))
}

/// Zero is refused because it is elsewhere the word for "no limit", and would mean "no uploads".
fn body(written: &Option<Written<Size>>, problems: &mut Problems) -> Option<u64> {
    let written = written.as_ref()?;
    if written.value.0 == 0 {
        let help = "leave it out for no limit of the proxy's own";
        problems.push(&written.at, Fault::new("`body` cannot be zero", help));
    }
    Some(written.value.0)
}

fn within(
    key: &str,
    amount: u64,
    range: &RangeInclusive<u64>,
    show: impl Fn(u64) -> String,
) -> Result<usize, Fault> {
    let fits = usize::try_from(amount).ok().filter(|_| range.contains(&amount));
    fits.ok_or_else(|| {
        let help = format!("write {} to {}", show(*range.start()), show(*range.end()));
        let size = if amount < *range.start() { "small" } else { "large" };
        Fault::new(format!("{} is too {size} for `{key}`", show(amount)), help)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::place::Place;

    fn given<T>(value: T) -> Option<Written<T>> {
        Some(Written { value, at: Place::default() })
    }

    fn verdict<T>(check: impl FnOnce(&mut Problems) -> T) -> Result<T, String> {
        let mut problems = Problems::default();
        let value = check(&mut problems);
        problems.or(value).map_err(|problems| problems[0].message.clone())
    }

    #[test]
    fn only_what_may_be_zero_is() {
        let drain = written::Timeouts { drain: given(Duration::ZERO), ..Default::default() };
        assert_eq!(verdict(|p| timeouts(&drain, p).drain), Ok(Duration::ZERO));
        let head = written::Timeouts { head: given(Duration::ZERO), ..Default::default() };
        assert_eq!(verdict(|p| timeouts(&head, p)), Err("`head` cannot be zero".to_owned()));
        let long = given(LONGEST + Duration::from_millis(1));
        let idle = written::Timeouts { idle: long, ..Default::default() };
        assert_eq!(verdict(|p| timeouts(&idle, p)), Err("`idle` is too long".to_owned()));
    }

    #[test]
    fn every_timeout_lands_in_its_own_field() {
        let s = |secs| given(Duration::from_secs(secs));
        let written = written::Timeouts {
            head: s(1),
            keep_alive: s(2),
            progress: s(3),
            connect: s(4),
            first_byte: s(5),
            idle: s(6),
            upload: s(7),
            total: s(8),
            tunnel_idle: s(9),
            pool_idle: s(10),
            content_wait: s(11),
            store: s(13),
            drain: s(12),
        };
        let t = verdict(|p| timeouts(&written, p)).unwrap();
        let all = [
            t.head,
            t.keep_alive,
            t.progress,
            t.connect,
            t.first_byte,
            t.idle,
            t.upload,
            t.total,
            t.tunnel_idle,
            t.pool_idle,
            t.content_wait,
            t.drain,
        ];
        assert_eq!(all.map(|time| time.as_secs()), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        let store = verdict(|p| content(&written::Limits::default(), &written, p).store).unwrap();
        assert_eq!(store.as_secs(), 13);
    }

    #[test]
    fn limits_have_a_range() {
        let head = |bytes| written::Limits { head: given(Size(bytes)), ..Default::default() };
        assert_eq!(verdict(|p| limits(&head(8192), p).head), Ok(8192));
        let small = "8191 bytes is too small for `head`".to_owned();
        assert_eq!(verdict(|p| limits(&head(8191), p)), Err(small));
        let large = "1GiB is too large for `head`".to_owned();
        assert_eq!(verdict(|p| limits(&head(GIB), p)), Err(large));
        let body = written::Limits { body: given(Size(0)), ..Default::default() };
        assert_eq!(verdict(|p| limits(&body, p)), Err("`body` cannot be zero".to_owned()));
    }
}
