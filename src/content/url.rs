//! Which URLs content may put into attributes: relative ones and four schemes.
//!
//! One rule for both ways there: an attribute in an entry's own markup, and an attribute of the
//! page that an entry is printed into.

/// Attributes whose value a browser follows or loads.
const URL_ATTRIBUTES: &[&str] = &[
    "action",
    "background",
    "cite",
    "classid",
    "codebase",
    "data",
    "dynsrc",
    "formaction",
    "href",
    "icon",
    "itemid",
    "longdesc",
    "lowsrc",
    "manifest",
    "ping",
    "poster",
    "profile",
    "src",
    "usemap",
    "xlink:href",
];

const SCHEMES: &[&str] = &["http", "https", "mailto", "tel"];

/// Whether `value`, its character references decoded, may be the value of the attribute `name`.
pub(crate) fn allows(name: &str, value: &str) -> bool {
    match name {
        "srcset" | "imagesrcset" => Candidates(value).all(is_safe),
        // What an animation may set an `href` to.
        "by" | "from" | "to" => is_safe(value),
        "values" => value.split(';').all(is_safe),
        "ping" => value.split_ascii_whitespace().all(is_safe),
        name if URL_ATTRIBUTES.contains(&name) => is_safe(value),
        _ => true,
    }
}

/// Whether a browser follows or loads the value of the attribute `name`, or of one in a list.
pub(crate) fn is_url(name: &str) -> bool {
    URL_ATTRIBUTES.contains(&name)
        || matches!(name, "srcset" | "imagesrcset" | "by" | "from" | "to" | "values")
}

/// Whether the value of the attribute `name` is a list of URLs.
pub(crate) fn is_list(name: &str) -> bool {
    matches!(name, "srcset" | "imagesrcset" | "ping" | "values")
}

/// `text` as a part of a URL that nothing in it ends: what `encodeURIComponent` makes of it
/// (ECMAScript §19.2.6.4).
pub(crate) fn component(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from_digit(digit.into(), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    out
}

/// Reads the scheme as the URL parser does (WHATWG URL §4.4): control characters and spaces at
/// the start and tabs and newlines anywhere do not count.
fn is_safe(value: &str) -> bool {
    let mut url = value
        .trim_start_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'));
    let mut scheme = String::new();
    loop {
        match url.next() {
            Some(':') => return SCHEMES.contains(&scheme.as_str()),
            Some(c) if c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.') => {
                scheme.push(c.to_ascii_lowercase());
            }
            // No scheme: relative, or nothing a browser would take for one.
            _ => return true,
        }
    }
}

/// The URLs of a `srcset` (WHATWG HTML §4.8.4.2.2, "parse a srcset attribute"). A comma belongs to
/// a URL unless it ends it, so that only the standard's own steps find what a browser would load.
struct Candidates<'v>(&'v str);

impl<'v> Iterator for Candidates<'v> {
    type Item = &'v str;

    fn next(&mut self) -> Option<&'v str> {
        let rest = self.0.trim_start_matches(|c| c == ',' || is_space(c));
        let end = rest.find(is_space).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let url = word.trim_end_matches(',');
        self.0 = if url.len() < word.len() { behind } else { behind_descriptors(behind) };
        Some(url).filter(|url| !url.is_empty())
    }
}

/// What stands behind the comma that ends the descriptors; one in parentheses does not.
fn behind_descriptors(text: &str) -> &str {
    let mut in_parens = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b',' if !in_parens => return &text[at + 1..],
            b'(' => in_parens = true,
            b')' => in_parens = false,
            _ => {}
        }
    }
    ""
}

/// ASCII whitespace, as the Infra standard has it.
fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{c}' | '\r' | ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_relative_urls_and_four_schemes_pass() {
        for url in [
            "",
            "/a",
            "a/b",
            "?q=a:b",
            "#a:b",
            "//host/a",
            "https://a/",
            "HTTP://a",
            "mailto:a@b",
            "tel:+1",
            "./javascript:x",
            "a b:c",
            "\\javascript:x",
            "/\\host",
            "java\\script:x",
            "javascript&colon;x",
            "javascript\u{ff1a}x",
            "\u{a0}javascript:x",
        ] {
            assert!(allows("href", url), "{url}");
        }
        for url in [
            "javascript:x",
            "JavaScript:x",
            " javascript:x",
            "\u{1}javascript:x",
            "java\tscript:x",
            "java\nscript:x",
            "javascript\r:x",
            "\r\n\t javascript:x",
            "\0javascript:x",
            "\u{1f}javascript:x",
            "j\na\tv\ras\n\ncript:x",
            "javascript:\\x",
            "view-source:x",
            "feed:javascript:x",
            "data:text/html,x",
            "vbscript:x",
            "blob:x",
            "file:///",
            "x+y:z",
            ":x",
            "1a:b",
        ] {
            assert!(!allows("href", url), "{url:?}");
        }
    }

    #[test]
    fn the_candidates_of_a_srcset_are_found_as_browsers_find_them() {
        for (srcset, urls) in [
            ("", ""),
            (" , ,\t\n", ""),
            ("a", "a"),
            ("a.png 1x, b.png 2x", "a.png b.png"),
            ("\u{c}a\u{c}1x\u{c},\u{c}b\u{c}2x", "a b"),
            ("a,b c,d 2x", "a,b d"),
            ("a, b", "a b"),
            ("a,, ,b", "a b"),
            ("a,b", "a,b"),
            (",,a,,", "a"),
            ("a 1x,b 2x", "a b"),
            ("a 1x ,b", "a b"),
            ("a 1x , , b", "a b"),
            ("a 100w 50h, b", "a b"),
            ("a x(,javascript:b, c) 1x, d", "a d"),
            ("a ((,), b", "a b"),
            ("a (, b", "a"),
            ("a ), b", "a b"),
            ("data:image/png;base64,AA= 1x, b", "data:image/png;base64,AA= b"),
            ("a\u{a0}b 1x", "a\u{a0}b"),
            ("a\u{b}1x, b", "a\u{b}1x b"),
        ] {
            let found: Vec<_> = Candidates(srcset).collect();
            let expected: Vec<_> = urls.split(' ').filter(|url| !url.is_empty()).collect();
            assert_eq!(found, expected, "{srcset:?}");
        }
    }

    #[test]
    fn every_candidate_of_a_srcset_is_judged() {
        for srcset in ["a.png 1x, https://b/c.png 2x", "https://a/w_1,h_2/b:c.png 1x", "/a:b,c:d"] {
            assert!(allows("srcset", srcset), "{srcset:?}");
        }
        for srcset in [
            "javascript:x",
            "a.png 1x, javascript:x 2x",
            "a.png,javascript:x,, javascript:x",
            "a.png 1x,javascript:x",
            "a.png (, 1x), javascript:x",
            ", ,javascript:x",
            "a.png\u{c}1x,\u{1}javascript:x",
            "data:image/png;base64,AA= 1x",
            "blob:a, b 2x",
        ] {
            assert!(!allows("srcset", srcset), "{srcset:?}");
            assert!(!allows("imagesrcset", srcset), "{srcset:?}");
        }
    }

    #[test]
    fn lists_of_urls_are_judged_one_by_one() {
        assert!(!allows("ping", "/a javascript:x"));
        assert!(!allows("values", "a;javascript:x") && !allows("to", "javascript:x"));
        assert!(allows("alt", "javascript: the language"));
    }
}
