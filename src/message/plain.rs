//! Texts that take no arguments, told apart without a parser: nearly all are such.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// The text that `source` stands for, unless there is a brace in it.
pub(super) fn text(source: &str) -> Option<Cow<'_, str>> {
    if memchr2(b'{', b'}', source.as_bytes()).is_some() {
        return None;
    }
    Some(match first_quote(source) {
        None => Cow::Borrowed(source),
        Some(at) => Cow::Owned(unquoted(source, at)),
    })
}

/// The first apostrophe that is more than one.
fn first_quote(source: &str) -> Option<usize> {
    let quotes = |at: &usize| matches!(source.as_bytes().get(at + 1), Some(b'\'' | b'<' | b'>'));
    memchr::memchr_iter(b'\'', source.as_bytes()).find(quotes)
}

/// Without the apostrophes that quote: two are one, and one before `<` or `>` quotes up to the next.
fn unquoted(source: &str, first: usize) -> String {
    let mut out = String::with_capacity(source.len());
    let (mut rest, mut at) = (source, Some(first));
    while let Some(quote) = at {
        out.push_str(&rest[..quote]);
        rest = &rest[quote + 1..];
        rest = match rest.strip_prefix('\'') {
            Some(behind) => {
                out.push('\'');
                behind
            }
            None => quoted(rest, &mut out),
        };
        at = first_quote(rest);
    }
    out.push_str(rest);
    out
}

/// Appends what is quoted at the start of `rest`, and returns what follows it.
fn quoted<'s>(mut rest: &'s str, out: &mut String) -> &'s str {
    while let Some(end) = memchr(b'\'', rest.as_bytes()) {
        out.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(behind) => rest = behind,
            None => return rest,
        }
        out.push('\'');
    }
    out.push_str(rest);
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_texts_are_themselves() {
        for source in ["", "Buy now", "It's", "l'été d'or 'x' #", "a < b > c", "'"] {
            assert!(matches!(text(source), Some(Cow::Borrowed(same)) if same == source));
        }
        assert_eq!(text("{"), None);
        assert_eq!(text("a }"), None);
    }

    #[test]
    fn apostrophes_that_quote_go() {
        for (source, expected) in [
            ("It''s", "It's"),
            ("''''", "''"),
            ("'<b>' a", "<b> a"),
            ("a '>it''s' b''", "a >it's b'"),
            ("'<open to the end", "<open to the end"),
            ("é''é '<é' 'é'", "é'é <é 'é'"),
        ] {
            assert_eq!(text(source).as_deref(), Some(expected), "{source}");
        }
    }
}
