//! Reads sanitised markup: which elements are in it and what it says.
//!
//! Only for what the sanitiser wrote: every `<` starts a tag, attribute values stand in double
//! quotes with `<` and `>` escaped, there are no comments and no raw text.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{bidi, url};

/// Elements that set their content off from what is around it, so that words do not run together.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "li",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];

/// The names of the elements in `html`: sorted, each once.
pub(super) fn elements(html: &str) -> Box<[Box<str>]> {
    let tags = pieces(html).filter_map(|(tag, _)| tag);
    let names: BTreeSet<&str> = tags.map(tag_name).collect();
    names.into_iter().map(Box::from).collect()
}

/// What `html` says, on one line: blocks and line breaks separate words like spaces do.
pub(super) fn text_content(html: &str) -> String {
    let mut said = String::with_capacity(html.len());
    for (tag, text) in pieces(html) {
        if tag.is_some_and(|tag| BLOCKS.contains(&tag_name(tag))) {
            said.push(' ');
        }
        said.push_str(text);
    }
    let words: Vec<&str> = said.split_ascii_whitespace().collect();
    unescape(&words.join(" "))
}

/// Whether every URL in `html` may be one.
pub(super) fn urls_are_allowed(html: &str) -> bool {
    pieces(html).filter_map(|(tag, _)| tag).all(|tag| {
        // Name and value by turns: values stand in double quotes and have none.
        let mut parts = tag.split('"');
        while let (Some(before), Some(value)) = (parts.next(), parts.next()) {
            let name = before.trim_end_matches('=').rsplit(' ').next().unwrap_or_default();
            if !url::allows(name, &unescape(value)) {
                return false;
            }
        }
        true
    })
}

/// `html` with each text in it contained: an element ends what is begun in it only if it is a block,
/// and which is one is for the page's styles to say.
pub(super) fn contained(html: &str) -> Cow<'_, str> {
    if !html.contains(bidi::is_control) {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len() + 16);
    for (tag, text) in pieces(html) {
        if let Some(tag) = tag {
            out.extend(["<", tag, ">"]);
        }
        out.push_str(&bidi::contained(text));
    }
    Cow::Owned(out)
}

/// Each tag without its brackets, with the text up to the next; text before the first tag has none.
fn pieces(html: &str) -> impl Iterator<Item = (Option<&str>, &str)> {
    let (before, rest) = html.split_once('<').unwrap_or((html, ""));
    let tagged = rest.split('<').filter_map(|piece| piece.split_once('>'));
    std::iter::once((None, before)).chain(tagged.map(|(tag, text)| (Some(tag), text)))
}

fn tag_name(tag: &str) -> &str {
    let tag = tag.trim_start_matches('/');
    tag.split_once(' ').map_or(tag, |(name, _)| name)
}

/// The character references of the HTML serialisation algorithm, and no others.
fn unescape(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&nbsp;", "\u{A0}").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_named_once_in_order() {
        let html = "a<p class=\"x &lt;i&gt;\">b<b>c</b><br><b>d</b></p>";
        assert_eq!(elements(html).join(" "), "b br p");
        assert!(elements("only &lt;b&gt; text").is_empty());
    }

    #[test]
    fn each_text_keeps_its_direction_to_itself() {
        for (html, expected) in [
            ("a<b>\u{202E}b</b>c", "a<b>\u{202E}b\u{202C}</b>c"),
            ("\u{202E}a<br>b\u{202C}", "\u{202E}a\u{202C}<br>b"),
            ("<b title=\"\u{202E}\">b</b>", "<b title=\"\u{202E}\">b</b>"),
        ] {
            assert_eq!(contained(html), expected, "{html}");
        }
    }

    #[test]
    fn text_content_keeps_words_apart() {
        for (html, said) in [
            ("plain", "plain"),
            ("<p>One</p><p>Two</p>", "One Two"),
            ("One<br>Two", "One Two"),
            ("O<b>n</b>e  \n t<i>w</i>o", "One two"),
            ("<img alt=\"x\" src=\"y\">", ""),
            ("&amp;lt; &lt;b&gt; a&nbsp;b", "&lt; <b> a\u{A0}b"),
        ] {
            assert_eq!(text_content(html), said, "{html}");
        }
    }
}
