//! What a visitor would like to read: `Accept-Language` (RFC 9110 section 12.5.4), or one wish.

use std::cmp::Reverse;

use super::Tag;

/// How many members of a header are read. Browsers send a handful; what is after these is no
/// preference but an attempt to cost something.
const MAX_MEMBERS: usize = 64;

/// The longest range that is read, in bytes: twice what any registered tag needs.
const MAX_RANGE: usize = 64;

/// A quality of 1, in thousandths.
const FULL: u16 = 1000;

/// Language ranges, the most wanted first, and those that are refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preferences {
    pub(super) wanted: Vec<Range>,
    pub(super) refused: Vec<Range>,
}

/// A language range (RFC 4647 section 2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Range {
    /// Whatever reads as this does.
    Of(Tag),
    /// `*`
    Any,
}

impl Preferences {
    /// Reads the lines of `Accept-Language`. A member that is malformed is skipped, and the rest
    /// still counts: a visitor is better served by half of a header than by none of it.
    ///
    /// Members of equal quality keep their order, as every browser means it.
    pub fn of_header<'h>(lines: impl IntoIterator<Item = &'h [u8]>) -> Self {
        let members = lines.into_iter().flat_map(|line| line.split(|&byte| byte == b','));
        let members = members.take(MAX_MEMBERS).filter_map(|member| str::from_utf8(member).ok());
        let mut rated: Vec<_> = members.filter_map(member).collect();
        // `*` stands for whatever its equals do not name (RFC 4647 section 3.4 passes over it while
        // another range follows).
        rated.sort_by_key(|(range, quality)| (Reverse(*quality), *range == Range::Any));
        let at = rated.partition_point(|(_, quality)| *quality > 0);
        let refused = rated.split_off(at).into_iter().map(|(range, _)| range).collect();
        Self { wanted: rated.into_iter().map(|(range, _)| range).collect(), refused }
    }

    /// A single wish, out of a cookie or a URL. `pt_BR` is as good as `pt-BR` there: many
    /// frameworks write it so.
    pub fn of_wish(text: &str) -> Self {
        let range = range(&text.trim().replace('_', "-")).filter(|range| *range != Range::Any);
        Self { wanted: range.into_iter().collect(), refused: Vec::new() }
    }
}

/// A range and its quality in thousandths.
fn member(text: &str) -> Option<(Range, u16)> {
    let (text, weight) = match text.split_once(';') {
        Some((text, weight)) => (text, quality(weight)?),
        None => (text, FULL),
    };
    let text = text.trim();
    match range(text) {
        // Less than what was refused must not be refused: `zh-yue` cut short is all of Chinese.
        Some(Range::Of(tag)) if weight == 0 && tag.as_str().len() < text.len() => None,
        range => Some((range?, weight)),
    }
}

/// `q=0.8`, alone: RFC 9110 knows no other parameter of a language.
fn quality(weight: &str) -> Option<u16> {
    let (name, value) = weight.split_once('=')?;
    let value = value.trim();
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{decimals:0<3}").parse::<u16>().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(FULL),
        _ => None,
    }
}

/// The longest beginning of a range that is a tag: `zh-min-nan` has a form that tags no longer have
/// (RFC 5646 section 2.2.2), and is Chinese all the same.
fn range(text: &str) -> Option<Range> {
    if text == "*" {
        return Some(Range::Any);
    }
    let well_formed = text.len() <= MAX_RANGE && text.split('-').all(is_subtag);
    let mut rest = well_formed.then_some(text);
    while let Some(text) = rest {
        if let Ok(tag) = Tag::parse(text) {
            return Some(Range::Of(tag));
        }
        rest = text.rsplit_once('-').map(|(shorter, _)| shorter);
    }
    None
}

fn is_subtag(subtag: &str) -> bool {
    (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ranges, then those refused behind a `!`.
    fn read(lines: &[&str]) -> String {
        let preferences = Preferences::of_header(lines.iter().map(|line| line.as_bytes()));
        spelled(&preferences)
    }

    fn spelled(preferences: &Preferences) -> String {
        let text = |range: &Range| match range {
            Range::Of(tag) => tag.to_string(),
            Range::Any => "*".to_owned(),
        };
        let wanted = preferences.wanted.iter().map(text);
        let refused = preferences.refused.iter().map(|range| format!("!{}", text(range)));
        wanted.chain(refused).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn headers_are_read_leniently() {
        for (line, expected) in [
            ("", ""),
            (" ", ""),
            ("de", "de"),
            ("DE-at", "de-AT"),
            ("de, en", "de en"),
            ("de,en", "de en"),
            ("de;q=0.5, en", "en de"),
            ("de;q=0.5,en;q=0.5,fr;q=0.5", "de en fr"),
            ("da, en-GB;q=0.8, en;q=0.7", "da en-GB en"),
            ("en-US,en;q=0.9,de-DE;q=0.8,de;q=0.7", "en-US en de-DE de"),
            ("fr;q=0.001, de;q=0.01, en;q=0.1", "en de fr"),
            ("fr;q=0.999, de;q=1.000", "de fr"),
            ("fr;q=0., de;q=1.", "de !fr"),
            ("de;Q=0.5, en", "en de"),
            ("de ; q = 0.5 , en", "en de"),
            ("\tde\t;\tq=0.5\t,\ten", "en de"),
            ("de;q=0", "!de"),
            ("de;q=0.000, en", "en !de"),
            ("*", "*"),
            ("*;q=0", "!*"),
            ("*, de", "de *"),
            ("*;q=0.9, de;q=0.1", "* de"),
            ("zh-Hant-TW, sr-Latn", "zh-Hant-TW sr-Latn"),
            ("es-419", "es-419"),
            ("en-x-pirate", "en-x-pirate"),
            // Forms that tags once had.
            ("zh-min-nan", "zh"),
            ("zh-yue;q=0, en", "en"),
            ("i-klingon, en", "en"),
            // Malformed members cost themselves and nothing else.
            (",,de,,", "de"),
            ("de;q=1.1, en", "en"),
            ("de;q=1.001, en", "en"),
            ("de;q=2, en", "en"),
            ("de;q=-1, en", "en"),
            ("de;q=0.1234, en", "en"),
            ("de;q=.5, en", "en"),
            ("de;q=, en", "en"),
            ("de;q, en", "en"),
            ("de;, en", "en"),
            ("de;q=0.5;q=0.7, en", "en"),
            ("de;level=1, en", "en"),
            ("de;q=\"0.5\", en", "en"),
            ("de;q=0.5x, en", "en"),
            ("de;q=1e0, en", "en"),
            ("de_AT, en", "en"),
            ("d e, en", "en"),
            ("de-, en", "en"),
            ("-de, en", "en"),
            ("de--AT, en", "en"),
            ("english, en", "en"),
            ("abcdefghi, en", "en"),
            ("de-abcdefghi, en", "en"),
            ("**, en", "en"),
            ("*-CH, en", "en"),
            ("de-*, en", "en"),
            ("\u{e4}, en", "en"),
            ("<script>, en", "en"),
            ("de en, fr", "fr"),
            ("q=0.5, en", "en"),
            (";q=0.5, en", "en"),
        ] {
            assert_eq!(read(&[line]), expected, "{line:?}");
        }
    }

    #[test]
    fn lines_are_one_list() {
        assert_eq!(read(&["de;q=0.5", "en", "fr;q=0.7, *;q=0"]), "en fr de !*");
        assert_eq!(read(&[]), "");
        let broken = Preferences::of_header([&b"de\xff, en"[..], b"\xff", b"fr"]);
        assert_eq!(spelled(&broken), "en fr");
    }

    #[test]
    fn work_is_bounded() {
        let hostile = ["de", &",".repeat(32 << 10), "en"].concat();
        assert_eq!(read(&[&hostile]), "de");
        let many = (0..4096).map(|n| format!("a{n}-x")).collect::<Vec<_>>().join(",");
        assert_eq!(read(&[&many]), "");
        let long = format!("de-{}, en", ["1996"; 4096].join("-"));
        assert_eq!(read(&[&long]), "en");
        assert_eq!(read(&[&["de"; 100].join(",")]).split(' ').count(), MAX_MEMBERS);
    }

    #[test]
    fn a_wish_is_one_range() {
        for (text, expected) in [
            ("de", "de"),
            (" pt_br ", "pt-BR"),
            ("zh-TW", "zh-TW"),
            ("", ""),
            ("*", ""),
            ("de,en", ""),
            ("de;q=1", ""),
            ("../de", ""),
        ] {
            assert_eq!(spelled(&Preferences::of_wish(text)), expected, "{text:?}");
        }
    }
}
