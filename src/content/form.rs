//! The form of a content directory: what a file is, by its path.

use crate::locale::Tag;

use super::key::{self, KeyError};

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// `site.json`.
    Site,
    /// `<tag>.json`, or `<tag>/<path>.json` with its keys below `prefix`.
    Messages { tag: Tag, prefix: String },
    /// `<tag>/<path>.html`: one entry of markup.
    Html { tag: Tag, key: String },
    /// Nothing that belongs to the content.
    Other,
}

/// Why a path has no role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Misplaced {
    /// The name that should be a language tag, and what is wrong with it.
    BadTag { name: String, fault: String },
    /// The key that the path makes.
    BadKey { key: String, error: KeyError },
    /// A passage of markup whose locale is not known.
    HtmlOutsideLocale,
}

impl Misplaced {
    pub(super) fn message(&self) -> String {
        match self {
            Self::BadTag { fault, .. } => fault.clone(),
            Self::BadKey { key, error } => format!("the path makes the bad key {key:?}: {error}"),
            Self::HtmlOutsideLocale => "an HTML file must be in a locale's folder".to_owned(),
        }
    }

    pub(super) fn help(&self) -> &'static str {
        match self {
            Self::BadTag { .. } => "name the file or folder by its locale, such as en or pt-BR",
            Self::BadKey { .. } => KEY_HELP,
            Self::HtmlOutsideLocale => "move it to, for example, en/home/terms.html",
        }
    }
}

pub(super) const KEY_HELP: &str = "a key starts with one of A-Z a-z 0-9 _, \
    goes on with these and . : / -, and has at most 200 bytes";

/// The role of the file at `path`, relative to the directory and separated by `/`.
pub(super) fn role(path: &str) -> Result<Role, Misplaced> {
    if path == "site.json" {
        return Ok(Role::Site);
    }
    let Some((stem, extension)) = path.rsplit_once('.') else {
        return Ok(Role::Other);
    };
    match (extension, stem.split_once('/')) {
        ("json", None) => Ok(Role::Messages { tag: tag(stem)?, prefix: String::new() }),
        ("json", Some((name, below))) => {
            Ok(Role::Messages { tag: tag(name)?, prefix: dotted(below)? })
        }
        ("html", None) => Err(Misplaced::HtmlOutsideLocale),
        ("html", Some((name, below))) => Ok(Role::Html { tag: tag(name)?, key: dotted(below)? }),
        _ => Ok(Role::Other),
    }
}

fn tag(name: &str) -> Result<Tag, Misplaced> {
    Tag::parse(name).map_err(|fault| Misplaced::BadTag { name: name.to_owned(), fault })
}

fn dotted(below: &str) -> Result<String, Misplaced> {
    let key = below.replace('/', ".");
    match key::check(&key) {
        Ok(()) => Ok(key),
        Err(error) => Err(Misplaced::BadKey { key, error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(tag: &str, prefix: &str) -> Result<Role, Misplaced> {
        Ok(Role::Messages { tag: Tag::parse(tag).unwrap(), prefix: prefix.into() })
    }

    #[test]
    fn paths_have_roles() {
        assert_eq!(role("site.json"), Ok(Role::Site));
        assert_eq!(role("pt-br.json"), messages("pt-BR", ""));
        assert_eq!(role("de/checkout.json"), messages("de", "checkout"));
        assert_eq!(role("de/a/b.c.json"), messages("de", "a.b.c"));
        assert_eq!(role("en/site.json"), messages("en", "site"));
        let html = Role::Html { tag: Tag::parse("en").unwrap(), key: "home.terms".into() };
        assert_eq!(role("en/home/terms.html"), Ok(html));
        assert_eq!(role("README.md"), Ok(Role::Other));
    }

    #[test]
    fn misplaced_files_are_named() {
        let bad_key = Misplaced::BadKey { key: "a b".into(), error: KeyError::BadChar(' ') };
        assert_eq!(role("en/a b.json"), Err(bad_key));
        assert_eq!(role("terms.html"), Err(Misplaced::HtmlOutsideLocale));
        for path in ["en_US.json", "en_US/a.json", "en_US/a.html"] {
            let Err(Misplaced::BadTag { name, fault }) = role(path) else { panic!("{path}") };
            assert_eq!(name, "en_US");
            assert!(fault.contains("not \"_\""));
        }
    }
}
