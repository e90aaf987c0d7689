//! What is wrong with a message, in the words of those who write them.

use std::ops::Range;

/// Why a source is no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, in one line without a full stop.
    pub message: String,
    /// What to do about it, likewise.
    pub help: String,
    /// Byte range in the source.
    pub span: Range<usize>,
}

impl Fault {
    pub(super) fn new(
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { message: message.into(), help: help.into(), span }
    }

    pub(super) fn locale(source: &str, locale: &str) -> Self {
        Self::new(
            0..source.len(),
            format!("messages cannot be written for {locale:?}"),
            "name the locale by a language tag such as \"en\" or \"pt-BR\"",
        )
    }
}

/// What a writer wrote, in quotes, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("\"{}…\"", &text[..end]),
        None => format!("\"{text}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_short() {
        assert_eq!(quoted("é"), "\"é\"");
        assert_eq!(quoted(&"é".repeat(1000)).chars().count(), 43);
    }
}
