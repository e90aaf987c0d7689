//! `site.json`: which locale is the default, what stands in for what, and which elements HTML
//! entries may have.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::locale::{Fallback, Tag};
use crate::problem::Problem;

use super::json::{Member, Node, Value};
use super::members;
use super::policy::{Differences, Policy, Refused};
use super::source::{Source, nearest};

/// The file's name, at the top of the directory.
pub(super) const FILE: &str = "site.json";

const NAMES: &[&str] = &["default_locale", "fallback", "html"];
const DEFAULT_HELP: &str = "write \"default_locale\": \"en\"";
const FALLBACK_HELP: &str = "write \"fallback\": {\"pt-BR\": [\"pt\"]}";
const HTML_NAMES: &[&str] = &["allow", "deny"];
const HTML_HELP: &str = "write \"html\": {\"allow\": [\"video\"], \"deny\": [\"img\"]}";

/// What the site asks for; nothing where there is no file.
#[derive(Debug, Default)]
pub(super) struct Site {
    pub(super) default_locale: Option<Tag>,
    pub(super) fallback: Fallback,
    pub(super) policy: Policy,
    /// Whether a default may have been named in a way that could not be read.
    pub(super) unreadable: bool,
    /// The file, and where in it the default is set, for problems found later.
    pub(super) origin: Option<(Source, Range<usize>)>,
}

impl Site {
    /// What is known before a file is read, or where it cannot be.
    pub(super) fn unreadable() -> Self {
        // So that no entry is blamed for what its site may have allowed.
        Self { unreadable: true, policy: Differences::widest().into(), ..Self::default() }
    }
}

/// Reads the file's root; what is wrong goes to `problems` and is left out of the result.
pub(super) fn read(root: &Node, source: &Source, problems: &mut Vec<Problem>) -> Site {
    let mut reader = Reader { source, problems };
    let mut site = Site { origin: Some((source.clone(), 0..0)), ..Site::default() };
    let Value::Object(members) = &root.value else {
        site.unreadable = true;
        reader.report(&root.span, "site.json must be an object", DEFAULT_HELP);
        return site;
    };
    for member in members::unique(members, reader.source, reader.problems) {
        match member.name.as_str() {
            "default_locale" => {
                site.default_locale = reader.tag(&member.node, DEFAULT_HELP);
                site.unreadable = site.default_locale.is_none();
                site.origin = Some((source.clone(), member.node.span.clone()));
            }
            "fallback" => site.fallback = reader.fallback(member),
            "html" => site.policy = reader.policy(member).unwrap_or(Differences::widest()).into(),
            unknown => {
                let message = format!("unknown {unknown:?}");
                reader.report(&member.span, message, nearest(unknown, NAMES));
            }
        }
    }
    site
}

struct Reader<'s> {
    source: &'s Source,
    problems: &'s mut Vec<Problem>,
}

impl Reader<'_> {
    fn fallback(&mut self, member: &Member) -> Fallback {
        let Value::Object(members) = &member.node.value else {
            self.report(&member.node.span, "fallback must be an object", FALLBACK_HELP);
            return Fallback::default();
        };
        let mut explicit = BTreeMap::new();
        for entry in members::unique(members, self.source, self.problems) {
            self.stand_ins(entry, &mut explicit);
        }
        Fallback::new(explicit).unwrap_or_else(|cycle| {
            self.report(&member.span, cycle.to_string(), "take one of them out");
            Fallback::default()
        })
    }

    fn stand_ins(&mut self, entry: &Member, fallback: &mut BTreeMap<Tag, Vec<Tag>>) {
        let Some(tag) = self.parse(&entry.name, &entry.span) else {
            return;
        };
        let Value::Array(nodes) = &entry.node.value else {
            return self.report(&entry.node.span, "must be a list of locales", FALLBACK_HELP);
        };
        let tags = nodes.iter().filter_map(|node| self.tag(node, FALLBACK_HELP)).collect();
        if fallback.insert(tag.clone(), tags).is_some() {
            let message = format!("duplicate {tag}: {:?} means the same locale", entry.name);
            self.report(&entry.span, message, "keep one of the two");
        }
    }

    /// None where any of it is not good.
    fn policy(&mut self, member: &Member) -> Option<Differences> {
        let Value::Object(members) = &member.node.value else {
            self.report(&member.node.span, "html must be an object", HTML_HELP);
            return None;
        };
        let known = self.problems.len();
        let mut differences = Differences::default();
        for list in members::unique(members, self.source, self.problems) {
            match list.name.as_str() {
                "allow" => self.elements(list, |name| differences.allow(name)),
                "deny" => self.elements(list, |name| differences.deny(name)),
                unknown => {
                    let message = format!("unknown {unknown:?}");
                    self.report(&list.span, message, nearest(unknown, HTML_NAMES));
                }
            }
        }
        (self.problems.len() == known).then_some(differences)
    }

    fn elements(&mut self, list: &Member, mut take: impl FnMut(&str) -> Result<(), Refused>) {
        let Value::Array(nodes) = &list.node.value else {
            return self.report(&list.node.span, "must be a list of elements", HTML_HELP);
        };
        for node in nodes {
            match &node.value {
                Value::Text(name) => {
                    if let Err(Refused { message, help }) = take(name) {
                        self.report(&node.span, message, help);
                    }
                }
                _ => self.report(&node.span, "an element must be text", HTML_HELP),
            }
        }
    }

    fn tag(&mut self, node: &Node, help: &str) -> Option<Tag> {
        let Value::Text(text) = &node.value else {
            self.report(&node.span, "a locale must be text", help);
            return None;
        };
        self.parse(text, &node.span)
    }

    fn parse(&mut self, text: &str, span: &Range<usize>) -> Option<Tag> {
        Tag::parse(text)
            .map_err(|fault| self.report(span, fault, "write a tag such as en or pt-BR"))
            .ok()
    }

    fn report(&mut self, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(self.source.problem(span.clone(), message, help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::json;

    fn site(text: &str) -> (Site, Vec<Problem>) {
        let source = Source::decode(FILE, text.as_bytes()).unwrap();
        let mut problems = Vec::new();
        let site = read(&json::parse(text).unwrap(), &source, &mut problems);
        (site, problems)
    }

    #[test]
    fn every_setting_is_read() {
        let (site, problems) = site(
            r#"{"default_locale": "EN", "fallback": {"pt-br": ["pt"]},
                "html": {"allow": ["video"], "deny": ["IMG", "h1"]}}"#,
        );
        assert_eq!(problems, []);
        assert_eq!(site.default_locale.unwrap().as_str(), "en");
        assert_eq!(site.fallback.tags().map(Tag::as_str).collect::<Vec<_>>(), ["pt-BR"]);
        assert_eq!(site.policy.differences().to_string(), "+video -h1 -img");
    }

    #[test]
    fn mistakes_name_line_and_remedy() {
        for (text, message, help) in [
            ("[\n]", "site.json must be an object", DEFAULT_HELP),
            ("{\n\"default_local\": \"en\"}", "unknown \"default_local\"", "did you mean"),
            ("{\n\"default_locale\": 1}", "a locale must be text", DEFAULT_HELP),
            ("{\n\"default_locale\": \"e_n\"}", "\"e_n\" is not a language tag", "such as en"),
            ("{\n\"fallback\": []}", "fallback must be an object", FALLBACK_HELP),
            ("{\"fallback\": {\n\"pt\": \"es\"}}", "must be a list of locales", FALLBACK_HELP),
            ("{\"fallback\": {\n\"p\": []}}", "\"p\" is not a language tag", "such as en"),
            ("{\"fallback\": {\n\"pt\": [3]}}", "a locale must be text", FALLBACK_HELP),
            ("{\"fallback\": {\"pt\": [],\n\"PT\": []}}", "duplicate pt: \"PT\" means", "keep one"),
            ("{\n\"fallback\": {\"pt\": [\"es\"], \"es\": [\"pt\"]}}", "es → pt → es", "take one"),
            ("{\n\"html\": []}", "html must be an object", HTML_HELP),
            ("{\"html\": {\n\"alow\": []}}", "unknown \"alow\"", "did you mean \"allow\"?"),
            ("{\"html\": {\n\"allow\": \"video\"}}", "must be a list of elements", HTML_HELP),
            ("{\"html\": {\"deny\": [\n3]}}", "an element must be text", HTML_HELP),
            (
                "{\"html\": {\"allow\": [\n\"iframe\"]}}",
                "\"iframe\" cannot be allowed",
                "another document",
            ),
            (
                "{\"html\": {\"allow\": [\n\"pictur\"]}}",
                "unknown element \"pictur\"",
                "mean \"picture\"?",
            ),
            (
                "{\"html\": {\"allow\": [\"b\"], \"deny\": [\n\"b\"]}}",
                "both allowed and denied",
                "keep one",
            ),
            ("{\"fallback\": {},\n\"fallback\": {}}", "already at site.json:1", "keep one"),
        ] {
            let (_, problems) = site(text);
            assert_eq!(problems.len(), 1, "{text}: {problems:?}");
            let line = if text.starts_with('[') { 1 } else { 2 };
            assert_eq!(problems[0].line(), line, "{text}");
            assert!(problems[0].message.contains(message), "{text}: {}", problems[0].message);
            assert!(problems[0].help.as_ref().unwrap().contains(help), "{text}");
        }
    }
}
