//! Follows the tokens of a page with the stack of open elements, and writes the plan.

use std::collections::VecDeque;
use std::ops::Range;

use encoding_rs::Encoding;

use super::charset::Charset;
use super::label::{LabelName, Labels};
use super::markup::{Attribute, attributes, tag_name};
use super::plan::{Edit, Place, Plan, Slot, State};
use super::reason::Reason;
use super::tag::{Name, Tag, sets};
use super::tokenizer::Listener;
use super::tree::{Placed, StartTag, Tree};

/// More labels than any page has, so that none can fill the memory.
const MAX_SLOTS: usize = 20_000;

pub(super) struct Follower {
    label: LabelName,
    tree: Tree,
    plan: Plan,
    max_slot: usize,
    /// Where in the document the label's name comes next, as far as it is in view.
    next_labels: VecDeque<usize>,
}

impl Follower {
    pub(super) fn new(label: LabelName, charset: Charset, max_slot: usize) -> Self {
        let (tree, plan) = (Tree::new(), Plan::new(charset));
        Self { label, tree, plan, max_slot, next_labels: VecDeque::new() }
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Forgets the plan's first slots.
    pub(super) fn forget(&mut self, count: usize) {
        self.plan.forget(count);
    }

    pub(super) fn into_plan(self) -> Plan {
        self.plan
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

    fn plan_tag(&mut self, raw: &[u8], at: usize, tag: Tag, placed: Placed) {
        let written = Written::of(raw, at, self.plan.encoding());
        let labels = self.label.read(written.iter().map(|a| (&*a.name, &*a.value)));
        self.plan_attributes(raw, at, tag, &written, &labels);
        self.plan_inner(at + raw.len(), tag, placed, &labels);
        if self.plan.next_number() >= MAX_SLOTS {
            self.tree.lose(Reason::TooManySlots);
        }
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
        let start = |slot: &usize| self.plan.slot(*slot).map_or(scanned, Slot::start);
        let large = |slot: &usize| scanned - start(slot) > self.max_slot;
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
        raw: &[u8],
        at: usize,
        tag: Tag,
        written: &[Written],
        labels: &Labels,
    ) {
        let behind_name = at + 1 + tag_name(raw).len();
        let refreshes = written.iter().any(|attribute| attribute.name == "http-equiv");
        let slots = labels.attributes.iter().map(|wanted| {
            let there = written.iter().find(|attribute| *attribute.name == *wanted.name);
            let edit = there.map_or(Edit::Missing(behind_name), |there| there.edit.clone());
            // The one leads elsewhere, the others take a `font` out of foreign content.
            let steers = refreshes && &*wanted.name == "content"
                || tag == Tag::Font && matches!(&*wanted.name, "color" | "face" | "size");
            let left = wanted.left.or(steers.then_some(Reason::ForbiddenAttribute));
            let state = State::Ready { end: edit.replaces().end };
            let place = Place::Attribute { name: wanted.name.clone(), edit };
            slot(&wanted.key, place, left.map_or(state, State::Left), labels)
        });
        self.plan.add(slots.collect());
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
        let planned = slot(key, Place::Inner { start, context }, state, labels);
        if planned.left().is_some() && opened.is_ok() {
            self.tree.forget(number);
        }
        self.plan.add(vec![planned]);
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
            let Some(slot) = self.plan.slot_mut(ended.slot) else { continue };
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

/// A slot of a tag; arguments that cannot be read speak against it.
fn slot(key: &str, place: Place, state: State, labels: &Labels) -> Slot {
    let (arguments, state) = match &labels.arguments {
        Some(Err(reason)) => (None, State::Left(*reason)),
        Some(Ok(arguments)) => (Some(arguments.clone()), state),
        None => (None, state),
    };
    Slot { key: key.into(), place, state, arguments }
}

impl Listener for Follower {
    fn text(&mut self, blank: bool) {
        self.tree.text(blank);
    }

    fn start_tag(&mut self, raw: &[u8], at: usize, self_closing: bool) -> Option<Tag> {
        let name = Name::parse(tag_name(raw));
        let placed = self.tree.start(&StartTag { name, raw, self_closing });
        self.settle(at);
        if self.has_label(at..at + raw.len()) {
            self.plan_tag(raw, at, name.tag, placed);
        }
        let is_text = matches!(placed, Placed::Pushed | Placed::Fostered)
            && sets::RAW_TEXT.or(sets::RCDATA).has(name.tag)
            && !self.tree.in_foreign_content();
        is_text.then_some(name.tag)
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

    fn is_done(&self) -> bool {
        self.lost().is_some()
    }
}

/// An attribute of a labelled tag: what it says, and how it would be given another value.
struct Written {
    /// Lower-cased.
    name: String,
    /// Character references and all.
    value: String,
    edit: Edit,
}

impl Written {
    /// The attributes of `tag`, which is at `at` of the document.
    fn of(tag: &[u8], at: usize, encoding: &'static Encoding) -> Vec<Self> {
        let text = |range: Range<usize>| encoding.decode_without_bom_handling(&tag[range]).0;
        let written = |attribute: Attribute| Self {
            name: text(attribute.name.clone()).to_ascii_lowercase(),
            value: attribute.value.clone().map_or(String::new(), |value| text(value).into_owned()),
            edit: edit(tag, at, attribute),
        };
        attributes(tag).into_iter().map(written).collect()
    }
}

fn edit(tag: &[u8], at: usize, attribute: Attribute) -> Edit {
    let Some(value) = attribute.value else { return Edit::Bare(at + attribute.name.end) };
    let place = at + value.start..at + value.end;
    // An unquoted value starts with no quote, and an empty one has none in front.
    let quoted =
        matches!(tag[value.start - 1], b'"' | b'\'') && tag[value.end] == tag[value.start - 1];
    if quoted { Edit::Quoted(place) } else { Edit::Value(place) }
}
