//! How the value of an argument is written, by where it lands in what is written so far.

use std::borrow::Cow;

use crate::content::{bidi, escape, url};
use crate::message::Value;

/// Whether `value` behind `so_far` is no part of a path but leads elsewhere: a step in it, which browsers
/// follow encoded or not (WHATWG URL §4.1, "double-dot URL path segment"), or nothing between the
/// slashes that begin another site's address.
fn strays(so_far: &str, value: &str) -> bool {
    matches!(value, "." | "..") || value.is_empty() && matches!(so_far, "/" | "\\")
}

/// Into plain text, which is escaped as a whole.
pub(super) fn into_plain(out: &mut String, value: Value<'_>) {
    out.push_str(&bidi::contained(&escape::normalize(value.text)));
}

/// Into a URL, or a `list` of them: as it is where one begins, which is checked as a whole; else as a
/// part of one, in which nothing can be another part. So is what a visitor chose, wherever it stands:
/// where a link leads is not theirs to say. Says whether that part leads elsewhere.
pub(super) fn into_url(out: &mut String, value: Value<'_>, list: bool) -> bool {
    if begins_url(out, list) && !value.visitors {
        into_plain(out, value);
        return false;
    }
    let strays = strays(out, value.text);
    out.push_str(&url::component(&escape::normalize(value.text)));
    strays
}

/// Writes values into markup that the sanitiser wrote: between tags, or into an attribute in double
/// quotes.
#[derive(Default)]
pub(super) struct IntoMarkup {
    /// How much was looked at, and where the tag began that is open there.
    looked: usize,
    tag: Option<usize>,
    /// Whether a value led elsewhere in a URL.
    pub(super) strays: bool,
}

impl IntoMarkup {
    pub(super) fn write(&mut self, out: &mut String, value: Value<'_>) {
        self.look(out);
        let visitors = value.visitors;
        let value = escape::normalize(value.text);
        let value = bidi::contained(&value);
        let url = self.tag.and_then(|tag| open_url(&out[tag..]));
        let part = url.filter(|(so_far, list)| visitors || !begins_url(so_far, *list));
        self.strays |= part.is_some_and(|(so_far, _)| strays(so_far, &value));
        let value = if part.is_some() { Cow::Owned(url::component(&value)) } else { value };
        out.push_str(&escape::for_attribute(&value));
        // Escaped, it neither begins nor ends a tag.
        self.looked = out.len();
    }

    fn look(&mut self, out: &str) {
        for at in memchr::memchr2_iter(b'<', b'>', &out.as_bytes()[self.looked..]) {
            let at = self.looked + at;
            self.tag = out[at..].starts_with('<').then_some(at);
        }
        self.looked = out.len();
    }
}

/// The value of the attribute that a tag is open in, if it is a URL, and whether it is a list of them.
fn open_url(tag: &str) -> Option<(&str, bool)> {
    // Values have no quotes of their own, so the last quote is the one that is open.
    let (before, so_far) = tag.rsplit_once("=\"")?;
    let (_, name) = before.rsplit_once(' ')?;
    url::is_url(name).then(|| (so_far, url::is_list(name)))
}

/// Whether a URL begins behind `so_far`.
fn begins_url(so_far: &str, list: bool) -> bool {
    let separates = |c: char| c.is_ascii_whitespace() || matches!(c, ',' | ';');
    so_far.is_empty() || list && so_far.ends_with(separates)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(text: &str) -> Value<'_> {
        Value { text, visitors: false }
    }

    #[test]
    fn a_visitor_begins_no_url() {
        let value = Value { text: "https://evil.example/", visitors: true };
        let mut out = String::new();
        assert!(!into_url(&mut out, value, false));
        assert_eq!(out, "https%3A%2F%2Fevil.example%2F");
        let mut out = "<a href=\"".to_owned();
        IntoMarkup::default().write(&mut out, value);
        assert_eq!(out, "<a href=\"https%3A%2F%2Fevil.example%2F");
        let mut out = "<b title=\"".to_owned();
        IntoMarkup::default().write(&mut out, value);
        assert_eq!(out, "<b title=\"https://evil.example/");
    }

    #[test]
    fn a_value_is_written_as_its_place_takes_it() {
        let value = "a/b?c=\"d\"&<e>\0";
        let raw = "a/b?c=\"d\"&<e>\u{FFFD}";
        let escaped = "a/b?c=&quot;d&quot;&amp;&lt;e&gt;\u{FFFD}";
        let part = "a%2Fb%3Fc%3D%22d%22%26%3Ce%3E%EF%BF%BD";
        type Write = fn(&mut String, Value<'_>);
        let href: Write = |out, value| assert!(!into_url(out, value, false));
        let srcset: Write = |out, value| assert!(!into_url(out, value, true));
        let markup: Write = |out, value| IntoMarkup::default().write(out, value);
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
            write(&mut out, origins(value));
            assert_eq!(out[so_far.len()..], *expected, "{so_far}");
        }
    }

    #[test]
    fn what_leads_elsewhere_is_told_of() {
        for (so_far, value, expected) in [
            ("/u/", "..", true),
            ("/u/", ".", true),
            ("", "..", false),
            ("/u/", "a..", false),
            ("/", "", true),
            ("/u/", "", false),
        ] {
            assert_eq!(
                into_url(&mut so_far.to_owned(), origins(value), false),
                expected,
                "{so_far}{value}"
            );
            let mut values = IntoMarkup::default();
            values.write(&mut format!("<a href=\"{so_far}"), origins(value));
            assert_eq!(values.strays, expected, "{so_far}{value}");
        }
        let mut values = IntoMarkup::default();
        values.write(&mut "<b title=\"x".to_owned(), origins(".."));
        assert!(!values.strays);
    }
}
