//! The one allowlist for HTML entries: which elements, attributes and URLs are printed.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

/// HTML only: foreign elements, raw text and forms are what attacks are made of.
pub(super) const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
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
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// No `id`: it could clash with one of the page's. No `style`: the page's CSP may forbid it.
const ANYWHERE: &[&str] = &["class", "dir", "lang", "title"];

/// No `srcset` and no `cite`: the sanitiser does not check the URLs in them.
const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "hreflang", "rel"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("data", &["value"]),
    ("del", &["datetime"]),
    ("details", &["open"]),
    ("img", &["alt", "height", "loading", "src", "width"]),
    ("ins", &["datetime"]),
    ("li", &["value"]),
    ("ol", &["reversed", "start", "type"]),
    ("td", &["colspan", "headers", "rowspan", "scope"]),
    ("th", &["colspan", "headers", "rowspan", "scope"]),
    ("time", &["datetime"]),
];

/// No `opener`: a page that a link opens must not steer the one it came from.
const LINK_TYPES: &[&str] = &[
    "author",
    "external",
    "help",
    "license",
    "nofollow",
    "noopener",
    "noreferrer",
    "sponsored",
    "ugc",
];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(cleaner);

/// What of `source` is allowed, from one pass; text is kept where its element goes.
pub(super) fn clean(source: &str) -> String {
    CLEANER.clean(source).to_string()
}

fn cleaner() -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(set(ELEMENTS))
        .clean_content_tags(set(&["script", "style"]))
        .generic_attributes(set(ANYWHERE))
        .tag_attributes(ATTRIBUTES.iter().map(|(name, names)| (*name, set(names))).collect())
        .tag_attribute_values(HashMap::from([(
            "a",
            HashMap::from([("target", set(&["_blank", "_self"]))]),
        )]))
        .url_schemes(set(&["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::PassThrough)
        .attribute_filter(|_, name, value| match name {
            "rel" => link_types(value).map(Into::into),
            _ => Some(value.into()),
        })
        .link_rel(None)
        .strip_comments(true);
    builder
}

fn link_types(value: &str) -> Option<String> {
    let value = value.to_ascii_lowercase();
    let kept: Vec<&str> =
        value.split_ascii_whitespace().filter(|word| LINK_TYPES.contains(word)).collect();
    (!kept.is_empty()).then(|| kept.join(" "))
}

fn set(names: &[&'static str]) -> HashSet<&'static str> {
    names.iter().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_passes_as_it_is() {
        for html in [
            "plain &amp; simple",
            "<p class=\"x\" lang=\"de\" dir=\"ltr\" title=\"t\">a<br>b</p>",
            "<a href=\"https://x.example/?a=1&amp;b\" hreflang=\"en\" target=\"_blank\" rel=\"noopener ugc\">x</a>",
            "<a href=\"/terms#a\">x</a><a href=\"mailto:a@b.example\">x</a><a href=\"tel:+1\">x</a>",
            "<img src=\"a.png\" alt=\"x\" width=\"1\" height=\"2\" loading=\"lazy\">",
            "<table><thead><tr><th scope=\"col\">x</th></tr></thead><tfoot><tr><td colspan=\"2\">y</td></tr></tfoot></table>",
            "<details open=\"\"><summary>a</summary><section>b</section></details>",
            "<ol start=\"3\"><li value=\"4\">a</li></ol><time datetime=\"2026-01-01\">x</time>",
            "  spaces\n stay ",
        ] {
            assert_eq!(clean(html), html);
        }
    }

    #[test]
    fn what_is_hostile_is_gone() {
        for (source, expected) in [
            ("a<script>alert(1)</script>b", "ab"),
            ("a<style>*{}</style>b", "ab"),
            ("<SCRIPT/SRC=//x.example></SCRIPT>a", "a"),
            ("<scr<script>ipt>alert(1)</scr</script>ipt>", "ipt&gt;alert(1)ipt&gt;"),
            ("<img src=x onerror=alert(1)>", "<img src=\"x\">"),
            ("<b style=\"x\" id=\"y\" onclick=z name=n>a</b>", "<b>a</b>"),
            ("<b data-overprint=k data-overprint-attr='title: k' data-x>a</b>", "<b>a</b>"),
            ("<a rel=\"opener\" target=\"_top\">x</a>", "<a>x</a>"),
            ("<a rel=\"Opener NOFOLLOW\" target=\"frame\">x</a>", "<a rel=\"nofollow\">x</a>"),
            ("<iframe srcdoc=\"<b>\"></iframe>a", "a"),
            ("<object data=x></object><embed src=x>a", "a"),
            ("<base href=//x.example><meta http-equiv=refresh><link rel=stylesheet href=x>a", "a"),
            ("<form action=x><input name=a><button>b</button></form>", "b"),
            ("<!-- a -->b<!--[if IE]><script>x</script><![endif]-->", "b"),
            ("<blockquote cite=\"javascript:x\">a</blockquote>", "<blockquote>a</blockquote>"),
            ("<img srcset=\"x 2x\" src=\"y\">", "<img src=\"y\">"),
            ("<?php echo 1 ?>a", "a"),
            ("a<plaintext>b</p>", "ab&lt;/p&gt;"),
        ] {
            assert_eq!(clean(source), expected, "{source}");
        }
    }

    #[test]
    fn only_safe_schemes_stay() {
        for url in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\tscript:alert(1)",
            "java\nscript:alert(1)",
            " \u{1}javascript:alert(1)",
            "java&#x0A;script:alert(1)",
            "java&Tab;script&colon;alert(1)",
            "&#106;avascript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
            "blob:x",
            "file:///etc/passwd",
            "ftp://x.example/",
        ] {
            let cleaned = clean(&format!("<a href=\"{url}\">x</a><img src=\"{url}\">"));
            assert_eq!(cleaned, "<a>x</a><img>", "{url}");
        }
    }
}
