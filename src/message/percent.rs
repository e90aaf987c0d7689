//! Percentages: what stands around the number, which ICU4X has no stable data for.
//!
//! From CLDR 48.2, `percentFormats` and `percentSign` of every locale. Only what differs from the
//! language, and from `0%`, is listed.

use icu::locale::Locale;

/// Languages, and regions or scripts of them, that write `0 %` with a no-break space.
const SPACED: &[&str] = &[
    "bas", "be", "br", "bua", "ca", "ce", "ckb", "cs", "cv", "da", "de", "dsb", "dua", "dz",
    "en-AT", "en-DE", "en-DK", "en-FI", "en-NO", "en-SE", "es", "fi", "fo", "fr", "gl", "gsw",
    "hr", "hsb", "ht", "kl", "ksh", "lb", "lt", "mk", "nb", "nds", "nn", "no", "qu", "rn", "ro",
    "ru", "se", "sk", "sl", "smn", "sv", "tk", "tt", "zgh",
];

/// Those that write `0%` although their language does not.
const CLOSED: &[&str] = &[
    "de-CH", "de-LI", "es-419", "es-AR", "es-BO", "es-BR", "es-BZ", "es-CL", "es-CO", "es-CR",
    "es-CU", "es-DO", "es-EC", "es-GT", "es-HN", "es-MX", "es-NI", "es-PA", "es-PE", "es-PR",
    "es-PY", "es-SV", "es-US", "es-UY", "es-VE", "fr-CH", "ku-Arab",
];

/// Those that write `% 0`.
const BEFORE_SPACED: &[&str] = &["blo", "eu"];

/// Those that write `%0`.
const BEFORE: &[&str] = &["ku", "tr"];

/// Those that write `0 %` with a narrow no-break space.
const NARROW: &[&str] = &["oc"];

/// What stands before and behind the digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Percent {
    before: bool,
    space: &'static str,
    sign: &'static str,
}

impl Percent {
    /// As `locale` writes it with digits of which `zero` is the first.
    pub(super) fn of(locale: &Locale, zero: char) -> Self {
        let language = locale.id.language.as_str();
        let region = locale.id.region.map(|region| format!("{language}-{region}"));
        let script = locale.id.script.map(|script| format!("{language}-{script}"));
        let listed = |list: &[&str]| {
            let own =
                [&region, &script].into_iter().flatten().any(|tag| list.contains(&tag.as_str()));
            own || list.contains(&language)
        };
        let (before, space) = match () {
            () if listed(CLOSED) => (false, ""),
            () if listed(SPACED) => (false, "\u{a0}"),
            () if listed(BEFORE_SPACED) => (true, "\u{a0}"),
            () if listed(BEFORE) => (true, ""),
            () if listed(NARROW) => (false, "\u{202f}"),
            () => (false, ""),
        };
        Self { before, space, sign: sign(language, zero) }
    }

    /// Appends `number`, digits that may have a sign in front, with its percent sign.
    pub(super) fn write(&self, number: &str, out: &mut String) {
        if self.before {
            let digits = number.find(char::is_numeric).unwrap_or(0);
            out.push_str(&number[..digits]);
            out.push_str(self.sign);
            out.push_str(self.space);
            out.push_str(&number[digits..]);
        } else {
            out.push_str(number);
            out.push_str(self.space);
            out.push_str(self.sign);
        }
    }
}

/// The percent sign goes with the digits; in right-to-left text it carries marks that keep it there.
fn sign(language: &str, zero: char) -> &'static str {
    match (zero, language) {
        ('٠', "ckb") => "٪",
        ('٠', _) => "٪\u{61c}",
        ('۰', "ug" | "ur") => "%",
        ('۰', _) => "٪",
        (_, "ar") => "\u{200e}%\u{200e}",
        _ => "%",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(tag: &str, zero: char, number: &str) -> String {
        let mut out = String::new();
        Percent::of(&tag.parse().unwrap(), zero).write(number, &mut out);
        out
    }

    #[test]
    fn every_shape() {
        assert_eq!(written("en", '0', "26"), "26%");
        assert_eq!(written("de", '0', "-26"), "-26\u{a0}%");
        assert_eq!(written("de-CH", '0', "26"), "26%");
        assert_eq!(written("es-MX", '0', "26"), "26%");
        assert_eq!(written("tr", '0', "-26"), "-%26");
        assert_eq!(written("eu", '0', "−26"), "−%\u{a0}26");
        assert_eq!(written("ar-EG", '٠', "\u{61c}-٢٦"), "\u{61c}-٢٦٪\u{61c}");
        assert_eq!(written("ar", '0', "26"), "26\u{200e}%\u{200e}");
        assert_eq!(written("fa", '۰', "۲۶"), "۲۶٪");
    }
}
