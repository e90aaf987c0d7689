//! Tags inside SVG and MathML (§13.2.6.5).

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
        if name == Tag::AnnotationXml && names_an_encoding(tag.raw) {
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

/// A `font` with one of its old attributes is HTML. Looks at the bytes, which may name one
/// elsewhere: the slot around it ends sooner than it does, never later.
fn names_a_font(raw: &[u8]) -> bool {
    mentions(raw, &["color", "face", "size"])
}

/// An `annotation-xml` of an HTML encoding holds HTML, which no page in the wild does.
fn names_an_encoding(raw: &[u8]) -> bool {
    mentions(raw, &["text/html", "application/xhtml"])
}

fn mentions(raw: &[u8], words: &[&str]) -> bool {
    let raw = raw.to_ascii_lowercase();
    words.iter().any(|word| memchr::memmem::find(&raw, word.as_bytes()).is_some())
}
