//! Where something was written, so that any later stage can point at it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::fault::Fault;
use crate::problem::Problem;

/// A stretch of a file, of an environment variable or of a command line option.
#[derive(Clone, Default)]
pub(super) struct Place {
    file: Arc<str>,
    source: Arc<str>,
    span: Range<usize>,
}

impl Place {
    /// The start of `text`, which the user knows as `file`.
    pub(super) fn start(file: &str, text: &str) -> Self {
        Self { file: file.into(), source: text.into(), span: 0..0 }
    }

    /// All of `text`.
    pub(super) fn whole(file: &str, text: &str) -> Self {
        Self { span: 0..text.len(), ..Self::start(file, text) }
    }

    /// Another stretch of the same text, in bytes.
    pub(super) fn at(&self, span: Range<usize>) -> Self {
        Self { span, ..self.clone() }
    }

    /// Where it begins, in bytes of its text.
    pub(super) fn offset(&self) -> usize {
        self.span.start
    }

    /// Whether it was written in an environment variable.
    pub(super) fn is_variable(&self) -> bool {
        self.file.starts_with(super::environment::FILE_PREFIX)
    }

    /// What is wrong, here.
    pub(super) fn problem(&self, fault: Fault) -> Problem {
        let problem = Problem {
            file: self.file.to_string(),
            source: Arc::clone(&self.source),
            span: self.span.clone(),
            message: fault.message,
            help: fault.help,
        };
        if fault.secret {
            let file = format!("{}:{}", problem.file, problem.line());
            return Problem { file, source: Arc::from(""), span: 0..0, ..problem };
        }
        problem
    }
}

/// Without the source, which would drown everything else.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:?}", self.file, self.span)
    }
}

/// A value and where the user wrote it.
#[derive(Debug, Clone)]
pub(super) struct Written<T> {
    pub(super) value: T,
    pub(super) at: Place,
}
