//! Links from a page to itself in every locale (RFC 8288 `alternate`, with `hreflang` as search engines
//! read it).
//!
//! Search engines believe them only where they are mutual, so a page gives the same links whichever of
//! its addresses it was asked for at.

use std::fmt::Write as _;

use bytes::Bytes;

use super::super::config::{LocaleConfig, Segment};
use super::super::mapping::PublicAddress;
use super::super::percent;
use super::super::visit::Visit;
use super::Offer;
use super::address::{Place, Root, without};
use crate::locale::Tag;

/// The most that all links of a page take, in bytes. Where more were needed there are none: some of them
/// would be worse.
const MAX: usize = 64 << 10;

/// The links of a page, ASCII and escaped; `public` is the address that the visitor used.
pub(crate) fn alternates(
    config: &LocaleConfig,
    offer: Offer<'_>,
    visit: &Visit<'_>,
    public: Option<&PublicAddress>,
) -> Option<Bytes> {
    let root = match &config.alternates.as_ref()?.base {
        Some(base) => Root::new(&base.scheme, &base.authority)?,
        None => public.and_then(|public| Root::new(&public.scheme, &public.authority))?,
    };
    let page = Page { config, offer, place: config.places().next()?, root, visit };
    let rest = page.rest();
    let mut links = String::new();
    for tag in offer.locales {
        let Some(address) = page.address(Some(tag), &rest) else { continue };
        push(&mut links, tag.as_str(), &address);
        if links.len() > MAX {
            return None;
        }
    }
    if let Some(address) = page.address(None, &rest) {
        push(&mut links, "x-default", &address);
    }
    (!links.is_empty() && links.len() <= MAX).then(|| links.into())
}

/// What else a URL may have is harmless between quotes once it is encoded.
fn push(links: &mut String, hreflang: &str, address: &str) {
    let href = address.replace('&', "&amp;");
    // Writing to a string cannot fail.
    let _ = write!(links, "<link rel=\"alternate\" hreflang=\"{hreflang}\" href=\"{href}\">");
}

struct Page<'p> {
    config: &'p LocaleConfig,
    offer: Offer<'p>,
    place: Place<'p>,
    root: Root,
    visit: &'p Visit<'p>,
}

impl Page<'_> {
    /// What the addresses of the page have in common behind the host, encoded.
    fn rest(&self) -> String {
        let mut rest = String::new();
        percent::encode(self.path(), &mut rest);
        let query = match self.place {
            Place::Query(name) => Some(without(self.visit.query, name).join("&")),
            Place::Path | Place::Host => self.visit.query.map(str::to_owned),
        };
        if let Some(query) = query.filter(|query| !query.is_empty()) {
            rest.push('?');
            percent::encode(&query, &mut rest);
        }
        rest
    }

    /// The path without the locale.
    fn path(&self) -> &str {
        let (path, first) = (self.visit.path, self.visit.first_segment());
        let named = Segment::find(&self.config.strip, first).is_some()
            || self.config.named_by(first, self.offer).is_some();
        match self.place {
            Place::Path if named => match &path[1 + first.len()..] {
                "" => "/",
                rest => rest,
            },
            _ => path,
        }
    }

    /// Where the page is in a locale, or for whoever has none.
    fn address(&self, tag: Option<&Tag>, rest: &str) -> Option<String> {
        let Some(tag) = tag else { return self.default_address(rest) };
        match self.place {
            Place::Path => Some(format!("{}/{}{rest}", self.root, self.config.segment(tag)?)),
            Place::Host => Some(format!("{}{rest}", self.root.at(self.config.host(tag)?))),
            Place::Query(name) => {
                let mut address = format!("{}{rest}", self.root);
                address.push(if rest.contains('?') { '&' } else { '?' });
                percent::encode_value(name, &mut address);
                address.push('=');
                address.push_str(tag.as_str());
                Some(address)
            }
        }
    }

    fn default_address(&self, rest: &str) -> Option<String> {
        let root = match self.place {
            Place::Path | Place::Query(_) => self.root.clone(),
            Place::Host => self.root.at(self.config.host(self.offer.default)?),
        };
        Some(format!("{root}{rest}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::config::{Alternates, Base};
    use super::super::testing::{self, Site};
    use super::*;

    fn site(from: &str, locales: &str) -> Site {
        let mut site = Site::new(from, locales);
        site.config.alternates = Some(Alternates::default());
        site
    }

    fn links(site: &Site, target: &str) -> Option<String> {
        let head = format!("GET {target} HTTP/1.1|Host: a");
        let public = testing::public();
        let links = testing::visit(&head, |visit| {
            alternates(&site.config, site.offer(), visit, Some(&public))
        });
        links.map(|links| String::from_utf8(links.to_vec()).unwrap())
    }

    /// `hreflang address` by line, with the usual beginning left out.
    fn listed(site: &Site, target: &str) -> Vec<String> {
        let links = links(site, target).unwrap();
        let links = links.split("<link rel=\"alternate\" hreflang=\"").skip(1);
        links
            .map(|link| link.strip_suffix("\">").unwrap().replace("\" href=\"", " "))
            .map(|link| link.replace("https://www.example.com:8443", ""))
            .collect()
    }

    #[test]
    fn every_address_of_a_page_gives_the_same_links() {
        let site = site("cookie:x path", "en de pt-BR");
        let expected = ["de /de/a?b", "en /en/a?b", "pt-BR /pt-BR/a?b", "x-default /a?b"];
        for target in ["/a?b", "/de/a?b", "/en/a?b", "/pt-br/a?b", "/PT-BR/a?b"] {
            assert_eq!(listed(&site, target), expected, "{target}");
        }
        let expected = ["de /de/", "en /en/", "pt-BR /pt-BR/", "x-default /"];
        for target in ["/", "/de", "/de/", "/pt-BR"] {
            assert_eq!(listed(&site, target), expected, "{target}");
        }
        assert_eq!(listed(&site, "/dex/a")[0], "de /de/dex/a");
    }

    #[test]
    fn segments_are_those_that_are_taken_off() {
        let site = site("path", "en de pt-BR").strip("en pt-br fr");
        let expected = ["en /en/a", "pt-BR /pt-br/a", "x-default /a"];
        // There is no content for `fr`, and `de` is no address of the site's.
        for target in ["/a", "/en/a", "/PT-BR/a", "/fr/a"] {
            assert_eq!(listed(&site, target), expected, "{target}");
        }
    }

    #[test]
    fn a_locale_may_have_a_host() {
        let mut site = site("host", "en de fr")
            .hosts("www.example.com=en de.example.com=de de.example.org=de");
        let expected = ["de https://de.example.com:8443/de/a", "en /de/a", "x-default /de/a"];
        assert_eq!(listed(&site, "/de/a"), expected);
        site.config.default = Some(Tag::parse("fr").unwrap());
        assert_eq!(listed(&site, "/de/a"), expected[..2]);
    }

    #[test]
    fn a_parameter_is_set_last() {
        let site = site("query:lang path", "en de");
        let expected = [
            "de /a?b=1&amp;c&amp;lang=de",
            "en /a?b=1&amp;c&amp;lang=en",
            "x-default /a?b=1&amp;c",
        ];
        for target in ["/a?b=1&c", "/a?lang=de&b=1&c", "/a?b=1&lang=en&c&l%61ng=x", "/a?b=1&c&lang"]
        {
            assert_eq!(listed(&site, target), expected, "{target}");
        }
        let expected = ["de /de/?lang=de", "en /de/?lang=en", "x-default /de/"];
        for target in ["/de/", "/de/?", "/de/?lang=en"] {
            assert_eq!(listed(&site, target), expected, "{target}");
        }
    }

    #[test]
    fn a_base_replaces_what_the_visitor_wrote() {
        let mut site = site("path", "en");
        let (scheme, authority) = ("http".parse().unwrap(), "Shop.example:80".parse().unwrap());
        site.config.alternates = Some(Alternates { base: Some(Base { scheme, authority }) });
        assert_eq!(
            links(&site, "/x").unwrap(),
            "<link rel=\"alternate\" hreflang=\"en\" href=\"http://shop.example/en/x\">\
             <link rel=\"alternate\" hreflang=\"x-default\" href=\"http://shop.example/x\">"
        );
    }

    #[test]
    fn links_are_plain_and_stay_in_their_attribute() {
        let site = site("path", "en");
        for (target, expected) in [
            ("/\u{e4}\"?\u{e4}='`x'", "x-default /%C3%A4%22?%C3%A4=%27%60x%27"),
            ("/%C3%A4/%22?a=%26&b", "x-default /%C3%A4/%22?a=%26&amp;b"),
            ("/{a}'\\", "x-default /%7Ba%7D%27%5C"),
            ("//evil.example/", "x-default //evil.example/"),
        ] {
            assert_eq!(listed(&site, target)[1], expected, "{target}");
        }
    }

    #[test]
    fn there_are_all_links_or_none() {
        let many = ["en", "de", "fr", "es", "it", "pt", "nl", "da", "sv", "fi"].join(" ");
        let site = site("path", &many);
        assert!(links(&site, &format!("/{}", "x".repeat(5000))).is_some());
        assert_eq!(links(&site, &format!("/{}", "x".repeat(7000))), None);
        assert_eq!(links(&Site::new("path", "en de"), "/"), None);
    }
}
