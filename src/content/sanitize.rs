//! Makes markup safe to print, within bounds.
//!
//! What passes is inert and closed: parsing it again gives the same tree, so nothing in it can
//! reach out of the place where it is printed.

use std::fmt;

use super::attributes;
use super::policy::Policy;

/// An entry is a passage, not a site; this bounds the time that cleaning takes.
const MAX_BYTES: usize = 1 << 20;
/// Parsing takes time by the square of the nesting, and the nesting is at most this.
const MAX_TAGS: usize = 10_000;
/// A parser reopens every unclosed formatting element in every later block, so the tree may have
/// this many nodes.
const MAX_REOPENED: usize = 1_000_000;
/// It reopens them with their attributes, of which the tree may have this many.
const MAX_REPEATED: usize = 4 * MAX_REOPENED;
/// A tokenizer compares each attribute with those before it.
const MAX_ATTRIBUTES: usize = 256;
/// The first pass cleans, the second confirms. Odd nesting needs one or two more.
const MAX_PASSES: usize = 8;

/// WHATWG, "formatting" in the stack of open elements.
const FORMATTING: &[&str] = &[
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];

/// Why markup cannot be an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejected {
    /// There was something, and nothing of it is allowed.
    Nothing,
    /// More than a mebibyte.
    TooLarge,
    /// So many tags, or so many unclosed ones, that parsing it could exhaust the machine.
    TooManyTags,
    /// A tag with more attributes than there are.
    TooManyAttributes,
    /// Written in a way that parsers rebuild differently each time.
    Unstable,
}

impl Rejected {
    /// What to do about it.
    pub fn help(self) -> &'static str {
        match self {
            Self::Nothing => {
                "scripts, styles, forms, frames, SVG and comments are never printed; \
                 write text or formatting, or \"\" to print nothing"
            }
            Self::TooLarge | Self::TooManyTags => "split it into several entries",
            Self::TooManyAttributes => "close the quotes and the tags",
            Self::Unstable => {
                "close every tag in the reverse order of opening, and start no <pre> with blank lines"
            }
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "sanitising leaves nothing of it",
            Self::TooLarge => "the markup is larger than 1 MiB",
            Self::TooManyTags => "the markup has too many tags",
            Self::TooManyAttributes => "a tag has more than 256 attributes",
            Self::Unstable => "the markup means something else each time it is parsed",
        })
    }
}

impl std::error::Error for Rejected {}

/// What of `source` may be printed under `policy`.
///
/// # Errors
/// [`Rejected`] when that is nothing although `source` is not blank, or when it is out of bounds.
pub(super) fn sanitize(source: &str, policy: &Policy) -> Result<String, Rejected> {
    check_bounds(source)?;
    let cleaned = clean_until_stable(source, policy)?;
    if cleaned.trim().is_empty() && !source.trim().is_empty() {
        return Err(Rejected::Nothing);
    }
    Ok(cleaned)
}

/// Before parsing, from the text alone: an upper bound on what a parser could make of it.
fn check_bounds(source: &str) -> Result<(), Rejected> {
    if source.len() > MAX_BYTES {
        return Err(Rejected::TooLarge);
    }
    let tags = source.matches('<').count();
    if tags > MAX_TAGS {
        return Err(Rejected::TooManyTags);
    }
    let (mut formatting, mut repeated) = (0, 0);
    let mut counter = attributes::Counter::new(MAX_ATTRIBUTES);
    for (at, _) in source.match_indices('<') {
        let tag = &source[at + 1..];
        let attributes = counter.count(tag).ok_or(Rejected::TooManyAttributes)?;
        if opens_formatting(tag) {
            formatting += 1;
            repeated += attributes;
        }
    }
    if formatting * tags > MAX_REOPENED || repeated * tags > MAX_REPEATED {
        return Err(Rejected::TooManyTags);
    }
    Ok(())
}

fn opens_formatting(tag: &str) -> bool {
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
    FORMATTING.iter().any(|name| name.eq_ignore_ascii_case(&tag[..end]))
}

/// One pass is not enough: the serialised tree may parse into another one, which is how mutation
/// attacks work and how an unclosed element would leak into the page.
fn clean_until_stable(source: &str, policy: &Policy) -> Result<String, Rejected> {
    let mut cleaned = policy.clean(source);
    // What this sanitiser wrote, as all that is published, is confirmed by one pass.
    if cleaned == source {
        return Ok(cleaned);
    }
    for _ in 1..MAX_PASSES {
        if cleaned.len() > MAX_BYTES {
            return Err(Rejected::TooLarge);
        }
        let again = policy.clean(&cleaned);
        if again == cleaned {
            return Ok(cleaned);
        }
        cleaned = again;
    }
    Err(Rejected::Unstable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::allowlist::ELEMENTS;

    fn sanitize(source: &str) -> Result<String, Rejected> {
        super::sanitize(source, &Policy::default())
    }

    /// Published attacks that work by parsing what was serialised: what comes out holds no
    /// element that is not allowed, however it is parsed, and every `<` starts an allowed tag.
    #[test]
    fn mutations_end_inert() {
        for source in [
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
            "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
            "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
            "<math><annotation-xml encoding=\"text/html\"><p title=\"</style><img src onerror=alert(1)>\">",
            "<svg><foreignObject><iframe><a title=\"</iframe><img src onerror=alert(1)>\">",
            "<textarea><img title=\"</textarea><img src onerror=alert(1)>\">",
            "<title><a title=\"</title><img src onerror=alert(1)>\">",
            "<xmp><p title=\"</xmp><img src onerror=alert(1)>\">",
            "<table><td><svg><desc><style><a title=\"</style><img src onerror=alert(1)>\">",
            "<select><template><img src=x onerror=alert(1)></template></select>",
            "<b title=\"`<img src onerror=alert(1)>`\">x</b>",
            "<p><svg><title><![CDATA[</title><img src onerror=alert(1)>]]>",
        ] {
            let clean = sanitize(&format!("x{source}")).unwrap();
            let tags = clean.split('<').skip(1).map(|tag| tag.split('>').next().unwrap());
            for tag in tags {
                let name = tag.trim_start_matches('/').split(' ').next().unwrap();
                assert!(ELEMENTS.contains(&name), "{source} gave {clean}");
                // Outside quotes are the names of attributes.
                let outside: String = tag.split('"').step_by(2).collect();
                assert!(!outside.contains("onerror"), "{source} gave {clean}");
            }
        }
    }

    #[test]
    fn what_is_open_is_closed_and_stays_closed() {
        for (source, expected) in [
            ("<b>a", "<b>a</b>"),
            ("a</div></p>", "a<p></p>"),
            ("<p>a<p>b", "<p>a</p><p>b</p>"),
            ("<b><i>a</b>b</i>", "<b><i>a</i></b><i>b</i>"),
            ("<a href=x>a<a href=y>b", "<a href=\"x\">a</a><a href=\"y\">b</a>"),
            ("<pre>\n\n\nx</pre>", "<pre>x</pre>"),
        ] {
            let clean = sanitize(source).unwrap();
            assert_eq!(clean, expected, "{source}");
            assert_eq!(sanitize(&clean), Ok(clean));
        }
    }

    #[test]
    fn references_bring_in_no_control_characters() {
        for (source, expected) in [
            ("a&#27;$B&#x1b;(J", "a\u{FFFD}$B\u{FFFD}(J"),
            ("<b title='a&#14;b&#13;&#10;c&#13;d'>e</b>", "<b title=\"a\u{FFFD}b\nc\nd\">e</b>"),
            ("a&#0;&#9;b", "a\u{FFFD}\tb"),
        ] {
            let clean = sanitize(source).unwrap();
            assert_eq!(clean, expected);
            assert_eq!(sanitize(&clean), Ok(clean));
        }
    }

    #[test]
    fn what_never_settles_is_refused() {
        // A parser drops the line break after the tag, each time.
        let source = format!("<pre>{}x</pre>", "\n".repeat(20));
        assert_eq!(sanitize(&source), Err(Rejected::Unstable));
    }

    #[test]
    fn nothing_left_of_something_is_a_mistake() {
        for source in ["<script>x</script>", "<!-- x -->", "<iframe></iframe> ", "<svg/>"] {
            assert_eq!(sanitize(source), Err(Rejected::Nothing), "{source}");
        }
        assert_eq!(sanitize("").as_deref(), Ok(""));
        assert_eq!(sanitize(" ").as_deref(), Ok(" "));
        assert_eq!(sanitize("<img>").as_deref(), Ok("<img>"));
    }

    #[test]
    fn what_could_exhaust_the_machine_is_refused() {
        assert_eq!(sanitize(&"x".repeat(MAX_BYTES + 1)), Err(Rejected::TooLarge));
        assert_eq!(sanitize(&"<div>".repeat(MAX_TAGS + 1)), Err(Rejected::TooManyTags));
        assert_eq!(sanitize(&reopening(1_000, 1_000)), Err(Rejected::TooManyTags));
        assert_eq!(sanitize(&reopening(100, 1_700)), Err(Rejected::TooLarge));
        assert!(sanitize(&"<p>a <b>b</b></p>".repeat(500)).is_ok());
        let link = "<p>a <a href=b target=_blank rel=noopener title=c>d</a></p>";
        assert!(sanitize(&link.repeat(500)).is_ok());
        let attributes =
            |count: usize| (0..count).map(|n| format!("a{n}=\"<>\"")).collect::<String>();
        let many = format!("x<i {}>", attributes(257));
        assert_eq!(sanitize(&many), Err(Rejected::TooManyAttributes));
        let repeated =
            format!("<p>{}{}", format!("<i {}>", attributes(250)).repeat(50), "<p>x".repeat(900));
        assert_eq!(sanitize(&repeated), Err(Rejected::TooManyTags));
    }

    /// Grows to the product of the two: every paragraph reopens every unclosed element.
    fn reopening(unclosed: usize, paragraphs: usize) -> String {
        let unclosed: String = (0..unclosed).map(|i| format!("<B x{i}>")).collect();
        format!("<p>{unclosed}{}", "<p>x".repeat(paragraphs))
    }
}
