//! Dates and times: the styles that messages name, and how a locale writes them.

use std::fmt::Write;

use icu::datetime::DateTimeFormatter;
use icu::datetime::DateTimeFormatterPreferences;
use icu::datetime::fieldsets::builder::{DateFields, FieldSetBuilder, ZoneStyle};
use icu::datetime::fieldsets::enums::CompositeFieldSet;
use icu::datetime::input::{DateTime, TimeZoneInfo, ZonedDateTime};
use icu::datetime::options::{Alignment, Length, TimePrecision, YearStyle};
use icu::locale::Locale;
use icu::locale::preferences::extensions::unicode::keywords::HourCycle;
use icu::time::TimeZone;

use super::instant::Instant;

/// What of a date to print, and at which length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DateStyle {
    fields: CompositeFieldSet,
    cycle: Option<HourCycle>,
}

impl DateStyle {
    pub(super) fn new(asked: FieldSetBuilder, cycle: Option<HourCycle>) -> Option<Self> {
        Some(Self { fields: asked.build_composite().ok()?, cycle })
    }

    /// `short`, `medium`, `long` or `full`; none is the date in digits.
    pub(super) fn date(name: Option<&str>) -> Option<Self> {
        let mut fields = FieldSetBuilder::new();
        fields.date_fields = Some(DateFields::YMD);
        fields.length = Some(match name {
            None => {
                fields.year_style = Some(YearStyle::Full);
                Length::Short
            }
            Some("short") => Length::Short,
            Some("medium") => Length::Medium,
            Some("long") => Length::Long,
            Some("full") => {
                fields.date_fields = Some(DateFields::YMDE);
                Length::Long
            }
            Some(_) => return None,
        });
        Self::new(fields, None)
    }

    /// `short`, `medium`, `long` or `full`; none is medium. The last two name the zone.
    pub(super) fn time(name: Option<&str>) -> Option<Self> {
        let mut fields = FieldSetBuilder::new();
        fields.time_precision = Some(TimePrecision::Second);
        match name {
            None | Some("medium") => {}
            Some("short") => fields.time_precision = Some(TimePrecision::Minute),
            Some("long" | "full") => fields.zone_style = Some(ZoneStyle::LocalizedOffsetShort),
            Some(_) => return None,
        }
        Self::new(fields, None)
    }

    /// A skeleton's fields: letters, each as often as its field is to be long.
    pub(super) fn skeleton(pattern: &str) -> Option<Self> {
        let mut asked = Asked::default();
        let mut rest = pattern;
        while let Some(letter) = rest.chars().next() {
            let behind = rest.trim_start_matches(letter);
            let width = (rest.len() - behind.len()) / letter.len_utf8();
            asked.field(letter, width)?;
            rest = behind;
        }
        asked.style()
    }
}

/// The fields of a skeleton.
#[derive(Default)]
struct Asked {
    year: bool,
    month: bool,
    day: bool,
    weekday: bool,
    length: Option<Length>,
    time: Option<TimePrecision>,
    padded: bool,
    cycle: Option<HourCycle>,
    zone: bool,
    short_year: bool,
}

impl Asked {
    fn field(&mut self, letter: char, width: usize) -> Option<()> {
        match (letter, width) {
            ('y', 1 | 4) => self.year = true,
            ('y', 2) => (self.year, self.short_year) = (true, true),
            ('M' | 'L', 1) => self.month = true,
            ('M' | 'L', 2) => (self.month, self.padded) = (true, true),
            ('M' | 'L', 3) => (self.month, self.length) = (true, self.long(Length::Medium)?),
            ('M' | 'L', 4) => (self.month, self.length) = (true, self.long(Length::Long)?),
            ('d', 1) => self.day = true,
            ('d', 2) => (self.day, self.padded) = (true, true),
            ('E', 1..=3) => (self.weekday, self.length) = (true, self.long(Length::Medium)?),
            ('E', 4) => (self.weekday, self.length) = (true, self.long(Length::Long)?),
            ('j', 1) => self.time = self.time.or(Some(TimePrecision::Hour)),
            ('j', 2) => (self.time, self.padded) = (self.time.or(Some(TimePrecision::Hour)), true),
            ('h' | 'H', 1 | 2) => {
                self.cycle = Some(if letter == 'h' { HourCycle::H12 } else { HourCycle::H23 });
                self.padded |= width == 2;
                self.time = self.time.or(Some(TimePrecision::Hour));
            }
            ('a', 1) => self.cycle = Some(HourCycle::H12),
            // Without an hour there is no minute, and no second without a minute.
            ('m', 1 | 2) if self.time == Some(TimePrecision::Hour) => {
                self.time = Some(TimePrecision::Minute);
            }
            ('s', 1 | 2) if self.time == Some(TimePrecision::Minute) => {
                self.time = Some(TimePrecision::Second);
            }
            ('z', 1..=3) => self.zone = true,
            (' ' | ',' | '.' | '/' | '-' | ':', _) => {}
            _ => return None,
        }
        Some(())
    }

    /// Names of a month and a weekday have one length.
    fn long(&self, length: Length) -> Option<Option<Length>> {
        self.length.is_none_or(|other| other == length).then_some(Some(length))
    }

    fn style(&self) -> Option<DateStyle> {
        let mut fields = FieldSetBuilder::new();
        fields.date_fields = match (self.year, self.month, self.day, self.weekday) {
            (false, false, false, false) => None,
            (true, false, false, false) => Some(DateFields::Y),
            (true, true, false, false) => Some(DateFields::YM),
            (true, true, true, false) => Some(DateFields::YMD),
            (true, true, true, true) => Some(DateFields::YMDE),
            (false, true, false, false) => Some(DateFields::M),
            (false, true, true, false) => Some(DateFields::MD),
            (false, true, true, true) => Some(DateFields::MDE),
            (false, false, true, false) => Some(DateFields::D),
            (false, false, true, true) => Some(DateFields::DE),
            (false, false, false, true) => Some(DateFields::E),
            _ => return None,
        };
        fields.time_precision = self.time;
        fields.zone_style = self.zone.then_some(ZoneStyle::LocalizedOffsetShort);
        if fields.date_fields.is_some() {
            fields.length = Some(self.length.unwrap_or(Length::Short));
        }
        if self.year && !self.short_year {
            fields.year_style = Some(YearStyle::Full);
        }
        // Weekdays and months alone have no digits to pad.
        if self.padded {
            fields.alignment = Some(Alignment::Column);
        }
        DateStyle::new(fields, self.cycle)
    }
}

/// A style as one locale writes it.
pub(super) struct DateFormat(DateTimeFormatter<CompositeFieldSet>);

impl DateFormat {
    pub(super) fn new(locale: &Locale, style: DateStyle) -> Option<Self> {
        let mut preferences = DateTimeFormatterPreferences::from(locale);
        preferences.hour_cycle = style.cycle.or(preferences.hour_cycle);
        DateTimeFormatter::try_new(preferences, style.fields).ok().map(Self)
    }

    /// Appends `instant`.
    pub(super) fn write(&self, instant: &Instant, out: &mut String) {
        let Instant { date, time, offset } = *instant;
        let zone = TimeZoneInfo::from(TimeZone::UNKNOWN.with_offset(Some(offset)));
        let zone = zone.at_date_time(DateTime { date, time });
        // Writing to a string cannot fail.
        let _ = write!(out, "{}", self.0.format(&ZonedDateTime { date, time, zone }));
    }
}
