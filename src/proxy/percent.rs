//! Percent encoding (RFC 3986 section 2.1), as leniently as browsers read it and as strictly as links
//! need it.

use std::borrow::Cow;

/// The bytes that `text` stands for. A `%` that begins no escape stands for itself (URL Standard,
/// "percent-decode").
pub(crate) fn decode(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return Cow::Borrowed(text);
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let escaped = (*first == b'%').then(|| escape(after)).flatten();
        decoded.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    Cow::Owned(decoded)
}

/// [`decode`] for a name or a value in a query, where a `+` is a space (URL Standard,
/// "application/x-www-form-urlencoded parsing").
pub(crate) fn decode_form(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'+') {
        return decode(text);
    }
    let spaced: Vec<u8> = text.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect();
    Cow::Owned(decode(&spaced).into_owned())
}

/// Writes a part of a URL so that it is ASCII and means nothing outside a URL: what may not stand in
/// one, and quotes, are escaped; what is escaped already stays.
pub(crate) fn encode(text: &str, out: &mut String) {
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&()*+,;=%".contains(&byte) {
            out.push(char::from(byte));
        } else {
            push_escape(byte, out);
        }
    }
}

/// Writes text as a value in a query.
pub(crate) fn encode_value(text: &str, out: &mut String) {
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            push_escape(byte, out);
        }
    }
}

fn push_escape(byte: u8, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(char::from(DIGITS[usize::from(byte >> 4)]));
    out.push(char::from(DIGITS[usize::from(byte & 15)]));
}

/// The byte that two hex digits at the start of `text` stand for.
fn escape(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(0)? << 4 | digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_and_slips_stay() {
        for (text, expected) in [
            ("a", &b"a"[..]),
            ("a%20b", b"a b"),
            ("%C3%a4", "ä".as_bytes()),
            ("%ff", b"\xff"),
            ("%", b"%"),
            ("%2", b"%2"),
            ("%zz%41", b"%zzA"),
            ("%%41", b"%A"),
            ("a+b", b"a+b"),
        ] {
            assert_eq!(decode(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(decode_form(b"a+b%2Bc"), &b"a b+c"[..]);
    }

    #[test]
    fn what_is_written_is_plain() {
        let mut out = String::new();
        encode("/a%20b/ä\"<>`'{|}\\^ ?q=1&r[]=~", &mut out);
        assert_eq!(out, "/a%20b/%C3%A4%22%3C%3E%60%27%7B%7C%7D%5C%5E%20?q=1&r[]=~");
        let mut out = String::new();
        encode_value("a b&c=%ä", &mut out);
        assert_eq!(out, "a%20b%26c%3D%25%C3%A4");
    }
}
