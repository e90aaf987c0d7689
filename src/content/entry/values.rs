//! How the value of an argument is written, by where it lands in what is written so far.

use std::borrow::Cow;

use crate::content::{bidi, escape, url};

/// Whether `value` is no part of a path but a step in it: encoded or not, browsers follow it (WHATWG
/// URL §4.1, "double-dot URL path segment").
fn is_step(value: &str) -> bool {
    matches!(value, "." | "..")
}

/// Into plain text, which is escaped as a whole.
pub(super) fn into_plain(out: &mut String, value: &str) {
    out.push_str(&bidi::contained(&escape::normalize(value)));
}

/// Into a URL, or a `list` of them: as it is where one begins, which is checked as a whole; else as a
/// part of one, in which nothing can be another part. Says whether that part is a step in the path.
pub(super) fn into_url(out: &mut String, value: &str, list: bool) -> bool {
    let begins = begins_url(out, list);
    if begins {
        into_plain(out, value);
    } else {
        out.push_str(&url::component(&escape::normalize(value)));
    }
    !begins && is_step(value)
}

/// Into markup that the sanitiser wrote: between tags, or into an attribute in double quotes. Says
/// whether it is a step in the path of a URL.
pub(super) fn into_markup(out: &mut String, value: &str) -> bool {
    let value = escape::normalize(value);
    let value = bidi::contained(&value);
    let part = open_attribute(out)
        .is_some_and(|(name, so_far)| url::is_url(name) && !begins_url(so_far, url::is_list(name)));
    let step = part && is_step(&value);
    let value = if part { Cow::Owned(url::component(&value)) } else { value };
    out.push_str(&escape::for_attribute(&value));
    step
}

/// Whether a URL begins behind `so_far`.
fn begins_url(so_far: &str, list: bool) -> bool {
    let separates = |c: char| c.is_ascii_whitespace() || matches!(c, ',' | ';');
    so_far.is_empty() || list && so_far.ends_with(separates)
}

/// The attribute whose value is being written, and the value so far.
fn open_attribute(markup: &str) -> Option<(&str, &str)> {
    let tag = markup.rfind(['<', '>']).filter(|&at| markup[at..].starts_with('<'))?;
    // Values have no quotes of their own, so the last quote is the one that is open.
    let (before, so_far) = markup[tag..].rsplit_once("=\"")?;
    let (_, name) = before.rsplit_once(' ')?;
    Some((name, so_far))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_as_its_place_takes_it() {
        let value = "a/b?c=\"d\"&<e>\0";
        let raw = "a/b?c=\"d\"&<e>\u{FFFD}";
        let escaped = "a/b?c=&quot;d&quot;&amp;&lt;e&gt;\u{FFFD}";
        let part = "a%2Fb%3Fc%3D%22d%22%26%3Ce%3E%EF%BF%BD";
        type Write = fn(&mut String, &str);
        let (href, srcset): (Write, Write) = (
            |out, value| drop(into_url(out, value, false)),
            |out, value| drop(into_url(out, value, true)),
        );
        let markup: Write = |out, value| drop(into_markup(out, value));
        for (write, so_far, expected) in [
            (into_plain as Write, "x ", raw),
            (href, "", raw),
            (href, "/u/", part),
            (href, "/u,", part),
            (srcset, "a.png 1x, ", raw),
            (srcset, "a.png 1x, b", part),
            (markup, "<b>x", escaped),
            (markup, "<b title=\"x", escaped),
            (markup, "<a title=\"\" href=\"", escaped),
            (markup, "<a href=\"/u/", part),
            (markup, "<a href=\"/u ", part),
            (markup, "<img srcset=\"a 1x, ", escaped),
        ] {
            let mut out = so_far.to_owned();
            write(&mut out, value);
            assert_eq!(out[so_far.len()..], *expected, "{so_far}");
        }
    }

    #[test]
    fn a_step_in_a_path_is_told_of() {
        for (so_far, value, step) in
            [("/u/", "..", true), ("/u/", ".", true), ("", "..", false), ("/u/", "a..", false)]
        {
            assert_eq!(into_url(&mut so_far.to_owned(), value, false), step, "{so_far} {value}");
            let mut markup = format!("<a href=\"{so_far}");
            assert_eq!(into_markup(&mut markup, value), step, "{so_far} {value}");
        }
        assert!(!into_markup(&mut "<b title=\"x".to_owned(), ".."));
    }
}
