//! Stage two of `[site.variables]`.

use hyper::header::HeaderName;

use super::fault::{Fault, Problems};
use super::locale;
use super::place::Written;
use super::reader::Entry;
use super::written::Given;
use crate::proxy::{PathPattern, Variable, VariableSource};

const SOURCES: &str = "say where it is: header, cookie, query or path, one of them";
const PATTERN: &str = "write whole segments, one of them \"*\": \"/stores/*\"";

/// The values that messages of a site may take out of a request.
pub(super) fn variables(
    written: Option<&[Entry<Vec<Given>>]>,
    problems: &mut Problems,
) -> Vec<Variable> {
    let read = |entry: &Entry<Vec<Given>>| {
        let name = problems.parse(&entry.name, name);
        let source = source(&entry.name, &entry.value, problems);
        Some(Variable { name: name?, source: source? })
    };
    written.unwrap_or_default().iter().filter_map(read).collect()
}

/// As messages write it: `{country}`.
fn name(text: &str) -> Result<String, Fault> {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(text.to_owned());
    }
    let help = "use letters, digits and underscores, and a letter first";
    Err(Fault::new(format!("`{text}` cannot name a variable"), help))
}

fn source(
    name: &Written<String>,
    given: &[Given],
    problems: &mut Problems,
) -> Option<VariableSource> {
    let shared = given.iter().find_map(|given| match given {
        Given::Shared(shared) => Some(shared),
        _ => None,
    });
    let mut sources = given.iter().filter(|given| !matches!(given, Given::Shared(_)));
    let Some(first) = sources.next() else {
        problems.push(&name.at, Fault::new(format!("`{}` has no source", name.value), SOURCES));
        return None;
    };
    for second in sources {
        let message = format!("`{}` has a source already", name.value);
        problems.push(second.place(), Fault::new(message, SOURCES));
    }
    first.source(shared, problems)
}

impl Given {
    fn place(&self) -> &super::place::Place {
        match self {
            Self::Header(text) | Self::Cookie(text) | Self::Query(text) | Self::Path(text) => {
                &text.at
            }
            Self::Shared(shared) => &shared.at,
        }
    }

    fn source(
        &self,
        shared: Option<&Written<bool>>,
        problems: &mut Problems,
    ) -> Option<VariableSource> {
        let is_shared = shared.is_some_and(|shared| shared.value);
        match self {
            Self::Header(name) => {
                let name = problems.parse(name, header)?;
                Some(VariableSource::Header { name, shared: is_shared })
            }
            Self::Cookie(name) => {
                let name = problems.parse(name, locale::cookie)?;
                Some(VariableSource::Cookie { name, shared: is_shared })
            }
            Self::Query(name) => {
                refuse_shared(shared, problems);
                problems.parse(name, locale::parameter).map(VariableSource::Query)
            }
            Self::Path(pattern) => {
                refuse_shared(shared, problems);
                problems.parse(pattern, path).map(VariableSource::Path)
            }
            Self::Shared(_) => None,
        }
    }
}

/// Caches tell addresses apart as it is.
fn refuse_shared(shared: Option<&Written<bool>>, problems: &mut Problems) {
    if let Some(shared) = shared {
        let message = "`shared` is for what is in a header or a cookie";
        problems
            .push(&shared.at, Fault::new(message, "leave it out: every cache knows the address"));
    }
}

fn header(text: &str) -> Result<HeaderName, Fault> {
    text.parse().map_err(|_| {
        let help = "write the name alone, such as \"CF-IPCountry\"";
        Fault::new(format!("`{text}` cannot name a header"), help)
    })
}

fn path(text: &str) -> Result<PathPattern, Fault> {
    let refused = |reason| Fault::new(format!("`{text}` is no pattern: {reason}"), PATTERN);
    let segments = text.strip_prefix('/').ok_or_else(|| refused("it does not start with `/`"))?;
    let segments: Vec<&str> = segments.split('/').collect();
    let stars: Vec<_> = (0..segments.len()).filter(|&at| segments[at] == "*").collect();
    let &[star] = stars.as_slice() else {
        return Err(refused("it takes one segment that is `*`"));
    };
    if segments.iter().any(|segment| segment.is_empty()) {
        return Err(refused("a segment is empty"));
    }
    let literals = || segments.iter().enumerate().filter(|(at, _)| *at != star);
    if literals().any(|(_, segment)| segment.contains('*')) {
        return Err(refused("`*` stands for a whole segment"));
    }
    if segments.iter().any(|segment| segment.contains(['?', '#'])) {
        return Err(refused("a query is not part of a path"));
    }
    let owned = |part: &[&str]| part.iter().map(|segment| (*segment).to_owned()).collect();
    Ok(PathPattern { before: owned(&segments[..star]), after: owned(&segments[star + 1..]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_messages_have() {
        for text in ["country", "_x", "a1", "A_b"] {
            assert!(name(text).is_ok(), "{text}");
        }
        for text in ["", "1a", "a-b", "a.b", "ä", "a b"] {
            assert!(name(text).is_err(), "{text}");
        }
    }

    #[test]
    fn patterns_have_one_open_segment() {
        let read = |text| path(text).map(|found| (found.before.join("/"), found.after.join("/")));
        assert_eq!(read("/stores/*"), Ok(("stores".into(), String::new())));
        assert_eq!(read("/*"), Ok((String::new(), String::new())));
        assert_eq!(read("/a/b/*/c"), Ok(("a/b".into(), "c".into())));
        for (text, reason) in [
            ("", "start with"),
            ("stores/*", "start with"),
            ("/stores", "one segment"),
            ("/*/*", "one segment"),
            ("/stores/a*", "one segment"),
            ("/a*/*", "whole segment"),
            ("//*", "empty"),
            ("/stores/*/", "empty"),
            ("/a/*?b", "one segment"),
            ("/a?b/*", "query"),
        ] {
            assert!(path(text).unwrap_err().message.contains(reason), "{text}");
        }
    }
}
