//! Which locale is the default: the one that `site.json` names, else the obvious one.

use std::collections::BTreeSet;

use crate::locale::Tag;
use crate::problem::Problem;

use super::drafts::Drafts;
use super::site::{self, Site};
use super::source::Source;

/// How a directory looks, for those who have none yet.
const SHAPE: &str = "write en.json with {\"home\": {\"title\": \"Hello\"}}; \
    de.json, de/checkout.json and en/home/terms.html work too";

/// Chooses among the locales with content. `sound` says that no file has a problem.
///
/// # Errors
/// What is wrong; `None` where that only follows from problems already told.
pub(super) fn choose(site: &Site, drafts: &Drafts, sound: bool) -> Result<Tag, Option<Problem>> {
    let locales = candidates(drafts, sound);
    if locales.is_empty() {
        return Err(sound.then(|| nothing(drafts)));
    }
    match &site.default_locale {
        Some(tag) if locales.contains(tag) => Ok(tag.clone()),
        Some(tag) => Err(Some(without_content(site, tag, &locales))),
        None if site.unreadable => Err(None),
        None => guess(&locales).ok_or_else(|| Some(undecided(site, &locales))),
    }
}

/// While there are problems, every locale with a file counts: the broken file may be the one with
/// the content.
fn candidates(drafts: &Drafts, sound: bool) -> BTreeSet<Tag> {
    if sound { drafts.filled().cloned().collect() } else { drafts.tags().cloned().collect() }
}

fn guess(locales: &BTreeSet<Tag>) -> Option<Tag> {
    let only = locales.first().filter(|_| locales.len() == 1);
    locales.get("en").or(only).cloned()
}

fn nothing(drafts: &Drafts) -> Problem {
    let message = match drafts.tags().next() {
        None => "no content files found",
        Some(_) => "no content in any of the files",
    };
    Source::missing(".").problem(0..0, message, SHAPE)
}

fn without_content(site: &Site, tag: &Tag, locales: &BTreeSet<Tag>) -> Problem {
    let message = format!("the default locale {tag} has no content");
    let help = format!("write {tag}.json, or choose from {}", list(locales));
    at_setting(site, message, help)
}

fn undecided(site: &Site, locales: &BTreeSet<Tag>) -> Problem {
    let message = format!("which locale is the default: {}?", list(locales));
    let example = locales.first().map_or("en", Tag::as_str);
    let help = format!("write site.json with {{\"default_locale\": \"{example}\"}}");
    at_setting(site, message, help)
}

fn at_setting(site: &Site, message: String, help: String) -> Problem {
    match &site.origin {
        Some((source, span)) => source.problem(span.clone(), message, help),
        None => Source::missing(site::FILE).problem(0..0, message, help),
    }
}

fn list(locales: &BTreeSet<Tag>) -> String {
    let names: Vec<&str> = locales.iter().map(Tag::as_str).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{Snapshot, compile};

    fn compiled(files: &[(&str, &str)]) -> Result<Snapshot, Vec<Problem>> {
        compile(files.iter().map(|(path, text)| ((*path).into(), (*text).into())))
    }

    #[test]
    fn the_default_locale_is_guessed_when_it_can_be() {
        let text = r#"{"a": "x"}"#;
        let default =
            |files: &[(&str, &str)]| compiled(files).unwrap().default_locale().to_string();
        assert_eq!(default(&[("de.json", text), ("en.json", text)]), "en");
        assert_eq!(default(&[("pt-br.json", text)]), "pt-BR");
        assert_eq!(default(&[("en.json", "{}"), ("de.json", text)]), "de");
        let problem = &compiled(&[("de.json", text), ("fr.json", text)]).unwrap_err()[0];
        assert_eq!(problem.file, "site.json");
        assert_eq!(problem.message, "which locale is the default: de, fr?");
        let help = problem.help.as_deref();
        assert_eq!(help, Some("write site.json with {\"default_locale\": \"de\"}"));
    }

    #[test]
    fn a_broken_default_locale_is_one_problem() {
        let site = ("site.json", r#"{"default_locale": "en"}"#);
        let told = compiled(&[("de.json", r#"{"a": "x"}"#), ("en.json", "{"), site]).unwrap_err();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].message, "unterminated object");
    }

    #[test]
    fn an_unreadable_setting_is_one_problem() {
        for site in ["{", "[]", r#"{"default_locale": "x_y"}"#, r#"{"default_locale": 1}"#] {
            let texts = [("de.json", r#"{"a": "x"}"#), ("fr.json", r#"{"a": "x"}"#)];
            let told = compiled(&[texts[0], texts[1], ("site.json", site)]).unwrap_err();
            assert_eq!(told.len(), 1, "{site}: {told:?}");
        }
    }

    #[test]
    fn no_content_is_a_problem_that_shows_the_shape() {
        for (files, message) in [
            (&[][..], "no content files found"),
            (&[("README.md", "x")][..], "no content files found"),
            (&[("site.json", "{}")][..], "no content files found"),
            (&[("en.json", "{}")][..], "no content in any of the files"),
        ] {
            let problem = &compiled(files).unwrap_err()[0];
            assert_eq!((problem.file.as_str(), problem.message.as_str()), (".", message));
            assert_eq!(problem.help.as_deref(), Some(SHAPE));
        }
    }
}
