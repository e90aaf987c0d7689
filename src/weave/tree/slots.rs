//! Slots on the stack: which elements hold one, when it ends, and whether it may be filled.

use super::super::tag::{Tag, TagSet, sets};
use super::{Mode, Placed, Space, Tree};
use crate::weave::reason::Reason;

/// A slot whose element is open.
#[derive(Debug)]
pub(super) struct OpenSlot {
    /// The caller's number for it.
    slot: usize,
    /// Its element's place on the stack.
    depth: usize,
    /// What tree construction remembered before its element was opened, and has to remember
    /// again once it is closed: otherwise its content reaches out into what follows.
    before: Memory,
    /// Whether tags directly in its element are read by the rules of foreign content.
    foreign: bool,
}

/// What tree construction remembers beside the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Memory {
    formatting: usize,
    last_formatting: Option<u32>,
    form: Option<u32>,
}

/// A slot that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::weave) struct Ended {
    pub(in crate::weave) slot: usize,
    /// Nothing if it ends where the current token starts.
    pub(in crate::weave) left: Option<Reason>,
}

/// What content may land in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::weave) struct Context {
    /// An HTML entry gives its text here.
    pub(in crate::weave) text_only: bool,
    /// A newline at the start is dropped by the parser, so that one has to be doubled.
    pub(in crate::weave) drops_newline: bool,
    /// Elements that would end the slot's element or one around it.
    pub(in crate::weave) refuses: TagSet,
}

impl Tree {
    /// Opens slot number `slot` in the element that the last start tag made.
    ///
    /// # Errors
    /// Why this element's content can never be replaced.
    pub(in crate::weave) fn open_slot(
        &mut self,
        slot: usize,
        tag: Tag,
        placed: Placed,
    ) -> Result<Context, Reason> {
        self.may_hold_slot(tag, placed)?;
        let before = self.memory_before(tag);
        let foreign = self.top().reads_foreign();
        self.slots.push(OpenSlot { slot, depth: self.stack.len() - 1, before, foreign });
        Ok(self.context(tag))
    }

    fn may_hold_slot(&self, tag: Tag, placed: Placed) -> Result<(), Reason> {
        let foreign = self.top().space != Space::Html;
        let in_frame = matches!(self.mode(), Mode::Table | Mode::RowGroup | Mode::Row);
        match placed {
            Placed::Ignored => return Err(self.lost.unwrap_or(Reason::IgnoredTag)),
            Placed::Closed => return Err(Reason::VoidElement),
            Placed::Fostered => return Err(Reason::Fostered),
            // In what was moved in front of a table, tags still mean what they mean in one.
            Placed::Pushed if in_frame && !sets::TABLE_FRAMES.has(tag) => {
                return Err(Reason::Fostered);
            }
            Placed::Pushed if foreign => return Ok(()),
            Placed::Pushed => {}
        }
        if matches!(tag, Tag::Select | Tag::Optgroup | Tag::Template | Tag::Frameset)
            || sets::TABLE_FRAMES.has(tag)
        {
            return Err(Reason::ForbiddenElement);
        }
        if self.has_open(Tag::Select) && tag != Tag::Option {
            return Err(Reason::AmbiguousMarkup);
        }
        if self.formatting_pending() {
            return Err(Reason::OpenFormatting);
        }
        Ok(())
    }

    fn context(&self, tag: Tag) -> Context {
        let foreign = self.stack.iter().any(|open| open.space != Space::Html);
        Context {
            text_only: foreign || sets::RCDATA.has(tag) || tag == Tag::Option,
            drops_newline: self.top().space == Space::Html
                && matches!(tag, Tag::Pre | Tag::Listing | Tag::Textarea),
            refuses: self.refused(tag),
        }
    }

    fn refused(&self, tag: Tag) -> TagSet {
        use Tag::{A, Button, Dd, Dt, Form, Li, Nobr, P, Rb, Rp, Rt, Rtc, Ruby};
        let when = |closes: bool, set: TagSet| if closes { set } else { TagSet::EMPTY };
        when(self.in_scope(P, sets::BUTTON_SCOPE), sets::CLOSES_P)
            .or(when(self.active_formatting(A).is_some(), TagSet::of(&[A])))
            .or(when(self.in_scope(Nobr, sets::SCOPE), TagSet::of(&[Nobr])))
            .or(when(self.in_scope(Button, sets::SCOPE), TagSet::of(&[Button])))
            .or(when(self.form.is_some(), TagSet::of(&[Form])))
            .or(when(self.open_item(TagSet::of(&[Li])).is_some(), TagSet::of(&[Li])))
            .or(when(self.open_item(TagSet::of(&[Dd, Dt])).is_some(), TagSet::of(&[Dd, Dt])))
            .or(self.crowded())
            .or(when(sets::HEADINGS.has(tag), sets::HEADINGS))
            .or(when(self.in_scope(Ruby, sets::SCOPE), TagSet::of(&[Rb, Rp, Rt, Rtc])))
    }

    /// Slots that ended with the last token.
    pub(in crate::weave) fn take_ended(&mut self) -> Option<Ended> {
        self.ended.pop()
    }

    /// Whether a slot's element is open.
    pub(in crate::weave) fn has_slots(&self) -> bool {
        !self.slots.is_empty()
    }

    /// The open slots, outermost first.
    pub(in crate::weave) fn open_slots(&self) -> impl Iterator<Item = usize> + '_ {
        self.slots.iter().map(|slot| slot.slot)
    }

    /// Leaves alone every open slot from the outermost on.
    pub(in crate::weave) fn leave_all(&mut self, reason: Reason) {
        self.leave_from(0, reason);
    }

    /// Leaves alone one open slot.
    pub(in crate::weave) fn leave(&mut self, slot: usize, reason: Reason) {
        self.slots.retain(|open| open.slot != slot);
        self.ended.push(Ended { slot, left: Some(reason) });
    }

    /// Follows one open slot no longer, without a word.
    pub(in crate::weave) fn forget(&mut self, slot: usize) {
        self.slots.retain(|open| open.slot != slot);
    }

    /// Leaves alone the open slots whose element is at `depth` of the stack or deeper.
    pub(super) fn leave_from(&mut self, depth: usize, reason: Reason) {
        while let Some(open) = self.slots.pop_if(|open| open.depth >= depth) {
            self.ended.push(Ended { slot: open.slot, left: Some(reason) });
        }
    }

    /// Tells of the slots whose elements are no longer on the stack.
    pub(super) fn end_slots(&mut self) {
        let len = self.stack.len();
        while let Some(open) = self.slots.pop_if(|open| open.depth >= len) {
            let left = self.reaches_out(&open);
            self.ended.push(Ended { slot: open.slot, left });
        }
    }

    fn reaches_out(&self, open: &OpenSlot) -> Option<Reason> {
        let now = self.memory(self.formatting.len(), self.form);
        if open.foreign && !self.token_foreign {
            // HTML in it, in an integration point, gave the token that ends it another meaning.
            Some(Reason::Misnested)
        } else if now == open.before {
            None
        } else if now.form != open.before.form {
            Some(Reason::Misnested)
        } else {
            Some(Reason::OpenFormatting)
        }
    }

    /// What was remembered before the current node, which is a `tag`, was opened.
    fn memory_before(&self, tag: Tag) -> Memory {
        let html = self.top().space == Space::Html;
        let listed =
            sets::FORMATTING.or(sets::CELLS).or(sets::MARKED).or(TagSet::of(&[Tag::Caption]));
        let own = usize::from(html && listed.has(tag));
        let form = self.form.filter(|&id| id != self.top().id);
        self.memory(self.formatting.len() - own, form)
    }

    fn memory(&self, formatting: usize, form: Option<u32>) -> Memory {
        let last_formatting = formatting.checked_sub(1).and_then(|at| self.formatting[at].id());
        Memory { formatting, last_formatting, form }
    }
}
