//! Which elements the HTML entries of one site may have: today's list, and how the site differs.
//!
//! The same policy cleans entries when a directory is compiled and when a release is loaded, so it
//! travels with the content. Whatever it says, it stays within [`super::allowlist`].

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, LazyLock};

use ammonia::Builder;

use super::allowlist::{self, ELEMENTS, EXTRAS, IMPLIED, TABLE_PARTS};
use super::escape;
use super::source::nearest;

/// What entries may have. Cloning shares it; two are equal if they were asked for alike.
#[derive(Clone)]
pub struct Policy(Arc<Inner>);

struct Inner {
    differences: Differences,
    elements: BTreeSet<&'static str>,
    cleaner: Builder<'static>,
}

/// What a site asks for; every name is one that it may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    allow: BTreeSet<&'static str>,
    deny: BTreeSet<&'static str>,
}

/// Why a site may not ask for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) message: String,
    pub(super) help: String,
}

// === impl Policy ===

impl Policy {
    /// How it differs from what every site prints.
    pub fn differences(&self) -> &Differences {
        &self.0.differences
    }

    /// What of `source` is allowed, from one pass; text is kept where its element goes.
    pub(super) fn clean(&self, source: &str) -> String {
        let cleaned = self.0.cleaner.clean(source).to_string();
        // Character references have become the characters, those among them that no page may have.
        match escape::normalize(&cleaned) {
            Cow::Borrowed(_) => cleaned,
            Cow::Owned(normal) => normal,
        }
    }

    /// Whether an entry may have the element `name`.
    pub(super) fn allows(&self, name: &str) -> bool {
        self.0.elements.contains(name)
    }
}

static DEFAULT: LazyLock<Policy> = LazyLock::new(|| made(Differences::default()));

impl From<Differences> for Policy {
    fn from(differences: Differences) -> Self {
        // Built once: most sites have nothing to say, and there may be thousands of them.
        if differences.is_none() { DEFAULT.clone() } else { made(differences) }
    }
}

fn made(differences: Differences) -> Policy {
    let elements = differences.elements();
    let cleaner = allowlist::cleaner(&elements);
    Policy(Arc::new(Inner { differences, elements, cleaner }))
}

impl Default for Policy {
    fn default() -> Self {
        DEFAULT.clone()
    }
}

impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        self.differences() == other.differences()
    }
}

impl Eq for Policy {}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.differences().fmt(f)
    }
}

// === impl Differences ===

impl Differences {
    /// Everything that can be allowed: for reading on where what was meant is not known.
    pub(super) fn widest() -> Self {
        Self { allow: EXTRAS.iter().copied().collect(), deny: BTreeSet::new() }
    }

    /// Whether there are none.
    pub fn is_none(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty()
    }

    /// What is allowed beside the list of every site, sorted.
    pub fn allowed(&self) -> impl Iterator<Item = &'static str> {
        self.allow.iter().copied()
    }

    /// What is taken off it, sorted.
    pub fn denied(&self) -> impl Iterator<Item = &'static str> {
        self.deny.iter().copied()
    }

    /// Allows `name`. One that every site allows may be named, too: that list may grow.
    pub(super) fn allow(&mut self, name: &str) -> Result<(), Refused> {
        let name = name.to_ascii_lowercase();
        let Some(known) = known(&name) else {
            return Err(match allowlist::never(&name) {
                Some(why) => refused(format!("{name:?} cannot be allowed"), why),
                None => unknown(&name, EXTRAS),
            });
        };
        if self.deny.contains(known) {
            return Err(both(known));
        }
        self.allow.insert(known);
        Ok(())
    }

    /// Denies `name`. One that is not allowed anyway may be named, too.
    pub(super) fn deny(&mut self, name: &str) -> Result<(), Refused> {
        let name = name.to_ascii_lowercase();
        let Some(known) = known(&name) else {
            return Err(match allowlist::never(&name) {
                Some(_) => refused(format!("{name:?} is never printed"), "take it out"),
                None => unknown(&name, ELEMENTS),
            });
        };
        if IMPLIED.contains(&known) {
            let help = "parsers put it into every table: deny \"table\"";
            return Err(refused(format!("{name:?} cannot be denied by itself"), help));
        }
        if self.allow.contains(known) {
            return Err(both(known));
        }
        self.deny.insert(known);
        Ok(())
    }

    fn elements(&self) -> BTreeSet<&'static str> {
        let mut elements: BTreeSet<_> = ELEMENTS.iter().chain(&self.allow).copied().collect();
        elements.retain(|name| !self.deny.contains(name));
        if !elements.contains("table") {
            elements.retain(|name| !TABLE_PARTS.contains(name));
        }
        elements
    }
}

/// `+video -img`; nothing for none.
impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let allowed = self.allowed().map(|name| ('+', name));
        let denied = self.denied().map(|name| ('-', name));
        for (nth, (sign, name)) in allowed.chain(denied).enumerate() {
            let space = if nth == 0 { "" } else { " " };
            write!(f, "{space}{sign}{name}")?;
        }
        Ok(())
    }
}

fn known(name: &str) -> Option<&'static str> {
    ELEMENTS.iter().chain(EXTRAS).find(|known| **known == name).copied()
}

fn unknown(name: &str, known: &[&str]) -> Refused {
    refused(format!("unknown element {name:?}"), nearest(name, known))
}

fn both(name: &str) -> Refused {
    refused(format!("{name:?} is both allowed and denied"), "keep one of the two")
}

fn refused(message: String, help: impl Into<String>) -> Refused {
    Refused { message, help: help.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(allow: &[&str], deny: &[&str]) -> Policy {
        let mut differences = Differences::default();
        allow.iter().for_each(|name| differences.allow(name).unwrap());
        deny.iter().for_each(|name| differences.deny(name).unwrap());
        differences.into()
    }

    #[test]
    fn what_is_allowed_passes_with_its_attributes() {
        let policy = policy(&["video", "SOURCE", "picture", "track", "audio", "address"], &[]);
        for html in [
            "<video controls=\"\" poster=\"/p.jpg\"><source src=\"/v.mp4\" type=\"video/mp4\">\
             <track src=\"/v.vtt\" kind=\"captions\" srclang=\"en\" default=\"\">no video</video>",
            "<picture><source srcset=\"a,b.webp 1x, c.webp 2x\" media=\"(width > 1px)\"><img src=\"a\"></picture>",
            "<audio src=\"https://a.example/a.mp3\"></audio><address>here</address>",
        ] {
            // A bracket in an attribute is written as a reference.
            assert_eq!(policy.clean(html), html.replace("width >", "width &gt;"));
        }
        for (html, clean) in [
            (
                "<video src=javascript:a poster='java\tscript:b' onerror=c>x</video>",
                "<video>x</video>",
            ),
            ("<source srcset='a 1x, javascript:b 2x' src=data:c>", "<source>"),
            ("<track src=blob:a><audio src=file:b></audio>", "<track><audio></audio>"),
        ] {
            assert_eq!(policy.clean(html), clean);
        }
        assert_eq!(Policy::default().clean("<video src=a>x</video>"), "x");
    }

    #[test]
    fn what_is_denied_goes() {
        let policy = policy(&[], &["img", "h1"]);
        assert_eq!(policy.clean("<h1>a</h1><h2>b<img src=c></h2>"), "a<h2>b</h2>");
        assert!(!policy.allows("img") && policy.allows("h2"));
    }

    #[test]
    fn a_table_goes_with_all_its_parts() {
        let policy = policy(&[], &["table"]);
        assert_eq!(policy.clean("<table><caption>a<tr><th>b<td>c</table>"), "abc");
        assert!(!policy.allows("td"));
    }

    #[test]
    fn policies_are_equal_if_they_ask_for_the_same() {
        assert_eq!(policy(&[], &[]), Policy::default());
        assert_eq!(policy(&["video", "audio"], &["B"]), policy(&["audio", "video"], &["b"]));
        assert_ne!(policy(&["video"], &[]), Policy::default());
        assert_eq!(
            policy(&["video", "audio"], &["b"]).differences().to_string(),
            "+audio +video -b"
        );
    }

    #[test]
    fn what_is_out_of_bounds_is_refused_with_a_reason() {
        for (name, message, help) in [
            ("script", "\"script\" cannot be allowed", "it runs code on the page"),
            ("SVG", "\"svg\" cannot be allowed", "use an <img>"),
            ("x-card", "\"x-card\" cannot be allowed", "a script of the page would bring"),
            ("vidoe", "unknown element \"vidoe\"", "did you mean \"video\"?"),
            ("zzz", "unknown element \"zzz\"", "allowed here are address, audio, picture"),
            ("", "unknown element \"\"", "allowed here are"),
            ("p", "\"p\" is both allowed and denied", "keep one of the two"),
        ] {
            let mut differences = Differences::default();
            differences.deny("p").unwrap();
            let refused = differences.allow(name).unwrap_err();
            assert_eq!(refused.message, message);
            assert!(refused.help.contains(help), "{refused:?}");
        }
        for (name, message, help) in [
            ("script", "\"script\" is never printed", "take it out"),
            ("imgg", "unknown element \"imgg\"", "did you mean \"img\"?"),
            ("tbody", "\"tbody\" cannot be denied by itself", "deny \"table\""),
            ("video", "\"video\" is both allowed and denied", "keep one"),
        ] {
            let mut differences = Differences::widest();
            let refused = differences.deny(name).unwrap_err();
            assert_eq!(refused.message, message);
            assert!(refused.help.contains(help), "{refused:?}");
        }
    }
}
