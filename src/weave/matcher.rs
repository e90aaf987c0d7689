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
    in_head: bool,
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
        Some(Self { rules, reader, matches, open: Vec::new(), in_head: false })
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
        match placed {
            Placed::Pushed | Placed::Fostered => {
                self.open.push((tree.current(), name.to_vec()));
            }
            Placed::Closed => {}
            Placed::Ignored if !self.opens_document(name) => return Ok(Labels::default()),
            Placed::Ignored => {}
        }
        self.matches().clear();
        self.write(raw)?;
        let mut met = std::mem::take(&mut *self.matches());
        met.sort_unstable();
        let mut labels = Labels::default();
        for rule in met.into_iter().filter_map(|number| self.rules.get(number)) {
            labels.add(&rule.labels);
        }
        Ok(labels)
    }

    /// The page's head is over.
    pub(super) fn end_head(&mut self) -> Result<(), Reason> {
        if std::mem::take(&mut self.in_head) { self.write(b"</head>") } else { Ok(()) }
    }

    /// Whether a tag that the stack ignores opens one of the three elements that it has from the
    /// start, or counts as being in.
    fn opens_document(&mut self, name: &[u8]) -> bool {
        let is = |tag: &[u8]| name.eq_ignore_ascii_case(tag);
        let first = self.open.is_empty();
        self.in_head |= first && is(b"head");
        first && (is(b"html") || is(b"head") || is(b"body"))
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
