//! Durations and byte sizes as people write them, both ways.

use std::time::Duration;

use super::fault::Fault;

/// What to write for a duration.
pub(super) const DURATION_HELP: &str =
    "write a whole number and its unit: \"250ms\", \"5s\", \"2m\" or \"1h\"";

/// What to write for a byte size.
pub(super) const SIZE_HELP: &str =
    "write a number of bytes, or a whole number and its unit: \"64KiB\", \"10MiB\" or \"1GiB\"";

const DURATIONS: &[(&str, u64)] = &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
const SIZES: &[(&str, u64)] =
    &[("", 1), ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// `5s`, `250ms`, `2m`, `1h`.
pub(super) fn duration(text: &str) -> Result<Duration, Fault> {
    let millis = quantity(text, DURATIONS);
    millis
        .map(Duration::from_millis)
        .ok_or_else(|| Fault::new(format!("`{text}` is not a duration"), DURATION_HELP))
}

/// `65536`, `512B`, `64KiB`, `64 KiB`, `10MiB`, `1GiB`; in bytes.
pub(super) fn size(text: &str) -> Result<u64, Fault> {
    quantity(text, SIZES)
        .ok_or_else(|| Fault::new(format!("`{text}` is not a byte size"), SIZE_HELP))
}

/// The largest unit that divides `bytes`, for messages.
pub(super) fn show_size(bytes: u64) -> String {
    show(bytes, &SIZES[2..]).unwrap_or_else(|| format!("{bytes} bytes"))
}

/// The largest unit that divides `time`, to the millisecond, for messages.
pub(super) fn show_duration(time: Duration) -> String {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    show(millis, DURATIONS).unwrap_or_else(|| "0s".to_owned())
}

/// A whole number of units in the smallest of them; none where it is malformed or too large.
fn quantity(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

fn show(amount: u64, units: &[(&str, u64)]) -> Option<String> {
    let fits = |factor: u64| amount >= factor && amount.is_multiple_of(factor);
    let (name, factor) = units.iter().rev().find(|(_, factor)| fits(*factor))?;
    Some(format!("{}{name}", amount / factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, millis) in [("250ms", 250), ("5s", 5000), ("2 m", 120_000), ("1h", 3_600_000)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in
            ["", "5", "s", "-5s", "1.5s", "5 sec", "1m30s", " 5s", "5s ", "9999999999999999h"]
        {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes() {
        let cases =
            [("0", 0), ("512B", 512), ("64 KiB", 65536), ("10MiB", 10 << 20), ("1GiB", 1 << 30)];
        for (text, bytes) in cases {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "KiB", "64KB", "64kib", "64k", "-1", "1.5MiB", "99999999999GiB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shown_in_the_largest_unit() {
        assert_eq!(
            [show_size(0), show_size(1500), show_size(1 << 20)],
            ["0 bytes", "1500 bytes", "1MiB"]
        );
        let times = [0, 1500, 90_000, 7_200_000].map(|ms| show_duration(Duration::from_millis(ms)));
        assert_eq!(times, ["0s", "1500ms", "90s", "2h"]);
    }
}
