//! Dates and times: the styles that messages name, and how a locale writes them.

mod patterns;
mod skeleton;

use std::fmt::{self, Write};

use icu::calendar::Gregorian;
use icu::datetime::fieldsets::builder::{DateFields, FieldSetBuilder, ZoneStyle};
use icu::datetime::fieldsets::enums::{CompositeFieldSet, DateFieldSet};
use icu::datetime::input::{DateTime, TimeZoneInfo, UtcOffset, ZonedDateTime};
use icu::datetime::options::{Length, TimePrecision, YearStyle};
use icu::datetime::pattern::{DateTimeNames, DateTimePattern, FixedCalendarDateTimeNames};
use icu::datetime::{DateTimeFormatter, DateTimeFormatterPreferences};
use icu::locale::Locale;
use icu::locale::preferences::extensions::unicode::keywords::HourCycle;
use icu::time::{TimeZone, zone};
use writeable::TryWriteable;

use super::instant::Instant;

pub(super) use skeleton::style as skeleton;

/// What of a date to print, and at which length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DateStyle {
    fields: CompositeFieldSet,
    cycle: Option<HourCycle>,
    /// Where the locale's own pattern is found, for the dates that have one.
    column: Option<Column>,
}

/// The dates that have a pattern of their own, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    /// The one without a name.
    Digits,
    Short,
    Medium,
    Long,
    Full,
}

/// `short`, `medium`, `long` or `full`; none is the date in digits.
pub(super) fn date(name: Option<&str>) -> Option<DateStyle> {
    let (column, length) = match name {
        None => (Column::Digits, Length::Short),
        Some("short") => (Column::Short, Length::Short),
        Some("medium") => (Column::Medium, Length::Medium),
        Some("long") => (Column::Long, Length::Long),
        Some("full") => (Column::Full, Length::Long),
        Some(_) => return None,
    };
    let mut fields = FieldSetBuilder::new();
    let full = column == Column::Full;
    fields.date_fields = Some(if full { DateFields::YMDE } else { DateFields::YMD });
    fields.length = Some(length);
    fields.year_style = (column == Column::Digits).then_some(YearStyle::Full);
    Some(DateStyle { column: Some(column), ..of_fields(fields, None)? })
}

/// `short`, `medium`, `long` or `full`; none is medium. The last two tell the zone.
pub(super) fn time(name: Option<&str>) -> Option<DateStyle> {
    let mut fields = FieldSetBuilder::new();
    fields.time_precision = Some(TimePrecision::Second);
    match name {
        None | Some("medium") => {}
        Some("short") => fields.time_precision = Some(TimePrecision::Minute),
        Some("long" | "full") => fields.zone_style = Some(ZoneStyle::SpecificShort),
        Some(_) => return None,
    }
    of_fields(fields, None)
}

fn of_fields(fields: FieldSetBuilder, cycle: Option<HourCycle>) -> Option<DateStyle> {
    Some(DateStyle { fields: fields.build_composite().ok()?, cycle, column: None })
}

/// A style as one locale writes it.
pub(super) enum DateFormat {
    /// As ICU4X has it, in the locale's calendar.
    Fields(Box<DateTimeFormatter<CompositeFieldSet>>),
    /// By a pattern for Gregorian dates.
    Pattern(Box<Gregorians>),
}

/// A pattern and the names in it.
pub(super) struct Gregorians {
    names: FixedCalendarDateTimeNames<Gregorian, DateFieldSet>,
    pattern: DateTimePattern,
}

impl DateFormat {
    pub(super) fn new(locale: &Locale, style: DateStyle) -> Option<Self> {
        let mut preferences = DateTimeFormatterPreferences::from(locale);
        preferences.hour_cycle = style.cycle.or(preferences.hour_cycle);
        // Another calendar has fields of its own.
        let own = preferences.calendar_algorithm.is_none();
        if own && let Some(pattern) = style.column.and_then(|column| patterns::of(locale, column)) {
            let pattern = DateTimePattern::try_from_pattern_str(pattern).ok()?;
            let mut names = FixedCalendarDateTimeNames::try_new(preferences).ok()?;
            names.include_for_pattern(&pattern).ok()?;
            return Some(Self::Pattern(Box::new(Gregorians { names, pattern })));
        }
        let format = DateTimeFormatter::try_new(preferences, style.fields).ok()?;
        // It has digits only where the pattern with an era has any, which `março de 2026` lacks.
        let mut names = DateTimeNames::from_formatter(preferences, format);
        names.as_mut().include_decimal_formatter().ok()?;
        names.try_into_formatter(style.fields).ok().map(|format| Self::Fields(Box::new(format)))
    }

    /// Appends `instant`.
    pub(super) fn write(&self, instant: &Instant, out: &mut String) {
        let Instant { date, time, offset } = *instant;
        let mut out = WideSpaces(out);
        // Writing to a string cannot fail, and all names that a pattern needs are there.
        match self {
            Self::Fields(format) => {
                let zone = zone_of(offset).at_date_time(DateTime { date, time });
                let _ = write!(out, "{}", format.format(&ZonedDateTime { date, time, zone }));
            }
            Self::Pattern(by) => {
                let date = date.to_calendar(Gregorian);
                let _ = by
                    .names
                    .with_pattern_unchecked(&by.pattern)
                    .format(&date)
                    .try_write_to(&mut out);
            }
        }
    }
}

/// UTC has a name. What is behind any other offset is not known: it prints as that.
fn zone_of(offset: UtcOffset) -> TimeZoneInfo<zone::models::Base> {
    if offset == UtcOffset::zero() {
        TimeZoneInfo::utc()
    } else {
        TimeZone::UNKNOWN.with_offset(Some(offset))
    }
}

/// Writes a space for each narrow no-break space, as browsers and Node do in dates: what a page
/// prints by itself is then the same.
struct WideSpaces<'o>(&'o mut String);

impl Write for WideSpaces<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (index, piece) in text.split('\u{202f}').enumerate() {
            if index > 0 {
                self.0.push(' ');
            }
            self.0.push_str(piece);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::argument::Argument;
    use super::*;

    fn printed(locale: &str, style: Option<DateStyle>, text: &str) -> String {
        let mut out = String::new();
        let instant = Instant::read(Argument::Text(text)).unwrap();
        DateFormat::new(&locale.parse().unwrap(), style.unwrap())
            .unwrap()
            .write(&instant, &mut out);
        out
    }

    #[test]
    fn names_are_those_of_javascript() {
        let day = "2026-03-05";
        assert_eq!(printed("de", date(None), day), "5.3.2026");
        assert_eq!(printed("de", date(Some("short")), day), "5.3.26");
        assert_eq!(printed("de-LI", date(Some("medium")), day), "5. März 2026");
        assert_eq!(printed("fi", date(Some("full")), day), "torstaina 5. maaliskuuta 2026");
        assert_eq!(printed("en-u-ca-buddhist", date(Some("long")), day), "March 5, 2569 BE");
        assert!(date(Some("tiny")).is_none());
    }

    #[test]
    fn times_follow_the_clock_they_were_written_by() {
        let written = "2026-03-05T14:07:09+05:30";
        assert_eq!(printed("de", time(Some("short")), written), "14:07");
        assert_eq!(printed("en", time(None), written), "2:07:09 PM");
        assert_eq!(printed("en-u-hc-h23", time(None), written), "14:07:09");
        assert_eq!(printed("de", time(Some("long")), written), "14:07:09 GMT+5:30");
        assert_eq!(printed("de", time(Some("long")), "2026-03-05T14:07:09Z"), "14:07:09 UTC");
    }

    #[test]
    fn skeletons_name_fields() {
        let written = "2026-03-05T04:07:09Z";
        for (locale, asked, expected) in [
            ("de", "yyyyMMdd", "05.03.2026"),
            ("en", "MMMd", "Mar 5"),
            ("fr", "yMMMMd", "5 mars 2026"),
            ("en", "EEEE", "Thursday"),
            ("de", "jmm", "04:07"),
            ("de", "jm", "04:07"),
            ("en", "Hmm", "04:07"),
            ("de", "hmm", "4:07 AM"),
            ("en", "yMMMdjmm", "Mar 5, 2026, 4:07 AM"),
        ] {
            assert_eq!(printed(locale, skeleton(asked), written), expected, "{locale} {asked}");
        }
        for asked in ["", "QQQ", "mm", "yd", "EEEEMMM", "MMMMM", "é", "yyy", "B"] {
            assert!(skeleton(asked).is_none(), "{asked}");
        }
    }
}
