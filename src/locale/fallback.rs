//! The order in which locales stand in for each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Tag;

/// Explicit fallbacks that lead back to where they started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle(Vec<Tag>);

impl Cycle {
    /// The tags in order; the first is repeated at the end.
    pub fn tags(&self) -> &[Tag] {
        &self.0
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(Tag::as_str).collect();
        write!(f, "the fallbacks go in a circle: {}", names.join(" → "))
    }
}

impl std::error::Error for Cycle {}

/// What stands in for what, as a site wants it; known to have no circle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fallback(BTreeMap<Tag, Vec<Tag>>);

impl Fallback {
    /// Takes what stands in for each tag, best first.
    ///
    /// # Errors
    /// [`Cycle`] when entries lead back to where they started. Truncation never counts:
    /// `pt → pt-BR` is a sensible wish although `pt-BR` would truncate to `pt`.
    pub fn new(explicit: BTreeMap<Tag, Vec<Tag>>) -> Result<Self, Cycle> {
        let mut clear = BTreeSet::new();
        match explicit.keys().find_map(|start| cycle_from(start, &explicit, &mut clear)) {
            Some(cycle) => Err(cycle),
            None => Ok(Self(explicit)),
        }
    }

    /// The tags that something is said about.
    pub fn tags(&self) -> impl Iterator<Item = &Tag> {
        self.0.keys()
    }

    /// What is said about each tag, sorted.
    pub fn listed(&self) -> impl Iterator<Item = (&Tag, &[Tag])> {
        self.0.iter().map(|(tag, list)| (tag, list.as_slice()))
    }

    /// The locales to ask for a text, best first: `start`, what stands in for it, then `default`
    /// and what stands in for that. Each occurs once.
    ///
    /// A tag that nothing is said about is truncated as in RFC 4647 section 3.4. Where an empty
    /// list is given, only the default stands in.
    pub fn chain(&self, start: &Tag, default: &Tag) -> Vec<Tag> {
        let mut chain = Vec::new();
        let mut seen = BTreeSet::new();
        // A stack, not recursion: how long a chain is, is up to a file.
        let mut pending = vec![default.clone(), start.clone()];
        while let Some(tag) = pending.pop() {
            if seen.insert(tag.clone()) {
                pending.extend(self.stand_ins(&tag).into_iter().rev());
                chain.push(tag);
            }
        }
        chain
    }

    fn stand_ins(&self, tag: &Tag) -> Vec<Tag> {
        match self.0.get(tag) {
            Some(listed) => listed.clone(),
            None => tag.parent().into_iter().collect(),
        }
    }
}

fn cycle_from<'a>(
    start: &'a Tag,
    explicit: &'a BTreeMap<Tag, Vec<Tag>>,
    clear: &mut BTreeSet<&'a Tag>,
) -> Option<Cycle> {
    let listed = |tag: &Tag| explicit.get(tag).map_or(&[][..], Vec::as_slice).iter();
    let mut path = vec![(start, listed(start))];
    while let Some((tag, rest)) = path.last_mut() {
        let Some(next) = rest.next() else {
            clear.insert(*tag);
            path.pop();
            continue;
        };
        if let Some(at) = path.iter().position(|(tag, _)| *tag == next) {
            let around = path[at..].iter().map(|(tag, _)| *tag).chain([next]);
            return Some(Cycle(around.cloned().collect()));
        }
        if !clear.contains(next) {
            path.push((next, listed(next)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::testing::tag;
    use super::*;

    fn explicit(pairs: &[(&str, &[&str])]) -> BTreeMap<Tag, Vec<Tag>> {
        pairs.iter().map(|(from, to)| (tag(from), to.iter().map(|t| tag(t)).collect())).collect()
    }

    fn chain(start: &str, pairs: &[(&str, &[&str])], default: &str) -> String {
        let chain = Fallback::new(explicit(pairs)).unwrap().chain(&tag(start), &tag(default));
        chain.iter().map(Tag::as_str).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn chains_truncate_then_take_the_default() {
        for (start, expected) in [
            ("zh-Hant-TW", "zh-Hant-TW zh-Hant zh en"),
            ("en-x-pirate", "en-x-pirate en"),
            ("en", "en"),
        ] {
            assert_eq!(chain(start, &[], "en"), expected);
        }
        assert_eq!(chain("fr", &[], "en-GB"), "fr en-GB en");
    }

    #[test]
    fn explicit_entries_replace_truncation() {
        assert_eq!(chain("pt-BR", &[("pt-BR", &["es"])], "en"), "pt-BR es en");
        assert_eq!(chain("pt-BR", &[("pt-BR", &[])], "en"), "pt-BR en");
        assert_eq!(chain("gsw", &[("gsw", &["de-CH", "fr"])], "en"), "gsw de-CH de fr en");
    }

    #[test]
    fn a_diamond_is_no_cycle_and_repeats_nothing() {
        let pairs: &[(&str, &[&str])] = &[("fr", &["es", "it"]), ("es", &["ca"]), ("it", &["ca"])];
        assert_eq!(chain("fr", pairs, "ca"), "fr es ca it");
    }

    #[test]
    fn truncation_back_to_the_start_is_no_cycle() {
        assert_eq!(chain("pt", &[("pt", &["pt-BR"])], "en"), "pt pt-BR en");
    }

    #[test]
    fn cycles_are_named() {
        for (pairs, named) in [
            (explicit(&[("de", &["de"])]), "de → de"),
            (explicit(&[("da", &["nb"]), ("nb", &["sv"]), ("sv", &["nb"])]), "nb → sv → nb"),
            // The circle is also entered through a truncation, which must not hide it.
            (explicit(&[("ca", &["es-MX", "es"]), ("es", &["ca"])]), "ca → es → ca"),
        ] {
            let cycle = Fallback::new(pairs).unwrap_err();
            assert_eq!(cycle.to_string(), format!("the fallbacks go in a circle: {named}"));
        }
    }
}
