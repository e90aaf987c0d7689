//! Start tags by lol_html: where they are, and the attributes of those that carry a label.
//!
//! lol_html only reads. What it would write goes to a sink that counts: every byte the sink has
//! seen is part of a finished token or of text.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use encoding_rs::Encoding;
use lol_html::html_content::Attribute;
use lol_html::send::{Element, HtmlRewriter, Settings};
use lol_html::{AsciiCompatibleEncoding, MemorySettings, OutputSink, element};

/// What lol_html may use for one page: an unfinished tag, and the elements that are open.
const MEMORY: usize = 2 << 20;

/// A start tag and what is needed of it.
#[derive(Debug)]
pub(super) struct TagSpan {
    /// Its bytes in the document, from `<` to `>`.
    pub(super) range: Range<usize>,
    pub(super) self_closing: bool,
    /// Its attributes, if the label's name occurs in it.
    pub(super) attributes: Option<Vec<AttributeSpan>>,
}

/// An attribute and where it is written.
#[derive(Debug)]
pub(super) struct AttributeSpan {
    /// Lower-cased.
    pub(super) name: String,
    /// As written, character references and all.
    pub(super) value: String,
    /// The value's range, without quotes; none if it has none.
    pub(super) range: Option<Range<usize>>,
    /// The first byte behind its name.
    pub(super) name_end: usize,
}

/// The parser met its memory limit.
#[derive(Debug)]
pub(super) struct LimitMet;

/// A running lol_html.
pub(super) struct Tokens {
    rewriter: HtmlRewriter<'static, Count>,
    tape: Arc<Mutex<Tape>>,
    count: Count,
}

/// What the handler writes down, and where the label's name occurs.
#[derive(Default)]
struct Tape {
    spans: Vec<TagSpan>,
    labels: Vec<usize>,
    next_label: usize,
}

#[derive(Clone, Default)]
struct Count(Arc<AtomicUsize>);

impl OutputSink for Count {
    fn handle_chunk(&mut self, chunk: &[u8]) {
        self.0.fetch_add(chunk.len(), Ordering::Relaxed);
    }
}

impl Tokens {
    /// Starts at the document's first byte. An encoding that is not ASCII-compatible is read as
    /// windows-1252, which only labels would show.
    pub(super) fn new(encoding: &'static Encoding) -> Self {
        let encoding = AsciiCompatibleEncoding::new(encoding)
            .or_else(|| AsciiCompatibleEncoding::new(encoding_rs::WINDOWS_1252))
            .unwrap_or_else(AsciiCompatibleEncoding::utf_8);
        let tape = Arc::new(Mutex::new(Tape::default()));
        let writer = Arc::clone(&tape);
        let memory = MemorySettings::new()
            .with_preallocated_parsing_buffer_size(0)
            .with_max_allowed_memory_usage(MEMORY);
        let settings = Settings::new_send()
            .with_encoding(encoding)
            .with_memory_settings(memory)
            .with_strict(false)
            .append_element_content_handler(element!("*", move |element: &mut Element<'_, '_>| {
                lock(&writer).note(element);
                Ok(())
            }));
        let count = Count::default();
        Self { rewriter: HtmlRewriter::new(settings, count.clone()), tape, count }
    }

    /// Says where the label's name occurs in what is written next, in ascending order.
    pub(super) fn expect_label_at(&mut self, at: usize) {
        lock(&self.tape).labels.push(at);
    }

    /// Parses on.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), LimitMet> {
        self.rewriter.write(bytes).map_err(|_| LimitMet)
    }

    /// Parses to the end of the document; says what was found since.
    pub(super) fn end(self) -> Result<Vec<TagSpan>, LimitMet> {
        self.rewriter.end().map_err(|_| LimitMet)?;
        Ok(std::mem::take(&mut lock(&self.tape).spans))
    }

    /// The start tags found since the last call.
    pub(super) fn take(&mut self, into: &mut Vec<TagSpan>) {
        let mut tape = lock(&self.tape);
        into.append(&mut tape.spans);
        let passed = tape.next_label;
        tape.labels.drain(..passed);
        tape.next_label = 0;
    }

    /// How many of the document's bytes belong to finished tokens or text.
    pub(super) fn settled(&self) -> usize {
        self.count.0.load(Ordering::Relaxed)
    }
}

impl Tape {
    fn note(&mut self, element: &mut Element<'_, '_>) {
        let range = element.source_location().bytes();
        let attributes = self
            .has_label(&range)
            .then(|| element.attributes().iter().map(AttributeSpan::of).collect());
        self.spans.push(TagSpan { range, self_closing: element.is_self_closing(), attributes });
    }

    fn has_label(&mut self, range: &Range<usize>) -> bool {
        while self.labels.get(self.next_label).is_some_and(|&at| at < range.start) {
            self.next_label += 1;
        }
        self.labels.get(self.next_label).is_some_and(|&at| at < range.end)
    }
}

impl AttributeSpan {
    fn of(attribute: &Attribute<'_>) -> Self {
        Self {
            name: attribute.name(),
            value: attribute.value(),
            range: attribute.value_source_location().map(|location| location.bytes()),
            name_end: attribute.name_source_location().map_or(0, |location| location.bytes().end),
        }
    }
}

/// A poisoned tape is as good as any: nothing panics while it is held.
fn lock(tape: &Mutex<Tape>) -> MutexGuard<'_, Tape> {
    tape.lock().unwrap_or_else(PoisonError::into_inner)
}
