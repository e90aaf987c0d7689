//! The fixed bounds of what an HTML entry may contain: which elements, attributes and URLs can be
//! printed at all. [`super::policy`] chooses within them.

use std::collections::{BTreeSet, HashMap, HashSet};

use ammonia::{Builder, UrlRelative};

use super::url;

/// What every site prints unless it says otherwise. HTML only: foreign elements, raw text and forms are what attacks are made of.
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

/// What a site may allow beside them. Media, because a browser then loads and plays what a writer
/// names: a site decides whether that is copy. `address`, because few pages style it.
///
/// Not `main` (a page has one, and it is the developer's), nor `fieldset` and `legend` (parts of a
/// form), `map` (works by ids), `search` (parsers differ), `menu` (it is a `ul`).
pub(super) const EXTRAS: &[&str] = &["address", "audio", "picture", "source", "track", "video"];

/// What parsers add to every table by themselves, so that it cannot be denied alone.
pub(super) const IMPLIED: &[&str] = &["colgroup", "tbody", "tr"];

/// What means something in a table only, and goes with it.
pub(super) const TABLE_PARTS: &[&str] =
    &["caption", "col", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"];

/// No `id`: it could clash with one of the page's. No `style`: the page's CSP may forbid it.
const ANYWHERE: &[&str] = &["class", "dir", "lang", "title"];

/// `srcset` and `sizes` by default: what they load is what `src` loads, in a fitting size, and each
/// URL is judged. No `cite`: nothing shows it. No `crossorigin`, which may send cookies.
const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "hreflang", "rel"]),
    ("audio", &["autoplay", "controls", "loop", "muted", "preload", "src"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("data", &["value"]),
    ("del", &["datetime"]),
    ("details", &["open"]),
    ("img", &["alt", "height", "loading", "sizes", "src", "srcset", "width"]),
    ("ins", &["datetime"]),
    ("li", &["value"]),
    ("ol", &["reversed", "start", "type"]),
    ("source", &["height", "media", "sizes", "src", "srcset", "type", "width"]),
    ("td", &["colspan", "headers", "rowspan", "scope"]),
    ("th", &["colspan", "headers", "rowspan", "scope"]),
    ("time", &["datetime"]),
    ("track", &["default", "kind", "label", "src", "srclang"]),
    (
        "video",
        &[
            "autoplay",
            "controls",
            "height",
            "loop",
            "muted",
            "playsinline",
            "poster",
            "preload",
            "src",
            "width",
        ],
    ),
];

/// Where a link may open: no frame that the page names.
const TARGETS: &[&str] = &["_blank", "_self"];

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

/// Why an element is beyond what a site may allow. Whoever wants one learns why not.
const NEVER: &[(&[&str], &str)] = &[
    (&["script"], "it runs code on the page"),
    (&["style", "link"], "it would style the whole page: give elements a class"),
    (&["svg", "math"], "it is parsed by rules of its own, which attacks rely on: use an <img>"),
    (
        &["iframe", "frame", "frameset", "object", "embed", "applet", "param"],
        "it puts another document into the page",
    ),
    (
        &[
            "button", "datalist", "fieldset", "form", "input", "label", "legend", "meter",
            "optgroup", "option", "output", "progress", "select", "textarea",
        ],
        "forms are the page's own: what visitors enter must go where its developers say",
    ),
    (&["template", "slot", "canvas"], "it shows nothing without a script"),
    (
        &["html", "head", "body", "title", "base", "meta", "main"],
        "there is one in a page, and it is the developer's",
    ),
    (
        &["noscript", "noembed", "noframes", "plaintext", "xmp", "listing"],
        "what is in it is text to one browser and markup to another, which attacks rely on",
    ),
    (&["map", "area"], "it works by names that the whole page shares"),
    (&["dialog"], "it covers the page"),
];

/// Why `name` can never be printed, if that is known.
pub(super) fn never(name: &str) -> Option<&'static str> {
    let known = NEVER.iter().find(|(names, _)| names.contains(&name)).map(|(_, why)| *why);
    // The name of a custom element has a hyphen.
    known.or_else(|| name.contains('-').then_some("a script of the page would bring it to life"))
}

/// Whether an attribute `name` can be on an allowed `element`, with the right value.
pub(super) fn has_attribute(element: &str, name: &str) -> bool {
    let own = ATTRIBUTES.iter().find(|(known, _)| *known == element);
    ANYWHERE.contains(&name)
        || own.is_some_and(|(_, names)| names.contains(&name))
        || (element, name) == ("a", "target")
}

/// What keeps these elements and drops all others; text is kept where its element goes.
pub(super) fn cleaner(elements: &BTreeSet<&'static str>) -> Builder<'static> {
    let allowed = ATTRIBUTES.iter().filter(|(name, _)| elements.contains(name));
    let mut builder = Builder::empty();
    builder
        .tags(elements.iter().copied().collect())
        .clean_content_tags(set(&["script", "style"]))
        .generic_attributes(set(ANYWHERE))
        .tag_attributes(allowed.map(|(name, names)| (*name, set(names))).collect())
        .tag_attribute_values(HashMap::from([("a", HashMap::from([("target", set(TARGETS))]))]))
        .url_schemes(set(&["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::PassThrough)
        .attribute_filter(|_, name, value| match name {
            "rel" => link_types(value).map(Into::into),
            _ => url::allows(name, value).then_some(value.into()),
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
    use crate::content::policy::Policy;

    fn clean(source: &str) -> String {
        Policy::default().clean(source)
    }

    #[test]
    fn formatting_passes_as_it_is() {
        for html in [
            "plain &amp; simple",
            "<p class=\"x\" lang=\"de\" dir=\"ltr\" title=\"t\">a<br>b</p>",
            "<a href=\"https://x.example/?a=1&amp;b\" hreflang=\"en\" target=\"_blank\" rel=\"noopener ugc\">x</a>",
            "<a href=\"/terms#a\">x</a><a href=\"mailto:a@b.example\">x</a><a href=\"tel:+1\">x</a>",
            "<img src=\"a.png\" alt=\"x\" width=\"1\" height=\"2\" loading=\"lazy\">",
            "<img srcset=\"a,b.png 1x, /c.png 2x\" sizes=\"50vw\" src=\"c.png\">",
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
            ("<img srcset=\"x 2x, data:z\" src=\"y\">", "<img src=\"y\">"),
            ("<video src=x><source src=y></video>a", "a"),
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

    #[test]
    fn each_name_has_one_place() {
        let beyond: Vec<_> = NEVER.iter().flat_map(|(names, _)| *names).collect();
        for name in ELEMENTS {
            assert!(!EXTRAS.contains(name) && !beyond.contains(&name), "{name}");
        }
        assert!(EXTRAS.iter().all(|name| never(name).is_none()));
        for (name, _) in ATTRIBUTES {
            assert!(ELEMENTS.contains(name) || EXTRAS.contains(name), "{name}");
        }
        assert!(TABLE_PARTS.iter().chain(IMPLIED).all(|name| ELEMENTS.contains(name)));
        assert_eq!(never("x-card"), Some("a script of the page would bring it to life"));
    }
}
