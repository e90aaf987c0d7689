//! Which of the locales that there are suits a visitor best (RFC 4647 section 3.4, and a little more).

use super::{Preferences, Range, Tag};

/// How well a locale suits a range; the least is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The very tag.
    Exact,
    /// What the range is when it is truncated by so many bytes: `de` for `de-AT`.
    Shorter(usize),
    /// The default, where it is the same language in another form. RFC 4647 stops before this and
    /// the next: a site with nothing but `pt-BR` would show its English to whoever asks for `pt`.
    SameDefault,
    /// Any form of the same language in the same script: `zh-Hant` for `zh-TW`, `en-US` for `en-GB`.
    Same,
    /// Truncated, and in another script: `zh` for `zh-TW`. Most who ask for one can make out the
    /// other, but whoever wrote the same script comes first.
    OtherScript(usize),
}

impl Preferences {
    /// The locale among `available` that suits best; the first in their order of equals. None where
    /// none suits.
    ///
    /// A range with a quality of zero rules out what it covers, unless a longer one wants it back
    /// (`en;q=0, en-GB`).
    pub fn choose<'t>(
        &self,
        available: impl Iterator<Item = &'t Tag> + Clone,
        default: &Tag,
    ) -> Option<&'t Tag> {
        let open = available.filter(|tag| !self.refuses(tag));
        self.wanted.iter().find_map(|range| match range {
            Range::Of(range) => best(range, open.clone(), default),
            // Whatever: the default, which most of what is written is in.
            Range::Any => open.clone().min_by_key(|tag| *tag != default),
        })
    }

    /// Whether the longest range that covers `tag` is refused.
    fn refuses(&self, tag: &Tag) -> bool {
        let longest = |ranges: &[Range]| ranges.iter().filter_map(|range| covers(range, tag)).max();
        let refused = longest(&self.refused);
        refused.is_some() && refused >= longest(&self.wanted)
    }
}

fn best<'t>(range: &Tag, open: impl Iterator<Item = &'t Tag>, default: &Tag) -> Option<&'t Tag> {
    let rated = open.filter_map(|tag| Some((fit(range, tag, default)?, tag)));
    rated.min_by_key(|(fit, _)| *fit).map(|(_, tag)| tag)
}

fn fit(range: &Tag, tag: &Tag, default: &Tag) -> Option<Fit> {
    if range.language() != tag.language() {
        return None;
    }
    if range == tag {
        return Some(Fit::Exact);
    }
    let cut = range.as_str().len().wrapping_sub(tag.as_str().len());
    match (starts(range.as_str(), tag.as_str()), range.same_language(tag)) {
        (true, true) => Some(Fit::Shorter(cut)),
        (true, false) => Some(Fit::OtherScript(cut)),
        (false, true) if tag == default => Some(Fit::SameDefault),
        (false, true) => Some(Fit::Same),
        (false, false) => None,
    }
}

/// How much of `tag` the range names, in bytes, if it covers it (RFC 4647 section 3.3.1).
fn covers(range: &Range, tag: &Tag) -> Option<usize> {
    match range {
        Range::Any => Some(0),
        Range::Of(range) => starts(tag.as_str(), range.as_str()).then_some(range.as_str().len()),
    }
}

/// Whether `start` is `text`, or the subtags that it begins with. No tag ends in a single letter, so
/// that a `start` which is a tag is always a step of truncating.
fn starts(text: &str, start: &str) -> bool {
    let rest = text.strip_prefix(start);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::super::testing::tag;
    use super::*;

    /// What is chosen among the locales of `available`, of which the first is the default.
    fn chosen(header: &str, available: &str) -> Option<String> {
        let default = tag(available.split(' ').next().unwrap());
        let mut available: Vec<_> = available.split(' ').map(tag).collect();
        available.sort();
        let preferences = Preferences::of_header([header.as_bytes()]);
        preferences.choose(available.iter(), &default).map(ToString::to_string)
    }

    #[test]
    fn the_best_that_there_is() {
        for (header, available, expected) in [
            ("de", "en de fr", "de"),
            ("DE-de", "en de fr", "de"),
            ("fr, de", "en de fr", "fr"),
            ("it, de", "en de fr", "de"),
            ("de;q=0.3, fr;q=0.4", "en de fr", "fr"),
            // Truncation, from the right.
            ("de-AT", "en de de-AT", "de-AT"),
            ("de-AT", "en de de-CH", "de"),
            ("pt-BR", "en pt", "pt"),
            ("zh-Hant-CN-x-private1-private2", "en zh-Hant-CN zh-Hant", "zh-Hant-CN"),
            ("zh-Hant-CN-x-private1-private2", "en zh-Hant zh", "zh-Hant"),
            ("en-x-pirate", "de en", "en"),
            ("en-x-pirate", "de en en-x-pirate", "en-x-pirate"),
            ("de-DE-u-co-phonebk", "en de", "de"),
            ("sr-Latn-RS", "en sr-Latn sr", "sr-Latn"),
            // A range is looked up whole before the next one is.
            ("de-AT, fr", "en de fr", "de"),
            ("de-AT, de;q=0.9, en;q=0.8", "en de", "de"),
            // Another form of the same language.
            ("pt", "en pt-BR", "pt-BR"),
            ("pt", "en pt-PT pt-BR", "pt-BR"),
            ("pt", "pt-PT en pt-BR", "pt-PT"),
            ("pt-BR", "en pt-PT", "pt-PT"),
            ("en-GB", "en-US de", "en-US"),
            ("en-GB", "de en-US en-AU", "en-AU"),
            ("es-419", "en es-MX es-ES", "es-ES"),
            // Scripts.
            ("zh-TW", "en zh-Hans zh-Hant", "zh-Hant"),
            ("zh-TW", "en zh zh-Hant", "zh-Hant"),
            ("zh-TW,zh;q=0.9", "en zh zh-Hant", "zh-Hant"),
            ("zh-TW", "en zh", "zh"),
            ("zh-HK", "en zh-CN zh-TW", "zh-TW"),
            ("zh-CN", "en zh-Hans zh-Hant", "zh-Hans"),
            ("zh-CN", "en zh-TW zh", "zh"),
            ("zh", "en zh-TW zh-CN", "zh-CN"),
            ("zh-SG", "en zh-Hant zh-Hans", "zh-Hans"),
            ("sr", "en sr-Latn sr-Cyrl", "sr-Cyrl"),
            ("sr-Latn", "en sr", "sr"),
            // Codes that have changed.
            ("iw", "en he", "he"),
            ("no", "en nb", "nb"),
            ("nb-NO", "en no", "no"),
            ("zh-yue", "en zh-Hans", "zh-Hans"),
            // Anything.
            ("*", "de en", "de"),
            ("it, *", "de en", "de"),
            ("en, *;q=0.5", "de en", "en"),
            ("*, en", "de en", "en"),
            ("it, *;q=0.1, en;q=0.05", "de en", "de"),
            // Refusals.
            ("de;q=0, *", "de en fr", "en"),
            ("de;q=0, *", "de-AT en", "en"),
            ("en;q=0, en-GB", "de en en-GB", "en-GB"),
            ("en, en-US;q=0", "de en-US en-GB", "en-GB"),
            ("*;q=0, fr", "de en fr", "fr"),
            ("*;q=0, fr, fr-CA;q=0", "de fr-CA fr", "fr"),
        ] {
            assert_eq!(
                chosen(header, available).as_deref(),
                Some(expected),
                "{header}: {available}"
            );
        }
    }

    #[test]
    fn nothing_suits() {
        for (header, available) in [
            ("", "en de"),
            ("it", "en de"),
            ("i-klingon", "en de"),
            ("en;q=0", "en de"),
            ("*;q=0", "en de"),
            ("de;q=0, de", "en de"),
            ("de;q=0, de-AT;q=0.5", "en de"),
            ("nn", "en nb"),
            ("zh-Hant", "en zh-Hans"),
            ("dei", "en de"),
        ] {
            assert_eq!(chosen(header, available), None, "{header}: {available}");
        }
    }

    #[test]
    fn of_equals_the_first_is_taken() {
        let [one, two] = ["es-MX", "es-AR"].map(tag);
        let chosen = Preferences::of_wish("es-CL");
        assert_eq!(chosen.choose([&one, &two].into_iter(), &tag("en")), Some(&one));
        assert_eq!(chosen.choose([&two, &one].into_iter(), &tag("en")), Some(&two));
    }
}
