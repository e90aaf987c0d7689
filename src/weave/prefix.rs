//! The start of a page up to the label's first occurrence: passed on without a parser, and kept
//! for the one that may still be needed.

use std::sync::Arc;

use bytes::Bytes;
use memchr::memchr;

use super::budget::Share;
use super::markup::first_unfinished_tag;
use super::rope::Rope;
use super::rules::Rules;

/// An unfinished tag longer than this is left to the parser to find the end of.
const MAX_TAG: usize = 4 << 10;

/// What keeping a piece costs beside its bytes.
const PER_PIECE: usize = 64;

/// The page so far, none of it parsed.
#[derive(Debug)]
pub(super) struct Prefix {
    rules: Arc<Rules>,
    share: Share,
    pieces: Vec<Bytes>,
    rope: Rope,
    /// What has come of a tag that is unfinished.
    tag: Vec<u8>,
    /// The last bytes that came: the label's name may begin in them.
    seam: Vec<u8>,
    needs_parser: bool,
}

impl Prefix {
    pub(super) fn new(rules: &Arc<Rules>) -> Self {
        Self {
            share: rules.lookback.share(),
            rules: Arc::clone(rules),
            pieces: Vec::new(),
            rope: Rope::default(),
            tag: Vec::new(),
            seam: Vec::new(),
            needs_parser: false,
        }
    }

    /// Has a parser read the page from its first byte.
    pub(super) fn require_parser(&mut self) {
        self.needs_parser = true;
    }

    /// Takes the next piece and emits what no slot can start in.
    pub(super) fn push(&mut self, piece: Bytes, out: &mut Vec<Bytes>) {
        self.needs_parser |= !self.share.grow(piece.len() + PER_PIECE);
        self.rope.push(piece.clone());
        self.pieces.push(piece.clone());
        if self.needs_parser {
            return;
        }
        self.needs_parser = self.is_named_across(&piece);
        if !self.needs_parser {
            let found = self.rules.label.finder().find(&piece);
            self.needs_parser = found.is_some();
            self.hold_tag(&piece[..found.unwrap_or(piece.len())]);
            self.needs_parser |= self.tag.len() > MAX_TAG;
            let behind = found.map_or(0, |found| piece.len() - found);
            self.rope.emit(self.rope.end() - behind - self.tag.len(), out);
        }
        self.sew(&piece);
    }

    /// Keeps what may be an unfinished tag at the end of `clear`, which comes next.
    fn hold_tag(&mut self, mut clear: &[u8]) {
        while !self.tag.is_empty()
            && let Some(end) = memchr(b'>', clear)
        {
            self.tag.extend_from_slice(&clear[..=end]);
            clear = &clear[end + 1..];
            let unfinished = first_unfinished_tag(&self.tag).unwrap_or(self.tag.len());
            self.tag.drain(..unfinished);
            if self.tag.len() > MAX_TAG {
                break;
            }
        }
        let held = if self.tag.is_empty() { first_unfinished_tag(clear) } else { Some(0) };
        self.tag.extend_from_slice(&clear[held.unwrap_or(clear.len())..]);
    }

    /// Whether the label's name begins in front of `piece`, and may be out in part, as text. No slot is
    /// there then, but what is said of the page must not depend on where it is cut.
    fn is_named_across(&self, piece: &[u8]) -> bool {
        let start = piece.len().min(self.rules.label.as_str().len());
        let seam = [&self.seam[..], &piece[..start]].concat();
        self.rules.label.finder().find(&seam).is_some_and(|found| found < self.seam.len())
    }

    /// Keeps the last bytes of what has come, with `piece`.
    fn sew(&mut self, piece: &[u8]) {
        let most = self.rules.label.as_str().len() - 1;
        self.seam.extend_from_slice(&piece[piece.len().saturating_sub(most)..]);
        let over = self.seam.len().saturating_sub(most);
        self.seam.drain(..over);
    }

    /// Whether the label's name has come, or more than is kept here, or a parser is required.
    pub(super) fn needs_parser(&self) -> bool {
        self.needs_parser
    }

    /// The first bytes of the page, at most `len`.
    pub(super) fn start(&self, len: usize) -> Vec<u8> {
        self.pieces.iter().flatten().copied().take(len).collect()
    }

    /// Emits everything: the page is over, or not ours to change.
    pub(super) fn pass(&mut self, out: &mut Vec<Bytes>) {
        self.rope.emit(self.rope.end(), out);
    }

    /// The pieces from the first byte on, and those not emitted yet.
    pub(super) fn into_parts(self) -> (Vec<Bytes>, Rope) {
        (self.pieces, self.rope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weave::charset::Charset;
    use crate::weave::scan::Scanner;
    use crate::weave::{Budget, LabelName, Selectors};

    fn rules(lookback: &Arc<Budget>) -> Arc<Rules> {
        Arc::new(Rules {
            label: LabelName::default(),
            selectors: Selectors::default(),
            max_slot: 1 << 10,
            default_charset: None,
            lookback: Arc::clone(lookback),
        })
    }

    fn pushed(budget: usize, pieces: &[&str]) -> (String, bool) {
        let mut prefix = Prefix::new(&rules(&Budget::new(budget)));
        let mut out = Vec::new();
        for piece in pieces {
            prefix.push(Bytes::from(piece.to_string()), &mut out);
        }
        (String::from_utf8(out.concat()).unwrap(), prefix.needs_parser())
    }

    #[test]
    fn label_free_bytes_pass_but_for_an_unfinished_tag() {
        for (pieces, passed, parser) in [
            (&["<p>one</p>"][..], "<p>one</p>", false),
            (&["<p>one<img alt='>' "], "<p>one", false),
            (&["<p>one<img alt='>' ", "src=x>two"], "<p>one<img alt='>' src=x>two", false),
            (&["<p>one<h1 data-over"], "<p>one", false),
            (&["<p>one<h1 data-over", "print=x>two"], "<p>one", true),
            (&["one <b>two</b> data-overprint"], "one <b>two</b> ", true),
            (&["one data", "-", "overprint"], "one data-", true),
        ] {
            assert_eq!(pushed(1 << 20, pieces), (passed.to_owned(), parser), "{pieces:?}");
        }
    }

    #[test]
    fn a_spent_budget_calls_for_the_parser_and_is_given_back() {
        assert!(pushed(4, &["<p>one</p>"]).1);
        let budget = Budget::new(100);
        let mut prefix = Prefix::new(&rules(&budget));
        prefix.push(Bytes::from("<p>one"), &mut Vec::new());
        assert_eq!(budget.left(), 100 - 6 - PER_PIECE);
        drop(prefix);
        assert_eq!(budget.left(), 100);
    }

    #[test]
    fn a_very_long_tag_is_left_to_the_parser() {
        assert!(pushed(1 << 20, &["<p>", &format!("<a href='{}", "x".repeat(MAX_TAG))]).1);
    }

    /// The scanner reads every tag, and says up to where none is unfinished.
    #[test]
    fn no_unfinished_tag_is_overlooked() {
        const BITS: [&str; 19] = [
            "<a ",
            "<b",
            "</a",
            "x",
            "=",
            "\"",
            "'",
            ">",
            "<",
            " ",
            "/",
            "<!--",
            "-->",
            "=\"",
            "='",
            "<i>",
            "\" ",
            "<script>",
            "</script>",
        ];
        let mut rng = fastrand::Rng::with_seed(11);
        for _ in 0..20_000 {
            let soup: String = (0..rng.usize(1..14)).map(|_| *rng.choice(&BITS).unwrap()).collect();
            let charset = Charset::of_whole(Some(encoding_rs::UTF_8), b"", None);
            let mut scanner = Scanner::new(&rules(&Budget::new(0)), charset);
            scanner.feed(&Bytes::from(soup.clone()));
            let held = first_unfinished_tag(soup.as_bytes()).unwrap_or(soup.len());
            // An end tag holds no slot.
            let is_end_tag = soup[scanner.settled()..].starts_with("</");
            assert!(held <= scanner.settled() || is_end_tag, "{soup}: {held}");
        }
    }
}
