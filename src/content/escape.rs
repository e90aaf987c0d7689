//! Plain text made safe for where it is printed.

use std::borrow::Cow;

/// Text with no character that HTML forbids or a parser would change: NUL becomes U+FFFD, CR and
/// CRLF become LF (WHATWG, preprocessing the input stream).
pub(super) fn normalize(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| c == '\r' || is_control(c)) {
        return Cow::Borrowed(text);
    }
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(lines.replace(is_control, "\u{FFFD}"))
}

/// The C0 controls that are no whitespace. Some switch the charset of a page whose own is guessed.
fn is_control(c: char) -> bool {
    c < ' ' && !matches!(c, '\t' | '\n' | '\x0c' | '\r')
}

/// Whether `text` reads the same escaped, wherever it lands.
pub(super) fn is_plain(text: &str) -> bool {
    memchr::memchr3(b'&', b'<', b'>', text.as_bytes()).is_none() && !text.contains('"')
}

/// Escaped for element content.
pub(super) fn for_text(text: &str) -> String {
    escape(text, |c| c != '"')
}

/// Escaped for an attribute value in double quotes.
pub(super) fn for_attribute(text: &str) -> String {
    escape(text, |_| true)
}

/// As [`for_text`], of a text that is given away.
pub(super) fn into_text(text: String) -> String {
    if is_plain(&text) { text } else { for_text(&text) }
}

/// As [`for_attribute`], of a text that is given away.
pub(super) fn into_attribute(text: String) -> String {
    if is_plain(&text) { text } else { for_attribute(&text) }
}

fn escape(text: &str, wanted: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match reference(c) {
            Some(reference) if wanted(c) => out.push_str(reference),
            _ => out.push(c),
        }
    }
    out
}

fn reference(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_gets_its_escapes() {
        let text = "a & b < c > d \" e ' é";
        assert_eq!(for_text(text), "a &amp; b &lt; c &gt; d \" e ' é");
        assert_eq!(for_attribute(text), "a &amp; b &lt; c &gt; d &quot; e ' é");
    }

    #[test]
    fn line_ends_and_nul_are_normalized() {
        assert_eq!(normalize("a\r\nb\rc\n\r\n\0\x1b"), "a\nb\nc\n\n\u{FFFD}\u{FFFD}");
        assert!(matches!(normalize("plain\n"), Cow::Borrowed(_)));
    }
}
