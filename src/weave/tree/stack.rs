//! Pushing, popping and searching the stack of open elements (§13.2.4.2).

use super::super::tag::{Name, Tag, TagSet, sets};
use super::{MAX_DEPTH, Mode, Open, Space, Tree};
use crate::weave::reason::Reason;

impl Open {
    pub(super) fn is(&self, tag: Tag) -> bool {
        self.space == Space::Html && self.name.tag == tag
    }

    pub(super) fn is_in(&self, set: TagSet) -> bool {
        self.space == Space::Html && set.has(self.name.tag)
    }

    /// Whether a tag in it is read as foreign content, the odd names apart that MathML's text
    /// elements and `annotation-xml` make exceptions of.
    pub(super) fn reads_foreign(&self) -> bool {
        match self.space {
            Space::Html => false,
            Space::Svg => !sets::SVG_HTML_POINTS.has(self.name.tag),
            Space::MathMl => !sets::MATHML_TEXT_POINTS.has(self.name.tag),
        }
    }

    pub(super) fn is_special(&self) -> bool {
        match self.space {
            Space::Html => sets::SPECIAL.has(self.name.tag),
            Space::Svg => sets::SVG_HTML_POINTS.has(self.name.tag),
            Space::MathMl => self.is_mathml_point(),
        }
    }

    /// The elements outside HTML that bound every scope but the table's.
    fn bounds_scope(&self) -> bool {
        match self.space {
            Space::Html => false,
            Space::Svg => sets::SVG_HTML_POINTS.has(self.name.tag),
            Space::MathMl => self.is_mathml_point(),
        }
    }

    fn is_mathml_point(&self) -> bool {
        sets::MATHML_TEXT_POINTS.has(self.name.tag) || self.name.tag == Tag::AnnotationXml
    }
}

impl Tree {
    pub(super) fn top(&self) -> &Open {
        // The html element is never popped.
        &self.stack[self.stack.len() - 1]
    }

    pub(super) fn push(&mut self, name: Name, space: Space) -> u32 {
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        self.insert(self.stack.len(), Open { name, id, space, mode: Mode::Template });
        id
    }

    pub(super) fn insert(&mut self, at: usize, open: Open) {
        if self.stack.len() >= MAX_DEPTH {
            self.lose(Reason::TooDeep);
        }
        if open.space == Space::Html {
            self.open[open.name.tag as usize] += 1;
        }
        self.stack.insert(at, open);
    }

    /// Takes one element off, from wherever it is.
    pub(super) fn remove(&mut self, at: usize) -> Open {
        let open = self.stack.remove(at);
        if open.space == Space::Html {
            self.open[open.name.tag as usize] -= 1;
            if sets::FORMATTING.has(open.name.tag) {
                self.formatting_closed(open.id);
            }
        }
        open
    }

    /// Pops until `len` elements are left, then tells of the slots that ended with them.
    pub(super) fn pop_to(&mut self, len: usize) {
        while self.stack.len() > len.max(2) {
            self.remove(self.stack.len() - 1);
        }
        self.end_slots();
    }

    pub(super) fn pop(&mut self) {
        self.pop_to(self.stack.len() - 1);
    }

    /// Pops up to and including the nearest HTML element of `set`, which is known to be open.
    pub(super) fn pop_through(&mut self, set: TagSet) {
        if let Some(at) = self.stack.iter().rposition(|open| open.is_in(set)) {
            self.pop_to(at);
        }
    }

    /// Pops until the current node is an HTML element of `set`.
    pub(super) fn pop_until(&mut self, set: TagSet) {
        let keep = self.stack.iter().rposition(|open| open.is_in(set)).map_or(2, |at| at + 1);
        self.pop_to(keep);
    }

    pub(super) fn has_open(&self, tag: Tag) -> bool {
        self.open[tag as usize] > 0
    }

    /// Where the nearest HTML element of `set` is, if none of `bounds` is nearer.
    pub(super) fn find_in_scope(&self, set: TagSet, bounds: TagSet) -> Option<usize> {
        let tables = bounds == sets::TABLE_SCOPE;
        for (at, open) in self.stack.iter().enumerate().rev() {
            if open.is_in(set) {
                return Some(at);
            }
            if open.is_in(bounds) || !tables && open.bounds_scope() {
                return None;
            }
        }
        None
    }

    pub(super) fn in_scope(&self, tag: Tag, bounds: TagSet) -> bool {
        self.has_open(tag) && self.find_in_scope(TagSet::of(&[tag]), bounds).is_some()
    }

    pub(super) fn in_table_scope(&self, set: TagSet) -> bool {
        self.find_in_scope(set, sets::TABLE_SCOPE).is_some()
    }

    pub(in crate::weave) fn in_template(&self) -> bool {
        self.has_open(Tag::Template)
    }

    /// Generates implied end tags, for all but `except` (§13.2.6.3).
    pub(super) fn imply_end_tags(&mut self, except: TagSet) {
        let implied = sets::IMPLIED_END.but(except);
        let keep = self.stack.iter().rposition(|open| !open.is_in(implied)).map_or(0, |at| at + 1);
        if keep < self.stack.len() {
            self.pop_to(keep);
        }
    }

    pub(super) fn close_p_in_button_scope(&mut self) {
        if self.in_scope(Tag::P, sets::BUTTON_SCOPE) {
            self.imply_end_tags(TagSet::of(&[Tag::P]));
            self.pop_through(TagSet::of(&[Tag::P]));
        }
    }

    /// The insertion mode, read off the stack (§13.2.4.1).
    pub(super) fn mode(&self) -> Mode {
        if !self.has_open(Tag::Table) && !self.in_template() {
            return Mode::Body;
        }
        for open in self.stack.iter().rev().filter(|open| open.space == Space::Html) {
            match open.name.tag {
                Tag::Td | Tag::Th => return Mode::Cell,
                Tag::Tr => return Mode::Row,
                Tag::Tbody | Tag::Thead | Tag::Tfoot => return Mode::RowGroup,
                Tag::Caption => return Mode::Caption,
                Tag::Colgroup => return Mode::Columns,
                Tag::Table => return Mode::Table,
                Tag::Template => return open.mode,
                _ => {}
            }
        }
        Mode::Body
    }
}
