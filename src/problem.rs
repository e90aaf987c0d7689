//! A mistake in something a person wrote: where it is, what it is, what to do.
//!
//! Config and content files both end in these; the command line draws them with a caret.

use std::ops::Range;
use std::sync::Arc;

/// One mistake in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file as the user knows it: the path given, or relative to the content directory.
    pub file: String,
    /// The file's whole text, for drawing the line. Empty where the file could not be read.
    pub source: Arc<str>,
    /// Byte range in `source` that the caret points at.
    pub span: Range<usize>,
    /// What is wrong, in one line without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// The 1-based line on which the mistake starts.
    pub fn line(&self) -> usize {
        let upto = self.span.start.min(self.source.len());
        1 + self.source.as_bytes()[..upto].iter().filter(|&&b| b == b'\n').count()
    }
}
