//! Which URLs content may put into attributes: relative ones and four schemes.

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

/// Whether `value` may be the value of the attribute `name`.
pub(super) fn allows(name: &str, value: &str) -> bool {
    match name {
        "srcset" | "imagesrcset" => value.split(',').all(is_safe),
        // What an animation may set an `href` to.
        "by" | "from" | "to" => is_safe(value),
        "values" => value.split(';').all(is_safe),
        "ping" => value.split_ascii_whitespace().all(is_safe),
        name if URL_ATTRIBUTES.contains(&name) => is_safe(value),
        _ => true,
    }
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
    fn lists_of_urls_are_judged_one_by_one() {
        assert!(allows("srcset", "a.png 1x, https://b/c.png 2x"));
        assert!(!allows("srcset", "a.png 1x, javascript:x 2x"));
        assert!(!allows("ping", "/a javascript:x"));
        assert!(!allows("values", "a;javascript:x") && !allows("to", "javascript:x"));
        assert!(allows("alt", "javascript: the language"));
    }
}
