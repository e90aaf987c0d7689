//! `site.json`: which locale is the default, and what stands in for what.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::locale::{Fallback, Tag};
use crate::problem::Problem;

use super::json::{Member, Node, Value};
use super::members;
use super::source::{Source, nearest};

/// The file's name, at the top of the directory.
pub(super) const FILE: &str = "site.json";

const NAMES: &[&str] = &["default_locale", "fallback"];
const DEFAULT_HELP: &str = "write \"default_locale\": \"en\"";
const FALLBACK_HELP: &str = "write \"fallback\": {\"pt-BR\": [\"pt\"]}";

/// What the site asks for; nothing where there is no file.
#[derive(Debug, Default)]
pub(super) struct Site {
    pub(super) default_locale: Option<Tag>,
    pub(super) fallback: Fallback,
    /// Whether a default may have been named in a way that could not be read.
    pub(super) unreadable: bool,
    /// The file, and where in it the default is set, for problems found later.
    pub(super) origin: Option<(Source, Range<usize>)>,
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
    fn both_settings_are_read() {
        let (site, problems) = site(r#"{"default_locale": "EN", "fallback": {"pt-br": ["pt"]}}"#);
        assert_eq!(problems, []);
        assert_eq!(site.default_locale.unwrap().as_str(), "en");
        assert_eq!(site.fallback.tags().map(Tag::as_str).collect::<Vec<_>>(), ["pt-BR"]);
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
