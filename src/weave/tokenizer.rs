//! The page as tokens: tags, text, comments, and the content of elements that are text to the
//! tokenizer (WHATWG HTML §13.2.5), over bytes that come in pieces.

use memchr::{memchr, memchr2, memmem};

use super::markup::{Extent, extent, is_space, tag_name};
use super::tag::{Name, Tag};

/// No text of the page: decoding takes it off.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What the tokenizer tells of.
pub(super) trait Listener {
    /// Some text; `visible` is where its first byte is that is no whitespace, if it has one.
    fn text(&mut self, visible: Option<usize>);
    /// A start tag, from its `<` at `at` to its `>`. Says which element it opens, if that one's
    /// content is text to the tokenizer.
    fn start_tag(&mut self, raw: &[u8], at: usize, self_closing: bool) -> Option<Tag>;
    /// An end tag, from its `<` at `at` to its `>`.
    fn end_tag(&mut self, name: Name, raw: &[u8], at: usize);
    /// A document type declaration, from its `<` at `at` to its `>`.
    fn doctype(&mut self, declaration: &[u8], at: usize);
    /// Whether `<![CDATA[` opens a section here: the current node is not HTML.
    fn in_foreign_content(&self) -> bool;
    /// Whether nothing more is to be told of.
    fn is_done(&self) -> bool;
}

/// The tokenizer's state between two calls.
#[derive(Debug, Default)]
pub(super) struct Tokenizer {
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

impl Tokenizer {
    /// Whether a tag may come next, or has come in part.
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
    ) -> usize {
        let mut done = 0;
        while done < bytes.len() && !listener.is_done() {
            let rest = &bytes[done..];
            let step = match self.state {
                State::Data => self.data(rest, at + done, listener),
                State::Comment { fresh } => self.comment(rest, fresh),
                State::Bogus => self.until(rest, b">", 0),
                State::Cdata => self.until(rest, b"]]>", 2),
                State::Raw(tag, script) => self.raw(rest, at + done, tag, script, listener),
            };
            if step == 0 {
                return if last { bytes.len() } else { done };
            }
            done += step;
        }
        done
    }

    fn data(&mut self, bytes: &[u8], at: usize, listener: &mut impl Listener) -> usize {
        if at == 0 && BOM.starts_with(&bytes[..bytes.len().min(BOM.len())]) {
            return if bytes.len() < BOM.len() { 0 } else { BOM.len() };
        }
        let text = memchr(b'<', bytes).unwrap_or(bytes.len());
        if text > 0 {
            // NULs are dropped from text, and are none by themselves.
            if bytes[..text].iter().any(|&byte| byte != 0) {
                listener.text(first_visible(&bytes[..text]).map(|visible| at + visible));
            }
            return text;
        }
        match bytes.get(1) {
            None => 0,
            Some(b'/') => self.end_tag(bytes, at, listener),
            Some(b'!') => self.declaration(bytes, at, listener),
            Some(b'?') => self.enter(State::Bogus, 2),
            Some(letter) if letter.is_ascii_alphabetic() => self.start_tag(bytes, at, listener),
            Some(_) => {
                listener.text(Some(at));
                1
            }
        }
    }

    fn start_tag(&mut self, bytes: &[u8], at: usize, listener: &mut impl Listener) -> usize {
        let Some(Extent { len, self_closing }) = extent(bytes) else { return 0 };
        if let Some(text) = listener.start_tag(&bytes[..len], at, self_closing) {
            self.state = State::Raw(text, Script::Plain);
        }
        len
    }

    fn end_tag(&mut self, bytes: &[u8], at: usize, listener: &mut impl Listener) -> usize {
        match bytes.get(2) {
            None => 0,
            Some(b'>') => 3,
            Some(letter) if letter.is_ascii_alphabetic() => {
                let Some(Extent { len, .. }) = extent(bytes) else { return 0 };
                listener.end_tag(Name::parse(tag_name(bytes)), &bytes[..len], at);
                len
            }
            Some(_) => self.enter(State::Bogus, 2),
        }
    }

    fn declaration(&mut self, bytes: &[u8], at: usize, listener: &mut impl Listener) -> usize {
        let begins =
            |with: &[u8]| bytes.get(..with.len()).is_some_and(|b| b.eq_ignore_ascii_case(with));
        if begins(b"<!--") {
            return self.enter(State::Comment { fresh: true }, 2);
        }
        if begins(b"<!doctype") {
            return match memchr(b'>', bytes) {
                Some(end) => {
                    listener.doctype(&bytes[..=end], at);
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
        let mark =
            if tag == Tag::Script { memchr2(b'<', b'-', bytes) } else { memchr(b'<', bytes) };
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
            let Some(Extent { len, .. }) = extent(bytes) else { return 0 };
            self.state = State::Data;
            listener.end_tag(Name::of(tag), &bytes[..len], at);
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

fn first_visible(text: &[u8]) -> Option<usize> {
    text.iter().position(|&byte| !is_space(byte) && byte != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Heard(Vec<String>, bool);

    impl Listener for Heard {
        fn text(&mut self, visible: Option<usize>) {
            let blank = visible.is_none();
            // A run of text may come in pieces; it is blank if all of them are.
            match self.0.last().map(String::as_str) {
                Some("text") => return,
                Some("blank") if blank => return,
                Some("blank") => drop(self.0.pop()),
                _ => {}
            }
            self.0.push(if blank { "blank" } else { "text" }.to_owned());
        }
        fn start_tag(&mut self, raw: &[u8], at: usize, self_closing: bool) -> Option<Tag> {
            let tag = Name::parse(tag_name(raw)).tag;
            self.0.push(format!("{tag:?}{}@{at}", if self_closing { "/" } else { "" }));
            matches!(tag, Tag::Script | Tag::Title | Tag::Plaintext).then_some(tag)
        }
        fn end_tag(&mut self, name: Name, _: &[u8], at: usize) {
            self.0.push(format!("/{:?}@{at}", name.tag));
        }
        fn doctype(&mut self, declaration: &[u8], _: usize) {
            self.0.push(String::from_utf8_lossy(declaration).into_owned());
        }
        fn in_foreign_content(&self) -> bool {
            self.1
        }
        fn is_done(&self) -> bool {
            false
        }
    }

    fn heard(foreign: bool, bytes: &str, piece: usize) -> String {
        let mut tokenizer = Tokenizer::default();
        let mut heard = Heard(Vec::new(), foreign);
        let (mut done, mut end) = (0, 0);
        while end < bytes.len() {
            end = (end + piece).min(bytes.len());
            let window = &bytes.as_bytes()[done..end];
            done += tokenizer.read(window, done, end == bytes.len(), &mut heard);
        }
        heard.0.join(" ")
    }

    #[test]
    fn markup_is_read_alike_at_every_chunking() {
        for (foreign, bytes, expected) in [
            (false, "a</b>c", "text /B@1 text"),
            (false, "\u{FEFF}</b>", "/B@3"),
            (false, "\u{FEFE}</b>", "text /B@3"),
            (false, " </b x='>'> ", "blank /B@1 blank"),
            (false, "</></ x></b>", "/B@8"),
            (false, "<!-- </b> --></i>", "/I@13"),
            (false, "<!--></b>", "/B@5"),
            (false, "<!---></b>", "/B@6"),
            (false, "<!--!></b>--></i>", "/I@13"),
            (false, "<!----!></b>", "/B@8"),
            (false, "<!-- --!></b>", "/B@9"),
            (false, "<!x </b>", ""),
            (false, "<?php </b> ?></i>", "text /I@13"),
            (false, "<!DOCTYPE html></b>", "<!DOCTYPE html> /B@15"),
            (false, "<![CDATA[ </b> ]]></i>", "text /I@18"),
            (true, "<![CDATA[ </b> ]]></i>", "/I@18"),
            (false, "1 < 2 </b>", "text /B@6"),
            (false, "a <b title='<i>'>c<br/><a href=x/>", "text B@2 text Br/@18 A@23"),
            (false, "a <b title='<i>", "text"),
            (false, "<script>'</b>'</script></i>", "Script@0 /Script@14 /I@23"),
            (false, "<script><!-- <script> </script> --> </script>x", "Script@0 /Script@36 text"),
            (false, "<script><!--> <script> </script>x", "Script@0 /Script@23 text"),
            (false, "<script><!-- </script>x", "Script@0 /Script@13 text"),
            (false, "<title>a </b> </titles> </TITLE >x", "Title@0 /Title@24 text"),
            (false, "<plaintext>a </plaintext>", "Plaintext@0"),
        ] {
            for piece in 1..=bytes.len() {
                assert_eq!(heard(foreign, bytes, piece), expected, "{bytes} by {piece}");
            }
        }
    }
}
