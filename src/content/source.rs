//! One content file as text, and the problems that are in it.

use std::ops::Range;
use std::sync::Arc;

use crate::problem::Problem;

/// A decoded file. Cloning shares the text.
#[derive(Debug, Clone)]
pub(super) struct Source {
    file: Arc<str>,
    text: Arc<str>,
}

impl Source {
    /// Decodes UTF-8; a byte order mark is dropped.
    pub(super) fn decode(file: &str, bytes: &[u8]) -> Result<Self, Problem> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let source = Self { file: file.into(), text: String::from_utf8_lossy(bytes).into() };
        if let Err(error) = std::str::from_utf8(bytes) {
            return Err(source.not_utf8(error.valid_up_to()));
        }
        if source.text.trim().is_empty() {
            // Also what a reader meets while an editor is writing the file.
            let help = "write {} in a JSON file, or delete the file; \
                to print nothing, write {\"key\": \"\"}";
            return Err(source.problem(0..0, "the file is empty", help));
        }
        Ok(source)
    }

    /// A file that is not there but should be.
    pub(super) fn missing(file: &str) -> Self {
        Self { file: file.into(), text: "".into() }
    }

    fn not_utf8(&self, at: usize) -> Problem {
        let span = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
        self.problem(span, "the file is not valid UTF-8 here", "save the file as UTF-8")
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// `file:line` of an offset.
    pub(super) fn place(&self, at: usize) -> String {
        let line = self.problem(at..at, "", "").line();
        format!("{}:{line}", self.file)
    }

    pub(super) fn problem(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Problem {
        Problem {
            file: self.file.to_string(),
            source: Arc::clone(&self.text),
            span,
            message: message.into(),
            help: Some(help.into()),
        }
    }
}

/// `did you mean "…"?` for a name that is nearly one of `known`, else all of them.
pub(super) fn nearest(name: &str, known: &[&str]) -> String {
    let scored = known.iter().map(|known| (strsim::jaro_winkler(name, known), known));
    match scored.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((score, known)) if score > 0.8 => format!("did you mean {known:?}?"),
        _ => format!("the names allowed here are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_dropped() {
        assert_eq!(Source::decode("en.json", b"\xEF\xBB\xBF{}").unwrap().text(), "{}");
    }

    #[test]
    fn bad_bytes_are_pointed_at() {
        let problem = Source::decode("en.json", b"{\n\"a\": \"\xE4\"}").unwrap_err();
        assert_eq!(problem.line(), 2);
        assert_eq!(&problem.source[problem.span.clone()], "\u{FFFD}");
        assert_eq!(problem.message, "the file is not valid UTF-8 here");
    }

    #[test]
    fn empty_files_are_problems() {
        for bytes in [&b""[..], b" \n", b"\xEF\xBB\xBF"] {
            assert_eq!(Source::decode("a", bytes).unwrap_err().message, "the file is empty");
        }
    }

    #[test]
    fn near_names_are_suggested() {
        assert_eq!(
            nearest("fallbacks", &["default_locale", "fallback"]),
            "did you mean \"fallback\"?"
        );
        assert_eq!(nearest("zzz", &["a", "b"]), "the names allowed here are a, b");
    }
}
