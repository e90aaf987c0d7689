//! How a locale writes the dates that have a name, as JavaScript formats the same fields.
//!
//! ICU4X has dates of three lengths, which are others: for its German `5. März 2026` is
//! `05.03.2026`.

use icu::locale::Locale;

use super::Column;

/// A tag and its patterns on each line, by `tests/messages/dates.mjs`.
const DATES: &str = include_str!("dates.tsv");

/// The pattern for a Gregorian date. `None` for a locale that is not listed, or has another calendar.
pub(super) fn of(locale: &Locale, column: Column) -> Option<&'static str> {
    let tag = locale.id.to_string();
    let mut tag = tag.as_str();
    loop {
        if let Some(row) = DATES.lines().find_map(|line| line.strip_prefix(tag)?.strip_prefix('\t'))
        {
            return row.split('\t').nth(column as usize);
        }
        (tag, _) = tag.rsplit_once('-')?;
    }
}

#[cfg(test)]
mod tests {
    use icu::datetime::pattern::DateTimePattern;

    use super::*;

    #[test]
    fn every_pattern_can_be_read() {
        for line in DATES.lines().skip(1) {
            let patterns: Vec<_> = line.split('\t').skip(1).collect();
            assert_eq!(patterns.len(), 5, "{line}");
            for pattern in patterns {
                assert!(DateTimePattern::try_from_pattern_str(pattern).is_ok(), "{line}");
            }
        }
    }

    #[test]
    fn a_locale_has_its_own_or_that_of_its_language() {
        let long = |tag: &str| of(&tag.parse().unwrap(), Column::Long);
        assert_eq!(long("en"), Some("MMMM d, y"));
        assert_eq!(long("en-GB"), Some("d MMMM y"));
        assert_eq!(long("zh-Hant-TW"), Some("y年M月d日"));
        assert_eq!(long("th"), None);
        assert_eq!(long("tlh"), None);
    }
}
