//! Conditional requests for pages whose bytes depend on the origin and on a release.
//!
//! A woven page's `ETag` is the origin's with a stamp behind it: the release, the locale, and the values
//! of the request that it may be printed with. Only
//! a tag with the current stamp may be answered by the origin's 304; any other would keep a visitor
//! on copy that has since been replaced.

use hyper::Method;
use hyper::header::{
    ACCEPT, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_RANGE, RANGE,
};

/// In front of the stamp, inside the tag's quotes.
const MARK: &str = "--op-";

/// What a page's bytes depend on besides the origin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Stamp(String);

#[derive(Debug, PartialEq, Eq)]
enum Tag {
    /// The origin's own.
    Foreign,
    /// Of another release or locale.
    Stale,
    /// Of this one; what the origin knows it by.
    Current(String),
}

impl Stamp {
    /// `rules` stands for how pages are woven beside that: label, limits, version; `values` for what
    /// of the request they are printed with.
    pub(crate) fn new(release: &str, locale: &str, rules: &str, values: Option<&str>) -> Self {
        let (dot, values) = values.map_or(("", ""), |values| (".", values));
        Self([release, ".", locale, ".", rules, dot, values].concat())
    }

    /// Of a page whose content is not known yet: no tag is of it.
    pub(crate) fn unknown() -> Self {
        Self(String::new())
    }

    /// The tag of the woven page, always weak: the same copy may come in other bytes.
    pub(crate) fn put(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        let text = origin.to_str().ok()?.trim();
        let (strength, quoted) = match text.strip_prefix("W/") {
            Some(weak) => ("w", weak),
            None => ("s", text),
        };
        let opaque = quoted.strip_prefix('"')?.strip_suffix('"')?;
        HeaderValue::try_from(["W/\"", opaque, MARK, strength, &self.0, "\""].concat()).ok()
    }

    fn read(&self, tag: &str) -> Tag {
        let quoted = tag.strip_prefix("W/").unwrap_or(tag);
        let opaque = quoted.trim_matches('"');
        let Some((origin, stamp)) = opaque.rsplit_once(MARK) else { return Tag::Foreign };
        if stamp.get(1..) != Some(&*self.0) {
            return Tag::Stale;
        }
        let weak = if stamp.starts_with('w') { "W/" } else { "" };
        Tag::Current(format!("{weak}\"{origin}\""))
    }
}

/// Rewrites the conditions of a request whose answer may be woven, so that a 304 is never wrong:
/// current tags become the origin's, stale ones go. What the client knows from before Overprint
/// stood here, or from an hour without content, goes too unless it is surely of no page; ranges go
/// where a page is likely. A method that changes something keeps its conditions, each tag of ours
/// turned into the origin's.
pub(crate) fn prepare(method: &Method, headers: &mut HeaderMap, stamp: &Stamp) {
    if method != Method::GET && method != Method::HEAD {
        for name in [IF_MATCH, IF_NONE_MATCH] {
            let kept = tags(headers, &name).into_iter().map(origin_tag).collect();
            set_tags(headers, name, kept);
        }
        return;
    }
    // Most requests are for a page as it is now.
    const CONDITIONS: [HeaderName; 4] = [IF_NONE_MATCH, IF_MODIFIED_SINCE, RANGE, IF_RANGE];
    if !CONDITIONS.iter().any(|name| headers.contains_key(name)) {
        return;
    }
    let asset = is_asset(headers);
    let mut kept = Vec::new();
    for tag in tags(headers, &IF_NONE_MATCH) {
        match stamp.read(&tag) {
            Tag::Foreign if asset => kept.push(tag),
            Tag::Foreign | Tag::Stale => {}
            Tag::Current(origin) => kept.push(origin),
        }
    }
    set_tags(headers, IF_NONE_MATCH, kept);
    if !asset {
        headers.remove(IF_MODIFIED_SINCE);
    }
    if is_page_likely(headers) {
        headers.remove(RANGE);
        headers.remove(IF_RANGE);
    }
}

fn set_tags(headers: &mut HeaderMap, name: HeaderName, tags: Vec<String>) {
    if headers.remove(&name).is_some()
        && !tags.is_empty()
        && let Ok(tags) = HeaderValue::from_str(&tags.join(", "))
    {
        headers.insert(name, tags);
    }
}

/// What the origin knows a tag by, of whatever release it is.
fn origin_tag(tag: String) -> String {
    let opaque = tag.trim_start_matches("W/").trim_matches('"');
    match opaque.rsplit_once(MARK) {
        Some((origin, stamp)) if stamp.starts_with('w') => format!("W/\"{origin}\""),
        Some((origin, _)) => format!("\"{origin}\""),
        None => tag,
    }
}

/// Turns the origin's tag on a 304 back into the one that the client knows. `asked` is what the
/// client sent. Says whether the 304 stands for a woven page.
pub(crate) fn map_not_modified(headers: &mut HeaderMap, asked: &HeaderMap, stamp: &Stamp) -> bool {
    let Some(origin) = headers.get(ETAG).and_then(|tag| tag.to_str().ok()) else { return false };
    let known = tags(asked, &IF_NONE_MATCH)
        .into_iter()
        .find(|tag| matches!(stamp.read(tag), Tag::Current(known) if weakly_equal(&known, origin)));
    let known = known.and_then(|tag| HeaderValue::from_str(&tag).ok());
    known.is_some_and(|known| headers.insert(ETAG, known).is_some())
}

/// Weak comparison (RFC 9110 §8.8.3.2).
fn weakly_equal(one: &str, other: &str) -> bool {
    one.trim_start_matches("W/") == other.trim().trim_start_matches("W/")
}

/// Whether the answer is likely to be a page: what browsers say of a request's destination, or an
/// `Accept` that names HTML.
fn is_page_likely(headers: &HeaderMap) -> bool {
    match destination(headers) {
        b"document" | b"iframe" | b"frame" | b"embed" | b"object" => true,
        b"" | b"empty" => accept(headers).is_some_and(|accept| names(accept, b"html")),
        _ => false,
    }
}

/// Whether the answer is surely no page: a browser says what it is for, or takes no HTML.
fn is_asset(headers: &HeaderMap) -> bool {
    match destination(headers) {
        b"document" | b"iframe" | b"frame" | b"embed" | b"object" => false,
        b"" | b"empty" => accept(headers).is_some_and(|accept| {
            !names(accept, b"html") && !names(accept, b"*/*") && !names(accept, b"text/*")
        }),
        _ => true,
    }
}

fn destination(headers: &HeaderMap) -> &[u8] {
    headers.get("sec-fetch-dest").map(HeaderValue::as_bytes).unwrap_or_default()
}

fn accept(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get(ACCEPT).map(HeaderValue::as_bytes)
}

fn names(accept: &[u8], kind: &[u8]) -> bool {
    memchr::memmem::find(accept, kind).is_some()
}

/// The tags of a condition, over all its lines; `*` counts as one.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(split_tags).collect()
}

/// Splits at commas outside quotes: a tag may contain one.
fn split_tags(line: &str) -> Vec<String> {
    let mut quoted = false;
    line.split(|c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
    .map(|tag| tag.trim().to_owned())
    .filter(|tag| !tag.is_empty())
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp() -> Stamp {
        Stamp::new("0123abcd", "pt-BR", "7", None)
    }

    fn put(tag: &str) -> Option<String> {
        let stamped = stamp().put(&HeaderValue::from_str(tag).unwrap())?;
        Some(stamped.to_str().unwrap().to_owned())
    }

    fn prepared(method: Method, lines: &[(&'static str, &str)]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        prepare(&method, &mut headers, &stamp());
        let line = |(name, value): (&hyper::header::HeaderName, &HeaderValue)| {
            format!("{name}: {}", value.to_str().unwrap())
        };
        let skip = |line: &String| !line.starts_with("accept") && !line.starts_with("sec-");
        headers.iter().map(line).filter(skip).collect()
    }

    #[test]
    fn a_stamped_tag_is_read_back_as_the_origins() {
        for tag in ["\"abc\"", "W/\"abc\"", "\"a,b--op-c\"", "\"\""] {
            let stamped = put(tag).unwrap();
            assert!(stamped.starts_with("W/\""), "{stamped}");
            assert_eq!(stamp().read(&stamped), Tag::Current(tag.to_owned()));
            assert_eq!(Stamp::new("0123abcd", "de", "7", None).read(&stamped), Tag::Stale);
            assert_eq!(Stamp::new("ffff", "pt-BR", "7", None).read(&stamped), Tag::Stale);
            let valued = Stamp::new("0123abcd", "pt-BR", "7", Some("beef"));
            assert_eq!(valued.read(&stamped), Tag::Stale);
            let tag = valued.put(&HeaderValue::from_str(tag).unwrap()).unwrap();
            assert_eq!(stamp().read(tag.to_str().unwrap()), Tag::Stale);
        }
        assert_eq!(put("abc"), None);
    }

    #[test]
    fn conditions_survive_only_where_a_304_would_be_true() {
        let current = put("\"a,b\"").unwrap();
        let page = ("accept", "text/html,*/*");
        let date = ("if-modified-since", "Mon, 01 Jan 2024 00:00:00 GMT");
        let inm = "if-none-match";
        for (lines, expected) in [
            (&[page, (inm, &*current)][..], &["if-none-match: \"a,b\""][..]),
            (&[page, (inm, "\"raw\"")], &[]),
            (&[page, (inm, "*")], &[]),
            (&[page, date], &[]),
            (&[page, date, (inm, "W/\"x--op-sffff.de\"")], &[]),
            (&[page, (inm, &format!("\"raw\", {current}"))], &["if-none-match: \"a,b\""]),
            (&[(inm, &*current), date], &["if-none-match: \"a,b\""]),
            (&[(inm, "\"raw\"")], &[]),
            (&[("accept", "*/*"), (inm, "\"raw\""), date], &[]),
            (&[("accept", "image/avif"), (inm, "\"raw\"")], &["if-none-match: \"raw\""]),
            (&[page, ("range", "bytes=0-1"), ("if-range", "\"x\"")], &[]),
            (&[("range", "bytes=0-1")], &["range: bytes=0-1"]),
            (&[("sec-fetch-dest", "image"), page, (inm, "\"r\"")], &["if-none-match: \"r\""]),
            (&[("sec-fetch-dest", "document"), ("range", "bytes=0-1")], &[]),
        ] {
            assert_eq!(prepared(Method::GET, lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_method_that_changes_something_keeps_its_conditions() {
        let current = put("\"a\"").unwrap();
        for (lines, expected) in [
            (&[("accept", "text/html"), ("if-none-match", "*")][..], "if-none-match: *"),
            (&[("if-match", &*current)], "if-match: \"a\""),
            (&[("if-match", "W/\"a--op-wffff.de.0\"")], "if-match: W/\"a\""),
            (&[("if-match", "\"raw\"")], "if-match: \"raw\""),
        ] {
            assert_eq!(prepared(Method::PUT, lines), [expected], "{lines:?}");
        }
    }

    #[test]
    fn a_304_carries_the_tag_that_the_client_knows() {
        let mut asked = HeaderMap::new();
        asked.insert(IF_NONE_MATCH, HeaderValue::from_str(&put("\"a\"").unwrap()).unwrap());
        for (origin, expected) in [("\"a\"", put("\"a\"").unwrap()), ("\"b\"", "\"b\"".to_owned())]
        {
            let mut answer = HeaderMap::new();
            answer.insert(ETAG, HeaderValue::from_str(origin).unwrap());
            map_not_modified(&mut answer, &asked, &stamp());
            assert_eq!(answer[ETAG], expected);
        }
    }
}
