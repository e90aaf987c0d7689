//! Values that messages take out of the request: which, what they are, and what follows for caches.

use std::borrow::Cow;

use hyper::header::{COOKIE, HeaderName};

use super::config::{PathPattern, Variable, VariableSource};
use super::percent;
use super::told::Told;
use super::visit::Visit;
use crate::content::Digest;
use crate::weave::Variables;

/// The longest value that is printed, in bytes. What is longer is no name, place or campaign.
const MAX_VALUE: usize = 256;

/// The values that a page may be printed with.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Those that there are.
    pub(crate) values: Variables,
    /// Names them without telling them, for the page's tag; none where there are none. The visitor's
    /// own cache must not keep what was printed with others.
    pub(crate) digest: Option<String>,
}

/// The values of `config` that messages may take, as `takes` knows. `told` learns what follows, even
/// where there is no value: whether there is one is something about the visitor, too.
pub(crate) fn take(
    config: &[Variable],
    takes: impl Fn(&str) -> bool,
    visit: &Visit<'_>,
    told: &mut Told,
) -> Taken {
    let mut found: Vec<(Box<str>, Box<str>)> = Vec::new();
    for variable in config.iter().filter(|variable| takes(&variable.name)) {
        tell(&variable.source, told);
        if let Some(value) = value(&variable.source, visit) {
            found.push((variable.name.as_str().into(), value.into()));
        }
    }
    let digest = (!found.is_empty()).then(|| digest(&found));
    Taken { values: Variables::new(found), digest }
}

/// What is in the address needs nothing: caches tell addresses apart.
fn tell(source: &VariableSource, told: &mut Told) {
    match source {
        VariableSource::Header { name, shared: true } => told.depends_on(name.clone()),
        VariableSource::Cookie { shared: true, .. } => told.depends_on(COOKIE),
        VariableSource::Header { .. } | VariableSource::Cookie { .. } => told.private = true,
        VariableSource::Query(_) | VariableSource::Path(_) => {}
    }
}

/// Names and values, each with its length, so that no two lists look alike.
fn digest(found: &[(Box<str>, Box<str>)]) -> String {
    let parts = found.iter().flat_map(|(name, value)| [name, value]);
    let text: String = parts.map(|part| format!("{}:{part}", part.len())).collect();
    Digest::of(text.as_bytes()).short()
}

// === Values ===

/// A value that can be printed. An empty one is as good as none: `Hello, !` helps nobody.
fn value(source: &VariableSource, visit: &Visit<'_>) -> Option<String> {
    let value = match source {
        VariableSource::Header { name, .. } => header(visit, name)?,
        VariableSource::Cookie { name, .. } => utf8(visit.cookie(name)?.into_owned())?,
        VariableSource::Query(name) => utf8(visit.parameter(name)?.into_owned())?,
        VariableSource::Path(pattern) => utf8(pattern.find(visit.origin_path)?)?,
    };
    let fits = (1..=MAX_VALUE).contains(&value.len()) && !value.chars().any(char::is_control);
    fits.then_some(value)
}

/// UTF-8, or Latin-1 where it is not: fields have been either (RFC 9110 section 5.5).
fn header(visit: &Visit<'_>, name: &HeaderName) -> Option<String> {
    let bytes = visit.header(name)?.trim_ascii();
    let text = str::from_utf8(bytes).map(str::to_owned);
    Some(text.unwrap_or_else(|_| bytes.iter().copied().map(char::from).collect()))
}

fn utf8(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok()
}

impl PathPattern {
    /// The segment that `*` stands for, decoded, if those around it are the pattern's.
    fn find(&self, path: &str) -> Option<Vec<u8>> {
        let segments = path.strip_prefix('/')?.split('/');
        let mut segments = segments.map(|segment| percent::decode(segment.as_bytes()));
        let before = are_next(&mut segments, &self.before);
        let value = segments.next()?;
        let around = before && are_next(&mut segments, &self.after);
        around.then(|| value.into_owned())
    }
}

fn are_next<'p>(segments: &mut impl Iterator<Item = Cow<'p, [u8]>>, literals: &[String]) -> bool {
    let is_next =
        |literal: &String| segments.next().is_some_and(|found| *found == *literal.as_bytes());
    literals.iter().all(is_next)
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::super::host;
    use super::super::request::testing::parts;
    use super::*;

    fn header_source(shared: bool) -> VariableSource {
        VariableSource::Header { name: HeaderName::from_static("x-city"), shared }
    }

    fn cookie_source(shared: bool) -> VariableSource {
        VariableSource::Cookie { name: "city".into(), shared }
    }

    fn path_source(before: &[&str], after: &[&str]) -> VariableSource {
        let owned = |part: &[&str]| part.iter().map(|segment| (*segment).to_owned()).collect();
        VariableSource::Path(PathPattern { before: owned(before), after: owned(after) })
    }

    /// What is taken of a head, where every message takes `city`.
    fn taken(head: &str, source: VariableSource) -> (Taken, Told) {
        let parts = parts(head);
        let host = host::authority(&parts).unwrap();
        let mut told = Told::default();
        let config = [Variable { name: "city".into(), source }];
        let visit = Visit::new(&parts, &host, None);
        let taken = take(&config, |name| name == "city", &visit, &mut told);
        (taken, told)
    }

    fn city(head: &str, source: VariableSource) -> Option<String> {
        taken(head, source).0.values.get("city").map(str::to_owned)
    }

    #[test]
    fn headers_are_read() {
        let long = "x".repeat(256);
        for (line, expected) in [
            ("", None),
            ("|X-City: Bern", Some("Bern")),
            ("|X-City: Bern|X-City: Basel", Some("Bern")),
            ("|X-City: Zürich", Some("Zürich")),
            ("|X-City: a%20b", Some("a%20b")),
            ("|X-City:", None),
            ("|X-City: a\tb", None),
            (&format!("|X-City: {long}"), Some(&*long)),
            (&format!("|X-City: {long}x"), None),
        ] {
            let head = format!("GET / HTTP/1.1|Host: a{line}");
            assert_eq!(city(&head, header_source(false)).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn a_header_may_be_latin_1() {
        let mut parts = parts("GET / HTTP/1.1|Host: a");
        let latin = HeaderValue::from_bytes(b"Z\xfcrich").unwrap();
        parts.headers.insert("x-city", latin);
        let host = host::authority(&parts).unwrap();
        let visit = Visit::new(&parts, &host, None);
        assert_eq!(value(&header_source(true), &visit).as_deref(), Some("Zürich"));
    }

    #[test]
    fn cookies_and_parameters_are_decoded() {
        for (head, source, expected) in [
            ("/ HTTP/1.1|Host: a|Cookie: city=Z%C3%BCrich", cookie_source(false), Some("Zürich")),
            (
                "/ HTTP/1.1|Host: a|Cookie: city=\"St. Gallen\"",
                cookie_source(false),
                Some("St. Gallen"),
            ),
            ("/ HTTP/1.1|Host: a|Cookie: city=%FF", cookie_source(false), None),
            ("/ HTTP/1.1|Host: a|Cookie: city=a%0Ab", cookie_source(false), None),
            ("/ HTTP/1.1|Host: a|Cookie: city=a%00", cookie_source(false), None),
            (
                "/?c=St.+Gallen HTTP/1.1|Host: a",
                VariableSource::Query("c".into()),
                Some("St. Gallen"),
            ),
            ("/?c=%C2%85 HTTP/1.1|Host: a", VariableSource::Query("c".into()), None),
            ("/?c=%3Cb%3E HTTP/1.1|Host: a", VariableSource::Query("c".into()), Some("<b>")),
            ("/?c= HTTP/1.1|Host: a", VariableSource::Query("c".into()), None),
        ] {
            assert_eq!(city(&format!("GET {head}"), source).as_deref(), expected, "{head}");
        }
    }

    #[test]
    fn a_segment_of_the_path_is_read() {
        for (path, before, after, expected) in [
            ("/stores/bern", &["stores"][..], &[][..], Some("bern")),
            ("/stores/z%C3%BCrich/hours?x", &["stores"], &[], Some("zürich")),
            ("/stores/", &["stores"], &[], None),
            ("/stores", &["stores"], &[], None),
            ("/Stores/bern", &["stores"], &[], None),
            ("/a/stores/bern", &["stores"], &[], None),
            ("/%73tores/bern", &["stores"], &[], Some("bern")),
            ("/l%C3%A4den/bern", &["läden"], &[], Some("bern")),
            ("/stores/a%2Fb", &["stores"], &[], Some("a/b")),
            ("/bern", &[], &[], Some("bern")),
            ("/", &[], &[], None),
            ("/bern/hours", &[], &["hours"], Some("bern")),
            ("/bern/hours/x", &[], &["hours"], Some("bern")),
            ("/bern/x/hours", &[], &["hours"], None),
            ("/bern", &[], &["hours"], None),
        ] {
            let head = format!("GET {path} HTTP/1.1|Host: a");
            assert_eq!(city(&head, path_source(before, after)).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn the_path_is_the_origins() {
        let parts = parts("GET /de/stores/bern HTTP/1.1|Host: a");
        let host = host::authority(&parts).unwrap();
        let visit = Visit::new(&parts, &host, Some("/stores/bern"));
        assert_eq!(value(&path_source(&["stores"], &[]), &visit).as_deref(), Some("bern"));
    }

    #[test]
    fn caches_are_told_what_they_need() {
        let private = Told { private: true, ..Told::default() };
        let varies = |name| Told { varies: vec![name], ..Told::default() };
        for (source, expected) in [
            (header_source(false), private.clone()),
            (cookie_source(false), private),
            (header_source(true), varies(HeaderName::from_static("x-city"))),
            (cookie_source(true), varies(COOKIE)),
            (VariableSource::Query("city".into()), Told::default()),
            (path_source(&[], &[]), Told::default()),
        ] {
            // Whether or not this visitor has a value.
            for head in
                ["GET / HTTP/1.1|Host: a", "GET / HTTP/1.1|Host: a|X-City: x|Cookie: city=x"]
            {
                assert_eq!(taken(head, source.clone()).1, expected, "{source:?}");
            }
        }
    }

    #[test]
    fn what_no_message_takes_is_not_looked_at() {
        let parts = parts("GET / HTTP/1.1|Host: a|X-City: x");
        let host = host::authority(&parts).unwrap();
        let config = [Variable { name: "city".into(), source: header_source(false) }];
        let mut told = Told::default();
        let visit = Visit::new(&parts, &host, None);
        assert_eq!(take(&config, |_| false, &visit, &mut told), Taken::default());
        assert_eq!(told, Told::default());
    }

    #[test]
    fn a_digest_is_of_every_value_and_tells_none() {
        let digest_of = |line: &str| {
            let head = format!("GET / HTTP/1.1|Host: a{line}");
            taken(&head, header_source(false)).0.digest
        };
        let bern = digest_of("|X-City: Bern").unwrap();
        assert!(bern.len() == 16 && bern.bytes().all(|byte| byte.is_ascii_hexdigit()), "{bern}");
        assert_eq!(digest_of("|X-City: Bern").as_deref(), Some(&*bern));
        assert_ne!(digest_of("|X-City: Basel"), Some(bern));
        assert_eq!(digest_of(""), None);
        let pair = |name: &str, value: &str| (Box::from(name), Box::from(value));
        assert_ne!(digest(&[pair("a", "bc")]), digest(&[pair("ab", "c")]));
        assert_ne!(digest(&[pair("a", "1:b")]), digest(&[pair("a", "1"), pair("b", "")]));
    }
}
