//! How the locale of a page is chosen.

use hyper::http::uri::{Authority, Scheme};

use crate::locale::Tag;

/// How a site chooses the locale of a page, and what of it is in the site's addresses.
#[derive(Debug, Clone, Default)]
pub struct LocaleConfig {
    /// The locale where nothing else decides; none leaves it to `site.json`, then to `en`.
    pub default: Option<Tag>,
    /// Where a visitor's locale is looked for, in this order. Empty: every page is in the default,
    /// and no header speaks of locales.
    pub from: Vec<LocaleSource>,
    /// First path segments that the origin does not know: they are taken off before it is asked.
    pub strip: Vec<Segment>,
    /// Whether visitors of `/` are sent to the locale that their browser asks for.
    pub redirect: bool,
    /// Hosts, lower case and without a port, and the locale of each.
    pub hosts: Vec<(String, Tag)>,
    /// Whether pages link to themselves in the other locales.
    pub alternates: Option<Alternates>,
}

/// Where a locale is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocaleSource {
    /// The first segment of the path.
    Path,
    /// The host, by [`LocaleConfig::hosts`].
    Host,
    /// The parameter of this name.
    Query(String),
    /// The cookie of this name.
    Cookie(String),
    /// `Accept-Language` (RFC 9110 section 12.5.4).
    AcceptLanguage,
}

/// A path segment that names a locale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// As it is written in addresses; it is recognised in any case.
    pub text: String,
    /// What it names.
    pub tag: Tag,
}

/// Links from a page to itself in other locales.
#[derive(Debug, Clone, Default)]
pub struct Alternates {
    /// What their addresses begin with; without it, what the visitor's does.
    pub base: Option<Base>,
}

/// A scheme, a host and perhaps a port.
#[derive(Debug, Clone)]
pub struct Base {
    /// `http` or `https`.
    pub scheme: Scheme,
    /// Host and, unless it is the scheme's own, port.
    pub authority: Authority,
}
