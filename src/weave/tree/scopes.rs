//! Scopes on the stack: below which key the labels in an element stand.

use super::super::tag::Tag;
use super::{Placed, Tree};

/// An element's scope.
#[derive(Debug)]
pub(super) struct Scope {
    element: u32,
    key: Box<str>,
}

impl Tree {
    /// The scope that the current node stands in.
    pub(in crate::weave) fn scope(&mut self) -> Option<&str> {
        while let Some(scope) = self.scopes.last()
            && !self.stack.iter().any(|open| open.id == scope.element)
        {
            self.scopes.pop();
        }
        self.scopes.last().map(|scope| &*scope.key)
    }

    /// Gives the element of the last start tag, a `tag`, a scope.
    pub(in crate::weave) fn open_scope(&mut self, key: Box<str>, tag: Tag, placed: Placed) {
        let depth = match (placed, tag) {
            (Placed::Pushed | Placed::Fostered, _) => self.stack.len() - 1,
            // These are on the stack from the start, and their tags give them attributes.
            (Placed::Ignored, Tag::Html) => 0,
            (Placed::Ignored, Tag::Body) => 1,
            (Placed::Ignored | Placed::Closed, _) => return,
        };
        let outside =
            |scope: &Scope| self.stack[..=depth].iter().any(|open| open.id == scope.element);
        // What lingers goes, so that there are never more than elements on the stack.
        let at = self.scopes.iter().take_while(|scope| outside(scope)).count();
        if depth > 1 {
            self.scopes.truncate(at);
        }
        self.scopes.insert(at, Scope { element: self.stack[depth].id, key });
    }
}
