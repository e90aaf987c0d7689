//! Language tags.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use icu::locale::subtags::{Language, Script, language};
use icu::locale::{
    Direction, Locale, LocaleCanonicalizer, LocaleDirectionality, LocaleExpander, ParseError,
};

/// A well-formed BCP 47 language tag in canonical case: `zh-Hant-TW`, never `ZH_hant_tw`.
///
/// What is asked about it for every page is worked out once, when it is read.
#[derive(Clone)]
pub struct Tag {
    text: Arc<str>,
    writing: Writing,
}

/// What somebody who reads a tag's texts can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Writing {
    pub(super) language: Language,
    /// None where CLDR knows of none.
    script: Option<Script>,
    rtl: bool,
}

impl Tag {
    /// Reads a tag in any case.
    ///
    /// # Errors
    /// Says what is wrong with `text`, in one line that quotes it.
    pub fn parse(text: &str) -> Result<Self, String> {
        match Locale::normalize(text) {
            Ok(tag) => Ok(Self::canonical(&tag)),
            Err(error) => Err(format!("{text:?} is not a language tag: {}", fault(text, error))),
        }
    }

    /// The tag as it is written in HTTP and HTML.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether its text runs from right to left.
    pub fn is_rtl(&self) -> bool {
        self.writing.rtl
    }

    /// Whether whoever reads one reads the other: the same language in the same script, said or
    /// likely (UTS 35, "Likely Subtags"). `pt-BR` and `pt` are, `zh` and `zh-Hant` are not.
    pub fn same_language(&self, other: &Self) -> bool {
        self.writing == other.writing
    }

    pub(super) fn language(&self) -> Language {
        self.writing.language
    }

    /// The next shorter tag by RFC 4647 section 3.4: a single-letter subtag goes with what
    /// followed it. `None` for a bare language.
    pub(super) fn parent(&self) -> Option<Self> {
        let mut shorter = self.text.rsplit_once('-')?.0;
        while let Some((rest, last)) = shorter.rsplit_once('-')
            && last.len() == 1
        {
            shorter = rest;
        }
        Some(Self::canonical(shorter))
    }

    /// A tag that is in canonical case already.
    fn canonical(text: &str) -> Self {
        Self { text: text.into(), writing: Writing::of(text) }
    }
}

impl Writing {
    /// By CLDR's data for all languages. Old codes count as those that took their place (`iw` is
    /// `he`), since browsers and sites use either; so does `no` as `nb`, which nearly all of what is
    /// called Norwegian is.
    fn of(text: &str) -> Self {
        let mut locale = Locale::try_from_str(text).unwrap_or(Locale::UNKNOWN);
        LocaleCanonicalizer::new_extended().canonicalize(&mut locale);
        let direction = LocaleDirectionality::new_extended().get(&locale.id);
        if locale.id.language == language!("no") {
            locale.id.language = language!("nb");
        }
        LocaleExpander::new_extended().maximize(&mut locale.id);
        Self {
            language: locale.id.language,
            script: locale.id.script,
            rtl: direction == Some(Direction::RightToLeft),
        }
    }
}

// === A tag is its text ===

impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Tag {}

impl PartialOrd for Tag {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Tag {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Tag {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Borrow<str> for Tag {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({:?})", self.text)
    }
}

fn fault(text: &str, error: ParseError) -> &'static str {
    match error {
        _ if text.is_empty() => "it is empty",
        _ if text.contains('_') => "its parts are joined by \"-\", not \"_\"",
        ParseError::InvalidLanguage => "it does not start with a language such as \"en\"",
        ParseError::InvalidSubtag => "a part after the language is no script, region or variant",
        ParseError::DuplicatedExtension => "an extension occurs twice",
        _ => "an extension in it is malformed",
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::tag;
    use super::*;

    #[test]
    fn tags_take_canonical_case() {
        for (given, canonical) in [
            ("EN", "en"),
            ("pt-br", "pt-BR"),
            ("zh-HANT-tw", "zh-Hant-TW"),
            ("de-1996", "de-1996"),
            ("EN-X-Pirate", "en-x-pirate"),
        ] {
            assert_eq!(tag(given).as_str(), canonical);
        }
    }

    #[test]
    fn malformed_tags_say_what_is_wrong() {
        for (given, fault) in [
            ("", "\"\" is not a language tag: it is empty"),
            ("en_US", "joined by \"-\""),
            ("english please", "start with a language"),
            ("images", "start with a language"),
            ("en-", "after the language"),
            ("en-u-hc-h12-u-ca-buddhist", "twice"),
        ] {
            let error = Tag::parse(given).unwrap_err();
            assert!(error.contains(fault), "{given:?}: {error}");
        }
    }

    #[test]
    fn direction_is_the_scripts() {
        let rtl = "ar ar-EG he iw fa ur ps ckb yi dv sd ug az-Arab ks pa-Arab syr nqo rhg ff-Adlm";
        for text in rtl.split(' ') {
            assert!(tag(text).is_rtl(), "{text}");
        }
        let ltr = "en de ja zh-Hant sr ar-Latn ug-Cyrl pa az en-x-pirate qaa und";
        for text in ltr.split(' ') {
            assert!(!tag(text).is_rtl(), "{text}");
        }
    }

    #[test]
    fn a_language_is_the_same_in_the_same_script() {
        for (one, other, same) in [
            ("pt-BR", "pt", true),
            ("pt-BR", "pt-PT", true),
            ("en-x-pirate", "en", true),
            ("de-1996", "de-AT", true),
            ("zh", "zh-Hant", false),
            ("zh", "zh-Hans", true),
            ("zh-TW", "zh-Hant", true),
            ("zh-HK", "zh-Hant-TW", true),
            ("zh-TW", "zh-CN", false),
            ("sr", "sr-Latn", false),
            ("sr-ME", "sr-Latn", true),
            ("sr", "sr-Cyrl", true),
            ("az-IR", "az-Arab", true),
            ("iw", "he", true),
            ("no", "nb", true),
            ("nb", "nn", false),
            ("en", "de", false),
            ("qaa", "qaa-Latn", false),
            ("qaa", "qaa", true),
        ] {
            assert_eq!(tag(one).same_language(&tag(other)), same, "{one} {other}");
            assert_eq!(tag(other).same_language(&tag(one)), same, "{other} {one}");
        }
    }
}
