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
    /// Bytes not scanned yet, in one piece; the first is at `scanned`.
    window: Bytes,
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
            return;
        };
        let known = self.window.len();
        self.window = join(&self.window, chunk);
        // The name may begin in what was known; an occurrence that ends there was found before.
        let from = known.saturating_sub(self.label.as_str().len() - 1);
        for found in self.label.finder().find_iter(&self.window[from..]) {
            tokens.expect_label_at(self.scanned + from + found);
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
        self.follow(self.scanned + self.window.len(), true);
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
            let raw = self.window.split_to(span.range.len());
            self.scanned = span.range.end;
            if let Some(text) = self.follower.start_tag(span, &raw, &self.label)? {
                self.between.enter_text(text);
            }
        }
        Ok(())
    }

    /// Reads what is between start tags, up to `end` of the document.
    fn read_until(&mut self, end: usize, last: bool) -> Result<(), Reason> {
        let len = end.saturating_sub(self.scanned).min(self.window.len());
        let bytes = &self.window[..len];
        let read = self.between.read(bytes, self.scanned, last, &mut self.follower);
        let read = read.map_err(|_| Reason::AmbiguousMarkup)?;
        let _ = self.window.split_to(read);
        self.scanned += read;
        self.follower.lost().map_or(Ok(()), Err)
    }

    /// Keeps what was planned and lets the rest of the page pass.
    fn give_up(&mut self, reason: Reason) {
        self.tokens = None;
        self.follower.stop(reason, self.scanned);
        self.scanned += self.window.len();
        self.window = Bytes::new();
    }
}
