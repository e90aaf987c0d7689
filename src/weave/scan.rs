//! From a page's bytes to its plan: start tags by lol_html, what is between them by our own
//! reader, where elements end by the stack of open elements.

use bytes::Bytes;

use super::between::Between;
use super::charset::Charset;
use super::follow::Follower;
use super::label::LabelName;
use super::plan::Plan;
use super::reason::Reason;
use super::rope::join;
use super::tokens::{TagSpan, Tokens};

/// A scan under way.
pub(super) struct Scanner {
    label: LabelName,
    /// None once the page is given up or over.
    tokens: Option<Tokens>,
    between: Between,
    follower: Follower,
    /// The last bytes, in one piece; the first is at `start` of the document.
    window: Bytes,
    start: usize,
    /// What is before this place in the document is scanned.
    scanned: usize,
    /// Behind the last byte that lol_html has let go.
    settled: usize,
    spans: Vec<TagSpan>,
}

impl Scanner {
    /// Starts at a document's first byte.
    pub(super) fn new(label: LabelName, charset: Charset, max_slot: usize) -> Self {
        Self {
            label,
            tokens: Some(Tokens::new(charset.encoding())),
            between: Between::default(),
            follower: Follower::new(charset, max_slot),
            window: Bytes::new(),
            start: 0,
            scanned: 0,
            settled: 0,
            spans: Vec::new(),
        }
    }

    /// What was found so far.
    pub(super) fn plan(&self) -> &Plan {
        self.follower.plan()
    }

    pub(super) fn into_plan(self) -> Plan {
        self.follower.into_plan()
    }

    /// No slot that is not in the plan yet starts before this byte. What is not scanned before it
    /// is the end of a comment or of a script, or what may be one.
    pub(super) fn settled(&self) -> usize {
        self.settled.max(self.scanned)
    }

    /// Scans on.
    pub(super) fn feed(&mut self, chunk: &Bytes) {
        let Some(tokens) = &mut self.tokens else {
            self.scanned += chunk.len();
            self.start = self.scanned;
            return;
        };
        let unscanned = self.window.split_off(self.scanned - self.start);
        self.window = join(&unscanned, chunk);
        self.start = self.scanned;
        // The name may begin in what was known; an occurrence that ends there was found before.
        let from = unscanned.len().saturating_sub(self.label.as_str().len() - 1);
        for found in self.label.finder().find_iter(&self.window[from..]) {
            tokens.expect_label_at(self.start + from + found);
        }
        let written = tokens.write(chunk);
        tokens.take(&mut self.spans);
        self.settled = tokens.settled();
        self.follow(self.settled, false);
        if written.is_err() {
            self.give_up(Reason::ParserLimit);
        }
    }

    /// Scans to the end: what is open now is never closed.
    pub(super) fn finish(&mut self) {
        let Some(tokens) = self.tokens.take() else { return };
        match tokens.end() {
            Ok(mut spans) => self.spans.append(&mut spans),
            Err(_) => return self.give_up(Reason::ParserLimit),
        }
        self.follow(self.start + self.window.len(), true);
        self.follower.leave_open(Reason::UnclosedElement, self.scanned);
    }

    fn follow(&mut self, settled: usize, last: bool) {
        let spans = std::mem::take(&mut self.spans);
        let followed = self.follow_spans(&spans).and_then(|()| self.read_until(settled, last));
        self.spans = spans;
        self.spans.clear();
        match followed {
            Ok(()) => self.follower.leave_too_large(self.scanned),
            Err(reason) => self.give_up(reason),
        }
    }

    fn follow_spans(&mut self, spans: &[TagSpan]) -> Result<(), Reason> {
        for span in spans {
            self.read_until(span.range.start, false)?;
            if self.scanned != span.range.start || !self.between.expects_tag() {
                return Err(Reason::AmbiguousMarkup);
            }
            let raw = &self.window[span.range.start - self.start..span.range.end - self.start];
            self.scanned = span.range.end;
            if let Some(text) = self.follower.start_tag(span, raw, &self.label)? {
                self.between.enter_text(text);
            }
        }
        Ok(())
    }

    /// Reads what is between start tags, up to `end` of the document.
    fn read_until(&mut self, end: usize, last: bool) -> Result<(), Reason> {
        let end = end.min(self.start + self.window.len());
        if end <= self.scanned {
            return Ok(());
        }
        let bytes = &self.window[self.scanned - self.start..end - self.start];
        let read = self.between.read(bytes, self.scanned, last, &mut self.follower);
        self.scanned += read.map_err(|_| Reason::AmbiguousMarkup)?;
        self.follower.lost().map_or(Ok(()), Err)
    }

    /// Keeps what was planned and lets the rest of the page pass.
    fn give_up(&mut self, reason: Reason) {
        self.tokens = None;
        self.follower.stop(reason, self.scanned);
        self.scanned = self.start + self.window.len();
        self.start = self.scanned;
        self.window = Bytes::new();
    }
}
