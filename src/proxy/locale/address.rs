//! How a locale is written in a site's addresses.

use std::fmt;

use hyper::http::uri::{Authority, Scheme};

use super::super::config::{LocaleConfig, LocaleSource, Segment};
use super::super::host::Address;
use super::super::visit::is_named;
use super::Offer;
use crate::locale::Tag;

/// Where in an address its locale is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'c> {
    Path,
    Host,
    /// In the parameter of this name.
    Query(&'c str),
}

impl LocaleConfig {
    /// The places in `from` that links can be written to, in order.
    pub(super) fn places(&self) -> impl Iterator<Item = Place<'_>> {
        self.from.iter().filter_map(|source| match source {
            LocaleSource::Path => Some(Place::Path),
            LocaleSource::Host => Some(Place::Host),
            LocaleSource::Query(name) => Some(Place::Query(name)),
            LocaleSource::Cookie(_) | LocaleSource::AcceptLanguage => None,
        })
    }

    /// How `tag` is written as a first segment. Where some are taken off, the origin takes any other
    /// for a page of its own.
    pub(super) fn segment<'a>(&'a self, tag: &'a Tag) -> Option<&'a str> {
        if self.strip.is_empty() {
            return Some(tag.as_str());
        }
        self.strip.iter().find(|segment| segment.tag == *tag).map(|segment| &*segment.text)
    }

    /// The host of `tag`.
    pub(super) fn host(&self, tag: &Tag) -> Option<&str> {
        self.hosts.iter().find(|(_, known)| known == tag).map(|(host, _)| &**host)
    }

    /// The locale among those on offer that a first segment names, in any case.
    pub(super) fn named_by<'o>(&self, segment: &str, offer: Offer<'o>) -> Option<&'o Tag> {
        let meant = Segment::find(&self.strip, segment).map(|known| &known.tag);
        offer.locales.iter().find(|tag| match meant {
            Some(meant) => *tag == meant,
            None => tag.as_str().eq_ignore_ascii_case(segment),
        })
    }
}

impl Segment {
    /// The one among `segments` that a path has, in any case.
    pub(crate) fn find<'s>(segments: &'s [Self], text: &str) -> Option<&'s Self> {
        segments.iter().find(|segment| segment.text.eq_ignore_ascii_case(text))
    }
}

/// A query without a parameter, as it came otherwise.
pub(super) fn without<'q>(query: Option<&'q str>, name: &str) -> Vec<&'q str> {
    let pairs = query.into_iter().flat_map(|query| query.split('&'));
    let key = |pair: &'q str| pair.split_once('=').map_or(pair, |(key, _)| key);
    pairs.filter(|pair| !is_named(key(pair), name)).collect()
}

/// What an address begins with, up to its path, in the one spelling that all of a site's links have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Root {
    secure: bool,
    host: String,
    /// With its colon; empty where it is the scheme's own.
    port: String,
}

impl Root {
    pub(super) fn new(scheme: &Scheme, authority: &Authority) -> Option<Self> {
        let address = Address::parse(authority.as_str().as_bytes())?;
        let secure = *scheme == Scheme::HTTPS;
        let own = if secure { 443 } else { 80 };
        let port = address.port_or(own);
        let port = if port == own { String::new() } else { format!(":{port}") };
        Some(Self { secure, host: address.host().to_owned(), port })
    }

    /// The same at another host.
    pub(super) fn at(&self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self.clone() }
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.host, self.port)
    }
}
