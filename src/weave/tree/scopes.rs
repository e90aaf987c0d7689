//! Scopes on the stack: below which key the labels in an element stand.

use super::super::tag::Tag;
use super::{Placed, Tree};

/// An element's scope.
#[derive(Debug)]
pub(super) struct Scope {
    /// Its element, and that one's place on the stack.
    element: u32,
    depth: usize,
    key: Box<str>,
}

impl Tree {
    /// The scope that the current node stands in.
    pub(in crate::weave) fn scope(&mut self) -> Option<&str> {
        while self.scopes.last().is_some_and(|scope| !self.is_around(scope, self.stack.len())) {
            self.scopes.pop();
        }
        self.scopes.last().map(|scope| &*scope.key)
    }

    /// Gives the element of the last start tag, a `tag`, a scope.
    pub(in crate::weave) fn open_scope(&mut self, key: Box<str>, tag: Tag, placed: Placed) {
        let depth = match (placed, tag) {
            (Placed::Pushed | Placed::Fostered, _) => self.stack.len() - 1,
            // These are on the stack from the start, and their first tag gives them the attribute.
            (Placed::Ignored, Tag::Html) => 0,
            (Placed::Ignored, Tag::Body) => 1,
            (Placed::Ignored | Placed::Closed, _) => return,
        };
        let element = self.stack[depth].id;
        if self.scopes.iter().any(|scope| scope.element == element) {
            return;
        }
        // There are never more than elements on the stack: what lingers goes.
        let at = self.scopes.iter().take_while(|scope| self.is_around(scope, depth)).count();
        if depth > 1 {
            self.scopes.truncate(at);
        }
        self.scopes.insert(at, Scope { element, depth, key });
    }

    /// Whether the element of `scope` is open above `depth`.
    fn is_around(&self, scope: &Scope, depth: usize) -> bool {
        let open = self.stack.get(scope.depth);
        scope.depth < depth && open.is_some_and(|open| open.id == scope.element)
    }
}
