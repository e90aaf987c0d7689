//! What sanitising took away, for whoever wrote it.
//!
//! Told from the tags of what was written and of what is left, not from trees: what a parser adds,
//! moves or repeats is no loss.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{RawKind, Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{
    BufferQueue, StartTag, Tag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::allowlist::{self, EXTRAS};
use super::policy::Policy;

/// How many different things are named; the rest is counted.
const NAMED: usize = 8;
/// How much of a name or a value is shown, in characters.
const SHOWN: usize = 40;

/// What is missing, each thing once, in the order of the source.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Removed {
    things: Vec<Thing>,
    help: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct Thing {
    what: String,
    times: usize,
    /// Where it is first, from 1.
    line: usize,
}

impl Removed {
    /// What of `source` is not in `cleaned`, which `policy` made of it.
    pub(super) fn between(source: &str, cleaned: &str, policy: &Policy) -> Self {
        let (before, after) = (Tags::of(source), Tags::of(cleaned));
        let (found, kept) = (before.found.into_inner(), after.found.into_inner());
        let mut left = Left::new(&kept);
        let mut removed = Self::default();
        for Found { element, attributes, line } in &found {
            if !left.take(element, "", "") {
                removed.help_with(element, policy);
                removed.add(format!("<{}>", shown(element)), *line);
                continue;
            }
            for (name, value) in attributes.iter().filter(|(n, v)| !left.take(element, n, v)) {
                removed.add(attribute(element, name, value), *line);
            }
        }
        if let Some(line) = before.unfinished.get() {
            removed.add("what follows a \"<\" that nothing closes".to_owned(), line);
        }
        removed
    }

    pub(super) fn is_none(&self) -> bool {
        self.things.is_empty()
    }

    /// The line of the source on which the first of it is, from 1.
    pub(super) fn line(&self) -> usize {
        self.things.first().map_or(1, |thing| thing.line)
    }

    /// What to do about it.
    pub(super) fn help(&self) -> &str {
        self.help.as_deref().unwrap_or("take it out of the entry: it is never printed")
    }

    fn add(&mut self, what: String, line: usize) {
        // Bounds the search, too: hostile markup has many names.
        let full = self.things.len() > NAMED;
        let known = self.things.iter().position(|thing| thing.what == what);
        match known.or(full.then_some(NAMED)) {
            Some(nth) => self.things[nth].times += 1,
            None => self.things.push(Thing { what, times: 1, line }),
        }
    }

    fn help_with(&mut self, element: &str, policy: &Policy) {
        if self.help.is_some() {
            return;
        }
        if policy.differences().denied().any(|denied| denied == element) {
            self.help = Some(format!("site.json denies {element:?} to every entry"));
        } else if EXTRAS.contains(&element) && !policy.allows(element) {
            let help =
                format!("to print it, write \"html\": {{\"allow\": [{element:?}]}} in site.json");
            self.help = Some(help);
        }
    }
}

/// `<script>, 2 × <b> and onclick of <a>`.
impl fmt::Display for Removed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.things.len().saturating_sub(1);
        for (nth, Thing { what, times, .. }) in self.things.iter().enumerate() {
            match nth {
                0 => {}
                _ if nth == last => f.write_str(" and ")?,
                _ => f.write_str(", ")?,
            }
            match times {
                _ if nth == NAMED => write!(f, "{times} more")?,
                1 => f.write_str(what)?,
                _ => write!(f, "{times} × {what}")?,
            }
        }
        Ok(())
    }
}

/// With its value where that was at fault.
fn attribute(element: &str, name: &str, value: &str) -> String {
    let what = format!("{} of <{}>", shown(name), shown(element));
    match allowlist::has_attribute(element, name) {
        true => format!("{what}: \"{}\"", shown(value)),
        false => what,
    }
}

/// The beginning of `text`, on one line, with nothing in it that a terminal would obey.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// How often each element and attribute is left over.
struct Left<'t>(HashMap<(&'t str, &'t str, &'t str), usize>);

impl<'t> Left<'t> {
    fn new(found: &'t [Found]) -> Self {
        let mut left = HashMap::new();
        for Found { element, attributes, .. } in found {
            *left.entry((&**element, "", "")).or_default() += 1;
            for (name, value) in attributes {
                *left.entry((&**element, &**name, &**value)).or_default() += 1;
            }
        }
        Self(left)
    }

    /// Takes one away; `false` if there is none.
    fn take(&mut self, element: &'t str, name: &'t str, value: &'t str) -> bool {
        match self.0.get_mut(&(element, name, value)) {
            Some(times) if *times > 0 => {
                *times -= 1;
                true
            }
            _ => false,
        }
    }
}

/// A start tag.
struct Found {
    element: String,
    /// Names and values. Of `rel`, each word: one may stay where another goes.
    attributes: Vec<(String, String)>,
    line: usize,
}

/// The start tags of some markup.
#[derive(Default)]
struct Tags {
    found: RefCell<Vec<Found>>,
    /// Where the markup ends within a tag or a comment.
    unfinished: Cell<Option<usize>>,
}

impl Tags {
    fn of(markup: &str) -> Self {
        let tokenizer = Tokenizer::new(Self::default(), TokenizerOpts::default());
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from_slice(markup));
        // Nothing of it runs: what it would stop for is over.
        let _ = tokenizer.feed(&queue);
        tokenizer.end();
        tokenizer.sink
    }

    fn start(&self, tag: Tag, line: usize) -> TokenSinkResult<()> {
        let attributes = tag.attrs.iter().flat_map(|attribute| {
            let (name, value) = (attribute.name.local.to_string(), attribute.value.to_string());
            match &*name {
                "rel" => value
                    .split_ascii_whitespace()
                    .map(|word| (name.clone(), word.to_ascii_lowercase()))
                    .collect(),
                _ => vec![(name, value)],
            }
        });
        // A parser knows what was meant.
        let element = if &*tag.name == "image" { "img" } else { &*tag.name }.to_owned();
        let attributes = attributes.collect();
        let raw = raw(&element);
        self.found.borrow_mut().push(Found { element, attributes, line });
        raw
    }
}

/// How what is in an element is read.
fn raw(element: &str) -> TokenSinkResult<()> {
    let kind: RawKind = match element {
        "plaintext" => return TokenSinkResult::Plaintext,
        "script" => ScriptData,
        "title" | "textarea" => Rcdata,
        "iframe" | "noembed" | "noframes" | "noscript" | "style" | "xmp" => Rawtext,
        _ => return TokenSinkResult::Continue,
    };
    TokenSinkResult::RawData(kind)
}

impl TokenSink for Tags {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        match token {
            Token::TagToken(tag) if tag.kind == StartTag => return self.start(tag, line),
            Token::ParseError(error) if error.starts_with("Saw EOF in ") => {
                self.unfinished.set(Some(line));
            }
            // It was text after all.
            Token::CharacterTokens(_) => self.unfinished.set(None),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::policy::Differences;
    use crate::content::sanitize::sanitize;

    fn removed(source: &str) -> Removed {
        let policy = Policy::default();
        Removed::between(source, &sanitize(source, &policy).unwrap(), &policy)
    }

    #[test]
    fn what_is_missing_is_named() {
        for (source, told) in [
            ("a<script>if (a<b) {}</script>", "<script>"),
            ("<SCRIPT>a</SCRIPT><a onclick=b onClick=c>d</a>", "<script> and onclick of <a>"),
            (
                "<svg><path d=x /></svg><b id=x style=y>a</b>",
                "<svg>, <path>, id of <b> and style of <b>",
            ),
            (
                "<a href='java\nscript:alert(1)'>a</a><a href=b>c</a>",
                "href of <a>: \"java\\nscript:alert(1)\"",
            ),
            ("<img srcset='a, data:b'>", "srcset of <img>: \"a, data:b\""),
            (
                "<a target=_top rel='Opener UGC'>a</a>",
                "target of <a>: \"_top\" and rel of <a>: \"opener\"",
            ),
            ("<i>a</i><video src=b></video><video></video>", "2 × <video>"),
            ("a<td>b", "<td>"),
            ("a<textarea><b></textarea><title><script></title>", "<textarea> and <title>"),
            ("a<b", "what follows a \"<\" that nothing closes"),
            ("a<!-- b", "what follows a \"<\" that nothing closes"),
            ("a<b title='x> c", "what follows a \"<\" that nothing closes"),
            ("a<iframe>b", "<iframe>"),
            ("a<b\u{1b}c>d", "<b\\u{1b}c>"),
        ] {
            assert_eq!(removed(source).to_string(), told, "{source}");
        }
    }

    #[test]
    fn what_a_parser_does_is_no_loss() {
        for source in [
            "<B CLASS=\"x\">a</B>",
            "<table><tr><td>a</table>",
            "<p>a<p>b<br/>c",
            "<b><i>a</b>b</i>",
            "<a href=x>a<a href=y>b",
            "<a rel='NOFOLLOW  ugc' href=x>a</a>",
            "<img src='a' alt=b><image src=c>",
            "a<!-- comment --><?pi?><![CDATA[x]]>",
            "<!DOCTYPE html>a &copy; b",
            "a </b> <",
            "5 < 6 & 7 > 6",
        ] {
            assert!(removed(source).is_none(), "{source}: {}", removed(source));
        }
    }

    #[test]
    fn what_is_told_is_bounded() {
        let many: String = (0..100).map(|n| format!("<x{n} y{n}>")).collect();
        let told = removed(&format!("a{many}")).to_string();
        assert!(told.starts_with("<x0>, <x1>, ") && told.ends_with("<x7> and 92 more"), "{told}");
        let told = removed(&format!("<a href='data:{}'>a</a>", "ü".repeat(1000))).to_string();
        assert_eq!(told.chars().count(), "href of <a>: \"\"".len() + SHOWN + 1, "{told}");
    }

    #[test]
    fn where_and_what_to_do() {
        let video = removed("a\n\n<video>b</video>");
        assert_eq!(video.line(), 3);
        assert!(video.help().contains("\"html\": {\"allow\": [\"video\"]}"), "{}", video.help());
        assert!(removed("a<svg/>").help().contains("never printed"));
        let mut differences = Differences::default();
        differences.deny("img").unwrap();
        let policy = Policy::from(differences);
        let img = Removed::between("a<img>", "a", &policy);
        assert_eq!(img.help(), "site.json denies \"img\" to every entry");
    }
}
