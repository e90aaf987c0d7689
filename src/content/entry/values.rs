//! How the value of an argument is written, by where it lands in what is written so far.

use std::borrow::Cow;

use crate::content::{bidi, escape, url};

/// Into plain text, which is escaped as a whole.
pub(super) fn into_plain(out: &mut String, value: &str) {
    out.push_str(&bidi::contained(&escape::normalize(value)));
}

/// Into a URL, or a list of them: as it is where one begins, which is checked as a whole; else as a
/// part of one, in which nothing can be another part.
pub(super) fn into_url(out: &mut String, value: &str) {
    let begins = out.chars().next_back().is_none_or(|c| c.is_ascii_whitespace() || c == ',');
    if begins {
        into_plain(out, value)
    } else {
        out.push_str(&url::component(&escape::normalize(value)))
    }
}

/// Into markup that the sanitiser wrote: between tags, or into an attribute in double quotes.
pub(super) fn into_markup(out: &mut String, value: &str) {
    let value = escape::normalize(value);
    let value = bidi::contained(&value);
    let value = match open_attribute(out) {
        Some((name, so_far)) if url::is_url(name) => {
            let begins = so_far.chars().next_back().is_none_or(|c| c.is_ascii_whitespace());
            if begins { value } else { Cow::Owned(url::component(&value)) }
        }
        _ => value,
    };
    out.push_str(&escape::for_attribute(&value));
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
        for (write, so_far, expected) in [
            (into_plain as fn(&mut String, &str), "x ", "a/b?c=\"d\"&<e>\u{FFFD}"),
            (into_url, "", "a/b?c=\"d\"&<e>\u{FFFD}"),
            (into_url, "/u/", "a%2Fb%3Fc%3D%22d%22%26%3Ce%3E%EF%BF%BD"),
            (into_markup, "<b>x", "a/b?c=&quot;d&quot;&amp;&lt;e&gt;\u{FFFD}"),
            (into_markup, "<b title=\"x", "a/b?c=&quot;d&quot;&amp;&lt;e&gt;\u{FFFD}"),
            (into_markup, "<a title=\"\" href=\"", "a/b?c=&quot;d&quot;&amp;&lt;e&gt;\u{FFFD}"),
            (into_markup, "<a href=\"/u/", "a%2Fb%3Fc%3D%22d%22%26%3Ce%3E%EF%BF%BD"),
        ] {
            let mut out = so_far.to_owned();
            write(&mut out, value);
            assert_eq!(out[so_far.len()..], *expected, "{so_far}");
        }
    }
}
