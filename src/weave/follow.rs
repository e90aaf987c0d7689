//! Follows the tokens of a page with the stack of open elements, and writes the plan.

use std::collections::VecDeque;
use std::ops::Range;

use super::charset::Charset;
use super::head::Head;
use super::label::{LabelName, Labels};
use super::labelled;
use super::markup::tag_name;
use super::matcher::Matcher;
use super::plan::{AT_END, Mark, Place, Plan, Slot, State};
use super::reason::Reason;
use super::remember::Tags;
use super::rules::Rules;
use super::tag::{Name, Tag, sets};
use super::tokenizer::Listener;
use super::tree::{Placed, StartTag, Tree};
use super::written::WrittenTag;

/// More labels than any page has, so that none can fill the memory.
const MAX_MARKS: usize = 20_000;

pub(super) struct Follower {
    label: LabelName,
    tree: Tree,
    head: Head,
    /// For sites that label what nobody can edit.
    matcher: Option<Box<Matcher>>,
    plan: Plan,
    max_slot: usize,
    /// Where in the document the label's name comes next, as far as it is in view.
    next_labels: VecDeque<usize>,
    /// Where the token ends that is being followed.
    token_end: usize,
    /// Where the page's tags are, for whoever remembers it.
    tags: Option<Tags>,
}

impl Follower {
    pub(super) fn new(rules: &Rules, charset: Charset) -> Self {
        Self {
            label: rules.label.clone(),
            tree: Tree::new(),
            head: Head::default(),
            matcher: Matcher::new(&rules.selectors, charset.encoding()).map(Box::new),
            plan: Plan::new(charset),
            max_slot: rules.max_slot,
            next_labels: VecDeque::new(),
            token_end: 0,
            tags: None,
        }
    }

    /// Notes where the page's tags are, from its first byte on.
    pub(super) fn note_tags(&mut self) {
        self.tags = Some(Tags::default());
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Forgets the plan's marks up to that number, and where the tags are.
    pub(super) fn forget_to(&mut self, number: usize) {
        self.tags = None;
        self.plan.forget_to(number);
    }

    /// What was found, and where the tags are, if that was noted.
    pub(super) fn into_parts(mut self) -> (Plan, Option<Tags>) {
        if let Some(tags) = &mut self.tags {
            tags.compare_formatting(self.tree.compares_formatting());
        }
        (self.plan, self.tags)
    }

    /// Why the page cannot be followed further, if so.
    pub(super) fn lost(&self) -> Option<Reason> {
        self.tree.lost()
    }

    /// Notes where the label's name is in what is read next, so that no other tag is looked into.
    pub(super) fn look_for_labels(&mut self, bytes: &[u8], at: usize) {
        self.next_labels.clear();
        self.next_labels.extend(self.label.finder().find_iter(bytes).map(|found| at + found));
    }

    fn has_label(&mut self, tag: Range<usize>) -> bool {
        while self.next_labels.front().is_some_and(|&at| at < tag.start) {
            self.next_labels.pop_front();
        }
        self.next_labels.front().is_some_and(|&at| at < tag.end)
    }

    /// What the labels on a tag ask for, and the selectors that it meets; none if nothing.
    fn labels(&mut self, raw: &[u8], at: usize, placed: Placed) -> Option<(WrittenTag, Labels)> {
        let matched = match &mut self.matcher {
            Some(matcher) => matcher.start_tag(raw, &self.tree, placed),
            None => Ok(Labels::default()),
        };
        let matched = matched.unwrap_or_else(|reason| {
            self.tree.lose(reason);
            Labels::default()
        });
        if !self.has_label(at..at + raw.len()) && matched.is_empty() {
            return None;
        }
        let written = WrittenTag::read(raw, at, self.plan.encoding());
        // The search finds labels in lower case, and others count nowhere.
        let lower = written.attributes.iter().filter(|a| a.in_lower_case);
        let attributes = lower.map(|a| (&*a.name, &*a.value));
        let mut labels = self.label.read(attributes, self.tree.scope());
        labels.add(matched);
        Some((written, labels))
    }

    /// Plans the document's own tag, labelled or not: it says which language the page is in.
    fn plan_document(&mut self, raw: &[u8], at: usize, labelled: Option<(WrittenTag, Labels)>) {
        let unlabelled = || (WrittenTag::read(raw, at, self.plan.encoding()), Labels::default());
        let (written, labels) = labelled.unwrap_or_else(unlabelled);
        let marks = labelled::document_marks(Tag::Html, &written, &labels);
        self.plan.add(marks, self.token_end);
        self.plan_inner(at + raw.len(), Tag::Html, Placed::Ignored, &labels);
        if let Some(scope) = labels.scope {
            self.tree.open_scope(scope, Tag::Html, Placed::Ignored);
        }
    }

    fn plan_tag(
        &mut self,
        tag: Tag,
        placed: Placed,
        end: usize,
        written: &WrittenTag,
        labels: Labels,
    ) {
        let first = self.plan.next_number();
        self.plan.add(labelled::marks(tag, placed, written, &labels, first), self.token_end);
        self.plan_inner(end, tag, placed, &labels);
        if let Some(scope) = labels.scope {
            self.tree.open_scope(scope, tag, placed);
        }
        if self.plan.next_number() >= MAX_MARKS {
            self.tree.lose(Reason::TooManySlots);
        }
    }

    /// The page is over: what is open now is never closed. At its end is a token that is not finished.
    pub(super) fn finish(&mut self, unfinished: Range<usize>) {
        if let Some(tags) = &mut self.tags
            && !unfinished.is_empty()
        {
            tags.unfinished(unfinished.clone());
        }
        self.token_end = AT_END;
        self.leave_open(Reason::UnclosedElement, unfinished.end);
    }

    /// Leaves alone every slot that is still open `at` a place in the page.
    fn leave_open(&mut self, reason: Reason, at: usize) {
        self.tree.leave_all(reason);
        self.settle(at);
    }

    /// Leaves alone the open slots whose default text is already too large.
    pub(super) fn leave_too_large(&mut self, scanned: usize) {
        if !self.tree.has_slots() {
            return;
        }
        let start = |slot: &usize| self.plan.slot(*slot).map_or(scanned, Slot::start);
        let large = |slot: &usize| scanned - start(slot) > self.max_slot;
        for slot in self.tree.open_slots().filter(large).collect::<Vec<_>>() {
            self.tree.leave(slot, Reason::TooLarge);
        }
        self.token_end = scanned;
        self.settle(scanned);
    }

    /// Plans nothing more.
    pub(super) fn stop(&mut self, reason: Reason, at: usize) {
        self.leave_open(reason, at);
        self.plan.stopped.get_or_insert(reason);
    }

    fn plan_inner(&mut self, start: usize, tag: Tag, placed: Placed, labels: &Labels) {
        let Some(inner) = &labels.inner else { return };
        let number = self.plan.next_number();
        let (key, opened) = match inner {
            Ok(key) => (key, self.open_slot(number, tag, placed)),
            Err((key, reason)) => (key, Err(*reason)),
        };
        let (context, state) = match opened {
            Ok(context) => (Some(context), State::Pending),
            Err(reason) => (None, State::Left(reason)),
        };
        let planned = labelled::slot(key, Place::Inner { start, context }, state, labels);
        if planned.left().is_some() && opened.is_ok() {
            self.tree.forget(number);
        }
        self.plan.add([Mark::Slot(planned)], self.token_end);
    }

    fn open_slot(
        &mut self,
        slot: usize,
        tag: Tag,
        placed: Placed,
    ) -> Result<super::tree::Context, Reason> {
        if sets::FORBIDDEN.has(tag) {
            return Err(Reason::ForbiddenElement);
        }
        self.tree.open_slot(slot, tag, placed)
    }

    /// Writes down which slots the last token ended; it starts at `at`.
    fn settle(&mut self, at: usize) {
        while let Some(ended) = self.tree.take_ended() {
            let Some(slot) = self.plan.slot(ended.slot) else { continue };
            let state = match ended.left {
                // Whatever else is wrong with it: a stream that is cut elsewhere has said so before.
                _ if at.saturating_sub(slot.start()) > self.max_slot => {
                    State::Left(Reason::TooLarge)
                }
                Some(reason) => State::Left(reason),
                None => State::Ready { end: at },
            };
            self.plan.settle(ended.slot, state, self.token_end);
        }
    }

    /// The head ends in front of a token `at` a place in the page.
    fn end_head(&mut self, at: usize) {
        if self.head.wants_links() {
            self.plan.add([Mark::HeadEnd(at)], self.token_end);
        }
        if let Some(matcher) = &mut self.matcher
            && let Err(reason) = matcher.end_head()
        {
            self.tree.lose(reason);
        }
    }
}

impl Listener for Follower {
    fn text(&mut self, visible: Option<usize>) {
        if let Some(at) = visible {
            // A lone `<` is text by what is behind it.
            self.token_end = at + 2;
        }
        if let Some(at) = visible
            && self.head.ends_at_text(self.tree.in_template())
        {
            self.end_head(at);
        }
        self.tree.text(visible.is_none());
    }

    fn start_tag(&mut self, raw: &[u8], at: usize, self_closing: bool) -> Option<Tag> {
        let name = Name::parse(tag_name(raw));
        self.token_end = at + raw.len();
        if let Some(tags) = &mut self.tags {
            tags.add(at..self.token_end);
        }
        let is_document = self.head.is_document_tag(name.tag);
        if self.head.ends_at_start(name.tag, raw, self.tree.in_template()) {
            self.end_head(at);
        }
        let placed = self.tree.start(&StartTag { name, raw, self_closing });
        self.settle(at);
        let labelled = self.labels(raw, at, placed);
        if is_document {
            self.plan_document(raw, at, labelled);
        } else if let Some((written, labels)) = labelled {
            self.plan_tag(name.tag, placed, at + raw.len(), &written, labels);
        }
        let is_text = matches!(placed, Placed::Pushed | Placed::Fostered)
            && sets::RAW_TEXT.or(sets::RCDATA).has(name.tag)
            && !self.tree.in_foreign_content();
        is_text.then_some(name.tag)
    }

    fn end_tag(&mut self, name: Name, raw: &[u8], at: usize) {
        self.token_end = at + raw.len();
        if let Some(tags) = &mut self.tags {
            tags.end_tag(raw, at);
        }
        if self.head.ends_at_end(name.tag, self.tree.in_template()) {
            self.end_head(at);
        }
        self.tree.end(name);
        self.settle(at);
    }

    fn doctype(&mut self, declaration: &[u8], at: usize) {
        if let Some(tags) = &mut self.tags {
            tags.add(at..at + declaration.len());
        }
        self.head.doctype();
        self.tree.doctype(declaration);
    }

    fn in_foreign_content(&self) -> bool {
        self.tree.in_foreign_content()
    }

    fn is_done(&self) -> bool {
        self.lost().is_some()
    }
}
