//! The list of active formatting elements, its reconstruction, and the adoption agency
//! (§13.2.4.3, §13.2.6.4.7).

use super::super::tag::{Name, Tag, TagSet, sets};
use super::{Mode, Open, Space, StartTag, Tree};
use crate::weave::reason::Reason;

/// An entry of the list.
#[derive(Debug, Clone, Copy)]
pub(super) enum Formatting {
    Marker,
    Element(Entry),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    name: Name,
    id: u32,
    /// Hash of the tag's bytes, which tells the same element written again.
    written: u64,
    /// Whether the element is on the stack.
    open: bool,
}

impl Formatting {
    pub(super) fn id(&self) -> Option<u32> {
        self.element().map(|entry| entry.id)
    }

    fn element(&self) -> Option<&Entry> {
        match self {
            Self::Marker => None,
            Self::Element(entry) => Some(entry),
        }
    }
}

/// Formatting elements that are left open are rebuilt in every paragraph: the list is bounded, as the
/// stack is.
const MAX_FORMATTING: usize = 64;

/// The adoption agency's bound on its outer loop.
const ADOPTIONS: usize = 8;

impl Tree {
    /// Inserts a formatting element: onto the stack and the list.
    pub(super) fn push_formatting(&mut self, tag: &StartTag<'_>) {
        let id = self.push(tag.name, Space::Html);
        let written = hash(tag.raw);
        self.clear_the_ark(tag.name, written);
        if self.formatting.len() >= MAX_FORMATTING {
            self.lose(Reason::TooDeep);
        }
        self.formatting.push(Formatting::Element(Entry {
            name: tag.name,
            id,
            written,
            open: true,
        }));
    }

    /// "Noah's Ark": of three same elements behind the last marker, the earliest leaves the list.
    fn clear_the_ark(&mut self, name: Name, written: u64) {
        let start = self.last_marker();
        let named = |at: &usize| self.formatting[*at].element().is_some_and(|e| e.name == name);
        if (start..self.formatting.len()).filter(named).count() < 3 {
            return;
        }
        self.compares_formatting = true;
        let same =
            |at: &usize| self.formatting[*at].element().is_some_and(|e| e.written == written);
        let mut found = (start..self.formatting.len()).filter(named).filter(same);
        if let Some(earliest) = found.next()
            && found.count() >= 2
        {
            self.formatting.remove(earliest);
        }
    }

    pub(super) fn push_marker(&mut self) {
        self.formatting.push(Formatting::Marker);
    }

    pub(super) fn clear_to_marker(&mut self) {
        while let Some(Formatting::Element(_)) = self.formatting.pop() {}
    }

    /// Where the entries behind the last marker start.
    fn last_marker(&self) -> usize {
        let marker = |entry: &Formatting| matches!(entry, Formatting::Marker);
        self.formatting.iter().rposition(marker).map_or(0, |at| at + 1)
    }

    /// The last entry for `tag` behind the last marker.
    pub(super) fn active_formatting(&self, tag: Tag) -> Option<usize> {
        let named = |at: &usize| self.formatting[*at].element().is_some_and(|e| e.name.tag == tag);
        (self.last_marker()..self.formatting.len()).rev().find(named)
    }

    /// The formatting elements of which content may open no more: of four alike, the first leaves
    /// the list, and what follows is not rebuilt as it was.
    pub(super) fn crowded(&self) -> TagSet {
        let mut crowded = TagSet::EMPTY;
        let entries =
            || self.formatting[self.last_marker()..].iter().filter_map(Formatting::element);
        for entry in entries() {
            if entries().filter(|other| other.name == entry.name).count() >= 3 {
                crowded.add(entry.name.tag);
            }
        }
        crowded
    }

    /// Whether text here would rebuild elements that were left open.
    pub(super) fn formatting_pending(&self) -> bool {
        self.formatting.last().and_then(Formatting::element).is_some_and(|entry| !entry.open)
    }

    pub(super) fn formatting_closed(&mut self, id: u32) {
        for entry in self.formatting.iter_mut().rev() {
            if let Formatting::Element(entry) = entry
                && entry.id == id
            {
                entry.open = false;
                return;
            }
        }
    }

    pub(super) fn reconstruct_formatting(&mut self) {
        if !self.formatting_pending() {
            return;
        }
        let settled = |entry: &Formatting| entry.element().is_none_or(|entry| entry.open);
        let start = self.formatting.iter().rposition(settled).map_or(0, |at| at + 1);
        for at in start..self.formatting.len() {
            if let Formatting::Element(entry) = self.formatting[at] {
                let id = self.push(entry.name, Space::Html);
                self.formatting[at] = Formatting::Element(Entry { id, open: true, ..entry });
            }
        }
    }

    /// The adoption agency algorithm, for an end tag (or a second `<a>`, `<nobr>`).
    pub(super) fn adopt(&mut self, name: Name) {
        let top = *self.top();
        if top.is(name.tag) && self.formatting_at(top.id).is_none() {
            return self.pop();
        }
        for _ in 0..ADOPTIONS {
            let Some(listed) = self.active_formatting(name.tag) else {
                return self.end_other(name);
            };
            let Some(id) = self.formatting[listed].id() else { return };
            let Some(at) = self.stack.iter().rposition(|open| open.id == id) else {
                self.formatting.remove(listed);
                return;
            };
            if self
                .find_in_scope(TagSet::of(&[name.tag]), sets::SCOPE)
                .is_none_or(|found| found < at)
            {
                return;
            }
            let furthest = (at + 1..self.stack.len()).find(|&below| self.stack[below].is_special());
            let Some(block) = furthest else {
                self.formatting.remove(listed);
                return self.pop_to(at);
            };
            if self.stack[block].space != Space::Html {
                // Not every parser counts these as special.
                self.lose(Reason::AmbiguousMarkup);
            }
            self.leave_from(at, Reason::Misnested);
            self.move_out(listed, at, block);
        }
    }

    /// One round of the outer loop: the formatting element at `at` is closed above the block and
    /// opened again inside it.
    fn move_out(&mut self, listed: usize, at: usize, block: usize) {
        let Formatting::Element(subject) = self.formatting[listed] else { return };
        let block_id = self.stack[block].id;
        let mut bookmark = listed;
        let mut node = block;
        let mut rounds = 0;
        let mut last_is_block = true;
        while node > at + 1 {
            node -= 1;
            rounds += 1;
            let mut entry = self.formatting_at(self.stack[node].id);
            if let Some(found) = entry
                && rounds > 3
            {
                self.formatting.remove(found);
                bookmark -= usize::from(found < bookmark);
                entry = None;
            }
            let Some(found) = entry else {
                self.remove(node);
                continue;
            };
            self.renew(node, found);
            if last_is_block {
                bookmark = found + 1;
                last_is_block = false;
            }
        }
        let clone = Entry { id: self.take_id(), open: true, ..subject };
        self.replace_entry(subject.id, bookmark, clone);
        self.remove(at);
        let below = self.stack.iter().rposition(|open| open.id == block_id).map_or(at, |at| at + 1);
        let open =
            Open { name: clone.name, id: clone.id, space: Space::Html, mode: Mode::Template };
        self.insert(below, open);
    }

    /// Gives the element at `node` of the stack and its entry a new identity: a clone.
    fn renew(&mut self, node: usize, entry: usize) {
        let id = self.take_id();
        self.stack[node].id = id;
        if let Formatting::Element(entry) = &mut self.formatting[entry] {
            entry.id = id;
        }
    }

    /// Removes the entry `old` and puts `new` where the bookmark was.
    fn replace_entry(&mut self, old: u32, bookmark: usize, new: Entry) {
        self.formatting.insert(bookmark.min(self.formatting.len()), Formatting::Element(new));
        if let Some(at) = self.formatting_at(old) {
            self.formatting.remove(at);
        }
    }

    fn formatting_at(&self, id: u32) -> Option<usize> {
        self.formatting.iter().rposition(|entry| entry.id() == Some(id))
    }

    fn take_id(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        id
    }
}

/// Tells a tag's bytes from others; nobody gains by making two alike.
fn hash(bytes: &[u8]) -> u64 {
    let mut words = bytes.chunks_exact(8);
    let word = |chunk: &[u8]| chunk.iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
    let mix =
        |hash: u64, word: u64| (hash.rotate_left(29) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash = words.by_ref().fold(bytes.len() as u64, |hash, chunk| mix(hash, word(chunk)));
    mix(hash, word(words.remainder()))
}
