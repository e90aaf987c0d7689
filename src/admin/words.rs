//! Moments, spans, sizes and counts as they are written, and other people's text made safe for
//! where it lands. Knows nothing of sites.

use std::fmt::{self, Write};
use std::time::SystemTime;

use jiff::Timestamp;

/// RFC 3339 in UTC, to the second.
pub(super) fn stamp(at: SystemTime) -> String {
    format!("{:.0}", timestamp(at))
}

/// Only a broken clock is outside of what a timestamp can be.
fn timestamp(at: SystemTime) -> Timestamp {
    Timestamp::try_from(at).unwrap_or(Timestamp::MAX)
}

/// The moment in RFC 3339 that `text` says, in seconds since 1970.
pub(super) fn epoch_of(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

/// The moment in RFC 3339 that `text` says, in UTC; what says none stays as it is.
pub(super) fn utc(text: &str) -> String {
    text.parse::<Timestamp>().map_or_else(|_| text.to_owned(), |at| at.to_string())
}

/// The moment in seconds since 1970.
pub(super) fn epoch(at: SystemTime) -> i64 {
    timestamp(at).as_second()
}

/// Whole seconds from `from` to `to`; 0 if that is not ahead.
pub(super) fn seconds(from: SystemTime, to: SystemTime) -> u64 {
    to.duration_since(from).unwrap_or_default().as_secs()
}

/// `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`.
pub(super) fn span(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, ..) => two((hours, "h"), (minutes % 60, "min")),
        _ => two((days, "d"), (hours % 24, "h")),
    }
}

fn two((large, name): (u64, &str), (small, smaller): (u64, &str)) -> String {
    match small {
        0 => format!("{large} {name}"),
        _ => format!("{large} {name} {small} {smaller}"),
    }
}

/// `512 B`, `1.5 KiB`, `256.0 MiB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", bytes as f64 / unit as f64),
        None => format!("{bytes} B"),
    }
}

/// `1,234,567`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `text` without line breaks and controls, so that it stays on its line.
pub(super) fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Text for HTML, as content or in a quoted attribute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // Not allowed in HTML, and of use to nobody who reads it.
                c if c.is_control() && !matches!(c, '\n' | '\t') => f.write_char('\u{FFFD}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn spans_sizes_and_counts_read_well() {
        let spans = [0, 59, 60, 3599, 3600, 3900, 86_399, 86_400, 187_000].map(span);
        let expected =
            ["0 s", "59 s", "1 min", "59 min", "1 h", "1 h 5 min", "23 h 59 min", "1 d", "2 d 3 h"];
        assert_eq!(spans, expected);
        let sizes = [0, 1023, 1024, 1536, 256 << 20, 3 << 30].map(size);
        assert_eq!(sizes, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "256.0 MiB", "3.0 GiB"]);
        let counts = [0, 999, 1000, 12_345, 1_234_567].map(count);
        assert_eq!(counts, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }

    #[test]
    fn moments_are_utc() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_521_600_250);
        assert_eq!(stamp(at), "2026-11-24T12:00:00Z");
        assert_eq!(utc("2026-11-24T13:00:00.5+01:00"), "2026-11-24T12:00:00.5Z");
        assert_eq!(utc("yesterday"), "yesterday");
        assert_eq!(epoch_of("2026-11-24T13:00:00+01:00"), Some(epoch(at)));
        assert_eq!(epoch_of("yesterday"), None);
        assert_eq!((seconds(at, at + Duration::from_secs(9)), seconds(at, at)), (9, 0));
        assert_eq!(seconds(at + Duration::from_secs(9), at), 0);
    }

    #[test]
    fn other_peoples_text_stays_where_it_is_put() {
        assert_eq!(one_line(" a\r\n\tb\u{2028}c\x1b[1m "), "a b c [1m");
        assert_eq!(
            Escaped("<a b='c' d=\"e\">&\0").to_string(),
            "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;\u{FFFD}"
        );
    }
}
