//! The inside of a tag: where it ends, its name, its attributes (WHATWG HTML §13.2.5.6–40).

use std::iter;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};

/// A whole tag, from its `<` to its `>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// In bytes.
    pub(super) len: usize,
    /// Whether a `/` that belongs to no value stands in front of the `>`.
    pub(super) self_closing: bool,
}

/// An attribute, as ranges in its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) name: Range<usize>,
    /// Without quotes; none if nothing but a name is written.
    pub(super) value: Option<Range<usize>>,
}

/// How far the tag that starts at the `<` of `tag` goes; `None` if it is unfinished.
pub(super) fn extent(tag: &[u8]) -> Option<Extent> {
    let mut at = name_end(tag)?;
    loop {
        match next(tag, at)? {
            Next::End { at, self_closing } => return Some(Extent { len: at + 1, self_closing }),
            Next::Attribute { end, .. } => at = end,
        }
    }
}

/// The attributes of a whole tag, in the order written, those included that an earlier one of the
/// same name makes void.
pub(super) fn attributes(tag: &[u8]) -> impl Iterator<Item = Attribute> {
    let mut at = name_end(tag).unwrap_or(tag.len());
    iter::from_fn(move || {
        let Next::Attribute { attribute, end } = next(tag, at)? else { return None };
        at = end;
        Some(attribute)
    })
}

/// The name in the tag that starts at the `<` of `tag`, with or without a slash.
pub(super) fn tag_name(tag: &[u8]) -> &[u8] {
    let start = if tag.get(1) == Some(&b'/') { 2 } else { 1 };
    &tag[start.min(tag.len())..name_end(tag).unwrap_or(tag.len())]
}

/// Where the first tag starts that `bytes` may leave unfinished; they begin outside of one.
///
/// Errs on the safe side: every `<` and letter counts as a tag, in scripts and comments too.
///
/// It is told by a few looks backwards, and the page is not read: a tag has no `>` but in a value. So the
/// unfinished one starts behind the last `>`, unless that is in a value of it, or the end is. Such a value
/// begins at the last quote of its kind, be it in front of the `>` or of the end; a `=` stands in front of
/// that, which is so of few other quotes, and an unfinished tag is there.
pub(super) fn first_unfinished_tag(bytes: &[u8]) -> Option<usize> {
    unfinished_within(bytes, 4)
}

/// As [`first_unfinished_tag`], with so many looks into what may be a value.
fn unfinished_within(bytes: &[u8], looks: usize) -> Option<usize> {
    let last = memrchr(b'>', bytes).map_or(0, |last| last + 1);
    let mut first = None;
    for quote in [b'"', b'\''] {
        let in_last = memchr(quote, &bytes[last..]).is_some().then_some(last);
        let ends = [Some(bytes.len()), in_last].into_iter().flatten();
        let opening = ends.filter_map(|end| memrchr(quote, &bytes[..end]));
        for at in opening.filter(|&at| may_open(bytes, at)) {
            let Some(looks) = looks.checked_sub(1) else {
                return first_unfinished_by_reading(bytes);
            };
            // Of what may be, the first.
            let found = unfinished_within(&bytes[..at], looks).into_iter();
            first = found.chain(first).min();
        }
    }
    if first.is_some() {
        return first;
    }
    let starts = |at: &usize| bytes.get(at + 1).is_none_or(u8::is_ascii_alphabetic);
    memchr_iter(b'<', &bytes[last..]).map(|found| last + found).find(starts)
}

/// Whether a value may begin at the quote `at` this place.
fn may_open(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().find(|&&b| !is_space(b)) == Some(&b'=')
}

/// As [`first_unfinished_tag`], tag by tag. Where looking takes too long, tags in tags in tags, one is
/// called unfinished.
fn first_unfinished_by_reading(bytes: &[u8]) -> Option<usize> {
    let mut budget = 4 * bytes.len();
    let mut at = 0;
    while let Some(found) = memchr(b'<', &bytes[at..]) {
        let start = at + found;
        if bytes.get(start + 1).is_none_or(u8::is_ascii_alphabetic) {
            let finished = extent(&bytes[start..]).and_then(|tag| budget.checked_sub(tag.len));
            let Some(left) = finished else { return Some(start) };
            budget = left;
        }
        at = start + 1;
    }
    None
}

enum Next {
    End { at: usize, self_closing: bool },
    Attribute { attribute: Attribute, end: usize },
}

/// What comes from `at` on, behind a name or a value.
fn next(tag: &[u8], at: usize) -> Option<Next> {
    let start = skip(tag, at, |b| is_space(b) || b == b'/')?;
    if tag[start] == b'>' {
        let self_closing = start > at && tag[start - 1] == b'/';
        return Some(Next::End { at: start, self_closing });
    }
    // An `=` where a name is due is the name's first byte.
    let end = skip(tag, start + 1, |b| !ends_name(b) && b != b'=')?;
    let name = start..end;
    let behind = skip(tag, end, is_space)?;
    if tag[behind] != b'=' {
        return Some(Next::Attribute { attribute: Attribute { name, value: None }, end });
    }
    let (value, end) = value(tag, skip(tag, behind + 1, is_space)?)?;
    Some(Next::Attribute { attribute: Attribute { name, value: Some(value) }, end })
}

/// The value that starts at `at`, and what is behind it.
fn value(tag: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    match tag[at] {
        quote @ (b'"' | b'\'') => {
            let end = at + 1 + memchr(quote, &tag[at + 1..])?;
            Some((at + 1..end, end + 1))
        }
        b'>' => Some((at..at, at)),
        _ => {
            let end = skip(tag, at, |b| !is_space(b) && b != b'>')?;
            Some((at..end, end))
        }
    }
}

/// Where the name of the tag at the start of `tag` ends.
fn name_end(tag: &[u8]) -> Option<usize> {
    let start = if tag.get(1) == Some(&b'/') { 2 } else { 1 };
    skip(tag, start, |b| !ends_name(b))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_ends_where_the_tokenizer_says() {
        for (tag, rest, self_closing) in [
            ("<p>", "x", false),
            ("<p class=a>", ">", false),
            ("<p title='>' >", "'", false),
            ("<p title = \"a>b\"/>", ">", true),
            ("<p =\">", "\">", false),
            ("<p a\"b>", "\">", false),
            ("<p a=b\"c>", "\">", false),
            ("<p a=>", ">", false),
            ("<p a=b/>", ">", false),
            ("<p a= />", ">", false),
            ("<p a/=\"b>", "\">", false),
            ("<p/a='>'/>", "", true),
            ("<br/>", "", true),
            ("<br/ >", "", false),
            ("</p x='>'>", "y", false),
        ] {
            let whole = format!("{tag}{rest}");
            let expected = Some(Extent { len: tag.len(), self_closing });
            assert_eq!(extent(whole.as_bytes()), expected, "{whole}");
            for cut in 1..tag.len() {
                assert_eq!(extent(&tag.as_bytes()[..cut]), None, "{tag} cut at {cut}");
            }
        }
    }

    #[test]
    fn attributes_are_found_as_they_are_written() {
        let tag = "<a HREF = 'x y' b c=d/e f= g='' =h=i j=>";
        let seen: Vec<_> = attributes(tag.as_bytes())
            .map(|a| (&tag[a.name], a.value.map(|value| &tag[value])))
            .collect();
        assert_eq!(
            seen,
            [
                ("HREF", Some("x y")),
                ("b", None),
                ("c", Some("d/e")),
                ("f", Some("g=''")),
                ("=h", Some("i")),
                ("j", Some("")),
            ]
        );
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
