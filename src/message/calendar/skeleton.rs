//! Skeletons of dates and times: letters, each as often as its field is to be long.

use icu::datetime::fieldsets::builder::{DateFields, FieldSetBuilder, ZoneStyle};
use icu::datetime::options::{Alignment, Length, TimePrecision, YearStyle};
use icu::locale::preferences::extensions::unicode::keywords::HourCycle;

use super::{Column, DateStyle, of_fields};

/// The style that `pattern` asks for. `None` when it asks for something that is not supported.
pub(in crate::message) fn style(pattern: &str) -> Option<DateStyle> {
    let mut asked = Asked::default();
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        let behind = rest.trim_start_matches(letter);
        asked.field(letter, (rest.len() - behind.len()) / letter.len_utf8())?;
        rest = behind;
    }
    asked.style()
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
        fields.zone_style = self.zone.then_some(ZoneStyle::SpecificShort);
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
        Some(DateStyle { column: self.column(), ..of_fields(fields, self.cycle)? })
    }

    /// The named date that has the same fields.
    fn column(&self) -> Option<Column> {
        let date = self.year && self.month && self.day;
        if !date || self.padded || self.time.is_some() || self.zone {
            return None;
        }
        match (self.length, self.weekday, self.short_year) {
            (None, false, false) => Some(Column::Digits),
            (None, false, true) => Some(Column::Short),
            (Some(Length::Medium), false, false) => Some(Column::Medium),
            (Some(Length::Long), false, false) => Some(Column::Long),
            (Some(Length::Long), true, false) => Some(Column::Full),
            _ => None,
        }
    }
}
