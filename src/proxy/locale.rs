//! The locale of a page, as its visitor asks for it: in the address, by a cookie, by the browser.
//!
//! Knows which locales there are, and nothing of what is printed in them.

mod address;
mod alternates;
mod redirect;
mod strip;
#[cfg(test)]
mod testing;

use hyper::header::{ACCEPT_LANGUAGE, COOKIE, HeaderName};

use super::config::{LocaleConfig, LocaleSource};
use super::visit::Visit;
use crate::content::Snapshot;
use crate::locale::{Preferences, Tag};

pub(crate) use self::alternates::alternates;
pub(crate) use self::redirect::{is_possible as is_redirect_possible, redirect};
pub(crate) use self::strip::{Stripped, strip};

/// The longest value of a cookie or a parameter that is looked up, in bytes. No locale has a longer
/// name, and half of something else is none.
const MAX_WISH: usize = 64;

/// The locales that a visitor can have, all with content, sorted, and the one of them for those who
/// ask for none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer<'s> {
    pub(crate) locales: &'s [Tag],
    pub(crate) default: &'s Tag,
}

/// Which locale a page is in, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) tag: Tag,
    /// Whether only the browser's settings speak for it: nothing that the visitor did.
    pub(crate) by_browser: bool,
    /// The headers that were looked into up to what decided.
    pub(crate) consulted: Vec<HeaderName>,
}

impl<'s> Offer<'s> {
    pub(crate) fn new(config: &'s LocaleConfig, snapshot: &'s Snapshot) -> Self {
        let locales = snapshot.locale_list();
        let own = config.default.as_ref().filter(|tag| locales.binary_search(tag).is_ok());
        Self { locales, default: own.unwrap_or(snapshot.default_locale()) }
    }

    fn has(&self, tag: &Tag) -> bool {
        self.locales.binary_search(tag).is_ok()
    }
}

/// Chooses among what is offered: the first source that names one decides.
pub(crate) fn choose(config: &LocaleConfig, offer: Offer<'_>, visit: &Visit<'_>) -> Choice {
    let mut consulted = Vec::new();
    for source in &config.from {
        note(source, &mut consulted);
        let Some(tag) = source.find(config, offer, visit) else { continue };
        let mut by_browser = *source == LocaleSource::AcceptLanguage;
        if by_browser && redirect::is_possible(config, visit) {
            // Whatever the order: who has chosen before is not sent elsewhere.
            let others = config.from.iter().filter(|other| *other != source);
            by_browser = others.fold(true, |by_browser, other| {
                note(other, &mut consulted);
                by_browser && other.find(config, offer, visit).is_none()
            });
        }
        return Choice { tag, by_browser, consulted };
    }
    Choice { tag: offer.default.clone(), by_browser: false, consulted }
}

/// Addresses tell themselves apart; headers have to be named.
fn note(source: &LocaleSource, consulted: &mut Vec<HeaderName>) {
    let header = match source {
        LocaleSource::Cookie(_) => COOKIE,
        LocaleSource::AcceptLanguage => ACCEPT_LANGUAGE,
        LocaleSource::Path | LocaleSource::Host | LocaleSource::Query(_) => return,
    };
    if !consulted.contains(&header) {
        consulted.push(header);
    }
}

impl LocaleSource {
    /// The locale that this source names, if it is offered.
    fn find(&self, config: &LocaleConfig, offer: Offer<'_>, visit: &Visit<'_>) -> Option<Tag> {
        match self {
            Self::Path => config.named_by(visit.first_segment(), offer).cloned(),
            Self::Host => {
                let (_, tag) = config.hosts.iter().find(|(host, _)| visit.host == Some(host))?;
                offer.has(tag).then(|| tag.clone())
            }
            Self::Query(name) => wish(&visit.parameter(name)?, offer),
            Self::Cookie(name) => wish(&visit.cookie(name)?, offer),
            Self::AcceptLanguage => {
                let preferences = Preferences::of_header(visit.lines(&ACCEPT_LANGUAGE));
                preferences.choose(offer.locales.iter(), offer.default).cloned()
            }
        }
    }
}

fn wish(value: &[u8], offer: Offer<'_>) -> Option<Tag> {
    let text = str::from_utf8(value).ok().filter(|text| text.len() <= MAX_WISH)?;
    Preferences::of_wish(text).choose(offer.locales.iter(), offer.default).cloned()
}

#[cfg(test)]
mod tests {
    use super::testing::{Site, visit};
    use super::*;

    /// The locale and what was consulted.
    fn chosen(site: &Site, head: &str) -> String {
        visit(head, |visit| {
            let choice = choose(&site.config, site.offer(), visit);
            let names = choice.consulted.iter().map(HeaderName::as_str);
            [choice.tag.as_str()].into_iter().chain(names).collect::<Vec<_>>().join(" ")
        })
    }

    #[test]
    fn the_first_source_that_names_a_locale_decides() {
        let site =
            Site::new("path host query:lang cookie:lang accept-language", "en de fr pt-BR zh-Hant")
                .hosts("de.example.com=de it.example.com=it");
        let cookie = "cookie";
        let both = "cookie accept-language";
        for (target, lines, tag, consulted) in [
            ("/", "", "en", both),
            ("/de/a", "|Cookie: lang=fr", "de", ""),
            ("/DE", "", "de", ""),
            ("/pt-br/", "", "pt-BR", ""),
            ("/dex", "", "en", both),
            ("/de-AT/", "", "en", both),
            ("/pt/", "", "en", both),
            ("/%64e/", "", "en", both),
            ("//de/", "", "en", both),
            ("/a/de", "", "en", both),
            ("/?lang=de", "|Cookie: lang=fr", "de", ""),
            ("/?lang=pt", "", "pt-BR", ""),
            ("/?lang=zh_TW", "", "zh-Hant", ""),
            ("/?lang=it", "|Cookie: lang=fr", "fr", cookie),
            ("/?lang=*", "", "en", both),
            ("/?lang=d%65", "", "de", ""),
            ("/?lang=", "|Cookie: lang=\"fr-CH\"", "fr", cookie),
            ("/", "|Cookie: lang=de", "de", cookie),
            ("/", "|Cookie: lang=de%2DAT", "de", cookie),
            ("/", "|Cookie: lang=xx|Accept-Language: fr", "fr", both),
            ("/", "|Cookie: lang=%ff|Accept-Language: fr", "fr", both),
            ("/", "|Accept-Language: it, de;q=0.5", "de", both),
            ("/", "|Accept-Language: it|Accept-Language: fr;q=0.2", "fr", both),
            ("/", "|Accept-Language: it", "en", both),
            ("/", "|Accept-Language: ;;;", "en", both),
            ("/", "|Accept-Language: *;q=0", "en", both),
            ("/", "|Accept-Language: en;q=0, *", "de", both),
        ] {
            let head = format!("GET {target} HTTP/1.1|Host: www.example.com{lines}");
            let expected = format!("{tag} {consulted}");
            assert_eq!(chosen(&site, &head), expected.trim_end(), "{head}");
        }
        for (host, expected) in [
            ("de.example.com", "de"),
            ("DE.Example.com.:8080", "de"),
            ("it.example.com", "en cookie accept-language"),
            ("x.de.example.com", "en cookie accept-language"),
        ] {
            assert_eq!(chosen(&site, &format!("GET / HTTP/1.1|Host: {host}")), expected, "{host}");
        }
        assert_eq!(chosen(&site, "GET / HTTP/1.0"), "en cookie accept-language");
    }

    #[test]
    fn without_sources_nothing_is_consulted() {
        let site = Site::new("", "en de");
        assert_eq!(chosen(&site, "GET /de/ HTTP/1.1|Host: a|Accept-Language: de"), "en");
    }

    #[test]
    fn a_long_value_is_none() {
        let site = Site::new("query:lang", "en de");
        let ok = format!("GET /?lang=de-x-{} HTTP/1.1|Host: a", ["abcdefgh"; 6].join("-"));
        assert_eq!(chosen(&site, &ok), "de");
        let long = format!("GET /?lang=de-x-{} HTTP/1.1|Host: a", ["abcdefgh"; 7].join("-"));
        assert_eq!(chosen(&site, &long), "en");
    }

    #[test]
    fn the_default_is_one_that_there_is() {
        let mut site = Site::new("path", "en de");
        for (default, expected) in [("de", "de"), ("de-AT", "en"), ("it", "en")] {
            site.config.default = Some(Tag::parse(default).unwrap());
            assert_eq!(chosen(&site, "GET / HTTP/1.1|Host: a"), expected, "{default}");
        }
    }

    #[test]
    fn where_visitors_may_be_sent_away_every_source_is_consulted() {
        let mut site = Site::new("accept-language cookie:lang path", "en de");
        let head = "GET / HTTP/1.1|Host: a|Accept-Language: de";
        assert_eq!(chosen(&site, head), "de accept-language");
        site.config.redirect = true;
        assert_eq!(chosen(&site, head), "de accept-language cookie");
        let head = "GET /a HTTP/1.1|Host: a|Accept-Language: de";
        assert_eq!(chosen(&site, head), "de accept-language");
    }
}
