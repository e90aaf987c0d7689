//! First path segments that the origin does not know.

use hyper::Uri;
use hyper::http::uri::PathAndQuery;

use super::super::config::Segment;
use super::super::visit::first_segment;

/// A target whose first segment was taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stripped {
    /// The segment as links have it, with its slash: `/de`.
    pub(crate) prefix: String,
    /// What the origin is asked for.
    pub(crate) rest: PathAndQuery,
    /// Whether the segment was all of the path, without a slash behind it.
    pub(crate) bare: bool,
}

impl Stripped {
    /// Where a visitor of the bare segment is sent: `de/` for `/de`, whose page has links that are
    /// relative to the origin's `/` and would lead out of it.
    pub(crate) fn folder(&self) -> Option<String> {
        let query = self.rest.query().map(|query| format!("?{query}")).unwrap_or_default();
        // Relative, because somebody in front may have taken a prefix off.
        self.bare.then(|| format!("{}/{query}", self.prefix.trim_start_matches('/')))
    }
}

/// Takes off the first segment if it is one of `segments`, in any case; all else stays to the byte.
///
/// A segment before an empty one stays: `/de//evil.example` would become `//evil.example`, which
/// origins that tidy up paths answer with a redirect to another site.
pub(crate) fn strip(segments: &[Segment], uri: &Uri) -> Option<Stripped> {
    if segments.is_empty() {
        return None;
    }
    let first = first_segment(uri.path());
    let segment = Segment::find(segments, first)?;
    let rest = uri.path_and_query()?.as_str().get(1 + first.len()..)?;
    let rest = match rest.as_bytes() {
        [b'/', b'/' | b'\\', ..] => return None,
        [b'/', ..] => rest.parse(),
        _ => format!("/{rest}").parse(),
    };
    let bare = uri.path().len() == 1 + first.len();
    Some(Stripped { prefix: format!("/{}", segment.text), rest: rest.ok()?, bare })
}

#[cfg(test)]
mod tests {
    use super::super::testing::segments;
    use super::*;

    #[test]
    fn a_known_segment_is_taken_off() {
        let known = segments("en de pt-br");
        for (target, expected) in [
            ("/de/a?b", Some(("/de", "/a?b"))),
            ("/de", Some(("/de", "/"))),
            ("/de/", Some(("/de", "/"))),
            ("/de?x", Some(("/de", "/?x"))),
            ("/de/?x", Some(("/de", "/?x"))),
            ("/DE/a", Some(("/de", "/a"))),
            ("/pt-BR/a", Some(("/pt-br", "/a"))),
            ("/de/de/a", Some(("/de", "/de/a"))),
            ("/de/a//b/../%2e", Some(("/de", "/a//b/../%2e"))),
            ("/de/%2F%2fevil", Some(("/de", "/%2F%2fevil"))),
            ("/de/?u=//x", Some(("/de", "/?u=//x"))),
            ("http://b/de/x?y", Some(("/de", "/x?y"))),
            ("http://b/de", Some(("/de", "/"))),
            ("/", None),
            ("/dex", None),
            ("/de.html", None),
            ("/de;x", None),
            ("/fr/a", None),
            ("/a/de", None),
            ("//de/a", None),
            ("/%64e/a", None),
            ("/de%2Fa", None),
            ("/./de/a", None),
            ("/de//evil.example", None),
            ("/de/\\evil.example", None),
            ("/de//", None),
            ("/?de", None),
            ("http://b?de", None),
            ("*", None),
        ] {
            let stripped = strip(&known, &target.parse().unwrap());
            let found = stripped.as_ref().map(|s| (s.prefix.as_str(), s.rest.as_str()));
            assert_eq!(found, expected, "{target}");
        }
        assert_eq!(strip(&[], &"/de/a".parse().unwrap()), None);
    }

    #[test]
    fn the_bare_segment_is_a_folder() {
        let folder =
            |target: &str| strip(&segments("en de"), &target.parse().unwrap()).unwrap().folder();
        assert_eq!(folder("/de").as_deref(), Some("de/"));
        assert_eq!(folder("/DE?a=//b").as_deref(), Some("de/?a=//b"));
        assert_eq!(folder("http://b/de").as_deref(), Some("de/"));
        assert_eq!(folder("/de/"), None);
        assert_eq!(folder("/de/?a"), None);
    }
}
