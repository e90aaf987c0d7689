//! What the head of a printed answer says of what was printed for whom.

mod private;
mod vary;

use std::slice;

use hyper::header::{CONTENT_LANGUAGE, HeaderMap, HeaderName, HeaderValue};

pub(crate) use self::vary::add as add_vary;

/// What a printed page's head says of the visitor it was printed for. Says nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// The locale, where one was chosen.
    pub(crate) language: Option<HeaderValue>,
    /// The headers of the request that what was printed depends on.
    pub(crate) varies: Vec<HeaderName>,
    /// Whether it is for this visitor alone.
    pub(crate) private: bool,
}

impl Told {
    /// Says it, on a printed page or a 304 that stands for one, which depends on one header more.
    pub(crate) fn write(&self, headers: &mut HeaderMap, more: Option<&HeaderName>) {
        match more.filter(|more| !self.varies.contains(more)) {
            Some(more) if self.varies.is_empty() => vary::add(headers, slice::from_ref(more)),
            Some(more) => vary::add(headers, &[&self.varies[..], slice::from_ref(more)].concat()),
            None => vary::add(headers, &self.varies),
        }
        if let Some(language) = &self.language {
            headers.insert(CONTENT_LANGUAGE, language.clone());
        }
        if self.private {
            private::make(headers);
        }
    }

    /// Notes that what is printed depends on a header of the request.
    pub(crate) fn depends_on(&mut self, name: HeaderName) {
        if !self.varies.contains(&name) {
            self.varies.push(name);
        }
    }
}
