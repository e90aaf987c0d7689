//! From a host to whatever answers for it.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::proxy::config::HostPattern;

/// Who answers for which host: an exact pattern before a wildcard, the longest wildcard first, then
/// whoever answers every host.
#[derive(Debug)]
pub(crate) struct SiteTable<T> {
    sites: Vec<T>,
    /// Into `sites`, as in the two fields below.
    exact: HashMap<String, usize>,
    /// Suffixes, the longest first.
    wildcards: Vec<(String, usize)>,
    rest: Option<usize>,
}

impl<T> SiteTable<T> {
    /// Who answers for `host` (lower case, without port and trailing dot) or for no host in
    /// particular.
    pub(crate) fn find(&self, host: Option<&str>) -> Option<&T> {
        let named = host.and_then(|host| self.named(host));
        self.sites.get(named.or(self.rest)?)
    }

    fn named(&self, host: &str) -> Option<usize> {
        if let Some(&site) = self.exact.get(host) {
            return Some(site);
        }
        let (_, site) = self.wildcards.iter().find(|(suffix, _)| is_under(host, suffix))?;
        Some(*site)
    }

    fn add(&mut self, pattern: HostPattern, site: usize) {
        match pattern {
            HostPattern::Exact(host) => {
                self.exact.entry(host).or_insert(site);
            }
            HostPattern::Wildcard(suffix) => self.wildcards.push((suffix, site)),
        }
    }
}

/// Sites without a pattern answer every host. Of two that claim the same, the first has it.
impl<T> FromIterator<(Vec<HostPattern>, T)> for SiteTable<T> {
    fn from_iter<I: IntoIterator<Item = (Vec<HostPattern>, T)>>(sites: I) -> Self {
        let mut table =
            Self { sites: Vec::new(), exact: HashMap::new(), wildcards: Vec::new(), rest: None };
        for (index, (patterns, site)) in sites.into_iter().enumerate() {
            if patterns.is_empty() {
                table.rest.get_or_insert(index);
            }
            patterns.into_iter().for_each(|pattern| table.add(pattern, index));
            table.sites.push(site);
        }
        table.wildcards.sort_by_key(|(suffix, _)| Reverse(suffix.len()));
        table
    }
}

/// Whether `host` is `suffix` with at least one label in front.
fn is_under(host: &str, suffix: &str) -> bool {
    host.strip_suffix(suffix).is_some_and(|front| front.len() > 1 && front.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(sites: &[(&'static str, &[&str])]) -> SiteTable<&'static str> {
        let pattern = |text: &&str| match text.strip_prefix("*.") {
            Some(suffix) => HostPattern::Wildcard(suffix.to_owned()),
            None => HostPattern::Exact((*text).to_owned()),
        };
        sites.iter().map(|(name, hosts)| (hosts.iter().map(pattern).collect(), *name)).collect()
    }

    #[test]
    fn the_most_particular_site_answers() {
        let table = table(&[
            ("wide", &["*.example.org"]),
            ("rest", &[]),
            ("deep", &["*.a.example.org", "example.org"]),
            ("one", &["www.example.org", "[::1]"]),
            ("late", &["www.example.org", "*.example.org"]),
            ("last", &[]),
        ]);
        for (host, site) in [
            (Some("www.example.org"), "one"),
            (Some("[::1]"), "one"),
            (Some("b.example.org"), "wide"),
            (Some("c.b.example.org"), "wide"),
            (Some("a.example.org"), "wide"),
            (Some("b.a.example.org"), "deep"),
            (Some("example.org"), "deep"),
            (Some("notexample.org"), "rest"),
            (Some(".example.org"), "rest"),
            (Some("other"), "rest"),
            (None, "rest"),
        ] {
            assert_eq!(table.find(host), Some(&site), "{host:?}");
        }
    }

    #[test]
    fn without_a_site_for_every_host_some_have_none() {
        let table = table(&[("one", &["a"])]);
        assert_eq!(table.find(Some("a")), Some(&"one"));
        assert_eq!(table.find(Some("b")), None);
        assert_eq!(table.find(None), None);
    }
}
