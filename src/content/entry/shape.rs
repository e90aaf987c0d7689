//! Whether markup stays markup whichever arms of a message are printed.
//!
//! The sanitiser has seen all arms in a row. One by one they are as safe if each is balanced: it
//! closes what it opens and nothing else, and stays on its side of every quote.

use std::mem;

use crate::content::url;
use crate::message::{Message, Step};

/// Elements that are closed by their start tag.
const VOID: &[&str] = &["br", "col", "hr", "img", "source", "track", "wbr"];

/// What is wrong with the markup of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misshapen {
    /// An argument stands in a tag and in no value there.
    InTag,
    /// An arm opens or closes an element, a tag or a value by half.
    Unbalanced,
    /// A quote goes on past a tag or the end of a value.
    Quote,
    /// The number of a plural stands in a URL: more likely a fragment was meant.
    Count,
}

/// Whether something of a URL depends on arguments, in markup that the sanitiser wrote.
///
/// # Errors
/// [`Misshapen`] if the markup depends on them.
pub(super) fn check(message: &Message) -> Result<bool, Misshapen> {
    let mut walk = Walk::default();
    let mut fault = None;
    message.steps(&mut |step| {
        if fault.is_none() {
            fault = walk.step(step).err();
        }
    });
    fault.map_or(Ok(walk.makes_urls), Err)
}

#[derive(Default)]
struct Walk {
    at: Position,
    /// Around each plural or selection that is open: where it began, and whether an arm has.
    around: Vec<(Position, bool)>,
    makes_urls: bool,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Position {
    lexical: Lexical,
    open: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq)]
enum Lexical {
    #[default]
    Text,
    /// In a tag, and what of it is read since its start or since its last value.
    Tag(String),
    /// In a value; the tag so far, and whether it is a URL.
    Value { tag: String, is_url: bool },
}

impl Walk {
    fn step(&mut self, step: Step<'_>) -> Result<(), Misshapen> {
        match step {
            Step::Literal(text) => return text.chars().try_for_each(|c| self.read(c)),
            Step::Value => self.meet_argument()?,
            Step::Count => {
                self.meet_argument()?;
                if matches!(self.at.lexical, Lexical::Value { is_url: true, .. }) {
                    return Err(Misshapen::Count);
                }
            }
            Step::Open => {
                self.meet_argument()?;
                self.around.push((self.at.clone(), false));
            }
            Step::Arm => {
                if let Some((begin, true)) = self.around.last()
                    && *begin != self.at
                {
                    return Err(Misshapen::Unbalanced);
                }
                if let Some((_, begun)) = self.around.last_mut() {
                    *begun = true;
                }
            }
            Step::Close => {
                if self.around.pop().is_some_and(|(begin, _)| begin != self.at) {
                    return Err(Misshapen::Unbalanced);
                }
            }
        }
        Ok(())
    }

    fn meet_argument(&mut self) -> Result<(), Misshapen> {
        match &self.at.lexical {
            Lexical::Text => Ok(()),
            Lexical::Tag(_) => Err(Misshapen::InTag),
            Lexical::Value { is_url, .. } => {
                self.makes_urls |= is_url;
                Ok(())
            }
        }
    }

    /// Of the markup that the sanitiser writes: `<name attribute="value">`, brackets and quotes
    /// nowhere else.
    fn read(&mut self, c: char) -> Result<(), Misshapen> {
        let lexical = mem::take(&mut self.at.lexical);
        self.at.lexical = match (lexical, c) {
            (Lexical::Text, '<') => Lexical::Tag(String::new()),
            (Lexical::Text, _) => Lexical::Text,
            (Lexical::Tag(tag), '"') => {
                let name = tag.trim_end_matches('=').rsplit(' ').next().unwrap_or_default();
                let is_url = url::is_url(name);
                Lexical::Value { tag, is_url }
            }
            (Lexical::Tag(tag), '>') => {
                self.end_tag(&tag)?;
                Lexical::Text
            }
            (Lexical::Tag(mut tag), c) => {
                tag.push(c);
                Lexical::Tag(tag)
            }
            (Lexical::Value { tag, .. }, '"') => Lexical::Tag(tag),
            (value @ Lexical::Value { .. }, _) => value,
        };
        Ok(())
    }

    fn end_tag(&mut self, tag: &str) -> Result<(), Misshapen> {
        let name = tag.split(' ').next().unwrap_or_default();
        let floor = self.around.last().map_or(0, |(begin, _)| begin.open.len());
        match name.strip_prefix('/') {
            Some(closed) => {
                let open = self.at.open.pop();
                if open.as_deref() != Some(closed) || self.at.open.len() < floor {
                    return Err(Misshapen::Unbalanced);
                }
            }
            None if VOID.contains(&name) => {}
            None => self.at.open.push(name.to_owned()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Parsed, parse};

    fn checked(markup: &str) -> Result<bool, Misshapen> {
        let Ok(Parsed::Message(message)) = parse(markup, "en") else { panic!("{markup}") };
        check(&message)
    }

    #[test]
    fn balanced_arms_pass() {
        for (markup, makes_urls) in [
            ("<b>{a}</b>", false),
            ("{n, plural, one {<b>#</b> a<br>} other {<b>#</b> <i>b</i>}}", false),
            (
                "<p title=\"{a}\">{n, plural, one {x} other {{s, select, a {<b>y</b>} other {}}}}</p>",
                false,
            ),
            ("<b title=\"{n, plural, one {# a} other {# b}}\">x</b>", false),
            ("{n, plural, other {<a href=\"'#'top\">#</a>}}", false),
            ("<a href=\"{a}\">x</a>", true),
            ("<a class=\"c\" href=\"/{s, select, a {x} other {y}}\">x</a>", true),
        ] {
            assert_eq!(checked(markup), Ok(makes_urls), "{markup}");
        }
    }

    #[test]
    fn markup_that_depends_on_arguments_does_not() {
        for (markup, fault) in [
            ("<b {a}=\"x\">x</b>", Misshapen::InTag),
            ("{n, plural, other {<a href=\"#top\">#</a>}}", Misshapen::Count),
            ("{n, plural, one {<b>} other {}}x</b>", Misshapen::Unbalanced),
            ("<b>{n, plural, one {</b><b>} other {}}x</b>", Misshapen::Unbalanced),
            ("<b>{n, plural, other {</b>} one {}}", Misshapen::Unbalanced),
            ("{n, plural, one {<b>} other {<i>}}</i></b>", Misshapen::Unbalanced),
            ("<b title=\"{n, plural, one {\" class=\"x} other {}}\">x</b>", Misshapen::Unbalanced),
            ("<b title=\"{n, plural, one {x\">} other {}}</b>", Misshapen::Unbalanced),
            ("{s, select, a {<b title=\"} other {<b title=\"}}x\">y</b>", Misshapen::Unbalanced),
        ] {
            assert_eq!(checked(markup), Err(fault), "{markup}");
        }
    }
}
