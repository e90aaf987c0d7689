//! From a page's bytes to its plan, as they come in.

use bytes::{Buf, Bytes, BytesMut};
use encoding_rs::Encoding;
use memchr::memchr;

use super::charset::{Charset, PRESCAN};
use super::follow::Follower;
use super::plan::Plan;
use super::reason::Reason;
use super::remember::Tags;
use super::rules::Rules;
use super::tokenizer::Tokenizer;

/// An unfinished token longer than this ends the scan: a tag is kept whole until its end is there.
const MAX_TOKEN: usize = 1 << 20;

/// What may be read again, all in all, because a token came in many small pieces.
const MAX_REREAD: usize = 64 << 20;

/// A scan under way.
pub(super) struct Scanner {
    tokenizer: Tokenizer,
    follower: Follower,
    /// A token that is not finished; its first byte is at `scanned`.
    unfinished: BytesMut,
    scanned: usize,
    reread: usize,
    stopped: bool,
}

impl Scanner {
    /// Starts at a document's first byte.
    pub(super) fn new(rules: &Rules, charset: Charset) -> Self {
        Self {
            tokenizer: Tokenizer::default(),
            follower: Follower::new(rules, charset),
            unfinished: BytesMut::new(),
            scanned: 0,
            reread: 0,
            stopped: false,
        }
    }

    /// What was found so far.
    pub(super) fn plan(&self) -> &Plan {
        self.follower.plan()
    }

    /// Forgets the plan's marks up to that number, and where the tags are.
    pub(super) fn forget_to(&mut self, number: usize) {
        self.follower.forget_to(number);
    }

    /// Notes where the tags are as well.
    pub(super) fn noting_tags(mut self) -> Self {
        self.follower.note_tags();
        self
    }

    /// What was found, and where the tags are, if that was noted.
    pub(super) fn into_parts(self) -> (Plan, Option<Tags>) {
        self.follower.into_parts()
    }

    /// No slot that is not in the plan yet starts before this byte.
    pub(super) fn settled(&self) -> usize {
        // What is unfinished and no tag holds no slot either.
        let tag = self.tokenizer.expects_tag();
        if tag && !self.stopped { self.scanned } else { self.scanned + self.unfinished.len() }
    }

    /// Scans on.
    pub(super) fn feed(&mut self, chunk: &Bytes) {
        if self.stopped {
            self.scanned += chunk.len();
        } else if self.unfinished.is_empty() {
            let read = self.read(chunk, false);
            self.unfinished.extend_from_slice(&chunk[read..]);
        } else {
            self.unfinished.extend_from_slice(chunk);
            // Nothing else ends a tag.
            if !self.tokenizer.expects_tag() || memchr(b'>', chunk).is_some() {
                self.read_again(false);
            }
        }
        if self.unfinished.len() > MAX_TOKEN || self.reread > MAX_REREAD {
            self.stop(Reason::TokenTooLong);
        } else if let Some(reason) = self.follower.lost() {
            self.stop(reason);
        }
    }

    /// Scans to the end: what is open now is never closed.
    pub(super) fn finish(&mut self) {
        if !self.stopped {
            self.read_again(false);
            let unfinished = self.scanned;
            self.read_again(true);
            self.follower.finish(unfinished..self.scanned);
            self.stopped = true;
        }
    }

    fn read_again(&mut self, last: bool) {
        let mut window = std::mem::take(&mut self.unfinished);
        let read = self.read(&window, last);
        self.reread += window.len() - read;
        window.advance(read);
        self.unfinished = window;
    }

    /// Reads what is finished, and says how much that is.
    fn read(&mut self, window: &[u8], last: bool) -> usize {
        self.follower.look_for_labels(window, self.scanned);
        let read = self.tokenizer.read(window, self.scanned, last, &mut self.follower);
        self.scanned += read;
        self.follower.leave_too_large(self.scanned);
        read
    }

    /// Keeps what was planned and lets the rest of the page pass.
    fn stop(&mut self, reason: Reason) {
        self.follower.stop(reason, self.scanned);
        self.scanned += self.unfinished.len();
        self.unfinished = BytesMut::new();
        self.stopped = true;
    }
}

/// The plan of a whole page whose `Content-Type` names the charset `header`, and where its tags are if they
/// are noted.
pub(super) fn scan_whole(
    rules: &Rules,
    header: Option<&'static Encoding>,
    body: &Bytes,
    noting_tags: bool,
) -> (Plan, Option<Tags>) {
    let start = &body[..body.len().min(PRESCAN)];
    let charset = Charset::of_whole(header, start, rules.default_charset);
    if !charset.is_readable() {
        let mut plan = Plan::new(charset);
        plan.stopped = Some(Reason::Charset);
        return (plan, None);
    }
    let scanner = Scanner::new(rules, charset);
    let mut scanner = if noting_tags { scanner.noting_tags() } else { scanner };
    scanner.feed(body);
    scanner.finish();
    scanner.into_parts()
}
