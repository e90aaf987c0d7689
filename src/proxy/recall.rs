//! Which remembered page an answer is compared with.
//!
//! Whatever is chosen, every byte is compared: the choice decides how often that is worth it, and
//! nothing else.

use std::hash::{Hash, Hasher};

use hyper::header::{ACCEPT_ENCODING, COOKIE, HOST, HeaderMap, HeaderName, USER_AGENT, VARY};
use hyper::{Method, StatusCode};

use super::asked::Asked;
use super::decision::Readable;
use super::hop;
use super::site::Printing;
use crate::weave::{Audience, Memory, OutputKey, Recollection};

/// What of a request its answer depends on, as far as anybody says so.
struct Identity<'a> {
    asked: &'a Asked,
    status: StatusCode,
    /// Of the answer, as the origin sent it.
    headers: &'a HeaderMap,
    readable: &'a Readable,
}

/// A visit to the page that this answer is; none if it is not worth remembering.
pub(super) fn visit(
    memory: &Memory,
    asked: &Asked,
    status: StatusCode,
    headers: &HeaderMap,
    readable: &Readable,
) -> Option<Recollection> {
    if asked.parts.method != Method::GET {
        return None;
    }
    memory.visit(&Identity { asked, status, headers, readable }, readable.charset)
}

impl Hash for Identity<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let parts = &self.asked.parts;
        self.asked.site.name.hash(state);
        let target = self
            .asked
            .stripped
            .as_ref()
            .map_or(parts.uri.path_and_query(), |stripped| Some(&stripped.rest));
        target.map(|target| target.as_str()).hash(state);
        parts.uri.host().hash(state);
        parts.headers.get(HOST).hash(state);
        self.status.hash(state);
        self.readable.codings.hash(state);
        for name in hop::members(self.headers, &VARY) {
            if let Ok(name) = HeaderName::from_bytes(name) {
                hash_value(&parts.headers, &name, state);
            }
        }
    }
}

/// What the request says in a field that the answer depends on. Some fields say something else in each
/// request, and pages seldom do: of cookies it counts that there are some. What the answer is encoded
/// in is known already.
fn hash_value(headers: &HeaderMap, name: &HeaderName, state: &mut impl Hasher) {
    if name == COOKIE {
        headers.contains_key(COOKIE).hash(state);
    } else if name != ACCEPT_ENCODING && name != USER_AGENT {
        headers.get_all(name).iter().for_each(|value| value.hash(state));
    }
}

/// Names what an answer is printed with; none if it is for this visitor alone.
pub(super) fn output(
    recollection: &Recollection,
    printing: &Printing,
    audience: &Audience,
) -> Option<OutputKey> {
    if !printing.is_common {
        return None;
    }
    // The stamp says what is printed; the links are what the address makes of it.
    recollection.output_key(&(&printing.stamp, audience.chosen, &audience.alternates))
}
