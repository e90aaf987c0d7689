//! Overprint prints published copy onto the pages of any site as they stream through.

pub mod content;
pub mod locale;
pub mod problem;
pub mod weave;
