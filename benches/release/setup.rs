//! What the benches have in common: content of a size, a store, a proxy.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::support::overprint;

/// Nothing but a path.
pub(crate) const NO_ENV: &[(&str, &str)] = &[];

/// A page with one label.
pub(crate) const PAGE: &str = "<!doctype html><title>t</title><h1 data-overprint=\"k7\">none</h1>";

pub(crate) const SECRET: &str = "a secret of the bench's own";

/// `entries` texts of about 90 bytes, every tenth of them HTML, the seventh with `mark` in it.
pub(crate) fn json(entries: usize, mark: &str) -> String {
    let mut json = String::from("{");
    for n in 0..entries {
        let comma = if n == 0 { "" } else { "," };
        let text = format!("Words that a writer has published, {mark}, number {n}");
        let _ = match n % 10 {
            3 => {
                write!(json, "{comma}\"k{n}\":{{\"$html\":\"<b>{text}</b>, and some more of it\"}}")
            }
            _ => write!(json, "{comma}\"k{n}\":\"{text}, and some more of it to read\""),
        };
    }
    json + "}"
}

/// Writes a content directory with `entries` in each of `locales`.
pub(crate) fn write(folder: &Path, locales: &[&str], entries: usize, mark: &str) {
    let content = folder.join("content");
    fs::create_dir_all(&content).unwrap();
    for locale in locales {
        fs::write(
            content.join(format!("{locale}.json")),
            json(entries, &format!("{mark} {locale}")),
        )
        .unwrap();
    }
}

/// Publishes the content directory in `folder`.
pub(crate) async fn publish(folder: &Path, store: &str, env: &[(&'static str, String)]) {
    overprint(folder, &["publish", "content", "--to", store], env).await.well();
}

/// The size of all objects in a directory store, in bytes.
pub(crate) fn object_bytes(store: &Path) -> u64 {
    let objects = fs::read_dir(store.join("objects")).unwrap();
    objects.map(|object| object.unwrap().metadata().unwrap().len()).sum()
}

/// A value of sorted `times` that `share` of them do not exceed.
pub(crate) fn percentile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    // Of a bench's few thousand values.
    times[((last as f64) * share).round() as usize]
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
