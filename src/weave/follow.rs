//! Follows the tokens of a page with the stack of open elements, and writes the plan.

use super::between::Listener;
use super::charset::Charset;
use super::label::{LabelName, Labels};
use super::markup::tag_name;
use super::plan::{Edit, Place, Plan, Slot, State};
use super::reason::Reason;
use super::tag::{Name, Tag, sets};
use super::tokens::{AttributeSpan, TagSpan};
use super::tree::{Placed, StartTag, Tree};

/// More labels than any page has, so that none can fill the memory.
const MAX_SLOTS: usize = 20_000;

pub(super) struct Follower {
    tree: Tree,
    plan: Plan,
    max_slot: usize,
}

impl Follower {
    pub(super) fn new(charset: Charset, max_slot: usize) -> Self {
        Self { tree: Tree::new(), plan: Plan::new(charset), max_slot }
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(super) fn into_plan(self) -> Plan {
        self.plan
    }

    /// Why the page cannot be followed further, if so.
    pub(super) fn lost(&self) -> Option<Reason> {
        self.tree.lost()
    }

    /// Follows a start tag. Says which element it opens, if that one's content is text to the
    /// tokenizer.
    ///
    /// # Errors
    /// Why the page cannot be followed further.
    pub(super) fn start_tag(
        &mut self,
        span: &TagSpan,
        raw: &[u8],
        label: &LabelName,
    ) -> Result<Option<Tag>, Reason> {
        let name = Name::parse(tag_name(raw));
        let tag = StartTag { name, raw, self_closing: span.self_closing };
        let placed = self.tree.start(&tag);
        self.settle(span.range.start);
        if let Some(attributes) = &span.attributes {
            let labels = label.read(attributes.iter().map(|a| (&*a.name, &*a.value)));
            self.plan_attributes(span, raw, attributes, &labels);
            self.plan_inner(span, name.tag, placed, labels);
        }
        self.lost().map_or(Ok(()), Err)?;
        // lol_html decides this by itself. Where the two differ, one of them sees a start tag that
        // the other does not, and the page is given up there.
        let is_text = matches!(placed, Placed::Pushed | Placed::Fostered)
            && sets::RAW_TEXT.or(sets::RCDATA).has(name.tag)
            && !self.tree.in_foreign_content();
        Ok(is_text.then_some(name.tag))
    }

    /// Leaves alone every slot that is still open `at` a place in the page.
    pub(super) fn leave_open(&mut self, reason: Reason, at: usize) {
        self.tree.leave_all(reason);
        self.settle(at);
    }

    /// Leaves alone the open slots whose default text is already too large.
    pub(super) fn leave_too_large(&mut self, scanned: usize) {
        if !self.tree.has_slots() {
            return;
        }
        let large = |slot: &usize| scanned - self.plan.slots[*slot].start() > self.max_slot;
        for slot in self.tree.open_slots().filter(large).collect::<Vec<_>>() {
            self.tree.leave(slot, Reason::TooLarge);
        }
        self.settle(scanned);
    }

    /// Plans nothing more.
    pub(super) fn stop(&mut self, reason: Reason, at: usize) {
        self.leave_open(reason, at);
        self.plan.stopped.get_or_insert(reason);
    }

    fn plan_attributes(
        &mut self,
        span: &TagSpan,
        raw: &[u8],
        attributes: &[AttributeSpan],
        labels: &Labels,
    ) {
        let behind_name = span.range.start + 1 + tag_name(raw).len();
        let first = self.plan.slots.len();
        for wanted in &labels.attributes {
            let there = attributes.iter().find(|attribute| *attribute.name == *wanted.name);
            let edit = match there {
                None => Edit::Missing(behind_name),
                Some(there) => edit_of(there, raw, span.range.start),
            };
            let refreshes = &*wanted.name == "content"
                && attributes.iter().any(|attribute| attribute.name == "http-equiv");
            let left = wanted.left.or(refreshes.then_some(Reason::ForbiddenAttribute));
            let state = State::Ready { end: edit.replaces().end };
            let place = Place::Attribute { name: wanted.name.clone(), edit };
            self.plan_slot(&wanted.key, place, left.map_or(state, State::Left), labels);
        }
        self.plan.slots[first..].sort_by_key(Slot::start);
    }

    fn plan_inner(&mut self, span: &TagSpan, tag: Tag, placed: Placed, labels: Labels) {
        let Some(inner) = &labels.inner else { return };
        let slot = self.plan.slots.len();
        let start = span.range.end;
        let (key, opened) = match inner {
            Ok(key) => (key, self.open_slot(slot, tag, placed)),
            Err((key, reason)) => (key, Err(*reason)),
        };
        let (place, state) = match opened {
            Ok(context) => (Place::Inner { start, context: Some(context) }, State::Pending),
            Err(reason) => (Place::Inner { start, context: None }, State::Left(reason)),
        };
        self.plan_slot(key, place, state, &labels);
        if matches!(self.plan.slots[slot].state, State::Left(_)) && opened.is_ok() {
            self.tree.forget(slot);
        }
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

    fn plan_slot(&mut self, key: &str, place: Place, state: State, labels: &Labels) {
        let (arguments, state) = match &labels.arguments {
            Some(Err(reason)) => (None, State::Left(*reason)),
            Some(Ok(arguments)) => (Some(arguments.clone()), state),
            None => (None, state),
        };
        if self.plan.slots.len() >= MAX_SLOTS {
            self.tree.lose(Reason::TooManySlots);
        }
        self.plan.slots.push(Slot { key: key.into(), place, state, arguments });
    }

    /// Writes down which slots the last token ended; it starts at `at`.
    fn settle(&mut self, at: usize) {
        while let Some(ended) = self.tree.take_ended() {
            let slot = &mut self.plan.slots[ended.slot];
            slot.state = match ended.left {
                // Whatever else is wrong with it: a stream that is cut elsewhere has said so before.
                _ if at.saturating_sub(slot.start()) > self.max_slot => {
                    State::Left(Reason::TooLarge)
                }
                Some(reason) => State::Left(reason),
                None => State::Ready { end: at },
            };
        }
    }
}

impl Listener for Follower {
    fn text(&mut self, blank: bool) {
        self.tree.text(blank);
    }

    fn end_tag(&mut self, name: Name, at: usize) {
        self.tree.end(name);
        self.settle(at);
    }

    fn doctype(&mut self, declaration: &[u8]) {
        self.tree.doctype(declaration);
    }

    fn in_foreign_content(&self) -> bool {
        self.tree.in_foreign_content()
    }
}

/// How an attribute that is there gets its value; `tag` is at `start` of the document.
fn edit_of(there: &AttributeSpan, tag: &[u8], start: usize) -> Edit {
    let Some(range) = &there.range else { return Edit::Bare(there.name_end) };
    let before = range.start.checked_sub(start + 1).and_then(|at| tag.get(at));
    let after = tag.get(range.end - start);
    match (before, after) {
        (Some(b'"'), Some(b'"')) | (Some(b'\''), Some(b'\'')) => Edit::Quoted(range.clone()),
        _ => Edit::Value(range.clone()),
    }
}
