//! Sites and visits for tests.

use super::super::config::{LocaleConfig, LocaleSource, Segment};
use super::super::host;
use super::super::mapping::PublicAddress;
use super::super::request::testing::parts;
use super::super::visit::Visit;
use super::Offer;
use crate::content::{Snapshot, compile};
use crate::locale::Tag;

/// A site's config and its content.
pub(super) struct Site {
    pub(super) config: LocaleConfig,
    snapshot: Snapshot,
}

impl Site {
    /// `from` as it is written, and locales with content, of which the first is the default.
    pub(super) fn new(from: &str, locales: &str) -> Self {
        let default = locales.split(' ').next().unwrap();
        let site = format!("{{\"default_locale\": \"{default}\"}}");
        let files =
            locales.split(' ').map(|tag| (format!("{tag}.json"), b"{\"a\": \"x\"}".to_vec()));
        let files = files.chain([("site.json".to_owned(), site.into_bytes())]);
        let from = from.split_whitespace().map(source).collect();
        let config = LocaleConfig { from, ..LocaleConfig::default() };
        Self { config, snapshot: compile(files).unwrap() }
    }

    pub(super) fn strip(mut self, list: &str) -> Self {
        self.config.strip = segments(list);
        self
    }

    /// `host=tag`, several of them.
    pub(super) fn hosts(mut self, list: &str) -> Self {
        let pair = |pair: &str| {
            let (host, tag) = pair.split_once('=').unwrap();
            (host.to_owned(), Tag::parse(tag).unwrap())
        };
        self.config.hosts = list.split(' ').map(pair).collect();
        self
    }

    pub(super) fn offer(&self) -> Offer<'_> {
        Offer::new(&self.config, &self.snapshot)
    }
}

fn source(text: &str) -> LocaleSource {
    match text.split_once(':') {
        Some(("query", name)) => LocaleSource::Query(name.to_owned()),
        Some(("cookie", name)) => LocaleSource::Cookie(name.to_owned()),
        _ if text == "path" => LocaleSource::Path,
        _ if text == "host" => LocaleSource::Host,
        _ => LocaleSource::AcceptLanguage,
    }
}

pub(super) fn segments(list: &str) -> Vec<Segment> {
    let segment = |text: &str| Segment { text: text.to_owned(), tag: Tag::parse(text).unwrap() };
    list.split(' ').map(segment).collect()
}

/// What `look` makes of a request; see [`parts`].
pub(super) fn visit<T>(head: &str, look: impl FnOnce(&Visit<'_>) -> T) -> T {
    let parts = parts(head);
    let host = host::authority(&parts).unwrap();
    look(&Visit::new(&parts, &host, None))
}

/// Where the visitors of a test are.
pub(super) fn public() -> PublicAddress {
    PublicAddress {
        scheme: "https".parse().unwrap(),
        authority: "WWW.example.com:8443".parse().unwrap(),
    }
}
