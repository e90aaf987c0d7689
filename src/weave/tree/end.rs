//! End tags "in body" (§13.2.6.4.7) and where they are handed on from there.

use super::super::tag::{Name, Tag, TagSet, sets};
use super::{Mode, Space, Tree};
use crate::weave::reason::Reason;

impl Tree {
    /// Follows an end tag.
    pub(in crate::weave) fn end(&mut self, name: Name) {
        if name == Name::UNREADABLE {
            self.lose(Reason::AmbiguousMarkup);
            return;
        }
        self.token_foreign = self.top().reads_foreign();
        if self.in_foreign_content() {
            return self.end_foreign(name);
        }
        self.end_html(name);
    }

    pub(super) fn end_html(&mut self, name: Name) {
        // The tokenizer gives such an element its own end tag, and nothing else in between.
        if self.top().is_in(sets::RAW_TEXT.or(sets::RCDATA)) {
            return self.pop();
        }
        if name.tag == Tag::Template {
            return self.end_template();
        }
        let mode = self.mode();
        if mode == Mode::Body || !self.end_in_table(mode, name) {
            self.end_in_body(name);
        }
    }

    fn end_in_body(&mut self, name: Name) {
        let tag = name.tag;
        if tag == Tag::Other || tag == Tag::Span {
            return self.end_other(name);
        }
        if sets::FORMATTING.has(tag) {
            return self.adopt(name);
        }
        if sets::CLOSED_IN_SCOPE.has(tag) {
            return self.end_in_scope(tag);
        }
        match tag {
            Tag::P => self.close_p_in_button_scope(),
            Tag::Li => self.end_item(tag, sets::LIST_ITEM_SCOPE),
            Tag::Dd | Tag::Dt => self.end_item(tag, sets::SCOPE),
            Tag::Form => self.end_form(),
            Tag::Applet | Tag::Marquee | Tag::Object => self.end_marked(tag),
            Tag::Br => self.reconstruct_formatting(),
            // Nothing is popped, but what follows belongs elsewhere for comments and spaces.
            Tag::Body | Tag::Html => self.leave_all(Reason::Misnested),
            _ if sets::HEADINGS.has(tag) => self.end_heading(),
            _ => self.end_other(name),
        }
    }

    fn end_in_scope(&mut self, tag: Tag) {
        if self.in_scope(tag, sets::SCOPE) {
            self.imply_end_tags(TagSet::EMPTY);
            self.pop_through(TagSet::of(&[tag]));
        }
    }

    fn end_item(&mut self, tag: Tag, bounds: TagSet) {
        if self.in_scope(tag, bounds) {
            self.imply_end_tags(TagSet::of(&[tag]));
            self.pop_through(TagSet::of(&[tag]));
        }
    }

    fn end_heading(&mut self) {
        if self.find_in_scope(sets::HEADINGS, sets::SCOPE).is_some() {
            self.imply_end_tags(TagSet::EMPTY);
            self.pop_through(sets::HEADINGS);
        }
    }

    /// `</form>` takes its form off the stack from wherever it is, and leaves the rest there.
    fn end_form(&mut self) {
        if self.in_template() {
            return self.end_in_scope(Tag::Form);
        }
        let Some(form) = self.form.take() else { return };
        let at = self.find_in_scope(TagSet::of(&[Tag::Form]), sets::SCOPE);
        let Some(at) = at.filter(|&at| self.stack[at].id == form) else { return };
        self.imply_end_tags(TagSet::EMPTY);
        if at + 1 == self.stack.len() {
            return self.pop();
        }
        self.leave_from(at, Reason::Misnested);
        self.remove(at);
    }

    fn end_marked(&mut self, tag: Tag) {
        if self.in_scope(tag, sets::SCOPE) {
            self.imply_end_tags(TagSet::EMPTY);
            self.close_with_marker(TagSet::of(&[tag]));
        }
    }

    fn end_template(&mut self) {
        if self.in_template() {
            self.close_with_marker(TagSet::of(&[Tag::Template]));
        }
    }

    /// "Any other end tag".
    pub(super) fn end_other(&mut self, name: Name) {
        for at in (0..self.stack.len()).rev() {
            let open = self.stack[at];
            if open.space == Space::Html && open.name == name {
                return self.pop_to(at);
            }
            if open.space != Space::Html && open.is_special() {
                // Not every parser counts these as special.
                self.lose(Reason::AmbiguousMarkup);
            }
            if open.is_special() {
                return;
            }
        }
    }
}
