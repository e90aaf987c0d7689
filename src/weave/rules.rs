//! How the pages of a site are woven.

use std::sync::Arc;

use encoding_rs::Encoding;

use super::budget::Budget;
use super::label::LabelName;
use super::selectors::Selectors;

/// How the pages of a site are woven.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The attribute that marks a slot.
    pub label: LabelName,
    /// Labels for what nobody can edit.
    pub selectors: Selectors,
    /// The most default text that is held back for a slot, in bytes.
    pub max_slot: usize,
    /// The charset of pages that declare none.
    pub default_charset: Option<&'static Encoding>,
    /// What all pages together may keep of their starts.
    pub lookback: Arc<Budget>,
}
