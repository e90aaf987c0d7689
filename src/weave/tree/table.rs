//! Start and end tags inside tables and templates (§13.2.6.4.9–16, 18).

use super::super::tag::{Name, Tag, TagSet, sets};
use super::{Mode, Placed, Space, StartTag, Tree};
use crate::weave::reason::Reason;

const TABLE: TagSet = TagSet::of(&[Tag::Table, Tag::Template, Tag::Html]);
const GROUP: TagSet = TagSet::of(&[Tag::Tbody, Tag::Tfoot, Tag::Thead, Tag::Template, Tag::Html]);
const ROW: TagSet = TagSet::of(&[Tag::Tr, Tag::Template, Tag::Html]);
/// End tags that mean nothing wherever a table part is the context.
const STRAY: TagSet = TagSet::of(&[Tag::Body, Tag::Caption, Tag::Col, Tag::Colgroup, Tag::Html]);

impl Tree {
    pub(super) fn start_in_table(&mut self, mode: Mode, tag: &StartTag<'_>) -> Placed {
        let part = sets::TABLE_PARTS.has(tag.name.tag);
        match mode {
            Mode::Cell if part => {
                self.close_cell();
                self.start_html(tag)
            }
            Mode::Caption if part => {
                self.close_caption();
                self.start_html(tag)
            }
            Mode::Cell | Mode::Caption | Mode::Body => self.start_in_body(tag),
            Mode::Columns => self.start_in_columns(tag),
            Mode::Template => self.start_in_template(tag),
            Mode::Row => self.start_in_row(tag),
            Mode::RowGroup => self.start_in_group(tag),
            Mode::Table => self.start_directly_in_table(tag),
        }
    }

    fn start_directly_in_table(&mut self, tag: &StartTag<'_>) -> Placed {
        match tag.name.tag {
            Tag::Caption => {
                self.pop_until(TABLE);
                let placed = self.put(tag);
                self.push_marker();
                placed
            }
            Tag::Colgroup | Tag::Tbody | Tag::Tfoot | Tag::Thead => {
                self.pop_until(TABLE);
                self.put(tag)
            }
            Tag::Col => self.imply_then(TABLE, Tag::Colgroup, tag),
            Tag::Td | Tag::Th | Tag::Tr => self.imply_then(TABLE, Tag::Tbody, tag),
            Tag::Table => self.start_table_in_table(tag),
            Tag::Style | Tag::Script | Tag::Template => self.start_metadata(tag),
            Tag::Form => self.start_form_in_table(tag),
            // What would be moved in front of the table, without a table.
            _ if !self.in_table_scope(TagSet::of(&[Tag::Table])) => {
                self.lose(Reason::AmbiguousMarkup)
            }
            _ => self.start_in_body(tag),
        }
    }

    fn start_table_in_table(&mut self, tag: &StartTag<'_>) -> Placed {
        let table = TagSet::of(&[Tag::Table]);
        if !self.in_table_scope(table) {
            return Placed::Ignored;
        }
        self.pop_through(table);
        self.start_html(tag)
    }

    /// A form directly in a table is empty: it is closed where it is opened.
    fn start_form_in_table(&mut self, tag: &StartTag<'_>) -> Placed {
        if self.form.is_some() || self.in_template() {
            return Placed::Ignored;
        }
        self.form = Some(self.push(tag.name, Space::Html));
        self.pop();
        Placed::Closed
    }

    fn start_in_group(&mut self, tag: &StartTag<'_>) -> Placed {
        match tag.name.tag {
            Tag::Tr => {
                self.pop_until(GROUP);
                self.put(tag)
            }
            Tag::Td | Tag::Th => self.imply_then(GROUP, Tag::Tr, tag),
            // Not every parser ends the group where there is no table around it.
            Tag::Caption | Tag::Col | Tag::Colgroup | Tag::Tbody | Tag::Tfoot | Tag::Thead
                if !self.in_table_scope(TagSet::of(&[Tag::Table])) =>
            {
                self.lose(Reason::AmbiguousMarkup)
            }
            Tag::Caption | Tag::Col | Tag::Colgroup | Tag::Tbody | Tag::Tfoot | Tag::Thead => {
                if self.close_group() {
                    self.start_html(tag)
                } else {
                    Placed::Ignored
                }
            }
            _ => self.start_directly_in_table(tag),
        }
    }

    fn start_in_row(&mut self, tag: &StartTag<'_>) -> Placed {
        let name = tag.name.tag;
        if sets::CELLS.has(name) {
            self.pop_until(ROW);
            let placed = self.put(tag);
            self.push_marker();
            return placed;
        }
        if sets::TABLE_PARTS.has(name) {
            return if self.close_row() { self.start_html(tag) } else { Placed::Ignored };
        }
        self.start_directly_in_table(tag)
    }

    fn start_in_columns(&mut self, tag: &StartTag<'_>) -> Placed {
        match tag.name.tag {
            Tag::Col => Placed::Closed,
            Tag::Template => self.start_metadata(tag),
            _ if !self.top().is(Tag::Colgroup) => Placed::Ignored,
            _ => {
                self.pop();
                self.start_html(tag)
            }
        }
    }

    /// The first tag in a template says what the template holds.
    fn start_in_template(&mut self, tag: &StartTag<'_>) -> Placed {
        let name = tag.name.tag;
        if sets::METADATA.has(name) {
            return self.start_metadata(tag);
        }
        let mode = match name {
            Tag::Caption | Tag::Colgroup | Tag::Tbody | Tag::Tfoot | Tag::Thead => Mode::Table,
            Tag::Col => Mode::Columns,
            Tag::Tr => Mode::RowGroup,
            Tag::Td | Tag::Th => Mode::Row,
            _ => Mode::Body,
        };
        if let Some(template) = self.stack.iter_mut().rfind(|open| open.is(Tag::Template)) {
            template.mode = mode;
        }
        self.start_html(tag)
    }

    fn put(&mut self, tag: &StartTag<'_>) -> Placed {
        self.push(tag.name, Space::Html);
        Placed::Pushed
    }

    fn imply_then(&mut self, context: TagSet, implied: Tag, tag: &StartTag<'_>) -> Placed {
        self.pop_until(context);
        self.push(Name::of(implied), Space::Html);
        self.start_html(tag)
    }

    /// Follows an end tag; `false` leaves it to the rules of "in body".
    pub(super) fn end_in_table(&mut self, mode: Mode, name: Name) -> bool {
        let tag = name.tag;
        match mode {
            Mode::Cell => self.end_in_cell(name),
            Mode::Caption => self.end_in_caption(name),
            Mode::Columns => {
                match tag {
                    Tag::Col => {}
                    _ if !self.top().is(Tag::Colgroup) => {}
                    Tag::Colgroup => self.pop(),
                    _ => {
                        self.pop();
                        self.end_html(name);
                    }
                }
                true
            }
            Mode::Row => self.end_in_row(name),
            Mode::RowGroup => self.end_in_group(name),
            Mode::Table => self.end_directly_in_table(name),
            Mode::Template => true,
            Mode::Body => false,
        }
    }

    fn end_in_cell(&mut self, name: Name) -> bool {
        let tag = name.tag;
        if sets::CELLS.has(tag) {
            if self.in_table_scope(TagSet::of(&[tag])) {
                self.imply_end_tags(TagSet::EMPTY);
                self.close_with_marker(TagSet::of(&[tag]));
            }
            return true;
        }
        if matches!(tag, Tag::Table | Tag::Tr) || sets::ROW_GROUPS.has(tag) {
            if self.in_table_scope(TagSet::of(&[tag])) {
                self.close_cell();
                self.end_html(name);
            }
            return true;
        }
        STRAY.has(tag)
    }

    fn end_in_caption(&mut self, name: Name) -> bool {
        match name.tag {
            Tag::Caption => self.close_caption(),
            Tag::Table => {
                self.close_caption();
                self.end_html(name);
            }
            tag => return STRAY.has(tag) || sets::TABLE_PARTS.has(tag),
        }
        true
    }

    fn end_in_row(&mut self, name: Name) -> bool {
        let tag = name.tag;
        if tag == Tag::Tr {
            self.close_row();
            return true;
        }
        if tag == Tag::Table || sets::ROW_GROUPS.has(tag) {
            if self.in_table_scope(TagSet::of(&[tag])) && self.close_row() {
                self.end_html(name);
            }
            return true;
        }
        STRAY.has(tag) || sets::CELLS.has(tag) || self.end_directly_in_table(name)
    }

    fn end_in_group(&mut self, name: Name) -> bool {
        let tag = name.tag;
        if sets::ROW_GROUPS.has(tag) {
            if self.in_table_scope(TagSet::of(&[tag])) {
                self.close_group();
            }
            return true;
        }
        if tag == Tag::Table {
            if self.close_group() {
                self.end_html(name);
            }
            return true;
        }
        STRAY.has(tag) || sets::CELLS.has(tag) || tag == Tag::Tr || self.end_directly_in_table(name)
    }

    fn end_directly_in_table(&mut self, name: Name) -> bool {
        let table = TagSet::of(&[Tag::Table]);
        if name.tag == Tag::Table {
            if self.in_table_scope(table) {
                self.pop_through(table);
            }
            return true;
        }
        STRAY.has(name.tag) || sets::TABLE_PARTS.has(name.tag)
    }

    fn close_cell(&mut self) {
        self.imply_end_tags(TagSet::EMPTY);
        self.close_with_marker(sets::CELLS);
    }

    fn close_caption(&mut self) {
        let caption = TagSet::of(&[Tag::Caption]);
        if self.in_table_scope(caption) {
            self.imply_end_tags(TagSet::EMPTY);
            self.close_with_marker(caption);
        }
    }

    /// Pops an element that put a marker into the list, the list being as before it when its
    /// slot ends.
    pub(super) fn close_with_marker(&mut self, set: TagSet) {
        if let Some(at) = self.stack.iter().rposition(|open| open.is_in(set)) {
            // Slots inside the element end first, with the list as it is.
            self.pop_to(at + 1);
            self.clear_to_marker();
            self.pop_to(at);
        }
    }

    fn close_row(&mut self) -> bool {
        self.close_frame(TagSet::of(&[Tag::Tr]), ROW)
    }

    fn close_group(&mut self) -> bool {
        self.close_frame(sets::ROW_GROUPS, GROUP)
    }

    fn close_frame(&mut self, frame: TagSet, context: TagSet) -> bool {
        let open = self.in_table_scope(frame);
        if open {
            self.pop_until(context);
            self.pop();
        }
        open
    }
}
