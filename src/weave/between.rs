//! What stands between two start tags: text, end tags, comments, and the content of elements that
//! are text to the tokenizer (WHATWG HTML §13.2.5).
//!
//! lol_html hands out start tags cheaply and end tags dearly; the bytes between are read here. The
//! two must agree: a start tag where this reader sees none, or the other way round, is [`Disagreement`],
//! and the page is left alone from there on.

use memchr::{memchr, memmem};

use super::markup::{is_space, script_mark, tag_len, tag_name};
use super::tag::{Name, Tag};

/// What the reader tells of.
pub(super) trait Listener {
    /// Some text; `blank` if it is nothing but whitespace.
    fn text(&mut self, blank: bool);
    /// An end tag whose `<` is at `at`.
    fn end_tag(&mut self, name: Name, at: usize);
    /// A document type declaration, from its `<` to its `>`.
    fn doctype(&mut self, declaration: &[u8]);
    /// Whether `<![CDATA[` opens a section here: the current node is not HTML.
    fn in_foreign_content(&self) -> bool;
}

/// lol_html and this reader see different tags.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Disagreement;

/// The reader's state between two calls.
#[derive(Debug, Default)]
pub(super) struct Between {
    state: State,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum State {
    #[default]
    Data,
    /// From the second `-` of `<!--` on; `fresh` while those dashes are still in view.
    Comment {
        fresh: bool,
    },
    Bogus,
    Cdata,
    Raw(Tag, Script),
}

/// Script data's escaped states, which decide whether `</script>` ends the script.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Script {
    Plain,
    Escaped,
    Double,
}

impl Between {
    /// The next bytes are the content of an element that is text to the tokenizer.
    pub(super) fn enter_text(&mut self, tag: Tag) {
        self.state = State::Raw(tag, Script::Plain);
    }

    /// Whether a start tag may come next.
    pub(super) fn expects_tag(&self) -> bool {
        self.state == State::Data
    }

    /// Reads on, from `bytes` at `at` in the document; says how many bytes it is done with.
    /// The rest is an unfinished token, to be given again with more behind it, unless `last`.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        at: usize,
        last: bool,
        listener: &mut impl Listener,
    ) -> Result<usize, Disagreement> {
        let mut done = 0;
        while done < bytes.len() {
            let rest = &bytes[done..];
            let step = match self.state {
                State::Data => self.data(rest, at + done, listener)?,
                State::Comment { fresh } => self.comment(rest, fresh),
                State::Bogus => self.until(rest, b">", 0),
                State::Cdata => self.until(rest, b"]]>", 2),
                State::Raw(tag, script) => self.raw(rest, at + done, tag, script, listener),
            };
            if step == 0 {
                return Ok(if last { bytes.len() } else { done });
            }
            done += step;
        }
        Ok(done)
    }

    fn data(
        &mut self,
        bytes: &[u8],
        at: usize,
        listener: &mut impl Listener,
    ) -> Result<usize, Disagreement> {
        let text = memchr(b'<', bytes).unwrap_or(bytes.len());
        if text > 0 {
            listener.text(is_blank(&bytes[..text]));
            return Ok(text);
        }
        match bytes.get(1) {
            None => Ok(0),
            Some(b'/') => Ok(self.end_tag(bytes, at, listener)),
            Some(b'!') => Ok(self.declaration(bytes, listener)),
            Some(b'?') => Ok(self.enter(State::Bogus, 2)),
            Some(letter) if letter.is_ascii_alphabetic() => Err(Disagreement),
            Some(_) => {
                listener.text(false);
                Ok(1)
            }
        }
    }

    fn end_tag(&mut self, bytes: &[u8], at: usize, listener: &mut impl Listener) -> usize {
        match bytes.get(2) {
            None => 0,
            Some(b'>') => 3,
            Some(letter) if letter.is_ascii_alphabetic() => {
                let len = tag_len(bytes).unwrap_or(0);
                if len > 0 {
                    listener.end_tag(Name::parse(tag_name(bytes)), at);
                }
                len
            }
            Some(_) => self.enter(State::Bogus, 2),
        }
    }

    fn declaration(&mut self, bytes: &[u8], listener: &mut impl Listener) -> usize {
        let begins =
            |with: &[u8]| bytes.get(..with.len()).is_some_and(|b| b.eq_ignore_ascii_case(with));
        if begins(b"<!--") {
            return self.enter(State::Comment { fresh: true }, 2);
        }
        if begins(b"<!doctype") {
            return match memchr(b'>', bytes) {
                Some(end) => {
                    listener.doctype(&bytes[..=end]);
                    end + 1
                }
                None => 0,
            };
        }
        if bytes.starts_with(b"<![CDATA[") && listener.in_foreign_content() {
            return self.enter(State::Cdata, 9);
        }
        if bytes.len() < 9 && memchr(b'>', bytes).is_none() {
            return 0;
        }
        self.enter(State::Bogus, 2)
    }

    /// A comment ends at `-->`, to which the opening dashes may belong, or at `--!>`, to which
    /// they may not.
    fn comment(&mut self, bytes: &[u8], fresh: bool) -> usize {
        let mut at = 0;
        while let Some(found) = memchr(b'>', &bytes[at..]) {
            let end = at + found;
            let before = &bytes[..end];
            let bang = before.ends_with(b"--!") && (!fresh || end >= 5);
            if before.ends_with(b"--") || bang {
                return self.enter(State::Data, end + 1);
            }
            at = end + 1;
        }
        // The last three bytes may be the start of the end.
        if bytes.len() < 6 {
            0
        } else {
            self.enter(State::Comment { fresh: false }, bytes.len() - 3)
        }
    }

    fn until(&mut self, bytes: &[u8], end: &[u8], keep: usize) -> usize {
        match memmem::find(bytes, end) {
            Some(found) => self.enter(State::Data, found + end.len()),
            None => bytes.len().saturating_sub(keep),
        }
    }

    fn raw(
        &mut self,
        bytes: &[u8],
        at: usize,
        tag: Tag,
        script: Script,
        listener: &mut impl Listener,
    ) -> usize {
        if tag == Tag::Plaintext {
            return bytes.len();
        }
        let mark = if tag == Tag::Script { script_mark(bytes) } else { memchr(b'<', bytes) };
        match mark {
            None => bytes.len(),
            Some(0) => self.raw_mark(bytes, at, tag, script, listener),
            Some(text) => text,
        }
    }

    fn raw_mark(
        &mut self,
        bytes: &[u8],
        at: usize,
        tag: Tag,
        script: Script,
        listener: &mut impl Listener,
    ) -> usize {
        // Longer than any mark, so that none is judged by its beginning.
        const ENOUGH: usize = 12;
        if tag_closes(bytes, tag) && script != Script::Double {
            let len = tag_len(bytes).unwrap_or(0);
            if len > 0 {
                self.state = State::Data;
                listener.end_tag(Name::of(tag), at);
            }
            return len;
        }
        if bytes.len() < ENOUGH && memchr(b'>', bytes).is_none() {
            return 0;
        }
        if tag == Tag::Script {
            let (script, step) = script_step(bytes, script);
            return self.enter(State::Raw(tag, script), step);
        }
        1
    }

    fn enter(&mut self, state: State, step: usize) -> usize {
        self.state = state;
        step
    }
}

/// Script data's escapes (§13.2.5.18–31), by the marks that move between them.
fn script_step(bytes: &[u8], script: Script) -> (Script, usize) {
    match script {
        // Past `<!` only: the dashes may be those of `-->` as well.
        Script::Plain if bytes.starts_with(b"<!--") => (Script::Escaped, 2),
        Script::Escaped | Script::Double if bytes.starts_with(b"-->") => (Script::Plain, 3),
        Script::Escaped if opens(bytes, b"<script") => (Script::Double, 7),
        Script::Double if opens(bytes, b"</script") => (Script::Escaped, 8),
        same => (same, 1),
    }
}

fn tag_closes(bytes: &[u8], tag: Tag) -> bool {
    bytes.starts_with(b"</") && {
        let name = tag_name(bytes);
        name.len() + 2 < bytes.len() && Name::parse(name) == Name::of(tag)
    }
}

fn opens(bytes: &[u8], with: &[u8]) -> bool {
    bytes.get(..with.len()).is_some_and(|b| b.eq_ignore_ascii_case(with))
        && bytes.get(with.len()).is_some_and(|&b| is_space(b) || b == b'/' || b == b'>')
}

fn is_blank(text: &[u8]) -> bool {
    text.iter().all(|&byte| is_space(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Heard(Vec<String>, bool);

    impl Listener for Heard {
        fn text(&mut self, blank: bool) {
            // A run of text may come in pieces; it is blank if all of them are.
            match self.0.last().map(String::as_str) {
                Some("text") => return,
                Some("blank") if blank => return,
                Some("blank") => drop(self.0.pop()),
                _ => {}
            }
            self.0.push(if blank { "blank" } else { "text" }.to_owned());
        }
        fn end_tag(&mut self, name: Name, at: usize) {
            self.0.push(format!("/{:?}@{at}", name.tag));
        }
        fn doctype(&mut self, declaration: &[u8]) {
            self.0.push(String::from_utf8_lossy(declaration).into_owned());
        }
        fn in_foreign_content(&self) -> bool {
            self.1
        }
    }

    fn heard(text: Option<Tag>, foreign: bool, bytes: &str, piece: usize) -> String {
        let mut between = Between::default();
        if let Some(tag) = text {
            between.enter_text(tag);
        }
        let mut heard = Heard(Vec::new(), foreign);
        let (mut done, mut end) = (0, 0);
        while end < bytes.len() {
            end = (end + piece).min(bytes.len());
            let window = &bytes.as_bytes()[done..end];
            match between.read(window, done, end == bytes.len(), &mut heard) {
                Ok(read) => done += read,
                Err(Disagreement) => return format!("{} !", heard.0.join(" ")),
            }
        }
        heard.0.join(" ")
    }

    #[test]
    fn markup_is_read_alike_at_every_chunking() {
        for (text, foreign, bytes, expected) in [
            (None, false, "a</b>c", "text /B@1 text"),
            (None, false, " </b x='>'> ", "blank /B@1 blank"),
            (None, false, "</></ x></b>", "/B@8"),
            (None, false, "<!-- </b> --></i>", "/I@13"),
            (None, false, "<!--></b>", "/B@5"),
            (None, false, "<!---></b>", "/B@6"),
            (None, false, "<!--!></b>--></i>", "/I@13"),
            (None, false, "<!----!></b>", "/B@8"),
            (None, false, "<!-- --!></b>", "/B@9"),
            (None, false, "<!x </b>", ""),
            (None, false, "<?php </b> ?></i>", "text /I@13"),
            (None, false, "<!DOCTYPE html></b>", "<!DOCTYPE html> /B@15"),
            (None, false, "<![CDATA[ </b> ]]></i>", "text /I@18"),
            (None, true, "<![CDATA[ </b> ]]></i>", "/I@18"),
            (None, false, "1 < 2 </b>", "text /B@6"),
            (None, false, "a <b>", "text !"),
            (Some(Tag::Script), false, "'</b>'</script></i>", "/Script@6 /I@15"),
            (Some(Tag::Script), false, "<!-- <script> </script> --> </script>x", "/Script@28 text"),
            (Some(Tag::Script), false, "<!--> <script> </script>x", "/Script@15 text"),
            (Some(Tag::Script), false, "<!-- </script>x", "/Script@5 text"),
            (Some(Tag::Title), false, "a </b> </titles> </TITLE >x", "/Title@17 text"),
            (Some(Tag::Plaintext), false, "a </plaintext>", ""),
        ] {
            for piece in 1..=bytes.len() {
                assert_eq!(heard(text, foreign, bytes, piece), expected, "{bytes} by {piece}");
            }
        }
    }
}
