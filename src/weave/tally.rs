//! What became of a page's slots, counted.

use super::reason::Reason;
use super::weaver::Outcome;

/// Slots by outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    printed: usize,
    left: Vec<(Reason, usize)>,
}

impl Tally {
    pub(super) fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Printed => self.printed += 1,
            Outcome::Gone => {}
            Outcome::Left(reason) => self.leave(reason),
        }
    }

    pub(super) fn leave(&mut self, reason: Reason) {
        match self.left.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => self.left.push((reason, 1)),
        }
    }

    /// How many slots were filled.
    pub fn printed(&self) -> usize {
        self.printed
    }

    /// How many slots keep the origin's text, by reason. A page that was given up counts once.
    pub fn left(&self) -> &[(Reason, usize)] {
        &self.left
    }
}
