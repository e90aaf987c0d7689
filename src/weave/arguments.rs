//! What a slot's message is printed with.

use super::audience::Variables;
use super::label;
use crate::message::{Argument, Arguments};

/// What the origin supplies for an element, and what the request does. The origin knows better.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    origins: Option<&'a label::Arguments>,
    requests: &'a Variables,
}

impl<'a> Given<'a> {
    /// The arguments of one slot.
    pub fn new(origins: Option<&'a label::Arguments>, requests: &'a Variables) -> Self {
        Self { origins, requests }
    }
}

impl Arguments for Given<'_> {
    fn get(&self, name: &str) -> Option<Argument<'_>> {
        let origins = self.origins.and_then(|origins| Arguments::get(&**origins, name));
        origins.or_else(|| self.requests.get(name).map(Argument::Visitors))
    }
}
