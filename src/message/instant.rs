//! Points in time, as arguments have them.

use icu::calendar::Iso;
use icu::calendar::types::RataDie;
use icu::datetime::input::{Date, Time, UtcOffset};

use super::argument::{Argument, Number};

/// A date and a time on the clock where it was written, and how far that is from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instant {
    pub(super) date: Date<Iso>,
    pub(super) time: Time,
    pub(super) offset: UtcOffset,
}

/// Milliseconds.
const DAY: i64 = 86_400_000;
/// Of 1970-01-01, counted from 0001-01-01 as 1.
const EPOCH: i64 = 719_163;

impl Instant {
    /// `2026-11-24`, `2026-11-24T10:00:00.5+01:00` (RFC 3339, seconds and what follows optional), or
    /// milliseconds since 1970 in UTC. The years are 0 to 9999.
    pub(super) fn read(argument: Argument<'_>) -> Option<Self> {
        match argument {
            Argument::Text(text) | Argument::Visitors(text) => from_text(text),
            Argument::Number(Number::Integer(whole)) => from_epoch(whole.try_into().ok()?),
            // Saturates, which is out of range.
            Argument::Number(Number::Float(float)) if float.is_finite() => from_epoch(float as i64),
            Argument::Number(_) | Argument::Bool(_) | Argument::Other => None,
        }
    }
}

fn from_epoch(millis: i64) -> Option<Instant> {
    let (days, rest) = (millis.div_euclid(DAY), millis.rem_euclid(DAY));
    // Years 0 to 9999, before anything is computed with them.
    (-719_528..=2_932_896).contains(&days).then_some(())?;
    let date = Date::from_rata_die(RataDie::new(days + EPOCH), Iso);
    let part = |unit, of| u8::try_from(rest / unit % of).ok();
    let nanos = u32::try_from(rest % 1000 * 1_000_000).ok()?;
    let time = Time::try_new(part(3_600_000, 24)?, part(60_000, 60)?, part(1000, 60)?, nanos);
    Some(Instant { date, time: time.ok()?, offset: UtcOffset::zero() })
}

fn from_text(text: &str) -> Option<Instant> {
    let mut rest = Reader(text.as_bytes());
    let year = rest.digits(4)?;
    let month = rest.after(b"-")?.two()?;
    let day = rest.after(b"-")?.two()?;
    let date = Date::try_new_iso(year, month, day).ok()?;
    let (time, offset) = match rest.after(b"Tt ") {
        Some(rest) => (rest.time()?, rest.offset()?),
        None => (Time::start_of_day(), UtcOffset::zero()),
    };
    rest.0.is_empty().then_some(Instant { date, time, offset })
}

/// What is left of a text.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn time(&mut self) -> Option<Time> {
        let hour = self.two()?;
        let minute = self.after(b":")?.two()?;
        let second = match self.after(b":") {
            Some(rest) => rest.two()?,
            None => return Time::try_new(hour, minute, 0, 0).ok(),
        };
        if let Some(rest) = self.after(b".,") {
            rest.fraction()?;
        }
        // A leap second is a time that no calendar can print.
        if second < 60 { Time::try_new(hour, minute, second, 0).ok() } else { None }
    }

    /// No message prints parts of a second.
    fn fraction(&mut self) -> Option<()> {
        let end = self.0.iter().position(|b| !b.is_ascii_digit()).unwrap_or(self.0.len());
        self.0 = &self.0[end..];
        (end > 0).then_some(())
    }

    fn offset(&mut self) -> Option<UtcOffset> {
        if self.0.is_empty() || self.after(b"Zz").is_some() {
            return Some(UtcOffset::zero());
        }
        let sign = if self.0.first() == Some(&b'-') { -1 } else { 1 };
        let hours = self.after(b"+-")?.digits(2)?;
        let minutes = self.after(b":")?.digits(2)?;
        let seconds = sign * (hours * 60 + minutes) * 60;
        (hours < 24 && minutes < 60).then(|| UtcOffset::try_from_seconds(seconds).ok()).flatten()
    }

    /// Past one of `bytes`, if one is next.
    fn after(&mut self, bytes: &[u8]) -> Option<&mut Self> {
        let (first, rest) = self.0.split_first()?;
        bytes.contains(first).then(|| {
            self.0 = rest;
            self
        })
    }

    fn two(&mut self) -> Option<u8> {
        u8::try_from(self.digits(2)?).ok()
    }

    fn digits(&mut self, count: usize) -> Option<i32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.iter().try_fold(0, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i32::from(digit - b'0'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Instant::read(Argument::Text(text)).map(shown)
    }

    fn shown(instant: Instant) -> String {
        let (date, time) = (instant.date, instant.time);
        let (year, month, day) =
            (date.year().extended_year(), date.month().ordinal, date.day_of_month().0);
        let clock = (time.hour.number(), time.minute.number(), time.second.number());
        format!("{year}-{month}-{day} {clock:?} {}", instant.offset.to_seconds())
    }

    #[test]
    fn texts_are_dates() {
        for (text, expected) in [
            ("2026-11-24", "2026-11-24 (0, 0, 0) 0"),
            ("2026-11-24T10:05", "2026-11-24 (10, 5, 0) 0"),
            ("2026-11-24T10:05:07Z", "2026-11-24 (10, 5, 7) 0"),
            ("2026-11-24 10:05:07.123456789012z", "2026-11-24 (10, 5, 7) 0"),
            ("2026-11-24T23:59:59.9+05:30", "2026-11-24 (23, 59, 59) 19800"),
            ("2024-02-29T00:00:00-08:00", "2024-2-29 (0, 0, 0) -28800"),
            ("0000-01-01", "0-1-1 (0, 0, 0) 0"),
            ("9999-12-31", "9999-12-31 (0, 0, 0) 0"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "2026",
            "2026-11",
            "2026-11-31",
            "2025-02-29",
            "2026-13-01",
            "10000-01-01",
            "-001-01-01",
            "2026-11-24T",
            "2026-11-24T24:00",
            "2026-11-24T10",
            "2026-11-24T10:00:60Z",
            "2026-11-24T10:00:00.Z",
            "2026-11-24T10:00+0100",
            "2026-11-24T10:00+24:00",
            "2026-11-24Z",
            "2026-11-24T10:00Zx",
            "2026-1é-24",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(Instant::read(Argument::Bool(true)), None);
    }

    #[test]
    fn numbers_are_milliseconds() {
        let read = |number| Instant::read(Argument::Number(number)).map(shown);
        let whole = |millis: i64| read(Number::Integer(millis.into()));
        assert_eq!(whole(0).as_deref(), Some("1970-1-1 (0, 0, 0) 0"));
        assert_eq!(whole(-1).as_deref(), Some("1969-12-31 (23, 59, 59) 0"));
        assert_eq!(whole(253_402_300_799_999).as_deref(), Some("9999-12-31 (23, 59, 59) 0"));
        assert_eq!(whole(253_402_300_800_000), None);
        assert_eq!(whole(-62_167_219_200_000).as_deref(), Some("0-1-1 (0, 0, 0) 0"));
        assert_eq!(whole(-62_167_219_200_001), None);
        assert_eq!(read(Number::Float(1e300)), None);
        assert_eq!(read(Number::Float(1000.5)).as_deref(), Some("1970-1-1 (0, 0, 1) 0"));
    }
}
