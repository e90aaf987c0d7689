//! A request that an origin can be asked, and what its answer is judged by.

use std::sync::Arc;

use hyper::header::{HeaderMap, HeaderValue, LINK, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use super::coding::{self, Coding};
use super::decision::{self, Pass, decide};
use super::error::{Failure, OriginFault};
use super::hop;
use super::locale::{self, Stripped};
use super::mapping::PublicAddress;
use super::origin::Incoming;
use super::request::Admitted;
use super::rewrite::Sent;
use super::site::{Printing, Site};
use super::visit::Visit;
use crate::live::Soon;
use crate::weave::Audience;

/// A request that the origin can be asked.
pub(super) struct Asked {
    pub(super) parts: Parts,
    pub(super) site: Arc<Site>,
    pub(super) admitted: Admitted,
    /// The address in the visitor's browser; none for a request for no host in particular.
    pub(super) public: Option<PublicAddress>,
    /// The target without what the origin does not know of it.
    pub(super) stripped: Option<Stripped>,
    pub(super) print: Print,
}

/// What a page is printed with.
pub(super) enum Print {
    With(Box<Printing>),
    /// Content that is being looked for while the origin is asked.
    Soon(Soon),
    /// Nothing, and why.
    Nothing(Pass),
}

impl Print {
    /// What `visit` is printed with, if it may be.
    pub(super) fn of(site: &Site, parts: &Parts, admitted: &Admitted, visit: &Visit<'_>) -> Self {
        if admitted.upgrade.is_some() {
            return Self::Nothing(Pass::Upgraded);
        }
        if decision::forbids_transforming(&parts.headers) {
            return Self::Nothing(Pass::NoTransform);
        }
        if let Some(printing) = site.printing(visit) {
            return Self::With(Box::new(printing));
        }
        match site.soon() {
            Some(soon) => Self::Soon(soon),
            // Or it has come in between.
            None => Self::with(site.printing(visit)),
        }
    }

    /// With content that there is, or not at all.
    pub(super) fn with(printing: Option<Printing>) -> Self {
        match printing {
            Some(printing) => Self::With(Box::new(printing)),
            None => Self::Nothing(Pass::NoContent),
        }
    }
}

impl Asked {
    pub(super) fn printing(&self) -> Option<&Printing> {
        match &self.print {
            Print::With(printing) => Some(printing),
            Print::Soon(_) | Print::Nothing(_) => None,
        }
    }

    /// Whether it is a visit that may be sent elsewhere: it changes nothing and has no body.
    pub(super) fn is_plain(&self) -> bool {
        let admitted = &self.admitted;
        let empty = admitted.framing.is_empty() && admitted.upgrade.is_none();
        decision::is_safe(&self.parts.method) && empty
    }

    /// Whether others who visit this address are sent to the one of their locale.
    pub(super) fn may_be_redirected(&self) -> bool {
        self.is_plain() && locale::is_redirect_possible(&self.site.locale, &self.visit())
    }

    pub(super) fn visit(&self) -> Visit<'_> {
        let origin_path = self.stripped.as_ref().map(|stripped| stripped.rest.path());
        Visit::new(&self.parts, &self.admitted.host, origin_path)
    }

    /// Whom a page with this status is printed for. Only a page that is there has other addresses.
    pub(super) fn audience(
        &self,
        printing: &Printing,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Audience {
        let mut audience = printing.audience.clone();
        let has_others = status == StatusCode::OK && self.parts.method == Method::GET;
        if has_others && !names_languages(headers) {
            audience.alternates =
                printing.alternates(&self.site, &self.visit(), self.public.as_ref());
        }
        audience
    }

    /// An answer that is one. Every answer passes here, the second to one request too.
    ///
    /// # Errors
    /// It switches protocols unasked, or is in a coding that nothing would speak of any more.
    pub(super) fn usable(&self, answer: Response<Incoming>) -> Result<Response<Incoming>, Failure> {
        let switches = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
        if switches && self.admitted.upgrade.is_none() {
            return Err(Failure::BadGateway(OriginFault::UnsolicitedUpgrade));
        }
        if !hop::members(answer.headers(), &TRANSFER_ENCODING).all(is_chunked) {
            return Err(Failure::BadGateway(OriginFault::Malformed));
        }
        Ok(answer)
    }

    /// In which coding the client gets a page that came in `codings`: in the origin's own, if the
    /// client takes it; in the client's choice where the origin used none and the site compresses.
    pub(super) fn sent_coding(&self, codings: &[Coding]) -> Sent {
        let headers = &self.parts.headers;
        match codings.last() {
            Some(&last) if coding::accepts(headers, last) => {
                Sent { coding: Some(last), chosen: true }
            }
            Some(_) => Sent { coding: coding::best(headers), chosen: true },
            None if self.site.compress => Sent { coding: coding::best(headers), chosen: true },
            None => Sent { coding: None, chosen: false },
        }
    }

    /// Whether this is a part of a page that would be woven if it were whole.
    pub(super) fn is_part_of_page(&self, answer: &Response<Incoming>) -> bool {
        answer.status() == StatusCode::PARTIAL_CONTENT
            && self.printing().is_some()
            && decision::is_safe(&self.parts.method)
            && self.admitted.framing.is_empty()
            && decide(answer.status(), answer.headers()) == Err(Pass::Partial)
    }
}

/// Whether the origin links to the page in other languages by `Link` (RFC 8288).
fn names_languages(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(LINK).iter().map(HeaderValue::as_bytes);
    lines.any(|line| memchr::memmem::find(&line.to_ascii_lowercase(), b"hreflang").is_some())
}

fn is_chunked(coding: &[u8]) -> bool {
    coding.eq_ignore_ascii_case(b"chunked")
}
