//! Visitors of `/` are sent to the locale that their browser asks for.

use super::super::config::LocaleConfig;
use super::super::mapping::PublicAddress;
use super::super::visit::Visit;
use super::address::{Place, Root};
use super::{Choice, Offer};

/// Whether visits like this one are sent anywhere at all.
pub(crate) fn is_possible(config: &LocaleConfig, visit: &Visit<'_>) -> bool {
    config.redirect && visit.path == "/"
}

/// The address that a visitor is sent to. None who chose, none whom the default suits, and no crawler,
/// since those ask for no language.
pub(crate) fn redirect(
    config: &LocaleConfig,
    choice: &Choice,
    offer: Offer<'_>,
    visit: &Visit<'_>,
    public: Option<&PublicAddress>,
) -> Option<String> {
    if !is_possible(config, visit) || !choice.by_browser || choice.tag == *offer.default {
        return None;
    }
    let query = visit.query.map(|query| format!("?{query}")).unwrap_or_default();
    // A parameter is no address to go to: without it, the page is the same.
    match config.places().find(|place| !matches!(place, Place::Query(_)))? {
        Place::Path => Some(format!("/{}/{query}", config.segment(&choice.tag)?)),
        Place::Host | Place::Query(_) => {
            let root = public.and_then(|public| Root::new(&public.scheme, &public.authority))?;
            Some(format!("{}/{query}", root.at(config.host(&choice.tag)?)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Site};
    use super::*;

    /// Where a visitor of a target with these headers is sent.
    fn sent(site: &Site, target: &str, lines: &str) -> Option<String> {
        let head = format!("GET {target} HTTP/1.1|Host: www.example.com:8443{lines}");
        testing::visit(&head, |visit| {
            let choice = super::super::choose(&site.config, site.offer(), visit);
            redirect(&site.config, &choice, site.offer(), visit, Some(&testing::public()))
        })
    }

    #[test]
    fn only_the_browsers_wish_sends_anybody() {
        let mut site = Site::new("path cookie:lang accept-language", "en de pt-BR");
        site.config.redirect = true;
        let german = "|Accept-Language: de-AT,de;q=0.9";
        for (target, lines, expected) in [
            ("/", german, Some("/de/")),
            ("/?", german, Some("/de/?")),
            ("/?a=1&b=//x", german, Some("/de/?a=1&b=//x")),
            ("/", "|Accept-Language: pt", Some("/pt-BR/")),
            ("/", "|Accept-Language: en", None),
            ("/", "|Accept-Language: it", None),
            ("/", "|Accept-Language: *", None),
            ("/", "|Accept-Language:", None),
            ("/", "", None),
            ("/a", german, None),
            ("//", german, None),
            ("/de/", german, None),
            ("/en", german, None),
            ("/", "|Accept-Language: de|Cookie: lang=en", None),
            ("/", "|Accept-Language: de|Cookie: lang=pt_BR", None),
            ("/", "|Accept-Language: de|Cookie: lang=xx", Some("/de/")),
        ] {
            assert_eq!(sent(&site, target, lines).as_deref(), expected, "{target} {lines}");
        }
        site.config.redirect = false;
        assert_eq!(sent(&site, "/", german), None);
    }

    #[test]
    fn a_cookie_speaks_whatever_the_order() {
        let mut site = Site::new("accept-language query:lang cookie:lang path", "en de fr");
        site.config.redirect = true;
        assert_eq!(sent(&site, "/", "|Accept-Language: de").as_deref(), Some("/de/"));
        assert_eq!(sent(&site, "/", "|Accept-Language: de|Cookie: lang=fr"), None);
        assert_eq!(sent(&site, "/?lang=fr", "|Accept-Language: de"), None);
    }

    #[test]
    fn segments_are_those_that_links_have() {
        let mut site = Site::new("path accept-language", "en de pt-BR").strip("en pt-br");
        site.config.redirect = true;
        let to = |wish: &str| sent(&site, "/", &format!("|Accept-Language: {wish}"));
        assert_eq!(to("pt").as_deref(), Some("/pt-br/"));
        assert_eq!(to("de"), None, "the origin would be asked for /de/");
    }

    #[test]
    fn a_locale_may_have_a_host() {
        let mut site = Site::new("host accept-language", "en de fr").hosts("de.example.com=de");
        site.config.redirect = true;
        let to = |wish: &str| sent(&site, "/?x", &format!("|Accept-Language: {wish}"));
        assert_eq!(to("de").as_deref(), Some("https://de.example.com:8443/?x"));
        assert_eq!(to("fr"), None);
    }
}
