//! Start tags "in body" (§13.2.6.4.7).

use super::super::tag::{Name, Tag, TagSet, sets};
use super::{Mode, Open, Placed, Space, StartTag, Tree};
use crate::weave::reason::Reason;

/// What parsers from before and after customizable `<select>` (2025) read differently, with effects
/// outside it; the rest either one keeps inside.
const DISPUTED_IN_SELECT: TagSet = sets::FORMATTING
    .or(sets::RCDATA)
    .or(sets::RAW_TEXT)
    .or(sets::TABLE_PARTS)
    .or(sets::MARKED)
    .or(TagSet::of(&[Tag::Form, Tag::Keygen, Tag::Math, Tag::Svg, Tag::Table]))
    .but(TagSet::of(&[Tag::Script]));

impl Tree {
    /// Follows a start tag.
    pub(in crate::weave) fn start(&mut self, tag: &StartTag<'_>) -> Placed {
        self.started = true;
        if tag.name == Name::UNREADABLE {
            return self.lose(Reason::AmbiguousMarkup);
        }
        self.token_foreign = self.top().reads_foreign();
        if self.in_foreign_content() && self.reads_as_foreign(tag) {
            return self.start_foreign(tag);
        }
        self.start_html(tag)
    }

    pub(super) fn start_html(&mut self, tag: &StartTag<'_>) -> Placed {
        match self.mode() {
            Mode::Body => self.start_in_body(tag),
            mode => self.start_in_table(mode, tag),
        }
    }

    pub(super) fn start_in_body(&mut self, tag: &StartTag<'_>) -> Placed {
        let name = tag.name.tag;
        if name == Tag::Other || name == Tag::Span {
            return self.start_phrasing(tag);
        }
        if DISPUTED_IN_SELECT.has(name) && self.has_open(Tag::Select) {
            return self.lose(Reason::AmbiguousMarkup);
        }
        if sets::FORMATTING.has(name) {
            return self.start_formatting(tag);
        }
        if sets::HEADINGS.has(name) {
            return self.start_heading(tag);
        }
        if sets::BLOCKS.has(name) {
            self.close_p_in_button_scope();
            return self.placed(tag);
        }
        if sets::METADATA.has(name) {
            return self.start_metadata(tag);
        }
        if sets::VOID.has(name) {
            return self.start_void(name);
        }
        self.start_special(tag)
    }

    fn start_special(&mut self, tag: &StartTag<'_>) -> Placed {
        match tag.name.tag {
            Tag::Li => self.start_item(tag, TagSet::of(&[Tag::Li])),
            Tag::Dd | Tag::Dt => self.start_item(tag, TagSet::of(&[Tag::Dd, Tag::Dt])),
            Tag::Form => self.start_form(tag),
            Tag::Button => self.start_button(tag),
            Tag::Table => self.start_table(tag),
            Tag::Select => self.start_select(tag),
            Tag::Option | Tag::Optgroup => self.start_option(tag),
            Tag::Rb | Tag::Rtc => self.start_ruby(tag, TagSet::EMPTY),
            Tag::Rp | Tag::Rt => self.start_ruby(tag, TagSet::of(&[Tag::Rtc])),
            Tag::Applet | Tag::Marquee | Tag::Object => {
                self.reconstruct_formatting();
                let placed = self.placed(tag);
                self.push_marker();
                placed
            }
            Tag::Plaintext => {
                self.close_p_in_button_scope();
                self.placed(tag)
            }
            Tag::Xmp => {
                self.close_p_in_button_scope();
                self.start_phrasing(tag)
            }
            Tag::Textarea | Tag::Iframe | Tag::Noembed | Tag::Noscript => self.placed(tag),
            Tag::Svg => self.start_embedded(tag, Space::Svg),
            Tag::Math => self.start_embedded(tag, Space::MathMl),
            Tag::Html | Tag::Head | Tag::Body => {
                // Its attributes go to the element that is there: nothing to fill, and nothing
                // around it may be dropped.
                self.leave_all(Reason::Misnested);
                Placed::Ignored
            }
            Tag::Frameset => self.lose(Reason::AmbiguousMarkup),
            part if sets::TABLE_PARTS.has(part) => Placed::Ignored,
            _ => self.start_phrasing(tag),
        }
    }

    /// Pushes the element; fostered if it stands where only table parts may.
    pub(super) fn placed(&mut self, tag: &StartTag<'_>) -> Placed {
        let placed = self.place();
        self.push(tag.name, Space::Html);
        placed
    }

    fn place(&self) -> Placed {
        if self.top().is_in(sets::TABLE_FRAMES) { Placed::Fostered } else { Placed::Pushed }
    }

    fn start_phrasing(&mut self, tag: &StartTag<'_>) -> Placed {
        self.reconstruct_formatting();
        self.placed(tag)
    }

    fn start_formatting(&mut self, tag: &StartTag<'_>) -> Placed {
        match tag.name.tag {
            Tag::A => self.close_open_link(tag),
            Tag::Nobr => {
                self.reconstruct_formatting();
                if self.in_scope(Tag::Nobr, sets::SCOPE) {
                    self.adopt(tag.name);
                }
            }
            _ => {}
        }
        self.reconstruct_formatting();
        let placed = self.place();
        self.push_formatting(tag);
        placed
    }

    /// A link in a link closes the first (§13.2.6.4.7, "a").
    fn close_open_link(&mut self, tag: &StartTag<'_>) {
        let Some(id) = self.active_formatting(Tag::A).and_then(|at| self.formatting[at].id())
        else {
            return;
        };
        self.adopt(tag.name);
        self.formatting.retain(|entry| entry.id() != Some(id));
        if let Some(at) = self.stack.iter().rposition(|open| open.id == id) {
            self.leave_from(at, Reason::Misnested);
            self.remove(at);
        }
    }

    fn start_heading(&mut self, tag: &StartTag<'_>) -> Placed {
        self.close_p_in_button_scope();
        if self.top().is_in(sets::HEADINGS) {
            self.pop();
        }
        self.placed(tag)
    }

    pub(super) fn start_metadata(&mut self, tag: &StartTag<'_>) -> Placed {
        let name = tag.name.tag;
        if sets::VOID.has(name) {
            return Placed::Closed;
        }
        let placed = self.placed(tag);
        if name == Tag::Template {
            self.push_marker();
        }
        placed
    }

    fn start_void(&mut self, name: Tag) -> Placed {
        if name == Tag::Hr {
            self.close_p_in_button_scope();
            if self.in_scope(Tag::Select, sets::SCOPE) {
                self.imply_end_tags(TagSet::EMPTY);
            }
        }
        if name == Tag::Input && self.in_scope(Tag::Select, sets::SCOPE) {
            self.pop_through(TagSet::of(&[Tag::Select]));
        }
        if sets::VOID_PHRASING.has(name) {
            self.reconstruct_formatting();
        }
        if matches!(name, Tag::Frame | Tag::Col) { Placed::Ignored } else { Placed::Closed }
    }

    /// The list item that a new one of `kind` would close.
    pub(super) fn open_item(&self, kind: TagSet) -> Option<Tag> {
        for open in self.stack.iter().rev() {
            if open.is_in(kind) {
                return Some(open.name.tag);
            }
            if open.is_special() && !(open.is_in(sets::SPECIAL.but(sets::LIST_ITEM_STOPS))) {
                return None;
            }
        }
        None
    }

    fn start_item(&mut self, tag: &StartTag<'_>, kind: TagSet) -> Placed {
        let special = |open: &Open| open.space != Space::Html && open.is_special();
        if self.stack.iter().any(special) {
            // Not every parser counts these as special.
            return self.lose(Reason::AmbiguousMarkup);
        }
        if let Some(open) = self.open_item(kind) {
            self.imply_end_tags(TagSet::of(&[open]));
            self.pop_through(TagSet::of(&[open]));
        }
        self.close_p_in_button_scope();
        self.placed(tag)
    }

    fn start_form(&mut self, tag: &StartTag<'_>) -> Placed {
        if self.form.is_some() && !self.in_template() {
            return Placed::Ignored;
        }
        self.close_p_in_button_scope();
        let placed = self.placed(tag);
        if !self.in_template() {
            self.form = Some(self.top().id);
        }
        placed
    }

    fn start_button(&mut self, tag: &StartTag<'_>) -> Placed {
        if self.in_scope(Tag::Button, sets::SCOPE) {
            self.imply_end_tags(TagSet::EMPTY);
            self.pop_through(TagSet::of(&[Tag::Button]));
        }
        self.start_phrasing(tag)
    }

    fn start_table(&mut self, tag: &StartTag<'_>) -> Placed {
        if self.in_scope(Tag::P, sets::BUTTON_SCOPE) {
            let paragraph = self.find_in_scope(TagSet::of(&[Tag::P]), sets::BUTTON_SCOPE);
            // Quirks mode decides whether this closes the paragraph, and a frame or a proxy in
            // front of us may have changed it.
            self.leave_from(paragraph.unwrap_or(0), Reason::AmbiguousMarkup);
            if !self.quirks {
                self.close_p_in_button_scope();
            }
        }
        self.placed(tag)
    }

    fn start_select(&mut self, tag: &StartTag<'_>) -> Placed {
        if self.in_scope(Tag::Select, sets::SCOPE) {
            self.pop_through(TagSet::of(&[Tag::Select]));
            return Placed::Ignored;
        }
        self.start_phrasing(tag)
    }

    fn start_option(&mut self, tag: &StartTag<'_>) -> Placed {
        if self.in_scope(Tag::Select, sets::SCOPE) {
            let keeps_group = tag.name.tag == Tag::Option;
            let except = if keeps_group { TagSet::of(&[Tag::Optgroup]) } else { TagSet::EMPTY };
            self.imply_end_tags(except);
        } else if self.top().is(Tag::Option) {
            self.pop();
        }
        self.start_phrasing(tag)
    }

    fn start_ruby(&mut self, tag: &StartTag<'_>, except: TagSet) -> Placed {
        if self.in_scope(Tag::Ruby, sets::SCOPE) {
            self.imply_end_tags(except);
        }
        self.placed(tag)
    }

    fn start_embedded(&mut self, tag: &StartTag<'_>, space: Space) -> Placed {
        self.reconstruct_formatting();
        if tag.self_closing {
            return Placed::Closed;
        }
        let placed = self.place();
        self.push(tag.name, space);
        placed
    }
}
