//! Keeps text that changes its direction from changing that of the text around it.
//!
//! An embedding, an override or an isolate that is never ended lasts to the end of the paragraph, past
//! the end of an inline element; an end that nothing began ends what the page has begun (UAX #9, X1 to X8).

use std::borrow::Cow;

const POP_DIRECTIONAL: char = '\u{202C}';
const POP_ISOLATE: char = '\u{2069}';

/// `text` with what it begins ended, and without ends of what it did not begin.
pub(super) fn contained(text: &str) -> Cow<'_, str> {
    // All of them begin with E2 80 or E2 81.
    if memchr::memchr(0xE2, text.as_bytes()).is_none() || !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    // The characters that end what is open, the innermost last.
    let mut open = Vec::new();
    for c in text.chars() {
        match c {
            '\u{202A}' | '\u{202B}' | '\u{202D}' | '\u{202E}' => open.push(POP_DIRECTIONAL),
            '\u{2066}'..='\u{2068}' => open.push(POP_ISOLATE),
            POP_DIRECTIONAL if open.pop_if(|end| *end == c).is_none() => continue,
            // The end of an isolate ends what was begun inside as well.
            POP_ISOLATE => match open.iter().rposition(|end| *end == c) {
                Some(at) => open.truncate(at),
                None => continue,
            },
            _ => {}
        }
        out.push(c);
    }
    out.extend(open.iter().rev());
    Cow::Owned(out)
}

/// Whether `c` begins or ends something.
pub(super) fn is_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_begun_is_ended() {
        for (text, expected) in [
            ("a\u{202E}b", "a\u{202E}b\u{202C}"),
            ("\u{202A}\u{202B}", "\u{202A}\u{202B}\u{202C}\u{202C}"),
            ("\u{2067}\u{202E}a", "\u{2067}\u{202E}a\u{202C}\u{2069}"),
            ("\u{2067}\u{202E}a\u{2069}b", "\u{2067}\u{202E}a\u{2069}b"),
            ("\u{202E}\u{2068}a\u{202C}b", "\u{202E}\u{2068}ab\u{2069}\u{202C}"),
        ] {
            assert_eq!(contained(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_was_not_begun_is_not_ended() {
        assert_eq!(contained("\u{202C}a\u{2069}"), "a");
        assert_eq!(contained("\u{202D}a\u{202C}\u{202C}b"), "\u{202D}a\u{202C}b");
    }

    #[test]
    fn what_is_balanced_stays() {
        for text in ["plain", "„quoted“ – שלום", "\u{200F}a\u{200E}", "\u{2067}א\u{2069} b"]
        {
            assert_eq!(contained(text), text);
        }
        assert!(matches!(contained("„plain“"), Cow::Borrowed(_)));
    }
}
