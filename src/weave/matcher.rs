//! Which start tags a site's selectors match.
//!
//! lol_html matches, but not on the page: it keeps an element open until its own end tag, which HTML
//! often lets be left out. It is fed what the stack of open elements says instead: each start tag as
//! it is written, and an end tag for whatever the parser closes.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use encoding_rs::Encoding;
use lol_html::html_content::Element;
use lol_html::send::HtmlRewriter;
use lol_html::{AsciiCompatibleEncoding, ElementContentHandlers, MemorySettings, Settings};

use super::label::Labels;
use super::markup::tag_name;
use super::reason::Reason;
use super::selectors::{Rule, Selectors};
use super::tree::{Placed, Tree};

/// What matching one page may take, in bytes: a tag of a megabyte and the stack.
const MEMORY: usize = 4 << 20;

type Matches = Arc<Mutex<Vec<usize>>>;

/// Matches the tags of one page, in their order.
pub(super) struct Matcher {
    rules: Arc<[Rule]>,
    reader: HtmlRewriter<'static, fn(&[u8])>,
    /// The rules that the last tag met.
    matches: Matches,
    /// The elements that are open to the reader: identity on the stack, and name.
    open: Vec<(u32, Vec<u8>)>,
    /// Which of the elements that every document has, written or not, the reader knows.
    html: bool,
    head: Head,
    body: bool,
}

/// What the reader knows of the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Head {
    Unseen,
    Open,
    Closed,
}

impl Matcher {
    /// Starts at a page's first tag; none for a site without selectors.
    pub(super) fn new(selectors: &Selectors, encoding: &'static Encoding) -> Option<Self> {
        if selectors.is_empty() {
            return None;
        }
        let matches = Matches::default();
        let mut settings = Settings::new_send()
            .with_strict(false)
            .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(MEMORY));
        if let Some(encoding) = AsciiCompatibleEncoding::new(encoding) {
            settings = settings.with_encoding(encoding);
        }
        for (number, rule) in selectors.0.iter().enumerate() {
            let matches = Arc::clone(&matches);
            let note = move |_: &mut Element<'_, '_, _>| {
                matches.lock().unwrap_or_else(PoisonError::into_inner).push(number);
                Ok(())
            };
            let handlers = ElementContentHandlers::default().element(note);
            settings = settings
                .append_element_content_handler((Cow::Owned(rule.selector.clone()), handlers));
        }
        let discard: fn(&[u8]) = |_| {};
        let reader = HtmlRewriter::new(settings, discard);
        let rules = Arc::clone(&selectors.0);
        let (open, html, head, body) = (Vec::new(), false, Head::Unseen, false);
        Some(Self { rules, reader, matches, open, html, head, body })
    }

    /// What the rules that a tag meets ask for; the first in the config wins. `tree` has followed the
    /// tag.
    ///
    /// # Errors
    /// Why the page cannot be matched further.
    pub(super) fn start_tag(
        &mut self,
        raw: &[u8],
        tree: &Tree,
        placed: Placed,
    ) -> Result<Labels, Reason> {
        let name = tag_name(raw);
        self.close(tree, placed)?;
        if !self.enter(name, tree, placed)? {
            return Ok(Labels::default());
        }
        if matches!(placed, Placed::Pushed | Placed::Fostered) {
            self.open.push((tree.current(), name.to_vec()));
        }
        self.matches().clear();
        match raw.get(6..).filter(|_| name.eq_ignore_ascii_case(b"image")) {
            // Parsers take the one for the other (§13.2.6.4.7).
            Some(rest) => self.write(&[b"<img", rest].concat())?,
            None => self.write(raw)?,
        }
        let mut met = std::mem::take(&mut *self.matches());
        met.sort_unstable();
        let mut labels = Labels::default();
        for rule in met.into_iter().filter_map(|number| self.rules.get(number)) {
            labels.join(&rule.labels);
        }
        Ok(labels)
    }

    /// The page's head is over.
    pub(super) fn end_head(&mut self) -> Result<(), Reason> {
        match std::mem::replace(&mut self.head, Head::Closed) {
            Head::Open => self.write(b"</head>"),
            Head::Unseen | Head::Closed => Ok(()),
        }
    }

    /// Writes the document's own elements in front of a tag that stands in them. Says whether the tag
    /// itself is to be written.
    fn enter(&mut self, name: &[u8], tree: &Tree, placed: Placed) -> Result<bool, Reason> {
        let is = |tag: &[u8]| placed == Placed::Ignored && name.eq_ignore_ascii_case(tag);
        let (html, body) = tree.document();
        if is(b"html") {
            let first = !std::mem::replace(&mut self.html, true);
            if first {
                self.open.push((html, b"html".to_vec()));
            }
            return Ok(first);
        }
        if is(b"head") {
            self.imply_html(html)?;
            let first = self.head == Head::Unseen;
            self.head = if first { Head::Open } else { self.head };
            return Ok(first);
        }
        if is(b"body") {
            self.imply_html(html)?;
            let first = !std::mem::replace(&mut self.body, true);
            if first {
                self.open.push((body, b"body".to_vec()));
            }
            return Ok(first);
        }
        if placed == Placed::Ignored {
            return Ok(false);
        }
        self.imply_html(html)?;
        if self.head == Head::Unseen {
            self.head = Head::Open;
            self.write(b"<head>")?;
        } else if self.head == Head::Closed && !self.body {
            self.body = true;
            self.open.push((body, b"body".to_vec()));
            self.write(b"<body>")?;
        }
        Ok(true)
    }

    fn imply_html(&mut self, id: u32) -> Result<(), Reason> {
        if std::mem::replace(&mut self.html, true) {
            return Ok(());
        }
        self.open.push((id, b"html".to_vec()));
        self.write(b"<html>")
    }

    /// Closes what the stack no longer has.
    fn close(&mut self, tree: &Tree, placed: Placed) -> Result<(), Reason> {
        // The element of the tag itself is on the stack already, and not open here.
        let own = matches!(placed, Placed::Pushed | Placed::Fostered);
        while let Some((id, name)) = self.open.last()
            && !tree.is_open(*id, own)
        {
            let end = [b"</", &name[..], b">"].concat();
            self.open.pop();
            self.write(&end)?;
        }
        Ok(())
    }

    fn write(&mut self, tag: &[u8]) -> Result<(), Reason> {
        // The one error that there can be: its memory is used up.
        self.reader.write(tag).map_err(|_| Reason::TokenTooLong)
    }

    fn matches(&self) -> std::sync::MutexGuard<'_, Vec<usize>> {
        self.matches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
