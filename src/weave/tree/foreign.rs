//! Tags inside SVG and MathML (§13.2.6.5).

use super::super::markup::attributes;
use super::super::tag::{Name, Tag, sets};
use super::{Placed, Space, StartTag, Tree};
use crate::weave::reason::Reason;

impl Tree {
    /// The dispatcher's choice (§13.2.6) for a start tag whose adjusted current node is not HTML.
    pub(super) fn reads_as_foreign(&self, tag: &StartTag<'_>) -> bool {
        let top = self.top();
        let name = tag.name.tag;
        let html = match top.space {
            Space::Html => true,
            Space::Svg => sets::SVG_HTML_POINTS.has(top.name.tag),
            Space::MathMl if sets::MATHML_TEXT_POINTS.has(top.name.tag) => {
                !matches!(name, Tag::Mglyph | Tag::Malignmark)
            }
            Space::MathMl => top.name.tag == Tag::AnnotationXml && name == Tag::Svg,
        };
        !html
    }

    pub(super) fn start_foreign(&mut self, tag: &StartTag<'_>) -> Placed {
        let name = tag.name.tag;
        if sets::BREAKOUT.has(name) || name == Tag::Font && names_a_font(tag.raw) {
            self.break_out();
            return self.start_html(tag);
        }
        // Of an HTML encoding it holds HTML, which no page in the wild does.
        if name == Tag::AnnotationXml && has_attribute(tag.raw, "encoding") {
            return self.lose(Reason::AmbiguousMarkup);
        }
        if tag.self_closing {
            return Placed::Closed;
        }
        self.push(tag.name, self.top().space);
        Placed::Pushed
    }

    pub(super) fn end_foreign(&mut self, name: Name) {
        if matches!(name.tag, Tag::Br | Tag::P) {
            self.break_out();
            return self.end_html(name);
        }
        for at in (0..self.stack.len()).rev() {
            let open = self.stack[at];
            if open.space == Space::Html {
                return self.end_html(name);
            }
            if open.name == name {
                return self.pop_to(at);
            }
        }
    }

    /// Pops until HTML may stand here.
    fn break_out(&mut self) {
        while self.top().reads_foreign() {
            self.pop();
        }
    }
}

/// A `font` with one of its old attributes is HTML.
fn names_a_font(raw: &[u8]) -> bool {
    ["color", "face", "size"].iter().any(|name| has_attribute(raw, name))
}

fn has_attribute(raw: &[u8], wanted: &str) -> bool {
    attributes(raw).any(|a| raw[a.name].eq_ignore_ascii_case(wanted.as_bytes()))
}
