//! Answers that are for one visitor alone (RFC 9111 section 5.2.2.7).

use hyper::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue};

use super::super::hop;

/// Fields by which an origin tells shared caches more than it tells browsers: of RFC 9213, and what
/// came before it. They overrule `Cache-Control` where they are understood.
const TARGETED: [&str; 4] =
    ["surrogate-control", "edge-control", "x-accel-expires", "x-litespeed-cache-control"];

/// Keeps an answer out of shared caches. What it says to the visitor's own stays.
pub(super) fn make(headers: &mut HeaderMap) {
    hop::retain(headers, |name| !is_targeted(name));
    let mut kept: Vec<&[u8]> = vec![b"private"];
    let lines = headers.get_all(CACHE_CONTROL).iter().flat_map(|line| directives(line.as_bytes()));
    kept.extend(lines.filter(|directive| !is_contradicting(directive)));
    if let Ok(value) = HeaderValue::from_bytes(&kept.join(&b", "[..])) {
        headers.insert(CACHE_CONTROL, value);
    }
}

/// `CDN-Cache-Control`, and those that vendors named after it.
fn is_targeted(name: &HeaderName) -> bool {
    let name = name.as_str();
    name == "cdn-cache-control" || name.ends_with("-cdn-cache-control") || TARGETED.contains(&name)
}

/// Leave to store it in a shared cache. `private="field"` is such leave: for all but that field.
fn is_contradicting(directive: &[u8]) -> bool {
    let name = directive.split(|&byte| byte == b'=').next().unwrap_or_default().trim_ascii();
    [&b"public"[..], b"s-maxage", b"private", b"proxy-revalidate"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

/// The directives of a line; a comma in quotes separates none.
fn directives(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    let parts = line.split(move |&byte| {
        quoted ^= byte == b'"';
        byte == b',' && !quoted
    });
    parts.map(<[u8]>::trim_ascii).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::super::request::testing::{headers, lines};
    use super::*;

    #[test]
    fn shared_caches_are_kept_out() {
        for (said, expected) in [
            (&[][..], "private"),
            (&["public, max-age=60"], "private, max-age=60"),
            (&["max-age=60, s-maxage=600"], "private, max-age=60"),
            (&["PUBLIC", "S-MaxAge=1", "immutable"], "private, immutable"),
            (&["private"], "private"),
            (&["private=\"set-cookie, x\", max-age=1"], "private, max-age=1"),
            (&["no-store"], "private, no-store"),
            (&["no-cache=\"a, public\""], "private, no-cache=\"a, public\""),
            (
                &["stale-while-revalidate=5, must-revalidate"],
                "private, stale-while-revalidate=5, must-revalidate",
            ),
            (&[",,"], "private"),
        ] {
            let said: Vec<_> = said.iter().map(|value| format!("cache-control: {value}")).collect();
            let mut map = headers(said.iter().map(String::as_str));
            make(&mut map);
            assert_eq!(lines(&map), [format!("cache-control: {expected}")], "{said:?}");
        }
    }

    #[test]
    fn what_only_shared_caches_are_told_goes() {
        let mut map = headers([
            "CDN-Cache-Control: max-age=60",
            "Cloudflare-CDN-Cache-Control: max-age=60",
            "Surrogate-Control: max-age=60",
            "Edge-Control: max-age=60",
            "X-Accel-Expires: 60",
            "Surrogate-Key: a",
            "Expires: 0",
        ]);
        make(&mut map);
        let names: Vec<_> = map.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["surrogate-key", "expires", "cache-control"]);
    }
}
