//! Where a tag ends (WHATWG HTML §13.2.5, the tag and attribute states), for bytes that no parser
//! has seen.

use memchr::{memchr, memchr2};

/// The length of the tag that starts at the `<` of `tag`, its `>` included; `None` if it is
/// unfinished.
pub(super) fn tag_len(tag: &[u8]) -> Option<usize> {
    let mut at = 1 + tag.get(1..)?.iter().position(|&b| ends_name(b))?;
    loop {
        at = skip(tag, at, |b| is_space(b) || b == b'/')?;
        if tag[at] == b'>' {
            return Some(at + 1);
        }
        // An `=` where a name is due is the name's first byte.
        at = skip(tag, at + 1, |b| !ends_name(b) && b != b'=')?;
        at = skip(tag, at, is_space)?;
        if tag[at] == b'=' {
            at = skip(tag, at + 1, is_space)?;
            at = value_end(tag, at)?;
        }
    }
}

/// The name in the tag that starts at the `<` of `tag`, with or without a slash.
pub(super) fn tag_name(tag: &[u8]) -> &[u8] {
    let start = if tag.get(1) == Some(&b'/') { 2 } else { 1 };
    let name = tag.get(start..).unwrap_or_default();
    let len = name.iter().position(|&b| ends_name(b)).unwrap_or(name.len());
    &name[..len]
}

/// Where the first tag starts that `bytes` may leave unfinished.
///
/// Errs on the safe side: every `<` and letter counts as a tag, in scripts and comments too.
pub(super) fn first_unfinished_tag(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = memchr(b'<', &bytes[at..]) {
        let start = at + found;
        let opens = bytes.get(start + 1).is_none_or(u8::is_ascii_alphabetic);
        if opens && tag_len(&bytes[start..]).is_none() {
            return Some(start);
        }
        at = start + 1;
    }
    None
}

fn value_end(tag: &[u8], at: usize) -> Option<usize> {
    match tag[at] {
        quote @ (b'"' | b'\'') => Some(at + 2 + memchr(quote, tag.get(at + 1..)?)?),
        b'>' => Some(at),
        _ => skip(tag, at, |b| !is_space(b) && b != b'>'),
    }
}

/// The first position from `at` on whose byte `skipped` does not hold for.
fn skip(bytes: &[u8], at: usize, skipped: impl Fn(u8) -> bool) -> Option<usize> {
    bytes.get(at..)?.iter().position(|&b| !skipped(b)).map(|found| at + found)
}

fn ends_name(byte: u8) -> bool {
    is_space(byte) || byte == b'/' || byte == b'>'
}

/// ASCII whitespace as the tokenizer counts it.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

/// The first `<` or `-`, the two bytes that mean something in a script.
pub(super) fn script_mark(bytes: &[u8]) -> Option<usize> {
    memchr2(b'<', b'-', bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_ends_where_the_tokenizer_says() {
        for (tag, rest) in [
            ("<p>", "x"),
            ("<p class=a>", ">"),
            ("<p title='>' >", "'"),
            ("<p title = \"a>b\"/>", ">"),
            ("<p =\">", "\">"),
            ("<p a\"b>", "\">"),
            ("<p a=b\"c>", "\">"),
            ("<p a=>", ">"),
            ("<p a/=\"b>", "\">"),
            ("<p/a='>'/>", ""),
            ("</p x='>'>", "y"),
        ] {
            let whole = format!("{tag}{rest}");
            assert_eq!(tag_len(whole.as_bytes()), Some(tag.len()), "{whole}");
            for cut in 1..tag.len() {
                assert_eq!(tag_len(&tag.as_bytes()[..cut]), None, "{tag} cut at {cut}");
            }
        }
    }

    #[test]
    fn names_stop_at_space_slash_and_end() {
        assert_eq!(tag_name(b"<h1/>"), b"h1");
        assert_eq!(tag_name(b"</DIV >"), b"DIV");
        assert_eq!(tag_name(b"<a"), b"a");
    }

    #[test]
    fn an_unfinished_tag_is_found_behind_others() {
        assert_eq!(first_unfinished_tag(b"<p>one < two</p>"), None);
        assert_eq!(first_unfinished_tag(b"<p>one<b title='"), Some(6));
        assert_eq!(first_unfinished_tag(b"<p>one<"), Some(6));
        assert_eq!(first_unfinished_tag(b"<img alt='<b>' src=x"), Some(0));
    }
}
