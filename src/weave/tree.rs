//! The stack of open elements as the WHATWG tree construction keeps it (§13.2.4, §13.2.6), without
//! a tree: enough to say where every element ends, and whether replacing its content would change
//! anything outside it.
//!
//! It knows tokens and nothing else: no bytes of the page beyond a tag, no content.

mod end;
mod foreign;
mod formatting;
mod quirks;
mod scopes;
mod slots;
mod stack;
mod start;
mod table;

use super::reason::Reason;
use super::tag::{COUNT, Name, Tag};
use formatting::Formatting;
use scopes::Scope;
use slots::OpenSlot;
pub(super) use slots::{Context, Ended};

/// Browsers flatten what nests deeper, each in its own way.
const MAX_DEPTH: usize = 512;

/// The state of tree construction between two tokens.
pub(super) struct Tree {
    stack: Vec<Open>,
    /// HTML elements on the stack by tag, so that most searches need not begin.
    open: [u16; COUNT],
    formatting: Vec<Formatting>,
    /// The form element pointer.
    form: Option<u32>,
    quirks: bool,
    /// Whether a document type comes too late: after a tag, text or another one.
    started: bool,
    next_id: u32,
    /// Slots whose element is open, outermost first.
    slots: Vec<OpenSlot>,
    ended: Vec<Ended>,
    /// What keys stand below, outermost first; those of elements that are closed may linger.
    scopes: Vec<Scope>,
    /// Whether three formatting elements of one name were in the list when another came.
    compares_formatting: bool,
    lost: Option<Reason>,
    /// How the current token was read.
    token_foreign: bool,
}

/// An element on the stack.
#[derive(Debug, Clone, Copy)]
struct Open {
    name: Name,
    id: u32,
    space: Space,
    /// A template's insertion mode; nothing in other elements.
    mode: Mode,
}

/// An element's namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    Html,
    Svg,
    MathMl,
}

/// Insertion modes, as far as the stack alone decides them (§13.2.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Body,
    Table,
    Caption,
    Columns,
    RowGroup,
    Row,
    Cell,
    Template,
}

/// A start tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct StartTag<'a> {
    pub(super) name: Name,
    /// From `<` to `>`.
    pub(super) raw: &'a [u8],
    pub(super) self_closing: bool,
}

/// What became of a start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placed {
    /// Its element is the current node.
    Pushed,
    /// As `Pushed`, but in front of the table that the tag stands in.
    Fostered,
    /// Its element is in the tree and already closed.
    Closed,
    /// The parser drops it.
    Ignored,
}

impl Tree {
    pub(super) fn new() -> Self {
        let mut tree = Self {
            stack: Vec::with_capacity(64),
            open: [0; COUNT],
            formatting: Vec::new(),
            form: None,
            quirks: true,
            started: false,
            next_id: 0,
            slots: Vec::new(),
            ended: Vec::new(),
            scopes: Vec::new(),
            lost: None,
            compares_formatting: false,
            token_foreign: false,
        };
        tree.push(Name::of(Tag::Html), Space::Html);
        tree.push(Name::of(Tag::Body), Space::Html);
        tree
    }

    /// Whether the attributes of formatting elements have made a difference anywhere.
    pub(super) fn compares_formatting(&self) -> bool {
        self.compares_formatting
    }

    /// Why the rest of the page cannot be followed, if it cannot.
    pub(super) fn lost(&self) -> Option<Reason> {
        self.lost
    }

    /// Whether the current node is in SVG or MathML: `<![CDATA[` opens a section there.
    pub(super) fn in_foreign_content(&self) -> bool {
        self.top().space != Space::Html
    }

    /// Text; `blank` if it is nothing but whitespace.
    pub(super) fn text(&mut self, blank: bool) {
        self.started |= !blank;
        if !self.formatting_pending() || self.in_foreign_content() {
            return;
        }
        let kept_in_table =
            matches!(self.mode(), Mode::Table | Mode::RowGroup | Mode::Row) && blank;
        if !kept_in_table && self.mode() != Mode::Columns {
            self.reconstruct_formatting();
        }
    }

    /// A document type; decides whether a table closes a paragraph (§13.2.6.4.1).
    pub(super) fn doctype(&mut self, declaration: &[u8]) {
        if !std::mem::replace(&mut self.started, true) {
            self.quirks = quirks::is_quirky(declaration);
        }
    }

    /// The identity of the current node.
    pub(super) fn current(&self) -> u32 {
        self.top().id
    }

    /// The identities of the document's element and its body.
    pub(super) fn document(&self) -> (u32, u32) {
        (self.stack[0].id, self.stack[1].id)
    }

    /// Whether the element `id` is open; the current node counts unless it is `new`.
    pub(super) fn is_open(&self, id: u32, new: bool) -> bool {
        let known = &self.stack[..self.stack.len() - usize::from(new)];
        known.iter().rev().any(|open| open.id == id)
    }

    /// Gives the rest of the page up.
    pub(super) fn lose(&mut self, reason: Reason) -> Placed {
        self.lost.get_or_insert(reason);
        Placed::Ignored
    }
}
